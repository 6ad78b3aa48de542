package scan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/recording"
)

// Need is what of the versions before a package's has to be known. A greater one
// includes those below.
type Need uint8

// The needs.
const (
	NeedNothing   Need = iota
	NeedVersions       // what the registry offers for them, and when they were published
	NeedPublisher      // who published the release before: its evidence is fetched and verified
)

var errPreviousNotRecorded = errors.New("the recording does not have its evidence: it was made without asking for it")

// Versions gets what the registry offers for every version of a package.
func (r *Registries) Versions(ctx context.Context, release verify.Release) (h history.History, err error) {
	switch release.Ecosystem {
	case verify.NPM:
		h, err = history.NPM(ctx, r.NPM, release)
	case verify.PyPI:
		h, err = history.PyPI(ctx, r.PyPI, release)
	case verify.Go:
		h, err = history.Go(ctx, r.Go, release)
	default:
		return h, fmt.Errorf("expected a package of npm, PyPI or Go, found one of %v", release.Ecosystem)
	}
	if errors.Is(err, recording.ErrNotRecorded) {
		err = history.ErrNotRecorded
	}
	return h, err
}

// past is what was fetched of the versions before a package's.
type past struct {
	need     Need
	versions history.History
	err      error         // why there are none
	previous *catalog.Spec // the release before, or nil if its publisher is not asked for
	evidence verify.Evidence
	trust    verify.Trust
	missing  error // why there is no evidence of it
}

// need returns what is needed of the versions before a package's.
func (s *Scan) need(spec catalog.Spec) Need {
	if s.config.Needs == nil || s.config.Versions == nil {
		return NeedNothing
	}
	return s.config.Needs(spec)
}

// fetchPast gets what is needed of the versions before.
func (s *Scan) fetchPast(ctx context.Context, spec catalog.Spec, need Need, progress func(string)) *past {
	p := &past{need: need}
	progress("fetching the versions before")
	if p.versions, p.err = s.config.Versions(ctx, ReleaseOf(spec)); p.err != nil || p.need < NeedPublisher {
		return p
	}
	if before := p.versions.Previous(); before != nil {
		p.previous = &catalog.Spec{Path: spec.Path, Protocol: spec.Protocol, Package: spec.Package, Version: before.Version}
		p.evidence, p.trust, p.missing = s.config.Fetch.Fetch(ctx, *p.previous, progress)
	}
	return p
}

// add holds the report against what was before: what that shows are findings of the
// report, and what a policy decides by is its Past.
func (p *past) add(report *verify.Report, issuers []string) {
	if p.err != nil {
		why := untrusted.Message(p.err)
		report.Past = &verify.Past{Problem: why}
		report.Findings = append(report.Findings, history.Unchecked(why))
		return
	}
	p.compare(report, issuers)
	report.Past = p.versions.Past(p.need == NeedPublisher)
	report.Findings = append(report.Findings, p.versions.Findings...)
}

func (p *past) compare(report *verify.Report, issuers []string) {
	known := []*verify.Report{report}
	if p.previous != nil {
		before := p.judge(issuers)
		known = append(known, &before)
	}
	p.versions.Compare(known...)
}

// History gets the versions of a package that was checked, beside the queue, for
// somebody who looks at them: the release before it is verified, too.
func (s *Scan) History(ctx context.Context, spec catalog.Spec, checked *verify.Report) (h history.History, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New(s.panicked(spec, "fetching the history", p).Reason)
		}
	}()
	if spec.Err != nil || spec.Package == "" {
		return h, errors.New("the spec names no package")
	}
	ctx, end := registry.WithTurn(ctx)
	defer end()
	p := s.fetchPast(ctx, spec, NeedPublisher, func(string) {})
	if p.err != nil || ctx.Err() != nil {
		return h, cmp.Or(ctx.Err(), p.err)
	}
	p.compare(checked, s.issuers(spec))
	return p.versions, nil
}

// judge verifies the release before. No spec demands anything of it.
func (p *past) judge(issuers []string) verify.Report {
	if p.missing != nil {
		if errors.Is(p.missing, recording.ErrNotRecorded) {
			p.missing = errPreviousNotRecorded
		}
		return verify.Failed(ReleaseOf(*p.previous), untrusted.Message(p.missing))
	}
	p.trust.Issuers = issuers
	return verify.Verify(p.evidence, catalog.Provenance{}, p.trust)
}

// issuers are those that are accepted for a package, whatever its version.
func (s *Scan) issuers(spec catalog.Spec) (list []string) {
	if s.config.Issuers != nil {
		list = slices.Clone(s.config.Issuers(spec))
	}
	return append(list, string(spec.Provenance.CertIssuer))
}
