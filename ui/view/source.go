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
	case verify.Invalid, verify.Unchecked:
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

// inWords says in the few words that a cell has room for what it means that a
// check failed.
var inWords = map[verify.CheckID]string{
	verify.CheckParse: "bundle cannot be read", verify.CheckTrust: "no entry in a known log", verify.CheckEntry: "log entry is wrong",
	verify.CheckSET: "SET does not verify", verify.CheckInclusion: "inclusion proof is wrong", verify.CheckCheckpoint: "checkpoint is wrong",
	verify.CheckEntryBundle: "log entry of another", verify.CheckTime: "signing time is wrong", verify.CheckChain: "certificate not trusted",
	verify.CheckSCT: "SCT missing or wrong", verify.CheckKey: "registry key is wrong", verify.CheckSignature: "signature is wrong",
	verify.CheckStatement: "statement is malformed", verify.CheckSubject: "subject is wrong", verify.CheckPredicate: "predicate is wrong",
	verify.CheckIdentity: "identity is contradicted", verify.CheckVerifier: "sigstore-go refuses it",
}

// problem says in a few words what went wrong: the check that broke the chain,
// a signature, evidence that is not there, else the start of the reason.
func problem(r *verify.Report) string {
	if r.Unverified != "" {
		return "no trust root"
	}
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			if a := &r.Artifacts[i].Attestations[j]; a.Status == r.Status {
				if s := brokenCheck(a); s != "" {
					return s
				}
			}
		}
		for _, s := range r.Artifacts[i].Signatures {
			if s.Status == verify.Invalid && r.Status == verify.Invalid {
				return "registry signature is wrong"
			}
		}
	}
	for _, f := range r.Findings {
		switch f.Rule {
		case "attestations.gone":
			return "evidence has gone"
		case "evidence.missing":
			return "evidence is missing"
		}
	}
	return firstWords(r)
}

func brokenCheck(a *verify.Attestation) string {
	if c := firstFailed(a.Checks); c != nil && inWords[c.ID] != "" {
		return inWords[c.ID]
	}
	if c := firstBlocked(a.Checks); c != nil {
		return "cannot check " + untrusted.Shorten(c.Title, 80)
	}
	return ""
}

// firstWords is the start of the reason, of the artifact that decides where it
// is one of several.
func firstWords(r *verify.Report) string {
	reason := r.Reason
	for i := range r.Artifacts {
		if a := &r.Artifacts[i]; a.Status == r.Status && a.Reason != "" {
			reason = a.Reason
			break
		}
	}
	reason, _, _ = strings.Cut(reason, "; ")
	reason, _, _ = strings.Cut(reason, ": ")
	if reason = strings.TrimSuffix(strings.TrimSpace(reason), "."); reason == "" {
		return absent
	}
	return untrusted.Shorten(reason, 80)
}

// firstFailed returns the check that broke the chain, nil where none failed: a
// failing signature, since the log entry then fails for the same reason; else
// the first; sigstore-go's verdict on the whole only where every single check
// could be done and none failed.
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
	if first != nil || firstBlocked(checks) != nil {
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
