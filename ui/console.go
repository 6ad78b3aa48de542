package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"
)

// console is the terminal's output. Frames of the screen and sequences of ours
// go through it, each in one piece and never one inside the other.
type console struct {
	tmux  bool // sequences for the terminal must pass through tmux
	ctx   context.Context
	grace time.Duration // how long a write may take once ctx is done

	mu  sync.Mutex
	out io.Writer // nil: closed
}

// consoleGrace lets a terminal that reads take what restores it, and keeps one
// that does not from holding up the end.
const consoleGrace = 200 * time.Millisecond

// newConsole returns the console and what the screen's library is to write to:
// a file stays one, so that the library finds the terminal's size.
func newConsole(ctx context.Context, out io.Writer, tmux bool) (*console, io.Writer) {
	c := &console{tmux: tmux, ctx: ctx, grace: consoleGrace, out: out}
	if file, ok := out.(*os.File); ok {
		return c, terminalFile{file, c}
	}
	return c, c
}

type terminalFile struct {
	*os.File
	console *console
}

func (t terminalFile) Write(p []byte) (int, error) { return t.console.Write(p) }

// WriteString keeps io.WriteString from going past the console.
func (t terminalFile) WriteString(s string) (int, error) { return t.console.Write([]byte(s)) }

// Write writes p, which may take as long as the terminal wants while nobody
// asks for the end. A write that is still going on some time after that is
// left behind, and with it the terminal.
func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out == nil {
		return 0, io.ErrClosedPipe
	}
	type result struct {
		n   int
		err error
	}
	written := make(chan result, 1)
	out, data := c.out, bytes.Clone(p) // p is the caller's again if this is left behind
	go func() {
		n, err := out.Write(data)
		written <- result{n, err}
	}()
	select {
	case r := <-written:
		return r.n, r.err
	case <-c.ctx.Done():
	}
	enough := time.NewTimer(c.grace)
	defer enough.Stop()
	select {
	case r := <-written:
		return r.n, r.err
	case <-enough.C:
		c.out = nil
		return 0, errors.New("the terminal does not read")
	}
}

// close lets nothing more through: the terminal is no longer ours.
func (c *console) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.out = nil
}

// GiveBack gives a terminal back whose screen was left behind: the mouse, pasting,
// the cursor, what was shown before.
const GiveBack = ansi.ResetModeMouseButtonEvent + ansi.ResetModeMouseExtSgr + ansi.ResetModeBracketedPaste + ansi.SetModeTextCursorEnable +
	ansi.ResetModeAltScreenSaveCursor + ansi.ResetStyle

// maxOSC52 is how many bytes of base64 terminals take: xterm's limit, the
// smallest that is known.
const maxOSC52 = 74_994

var errTooLarge = errors.New("too large for the terminal's clipboard")

// copy has the terminal put text on its clipboard (OSC 52). It works over ssh;
// the terminal does not answer, so that nil means only that it was asked.
func (c *console) copy(text string) error {
	if c == nil {
		return errors.New("no terminal")
	}
	if base64.StdEncoding.EncodedLen(len(text)) > maxOSC52 {
		return errTooLarge
	}
	sequence := ansi.SetSystemClipboard(text)
	if c.tmux { // which obeys one or lets the other pass, as it is configured
		sequence += ansi.TmuxPassthrough(sequence)
	}
	if _, err := c.Write([]byte(sequence)); err != nil {
		return fmt.Errorf("ask the terminal: %w", err)
	}
	return nil
}
