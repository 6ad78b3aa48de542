package ui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/coverage"
	"plimsoll/ui/layout"
)

const poison = "boom\x1b[2J\x1b]0;pwned\a\r\n\u202e"

// badScreen panics where it is told to.
type badScreen struct {
	*textScreen
	inKey, inView bool
}

func (b *badScreen) key(*env, layout.Frame, tea.KeyMsg) (action, bool) {
	if b.inKey {
		panic(poison)
	}
	return nil, false
}

func (b *badScreen) draw(e *env, f layout.Frame) content {
	if b.inView {
		panic(poison)
	}
	return b.textScreen.draw(e, f)
}

// Wherever the screen panics, the terminal is given back, and one cleaned line
// and a stack are known: the line for the person, the stack for the log.
func TestAPanicGivesTheTerminalBack(t *testing.T) {
	hostile.WithoutRace(t) // the library closes its input without waiting for its reader when it is told to stop at once
	panics := func(context.Context, func([]catalog.Spec)) error { panic(poison) }
	for name, test := range map[string]struct {
		options func(*Options)
		model   func(*Model)
		keys    string
	}{
		"in a command": {options: func(o *Options) { o.Specs, o.Load = nil, panics }},
		"in a command of a key": {options: func(o *Options) {
			o.CoverageRuns = func() ([]coverage.Run, error) { panic(poison) }
		}, keys: "D"},
		"in Update":           {model: func(m *Model) { m.stack = append(m.stack, &badScreen{textScreen: helpPage(m), inKey: true}) }, keys: "j"},
		"in View":             {model: func(m *Model) { m.stack = append(m.stack, &badScreen{textScreen: helpPage(m), inView: true}) }},
		"in Update, mouse on": {model: func(m *Model) { m.stack = append(m.stack, &badScreen{textScreen: helpPage(m), inKey: true}) }, keys: "mj"},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			o, _ := terminalOptions()
			o.Log = slog.New(slog.NewJSONHandler(&log, nil))
			if test.options != nil {
				test.options(&o)
			}
			m := New(o)
			if test.model != nil {
				test.model(m)
			}
			x := runModel(t, m)
			if test.keys != "" {
				x.waitFor("plimsoll")
				x.typeKeys(test.keys)
			}
			err := x.end()
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("Run: %v, want a fault", err)
			}
			if want := "internal error: " + untrusted.Clean(`boom\x1b[2J\x1b]0;pwned\x07 \u202e`); err.Error() != want {
				t.Errorf("it says %q, want %q", err, want)
			}
			if !strings.Contains(log.String(), `"stack":"goroutine`) || !strings.Contains(log.String(), "guard_test.go") {
				t.Errorf("the log does not say where: %s", log.String())
			}
			if out := string(x.written); strings.Contains(out, "pwned") || strings.Contains(out, "goroutine") {
				t.Errorf("the terminal got %q", out)
			}
		})
	}
}

// After a fault nothing more happens with the model.
func TestNothingGoesOnAfterAFault(t *testing.T) {
	t.Parallel()
	ended := 0
	c := &guarded{end: func() { ended++ }} // without a model
	if frame := c.View(); frame != "" {
		t.Errorf("a frame: %q", frame)
	}
	first := c.found()
	if _, cmd := c.Update(tickMsg{}); cmd != nil || c.found() != first || first == nil || ended != 1 {
		t.Errorf("fault %v, ended %d times", c.found(), ended)
	}
}

// faultOf is the fault with which an action panics.
func faultOf(a action) (fault *Fault) {
	defer func() { fault, _ = recover().(*Fault) }()
	a(nil)
	return nil
}

// Commands of a batch within a batch are guarded as well.
func TestEveryCommandIsGuarded(t *testing.T) {
	bad := func() tea.Msg { panic(poison) }
	cmd := guard(tea.Batch(tick(), tea.Batch(func() tea.Msg { return nil }, bad)))
	found := 0
	var run func(tea.Cmd)
	run = func(cmd tea.Cmd) {
		switch msg := cmd().(type) {
		case tea.BatchMsg:
			for _, c := range msg {
				run(c)
			}
		case action:
			if faultOf(msg) != nil {
				found++
			}
		}
	}
	run(cmd)
	if found != 1 {
		t.Errorf("%d panics were caught, want 1", found)
	}
}

// stuck is a terminal that reads nothing until it is let go.
type stuck struct {
	inside chan struct{}
	free   chan struct{}
	once   sync.Once
}

func (s *stuck) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.inside) })
	<-s.free
	return len(p), nil
}

// A terminal that does not read holds the screen up only until it is to end.
func TestAStuckTerminalIsLeftBehind(t *testing.T) {
	t.Parallel()
	s := &stuck{inside: make(chan struct{}), free: make(chan struct{})}
	t.Cleanup(func() { close(s.free) })
	ctx, cancel := context.WithCancel(t.Context())
	c, w := newConsole(ctx, s, false)
	c.grace = 0
	go func() { <-s.inside; cancel() }()
	if _, err := w.Write([]byte("a frame")); err == nil {
		t.Error("a write that went nowhere went well")
	}
	if _, err := w.Write([]byte("the end")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("the next one: %v", err)
	}
	if err := c.copy("x"); err == nil {
		t.Error("a copy went well")
	}
}

// What restores the terminal is written after the end was asked for.
func TestATerminalThatReadsGetsTheLastWords(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out strings.Builder
	c, w := newConsole(ctx, &out, false)
	c.grace = time.Hour
	if n, err := w.Write([]byte("the end")); n != 7 || err != nil || out.String() != "the end" {
		t.Errorf("%d, %v, %q", n, err, out.String())
	}
}

func TestRunEndsOnAStuckTerminal(t *testing.T) {
	hostile.WithoutRace(t) // the library closes its input without waiting for its reader when it is told to stop at once
	s := &stuck{inside: make(chan struct{}), free: make(chan struct{})}
	t.Cleanup(func() { close(s.free) })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-s.inside; cancel() }()
	o, _ := terminalOptions()
	in, _ := io.Pipe()
	if err := Run(ctx, o, in, s); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}
