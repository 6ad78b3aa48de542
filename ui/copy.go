package ui

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	reports "plimsoll/ui/report"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// copying is something to copy: the value as it was received, never its cleaned
// form.
type copying struct {
	what string // "the digest"
	text string
	ours bool   // made by us, and may have several lines
	why  string // why it is copied if that was not what was asked for
}

// copy puts a value on the clipboards, unless that could act on whatever it is
// pasted into.
func (m *Model) copy(c *copying) tea.Cmd {
	if why := c.refused(); why != "" {
		m.say("not copied: " + why)
		return nil
	}
	ctx, console, clipboard := m.ctx, m.console, m.options.Clipboard
	return func() tea.Msg {
		terminal := console.copy(c.text)
		system := errNoClipboard
		if clipboard != nil {
			system = clipboard(ctx, c.text)
		}
		return says(strings.TrimPrefix(c.why+"; "+c.outcome(terminal, system), "; "))
	}
}

var errNoClipboard = errors.New("no clipboard here besides the terminal's")

// refused returns why a value must not be copied, or "" if it may be.
func (c *copying) refused() string {
	if c.text == "" {
		return c.what + " is empty"
	}
	if c.ours {
		return ""
	}
	if !utf8.ValidString(c.text) {
		return c.what + " holds bytes that are no text"
	}
	for _, r := range c.text {
		if unicode.IsControl(r) {
			return fmt.Sprintf("%s holds the control character %s, which would act where it is pasted", c.what, untrusted.Clean(string(r)))
		}
	}
	return ""
}

// outcome says what became of a copy. terminal and system are the errors of
// the two clipboards.
func (c *copying) outcome(terminal, system error) string {
	hidden := ""
	if !c.ours && untrusted.Clean(c.text) != c.text {
		hidden = "; it holds characters that cannot be seen"
	}
	switch {
	case terminal == nil || system == nil && !errors.Is(terminal, errTooLarge):
		return "copied " + c.what + hidden
	case system == nil:
		return "copied " + c.what + " to the system's clipboard; it is " + terminal.Error() + hidden
	case errors.Is(terminal, errTooLarge):
		return fmt.Sprintf("not copied: %s has %d bytes, %v; %s", c.what, len(c.text), terminal, untrusted.Message(system))
	default:
		return "not copied: " + untrusted.Message(terminal) + "; " + untrusted.Message(system)
	}
}

// copyMenu offers the values of a package that are wanted most, and the way to
// all others of the tab.
func copyMenu(e *env, row *store.Row, tab view.Tab) *menu {
	value := func(key, what, text, why string) item {
		it := item{key: key, label: what, value: clipOr(e.theme, text), why: why}
		if text != "" {
			it.why = ""
		}
		it.do = copies(&copying{what: "the " + what, text: text})
		return it
	}
	r := row.Report
	link, kind := chiefLink(r)
	if of := e.review.link(row); of != "" {
		link, kind = of, commits
	}
	items := []item{
		value("n", "name", string(row.Spec.Package), "the spec names no package"),
		value("v", "name and version", nameVersion(*row.Spec), "the spec names no version"),
		value("d", "digest", digest(r), "the registry gave none"),
		value("p", "publisher", publisher(r), "nothing proves one"),
		value("l", "log index", logIndex(r), "no log entry that verified has a signed index"),
		value("u", "link to the "+kind, link, "nothing that is proven can be linked"),
		{key: "j", label: "JSON of the package", value: "the report, as with --json", why: unchecked(r),
			do: func(m *Model) tea.Cmd { return m.copyDocument(row) }},
		{key: "y", label: "a value of this tab…", value: tab.Title(),
			do: func(m *Model) tea.Cmd { return m.do(covers(valueList(m.here(), row, tab))) }},
	}
	if row.Spec.Protocol == catalog.Go {
		items = slices.Insert(items, 2, value("i", "command that installs it", goInstall(row),
			"its evidence does not verify, or its name is none of Go's"))
	}
	return newMenu("Copy: "+row.Release(), "copy", items)
}

// goInstall is the command that installs the package, if its evidence holds. Paths and
// versions of Go have no letter that means something to a shell.
func goInstall(row *store.Row) string {
	path, version := string(row.Spec.Package), string(row.Spec.Version)
	if row.Report == nil || !row.Report.Status.Meets(verify.None) || module.CheckImportPath(path) != nil || !semver.IsValid(version) {
		return ""
	}
	return "go install " + path + "@" + version
}

// clipOr is clip, with a sign for nothing.
func clipOr(th *theme.Theme, s string) string {
	if s == "" {
		return th.Glyph(theme.GlyphAbsent)
	}
	return clip(th, s)
}

func unchecked(r *verify.Report) string {
	if r == nil {
		return "the package has not been checked yet"
	}
	return ""
}

// nameVersion is what the protocol's own tools take on the command line.
func nameVersion(s catalog.Spec) string {
	switch {
	case s.Package == "" || s.Version == "":
		return ""
	case s.Protocol == catalog.UVX:
		return string(s.Package) + "==" + string(s.Version)
	default:
		return string(s.Package) + "@" + string(s.Version)
	}
}

// digest is that of the first file that has one.
func digest(r *verify.Report) string {
	if r != nil {
		for i := range r.Artifacts {
			if d := r.Artifacts[i].Hash(); d != "" {
				return d
			}
		}
	}
	return ""
}

// publisher is who is proven to have published.
func publisher(r *verify.Report) string {
	if r == nil || r.Publisher == nil {
		return ""
	}
	for _, t := range []untrusted.Text{r.Publisher.Repository, r.Publisher.Email, r.Publisher.Signer} {
		if t != "" {
			return string(t)
		}
	}
	return ""
}

// logIndex is the global index of a verified attestation's entry, if the log
// signed it: of the first provenance, else of what only the registry says; the number
// of a Go module's record.
func logIndex(r *verify.Report) (found string) {
	if r == nil {
		return ""
	}
	for i := range r.Artifacts {
		if record := r.Artifacts[i].Record; record != nil && record.Status == verify.Signed {
			return strconv.FormatInt(record.Number, 10)
		}
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if !a.Status.Holds() || len(a.Log) == 0 || !a.Log[0].IndexSigned {
				continue
			}
			index := strconv.FormatInt(a.Log[0].Index, 10)
			if a.Kind == verify.KindProvenance {
				return index
			}
			if found == "" {
				found = index
			}
		}
	}
	return found
}

// chiefLink is the link that matters most, and what it shows.
func chiefLink(r *verify.Report) (address, what string) {
	if all := links.Of(r); len(all) > 0 {
		return all[0].URL, all[0].Kind.String()
	}
	return "", links.Source.String()
}

// commits is what the link of a change shows.
const commits = "commits between both releases"

// copyLink copies the link that matters most.
func copyLink(e *env, row *store.Row) action {
	if link := e.review.link(row); link != "" {
		return copies(&copying{what: "the link to the " + commits, text: link})
	}
	link, what := chiefLink(row.Report)
	return copies(&copying{what: "the link to the " + what, text: link})
}

func (m *Model) copyDocument(row *store.Row) tea.Cmd {
	var b bytes.Buffer
	if err := reports.WriteJSON(&b, packageOf(row)); err != nil {
		m.say("not copied: " + untrusted.Message(err))
		return nil
	}
	return m.copy(&copying{what: "the JSON of " + row.Name(), text: b.String(), ours: true})
}

// packageOf is a row as the reports take it.
func packageOf(row *store.Row) reports.Package {
	p := reports.Package{Spec: *row.Spec}
	if row.Report != nil {
		p.Report = *row.Report
	}
	return p
}

// valueList offers every value of a tab.
func valueList(e *env, row *store.Row, tab view.Tab) *menu {
	const width = 80 // values are collected whole, however wide the tab is drawn
	if tab == view.Change {
		in := e.review.page(row, width)
		in.Values = true
		return valuesMenu(e, row, tab, view.ChangePage(in, e.theme).Values)
	}
	dossier, problem := e.dossier(row)
	in := view.Input{Spec: *row.Spec, Report: row.Report, Dossier: dossier, Problem: problem, Width: width, Values: true, Past: e.history(row)}
	return valuesMenu(e, row, tab, view.Render(tab, in, e.theme).Values)
}

func valuesMenu(e *env, row *store.Row, tab view.Tab, values []view.Value) *menu {
	var items []item
	for _, v := range values {
		text := string(v.Raw)
		shown, _, more := strings.Cut(strings.TrimRight(text, "\n"), "\n")
		shown = clip(e.theme, shown)
		if more {
			shown += theme.Ellipsis
		}
		items = append(items, item{label: v.Label, value: shown,
			do: copies(&copying{what: "the value of " + v.Label, text: text})})
	}
	return newMenu("Copy a value of "+tab.Title()+": "+row.Name(), "copy", items)
}
