package history

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"plimsoll/verify"
)

// arrange orders the versions by time, finds the current one, and what that is
// held against.
//
// A registry that gives a version no date has published it after the version
// below it, as far as anybody knows. The dates are the registry's word: whoever
// publishes cannot set them.
func (h *History) arrange() {
	at, last := make([]time.Time, len(h.Versions)), time.Time{}
	byTime := make([]int, len(h.Versions))
	for i := len(h.Versions) - 1; i >= 0; i-- {
		if t := h.Versions[i].Time; !t.IsZero() {
			last = t
		}
		at[i], byTime[i] = last, i
	}
	slices.SortFunc(byTime, func(a, b int) int { return cmp.Or(at[a].Compare(at[b]), b-a) })
	h.rank = make([]int, len(h.Versions))
	for rank, i := range byTime {
		h.rank[i] = rank
	}
	h.current = slices.IndexFunc(h.Versions, func(v Version) bool { return v.Current })
	h.before = nil
	if h.current >= 0 && h.Versions[h.current].Line != "" {
		h.before = h.predecessors()
	}
}

// predecessors returns what the current version is held against: the earlier
// versions of its line, the newest first, and then the releases that stood when
// the line began, of the line below it and the newest of any below. A backport
// is held against its own line alone, which began before.
func (h *History) predecessors() (own []int) {
	c := &h.Versions[h.current]
	began := h.current // the first release of the line
	var other []int
	for i := range h.Versions {
		v := &h.Versions[i]
		if v.Line != c.Line || h.rank[i] >= h.rank[h.current] {
			continue
		}
		own = append(own, i)
		if !v.Prerelease && (h.rank[i] < h.rank[began] || h.Versions[began].Prerelease) {
			began = i
		}
	}
	below, newest := -1, -1
	stood := func(i int) bool {
		v := &h.Versions[i]
		return v.Line != "" && v.Line != c.Line && i > began && h.rank[i] < h.rank[began] && !v.Prerelease
	}
	for i := range h.Versions {
		if !stood(i) {
			continue
		}
		if below < 0 {
			below = i // versions are sorted, the highest first
		}
		if h.Versions[i].Offered != RungUnknown && (newest < 0 || h.rank[i] > h.rank[newest]) {
			newest = i
		}
	}
	for i := range h.Versions {
		if stood(i) && (h.Versions[i].Line == h.Versions[below].Line || i == newest) {
			other = append(other, i)
		}
	}
	newestFirst := func(a, b int) int { return h.rank[b] - h.rank[a] }
	slices.SortFunc(own, newestFirst)
	slices.SortFunc(other, newestFirst)
	return append(own, other...)
}

// Previous returns the nearest release before the current one that offers what
// names its publisher, or nil if there is none. A pre-release counts for a
// pre-release alone.
func (h *History) Previous() *Version {
	previous, _ := h.previous()
	return previous
}

// previous is Previous, and the first version nearer than that of which the
// registry's entry cannot be read, or nil.
func (h *History) previous() (found, unreadable *Version) {
	for _, j := range h.earlier() {
		v := &h.Versions[j]
		switch {
		case !h.counts(v):
		case h.attested(v):
			return v, unreadable
		case v.Offered == RungUnknown && unreadable == nil:
			unreadable = v
		}
	}
	return nil, unreadable
}

// earlier returns those whose publisher the current version's is held against: what
// it is held against itself, and if it names a publisher every other release before
// it, the newest first. A line where nobody did is no place for somebody else; a
// backport that names nobody raises nothing.
func (h *History) earlier() []int {
	if c := h.Current(); c == nil || c.Line == "" || !h.attested(c) {
		return h.before
	}
	out := slices.Clone(h.before)
	for i := range h.Versions {
		if h.Versions[i].Line != "" && h.rank[i] < h.rank[h.current] && !slices.Contains(h.before, i) {
			out = append(out, i)
		}
	}
	slices.SortFunc(out[len(h.before):], func(a, b int) int { return h.rank[b] - h.rank[a] })
	return out
}

// counts reports whether a policy holds the current version against v: many
// packages attest to their pre-releases alone.
func (h *History) counts(v *Version) bool { return !v.Prerelease || h.Versions[h.current].Prerelease }

// Past returns what the versions before the current one say of it, for a policy.
// asked is set if its publisher is asked for: then the report on [History.Previous]
// has been given to [History.Compare].
func (h *History) Past(asked bool) *verify.Past {
	c := h.Current()
	if c == nil {
		return &verify.Past{Problem: "the registry does not list the version among all of the package", Asked: asked}
	}
	p := &verify.Past{Published: c.Newest, Asked: asked}
	if c.Newest.IsZero() {
		p.PublishedProblem = cmp.Or(c.TimeProblem, "the registry does not say when it was published")
	} else if at := signedAt(h.reportOf(c)); at.After(c.Newest) {
		p.Published = at // nothing is published before it was signed, whatever the registry says
	}
	if c.Line == "" {
		p.LossProblem = fmt.Sprintf("%v is no version that can be put in order", c.Version)
		p.PublisherProblem = p.LossProblem
		return p
	}
	p.Loss, p.LossProblem = h.loss(c)
	if asked {
		p.Publisher, p.PublisherProblem = h.publisher(c)
	}
	return p
}

// signedAt is the latest time at which evidence of the release itself was signed,
// as is proven; or zero.
func signedAt(r *verify.Report) (latest time.Time) {
	if r == nil {
		return latest
	}
	for _, art := range r.Artifacts {
		for _, att := range art.Attestations {
			own := att.Kind == verify.KindProvenance || att.Kind == verify.KindPublish // others may be added later
			if own && att.Status == verify.Verified && att.SignedAt.After(latest) {
				latest = att.SignedAt
			}
		}
	}
	return latest
}

func (h *History) loss(c *Version) (found *verify.Finding, problem string) {
	if c.Offered == RungUnknown {
		return nil, "the registry's entry of the version cannot be read: " + c.Problem
	}
	for _, j := range h.before {
		then := &h.Versions[j]
		if !h.counts(then) {
			continue
		}
		if before, now, lost := less(then, c); lost {
			f := lossFinding(then, c, before, now)
			return &f, ""
		}
		if then.Offered == RungUnknown && c.Offered < RungProvenance && problem == "" {
			problem = unreadableEntry(then)
		}
	}
	return nil, problem
}

func unreadableEntry(v *Version) string {
	return fmt.Sprintf("the registry's entry of %v before it cannot be read: %s", v.Version, v.Problem)
}

func (h *History) publisher(c *Version) (found *verify.Finding, problem string) {
	previous, unreadable := h.previous()
	switch {
	case unreadable != nil:
		return nil, unreadableEntry(unreadable)
	case previous == nil:
		return nil, "" // nobody published before
	}
	then, now := h.known[previous.Version], h.reportOf(c)
	change, _ := CompareReleases(then, now)
	switch {
	case h.unverified(previous) != "":
		return nil, h.unverified(previous)
	case change == PublisherUnknown:
		return nil, fmt.Sprintf("its publisher could not be compared with that of %v, the release before it", previous.Version)
	case change.Changed(), change == PublisherNone && len(publishers(then)) > 0:
		f, _ := publisherFinding(previous.Version, change, then, now)
		return &f, ""
	}
	return nil, ""
}

// unverified returns why the evidence of the release before does not verify, or
// could not be checked; "" if it does, or nobody tried.
func (h *History) unverified(previous *Version) string {
	if previous == nil {
		return ""
	}
	r := h.known[previous.Version]
	if r == nil || RungOf(r) != RungUnknown {
		return ""
	}
	return fmt.Sprintf("%v, the release before it, could not be verified: %s", previous.Version, cmp.Or(r.Reason, r.Unverified))
}
