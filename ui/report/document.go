package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/document"
)

// Documented is what became of the spec of one package.
type Documented struct {
	Package
	Plan    document.Plan
	Diff    string // of the spec's file, or "" if nothing changes
	Err     error  // why the changes could not be made, or not be written
	Written bool
}

// Documents is what became of the specs of a catalog.
type Documents struct {
	Specs []Documented
	Check bool // a spec that does not say what is proven makes the run fail
	Write bool // the changes were to be written
}

// ExitCode returns the exit code of the run: that of the packages as they stand
// now, and with Check, [ExitFailed] if any spec should say something else.
// Changes that should have been written and were not are [ExitUnchecked].
func (d Documents) ExitCode() int {
	rest := d.packages()
	code := ExitOK
	if len(rest) > 0 {
		code = ExitCode(rest, verify.Pending)
	}
	for i := range d.Specs {
		s := &d.Specs[i]
		switch {
		case d.Check && (s.Diff != "" || s.Err != nil || len(s.Plan.Left) > 0):
			code = Worst(code, ExitFailed)
		case d.Write && s.Err != nil:
			code = Worst(code, ExitUnchecked)
		}
	}
	return code
}

// packages are those whose report is about their spec as it is now.
func (d Documents) packages() []Package {
	var out []Package
	for i := range d.Specs {
		if !d.Specs[i].Written {
			out = append(out, d.Specs[i].Package)
		}
	}
	return out
}

// Documents writes the changes of each spec as a diff, then what is left to
// people, then the counts.
func (t Text) Documents(w io.Writer, docs Documents, trust Trust) error {
	d := view.NewDoc(t.Theme, 0)
	var rest []Package
	for i := range docs.Specs {
		s := &docs.Specs[i]
		if s.Diff != "" {
			t.diff(d, s)
		}
		if !s.Written && !s.Plan.OtherPublisher {
			rest = append(rest, s.Package)
		}
	}
	for i := range docs.Specs {
		t.left(d, &docs.Specs[i])
	}
	t.unwritten(d, docs.Specs)
	t.problems(d, rest)
	t.noRoot(d, rest)
	t.decisions(d, docs.packages())
	d.Blank()
	d.Row(plain(docs.counts()))
	rests(d, trust.overAll(docs.packages()), false)
	return d.Write(w)
}

func (t Text) diff(d *view.Doc, s *Documented) {
	d.Row(plain(d.Text(s.Spec.Path) + ": " + s.Plan.Text()))
	for line := range strings.SplitSeq(strings.TrimSuffix(s.Diff, "\n"), "\n") {
		d.Row(view.Span{Token: view.DiffToken(line), Text: t.Theme.Name(line)})
	}
	d.Blank()
}

// left tells what of a spec was not brought up to what is proven.
func (t Text) left(d *view.Doc, s *Documented) {
	row := func(severity verify.Severity, text string) {
		glyph, token := t.Theme.Severity(severity)
		d.Row(view.Span{Token: token, Text: glyph}, plain(" "+d.Text(s.Spec.Path)+": "+text))
	}
	if s.Err != nil {
		row(verify.SeverityError, s.Plan.Text()+" not changed: "+untrusted.Message(s.Err))
	}
	if s.Plan.OtherPublisher && !s.passes(verify.Pending) {
		_, why := s.judge(verify.Pending)
		row(verify.SeverityError, why)
	}
	for _, f := range s.Plan.Left {
		row(f.Severity, fmt.Sprintf("%s: expected %s, found %s", f.Message, f.Expected, f.Observed))
	}
}

// unwritten names the specs of which nothing may be written, under why. What fails
// is named among the problems.
func (t Text) unwritten(d *view.Doc, specs []Documented) {
	var reasons []string
	of := map[string][][]view.Span{}
	for i := range specs {
		s := &specs[i]
		if s.Plan.Why == "" || s.Plan.OtherPublisher || t.fails(s.Package) {
			continue
		}
		if of[s.Plan.Why] == nil {
			reasons = append(reasons, s.Plan.Why)
		}
		of[s.Plan.Why] = append(of[s.Plan.Why], []view.Span{t.verdict(s.Package), plain(d.Text(s.Spec.Path))})
	}
	for _, why := range reasons {
		d.Blank()
		d.Row(plain("nothing may be written: " + why))
		d.Table(of[why]...)
	}
}

// counts is "44 specs: 2 to be written, 5 up to date, 37 of which
// nothing may be written; 9 refs to be mended by hand, …".
func (d Documents) counts() string {
	changed, failed, other, proven, left := 0, 0, 0, 0, 0
	for i := range d.Specs {
		s := &d.Specs[i]
		switch {
		case s.Err != nil:
			failed++
		case s.Diff != "":
			changed++
		case s.Plan.OtherPublisher:
			other++
		case s.Plan.Proven:
			proven++
		}
		left += len(s.Plan.Left)
	}
	done := "would be written by --write"
	if d.Write {
		done = "written"
	}
	parts := []string{fmt.Sprintf("%d %s", changed, done), fmt.Sprintf("%d not changed", failed),
		fmt.Sprintf("%d with another publisher, written only by --allow-publisher-change", other), fmt.Sprintf("%d up to date", proven),
		fmt.Sprintf("%d of which nothing may be written", len(d.Specs)-changed-failed-other-proven)}
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.HasPrefix(s, "0 ") })
	text := untrusted.Plural(len(d.Specs), "spec") + ": " + strings.Join(parts, ", ")
	if left > 0 {
		text += "; " + untrusted.Plural(left, "ref") + " to be mended by hand, since nothing proves the right one"
	}
	return text
}
