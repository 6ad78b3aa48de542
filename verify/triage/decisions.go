package triage

import (
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

// SameFile says whether both were read from the same text, or come from such,
// so that either may be saved over it. It must not be called while one of them
// is being saved.
func (d *Decisions) SameFile(other *Decisions) bool {
	if d == nil || other == nil || d.file == nil || other.file == nil {
		return false
	}
	return d.file.exists == other.file.exists && d.file.sum == other.file.sum
}

// With returns the decisions with one more, which takes the place of an
// earlier one with its key. It refuses a decision that could not be read back.
func (d *Decisions) With(added Decision) (*Decisions, error) {
	added.Until, added.At = toDay(added.Until), toDay(added.At)
	if key, err := added.check(); err != nil {
		return d, fmt.Errorf("%s: %w", key, err)
	}
	out := d.clone()
	i, found := slices.BinarySearchFunc(out.list, added.Key, func(a Decision, k Key) int { return a.Key.compare(k) })
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
	if d == nil {
		return &Decisions{file: &fileState{header: newHeader}}
	}
	file := d.file
	if file == nil {
		file = &fileState{header: newHeader}
	}
	return &Decisions{list: slices.Clone(d.list), file: file}
}

// of returns the decisions about one package.
func (d *Decisions) of(protocol catalog.Protocol, name string) []Decision {
	if d == nil {
		return nil
	}
	first, _ := slices.BinarySearchFunc(d.list, Key{Protocol: protocol, Package: name}, func(a Decision, k Key) int { return a.Key.compare(k) })
	last := first
	for last < len(d.list) && d.list[last].Protocol == protocol && d.list[last].Package == name {
		last++
	}
	return d.list[first:last]
}

// maxHistory bounds how many steps can be taken back.
const maxHistory = 1000

// History remembers decisions so that they can be taken back and made again.
type History struct {
	now          *Decisions
	past, future []step
}

// step is a state to go to, and what was done between it and the next.
type step struct {
	what string
	to   *Decisions
}

// NewHistory returns a history that begins with d.
func NewHistory(d *Decisions) *History { return &History{now: d} }

// Now returns the decisions as they stand.
func (h *History) Now() *Decisions { return h.now }

// Do makes next what stands; what says, for people, what was done. What had
// been taken back before cannot be made again.
func (h *History) Do(what string, next *Decisions) {
	h.past = append(h.past, step{what, h.now})
	h.past = slices.Delete(h.past, 0, max(0, len(h.past)-maxHistory))
	h.now, h.future = next, nil
}

// Undo takes the last step back and says which; false where there is none.
func (h *History) Undo() (what string, ok bool) { return h.move(&h.past, &h.future) }

// Redo makes the last step again that was taken back; false where there is
// none.
func (h *History) Redo() (what string, ok bool) { return h.move(&h.future, &h.past) }

func (h *History) move(from, to *[]step) (string, bool) {
	if len(*from) == 0 {
		return "", false
	}
	last := (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	*to = append(*to, step{last.what, h.now})
	h.now = last.to
	return last.what, true
}
