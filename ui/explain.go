package ui

import (
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/explain"
	"plimsoll/ui/layout"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// explainScreen says what a word means, with what it is on the package that was at
// hand, and leads on to the words that belong to it.
type explainScreen struct {
	leading
	about  string      // the word; "" lists all
	trail  []wordPlace // the words before it
	row    int         // of the package
	hasRow bool        // there is a package
	made   memo[explainKey, explanation]
}

// wordPlace is a word that was left for another, and the place in its text.
type wordPlace struct {
	word  string
	place leading
}

// maxTrail bounds the words that esc goes back to.
const maxTrail = 100

// explainKey is what an explanation is made of.
type explainKey struct {
	word    string
	width   int
	report  *verify.Report
	dossier *verify.Dossier
	change  *review.Change
}

// explanation is a text, and the words that lines of it lead to.
type explanation struct {
	leadLines
	words []explain.Entry
}

// explain opens the explanation of a word, or of none the list of all.
func (m *Model) explain(word string) tea.Cmd {
	s := &explainScreen{about: word}
	s.row, s.hasRow = m.rowAtHand()
	if len(explain.Find(word)) == 0 {
		s.about = ""
	}
	m.lay(s, is[*explainScreen])
	return nil
}

// rowAtHand is the package that the screen on top is about.
func (m *Model) rowAtHand() (id int, ok bool) {
	switch top := m.top().(type) {
	case *detail:
		return top.row, true
	case *triageScreen:
		return top.current.ID, top.shown
	case *packages, *changes:
		row := m.here().store.Cursor()
		if row != nil {
			return row.ID, true
		}
	case *explainScreen:
		return top.row, top.hasRow
	}
	return 0, false
}

// text returns the explanation for a body of a width.
func (s *explainScreen) text(e *env, width int) explanation {
	of := explainKey{word: s.about, width: width}
	var in view.Input
	if row := e.row(s.row); s.hasRow && row != nil {
		in.Spec, in.Report = *row.Spec, row.Report
		in.Dossier, _ = e.dossier(row)
		of.report, of.dossier, of.change = in.Report, in.Dossier, e.review.change(row)
	}
	return s.made.get(of, func() explanation {
		if c := of.change; c != nil && in.Report != nil { // the findings of a review are about the change
			report := *in.Report
			report.Findings = append(slices.Clone(c.Findings), c.Standing()...)
			in.Report = &report
		}
		d := view.NewDoc(e.theme, width-2*margin)
		var x explanation
		if s.about == "" {
			x.list(d)
		} else {
			x.word(d, explain.Find(s.about), in)
		}
		x.lines = d.Lines()
		return x
	})
}

// word writes the entries of a word, and below them where they lead.
func (x *explanation) word(d *view.Doc, found []explain.Entry, in view.Input) {
	d.Explain(found, in)
	if leads := explain.Leads(found...); len(leads) > 0 {
		d.Heading("See also")
		x.add(d, leads)
	}
}

// list writes every word.
func (x *explanation) list(d *view.Doc) {
	for _, entries := range explain.Kinds() {
		d.Heading(entries[0].Kind.Plural())
		x.add(d, entries)
	}
}

// add writes a line for each word that can be opened.
func (x *explanation) add(d *view.Doc, entries []explain.Entry) {
	labels := 0
	for _, e := range entries {
		labels = max(labels, theme.Width(e.Word))
	}
	for _, e := range entries {
		x.at, x.words = append(x.at, d.Len()), append(x.words, e)
		word, short := view.Span{Token: theme.Key, Text: theme.Fit(e.Word, labels)}, view.Span{Token: theme.Muted, Text: "  " + e.Short}
		d.Row(view.Span{Text: " "}, word, short)
	}
}

func (s *explainScreen) scope() scope { return onPage | onExplain }

func (s *explainScreen) wish() layout.Wish { return layout.Wish{} }

// lead is the word under the cursor, if the cursor is on the screen.
func (s *explainScreen) lead(e *env, f layout.Frame) (explain.Entry, bool) {
	x := s.text(e, f.Body.W)
	if !s.seen(x.leadLines, f.Body.H) {
		return explain.Entry{}, false
	}
	return x.words[s.at], true
}

func (s *explainScreen) key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool) {
	x := s.text(e, f.Body.W)
	if s.leading.key(e.keys, msg, x.leadLines, f.Body.H) {
		return nil, true
	}
	switch {
	case key.Matches(msg, e.keys.Open):
		if lead, ok := s.lead(e, f); ok {
			s.goOn(lead.Word)
		} else { // it is further down or up
			s.show(x.leadLines, f.Body.H)
		}
	case key.Matches(msg, e.keys.Explain):
		s.goOn("")
	case key.Matches(msg, e.keys.Filter):
		return covers(wordList(s)), true
	case key.Matches(msg, e.keys.Browse):
		address := s.specification()
		return func(m *Model) tea.Cmd { return m.browse("specification", address) }, true
	case key.Matches(msg, e.keys.Back) && len(s.trail) > 0:
		last := s.trail[len(s.trail)-1]
		s.about, s.leading, s.trail = last.word, last.place, s.trail[:len(s.trail)-1]
	default:
		return nil, false
	}
	return nil, true
}

// goOn shows another word; esc leads back.
func (s *explainScreen) goOn(word string) {
	s.trail = append(s.trail, wordPlace{s.about, s.leading})
	s.trail = slices.Delete(s.trail, 0, max(0, len(s.trail)-maxTrail))
	s.about, s.leading = word, leading{}
}

// wordList offers every word, to be found by its letters.
func wordList(s *explainScreen) *menu {
	var items []item
	for _, e := range explain.All() {
		items = append(items, item{label: e.Word, value: e.Kind.String() + ": " + e.Short, do: does(func() { s.goOn(e.Word) })})
	}
	list := newMenu("Words", "explain", items)
	narrow := newInput("/", "", maxFilter)
	list.narrow = &narrow
	return list
}

// specification is the address of the first that the word has, or "".
func (s *explainScreen) specification() string {
	for _, e := range explain.Find(s.about) {
		if s.about != "" && e.Spec != "" {
			return e.Spec
		}
	}
	return ""
}

func (s *explainScreen) refuses(e *env, b *key.Binding) string {
	switch {
	case b == &e.keys.Open && s.about != "" && len(explain.Leads(explain.Find(s.about)...)) == 0:
		return s.about + " leads to no other word"
	case b == &e.keys.Explain && s.about == "":
		return "these are all the words"
	case b == &e.keys.Browse && s.about == "":
		return "a word may have a specification, the list of words has none"
	case b == &e.keys.Browse && s.specification() == "":
		return s.about + " is a word of plimsoll: there is no specification of it"
	}
	return ""
}

// word is where the explanation leads: to the list of all.
func (s *explainScreen) word(*env) string { return "" }

func (s *explainScreen) crumb(e *env, f layout.Frame) (left, right line) {
	left = line{{theme.Accent, " Explain"}}
	if s.about != "" {
		left = left.add(theme.Muted, " "+e.theme.Glyph(theme.GlyphCrumb)+" ").add(theme.Strong, s.about)
	}
	return left, s.place(s.text(e, f.Body.W).leadLines, f.Body.H)
}

func (s *explainScreen) draw(e *env, f layout.Frame) content {
	return content{body: s.leading.draw(e.theme, s.text(e, f.Body.W).leadLines, f.Body.H)}
}

func (s *explainScreen) wheel(e *env, f layout.Frame, delta int) {
	s.roll(delta, s.text(e, f.Body.W).leadLines, f.Body.H)
}

// click puts the cursor on a word, and opens the one that it is on.
func (s *explainScreen) click(e *env, f layout.Frame, x, y int) {
	text := s.text(e, f.Body.W)
	at, ok := s.clicked(text.leadLines, f.Body, x, y)
	switch {
	case !ok:
	case at == s.at:
		s.goOn(text.words[at].Word)
	default:
		s.at = at
	}
}
