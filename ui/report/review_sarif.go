package report

import (
	"cmp"
	"io"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Files of a catalog that a change is judged by, in which the findings about the
// change as a whole are.
var ruleFiles = map[string]untrusted.Text{"review.policy": "policy.yaml", "review.decision": "triage.yaml"}

// WriteReview writes what a change brings as SARIF. A result stands at a line of
// the head that the change touched, since on others a review shows none. A
// change has a result with the level error if and only if it does not pass.
func (s SARIF) WriteReview(w io.Writer, r Review) error {
	a := newAlerts(s)
	a.category = "plimsoll-review/" // else a review closes the alerts of a report on the same branch
	for _, f := range r.Findings {
		a.add(&Package{Spec: catalog.Spec{Path: ruleFiles[f.Rule]}}, []verify.Finding{f}, nil)
	}
	for i := range r.Changes {
		if c := &r.Changes[i]; c.After != nil {
			p := headOf(c)
			a.add(&p, s.changeFindings(p, c), lineIn(c))
		}
	}
	return a.write(w, r.Generated, nil, map[string]any{
		"base": r.Base, "head": r.Head, "summary": r.summary(), "trust": r.Trust, "verdict": r.Verdict().String(),
	})
}

// changeFindings returns the findings that a change brings, those that decisions
// waive, and one for its verdict if none of them tells it.
func (s SARIF) changeFindings(p Package, c *review.Change) []verify.Finding {
	findings := slices.Clone(c.Findings)
	for _, f := range c.Standing() {
		if f.Waived() {
			findings = append(findings, f)
		}
	}
	if c.Verdict == verify.VerdictPass || slices.ContainsFunc(c.Findings, verify.Finding.Open) {
		return findings
	}
	f := verify.Finding{Rule: ruleUnchecked, Severity: verify.SeverityError, Message: c.Summary()}
	switch {
	case p.Spec.Err != nil:
		f.Rule, f.Message = ruleUnreadable, p.Spec.Err.Message
	case c.Verdict == verify.VerdictFail:
		f.Rule = ruleRefused
	}
	return append([]verify.Finding{f}, findings...)
}

// lineIn returns the function that finds the line of the head's spec that a
// finding stands at: that of the value which it is about, if the change touched it,
// else of any that it touched.
func lineIn(c *review.Change) func(verify.Finding) int {
	spec := c.After.Spec
	whole, now := spec, values(&spec)
	spec.Lines = touched(c)
	first := 0
	for _, line := range spec.Lines.All() {
		if first == 0 || line < first {
			first = line
		}
	}
	return func(f verify.Finding) int {
		for _, key := range ruleKeys[f.Rule] { // of several values that it may be about, the one that it found
			if line := spec.Lines.Of(key); line > 0 && now[key].String() == f.Observed {
				return line
			}
		}
		return cmp.Or(Line(&spec, f.Rule), first, Line(&whole, f.Rule))
	}
}

// touched returns the lines of the values that a change set: of a new spec all.
func touched(c *review.Change) catalog.Lines {
	lines := c.After.Spec.Lines
	if c.Before == nil || c.Before.Spec.Err != nil {
		return lines
	}
	was, is := values(&c.Before.Spec), values(&c.After.Spec)
	for key := range lines.All() {
		if was[key] == is[key] {
			lines.Set(key, 0)
		}
	}
	return lines
}

// values are the values of a spec that it names a package by, or is judged by.
func values(s *catalog.Spec) map[string]untrusted.Text {
	p := &s.Provenance
	v := map[string]untrusted.Text{
		"spec.package": s.Package, "spec.version": s.Version,
		"provenance.repository_uri": p.RepositoryURI, "provenance.repository_ref": p.RepositoryRef,
		"provenance.cert_issuer": p.CertIssuer, "provenance.signer_identity": p.SignerIdentity,
		"provenance.runner_environment": p.RunnerEnvironment, "provenance.sigstore_url": p.SigstoreURL,
	}
	if a := p.Attestations; a != nil {
		v[attestationsKey] = "there"
		v[availableKey], v[attestationsKey+".verified"] = text(a.Available), text(a.Verified)
		if p := a.Publisher; p != nil {
			v[publisherKey] = "there"
			v[publisherKey+".kind"], v[publisherKey+".repository"], v[publisherKey+".workflow"] = p.Kind, p.Repository, p.Workflow
		}
	}
	return v
}

func text(b bool) untrusted.Text {
	if b {
		return "true"
	}
	return "false"
}
