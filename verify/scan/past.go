package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
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

var errNotRecorded = errors.New("the recording does not have the list of this package's versions: it was made without asking for them")

// Versions gets what the registry offers for every version of a package.
func (r *Registries) Versions(ctx context.Context, release verify.Release) (h history.History, err error) {
	switch release.Ecosystem {
	case verify.NPM:
		h, err = history.NPM(ctx, r.NPM, release)
	case verify.PyPI:
		h, err = history.PyPI(ctx, r.PyPI, release)
	default:
		return h, fmt.Errorf("expected a package of npm or PyPI, found one of %v", release.Ecosystem)
	}
	if errors.Is(err, recording.ErrNotRecorded) {
		err = errNotRecorded
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

// fetchPast gets what is needed of the versions before, or returns nil if nothing
// is.
func (s *Scan) fetchPast(ctx context.Context, spec catalog.Spec, progress func(string)) *past {
	if s.config.Needs == nil || s.config.Versions == nil {
		return nil
	}
	p := &past{need: s.config.Needs(spec)}
	if p.need == NeedNothing {
		return nil
	}
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
	known := []*verify.Report{report}
	if p.previous != nil {
		before := p.judge(issuers)
		known = append(known, &before)
	}
	p.versions.Compare(known...)
	report.Past = p.versions.Past(p.need == NeedPublisher)
	report.Findings = append(report.Findings, p.versions.Findings...)
	if why := report.Past.PublisherProblem; why != "" && history.RungOf(report) != history.RungUnknown {
		report.Findings = append(report.Findings, history.Unchecked(why))
	}
}

// judge verifies the release before. No spec demands anything of it.
func (p *past) judge(issuers []string) verify.Report {
	if p.missing != nil {
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
