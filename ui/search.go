package ui

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// maxMatches bounds the matches that are kept.
const maxMatches = 10_000

// search finds a text in a page, in either case, also if the page breaks it
// into lines.
type search struct {
	page    view.Page
	texts   []passage // made when first searched
	query   string
	matches []match // in order
	current int
	byLine  map[int][]theme.Span
}

// passage is a text as it was before it was broken into lines, in lower case.
type passage struct {
	text  string
	lines []piece
}

// piece is the part of a passage that stands in one line.
type piece struct{ line, start, at, length int } // start in the line, at in the passage

// match is what the query was found in: one part of each line.
type match []part

type part struct{ line, from, to int }

func (s *search) set(page view.Page) {
	s.page, s.texts = page, nil
	s.run(s.query)
}

// run finds every match.
func (s *search) run(query string) {
	s.query, s.matches, s.current = query, nil, 0
	if query != "" && s.texts == nil {
		s.texts = passages(s.page)
	}
	if query != "" {
		wanted := lower(query)
		for _, p := range s.texts {
			for from := 0; len(s.matches) < maxMatches; {
				at := strings.Index(p.text[from:], wanted)
				if at < 0 {
					break
				}
				if m := p.parts(from+at, from+at+len(wanted)); m != nil { // not only the joint of two lines
					s.matches = append(s.matches, m)
				}
				from += at + len(wanted)
			}
		}
	}
	s.paint()
}

// paint chooses the styles of the matches, by line.
func (s *search) paint() {
	s.byLine = make(map[int][]theme.Span)
	for i, m := range s.matches {
		token := theme.Match
		if i == s.current {
			token = theme.Found
		}
		for _, p := range m {
			s.byLine[p.line] = append(s.byLine[p.line], theme.Span{Token: token, From: p.from, To: p.to})
		}
	}
}

// parts are the matches in a line.
func (s *search) parts(line int) []theme.Span { return s.byLine[line] }

// from makes the first match at or after a line the current one.
func (s *search) from(line int) {
	i := slices.IndexFunc(s.matches, func(m match) bool { return m[0].line >= line })
	s.current = max(i, 0)
	s.paint()
}

// step goes to the next match, or to the one before, and reports whether it
// went on at the other end.
func (s *search) step(delta int) (wrapped bool) {
	n := len(s.matches)
	next := s.current + delta
	s.current = (next + n) % n
	s.paint()
	return next != s.current
}

// line is the line in which the current match begins; -1 without any.
func (s *search) line() int {
	if len(s.matches) == 0 {
		return -1
	}
	return s.matches[s.current][0].line
}

// count says which of the matches is the current one.
func (s *search) count() string {
	switch n := len(s.matches); {
	case s.query == "":
		return ""
	case n == 0:
		return "not found"
	case n == maxMatches:
		return fmt.Sprintf("%d of %d or more", s.current+1, n)
	default:
		return fmt.Sprintf("%d of %d", s.current+1, n)
	}
}

// passages puts the lines of a page together again to the texts they were.
func passages(page view.Page) (out []passage) {
	var b strings.Builder
	var p passage
	end := func() {
		if p.lines != nil {
			p.text = b.String()
			out = append(out, p)
		}
		b.Reset()
		p = passage{}
	}
	for i, l := range page.Lines {
		text := lower(ansi.Strip(l.Text))
		start := min(l.Start, len(text))
		switch l.Joint {
		case view.NewText:
			end()
			start = 0
		case view.Blank:
			b.WriteByte(' ')
		}
		p.lines = append(p.lines, piece{i, start, b.Len(), len(text) - start})
		b.WriteString(text[start:])
	}
	end()
	return out
}

// parts are where in the lines a part of the passage stands.
func (p *passage) parts(from, to int) (m match) {
	i := sort.Search(len(p.lines), func(i int) bool { return p.lines[i].at+p.lines[i].length > from })
	for ; i < len(p.lines) && p.lines[i].at < to; i++ {
		l := p.lines[i]
		first, last := max(from, l.at), min(to, l.at+l.length)
		if first < last {
			m = append(m, part{l.line, l.start + first - l.at, l.start + last - l.at})
		}
	}
	return m
}

// lower is strings.ToLower for letters whose lower case is as long: places in
// the text must not move.
func lower(s string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
			return l
		}
		return r
	}, s)
}

// found says what is searched for, and which match is the current one.
func (s *search) found(e *env, width int) (l line) {
	count := s.count()
	if count == "" {
		return nil
	}
	token := theme.Strong
	if s.line() < 0 {
		token = theme.Warn
	}
	if width < layout.FullWidth {
		return l.add(theme.Muted, short(e.keys.Search)+" ").add(token, count+" ")
	}
	return l.add(theme.Muted, short(e.keys.Search)+theme.Cut(clip(e.theme, s.query), 20)+" ").add(token, count+"   ")
}

// searched is a screen whose text can be searched.
type searched interface {
	pager(e *env, width int) *pager
	// sought is what it is searched for.
	sought() *string
}

// find searches a text, from what is on the screen on.
func find(s searched, e *env, f layout.Frame, query string) {
	*s.sought() = query
	p := s.pager(e, f.Body.W)
	if p.search.line() < 0 {
		return
	}
	p.search.from(p.at())
	p.reveal(p.search.line(), f.Body.H)
}

// again goes to the next match, or to the one before.
func again(s searched, e *env, f layout.Frame, forward bool) action {
	p := s.pager(e, f.Body.W)
	if p.search.line() < 0 {
		return says(clip(e.theme, p.search.query) + " is not found here")
	}
	delta, end := 1, "the search went on from the top"
	if !forward {
		delta, end = -1, "the search went on from the end"
	}
	wrapped := p.search.step(delta)
	p.reveal(p.search.line(), f.Body.H)
	if wrapped {
		return says(end)
	}
	return nil
}

// searchPrompt asks what to search a text for. What is found is shown with
// every letter.
type searchPrompt struct {
	searched
	input
	before scroller // where the text was, for escape
	cursor int
	spot   int
}

func newSearchPrompt(s searched, p *pager) *searchPrompt {
	return &searchPrompt{s, newInput("/", *s.sought(), maxFilter), p.scroller, p.cursor, p.spot}
}

func (s *searchPrompt) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	p := s.pager(e, f.Body.W)
	switch msg.Type {
	case tea.KeyEnter:
		return nil, false
	case tea.KeyEsc:
		find(s, e, f, "")
		p.scroller, p.cursor, p.spot = s.before, s.cursor, s.spot
		return nil, false
	case tea.KeyDown, tea.KeyUp:
		return again(s, e, f, msg.Type == tea.KeyDown), true
	}
	if s.input.key(msg) {
		p.scroller, p.cursor, p.spot = s.before, s.cursor, s.spot
		find(s, e, f, s.value())
	}
	return nil, true
}

func (s *searchPrompt) footer(e *env, width int) string {
	return s.line(e.theme, width, hint("enter", "keep", "down/up", "next, previous", "esc", "clear"), hint("esc", "clear"), nil)
}
