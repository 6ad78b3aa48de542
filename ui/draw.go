package ui

import (
	"fmt"
	"strconv"
	"strings"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
)

// draw returns the lines of the frame, as many as the screen is high.
func (m *Model) draw() []string {
	m.settle() // a text may have come since
	top := m.top()
	f := m.frame(top)
	lines := make([]string, max(f.Height, 1))
	if f.Small {
		needs := fmt.Sprintf("plimsoll needs %dx%d", layout.MinWidth, layout.MinHeight)
		if text := fmt.Sprintf("%s, this is %dx%d", needs, f.Width, f.Height); theme.Width(text) <= f.Width {
			needs = text
		}
		lines[0] = theme.Cut(needs, f.Width)
		return lines
	}
	put := func(r layout.Rect, text string) {
		if !r.Empty() {
			lines[r.Y] = text
		}
	}
	c := top.draw(m.here(), f)
	left, right := top.crumb(m.here(), f)
	put(f.Header, m.header(f))
	if notice := m.notice(); len(notice) > 0 {
		put(f.Notice, notice.render(m.theme, f.Width))
	}
	if !f.Counts.Empty() {
		put(f.Counts, m.counts(f.Width).render(m.theme, f.Width))
	}
	put(f.Crumb, spread(m.theme, f.Width, left, right))
	put(f.Heading, c.heading)
	for i, text := range c.body[:min(len(c.body), f.Body.H)] {
		lines[f.Body.Y+i] = text
	}
	if len(c.preview) > 0 {
		m.preview(lines, f, c.preview)
	}
	m.cover(lines, f)
	put(f.Toast, m.message(f, c.aside))
	put(f.Footer, m.footer(top, f.Width))
	return lines
}

// preview adds the separator and the preview, below the body or to lines that are
// as wide as it.
func (m *Model) preview(lines []string, f layout.Frame, preview []string) {
	if f.Separator.H == 1 {
		lines[f.Separator.Y] = m.theme.Paint(theme.Border, strings.Repeat(m.theme.Glyph(theme.GlyphHorizontal), f.Separator.W))
		for i := range min(f.Preview.H, len(preview)) {
			lines[f.Preview.Y+i] = " " + preview[i]
		}
		return
	}
	separator := m.theme.Paint(theme.Border, theme.Fit(" "+m.theme.Glyph(theme.GlyphVertical), f.Separator.W))
	for i := range f.Preview.H {
		y := f.Preview.Y + i
		if i < len(preview) {
			lines[y] += separator + preview[i]
		} else {
			lines[y] += separator
		}
	}
}

// gapped is how many cells a line takes at the right edge.
func gapped(l line) int {
	if w := l.width(); w > 0 {
		return w + minGap
	}
	return 0
}

// thousands shortens a number.
func thousands(n int) string {
	if n >= 1000 {
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n)
}

// notice tells what the verdicts rest on unless that is the public trust root,
// or that there is none, or that what is shown is older than the disk; behind it, what a review found about the whole change.
// Evidence that is made up must be known for that on the narrowest screen, so that
// beside a finding it is only named.
func (m *Model) notice() line {
	var found line
	if r := m.here().review; r != nil {
		found = r.notice(m.theme)
	}
	if m.reread.older != "" && m.here().review == nil {
		found = line{{theme.Bad, " shown as it was: "}, {theme.Warn, m.reread.older}}
	}
	switch {
	case m.noRoot != "":
		const begins = " nothing is verified: "
		why := m.noRoot
		if hint := "   " + short(m.keys.Trust) + " says the rest"; theme.Width(begins+why) > m.width {
			why = theme.Cut(why, max(m.width-theme.Width(begins+hint), 0)) + hint
		}
		return append(line{{theme.Bad, begins}, {theme.Warn, why}}, found...)
	case m.trust == "":
		return found
	case len(found) == 0:
		text := m.trust
		if theme.Width(text) >= m.width { // what is not about the trust goes first
			text, _, _ = strings.Cut(text, "; ")
		}
		return line{{theme.Warn, " " + text}}
	}
	name, _, _ := strings.Cut(m.trust, ", ")
	return append(line{{theme.Warn, " " + name + " "}}, found...)
}

// message is the last thing that was said, else what the screen says aside. If the
// notice has no line of its own, it is here.
func (m *Model) message(f layout.Frame, aside line) string {
	if notice := m.notice(); m.toast == "" && len(notice) > 0 && f.Notice.Empty() {
		return notice.render(m.theme, f.Width)
	}
	if m.toast == "" {
		return aside.render(m.theme, f.Width)
	}
	return line{{theme.Plain, " " + m.toast}}.render(m.theme, f.Width)
}

// footer is the overlay's, or the keys that matter most here; help, the last one,
// always. Those that are left out for want of room are marked.
func (m *Model) footer(top screen, width int) string {
	if m.overlay != nil {
		return m.overlay.footer(m.here(), width)
	}
	hints := m.hints(top.scope())
	hints, help := hints[:len(hints)-1], hints[len(hints)-1]
	help[len(help)-1].text = strings.TrimRight(help[len(help)-1].text, " ")
	room, all := width-help.width(), 0
	for _, hint := range hints {
		all += hint.width()
	}
	var more, l line
	if all > room {
		more = line{{theme.Muted, m.theme.Glyph(theme.GlyphPending)}}
	}
	for _, hint := range hints {
		if l.width()+hint.width()+more.width() <= room {
			l = append(l, hint...)
		}
	}
	return append(append(l, more...), help...).render(m.theme, width)
}

// hints makes the footer of the table of keys.
func (m *Model) hints(s scope) []line {
	hint := func(keys, word string) line {
		return line{{theme.Plain, " "}, {theme.Key, keys}, {theme.Muted, " " + word + " "}}
	}
	hints := []line{hint(m.keys.moves(), "move")}
	if len(m.stack) > 1 {
		hints = append(hints, hint(short(m.keys.Back), "back"))
	}
	for _, l := range m.keys.hints {
		if l.scope&s == 0 || m.refuses(l.binding) != "" {
			continue
		}
		word := l.hint
		if word == nextPreset {
			word = m.here().store.PresetName(m.here().store.NextPreset(1))
		}
		hints = append(hints, hint(short(*l.binding), word))
	}
	return hints
}
