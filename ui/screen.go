package ui

import (
	"fmt"
	"time"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// screen is one of the stack. It keeps its own place and draws itself into the
// rectangles it is given; what reaches beyond it is an [action].
type screen interface {
	scope() scope
	// wish says which parts of the frame the screen uses.
	wish() layout.Wish
	// key handles a key, and reports whether it is one of its own.
	key(e *env, f layout.Frame, msg tea.KeyMsg) (action, bool)
	// refuses says why a key of the screen's scope cannot be used now, or "" if it
	// can: the footer, the help, the palette and the screen itself ask it.
	refuses(e *env, b *key.Binding) string
	// word is what the explanation explains here: a term, a status, a check or a rule.
	word(e *env) string
	// crumb is the line that names what is shown: left and right.
	crumb(e *env, f layout.Frame) (left, right line)
	// draw returns the painted lines of the heading, of the body and, beside
	// it, of the preview; fewer than there is room for will do.
	draw(e *env, f layout.Frame) content
}

// content is what a screen draws.
type content struct {
	heading string
	body    []string
	preview []string // when there are any, every line of body is Body.W wide
	aside   line     // stands below the body if nothing else was said
}

// env is what every screen may use. It does not change while the program runs;
// the store's content does.
type env struct {
	theme     *theme.Theme
	keys      *Keys
	store     *store.Store
	title     string // cleaned
	trust     string // cleaned
	triage    *triageState
	histories *lookup[history.History]
	dossiers  *lookup[*verify.Dossier]
	review    *reviewing              // nil: what is shown are the packages of a catalog
	file      bool                    // a file of evidence is shown, not a catalog
	checks    bool                    // packages can be checked again
	links     memo[linkedKey, bool]   // of the row that was asked about last
	off       map[*key.Binding]string // why keys are of no use in this run
	unread    catalog.UnreadSpecs
	now       func() time.Time // nil: evidence was fetched now, and has no age
}

// asOf is the time by which evidence is so old; zero if it has no age.
func (e *env) asOf() time.Time {
	if e.now == nil {
		return time.Time{}
	}
	return e.now()
}

// row returns a row of the store or, for the complement of its ID in a review, one
// that stands for the package before the change, if that is known.
func (e *env) row(id int) *store.Row {
	if id < 0 && e.review != nil {
		if before := e.review.before(^id); before != nil {
			return before
		}
		id = ^id
	}
	return e.store.Row(id)
}

// scroller is the place in a text that may be longer than the screen.
type scroller struct{ top int }

// key moves through a text of n lines in a body of h.
func (s *scroller) key(keys *Keys, msg tea.KeyMsg, n, h int) bool {
	delta, ok := movement(keys, msg, h)
	if ok {
		s.move(delta, n, h)
	}
	return ok
}

func (s *scroller) move(delta, n, h int) {
	s.top += delta
	s.clamp(n, h)
}

// position names the lines on the screen, or is "" if that is all of them.
func (s *scroller) position(n, h int) string {
	if n <= h {
		return ""
	}
	s.clamp(n, h)
	return fmt.Sprintf("lines %d to %d of %d", s.top+1, s.top+h, n)
}

// clamp keeps the text on the screen.
func (s *scroller) clamp(n, h int) { s.top = max(0, min(s.top, n-h)) }

// window returns the lines on the screen.
func (s *scroller) window(lines []string, h int) []string {
	s.clamp(len(lines), h)
	return lines[s.top:min(len(lines), s.top+h)]
}

// far is more lines than anything has.
const far = 1 << 30
