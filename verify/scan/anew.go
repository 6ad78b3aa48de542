package scan

import (
	"context"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// A cache holds what a registry, or a proxy before it, answered once, and the server may
// confirm it for as long as its tag says that nothing changed. If it was broken on the
// way, nothing can be proven with it: who is told so should be told of what the registry
// has now.

// fetch gets the evidence of a package. What cannot be read of a cache is asked for anew.
func (s *Scan) fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	evidence, trust, err := s.config.Fetch.Fetch(ctx, spec, progress)
	if err != nil && registry.Kept(ctx) && ctx.Err() == nil {
		if again, trust, err := s.config.Fetch.Fetch(registry.AskAnew(ctx), spec, progress); err == nil {
			return again, trust, nil
		}
	}
	return evidence, trust, err
}

// doubtful reports whether a report may be what it is because of what a cache had.
func doubtful(ctx context.Context, report *verify.Report, trust verify.Trust) bool {
	return (report.Status == verify.Invalid || report.Status == verify.Unchecked) && trust.RootError == "" && registry.Kept(ctx)
}

// askAnew judges what the registry has now in the place of a doubtful d, unless that
// cannot be had as a whole.
func (s *Scan) askAnew(ctx context.Context, spec catalog.Spec, explain bool, d verify.Dossier, trust verify.Trust, progress func(string)) (
	verify.Dossier, verify.Trust) {
	evidence, now, err := s.config.Fetch.Fetch(registry.AskAnew(ctx), spec, progress)
	if err != nil {
		return d, trust
	}
	again, err := s.judge(ctx, spec, explain, evidence, now)
	if err != nil || again.Status == verify.Unchecked {
		return d, trust
	}
	return again, now
}
