package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
)

// progress is the line on stderr that says how far a run is, while a person watches:
// painted over itself at most ten times a second, taken away before anything else is
// written. It needs no escape sequence, and hides no cursor: a run that is killed
// leaves the line behind and nothing worse. The zero value shows nothing, as nil does.
type progress struct {
	mu    sync.Mutex
	now   *phase // nil: nothing is under way
	shown string // the line that stands on the terminal, "" for none

	env   Env
	theme *theme.Theme
}

// phase is what is under way. Its only clock are the ticks.
type phase struct {
	did         string // "checked"
	done, total int    // total 0: it is not known
	doing       string // the last that was said of one of them

	begun, moved time.Time // the first tick, and the last at which more was done
	seen         int       // done at the last tick
	from         time.Time // since when the pace is measured,
	base         int       // and what was done then
}

// The times of the line. A run that ends sooner than showAfter shows none.
const (
	paintEvery = 100 * time.Millisecond
	showAfter  = 300 * time.Millisecond
	paceAfter  = 2 * time.Second // from when on the pace says something
	stillAfter = 3 * time.Second // without news, after which the pace says nothing any more
)

// leastPace is the number of packages that a pace is taken from.
const leastPace = 10

// watched reports whether a person may see what is written to stderr now.
func (e Env) watched() bool {
	return e.IsTerminal(e.Stderr) && e.Getenv("TERM") != "dumb" && e.Getenv("CI") == ""
}

// begin shows from now on that something is under way, until stop is called or ctx
// ends. What was under way before is over.
func (e Env) begin(ctx context.Context, o options, did string, total int) (stop func()) {
	if e.progress == nil || !e.watched() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	p, ph := e.progress, &phase{did: did, total: total}
	p.mu.Lock()
	p.now, p.env, p.theme = ph, e, newTheme(e, o)
	p.mu.Unlock()
	ticks := e.ticks
	if ticks == nil {
		ticker := time.NewTicker(paintEvery)
		context.AfterFunc(ctx, ticker.Stop)
		ticks = ticker.C
	}
	end := func() {
		p.write(func() {
			if p.now == ph {
				p.now = nil
			}
		})
		cancel()
	}
	go func() {
		for {
			select {
			case at := <-ticks:
				p.paint(ctx, ph, at)
			case <-ctx.Done():
				end()
				return
			}
		}
	}()
	return end
}

// did counts what is done, and doing is what is said of one that is not.
func (p *progress) did(n int) {
	p.note(func(ph *phase) { ph.done += n })
}

func (p *progress) doing(text string) {
	p.note(func(ph *phase) { ph.doing = untrusted.Clean(text) })
}

func (p *progress) note(change func(*phase)) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != nil {
		change(p.now)
	}
}

// write takes the line away and calls write, which may write to the terminal.
func (p *progress) write(write func()) {
	if p == nil {
		write()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.put("")
	write()
}

// paint shows the line as it is at a time.
func (p *progress) paint(ctx context.Context, ph *phase, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now != ph || ctx.Err() != nil {
		return
	}
	cells := p.cells()
	p.put(p.theme.Limit(theme.Cut(ph.line(p.theme, cells, at), cells)))
}

// cells is how many the line may have: the last of the terminal's stays free, since
// some begin a new line after it.
func (p *progress) cells() int {
	if width := p.env.Width(p.env.Stderr); width > 0 {
		return width - 1
	}
	return leastWidth - 1
}

// leastWidth is taken for that of a terminal which does not say it.
const leastWidth = 60

// put replaces the line that stands there. What goes wrong with that is no fault of
// the run.
func (p *progress) put(line string) {
	if line == p.shown {
		return
	}
	text, stood := "\r"+line, theme.Width(p.shown)
	if line == "" {
		stood += len("^C") // which ctrl+c leaves behind it
	}
	// What stands there beyond the line, in a terminal that may have become narrower.
	if rest := min(stood, p.cells()) - theme.Width(line); rest > 0 {
		text += strings.Repeat(" ", rest)
	}
	if line == "" {
		text += "\r"
	}
	_, _ = io.WriteString(p.env.Stderr, text)
	p.shown = line
}

// line is what there is to say at a time, "" at first.
func (ph *phase) line(th *theme.Theme, cells int, at time.Time) string {
	if ph.begun.IsZero() {
		ph.begun, ph.moved = at, at
	}
	if ph.done > ph.seen {
		if ph.seen == 0 {
			ph.from, ph.base = at, ph.done
		}
		ph.seen, ph.moved = ph.done, at
	}
	if at.Sub(ph.begun) < showAfter {
		return ""
	}
	if ph.total == 0 {
		return fmt.Sprintf("%d %s", ph.done, ph.did)
	}
	text := fmt.Sprintf("%d of %d %s", ph.done, ph.total, ph.did)
	if more := ph.left(at); more != "" {
		text += ", " + more
	}
	if cells >= barFrom {
		full := barCells * ph.done / ph.total
		text = strings.Repeat(th.Glyph(theme.GlyphBarDone), full) + strings.Repeat(th.Glyph(theme.GlyphBarLeft), barCells-full) + "  " + text
	}
	return text
}

// The width of the bar, and that of a line which has room for one.
const (
	barCells = 20
	barFrom  = 70
)

// left says how long the rest takes if it goes on like this; if it does not, since
// when nothing has come, and what of.
func (ph *phase) left(at time.Time) string {
	rest, paced := ph.total-ph.done, ph.done-ph.base
	still, took := at.Sub(ph.moved), at.Sub(ph.from)
	switch {
	case rest <= 0:
		return ""
	case still >= stillAfter:
		text := fmt.Sprintf("nothing new for %d s", still/time.Second)
		if ph.doing != "" {
			text += " (" + ph.doing + ")"
		}
		return text
	case rest == ph.total && rest == 1:
		return ph.doing
	case paced < leastPace || took < paceAfter:
		return ""
	}
	seconds := int(took.Seconds()*float64(rest)/float64(paced)) + 1
	switch {
	case seconds < 60:
		return fmt.Sprintf("%d s left at this pace", (seconds+4)/5*5)
	case seconds < 2*60*60:
		return fmt.Sprintf("%d min left at this pace", (seconds+59)/60)
	}
	return fmt.Sprintf("%d h left at this pace", (seconds+60*60-1)/(60*60))
}
