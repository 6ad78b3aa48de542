package ui

import (
	"context"
	"slices"
	"strings"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/termguard"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

func init() { termguard.Restore() }

// Model is the whole screen. It is made with [New] and driven by bubbletea.
type Model struct {
	env
	options Options
	ctx     context.Context

	width, height int
	started       bool // the first frame has been drawn
	home          *packages
	stack         []screen // never empty: home is the first, or the only file of evidence, or the review
	review        *reviewing

	attempt  int   // counts loads; the answer to an older one is stale
	round    round // of checks
	journal  *journal
	toast    string
	promoted []int // what was on the screen last
	ticking  bool
	ticks    int
	memory   memory
	overlay  overlay  // nil when there is none
	console  *console // nil without a terminal
	mouse    bool     // the mouse is ours
	jobs     jobs

	reread     reread
	wrongClock bool // it was said

	trusting shownTrust
	day      string // in UTC, of the last look at what ends with a date
	noRoot   string // why there is no trust root, cleaned; "" if there is one
}

// New returns the screen before its first frame.
func New(o Options) *Model {
	o = o.withDefaults()
	m := &Model{options: o, ctx: context.Background(), journal: &journal{}, day: utcDay(o.Now())}
	m.memory.state = o.State
	keys := newKeys(o.watches())
	if _, err := keys.rebind(o.Keys); err != nil {
		keys = newKeys(o.watches())
	}
	if o.Theme.ASCII() {
		keys.spellOut()
	}
	m.env = env{
		theme: o.Theme, keys: keys, store: store.New(describe(o.Theme)),
		title: clip(o.Theme, o.Title), trust: clip(o.Theme, o.Trust), triage: newTriageState(o),
		histories: &lookup[history.History]{fetch: o.History}, dossiers: &lookup[*verify.Dossier]{},
	}
	if o.Examine != nil {
		m.dossiers.fetch = o.examine
	}
	if o.Aged {
		m.now = o.Now
	}
	m.checks, m.off = o.Engine != nil, o.off(m.keys)
	m.home = &packages{preview: true, state: ready}
	m.stack = []screen{m.home}
	if o.Specs == nil && o.Load != nil {
		m.home.state = loading
	}
	if !o.File {
		m.home.offer(m.store, o.Views)
	}
	m.store.Load(o.Specs)
	for id := range o.Results { // one for each spec
		if o.Results[id].Status != verify.Pending {
			m.store.Replace(id, &o.Results[id])
		}
	}
	m.store.Arrange()
	if m.file = o.File; m.file && len(o.Specs) == 1 {
		m.stack = []screen{&detail{}}
	}
	m.review = newReviewing(m.env, o)
	if o.ReviewAlone {
		m.review.alone = true
		m.stack = []screen{m.review.screen}
	}
	return m
}

// Init implements tea.Model. It asks for nothing: work starts when the first
// frame has been drawn.
func (m *Model) Init() tea.Cmd { return nil }

// Update implements tea.Model. It only routes.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.width, m.height = max(msg.Width, 0), max(msg.Height, 0)
		cmd = m.start()
	case tea.KeyMsg:
		cmd = m.keyMsg(msg)
	case eventsMsg:
		m.apply(m.keepSame(msg))
		cmd = tea.Batch(listen(m.ctx, m.options.Engine.Events()), m.followTrust(msg))
	case tickMsg:
		m.ticked()
	case action:
		cmd = msg(m)
	case tea.MouseMsg:
		m.mouseMsg(msg)
	case tea.ResumeMsg:
		cmd = m.resumed()
	}
	cmd = tea.Batch(cmd, m.lapse())
	m.settle()
	m.home.follow(m.store, m.frame(m.home).Body.H)
	m.review.screen.follow(m.review.env.store, m.frame(m.review.screen).Body.H)
	return m, tea.Batch(cmd, m.promote(), m.tick(), m.remember(), m.lookUp(), m.readAgain(), m.redoReview())
}

// keyMsg splits keys that were typed so fast that they came as one message.
// What is pasted is not typed: only an overlay takes it.
func (m *Model) keyMsg(msg tea.KeyMsg) tea.Cmd {
	if msg.Paste && m.overlay == nil {
		return nil
	}
	if msg.Paste || msg.Type != tea.KeyRunes || len(msg.Runes) < 2 {
		return m.press(msg)
	}
	var cmds []tea.Cmd
	for i, r := range msg.Runes {
		cmds = append(cmds, m.press(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: msg.Alt && i == 0}))
	}
	return tea.Batch(cmds...)
}

// press routes one key: the overlay, the screen on top, the keys that work
// everywhere.
func (m *Model) press(msg tea.KeyMsg) tea.Cmd {
	m.toast = ""
	f := m.frame(m.top())
	switch {
	case key.Matches(msg, m.keys.Quit):
		return tea.Quit
	case f.Small: // nothing can be seen, so nothing is done
		if key.Matches(msg, m.keys.Leave) {
			return tea.Quit
		}
		return nil
	case m.overlay != nil:
		action, stays := m.overlay.key(m.here(), f, msg)
		if !stays {
			m.overlay = nil
		}
		return m.do(action)
	}
	why := ""
	if b := m.keys.find(m.top().scope(), msg); b != nil {
		why = m.refuses(b)
	} else {
		why = m.elsewhere(msg)
	}
	if why != "" {
		m.toast = clip(m.theme, why)
		return nil
	}
	if action, ok := m.top().key(m.here(), f, msg); ok {
		return m.do(action)
	}
	return m.global(msg)
}

// global handles the keys that work everywhere.
func (m *Model) global(msg tea.KeyMsg) tea.Cmd {
	switch {
	case key.Matches(msg, m.keys.Leave):
		if len(m.stack) == 1 {
			return tea.Quit
		}
		return m.pop()
	case key.Matches(msg, m.keys.Back) && len(m.stack) > 1:
		return m.pop()
	case key.Matches(msg, m.keys.Back):
		m.toast = "there is nothing to go back to; " + short(m.keys.Leave) + " quits"
	case key.Matches(msg, m.keys.Help):
		m.open(helpPage(m))
	case key.Matches(msg, m.keys.Coverage):
		return m.openCoverage()
	case key.Matches(msg, m.keys.Trust):
		m.openTrust()
	case key.Matches(msg, m.keys.Triage):
		m.startTriage()
		return m.readDecisions()
	case key.Matches(msg, m.keys.Undo):
		return m.takeBack(takenBack)
	case key.Matches(msg, m.keys.Redo):
		return m.takeBack(madeAgain)
	case key.Matches(msg, m.keys.Review):
		return m.openReview()
	case key.Matches(msg, m.keys.Messages):
		m.open(m.journal.screen())
	case key.Matches(msg, m.keys.Explain):
		return m.explain(m.top().word(m.here()))
	case key.Matches(msg, m.keys.Commands):
		m.overlay = newPalette(m)
	case key.Matches(msg, m.keys.Mouse):
		return m.toggleMouse()
	case key.Matches(msg, m.keys.Redraw):
		return tea.ClearScreen
	case key.Matches(msg, m.keys.Suspend):
		return m.suspend(true)
	}
	return nil
}

// do does what a screen asked for.
func (m *Model) do(a action) tea.Cmd {
	if a == nil {
		return nil
	}
	return a(m)
}

// pop goes back to the screen below.
func (m *Model) pop() tea.Cmd {
	m.stack = m.stack[:max(len(m.stack)-1, 1)]
	return nil
}

// lay lays a screen on the stack. What it takes the place of is taken out.
func (m *Model) lay(top screen, replaces func(screen) bool) {
	m.stack = append(slices.DeleteFunc(slices.Clone(m.stack), replaces), top)
}

// is reports whether a screen is of a kind.
func is[T screen](s screen) bool { _, ok := s.(T); return ok }

// open lays a page on the stack, in place of one of its title; of the same text, the
// place is kept. It is made at once, so that the first footer knows whether a line of it
// leads on.
func (m *Model) open(p *textScreen) {
	m.lay(p, func(s screen) bool {
		old, ok := s.(*textScreen)
		same := ok && old.title == p.title
		if same && old.about == p.about {
			p.place, p.query = old.place, old.query
		}
		return same
	})
	p.pager(m.here(), m.frame(p).Body.W)
}

func (m *Model) top() screen { return m.stack[len(m.stack)-1] }

func (m *Model) frame(s screen) layout.Frame {
	wish := s.wish()
	wish.Notice = len(m.notice()) > 0
	return layout.Divide(m.width, m.height, wish)
}

// settle gives the preview of the table on top the room that it needs.
func (m *Model) settle() {
	switch top := m.top().(type) {
	case *packages:
		top.settle(&m.env, m.frame, top)
	case *changes:
		top.settle(&m.review.env, m.frame, top)
	}
}

// View implements tea.Model.
func (m *Model) View() string {
	return m.theme.Limit(strings.Join(m.draw(), "\n"))
}
