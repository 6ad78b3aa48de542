package triage

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plimsoll/catalog"
)

// Len returns how many decisions there are.
func (d *Decisions) Len() int {
	if d == nil {
		return 0
	}
	return len(d.list)
}

// All returns the decisions, sorted by package, rule and finding.
func (d *Decisions) All() []Decision {
	if d == nil {
		return nil
	}
	return slices.Clone(d.list)
}

// SameFile reports whether both were read from the same text, or come from such,
// so that either may be saved over it. It must not be called while one of them
// is being saved.
func (d *Decisions) SameFile(other *Decisions) bool {
	if d == nil || other == nil || d.file == nil || other.file == nil {
		return false
	}
	a, exists := d.SHA256()
	b, existsToo := other.SHA256()
	return a == b && exists == existsToo
}

// With returns the decisions with one more, which takes the place of an
// earlier one with its key. It refuses a decision that could not be read back.
func (d *Decisions) With(added Decision) (*Decisions, error) {
	added.Until, added.At = toDay(added.Until), toDay(added.At)
	if key, err := added.check(); err != nil {
		return d, fmt.Errorf("%s: %w", key, err)
	}
	out := d.clone()
	i, found := slices.BinarySearchFunc(out.list, added.Key, Decision.compareKey)
	if !found {
		out.list = slices.Insert(out.list, i, added)
		return out, nil
	}
	if added.Comment == "" {
		added.Comment = out.list[i].Comment
	}
	out.list[i] = added
	return out, nil
}

// toDay cuts a time to its day in UTC: that is what the file holds.
func toDay(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	y, m, day := t.UTC().Date()
	return time.Date(y, m, day, 0, 0, 0, 0, time.UTC)
}

func (d *Decisions) clone() *Decisions {
	out := &Decisions{file: &fileState{header: newHeader}}
	if d != nil {
		out.list, out.file = slices.Clone(d.list), cmp.Or(d.file, out.file)
	}
	return out
}

// of returns the decisions about one package.
func (d *Decisions) of(protocol catalog.Protocol, name string) []Decision {
	if d == nil {
		return nil
	}
	first, _ := slices.BinarySearchFunc(d.list, Key{Protocol: protocol, Package: name}, Decision.compareKey)
	last := first
	for last < len(d.list) && d.list[last].Protocol == protocol && d.list[last].Package == name {
		last++
	}
	return d.list[first:last]
}
