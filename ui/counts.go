package ui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// share is how many rows have something in common, and how they are shown.
type share struct {
	n          int
	sign, word string
	token      theme.Token
	bar        theme.Glyph
}

// statusBars are how the shares of the statuses are drawn: neighbours are told apart
// without their colours.
var statusBars = map[verify.Status]theme.Glyph{
	verify.Verified: theme.GlyphBarProven, verify.Bound: theme.GlyphBarProven, verify.Partial: theme.GlyphBarPartial,
	verify.Signed: theme.GlyphBarSigned, verify.None: theme.GlyphBarNone, verify.Unbound: theme.GlyphBarPartial,
	verify.Mismatch: theme.GlyphBarFailing, verify.Invalid: theme.GlyphBarFailing,
	verify.Unchecked: theme.GlyphBarUnchecked, verify.Pending: theme.GlyphBarPending,
}

// shares are the changes of a review, or the packages by verdict, from proven to
// failing, then what nobody knows yet. What fails by a policy fails, whatever its status is.
func (m *Model) shares() (shares []share) {
	if r := m.here().review; r != nil {
		return r.shares()
	}
	add := func(n int, status verify.Status, sign, word string, token theme.Token) {
		if n > 0 {
			shares = append(shares, share{n, sign, word, token, statusBars[status]})
		}
	}
	sign := func(status verify.Status) string { glyph, _ := m.theme.Status(status); return glyph }
	proven, failing := m.store.Proven(), 0
	add(proven, verify.Verified, sign(verify.Verified), "proven", theme.Good)
	order := []verify.Status{verify.Verified, verify.Bound, verify.Partial, verify.Unbound,
		verify.Signed, verify.None, verify.Mismatch, verify.Invalid}
	for _, status := range order {
		n, fails := m.store.Count(status), m.store.Failing(status)
		failing += fails
		glyph, token := m.theme.Status(status)
		if status == verify.Verified || status == verify.Mismatch { // read from a file, or decided
			token = theme.Plain
			if status == verify.Verified {
				n -= proven
			}
		}
		add(n-fails, status, glyph, status.String(), token)
	}
	add(failing, verify.Mismatch, sign(verify.Mismatch)+sign(verify.Invalid), "failing", theme.Bad)
	for _, status := range []verify.Status{verify.Unchecked, verify.Pending} {
		glyph, token := m.theme.Status(status)
		add(m.store.Count(status), status, glyph, status.String(), token)
	}
	return shares
}

// written are the shares as "12 ✓ proven", or shorter.
func written(shares []share, gap string, words bool, number func(int) string) (l line) {
	for _, s := range shares {
		text := s.sign + number(s.n)
		switch {
		case s.sign == "": // of several
			text = number(s.n) + " " + s.word
		case words:
			text = number(s.n) + " " + s.sign + " " + s.word
		}
		l = l.add(theme.Plain, gap).add(s.token, text)
	}
	return l
}

// The width of the stacked bar.
const (
	leastBar = 10
	mostBar  = 60
)

// counts is the shares as a bar, and in numbers.
func (m *Model) counts(width int) line {
	shares := m.shares()
	for _, numbers := range []line{
		written(shares, "   ", true, strconv.Itoa), written(shares, "  ", true, strconv.Itoa), written(shares, "  ", false, strconv.Itoa),
	} {
		if room := width - 2 - numbers.width(); room >= leastBar {
			return append(m.bar(shares, min(room, mostBar)), numbers...)
		}
	}
	return written(shares, " ", false, thousands)
}

// bar draws shares side by side in width cells, each that there is with one at least.
func (m *Model) bar(shares []share, width int) line {
	shares = slices.DeleteFunc(slices.Clone(shares), func(s share) bool { return s.n == 0 })
	total := 0
	for _, s := range shares {
		total += s.n
	}
	l := line{{theme.Plain, " "}}
	if total == 0 {
		return l.add(theme.Muted, strings.Repeat(m.theme.Glyph(theme.GlyphBarPending), width))
	}
	at, sum := 0, 0
	for i, s := range shares {
		sum += s.n
		end := min(max(sum*width/total, at+1), width-(len(shares)-1-i))
		l = l.add(s.token, strings.Repeat(m.theme.Glyph(s.bar), end-at))
		at = end
	}
	return l
}

// header names the program and the catalog, and shows how far the checks are and what
// they rest on. If the counts have no line of their own they are here: on a narrow
// screen the header says less, of the counts and the catalog's name last.
func (m *Model) header(f layout.Frame) string {
	dot := " " + m.theme.Glyph(theme.GlyphDot) + " "
	named := func(title string) line {
		return append(line{{theme.Title, " plimsoll"}, {theme.Plain, "  " + title}}, m.counted(dot)...)
	}
	title := m.here().title
	counted := named(title)
	brief := named(theme.CutMiddle(title, f.Width/3, f.Width/4)) // of a path, the end tells most
	heads := []line{counted, brief, counted[:2:2], counted[:1:1]}
	if unread := clip(m.theme, m.unread.String()); unread != "" && m.here().review == nil {
		and := func(text string) line { return slices.Concat(counted, line{{theme.Warn, dot + text}}) }
		heads = append([]line{and(unread + " not read"), and("not all read")}, heads...)
	}
	long, short, spinner := m.progress()
	long, short, spinner = m.mouseNote(long, " on ("+m.keys.Mouse.Help().Key+")  "), m.mouseNote(short, " "), m.mouseNote(spinner, " ")
	if len(long) == 0 {
		for _, note := range []line{append(m.restsOn(), m.watchNote()...), m.watchNote(), m.restsOn()} {
			if len(note) > 0 && heads[0].width()+gapped(note) <= f.Width {
				long = note
				break
			}
		}
	}
	if !f.Counts.Empty() {
		return m.fits(f.Width, heads, []line{long, short, spinner})
	}
	shares := m.shares()
	wide, narrow := written(shares, "   ", false, strconv.Itoa), written(shares, " ", false, strconv.Itoa)
	var forms []line
	for _, head := range heads[:len(heads)-1] {
		forms = append(forms, slices.Concat(head, wide), slices.Concat(head, narrow))
	}
	const beginning = 10 // cells of the catalog's name, if more have no room
	cut := line{{theme.Plain, " " + theme.Cut(title, beginning)}}
	forms = append(forms, slices.Concat(cut, narrow), narrow, written(shares, "", false, thousands))
	return m.fits(f.Width, forms, []line{long, short, spinner})
}

// fits renders the first of the left lines with the first of the right ones that it
// has room for.
func (m *Model) fits(width int, lefts, rights []line) string {
	for _, right := range rights[:len(rights)-1] {
		for _, left := range lefts {
			if left.width()+gapped(right) <= width {
				return spread(m.theme, width, left, right)
			}
		}
	}
	return spread(m.theme, width, lefts[len(lefts)-1], rights[len(rights)-1])
}

// counted is how many specs there are, or changes.
func (m *Model) counted(dot string) line {
	e := m.here()
	switch {
	case e.review != nil && e.review.latest != nil:
		return line{{theme.Strong, dot + untrusted.Plural(len(e.review.latest.Changes), "change")}}
	case e.review != nil, m.home.state != ready, m.file:
		return nil
	}
	return line{{theme.Strong, dot + untrusted.Plural(m.store.Len(), "spec")}}
}

// progress says how far the checks are, in three lengths; nil if nothing is
// waited for. A bar fills where the counts have no line of their own.
func (m *Model) progress() (long, short, spinner line) {
	e, doing, state := m.here(), " checking", m.home.state
	if e.review != nil {
		doing, state = " reviewing", e.review.screen.state
	}
	text, number := "", " "
	answered, asked := e.store.Progress()
	switch {
	case asked > 0:
		number = fmt.Sprintf(" %d/%d ", answered, asked)
		text = doing + number
	case state == loading:
		text = " reading "
	default:
		return nil, nil, nil
	}
	spinner = line{{theme.Accent, m.theme.Spinner(m.ticks)}}
	if asked > 0 {
		done := share{n: answered, token: theme.Accent, bar: theme.GlyphBarDone}
		left := share{n: asked - answered, token: theme.Muted, bar: theme.GlyphBarLeft}
		long = slices.Concat(spinner, m.bar([]share{done, left}, leastBar))
	}
	return append(long, segment{theme.Muted, text}), spinner.add(theme.Muted, number), spinner
}

// restsOn names the trust root in force, if no notice does.
func (m *Model) restsOn() line {
	if m.trusting.root == "" || m.trust != "" || m.noRoot != "" {
		return nil
	}
	return line{{theme.Muted, "trust root: " + m.trusting.root + " "}}
}
