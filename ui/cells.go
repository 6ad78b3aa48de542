package ui

import (
	"fmt"
	"path"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

var columnNames = [layout.Columns]string{
	layout.Status: "status", layout.Package: "package", layout.Version: "version",
	layout.Source: "source", layout.Why: "why", layout.Expected: "expected", layout.SLSA: "slsa",
	layout.Publisher: "publisher", layout.Workflow: "workflow", layout.Runner: "runner",
}

// columnName is the heading of a column, which the attestations of a file have
// another for.
func (e *env) columnName(c layout.Column) string {
	if name, ok := map[layout.Column]string{layout.Package: "in the file", layout.Version: "kind"}[c]; ok && e.file {
		return name
	}
	if c == layout.Status && e.review != nil {
		return "verdict"
	}
	return columnNames[c]
}

// witnesses says who speaks in a column.
var witnesses = [layout.Columns]string{
	layout.Source: ", proven", layout.Expected: " (spec)", layout.Workflow: " (certificate)",
}

var setNames = [layout.Sets]string{layout.Fitting: "fitting", layout.Few: "few", layout.Many: "many"}

// describe returns the texts of a row for a theme.
func describe(th *theme.Theme) store.Describe {
	return func(spec catalog.Spec, report *verify.Report) store.Texts {
		name := spec.Package
		if name == "" { // a spec that could not be read
			name = spec.Server
		}
		label := string(spec.Protocol) + "/" + string(name)
		if spec.Protocol == "" { // a file of evidence
			label = string(name)
		}
		absent := th.Glyph(theme.GlyphAbsent)
		texts := store.Texts{
			layout.Package:  clipName(th, label),
			layout.Version:  clip(th, string(spec.Version)),
			layout.Source:   view.Source(report),
			layout.Why:      view.Why(report),
			layout.Expected: view.Expected(spec),
			layout.SLSA:     absent, layout.Publisher: absent, layout.Workflow: absent, layout.Runner: absent,
		}
		switch {
		case texts[layout.Version] != "":
		case spec.Protocol != "":
			texts[layout.Version] = absent
		case report != nil && len(report.Artifacts) == 1 && len(report.Artifacts[0].Attestations) == 1: // of a file of several
			texts[layout.Version] = report.Artifacts[0].Attestations[0].Kind.String()
		}
		if spec.Err != nil && report == nil {
			texts[layout.Why] = clip(th, "the spec cannot be read: "+spec.Err.Message)
		}
		describePublisher(th, &texts, report)
		return texts
	}
}

// describePublisher writes what the certificate of a package proves; nothing if
// the package did not verify.
func describePublisher(th *theme.Theme, texts *store.Texts, report *verify.Report) {
	p := store.ProvenPublisher(report)
	if p == nil {
		return
	}
	put := func(column layout.Column, text string) {
		if text != "" {
			texts[column] = clip(th, text)
		}
	}
	put(layout.Publisher, p.Kind)
	if p.Workflow != "" {
		put(layout.Workflow, path.Base(string(p.Workflow)))
	}
	put(layout.Runner, string(p.Runner))
	if report.SLSA.Level > 0 {
		texts[layout.SLSA] = fmt.Sprintf("L%d", report.SLSA.Level)
	}
}

// maxText is how many bytes of a text from outside are kept for one line. No
// screen is as wide.
const maxText = 2048

// clip cleans a text from outside and bounds it.
func clip(th *theme.Theme, s string) string { return clipWith(th.Text, s) }

// clipName is clip for a name: what can be taken for another shows escapes.
func clipName(th *theme.Theme, s string) string { return clipWith(th.Name, s) }

func clipWith(clean func(string) string, s string) string {
	if len(s) <= maxText {
		return clean(s)
	}
	return clean(untrusted.Cut(s, maxText)) + theme.Ellipsis
}
