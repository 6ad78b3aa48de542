package history

import (
	"cmp"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// PublisherChange is how who published a release relates to who published one
// before it. From [PublisherTransferred] on, somebody else may have: see
// [PublisherChange.Changed].
type PublisherChange uint8

// The changes. The zero value says nothing.
const (
	PublisherUnknown     PublisherChange = iota // of one of the two nothing could be checked
	PublisherNone                               // nobody is proven to have published the later one
	PublisherFirst                              // one is proven now, and none was before
	PublisherSame                               // the same repository by its number, or the same person
	PublisherSameName                           // the same repository by its name alone: a certificate gives no number
	PublisherRenamed                            // the same repository and owner, under another name
	PublisherTransferred                        // the same repository, and it belongs to another owner
	PublisherRecreated                          // a repository of the same name, with another number
	PublisherChanged                            // another repository, person or kind
)

var publisherNames = [...]string{
	PublisherUnknown: "unknown", PublisherNone: "none", PublisherFirst: "first", PublisherSame: "same", PublisherSameName: "same",
	PublisherRenamed: "renamed", PublisherTransferred: "changed", PublisherRecreated: "changed", PublisherChanged: "changed",
}

var publisherWords = [...]string{
	PublisherUnknown:     "the publishers could not be compared",
	PublisherNone:        "nothing proves who published",
	PublisherFirst:       "the publisher is proven, and was not before",
	PublisherSame:        "the same publisher",
	PublisherSameName:    "the same publisher, by name alone: a certificate gives the repository no number",
	PublisherRenamed:     "the same repository under another name",
	PublisherTransferred: "the same repository, and it belongs to another owner",
	PublisherRecreated:   "a repository of the same name, with another number",
	PublisherChanged:     "another publisher than before",
}

// Name returns the change as JSON spells it: same, renamed, changed, first, none
// or unknown.
func (c PublisherChange) Name() string { return c.of(publisherNames[:]) }

// String returns a few plain words.
func (c PublisherChange) String() string { return c.of(publisherWords[:]) }

func (c PublisherChange) of(names []string) string {
	if int(c) < len(names) {
		return names[c]
	}
	return names[PublisherUnknown]
}

// Changed reports whether another repository, owner, person or kind published.
func (c PublisherChange) Changed() bool { return c >= PublisherTransferred }

// Difference is one value of two publishers that differs.
type Difference struct {
	What      string // "workflow", "signer", "issuer", "runner" or "trigger"
	Then, Now untrusted.Text
}

// ComparePublishers compares two publishers that verified certificates name; nil
// is nobody. A repository and its owner are compared by their numbers (15, 17),
// which never change, and by their names if a certificate from before mid-2023
// gives none. Differences lists what else differs of the two, in one order;
// versions of workflows do not count, and neither does what the earlier
// certificate does not say. Of two kinds of publishers nothing else is compared.
func ComparePublishers(then, now *verify.Publisher) (PublisherChange, []Difference) {
	switch {
	case now == nil:
		return PublisherNone, nil
	case then == nil:
		return PublisherFirst, nil
	}
	return compareSources(then, now), differences(then, now)
}

func compareSources(then, now *verify.Publisher) PublisherChange {
	sameName := then.Repository == now.Repository || verify.SameRepository(string(then.Repository), string(now.Repository))
	numbered := then.RepositoryID != "" && now.RepositoryID != ""
	sameNumber := then.RepositoryID == now.RepositoryID && host(then) == host(now)
	owned := then.OwnerID != "" && now.OwnerID != ""
	switch {
	case then.Kind != now.Kind, then.Email != now.Email:
		return PublisherChanged
	case then.Repository == "" && now.Repository == "" && now.Email != "":
		return PublisherSame
	case now.Repository == "", !sameName && !(numbered && sameNumber):
		return PublisherChanged
	case sameName && numbered && !sameNumber:
		return PublisherRecreated
	case owned && then.OwnerID != now.OwnerID:
		return PublisherTransferred
	case !sameName:
		return PublisherRenamed
	case !numbered:
		return PublisherSameName
	}
	return PublisherSame
}

// host is where the number of a repository is one: an enterprise on github.com
// may get an issuer of its own.
func host(p *verify.Publisher) string {
	repo, _ := verify.ParseRepository(string(p.Repository))
	return repo.Host
}

func differences(then, now *verify.Publisher) (out []Difference) {
	if then.Kind != now.Kind {
		return nil // nothing of the two is alike
	}
	if a, b := foreignSigner(then), foreignSigner(now); a != b && then.Signer != "" && now.Email == "" {
		out = append(out, Difference{"signer", unversioned(then.Signer), unversioned(now.Signer)})
	}
	for _, d := range []Difference{
		{"workflow", workflow(then), workflow(now)}, {"issuer", then.Issuer, now.Issuer},
		{"runner", then.Runner, now.Runner}, {"trigger", then.Trigger, now.Trigger},
	} {
		if d.Then != "" && d.Then != d.Now {
			out = append(out, d)
		}
	}
	return out
}

// workflow is the path within the source of the workflow that began the run, or
// its address if it lies in another repository.
func workflow(p *verify.Publisher) untrusted.Text {
	return cmp.Or(p.Workflow, unversioned(p.WorkflowURI))
}

// foreignSigner is the reusable workflow that signed, or "" if the one that began
// the run did: then it is compared as that.
func foreignSigner(p *verify.Publisher) untrusted.Text {
	if signer := unversioned(p.Signer); signer != unversioned(p.WorkflowURI) {
		return signer
	}
	return ""
}

// unversioned cuts the ref or commit off the address of a workflow. A tag may
// hold an @ itself.
func unversioned(uri untrusted.Text) untrusted.Text {
	for _, mark := range []string{"@refs/", "@"} {
		if path, _, found := strings.Cut(string(uri), mark); found {
			return untrusted.Text(path)
		}
	}
	return uri
}

// CompareReleases compares who published two releases, by every file: one that
// comes from elsewhere must not hide behind the others. Each is held against
// whoever of the earlier release is nearest to it, and the worst change counts.
func CompareReleases(then, now *verify.Report) (PublisherChange, []Difference) {
	if RungOf(then) == RungUnknown || RungOf(now) == RungUnknown {
		return PublisherUnknown, nil
	}
	before, after := publishers(then), publishers(now)
	switch {
	case len(after) == 0:
		return PublisherNone, nil
	case len(before) == 0:
		return PublisherFirst, nil
	}
	worst, diff := PublisherUnknown, []Difference(nil)
	for _, p := range after {
		change, differ := nearest(before, p)
		worst = max(worst, change)
		for _, d := range differ {
			if !slices.Contains(diff, d) {
				diff = append(diff, d)
			}
		}
	}
	return worst, diff
}

func nearest(before []*verify.Publisher, p *verify.Publisher) (PublisherChange, []Difference) {
	change, diff := ComparePublishers(before[0], p)
	for _, other := range before[1:] {
		if c, d := ComparePublishers(other, p); c < change || c == change && len(d) < len(diff) {
			change, diff = c, d
		}
	}
	return change, diff
}

// publishers returns who published each file, as a verified certificate names
// it. r may be nil.
func publishers(r *verify.Report) (out []*verify.Publisher) {
	if r == nil {
		return nil
	}
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			if att.Status == verify.Verified && att.Kind == verify.KindProvenance && att.Publisher != nil {
				out = append(out, att.Publisher)
			}
		}
	}
	return out
}
