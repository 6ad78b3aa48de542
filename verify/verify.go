package verify

import (
	"fmt"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Options are the choices of a caller of [Verify]. They never change a
// verdict.
type Options struct {
	// Explain asks for every check of every attestation, also of those that
	// verify; it costs about as much again as the verdict.
	Explain bool
	// Brief leaves out of the report what is only for looking at: the raw
	// objects, the certificates but for the leaf's issuer and validity, SCTs,
	// the bodies, checkpoints and proofs of log entries, and of the statements
	// all but the types and the subjects' names. The verdict, its reasons and
	// the checks of what did not verify are the same. A report then takes a few
	// kilobytes, however large the evidence is.
	Brief bool
}

// Verify judges the evidence of one release. It never fails: what could not be
// checked is part of the report.
func Verify(ev Evidence, want catalog.Provenance, trust Trust, opts Options) Report {
	report := Report{Release: ev.Release, Registry: ev.Registry, Claims: ev.Claims, Sources: ev.Sources}
	if trust.Root == nil {
		report = unverified(ev, want, trust)
		if opts.Brief {
			return report.Condensed()
		}
		return report
	}
	a, err := newAttester(ev.Release, trust, opts)
	if err != nil {
		return Failed(ev.Release, untrusted.Message(err))
	}
	a.issuer = want.CertIssuer
	for _, art := range ev.Artifacts {
		judged, findings := a.artifact(ev, art)
		report.Artifacts = append(report.Artifacts, judged)
		report.Findings = append(report.Findings, findings...)
	}
	report.Findings = append(report.Findings, releaseFindings(ev, trust, report.Artifacts)...)
	compare(&report, want)
	report.SLSA = slsaLevel(report.Artifacts)
	decide(&report)
	if opts.Brief {
		return report.Condensed()
	}
	return report
}

// Failed is the report on a release that could not be checked at all.
func Failed(release Release, reason string) Report {
	r := Report{Release: release, Status: Unchecked, Reason: untrusted.Clean(reason), SLSA: SLSA{Reason: "nothing was verified"}}
	r.Findings = nameFindings(&r, catalog.Provenance{})
	return r
}

// artifact judges one file of a release and everything offered for it.
func (a *attester) artifact(ev Evidence, art Artifact) (ArtifactReport, []Finding) {
	out := ArtifactReport{Filename: art.Filename, Digest: art.Digest, Integrity: art.Integrity, Yanked: art.Yanked}
	var findings []Finding
	for _, off := range art.Attestations {
		att, found := a.attest(art, off)
		out.Attestations = append(out.Attestations, att)
		findings = append(findings, found...)
	}
	out.Signatures = signatures(ev, art, a.trust)
	out.Status, out.Reason = artifactStatus(out, art.Missing)
	findings = append(findings, artifactFindings(out, art.Missing)...)
	return out, findings
}

// artifactStatus ranks what was found for one file: evidence that does not
// verify first, then evidence that could not be checked, then the best that
// verified.
func artifactStatus(art ArtifactReport, missing string) (Status, string) {
	status, reason := None, "no evidence is offered"
	if len(art.Signatures) > 0 {
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
// known key does not verify spoils the release, and where every key is unknown
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

// releaseFindings says what is worth knowing about the release as a whole.
func releaseFindings(ev Evidence, trust Trust, arts []ArtifactReport) []Finding {
	var out []Finding
	if ev.Claims.Deprecated != "" {
		out = append(out, Finding{Rule: "release.deprecated", Severity: Info, Message: "the registry calls the release deprecated",
			Observed: untrusted.Shorten(string(ev.Claims.Deprecated), untrusted.MaxMessage)})
	}
	out = append(out, unplacedFindings(ev)...)
	attested, provenance, weak := 0, 0, false
	for _, art := range arts {
		for _, att := range art.Attestations {
			attested++
			if att.Kind == KindProvenance {
				provenance++
			}
			weak = weak || att.Kind == KindPublish
			out = append(out, publishRegistry(ev, att)...)
		}
		weak = weak || len(art.Signatures) > 0
	}
	if attested > 0 && provenance == 0 {
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
	names := make([]string, len(ev.Unplaced))
	for i, name := range ev.Unplaced {
		if names[i] = name.String(); name == "" {
			names[i] = "an entry without a name"
		}
	}
	list := strings.Join(names, ", ")
	if ev.MoreUnplaced > 0 {
		list += fmt.Sprintf(" and %d more", ev.MoreUnplaced)
	}
	return []Finding{{Rule: "release.other-files", Severity: Warning, Observed: untrusted.Shorten(list, untrusted.MaxMessage),
		Message: "the index also lists what no rule places in a release, and what was not checked: " + list}}
}

// publishRegistry compares the registry that a publish attestation names with
// the one that was asked: a mirror serves the attestations of the original.
func publishRegistry(ev Evidence, att Attestation) []Finding {
	if att.Status != Verified || att.Statement == nil || att.Statement.Publish == nil || string(att.PredicateType) != statement.NPMPublish {
		return nil
	}
	named := att.Statement.Publish.Registry
	if sameOrigin(string(named), string(ev.Registry)) {
		return nil
	}
	return []Finding{{Rule: "publish.registry", Severity: Warning, Message: "the publish attestation was made by another registry than the one asked",
		Expected: ev.Registry.String(), Observed: named.String()}}
}
