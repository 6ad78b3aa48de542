package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// Run shows the screen until it is left. in and out must be terminals, or what
// behaves like one. The terminal is restored on every way out, a panic
// included. Cancelling ctx ends the screen and returns ctx's error.
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	restore, err := silence(o.Log)
	if err != nil {
		return err
	}
	defer restore()
	m := New(o)
	m.ctx = ctx
	m.console, out = newConsole(out, o.Tmux)
	// Signals are the caller's, through ctx: bubbletea's own handler waits for
	// ever where the same signal ends the context.
	_, err = tea.NewProgram(m, tea.WithContext(ctx), tea.WithoutSignalHandler(),
		tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen()).Run()
	m.console.close()
	m.leave()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, tea.ErrInterrupted):
		return errors.New("interrupted")
	default:
		return fmt.Errorf("run the screen: %w", err)
	}
}

// silence sends what others write to the standard error stream to the log, or
// nowhere: it would spoil the screen.
func silence(file *os.File) (restore func(), err error) {
	opened := file == nil
	if opened {
		if file, err = os.OpenFile(os.DevNull, os.O_WRONLY, 0); err != nil {
			return nil, fmt.Errorf("silence the error stream: %w", err)
		}
	}
	stderr, logged := os.Stderr, log.Writer()
	os.Stderr = file
	log.SetOutput(file)
	return func() {
		os.Stderr = stderr
		log.SetOutput(logged)
		if opened {
			_ = file.Close()
		}
	}, nil
}
