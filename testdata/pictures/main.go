// Command pictures makes the pictures of README and screen.md: it runs plimsoll on the
// demo in a terminal in memory, presses keys, and writes what a person would
// see as SVG.
//
//	go run ./testdata/pictures PLIMSOLL FOLDER
package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

const columns, rows = 120, 36

// patience bounds the wait for one scene: a program that hangs must not hold
// up whoever runs this.
const patience = 30 * time.Second

// scene is one picture: the keys that lead to it from the scene before, and a
// text that is on the screen when it is complete.
type scene struct {
	name  string
	keys  []string
	until string
}

// first is what a newcomer sees; scenes go through the demo with its attacks: one
// broken chain, a package that verifies tab by tab, and a decision.
var first = []scene{{"table", nil, "npx/@jetbrains"}}

var scenes = []scene{
	{"broken", []string{"/", "broken-incl", "\r", "\r"}, "Chain of custody"},
	{"broken-log", []string{"3", "\x04"}, "claimed"},
	{"chain", []string{"q", "\x1b", "/", "\x15", "@drydock/reus", "\r", "\r"}, "SLSA"},
	{"certificate", []string{"2"}, "Fulcio extensions"},
	{"log", []string{"3"}, "Inclusion proof"},
	{"publisher", []string{"4"}, "certificate"},
	{"triage", []string{"q", "\x1b", "/", "\x15", "@drydock/renamed", "\r", "t", "a"}, "Write this into the spec?"},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: pictures PLIMSOLL FOLDER")
		os.Exit(2)
	}
	program, folder := os.Args[1], os.Args[2]
	if err := cmp.Or(run(program, "--demo", folder, first), run(program, "--demo=both", folder, scenes)); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// run makes the pictures of scenes that follow each other.
func run(program, demo, folder string, scenes []scene) error {
	state, err := os.MkdirTemp("", "plimsoll-pictures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(state)
	command := exec.Command(program, demo)
	command.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "XDG_STATE_HOME="+state, "HOME="+state)
	tty, err := pty.StartWithSize(command, &pty.Winsize{Rows: rows, Cols: columns})
	if err != nil {
		return err
	}
	defer tty.Close()
	defer func() { _ = command.Process.Kill(); _ = command.Wait() }()
	screen := newScreen(tty)
	if err := screen.wait("npx/@"); err != nil { // what is typed before the table is there is lost
		return err
	}
	for _, s := range scenes {
		for _, key := range s.keys {
			if _, err := io.WriteString(tty, key); err != nil {
				return err
			}
			screen.settle()
		}
		if err := screen.wait(s.until); err != nil {
			return fmt.Errorf("scene %s: %w", s.name, err)
		}
		picture := svg(screen.snapshot())
		if err := os.WriteFile(filepath.Join(folder, s.name+".svg"), []byte(picture), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// screen follows a program's output in a terminal in memory.
type screen struct {
	mu      sync.Mutex
	term    vt10x.Terminal
	changed chan struct{}
}

func newScreen(output io.Reader) *screen {
	s := &screen{term: vt10x.New(vt10x.WithSize(columns, rows)), changed: make(chan struct{}, 1)}
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			n, err := output.Read(buffer)
			s.mu.Lock()
			_, _ = s.term.Write(buffer[:n])
			s.mu.Unlock()
			select {
			case s.changed <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	return s
}

// settle returns when nothing has changed for a moment.
func (s *screen) settle() {
	const quiet = 150 * time.Millisecond
	for {
		select {
		case <-s.changed:
		case <-time.After(quiet):
			return
		}
	}
}

// busy is on the screen while packages are being checked.
const busy = "checking "

var errLate = errors.New("the screen never showed what was waited for")

func (s *screen) wait(text string) error {
	end := time.After(patience)
	for {
		s.settle()
		if shown := s.text(); strings.Contains(shown, text) && !strings.Contains(shown, busy) {
			return nil
		}
		select {
		case <-s.changed:
		case <-end:
			return fmt.Errorf("%w: %q in\n%s", errLate, text, s.text())
		}
	}
}

func (s *screen) text() string {
	var b strings.Builder
	for _, line := range s.snapshot() {
		for _, cell := range line {
			b.WriteRune(cell.Char)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (s *screen) snapshot() [][]vt10x.Glyph {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([][]vt10x.Glyph, rows)
	for y := range out {
		for x := range columns {
			out[y] = append(out[y], s.term.Cell(x, y))
		}
	}
	return out
}
