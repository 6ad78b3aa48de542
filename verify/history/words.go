package history

import (
	"cmp"
	"fmt"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// unlike is what is said of what differs of two publishers. None of the words is
// one that a value may have: it would be taken for said.
var unlike = map[string]string{
	"workflow": "another workflow published it than %s",
	"signer":   "another reusable workflow signed it than %s",
	"issuer":   "another provider vouches for the identity than %s",
	"runner":   "it was built on another kind of runner than %s",
	"trigger":  "another kind of event began the run than %s",
}

// Warnings returns a finding for each difference, with the rule that is given for
// what differs. earlier names the earlier release: "before" or "for 1.2.3".
func Warnings(rules map[string]string, earlier string, differences []Difference) (out []verify.Finding) {
	for _, d := range differences {
		out = append(out, verify.Finding{Rule: rules[d.What], Severity: verify.Warning, Message: fmt.Sprintf(unlike[d.What], earlier),
			Expected: brief(d.Then), Observed: cmp.Or(brief(d.Now), "none")})
	}
	return out
}

// LostClaims warns of what npm's registry claimed of how a release was published,
// and does not of a later one. Nothing proves either. earlier is as for [Warnings].
func LostClaims(rule, earlier string, then, now verify.NPMUser) (out []verify.Finding) {
	for _, claim := range []struct {
		what      string
		then, now untrusted.Text
	}{
		{"trusted publisher", then.TrustedPublisher, now.TrustedPublisher},
		{"approver of a staged publish", then.Approver, now.Approver},
	} {
		if claim.then != "" && claim.now == "" {
			out = append(out, verify.Finding{Rule: rule, Severity: verify.Warning, Expected: brief(claim.then), Observed: "none",
				Message: fmt.Sprintf("the registry claims no %s, as it did %s: releases published with stolen tokens look like this",
					claim.what, earlier)})
		}
	}
	return out
}

// NamePublishers names who published a release, each once; with the numbers of the
// certificate if the names say too little.
func NamePublishers(r *verify.Report, numbers bool) string {
	var names []string
	for _, p := range publishers(r) {
		name := cmp.Or(p.Email, p.Repository).String()
		if numbers {
			name += fmt.Sprintf(" (repository %s, owner %s)", cmp.Or(brief(p.RepositoryID), "unknown"), cmp.Or(brief(p.OwnerID), "unknown"))
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return cmp.Or(untrusted.Shorten(untrusted.List(names, 3, 0), untrusted.MaxMessage), "nobody")
}

func brief(t untrusted.Text) string { return untrusted.Shorten(string(t), 200) }
