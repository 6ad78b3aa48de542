package ui

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
)

// Fault is a panic: a fault of plimsoll itself. If the screen was shown, the
// terminal has been given back.
type Fault struct {
	Text  string // of the panic, cleaned and short
	Stack []byte // where it occurred; for the log only
}

// maxFault bounds the text of a panic that is shown.
const maxFault = 160

// Error implements error. It does not hold the stack.
func (f *Fault) Error() string { return "internal error: " + f.Text }

// NewFault is the fault for what was recovered of a panic. It is to be called
// where the panic is recovered, so that the stack is the panic's.
func NewFault(p any) *Fault {
	if f, ok := p.(*Fault); ok { // of a command: it occurred elsewhere
		return f
	}
	return &Fault{untrusted.Shorten(fmt.Sprint(p), maxFault), debug.Stack()}
}

// guarded wraps Model and turns a panic into a Fault, which ends the program in
// order. The library itself would print the panic's text as it is, and a stack,
// to the terminal.
type guarded struct {
	model *Model
	end   context.CancelFunc

	mu    sync.Mutex
	fault *Fault // the first
	frame string // the last that could be drawn
}

func (g *guarded) Init() tea.Cmd { return g.model.Init() }

func (g *guarded) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	g.try(func() { _, cmd = g.model.Update(msg) })
	return g, guard(cmd)
}

func (g *guarded) View() string {
	g.try(func() { g.frame = g.model.View() })
	return g.frame
}

// try calls f, unless there was a fault before: what panicked half-way is in
// no state to go on with. A panic of f ends the program.
func (g *guarded) try(f func()) {
	if g.found() != nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			g.fail(NewFault(p))
		}
	}()
	f()
}

func (g *guarded) fail(fault *Fault) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.fault == nil {
		g.fault = fault
	}
	g.end()
}

func (g *guarded) found() *Fault {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.fault
}

// guard turns a panic of a command, or of those that it stands for, into an
// action: Update panics with it, which is caught before the library sees it.
func guard(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if p := recover(); p != nil {
				fault := NewFault(p)
				msg = action(func(*Model) tea.Cmd { panic(fault) })
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guard(batch[i])
			}
		}
		return msg
	}
}
