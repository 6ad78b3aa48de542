package ui

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog/untrusted"
)

// Fault is a panic: a fault of plimsoll itself. Where the screen was shown, the
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

// contained is the model as the library gets it: what panics in it ends the
// program in order. The library itself would print the panic's text as it is,
// and a stack, to the terminal.
type contained struct {
	model *Model
	end   context.CancelFunc

	mu    sync.Mutex
	fault *Fault // the first
	frame string // the last that could be drawn
}

func (c *contained) Init() tea.Cmd { return c.model.Init() }

func (c *contained) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	var cmd tea.Cmd
	c.try(func() { _, cmd = c.model.Update(msg) })
	return c, guardAll(cmd)
}

func (c *contained) View() string {
	c.try(func() { c.frame = c.model.View() })
	return c.frame
}

// try calls f, unless there was a fault before: what panicked half-way is in
// no state to go on with. A panic of f ends the program.
func (c *contained) try(f func()) {
	if c.found() != nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			c.fail(NewFault(p))
		}
	}()
	f()
}

func (c *contained) fail(fault *Fault) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault == nil {
		c.fault = fault
	}
	c.end()
}

func (c *contained) found() *Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.fault
}

// guardAll is guard for a command, and for those that it stands for.
func guardAll(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return guard(func() tea.Msg {
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guardAll(batch[i])
			}
		}
		return msg
	})
}
