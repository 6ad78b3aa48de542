package ui

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// Run shows the screen until it is left. in and out must be terminals, or what
// behaves like one. The terminal is restored on every way out. Cancelling ctx
// ends the screen, and returns ctx's error unless everything was checked; a panic
// ends it and returns a [*Fault].
func Run(ctx context.Context, o Options, in io.Reader, out io.Writer) error {
	return show(ctx, New(o), in, out)
}

// show is Run for a model.
func show(ctx context.Context, m *Model, in io.Reader, out io.Writer) error {
	o := m.options
	ending, cancel := context.WithCancel(ctx)
	defer cancel()
	restore, err := silence(o.Log)
	if err != nil {
		return err
	}
	m.ctx = ending
	m.console, out = newConsole(ending, out, o.Tmux)
	m.jobs = newJobs()
	defer m.jobs.end()
	program := &guarded{model: m, end: cancel}
	// Signals are the caller's, through ctx: bubbletea's own handler waits for
	// ever if the same signal ends the context.
	_, err = tea.NewProgram(program, tea.WithContext(ending), tea.WithoutSignalHandler(),
		tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen()).Run()
	m.console.close()
	restore()
	owed := m.triage.settleUp()
	fault := program.found()
	if fault == nil && errors.Is(err, tea.ErrProgramPanic) { // of the library: it has printed what it knows, into the log
		fault = &Fault{Text: "the screen's library panicked"}
	}
	if fault != nil {
		o.Log.Error("panic of the screen", "panic", fault.Text, "stack", string(fault.Stack))
		return fault
	}
	m.leave()
	switch {
	case err == nil || owed != nil:
		return owed
	case ctx.Err() != nil && m.finished():
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, tea.ErrInterrupted):
		return errors.New("interrupted")
	default:
		return fmt.Errorf("run the screen: %w", err)
	}
}

// finished reports whether everything was read and checked.
func (m *Model) finished() bool {
	return m.started && m.home.state == ready && !m.store.Working() && !m.reread.running &&
		m.review.cancel == nil
}

// silence sends what others write to the standard streams to the log, line by
// line: it would spoil the screen, and may act on the terminal.
func silence(to *slog.Logger) (restore func(), err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("silence the standard streams: %w", err)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		lines := bufio.NewReader(r)
		for {
			line, _, err := lines.ReadLine() // a long line in parts
			if err != nil {
				return
			}
			to.Warn("written to a standard stream", "text", string(line))
		}
	}()
	stdout, stderr, logged := os.Stdout, os.Stderr, log.Writer()
	os.Stdout, os.Stderr = w, w
	log.SetOutput(w)
	return func() {
		os.Stdout, os.Stderr = stdout, stderr
		log.SetOutput(logged)
		_ = w.Close()
		<-drained
		_ = r.Close()
	}, nil
}
