package ui

import (
	"fmt"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// packages is the home screen: the table and its preview.
type packages struct {
	state   state
	failure string // why the catalog could not be loaded, cleaned

	top     int // the first row on the screen
	line    int // the cursor's line on the screen
	version int // of the order that top belongs to
	preview bool
	cache   previewCache
}

// state says what there is to show where there are no rows.
type state uint8

const (
	ready state = iota
	loading
	failed
)

type previewCache struct {
	row    int
	report *verify.Report
	width  int
	lines  []string
}

func (p *packages) scope() scope { return onPackages }

func (p *packages) wish() layout.Wish { return layout.Wish{Heading: true, Preview: p.preview} }

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

func (p *packages) key(e *env, f layout.Frame, msg tea.KeyMsg) (Action, bool) {
	if delta, ok := movement(e.keys, msg, f.Body.H); ok {
		e.store.Move(delta)
		return Action{}, true
	}
	switch {
	case key.Matches(msg, e.keys.Open):
		return p.open(e), true
	case key.Matches(msg, e.keys.Back):
		e.store.SetFilter("")
	case key.Matches(msg, e.keys.Filter):
		return Action{Filter: true}, true
	case key.Matches(msg, e.keys.Sort):
		e.store.SetSort(store.Sort{Column: nextColumn(layout.Table(f.Body.W), e.store.Sort().Column)})
	case key.Matches(msg, e.keys.Reverse):
		sort := e.store.Sort()
		sort.Reverse = !sort.Reverse
		e.store.SetSort(sort)
	case key.Matches(msg, e.keys.Recheck):
		return p.recheck(e), true
	case key.Matches(msg, e.keys.RecheckFailed):
		ids := e.store.With(verify.Invalid, verify.Error, verify.Mismatch)
		if len(ids) == 0 {
			return Action{Say: "nothing failed, so there is nothing to check again"}, true
		}
		return Action{Ask: ids}, true
	case key.Matches(msg, e.keys.Preview):
		p.preview = !p.preview
		if f.Width < layout.PreviewWidth || f.Height < layout.FullHeight {
			return Action{Say: fmt.Sprintf("the preview needs a screen of %dx%d; this is %dx%d",
				layout.PreviewWidth, layout.FullHeight, f.Width, f.Height)}, true
		}
	default:
		return Action{}, false
	}
	return Action{}, true
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

func (p *packages) open(e *env) Action {
	row := e.store.Cursor()
	if row == nil {
		return Action{}
	}
	e.store.Hold()
	return Action{Push: &detail{row: row.ID}}
}

func (p *packages) recheck(e *env) Action {
	if p.state == failed {
		return Action{Reload: true}
	}
	row := e.store.Cursor()
	if row == nil {
		return Action{}
	}
	e.store.Hold()
	return Action{Ask: []int{row.ID}}
}

func (p *packages) crumb(e *env, f layout.Frame) (left, right line) {
	left = line{{theme.Accent, " Packages"}}
	if filter := e.store.Filter(); filter != "" {
		left = left.add(theme.Muted, " "+e.theme.Glyph(theme.GlyphCrumb)+" ").add(theme.Strong, clip(e.theme, filter))
		right = right.add(theme.Muted, fmt.Sprintf("%d of %d", e.store.Shown(), e.store.Len()))
	}
	if f.Width >= layout.FullWidth {
		sort := e.store.Sort()
		right = right.add(theme.Muted, "   sort: "+columnNames[sort.Column]+" "+sortMark(e.theme, sort)+" ")
	}
	return left, right
}

func (p *packages) draw(e *env, f layout.Frame) content {
	if e.store.Shown() == 0 {
		return content{body: p.empty(e, f)}
	}
	t := table{e: e, cells: layout.Table(f.Body.W), width: f.Body.W}
	c := content{heading: t.heading()}
	cursor := e.store.Cursor()
	for _, id := range e.store.Window(p.top, f.Body.H) {
		c.body = append(c.body, t.row(e.store.Row(id), id == cursor.ID))
	}
	if !f.Preview.Empty() {
		c.preview = p.previewLines(e, cursor, f.Preview.W)
		for len(c.body) < f.Body.H {
			c.body = append(c.body, theme.Fit("", f.Body.W))
		}
	}
	return c
}

func (p *packages) previewLines(e *env, row *store.Row, width int) []string {
	if c := p.cache; c.lines == nil || c.row != row.ID || c.report != row.Report || c.width != width {
		in := view.Input{Spec: row.Spec, Report: row.Report, Width: width, ASCII: e.theme.ASCII()}
		p.cache = previewCache{row.ID, row.Report, width, view.Preview(in, e.theme)}
	}
	return p.cache.lines
}

// empty says why there are no rows, what to do, and then the details: the
// screen may be low.
func (p *packages) empty(e *env, f layout.Frame) []string {
	var paragraphs []segment
	switch {
	case p.state == loading:
		paragraphs = []segment{{theme.Plain, "Reading the catalog…"}}
	case p.state == failed:
		paragraphs = []segment{
			{theme.Bad, "The catalog could not be loaded."},
			{theme.Strong, "Press r to try again, q to quit."}, {theme.Plain, p.failure},
		}
	case e.store.Len() == 0:
		paragraphs = []segment{
			{theme.Plain, "There are no specs in this catalog."},
			{theme.Strong, "Press q to quit, and start plimsoll with the catalog's folder, or with --demo."},
			{theme.Muted, "A catalog is a folder with npx/NAME/spec.yaml and uvx/NAME/spec.yaml below it."},
		}
	default:
		paragraphs = []segment{
			{theme.Plain, "No package matches the filter."},
			{theme.Strong, "Press esc to clear it, / to change it."},
		}
	}
	lines := []string{""}
	for _, s := range paragraphs {
		for _, text := range theme.Wrap(s.text, f.Body.W-4) {
			lines = append(lines, "  "+e.theme.Paint(s.token, text))
		}
	}
	return lines
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
