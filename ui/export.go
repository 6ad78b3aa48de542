package ui

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	reports "plimsoll/ui/report"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// maxFileName bounds what is typed for the name of a file, in characters.
const maxFileName = 500

// format is a form of a file, chosen by the extension of its name.
type format struct {
	name  string
	write func(*bytes.Buffer, *export) error
}

var formats = map[string]format{
	".json": {"JSON", func(b *bytes.Buffer, x *export) error {
		if x.review != nil {
			return x.reviewed().WriteJSON(b, false)
		}
		if x.single {
			return reports.WriteJSON(b, x.packages[0])
		}
		return reports.WriteCatalogJSON(b, x.packages, x.trust(), x.now)
	}},
	".md": {"Markdown", func(b *bytes.Buffer, x *export) error {
		if x.review != nil {
			return x.reviewed().WriteMarkdown(b)
		}
		return reports.WriteMarkdown(b, x.packages, verify.Pending, x.trust(), x.now)
	}},
	".csv": {"CSV", func(b *bytes.Buffer, x *export) error {
		if x.review != nil {
			return errors.New("a review has no table that CSV could hold: .json or .md")
		}
		return reports.WriteCSV(b, x.packages, verify.Pending)
	}},
}

// formatOf returns the form of a file by its name.
func formatOf(name string) (f format, ok bool) {
	f, ok = formats[strings.ToLower(filepath.Ext(strings.TrimSpace(name)))]
	return f, ok
}

// export is a file to be written.
type export struct {
	name      string
	packages  []reports.Package
	single    bool           // one package, not a table that has one row
	review    *review.Review // what is written in place of packages, or nil
	overwrite bool
	trust     func() reports.Trust
	now       time.Time
}

// reviewed is the review as the reports take it.
func (x *export) reviewed() reports.Review {
	return reports.Review{Review: x.review, Trust: x.trust(), Generated: x.now}
}

// what is how much is written.
func (x *export) what() string {
	if x.review != nil {
		return "the review of " + untrusted.Plural(len(x.review.Changes), "change")
	}
	return untrusted.Plural(len(x.packages), "package")
}

// exportPrompt asks for the name of the file.
type exportPrompt struct {
	input
	export export
}

// exportShown asks where to write the packages that the table shows.
func exportShown(e *env) action {
	x := export{}
	for _, id := range e.store.Window(0, e.store.Shown()) {
		x.packages = append(x.packages, packageOf(e.store.Row(id)))
	}
	return covers(newExportPrompt("plimsoll.json", x))
}

// exportReview asks where to write the review.
func exportReview(r *reviewing) action {
	return covers(newExportPrompt("review.md", export{review: r.latest}))
}

// exportRow asks where to write one package.
func exportRow(row *store.Row) action {
	name := fileName(string(row.Spec.Package+"-"+row.Spec.Version)) + ".json"
	return covers(newExportPrompt(name, export{packages: []reports.Package{packageOf(row)}, single: true}))
}

func newExportPrompt(name string, x export) *exportPrompt {
	return &exportPrompt{newInput("write to: ", name, maxFileName), x}
}

// fileName makes a name that no shell and no file system minds.
func fileName(s string) string {
	parts := strings.FieldsFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '.' || r == '_')
	})
	name := strings.Trim(strings.Join(parts, "-"), ".-")
	if name == "" {
		return "package"
	}
	return name[:min(len(name), 100)]
}

func (p *exportPrompt) key(e *env, _ layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch msg.Type {
	case tea.KeyEsc:
		return says("nothing was written"), false
	case tea.KeyEnter:
		name := strings.TrimSpace(p.value())
		if _, ok := formatOf(name); !ok {
			return says("the name must end in .json, .md or .csv: the ending says in which form it is written"), true
		}
		x := p.export
		x.name = name
		return func(m *Model) tea.Cmd { return m.write(&x) }, false
	}
	p.input.key(msg)
	return nil, true
}

func (p *exportPrompt) footer(e *env, width int) string {
	form, ok := formatOf(p.value())
	if !ok {
		form.name = "ends in .json, .md or .csv"
	}
	short := append(line{{theme.Muted, form.name + "   "}}, hint("enter", "write", "esc", "cancel")...)
	long := append(line{{theme.Muted, p.export.what() + ", "}}, short...)
	return p.line(e.theme, width, long, short, short[:1], nil)
}

// write writes a file.
func (m *Model) write(x *export) tea.Cmd {
	x.trust, x.now = m.options.Evidence, m.options.Now()
	write := m.options.Export
	return func() tea.Msg {
		var b bytes.Buffer
		form, _ := formatOf(x.name)
		if err := form.write(&b, x); err != nil {
			return says("not written: " + untrusted.Message(err))
		}
		err := write(x.name, b.Bytes(), x.overwrite)
		return action(func(m *Model) tea.Cmd {
			m.written(x, b.Len(), err)
			return nil
		})
	}
}

// written says what became of a file.
func (m *Model) written(x *export, size int, err error) {
	name := clip(m.theme, x.name)
	switch {
	case errors.Is(err, fs.ErrExist) && !x.overwrite && m.overlay == nil:
		replace := *x
		replace.overwrite = true
		m.overlay = &confirm{question: name + " exists. Overwrite it?", word: "overwrite",
			yes: func(m *Model) tea.Cmd { return m.write(&replace) }}
	case err != nil:
		m.say("not written: " + untrusted.Message(err))
	default:
		m.say(fmt.Sprintf("wrote %s to %s (%d bytes)", x.what(), name, size))
	}
}
