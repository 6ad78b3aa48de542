package history

import (
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// PublisherChange is how who published a release relates to who published one
// before it.
type PublisherChange uint8

// The changes. The zero value says nothing.
const (
	PublisherUnknown   PublisherChange = iota // of one of the two nothing could be checked
	PublisherNone                             // nobody is proven to have published either
	PublisherFirst                            // one is proven now, and none was before
	PublisherSame                             // the same repository, by its number if both name one
	PublisherRenamed                          // the same repository under another name
	PublisherRecreated                        // another repository under the same name
	PublisherChanged                          // another repository, owner or kind
)

// Difference is one value of two publishers that differs.
type Difference struct {
	What      string // "workflow", "signer", "issuer", "runner" or "trigger"
	Then, Now untrusted.Text
}

// ComparePublishers compares two publishers that verified certificates name. A
// repository and its owner are compared by their numbers, which never change.
// Differences lists what else differs of the two.
func ComparePublishers(then, now *verify.Publisher) (change PublisherChange, differences []Difference) {
	sameName := then.Repository == now.Repository || verify.SameRepository(string(then.Repository), string(now.Repository))
	numbered := then.RepositoryID != "" && now.RepositoryID != ""
	sameNumber := then.RepositoryID == now.RepositoryID && host(then) == host(now)
	change = PublisherSame
	switch {
	case then.Kind != now.Kind, then.Email != now.Email:
		change = PublisherChanged
	case sameName && numbered && !sameNumber:
		change = PublisherRecreated
	case !sameName && numbered && sameNumber:
		change = PublisherRenamed
	case !sameName:
		change = PublisherChanged
	}
	for _, d := range []Difference{
		{"workflow", then.Workflow, now.Workflow}, {"issuer", then.Issuer, now.Issuer},
		{"runner", then.Runner, now.Runner}, {"trigger", then.Trigger, now.Trigger},
	} {
		if d.Then != d.Now {
			differences = append(differences, d)
		}
	}
	return change, differences
}
