package triage

import (
	"cmp"
	"errors"
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
// so that either may be saved over it.
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
	added = added.written()
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

// Change is a change of what is decided about one finding, from nothing or to nothing
// if that is nil.
type Change struct{ From, To *Decision }

// Deciding returns the change that makes a decision, in place of the one that d holds
// about its finding.
func (d *Decisions) Deciding(added Decision) Change {
	added = added.written()
	return Change{d.find(added.Key), &added}
}

// Back returns the change that takes c back.
func (c Change) Back() Change { return Change{c.To, c.From} }

// ErrDecided is the error of a change of a decision that is no longer what it was.
var ErrDecided = errors.New("somebody else decided about it meanwhile")

// Changed returns the decisions with a change made. What they hold about its finding
// must be what it begins with, else the error wraps [ErrDecided]; nothing else matters.
func (d *Decisions) Changed(c Change) (*Decisions, error) {
	key := cmp.Or(c.From, c.To).Key
	now := d.find(key)
	switch {
	case (now == nil) != (c.From == nil):
		return d, ErrDecided
	case now != nil:
		if was := *c.From; was.without() != now.without() {
			return d, ErrDecided
		}
	}
	if c.To == nil {
		out := d.clone()
		out.list = slices.DeleteFunc(out.list, func(each Decision) bool { return each.Key == key })
		return out, nil
	}
	to := *c.To
	if now != nil { // a comment is somebody else's, and stays with what it stands above
		to.Comment = now.Comment
	}
	return d.With(to)
}

// without is a decision without its comment, which decides nothing.
func (d Decision) without() Decision {
	d.Comment = ""
	return d
}

// find returns the decision about a finding, or nil.
func (d *Decisions) find(k Key) *Decision {
	if d == nil {
		return nil
	}
	i, found := slices.BinarySearchFunc(d.list, k, Decision.compareKey)
	if !found {
		return nil
	}
	decision := d.list[i]
	return &decision
}

// written is a decision as it is read back: the file holds days, not times.
func (d Decision) written() Decision {
	d.Until, d.At = toDay(d.Until), toDay(d.At)
	return d
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
