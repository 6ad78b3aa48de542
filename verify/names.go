package verify

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/confusable"
)

// Bounds of what is said about names: a release may have thousands of files.
const (
	maxNameFindings = 10
	maxNameShown    = 120 // bytes of a name in a message
	maxStrange      = 4   // characters named in a message
)

// place is where a name stands.
type place struct {
	what string // "the package's name"
	text untrusted.Text
	// ascii is set if the registry allows nothing but ASCII there, so that a
	// name of a whole other script is remarkable too.
	ascii bool
}

// nameFindings warns of the names that can be taken for others: each once, with
// the places where it stands. They are warnings and no more: a name proves
// nothing, and harms whoever reads it for another.
func nameFindings(r *Report, want catalog.Provenance) []Finding {
	var names []confusable.Name
	places := map[string][]string{} // by the name's text
	for _, p := range namePlaces(r, want) {
		for _, n := range confusable.Names(string(p.text)) {
			if n.Kind == confusable.Foreign && !p.ascii {
				continue
			}
			if places[n.Text] == nil {
				names = append(names, n)
			}
			if !slices.Contains(places[n.Text], p.what) {
				places[n.Text] = append(places[n.Text], p.what)
			}
		}
	}
	var out []Finding
	for _, n := range names[:min(len(names), maxNameFindings)] {
		out = append(out, nameFinding(n, places[n.Text]))
	}
	if more := len(names) - len(out); more > 0 {
		out = append(out, Finding{Rule: "name.confusable", Severity: Warning,
			Message: untrusted.Plural(more, "more name") + " of the release can be taken for others"})
	}
	return out
}

// namePlaces lists the names of a report, the package's first.
func namePlaces(r *Report, want catalog.Provenance) []place {
	places := []place{{"the package's name", r.Release.Name, true}, {"the repository that the spec expects", want.RepositoryURI, false},
		{"the issuer that the spec accepts", want.CertIssuer, true}}
	if a := want.Attestations; a != nil && a.Publisher != nil {
		places = append(places, place{"the publisher that the spec expects", a.Publisher.Repository, false},
			place{"the workflow that the spec expects", a.Publisher.Workflow, false})
	}
	places = append(places, place{"the repository in the registry's metadata", r.Claims.Repository, false})
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			if p := att.Publisher; p != nil {
				places = append(places, place{"the repository in the certificate", p.Repository, false},
					place{"the workflow in the certificate", p.Workflow, false}, place{"the address in the certificate", p.Email, false})
			}
			if c := att.Claimed; c != nil {
				places = append(places, place{"the publisher that the index names", c.Repository, false},
					place{"the workflow that the index names", c.Workflow, false}, place{"the address that the index names", c.Email, false})
			}
		}
		places = append(places, place{"the name of a file", art.Filename, false})
	}
	return places
}

func nameFinding(n confusable.Name, places []string) Finding {
	message := places[0] + " " + remark(n)
	if also := places[1:]; len(also) > 0 {
		message += "; the same name is in " + strings.Join(also, ", ")
	}
	return Finding{Rule: "name.confusable", Severity: Warning, Message: message, Observed: shownName(n.Text)}
}

// shownName is a name of which every character outside ASCII can be told.
func shownName(s string) string { return untrusted.Shorten(confusable.Escape(s), maxNameShown) }

// remark is what is remarkable about a name.
func remark(n confusable.Name) string {
	var strange []string
	for _, r := range n.Strange[:min(len(n.Strange), maxStrange)] {
		strange = append(strange, confusable.Describe(r))
	}
	list := untrusted.List(strange, maxStrange, len(n.Strange)-len(strange))
	like := ""
	if n.Like != "" {
		like = fmt.Sprintf("looks like %q and ", untrusted.Shorten(n.Like, maxNameShown))
	}
	switch n.Kind {
	case confusable.Hidden:
		return "holds characters that cannot be seen: " + list
	case confusable.Mixed:
		return fmt.Sprintf("%smixes letters of %s: %s", like, strings.Join(n.Scripts, " and "), list)
	case confusable.Twin:
		return like + "is another: " + list
	default:
		return "is not in ASCII, as the registry's names are: " + list
	}
}

// lookAlike is what a message adds if two values that differ can be
// taken for one another.
const lookAlike = "; the two look alike, and are not the same"

// alike reports whether two values that differ can be taken for one another,
// and returns how to show them: then by their escapes.
func alike(a, b untrusted.Text) (more, shownA, shownB string) {
	if !confusable.Alike(alikeForm(a), alikeForm(b)) {
		return "", a.String(), b.String()
	}
	return lookAlike, confusable.Escape(string(a)), confusable.Escape(string(b))
}

// alikeForm is a value without what two ways to write the same repository
// differ in.
func alikeForm(t untrusted.Text) string {
	if repo, ok := ParseRepository(string(t)); ok {
		return repo.String()
	}
	return string(t)
}
