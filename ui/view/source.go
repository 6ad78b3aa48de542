package view

import (
	"cmp"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

const absent = "–"

// Source is the table's SOURCE cell, cleaned: the source repository that a
// verified certificate names, "–" without one. Nothing else stands there.
func Source(r *verify.Report) string {
	if r == nil {
		return absent
	}
	switch r.Status {
	case verify.Mismatch, verify.Verified, verify.Partial, verify.Bound, verify.Unbound:
		if s := proven(r.Publisher); s != "" {
			return s
		}
	}
	return absent
}

// Why is the table's WHY cell, cleaned: the reason of a verdict that is not
// good, or is on a file of evidence, else the worst finding that stands beside it, else
// what is not proven; "" if that is nothing.
func Why(r *verify.Report) string {
	if r == nil {
		return ""
	}
	switch r.Status {
	case verify.Invalid, verify.Unchecked:
		return problem(r)
	case verify.Mismatch:
		return contradiction(r)
	case verify.Partial, verify.Bound, verify.Unbound:
		return untrusted.Shorten(r.Reason, maxWhy)
	case verify.Signed:
		return cmp.Or(outstanding(r, inBrief), "nothing proves the origin")
	case verify.None:
		nothing := "nothing is proven"
		if len(r.Artifacts) > 0 && r.Artifacts[0].Excluded != "" {
			nothing = "kept from the checksum database"
		}
		return cmp.Or(outstanding(r, inBrief), nothing)
	}
	return outstanding(r, inBrief)
}

// Beside is the worst finding that stands beside a verdict that is not bad, in
// one line with both values, cleaned; "" for none.
func Beside(r *verify.Report) string {
	return outstanding(r, func(f *verify.Finding) string {
		text := f.Message
		if f.Expected != "" && !strings.Contains(text, f.Expected) {
			text += ": expected " + f.Expected
			if f.Observed != "" && !strings.Contains(text, f.Observed) {
				text += ", found " + f.Observed
			}
		}
		return untrusted.Shorten(text, maxWhy)
	})
}

// outstanding is the worst finding that nobody accepted, in the words of say.
func outstanding(r *verify.Report, say func(*verify.Finding) string) string {
	if worst, ok := r.Outstanding(); ok {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Severity == worst && !f.Waived() {
				return say(f)
			}
		}
	}
	return ""
}

const maxWhy = 300 // bytes

// contradiction says what the spec expected in place of what SOURCE shows.
func contradiction(r *verify.Report) string {
	for i := range r.Findings {
		if f := &r.Findings[i]; f.Open() {
			if f.Rule == "provenance.repository_uri" && proven(r.Publisher) != "" && isRepository(f.Expected) {
				return "expected " + repository(untrusted.Text(f.Expected))
			}
			return inBrief(f)
		}
	}
	return untrusted.Shorten(r.Reason, maxWhy)
}

// inBrief is a finding in the table's words.
func inBrief(f *verify.Finding) string { return brief(f.Message, f.Expected, f.Observed) }

func isRepository(s string) bool {
	_, ok := verify.ParseRepository(s)
	return ok
}

// proven is the source or, if a person published, the address.
func proven(p *verify.Publisher) string {
	switch {
	case p == nil:
		return ""
	case p.Repository != "":
		return repository(p.Repository)
	case p.Email != "":
		return untrusted.Shorten(string(p.Email), maxValue)
	default:
		return untrusted.Shorten(string(p.Signer), maxValue)
	}
}

// problem says what went wrong: the check that broke the chain, a signature,
// evidence that is not there, else the reason.
func problem(r *verify.Report) string {
	if r.Unverified != "" {
		return "no trust root"
	}
	reason := r.Reason
	for i := range r.Artifacts {
		art := &r.Artifacts[i]
		if art.Status != r.Status {
			continue
		}
		for j := range art.Attestations {
			if a := &art.Attestations[j]; a.Status == r.Status {
				if s := brokenCheck(a); s != "" {
					return s
				}
			}
		}
		if art.Reason != "" {
			reason = art.Reason
			break
		}
	}
	return brief(reason, "", "")
}

// brokenCheck is what the check found that broke the chain, without the error
// of a library that it may quote.
func brokenCheck(a *verify.Attestation) string {
	c := broken(a.Checks)
	if c == nil {
		return ""
	}
	reason, known := inWords(c.Reason)
	if !known {
		reason, _, _ = strings.Cut(reason, ": ")
	}
	return brief(reason, c.Expected, c.Observed)
}

// broken returns the check that broke the chain, or nil if none did: a failing
// signature, since the log entry then fails for the same reason; else the first
// that failed, or could not be done; sigstore-go's verdict on the whole only if
// every single check could be done and none failed.
func broken(checks []verify.Check) *verify.Check {
	var failed, blocked, verdict *verify.Check
	for i := range checks {
		switch k := &checks[i]; {
		case k.Status == verify.Blocked && blocked == nil:
			blocked = k
		case k.Status != verify.Fail:
		case k.ID == verify.CheckSignature:
			return k
		case k.ID == verify.CheckVerifier:
			verdict = k
		case failed == nil:
			failed = k
		}
	}
	return cmp.Or(failed, blocked, verdict)
}

// Expected is the table's EXPECTED cell, cleaned: the source repository that
// the spec names, "–" if it names none.
func Expected(s catalog.Spec) string {
	if uri := s.Provenance.RepositoryURI; uri != "" {
		return repository(uri)
	}
	a := s.Provenance.Attestations
	if a == nil || a.Publisher == nil || a.Publisher.Repository == "" {
		return absent
	}
	kind, name := a.Publisher.Kind, a.Publisher.Repository
	if issuer := s.Provenance.CertIssuer; issuer != "" && strings.EqualFold(string(kind), "gitlab") && !strings.Contains(string(name), "://") {
		return repository(issuer + "/" + name) // a GitLab is its own issuer
	}
	return claimedRepository(kind, name)
}

// claimedRepository is the repository of a publisher that is named by its
// kind and owner/name.
func claimedRepository(kind, name untrusted.Text) string {
	if strings.Contains(string(name), "://") {
		return repository(name)
	}
	if strings.EqualFold(string(kind), "gitlab") {
		name = "gitlab.com/" + name
	}
	return untrusted.Shorten(string(name), maxValue)
}

// Status is the glyph and the style of the status of a package, whose report is
// nil while there is none. Only what is proven is green, see [verify.Proven].
func Status(th *theme.Theme, s verify.Status, r *verify.Report, require verify.Status) (glyph string, token theme.Token) {
	glyph, token = th.Status(s)
	if token != theme.Good || r != nil && verify.Proven(r, require) {
		return glyph, token
	}
	if r != nil {
		if verdict, _ := verify.Judge(r, require); verdict == verify.VerdictFail {
			return glyph, theme.Bad
		}
	}
	return glyph, theme.Plain
}
