package report

import (
	"cmp"
	"io"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

const reviewSchema = "plimsoll/review/v1"

// reviewDocument is the JSON of a review.
type reviewDocument struct {
	Schema    string           `json:"schema"`
	Base      string           `json:"base"` // full name of the commit
	Head      string           `json:"head"` // likewise, or "worktree"
	Generated time.Time        `json:"generated"`
	Trust     Trust            `json:"trust"`
	Verdict   string           `json:"verdict"` // of the whole
	Summary   reviewSummary    `json:"summary"`
	Findings  []verify.Finding `json:"findings"` // about the change as a whole
	Changes   []changeDocument `json:"changes"`
}

// reviewSummary counts the changes. Every verdict is there, and every kind.
type reviewSummary struct {
	Total     int            `json:"total"`
	ByVerdict map[string]int `json:"by_verdict"`
	ByKind    map[string]int `json:"by_kind"`
}

// changeDocument is the JSON of one change.
type changeDocument struct {
	Spec       untrusted.Text   `json:"spec"`
	From       untrusted.Text   `json:"from,omitempty"` // its path before, if the folder was renamed
	Kind       string           `json:"kind"`
	Before     *sideDocument    `json:"before"` // null if the spec was added
	After      *sideDocument    `json:"after"`  // null if it was removed
	Publisher  string           `json:"publisher"`
	Evidence   string           `json:"evidence"`
	CompareURL string           `json:"compare_url"` // the commits between the two, or ""
	Findings   []verify.Finding `json:"findings"`    // what the change brings
	Decisions  []verify.Finding `json:"decisions"`   // every finding of the head about which people decided, old or new
	Verdict    string           `json:"verdict"`
	Reason     string           `json:"reason"` // why it does not pass, in one sentence; "" if it does
}

// sideDocument is one side of a change; Report is the whole of it.
type sideDocument struct {
	Package untrusted.Text `json:"package"`
	Version untrusted.Text `json:"version"`
	Status  verify.Status  `json:"status"`
	Report  *Package       `json:"report,omitempty"`
}

// WriteJSON writes a review as indented JSON. If whole is set it has both sides
// of every change as [WriteJSON] writes a package.
func (r Review) WriteJSON(w io.Writer, whole bool) error {
	d := reviewDocument{
		Schema: reviewSchema, Base: r.Base, Head: r.Head, Generated: r.Generated, Trust: r.rests(),
		Verdict: r.Verdict().String(), Summary: r.summary(), Findings: r.Findings,
	}
	for i := range r.Changes {
		c := &r.Changes[i]
		d.Changes = append(d.Changes, changeDocument{
			Spec: c.Path, From: c.From, Kind: c.Kind.String(), Before: documentOf(c.Before, whole), After: documentOf(c.After, whole),
			Publisher: c.Publisher.Name(), Evidence: c.Evidence.String(), CompareURL: links.Commits(c),
			Findings: c.Findings, Decisions: honoured(c), Verdict: c.Verdict.String(), Reason: c.Why,
		})
	}
	return write(w, d)
}

func documentOf(s *review.Side, whole bool) *sideDocument {
	if s == nil {
		return nil
	}
	report := cmp.Or(s.Report, &verify.Report{})
	d := &sideDocument{Package: s.Spec.Package, Version: s.Spec.Version, Status: report.Status}
	if whole {
		d.Report = &Package{s.Spec, *report}
	}
	return d
}

func (r Review) summary() reviewSummary {
	s := reviewSummary{Total: len(r.Changes), ByVerdict: map[string]int{}, ByKind: map[string]int{}}
	for v := range verify.VerdictFail + 1 {
		s.ByVerdict[v.String()] = 0
	}
	for k := review.Added; k <= review.Replaced; k++ {
		s.ByKind[k.String()] = 0
	}
	for _, c := range r.Changes {
		s.ByVerdict[c.Verdict.String()]++
		s.ByKind[c.Kind.String()]++
	}
	return s
}
