package ui

import (
	"errors"
	"io"
	"os"

	tea "github.com/charmbracelet/bubbletea"
)

// jobs is what job control asks of the screen from outside. The zero value is a screen
// without signals.
type jobs struct {
	stops chan os.Signal // SIGTSTP: ctrl+z sends none while the screen is shown
	wakes chan os.Signal // SIGCONT after a stop that nobody could prepare for
}

var errNotStopped = errors.New("nothing waits behind this terminal: the screen was not suspended")

// suspend gives the terminal back, stops the program until it is woken, and takes the
// terminal again. Group stops everything that ctrl+z would, else the program alone.
func (m *Model) suspend(group bool) tea.Cmd {
	return m.away(func() error { return m.jobs.stop(group) })
}

// askedToStop is called for a signal from outside.
func (m *Model) askedToStop(os.Signal) tea.Cmd { return m.suspend(false) }

// woken takes the terminal again after a stop that came unprepared: the shell has
// changed it.
func (m *Model) woken(os.Signal) tea.Cmd { return m.away(func() error { return nil }) }

// away gives the terminal back while it runs do.
func (m *Model) away(do func() error) tea.Cmd {
	return tea.Exec(interlude(do), func(err error) tea.Msg {
		if err == nil {
			return tea.ResumeMsg{}
		}
		return action(func(m *Model) tea.Cmd {
			m.toast = clip(m.theme, err.Error())
			return m.resumed()
		})
	})
}

// interlude implements [tea.ExecCommand]: what it runs needs no streams.
type interlude func() error

func (i interlude) Run() error        { return i() }
func (interlude) SetStdin(io.Reader)  {}
func (interlude) SetStdout(io.Writer) {}
func (interlude) SetStderr(io.Writer) {}
