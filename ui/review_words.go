package ui

import (
	"slices"
	"strconv"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// describe returns the texts of a change's row.
func (r *reviewing) describe(of store.Describe) store.Describe {
	return func(spec catalog.Spec, report *verify.Report) store.Texts {
		texts := of(spec, report)
		c := r.byPath[spec.Path]
		if c == nil {
			return texts
		}
		verdict := verdictOf(c)
		alarm := "b"
		if warned(c) {
			alarm = "a"
		}
		texts[layout.Status] = strconv.Itoa(slices.Index(verdictOrder, verdict)) + alarm + " " + verdict + " " + c.Kind.String()
		texts[layout.Version] = view.ChangeVersions(r.env.theme, c)
		texts[layout.Why] = ""
		if c.Judged() {
			texts[layout.Why] = clip(r.env.theme, view.BriefChange(c.Summary()))
			if c.Verdict == verify.VerdictUnchecked && report != nil && report.Unverified != "" { // the notice says why
				texts[layout.Why] = view.Why(report)
			}
			if warned(c) {
				texts[layout.Why] += "; " + clip(r.env.theme, c.Findings[slices.IndexFunc(c.Findings, warns)].Message)
			}
		}
		if c.Kind != review.Bumped {
			texts[layout.Version] = c.Kind.String() + " " + texts[layout.Version]
		}
		return texts
	}
}

// questions are what the presets ask of the changes.
func (r *reviewing) questions() []store.Question {
	verdict := func(name string) func(*store.Row) bool {
		return func(row *store.Row) bool { c := r.change(row); return c != nil && verdictOf(c) == name }
	}
	return []store.Question{
		{Name: "failing", Holds: verdict("fail")},
		{Name: "could not be checked", Holds: verdict("unchecked")},
		{Name: "with warnings", Holds: func(row *store.Row) bool { c := r.change(row); return c != nil && warned(c) }},
		{Name: "passing", Holds: verdict("pass")},
	}
}

// warned reports whether a change passes with a warning that no decision waives.
func warned(c *review.Change) bool {
	return c.Verdict == verify.VerdictPass && slices.ContainsFunc(c.Findings, warns)
}

func warns(f verify.Finding) bool { return f.Severity == verify.Warning && !f.Waived() }

// verdictOrder lists the verdicts of changes, the worst first.
var verdictOrder = []string{"fail", "unchecked", "pending", "pass"}

func verdictOf(c *review.Change) string {
	if !c.Judged() {
		return verify.Pending.String()
	}
	return c.Verdict.String()
}

// summary says in one sentence what the review brought.
func (r *reviewing) summary() string {
	if len(r.latest.Changes) == 0 {
		return "nothing differs"
	}
	text := "reviewed " + untrusted.Plural(len(r.latest.Changes), "change")
	var bad []string
	for _, t := range r.tally {
		if t.verdict != "pass" {
			bad = append(bad, strconv.Itoa(t.n)+" "+t.verdict)
		}
	}
	if len(bad) > 0 {
		text += ": " + strings.Join(bad, ", ")
	}
	return text
}

// verdictCount is how many changes have a verdict, and the style of all of them;
// if they do not have the same, none.
type verdictCount struct {
	verdict string
	n       int
	shown   view.Span
}

// count counts the changes by their verdict, the worst first.
func (r *reviewing) count() {
	counts := map[string]*verdictCount{}
	for i := range r.latest.Changes {
		c := &r.latest.Changes[i]
		verdict, shown := verdictOf(c), view.Verdict(r.env.theme, c)
		t := counts[verdict]
		if t == nil {
			t = &verdictCount{verdict: verdict, shown: shown}
			counts[verdict] = t
		}
		if t.n++; t.shown != shown {
			t.shown = view.Span{Text: "  " + verdict}
		}
	}
	r.tally = nil
	for _, verdict := range verdictOrder {
		if t := counts[verdict]; t != nil {
			r.tally = append(r.tally, *t)
		}
	}
}

// revision writes a commit short.
func revision(th *theme.Theme, name string) string {
	switch name {
	case review.WorkTree:
		return "the files in the folder"
	case "":
		return "unknown"
	}
	return clip(th, untrusted.Cut(name, 12))
}
