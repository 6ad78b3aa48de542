package verify

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Verify judges the evidence of one release. It never fails: what could not be
// checked is part of the report.
func Verify(ev Evidence, want catalog.Provenance, trust Trust) Report {
	return judge(ev, want, trust, false).Report
}

// Examine is [Verify] for somebody who looks at the evidence: with the same
// verdict, every check of every attestation, also of those that verify, and
// what each is about. It costs about as much again.
func Examine(ev Evidence, want catalog.Provenance, trust Trust) Dossier {
	return judge(ev, want, trust, true)
}

func judge(ev Evidence, want catalog.Provenance, trust Trust, explain bool) Dossier {
	a, err := newAttester(trust, explain)
	if err != nil {
		return Dossier{Report: Failed(ev.Release, untrusted.Message(err))}
	}
	d := newDossier(Report{
		Release: ev.Release, Registry: ev.Registry, Claims: ev.Claims, Sources: ev.Sources,
		Unverified: a.unverified, SLSA: SLSA{Reason: "nothing was verified"},
	}, ev.Artifacts)
	if ev.Release.Ecosystem == Go { // what its database says rests on no Sigstore trust root
		a.unverified, d.Unverified = "", ""
	}
	bundles, accepted := d.Bundles, append(slices.Clip(trust.Issuers), string(want.CertIssuer))
	for i, art := range ev.Artifacts {
		out, to := &d.Artifacts[i], released{ev.Release, art, accepted}
		for j, off := range art.Attestations {
			d.Findings = append(d.Findings, a.attest(&bundles[j], off, to)...)
		}
		bundles = bundles[len(art.Attestations):]
		out.Signatures = a.signatures(ev, art)
		if art.Record != nil {
			record := judgeRecord(ev.Release, *art.Record, trust.SumDB)
			out.Record = &record
			if explain {
				d.Records = append(d.Records, recordEvidence(out, *art.Record, trust.SumDB))
			}
		}
		if a.unverified != "" {
			out.Status, out.Reason = unverifiedStatus(out, art.Missing, a.unverified)
			continue
		}
		out.Status, out.Reason = artifactStatus(*out, art.Missing)
		d.Findings = append(d.Findings, artifactFindings(*out, art.Missing)...)
	}
	if a.unverified != "" {
		d.claims(ev, want)
	} else {
		d.Findings = append(d.Findings, releaseFindings(ev, trust, d)...)
		compare(d, want)
		d.SLSA = slsaLevel(d.Artifacts)
	}
	d.Findings = append(d.Findings, ev.Findings...)
	decide(d)
	return *d
}

// Failed is the report on a release that could not be checked at all.
func Failed(release Release, reason string) Report {
	r := Report{Release: release, Status: Unchecked, Reason: untrusted.Clean(reason), SLSA: SLSA{Reason: "nothing was verified"}}
	r.Findings = nameFindings(&r, catalog.Provenance{})
	return r
}

// artifactStatus ranks what was found for one file: evidence that does not
// verify first, then evidence that could not be checked, then the best that
// verified.
func artifactStatus(art ArtifactReport, missing string) (Status, string) {
	status, reason := None, "no evidence is offered"
	switch {
	case art.Record != nil:
		status, reason = art.Record.Status, art.Record.Reason
	case art.Excluded != "":
		reason = "the module is kept from the checksum database: " + art.Excluded
	case len(art.Signatures) > 0:
		status, reason = signaturesStatus(art.Signatures)
	}
	for _, att := range art.Attestations {
		s, r := att.Status, att.Reason
		if s == Verified && att.Kind == KindStatement {
			s, r = None, "only attestations of other types are offered"
		}
		if s == Verified && att.Kind == KindPublish {
			s, r = Signed, "the registry attests that it published these bytes"
		} else if s == Verified {
			r = "provenance verifies and is bound to this file"
		}
		if better(s, status) || s == None && status == None {
			status, reason = s, r
		}
	}
	if missing != "" && better(Unchecked, status) {
		status, reason = Unchecked, untrusted.Clean(missing)
	}
	return status, reason
}

// signaturesStatus: one trusted signature that verifies suffices, one that a
// known key does not verify spoils the release, and if every key is unknown
// nothing can be said.
func signaturesStatus(sigs []Signature) (Status, string) {
	status, reason := Unchecked, ""
	for _, sig := range sigs {
		switch {
		case sig.Status == Invalid:
			return Invalid, sig.Reason
		case sig.Status == Verified:
			status, reason = Signed, "the registry signed name, version and integrity"
		case reason == "":
			reason = sig.Reason
		}
	}
	return status, reason
}

// better reports whether a goes before b among the statuses of one artifact.
func better(a, b Status) bool { return rank(a) < rank(b) }

func rank(s Status) int {
	for i, status := range Statuses() {
		if s == status {
			return i
		}
	}
	return len(Statuses())
}

func artifactFindings(art ArtifactReport, missing string) []Finding {
	var out []Finding
	name := art.Filename.String()
	for _, att := range art.Attestations {
		switch att.Status {
		case Invalid:
			out = append(out, attestationFinding("attestation.invalid", SeverityError, name, att))
		case Unchecked:
			out = append(out, attestationFinding("attestation.unchecked", Warning, name, att))
		}
		if att.Status == Verified && att.Kind == KindStatement {
			out = append(out, Finding{Rule: "attestation.other", Severity: Info, Observed: att.PredicateType.String(),
				Message: name + ": an attestation of another type verifies and is bound to this file; it changes no status"})
		}
		if att.Publisher != nil && att.Publisher.Deprecated {
			out = append(out, Finding{Rule: "certificate.deprecated", Severity: Info,
				Message: "the certificate is from before mid-2023 and has only the deprecated extensions; the source is read from them"})
		}
	}
	for _, sig := range art.Signatures {
		switch sig.Status {
		case Invalid:
			out = append(out, Finding{Rule: "signature.invalid", Severity: SeverityError, Message: name + ": " + sig.Reason})
		case Unchecked:
			out = append(out, Finding{Rule: "signature.unchecked", Severity: Warning, Message: name + ": " + sig.Reason})
		}
	}
	if r := art.Record; r != nil && r.Status == Invalid {
		out = append(out, recordFinding(name, r))
	}
	if missing != "" {
		out = append(out, Finding{Rule: "evidence.missing", Severity: Warning, Message: name + ": " + untrusted.Clean(missing)})
	}
	if art.Yanked {
		out = append(out, Finding{Rule: "release.yanked", Severity: Warning, Message: name + " was yanked from the index"})
	}
	return out
}

func attestationFinding(rule string, severity Severity, name string, att Attestation) Finding {
	f := Finding{Rule: rule, Severity: severity, Message: fmt.Sprintf("%s: %s: %s", name, att.Kind.Noun(), att.Reason)}
	for _, check := range att.Checks {
		if check.Status == Fail && check.Expected != "" {
			f.Expected, f.Observed = check.Expected, check.Observed
			break
		}
	}
	return f
}

// unusedFindings names what an attestation offers and its verdict does not rest
// on: a signed time that proves nothing is passed over by the other checks.
func unusedFindings(b *Bundle) []Finding {
	unused := unusedStamps(b.Timestamps)
	if b.Attestation.Status.Holds() {
		unused = b.unused()
	}
	if unused == "" {
		return nil
	}
	return []Finding{{Rule: "attestation.unused", Severity: Warning, Message: b.label() + ": " + unused}}
}

// label names the attestation, and its file if it has one.
func (b *Bundle) label() string {
	label := b.Attestation.Kind.Noun()
	if b.Artifact.Filename != "" {
		label = b.Artifact.Filename.String() + ": " + label
	}
	return label
}

// futureFindings warns if the latest verified time of an attestation that holds is after
// now: the log or the authority is wrong, or this machine's clock is. The message
// holds no other time, so that two checks say the same.
func futureFindings(b *Bundle, times []time.Time, now time.Time) []Finding {
	if now.IsZero() || len(times) == 0 { // a key that was given needs no time
		return nil
	}
	latest := slices.MaxFunc(times, time.Time.Compare)
	if !latest.After(now) {
		return nil
	}
	signed := latest.UTC().Format(timeLayout) + " UTC"
	return []Finding{{Rule: "attestation.future", Severity: Warning, Expected: "a time before now, by this machine's clock", Observed: signed,
		Message: b.label() + ": signed at " + signed + ", which is still to come by this machine's clock"}}
}

// releaseFindings are what is worth knowing about the release as a whole.
func releaseFindings(ev Evidence, trust Trust, d *Dossier) []Finding {
	var out []Finding
	if ev.Claims.Deprecated != "" {
		f := Finding{Rule: "release.deprecated", Severity: Info, Message: "the registry calls the release deprecated",
			Observed: untrusted.Shorten(string(ev.Claims.Deprecated), untrusted.MaxMessage)}
		if ev.Release.Ecosystem == Go {
			f.Severity, f.Message = Warning, "the newest version's go.mod calls the module deprecated"
		}
		out = append(out, f)
	}
	if ev.Claims.Retracted != "" {
		out = append(out, Finding{Rule: "release.retracted", Severity: Warning,
			Message:  "the newest version's go.mod retracts the version: it should not be used",
			Observed: untrusted.Shorten(string(ev.Claims.Retracted), untrusted.MaxMessage)})
	}
	out = append(out, unplacedFindings(ev)...)
	provenance, weak := 0, false
	for i := range d.Bundles {
		b := &d.Bundles[i]
		if b.Attestation.Kind == KindProvenance {
			provenance++
		}
		weak = weak || b.Attestation.Kind == KindPublish
		out = append(out, publishRegistry(ev, b)...)
	}
	for _, art := range d.Artifacts {
		weak = weak || len(art.Signatures) > 0
	}
	if len(d.Bundles) > 0 && provenance == 0 {
		out = append(out, Finding{Rule: "provenance.none", Severity: Warning,
			Message: "there is no provenance among the attestations: they prove integrity, not origin"})
	}
	if weak && len(trust.Keys) > 0 && trust.Keys[0].Weak {
		out = append(out, Finding{Rule: "keys.weak", Severity: Warning,
			Message: "the registry's keys come from the registry itself: nobody else vouches for them"})
	}
	return out
}

// unplacedFindings names the files that were left out: what installs one of them
// does not get what was verified.
func unplacedFindings(ev Evidence) []Finding {
	if len(ev.Unplaced) == 0 {
		return nil
	}
	names := slices.Clone(ev.Unplaced)
	for i, name := range names {
		names[i] = cmp.Or(name, "an entry without a name")
	}
	list := untrusted.List(names, len(names), ev.MoreUnplaced)
	return []Finding{{Rule: "release.other-files", Severity: Warning, Observed: untrusted.Shorten(list, untrusted.MaxMessage),
		Message: "the index also lists what no rule places in a release, and what was not checked: " + list}}
}

// publishRegistry compares the registry that a publish attestation names with
// the one that was asked: a mirror serves the attestations of the original.
func publishRegistry(ev Evidence, b *Bundle) []Finding {
	if b.Attestation.Status != Verified || b.Statement == nil || b.Statement.Publish == nil || b.Statement.PredicateType != statement.NPMPublish {
		return nil
	}
	named := b.Statement.Publish.Registry
	if sameOrigin(string(named), string(ev.Registry)) {
		return nil
	}
	return []Finding{{Rule: "publish.registry", Severity: Info, Message: "the publish attestation was made by another registry than the one asked",
		Expected: ev.Registry.String(), Observed: named.String()}}
}
