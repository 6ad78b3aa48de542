package npm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// document returns the one document that the evidence is taken from: the
// version's manifest, or the version's entry in the packument if the registry
// serves no such manifest or leaves evidence out of it. The packument is read once,
// and then also for the publish time that a key with an end date asks for.
func (f *fetch) document(ctx context.Context) (*manifest, error) {
	whole := f.config.Whole || public(f.base)
	m, odd, err := f.manifest(ctx)
	switch {
	case whole && errors.Is(err, registry.ErrNotFound):
		return nil, f.notFound(err)
	case whole && m == nil, err != nil && !registry.Unserved(err) && !errors.Is(err, untrusted.ErrTooLarge) && !notKept(err):
		return nil, cmp.Or(err, odd)
	case m != nil && (whole || m.Dist.complete()) && !f.needsPublishTime(&m.Dist):
		f.claim(m, nil)
		return m, nil
	}
	p, unknown := f.packument(ctx)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	other := p.manifest
	switch {
	case notKept(err) && (unknown != nil || other == nil || !other.Dist.complete()):
		return nil, err // a manifest that is not kept may hold what the packument lacks
	case m == nil && (unknown != nil || other == nil):
		return nil, f.neither(cmp.Or(err, odd), unknown)
	case m == nil:
		m, other = other, nil
		if odd != nil {
			f.warn("the registry's manifest of the version is not that: " + untrusted.Message(odd) + "; its packument counts")
		}
	case unknown != nil && !whole && m.Dist.worth()&^worthIntegrity == 0:
		// The manifest may have left out evidence that is there: without the
		// packument it is not known that there is none.
		return nil, fmt.Errorf("the manifest holds no evidence, and whether the package's document does is not known: %w", unknown)
	case unknown != nil && !whole && !registry.Unserved(unknown):
		f.warn("the manifest lacks some evidence, and whether the packument has it is not known: " + untrusted.Message(unknown))
	case unknown == nil && !whole && other == nil:
		f.warn("the registry's packument does not list the version, of which it serves a manifest")
	case other != nil:
		m, other = f.choose(m, other, whole)
	}
	f.claim(m, other)
	f.date(&m.Dist, p, unknown)
	return m, nil
}

// date takes the time of publishing from the packument, or why there is none
// (unknown, or nil), if a key asks for it. A document that names no time leaves it
// zero: the verdict then assumes what npm's own client does.
func (f *fetch) date(d *dist, p packument, unknown error) {
	switch {
	case f.needsPublishTime(d) && unknown != nil:
		f.evidence.PublishTimeError = "the time of publishing could not be fetched: " + untrusted.Message(unknown)
	case f.needsPublishTime(d):
		f.evidence.PublishTime, f.evidence.PublishTimeError = p.published, p.timeProblem
	case p.timeProblem != "":
		f.inform(p.timeProblem)
	}
}

// notKept reports whether err is that of an answer that is not in the cache, as of
// a registry that serves no manifests, when the network is not used.
func notKept(err error) bool { return errors.Is(err, registry.ErrOffline) }

// manifest gets the manifest of the version. odd is why what the registry serves
// in its place is none, err why it serves nothing.
func (f *fetch) manifest(ctx context.Context) (m *manifest, odd, err error) {
	f.progress.Tell("fetching the manifest")
	release := f.evidence.Release
	body, source, err := f.get(ctx, f.base, registry.Request{
		URL: documentURL(f.base, release.Name, release.Version), Limit: untrusted.MaxManifest, What: "manifest", Progress: f.progress,
	})
	if err != nil {
		return nil, nil, err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	if m, odd = decodeManifest(body); odd == nil {
		odd = m.is(release.Name, release.Version)
	}
	if odd != nil {
		m = nil
	}
	return m, odd, nil
}

// packument gets what the package's whole document has of the version.
func (f *fetch) packument(ctx context.Context) (packument, error) {
	f.progress.Tell("fetching the package's history")
	release := f.evidence.Release
	body, source, err := f.getPackument(ctx, f.base, release.Name, f.progress)
	if err != nil {
		return packument{}, err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	return decodePackument(body, release.Name, release.Version)
}

func (f *fetch) needsPublishTime(d *dist) bool {
	return f.needsTime != nil && slices.ContainsFunc(d.Signatures, func(s signature) bool { return f.needsTime(string(s.KeyID)) })
}

// notFound says that the registry has no such version.
func (f *fetch) notFound(err error) error {
	return fmt.Errorf("%w: expected %s@%s, found nothing: %w", registry.ErrVersionNotFound, f.evidence.Release.Name, f.evidence.Release.Version, err)
}

// neither is the error if no document has the version: why the manifest cannot be
// had, and why the packument cannot, or nil if it does not list the version.
func (f *fetch) neither(manifest, packument error) error {
	if packument == nil {
		return f.notFound(fmt.Errorf("%w; and the packument does not list it", manifest))
	}
	both := fmt.Errorf("%w; and %w", manifest, packument)
	if errors.Is(packument, registry.ErrNotFound) {
		return f.notFound(both)
	}
	return both
}

// What a document's evidence is worth if the two do not have the same.
const (
	worthSignatures = 1 << iota
	worthAttestations
	worthIntegrity
)

func (d *dist) worth() (worth int) {
	if d.Integrity != "" {
		worth += worthIntegrity
	}
	if d.Attestations != nil {
		worth += worthAttestations
	}
	if len(d.Signatures) > 0 {
		worth += worthSignatures
	}
	return worth
}

func (d *dist) complete() bool { return d.worth() == worthSignatures|worthAttestations|worthIntegrity }

// choose picks the document with more evidence: what one says of the bytes does not
// go with what the other says of who signed them. Of equals, and if they name
// different bytes, the packument counts, which is what npm installs from. What only
// the other offers is never passed over in silence.
func (f *fetch) choose(m, p *manifest, whole bool) (chosen, other *manifest) {
	chosen, other, counts := p, m, "the packument"
	if whole || m.Dist.worth() > p.Dist.worth() && m.Dist.sameIntegrity(&p.Dist) && m.Dist.sameShasum(&p.Dist) {
		chosen, other, counts = m, p, "the manifest"
	}
	f.contradictions(&m.Dist, &p.Dist, counts)
	lost := ""
	switch {
	case whole:
	case chosen.Dist.Attestations == nil && other.Dist.Attestations != nil:
		lost = "attestations"
	case chosen.Dist.Attestations == nil && len(chosen.Dist.Signatures) == 0 && len(other.Dist.Signatures) > 0:
		lost = "signatures"
	}
	if lost != "" {
		f.missing = "the registry offers " + lost + " in one document and the integrity that they are over in another: expected both in " + counts
	}
	return chosen, other
}

// maxContradictions bounds what is said of two documents that disagree.
const maxContradictions = 8

// contradictions warns of what the two documents disagree on. What one of them
// leaves out is no contradiction.
func (f *fetch) contradictions(m, p *dist, counts string) {
	said := 0
	warn := func(field string, manifest, packument untrusted.Text) {
		if said++; said <= maxContradictions {
			f.warn(fmt.Sprintf("the registry contradicts itself about %s: the manifest says %q, the packument %q; %s counts",
				field, untrusted.Excerpt(string(manifest)), untrusted.Excerpt(string(packument)), counts))
		}
	}
	if !m.sameIntegrity(p) {
		warn("dist.integrity", m.Integrity, p.Integrity)
	}
	if !m.sameShasum(p) {
		warn("dist.shasum", m.Shasum, p.Shasum)
	}
	for _, a := range m.Signatures {
		for _, b := range p.Signatures {
			if a.KeyID == b.KeyID && a.Sig != b.Sig {
				warn("the signature with key "+untrusted.Excerpt(string(a.KeyID)).String(), a.Sig, b.Sig)
			}
		}
	}
	if a, b := m.Attestations, p.Attestations; a != nil && b != nil && a.URL != "" && b.URL != "" &&
		f.attestationsPath(a) != f.attestationsPath(b) {
		warn("dist.attestations", a.URL, b.URL)
	}
}

// sameShasum reports whether two shasums can be of the same bytes.
func (d *dist) sameShasum(other *dist) bool {
	return d.Shasum == "" || other.Shasum == "" || strings.EqualFold(string(d.Shasum), string(other.Shasum))
}

// sameIntegrity reports whether two SRI strings can be of the same bytes: they have
// a hash in common, or none of the same algorithm.
func (d *dist) sameIntegrity(other *dist) bool {
	comparable := false
	for _, one := range strings.Fields(string(d.Integrity)) {
		for _, other := range strings.Fields(string(other.Integrity)) {
			one, _, _ := strings.Cut(one, "?")
			other, _, _ := strings.Cut(other, "?")
			if one == other {
				return true
			}
			algorithm, _, _ := strings.Cut(one, "-")
			comparable = comparable || strings.HasPrefix(other, algorithm+"-")
		}
	}
	return !comparable
}

// attestationsPath is where attestations are asked for, or the address as served
// if it is refused.
func (f *fetch) attestationsPath(a *attestations) string {
	u, err := attestationsURL(f.base, a.URL)
	if err != nil {
		return string(a.URL)
	}
	return u.String()
}

// claim takes the claims of a document, and what it leaves out from the other, or
// from nothing if that is nil.
func (f *fetch) claim(m, other *manifest) {
	claims, odd := m.claims()
	if other != nil {
		more, _ := other.claims()
		claims.Repository = cmp.Or(claims.Repository, more.Repository)
		claims.Homepage = cmp.Or(claims.Homepage, more.Homepage)
		claims.License = cmp.Or(claims.License, more.License)
		claims.Deprecated = cmp.Or(claims.Deprecated, more.Deprecated)
		claims.NPMUser = cmp.Or(claims.NPMUser, more.NPMUser)
	}
	f.evidence.Claims = claims
	if len(odd) > 0 {
		f.inform("the registry's metadata says what cannot be read and is not shown: " + strings.Join(odd, ", "))
	}
}

// inform notes metadata that is only shown and cannot be read.
func (f *fetch) inform(message string) {
	f.evidence.Findings = append(f.evidence.Findings, verify.Finding{Rule: "registry.value", Severity: verify.Info, Message: message})
}

// warn notes that the registry's documents do not go together.
func (f *fetch) warn(message string) {
	f.evidence.Findings = append(f.evidence.Findings, verify.Finding{Rule: "registry.documents", Severity: verify.Warning, Message: message})
}
