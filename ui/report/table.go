package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Widths, in cells, beyond which the table cuts a cell. Real names are far
// shorter; one hostile name must not push the other columns away.
const (
	maxPackageCells = 64
	maxVersionCells = 24
	maxSourceCells  = 72
)

// Text writes results for people. Its lines are not broken, since they may go to a
// log, or be searched; but those of a table if Width says so.
type Text struct {
	Theme *theme.Theme
	// Width is that of the terminal to which a table goes, in cells, or 0: its rows are
	// cut, its sentences broken.
	Width int
	// Verbose adds every check with its result and reason to a package.
	Verbose bool
	// Now is set if evidence comes from a cache or a recording: it is then said
	// how old it is.
	Now time.Time
	// Require is that of [ExitCode].
	Require verify.Status
}

func plain(s string) view.Span { return view.Span{Text: s} }
func muted(s string) view.Span { return view.Span{Token: theme.Muted, Text: s} }

// Table writes one row a package in their order, then one sentence for each
// package that has something wrong, then the counts.
func (t Text) Table(w io.Writer, packages []Package, trust Trust) error {
	d := view.NewDoc(t.Theme, t.Width)
	d.Spill(w)
	if readBack(packages) {
		d.Para(theme.Warn, notNow)
		d.Blank()
	}
	d.TableOf(func(yield func([]view.Span) bool) {
		head := []view.Span{muted("  STATUS"), muted(""), muted("PACKAGE"), muted("VERSION"), muted("SOURCE, proven"), muted("EXPECTED (spec)")}
		if !yield(head) {
			return
		}
		for _, p := range packages {
			if !yield(t.row(d, p)) {
				return
			}
		}
	})
	t.problems(d, packages)
	t.warnings(d, packages)
	t.historyFindings(d, packages)
	t.noRoot(d, packages)
	t.decisions(d, packages)
	d.Blank()
	t.conclude(d, packages, trust)
	return d.Write(w)
}

// conclude adds the counts, and what the verdicts rest on.
func (t Text) conclude(d *view.Doc, packages []Package, trust Trust) {
	t.summary(d, packages)
	d.Row(plain(verdicts(packages, t.Require)))
	if slices.ContainsFunc(packages, func(p Package) bool { return p.Report.Unverified != "" && p.Report.Unverified == trust.Problem }) {
		trust.Problem = "no trust root" // why was said above
	}
	rests(d, trust.overAll(packages), readBack(packages))
	t.whatToDo(d, packages)
}

// whatToDo names the commands that say what the statuses of packages that fail
// mean, or the rules of the errors beside a good one, and what to do.
func (t Text) whatToDo(d *view.Doc, packages []Package) {
	var commands []string
	for _, s := range verify.Statuses() {
		for _, p := range packages {
			if p.Report.Status != s || p.passes(t.Require) {
				continue
			}
			word := s.String()
			if i := slices.IndexFunc(p.Report.Findings, verify.Finding.Open); i >= 0 && s.Meets(verify.None) {
				word = string(p.Report.Findings[i].Rule)
			}
			command := "plimsoll explain " + word
			if !slices.Contains(commands, command) && len(explain.Find(word)) > 0 { // results that are read back may name any rule
				commands = append(commands, command)
			}
		}
	}
	if len(commands) > 0 {
		d.Flow(muted("what to do: " + strings.Join(commands, ", ")))
	}
}

func (t Text) row(d *view.Doc, p Package) []view.Span {
	cut := func(s string, cells int) view.Span { return plain(theme.Cut(s, cells)) }
	return []view.Span{
		t.verdict(p), t.mark(p),
		cut(t.name(p), maxPackageCells),
		cut(d.Text(p.Spec.Version), maxVersionCells),
		cut(t.value(view.Source(&p.Report)), maxSourceCells),
		cut(t.value(view.Expected(p.Spec)), maxSourceCells),
	}
}

// verdict is the glyph and the word of the status.
func (t Text) verdict(p Package) view.Span {
	glyph, token := view.Status(t.Theme, p.Report.Status, &p.Report, t.Require)
	return view.Span{Token: token, Text: glyph + " " + p.Report.Status.String()}
}

// mark is the worst finding that stands beside the verdict.
func (t Text) mark(p Package) view.Span {
	worst, stands := p.Report.Outstanding()
	if !stands {
		return plain("")
	}
	glyph, token := t.Theme.Severity(worst)
	return view.Span{Token: token, Text: glyph}
}

// maxErrors bounds the other errors that are shown of one package: a release may
// have thousands of files.
const maxErrors = 10

// problems adds a line for each package that makes the exit code other than zero,
// and below it one for each other error, so that a log of a CI run says why
// without a second run. What failed for want of a trust root alone has one line
// together, see noRoot.
func (t Text) problems(d *view.Doc, packages []Package) {
	d.Blank()
	for _, p := range packages {
		if !t.fails(p) {
			continue
		}
		glyph, token := t.Theme.Status(p.Report.Status)
		if p.Report.Status.Meets(verify.None) { // the status is good, an error stands beside it
			glyph, token = t.Theme.Severity(verify.SeverityError)
		}
		_, why := p.judge(t.Require)
		d.Flow(view.Span{Token: token, Text: glyph}, plain(" "), plain(t.name(p)+t.specFile(p, why)+": "+why))
		var others []string
		for _, f := range p.Report.Findings {
			if text := untrusted.Clean(findingText(f)); f.Open() && !repeats(f, why) && !slices.Contains(others, text) {
				others = append(others, text)
			}
		}
		for _, text := range others[:min(len(others), maxErrors)] {
			d.Flow(plain("    "), plain(text))
		}
		if more := len(others) - maxErrors; more > 0 {
			d.Row(plain("    and " + untrusted.Plural(more, "other error")))
		}
	}
}

// specFile is " (npx/NAME/spec.yaml)", what verify-provenance takes, if neither the name
// of the package nor the sentence behind it says it.
func (t Text) specFile(p Package, sentence string) string {
	file := string(p.Spec.Path)
	if name := displayName(p); p.Spec.Named() || file == name || file == name+"/spec.yaml" || strings.HasPrefix(sentence, file) {
		return ""
	}
	return " (" + t.Theme.Name(untrusted.Cut(file, maxName)) + ")"
}

// fails reports whether a package makes the exit code other than zero, and not only
// for want of a trust root.
func (t Text) fails(p Package) bool {
	return !p.passes(t.Require) && (p.Report.Unverified == "" || slices.ContainsFunc(p.Report.Findings, verify.Finding.Open))
}

// warnings adds one line for each package beside whose verdict warnings stand:
// the first, and how many others there are. Those of a history have lines of
// their own.
func (t Text) warnings(d *view.Doc, packages []Package) {
	d.Blank()
	for _, p := range packages {
		p.Report.Findings = slices.DeleteFunc(slices.Clone(p.Report.Findings), ofHistory)
		if worst, stands := p.Report.Outstanding(); stands && worst <= verify.Warning {
			others := -1
			for _, f := range p.Report.Findings {
				if f.Severity == worst && !f.Waived() {
					others++
				}
			}
			more := ""
			if others > 0 {
				more = " (and " + untrusted.Plural(others, "other") + ")"
			}
			d.Flow(t.mark(p), plain(" "), plain(t.name(p)+t.specFile(p, "")+": "+view.Beside(&p.Report)+more))
		}
	}
}

// noRoot says why there was no trust root: one line for all packages that have
// the same reason.
func (t Text) noRoot(d *view.Doc, packages []Package) {
	of := map[string]int{}
	var reasons []string
	for _, p := range packages {
		if why := p.Report.Unverified; why != "" {
			if of[why]++; of[why] == 1 {
				reasons = append(reasons, why)
			}
		}
	}
	for _, why := range reasons {
		d.Blank()
		glyph, token := t.Theme.Status(verify.Unchecked)
		d.Flow(view.Span{Token: token, Text: glyph + " "},
			plain(fmt.Sprintf("no trust root, %s not verified: %s", untrusted.Plural(of[why], "package"), why)))
	}
}

// decisions lists what people decided, and the policy's exceptions.
func (t Text) decisions(d *view.Doc, packages []Package) {
	first := true
	for _, p := range packages {
		for _, f := range decided(p) {
			if first {
				d.Blank()
				d.Row(plain("Decisions:"))
				first = false
			}
			d.Flow(plain(t.name(p) + ": " + d.Text(untrusted.Text(f.Rule)) + ": " + f.Decision))
		}
	}
}

// summary is "41 packages: 17 verified, 5 mismatch", the worst first.
func (t Text) summary(d *view.Doc, packages []Package) {
	statuses := countStatuses(packages)
	proven := 0
	for _, p := range packages {
		if verify.Proven(&p.Report, t.Require) {
			proven++
		}
	}
	line := []view.Span{plain(untrusted.Plural(len(packages), "package"))}
	separator := ": "
	for _, s := range verify.Statuses() {
		if n := statuses[s.String()]; n > 0 {
			glyph, token := t.Theme.Status(s)
			if s == verify.Verified && proven < n {
				token = theme.Plain
			}
			line = append(line, plain(separator), view.Span{Token: token, Text: fmt.Sprintf("%s %d %v", glyph, n, s)})
			separator = ", "
		}
	}
	d.Row(line...)
}

// Rests writes what verdicts of this run rest on, as a catalog's report ends.
func (t Text) Rests(w io.Writer, on Trust, packages []Package) error {
	d := view.NewDoc(t.Theme, 0)
	rests(d, on.overAll(packages), false)
	return d.Write(w)
}

func rests(d *view.Doc, on Trust, readBack bool) {
	text := on.against("", func(s string) string { return s })
	if readBack {
		text = "the file says: " + text
	}
	d.Flow(plain(text))
	notRead(d, on)
	if on.Demo {
		d.Flow(view.Span{Token: theme.Warn, Text: "this is the demo: its evidence is made up and proves nothing outside it"})
	}
}

// notRead says which specs were left out.
func notRead(d *view.Doc, on Trust) {
	if left := on.notRead(); left != "" {
		d.Flow(view.Span{Token: theme.Warn, Text: left})
	}
}

// name is "npx/@scope/name"; a spec that cannot be read goes by its folder.
func (t Text) name(p Package) string { return t.Theme.Name(untrusted.Cut(displayName(p), maxName)) }

const maxName = 8 << 10 // bytes

// value is a cell of package view; "–" stands for no value, in ASCII as well.
func (t Text) value(s string) string {
	if s == "–" {
		return s
	}
	return t.Theme.Text(s)
}
