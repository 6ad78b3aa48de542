package ui

import (
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// previewKey is what a preview is made of.
type previewKey struct {
	row    int
	report *verify.Report
	change *review.Change
	seen   int // see triageState
	width  int
	said   view.Said
}

// drawnPreview is a preview, and how wide its widest line is.
type drawnPreview struct {
	lines []string
	width int
}

// resize makes the preview smaller or larger by a step, or says why it stays.
func (p *packages) resize(f layout.Frame, step int) action {
	size := max(-layout.MaxSize, min(p.size+step, layout.MaxSize))
	switch {
	case f.Preview.Empty():
		return says("no preview is shown")
	case size == p.size:
		return says("the preview has no other size in this direction")
	case step > 0 && p.shows(f):
		return says("the preview shows all that it has")
	}
	p.size = size
	return nil
}

// shows reports whether the pane has the room that the preview needs.
func (p *packages) shows(f layout.Frame) bool {
	if f.Separator.H == 1 {
		return p.need.H > 0 && f.Preview.H >= p.need.H
	}
	return p.need.W > 0 && f.Preview.W >= p.need.W && f.Preview.W < f.Pane
}

// settle gives the pane the room that the largest preview needed since the screen has
// had its shape, so that it does not jump with every row; but never twice the room that
// the preview needs now.
func (p *packages) settle(e *env, frame func(screen) layout.Frame, top screen) {
	needs := e.store.Needs()
	needs[layout.Why] = e.store.Reasons()
	if p.tells = layout.Tells(needs); e.review != nil {
		p.tells = layout.ChangesTell(needs)
	}
	f := frame(top)
	shape := layout.Wish{Preview: p.preview, Size: p.size, Table: p.tells, Need: layout.Need{W: f.Width, H: f.Height}}
	if p.shape != shape {
		p.shape, p.need = shape, layout.Need{}
	}
	row := e.store.Cursor()
	if f.Preview.Empty() || row == nil {
		return
	}
	drawn := p.previewLines(e, row, f.Pane, p.table(e, f).said(row))
	if f.Separator.H == 1 {
		p.need.H = enough(p.need.H, len(drawn.lines))
		return
	}
	p.need.W = enough(p.need.W, drawn.width)
}

// enough is the room for something, if there was room for something before.
func enough(before, now int) int {
	if 2*now <= before {
		return now
	}
	return max(before, now)
}

func (p *packages) previewLines(e *env, row *store.Row, width int, said view.Said) drawnPreview {
	of := previewKey{row: row.ID, report: row.Report, width: width, said: said}
	if e.review != nil {
		of.change, of.seen = e.review.change(row), e.triage.seen
	}
	return p.drawn.get(of, func() drawnPreview {
		drawn := drawnPreview{lines: e.preview(row, width, said)}
		for _, painted := range drawn.lines {
			drawn.width = max(drawn.width, theme.PaintedWidth(painted))
		}
		return drawn
	})
}

// preview is a package in short; in a review, its change.
func (e *env) preview(row *store.Row, width int, said view.Said) []string {
	if e.review != nil {
		in := e.review.page(row, width)
		in.Brief = true
		return view.ChangePage(in, e.theme).Text()
	}
	return view.Preview(view.Input{Spec: *row.Spec, Report: row.Report, Width: width, Said: said}, e.theme)
}
