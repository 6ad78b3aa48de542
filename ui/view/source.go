package view

import (
	"strings"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/untrusted"
)

const absent = "–"

// Source is the table's SOURCE cell, cleaned: the source repository that a
// verified certificate names; for a package that did not verify, which link
// broke; "–" where nothing names a source.
func Source(r *verify.Report) string {
	if r == nil {
		return absent
	}
	switch r.Status {
	case verify.Invalid, verify.Error:
		return problem(r)
	case verify.Mismatch:
		if s := proven(r.Publisher); s != "" {
			return s
		}
		return problem(r)
	case verify.Verified, verify.Partial:
		if s := proven(r.Publisher); s != "" {
			return s
		}
	}
	return absent
}

// proven is the source or, where a person published, the address.
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

// problem says in a few words what went wrong: the first check that failed,
// else the start of the reason.
func problem(r *verify.Report) string {
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if c := firstFailed(a.Checks); c != nil && a.Status != verify.Verified && c.Title != "" {
				return untrusted.Shorten(c.Title, 80) + " failed"
			}
		}
		for _, s := range r.Artifacts[i].Signatures {
			if s.Status == verify.Invalid {
				return "registry signature failed"
			}
		}
	}
	reason, _, _ := strings.Cut(r.Reason, "; ")
	reason, _, _ = strings.Cut(reason, ": ")
	if reason = strings.TrimSuffix(strings.TrimSpace(reason), "."); reason == "" {
		return absent
	}
	return untrusted.Shorten(reason, 80)
}

// firstFailed returns the check that broke the chain, nil where none failed: a
// failing signature, since the log entry then fails for the same reason; else
// the first; sigstore-go's verdict on the whole only where no single check
// failed.
func firstFailed(checks []verify.Check) *verify.Check {
	var first, verdict *verify.Check
	for i := range checks {
		switch k := &checks[i]; {
		case k.Status != verify.Fail:
		case k.ID == verify.CheckSignature:
			return k
		case k.ID == verify.CheckVerifier:
			verdict = k
		case first == nil:
			first = k
		}
	}
	if first != nil {
		return first
	}
	return verdict
}

// firstBlocked returns the check that could not be done, where none failed.
func firstBlocked(checks []verify.Check) *verify.Check {
	for i := range checks {
		if checks[i].Status == verify.Blocked {
			return &checks[i]
		}
	}
	return nil
}

// Expected is the table's EXPECTED cell, cleaned: the source repository that
// the spec names, "–" where it names none.
func Expected(s catalog.Spec) string {
	if uri := s.Provenance.RepositoryURI; uri != "" {
		return repository(uri)
	}
	a := s.Provenance.Attestations
	if a == nil || a.Publisher == nil || a.Publisher.Repository == "" {
		return absent
	}
	return claimedRepository(a.Publisher.Kind, a.Publisher.Repository)
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
