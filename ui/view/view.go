// Package view turns values into text. [Doc] lays out every text that is not a
// table of the screen: the seven tabs of a package and its preview, the pages
// of the screen, and what the commands print. Beside it stand the words for the
// cells of a table. Every function is pure; the same report at the same width
// gives the same lines.
//
// Three rules hold for every line that leaves this package. It is at most
// [Doc.Width] cells wide. Text from outside has passed untrusted.Clean, so
// the only escape codes in it are the theme's. And a value that no verified
// certificate or log entry vouches for is never drawn as if one did.
package view

import (
	"time"

	"plimsoll/catalog"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// Tab is one tab of the package screen.
type Tab int

// The tabs, in the order of their keys 0 to 7. Change is there in a review only,
// and drawn by [ChangePage].
const (
	Change Tab = iota - 1
	Overview
	Certificates
	Log
	Publisher
	Statement
	Raw
	History
)

var tabTitles = [...]string{
	Overview: "Overview", Certificates: "Certificates", Log: "Log",
	Publisher: "Publisher", Statement: "Statement", Raw: "Raw", History: "History",
}

// Tabs lists the tabs in the order in which they are shown.
func Tabs() []Tab {
	return []Tab{Overview, Certificates, Log, Publisher, Statement, Raw, History}
}

// Folds reports whether the tab is a tree whose branches can be folded.
func (t Tab) Folds() bool { return t == Statement || t == Raw }

// Title is the tab's name as the tab bar shows it.
func (t Tab) Title() string {
	if t == Change {
		return "Change"
	}
	if t < 0 || int(t) >= len(tabTitles) {
		return ""
	}
	return tabTitles[t]
}

// Input is what a tab is rendered from.
type Input struct {
	Spec   catalog.Spec
	Report *verify.Report // nil: not checked yet
	// Dossier is what there is to look at, or nil if it is not here: then
	// Certificates, Log, Statement and Raw have nothing to show.
	Dossier *verify.Dossier
	Width   int  // cells; less than 1 gives no lines
	Wrap    bool // show long values whole, on several lines, instead of cutting them
	Values  bool // collect the values of the tab as well
	Past    Past // for History
	// Problem says why the dossier cannot be fetched, cleaned; "" while it is being
	// made.
	Problem string
	Said    Said // for Preview
	// Now is set if evidence comes from a cache or a recording: then every
	// piece of it says how old it is.
	Now time.Time
}

// Render draws one tab, each line at most in.Width cells. A package that is
// not checked yet gives a tab that says so.
func Render(t Tab, in Input, th *theme.Theme) Page {
	if in.Width < 1 {
		return Page{}
	}
	if in.Dossier != nil && in.Report != nil { // its bundles are those of its own artifacts
		report := *in.Report
		report.Artifacts = in.Dossier.Artifacts
		in.Report = &report
	}
	p := newPage(in, th)
	p.tab, p.outline.wanted, p.values.wanted = t, t.Folds(), in.Values
	if in.Report != nil {
		p.number(in.Report)
	}
	if p.pending(in) {
		return p.done()
	}
	if in.Dossier == nil && NeedsDossier(in.Report) && !p.evidence(t, in) {
		return p.done()
	}
	if t != Overview && t != History {
		p.notVerified(in.Report)
	}
	if p.saved && t != History {
		p.savedTab(t, in)
		return p.done()
	}
	switch t {
	case Certificates:
		p.certificates(in)
	case Log:
		p.logs(in)
	case Publisher:
		p.publisher(in)
	case Statement:
		p.statements(in)
	case Raw:
		p.raw(in)
	case History:
		p.history(in)
	default:
		p.overview(in)
	}
	return p.done()
}

// NeedsDossier reports whether there is more to look at of a report than it
// holds.
func NeedsDossier(r *verify.Report) bool { return !r.ReadBack && len(r.Artifacts) > 0 }

// evidence says why the evidence of a report is not here. It is false if the
// tab would have nothing to show.
func (p *Doc) evidence(t Tab, in Input) bool {
	glyph, _ := p.Theme.Status(verify.Unchecked)
	if in.Problem != "" {
		p.Flow(Span{theme.Warn, glyph + " "}, Span{theme.Strong, "The evidence could not be read again; the verdict is that of the last check."})
		p.Item(theme.Plain, Sentence(in.Problem))
		p.Blank()
	}
	switch t {
	case Certificates, Log, Statement, Raw:
		if in.Problem == "" {
			p.Flow(muted(glyph+" "), plain("The evidence is being read and verified again…"))
		}
		return false
	}
	return true
}

// pending says so if a package was not checked yet, or cannot be.
func (p *Doc) pending(in Input) bool {
	if in.Report != nil && in.Report.Status != verify.Pending {
		return false
	}
	if e := in.Spec.Err; e != nil {
		glyph, token := p.Theme.Status(verify.Unchecked)
		p.Flow(Span{token, glyph + " "}, Span{theme.Strong, "The spec cannot be read, so nothing can be checked."})
		p.Item(theme.Plain, p.clean(e.Error(), maxValue))
		return true
	}
	glyph, token := p.Theme.Status(verify.Pending)
	if in.Spec.Protocol == "" { // a file of evidence
		p.Flow(Span{token, glyph + " "}, Span{theme.Strong, "Not checked yet."})
		p.field("file", in.Spec.Package)
		return true
	}
	p.Flow(Span{token, glyph + " "}, Span{theme.Strong, "Not checked yet."})
	p.Item(theme.Muted, "Nothing is known about where this package comes from. What the spec expects:")
	p.Field("package", plain(p.packageName(in)))
	p.field("source", in.Spec.Provenance.RepositoryURI)
	if a := in.Spec.Provenance.Attestations; a != nil && a.Publisher != nil {
		p.optional(named{"publisher", a.Publisher.Repository}, named{"workflow", a.Publisher.Workflow})
	}
	return true
}
