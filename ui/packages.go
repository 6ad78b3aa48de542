package ui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// packages is the home screen: the table and its preview.
type packages struct {
	state   phase
	failure string // why the catalog could not be loaded, cleaned

	top     int // the first row on the screen
	line    int // the cursor's line on the screen
	version int // of the order that top belongs to
	preview bool
	size    int         // of the preview, see layout.Wish
	tells   int         // see layout.Wish.Table
	need    layout.Need // of the previews since the screen had its shape
	shape   layout.Wish // of which need is known, and the screen's size in Need
	columns layout.Set
	views   []View       // they follow the presets
	first   store.Preset // the first of them
	before  arrangement  // what the view that is on has replaced
	brought arrangement  // and by what
	drawn   memo[previewKey, drawnPreview]
	led     *led // nil unless a page led here
}

// phase decides what is shown if there are no rows.
type phase uint8

const (
	ready phase = iota
	loading
	failed
)

func (p *packages) scope() scope { return onPackages }

func (p *packages) wish() layout.Wish {
	return layout.Wish{Counts: true, Heading: true, Preview: p.preview, Size: p.size, Need: p.need, Table: p.tells}
}

// follow keeps the cursor on the screen. When the rows were re-ordered, the
// row under the cursor keeps its line and the others move around it.
func (p *packages) follow(s *store.Store, h int) {
	place := s.Place()
	if h <= 0 {
		return
	}
	if s.Version() != p.version {
		p.version = s.Version()
		p.top = place - p.line
	}
	p.top = min(max(p.top, place-h+1), place)
	p.top = max(0, min(p.top, s.Shown()-h))
	p.line = max(place-p.top, 0)
}

func (p *packages) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	if delta, ok := movement(e.keys, msg, f.Body.H); ok {
		e.store.Move(delta)
		return nil, true
	}
	switch {
	case key.Matches(msg, e.keys.Open):
		return p.open(e), true
	case key.Matches(msg, e.keys.Back):
		return p.back(e), true
	case key.Matches(msg, e.keys.Recheck):
		return p.recheck(e), true
	case key.Matches(msg, e.keys.RecheckFailed):
		return p.recheckFailed(e), true
	}
	return p.arrange(e, f, msg)
}

// arrange handles the keys that change which rows and columns are shown, and
// in which order.
func (p *packages) arrange(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	switch {
	case key.Matches(msg, e.keys.Filter):
		return covers(newFilterPrompt(e.store)), true
	case key.Matches(msg, e.keys.Preset):
		p.choose(e.store, e.store.NextPreset(1))
	case key.Matches(msg, e.keys.PreviousPreset):
		p.choose(e.store, e.store.NextPreset(-1))
	case key.Matches(msg, e.keys.Sort):
		e.store.SetSort(store.Sort{Column: nextColumn(p.cells(e, f), e.store.Sort().Column)})
	case key.Matches(msg, e.keys.Reverse):
		sort := e.store.Sort()
		sort.Reverse = !sort.Reverse
		e.store.SetSort(sort)
	case key.Matches(msg, e.keys.Mark):
		e.store.ToggleMark()
	case key.Matches(msg, e.keys.Range):
		e.store.ToggleRange()
	case key.Matches(msg, e.keys.MarkAll):
		e.store.ToggleAll()
	case key.Matches(msg, e.keys.Columns):
		p.columns = (p.columns + 1) % layout.Sets
		return says("columns: " + setMeanings[p.columns]), true
	case key.Matches(msg, e.keys.Smaller):
		return p.resize(f, -1), true
	case key.Matches(msg, e.keys.Larger):
		return p.resize(f, 1), true
	case key.Matches(msg, e.keys.Preview):
		p.preview = !p.preview
		if layout.Divide(f.Width, f.Height, layout.Wish{Preview: true}).Preview.Empty() {
			return says(fmt.Sprintf("the preview needs a screen of %dx%d, or %dx%d; this is %dx%d",
				layout.FullWidth, layout.PreviewHeight, layout.PreviewWidth, layout.FullHeight, f.Width, f.Height)), true
		}
	default:
		return act(e, e.store.Cursor(), view.Overview, true, msg)
	}
	return nil, true
}

var setMeanings = [layout.Sets]string{
	layout.Fitting: "as many as leave room for the names", layout.Few: "only status, package and version",
	layout.Many: "as many as there is room for",
}

// table draws the rows in the body.
func (p *packages) table(e *env, f layout.Frame) table {
	return table{e: e, cells: p.cells(e, f), width: f.Body.W}
}

// cells divides a row of the table.
func (p *packages) cells(e *env, f layout.Frame) []layout.Cells {
	needs, sort := e.store.Needs(), e.store.Sort().Column
	if n := &needs[sort]; *n > 0 {
		*n = max(*n, len(e.columnName(sort))+len(" ^")) // the mark of the order stands beside the name
	}
	if e.review != nil {
		return layout.Changes(f.Body.W, needs)
	}
	return layout.Table(f.Body.W, p.columns, needs)
}

// back takes one thing back: the range or the marks, the filter, the preset.
func (p *packages) back(e *env) action {
	switch {
	case e.store.Unmark():
	case p.led.back(e.store) != nil:
		return p.led.back(e.store)
	case e.store.Filter() != "":
		e.store.SetFilter("")
	default:
		p.choose(e.store, store.All)
	}
	return nil
}

// nextColumn is the column after one, of those on the screen.
func nextColumn(cells []layout.Cells, column layout.Column) layout.Column {
	for _, c := range cells {
		if c.Column > column {
			return c.Column
		}
	}
	return layout.Status
}

func (p *packages) open(e *env) action {
	e.store.Hold()
	return opens(&detail{row: e.store.Cursor().ID})
}

// recheck asks for the marked rows, without marks for the one under the
// cursor; if the catalog could not be loaded, for the catalog.
func (p *packages) recheck(e *env) action {
	if p.state == failed {
		return (*Model).reload
	}
	if marks := e.store.Marks(); len(marks) > 0 {
		return asks(marks...)
	}
	e.store.Hold()
	return asks(e.store.Cursor().ID)
}

func (p *packages) recheckFailed(e *env) action {
	if e.keys.refreshes && p.state == ready {
		return (*Model).refreshAll
	}
	ids := e.store.With(verify.Invalid, verify.Unchecked, verify.Mismatch)
	return func(m *Model) tea.Cmd {
		return m.refreshTrust(ids, true)
	}
}

// narrowedBy names what hides rows: the preset and the filter.
func (e *env) narrowedBy() (what []string) {
	if preset := e.store.Preset(); preset != store.All {
		what = append(what, e.store.PresetName(preset))
	}
	if filter := e.store.Filter(); filter != "" {
		what = append(what, clip(e.theme, filter))
	}
	return what
}

// crumb says what is shown: the preset, the filter; how many, the marks, the
// order.
func (p *packages) crumb(e *env, f layout.Frame) (left, right line) {
	what := e.narrowedBy()
	left = line{{theme.Accent, " Packages"}}
	if e.file {
		left = line{{theme.Accent, " In the file"}}
	}
	for i, text := range what {
		if i == 0 && f.Width < layout.FullWidth {
			left = line{{theme.Plain, " "}}
		} else {
			left = left.add(theme.Muted, " "+e.theme.Glyph(theme.GlyphCrumb)+" ")
		}
		left = left.add(theme.Strong, text)
	}
	if problem := e.store.Problem(); problem != "" {
		left = left.add(theme.Warn, "  "+clip(e.theme, problem))
	}
	if len(what) > 0 {
		right = right.add(theme.Muted, fmt.Sprintf("  %d of %d", e.store.Shown(), e.store.Len()))
	}
	right = append(right, p.marks(e)...)
	if f.Width >= layout.FullWidth {
		sort := e.store.Sort()
		right = right.add(theme.Muted, "   sort: "+e.columnName(sort.Column)+" "+sortMark(e.theme, sort)+" ")
	}
	return left, right
}

// marks counts the marked rows; those that the filter hides are named, since
// what is done to the marks is done to them as well.
func (p *packages) marks(e *env) line {
	marked, hidden := e.store.MarkCount()
	if marked == 0 {
		return nil
	}
	text := fmt.Sprintf("  %d marked", marked)
	if hidden > 0 {
		text += fmt.Sprintf(" (%d hidden)", hidden)
	}
	l := line{{theme.Strong, text}}
	if e.store.Ranging() {
		l = l.add(theme.Muted, ", "+short(e.keys.Range)+" ends")
	}
	return l
}

func (p *packages) draw(e *env, f layout.Frame) content {
	switch {
	case p.state == loading && e.store.Len() == 0: // already the table's shape
		c := content{heading: p.table(e, f).heading()}
		for _, text := range p.empty(e, f) {
			c.body = append(c.body, text+strings.Repeat(" ", max(0, f.Body.W-theme.PaintedWidth(text))))
		}
		if c.preview = []string{""}; f.Preview.Empty() {
			c.preview = nil
		}
		for len(c.body) < f.Body.H {
			c.body = append(c.body, theme.Fit("", f.Body.W))
		}
		return c
	case e.store.Shown() == 0:
		return content{body: p.empty(e, f)}
	}
	return p.rows(e, f)
}

// rows draws the table, and the preview of the row under the cursor.
func (p *packages) rows(e *env, f layout.Frame) content {
	t := p.table(e, f)
	c := content{heading: t.heading()}
	cursor := e.store.Cursor()
	for _, id := range e.store.Window(p.top, f.Body.H) {
		c.body = append(c.body, t.row(e.store.Row(id), id == cursor.ID))
	}
	said := t.said(cursor)
	if f.Preview.Empty() && !said.Why && !cursor.Waiting {
		c.aside = line{{theme.Muted, " why: "}, {theme.Plain, cursor.Texts[layout.Why]}}
	}
	if !f.Preview.Empty() {
		c.preview = p.previewLines(e, cursor, f.Pane, said).lines
		for len(c.body) < f.Body.H {
			c.body = append(c.body, theme.Fit("", f.Body.W))
		}
	}
	return c
}

// empty is the reason why there are no rows, what to do, and then the details:
// the screen may be low.
func (p *packages) empty(e *env, f layout.Frame) []string {
	put := func(paragraphs ...view.Span) []string { return sentences(e, f.Body.W, paragraphs...) }
	switch {
	case p.state == loading:
		return put(view.Span{Text: "Reading the catalog…"})
	case p.state == failed:
		return put(view.Span{Token: theme.Bad, Text: "The catalog could not be loaded."},
			view.Span{Token: theme.Strong, Text: "Press " + short(e.keys.Recheck) + " to try again, " + short(e.keys.Leave) + " to quit."},
			view.Span{Text: p.failure})
	case e.store.Len() == 0:
		return put(view.Span{Text: "There are no specs in this catalog."},
			view.Span{Token: theme.Strong, Text: "Press " + short(e.keys.Leave) +
				" to quit, and start plimsoll with the catalog's folder, or with --demo."},
			view.Span{Token: theme.Muted, Text: "A catalog is a folder with " + catalog.SpecPaths + " below it."})
	default:
		return put(view.Span{Text: nothing(e)}, view.Span{Token: theme.Strong, Text: "Press " + wider(e) + "."})
	}
}

// sentences is a body of some paragraphs.
func sentences(e *env, width int, paragraphs ...view.Span) []string {
	d := view.NewDoc(e.theme, width-2*margin)
	d.Row()
	for _, p := range paragraphs {
		d.Flow(view.Span{Text: " "}, p)
	}
	return inset(d.Lines())
}

// wider says how more is shown.
func wider(e *env) string {
	return short(e.keys.Back) + " to show more, " + short(e.keys.Filter) + " to change the filter"
}

// nothing is the sentence that no row is left, and what left none.
func nothing(e *env) string {
	what, under := "package", ""
	if e.review != nil {
		what = "change"
	}
	if preset := e.store.Preset(); preset != store.All {
		under = " under “" + e.store.PresetName(preset) + "”"
	}
	if e.store.Filter() == "" {
		return "There is no " + what + under + "."
	}
	return "No " + what + under + " matches the filter."
}

// movement tells how many lines a key moves in a body of h.
func movement(keys *Keys, msg tea.KeyMsg, h int) (int, bool) {
	h = max(h, 1)
	switch {
	case key.Matches(msg, keys.Down):
		return 1, true
	case key.Matches(msg, keys.Up):
		return -1, true
	case key.Matches(msg, keys.Top):
		return -far, true
	case key.Matches(msg, keys.Bottom):
		return far, true
	case key.Matches(msg, keys.HalfDown):
		return max(h/2, 1), true
	case key.Matches(msg, keys.HalfUp):
		return -max(h/2, 1), true
	case key.Matches(msg, keys.PageDown):
		return h, true
	case key.Matches(msg, keys.PageUp):
		return -h, true
	}
	return 0, false
}

// word is the verdict of the row under the cursor, or the screen's if there is none.
func (p *packages) word(e *env) string {
	if row := e.store.Cursor(); row != nil {
		return row.Status.String()
	}
	return "packages"
}
