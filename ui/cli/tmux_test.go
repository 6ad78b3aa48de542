package cli

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/testdata/hostile"
)

// multiplexer is a tmux with one window, in control mode: it tells whenever the
// window's program has written something.
type multiplexer struct {
	t      *testing.T
	socket string
	output *bufio.Reader
}

func multiplex(t *testing.T, command string) *multiplexer {
	t.Helper()
	path, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("tmux is not here")
	}
	dir := t.TempDir()
	x := &multiplexer{t: t, socket: filepath.Join(dir, "tmux")}
	server := exec.Command(path, "-S", x.socket, "-f", os.DevNull, "-C", "new-session", "-x", "100", "-y", "30", command,
		";", "set-option", "destroy-unattached", "on") // it ends with this process, even a killed one
	server.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "HOME="+dir, "XDG_STATE_HOME="+dir, "PS1=")
	in, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	x.output = bufio.NewReader(out)
	stop := func() { _ = exec.Command(path, "-S", x.socket, "kill-server").Run() }
	net := time.AfterFunc(time.Minute, stop) // what hangs must not hold up the others
	t.Cleanup(func() {
		net.Stop()
		stop()
		in.Close()
		_ = server.Wait()
	})
	if !x.told("%session-changed") {
		t.Fatal("tmux does not start")
	}
	return x
}

// told waits for one of the messages, and reports whether it came.
func (x *multiplexer) told(messages ...string) bool {
	for {
		line, err := x.output.ReadString('\n')
		if err != nil {
			return false
		}
		if slices.ContainsFunc(messages, func(m string) bool { return strings.HasPrefix(line, m) }) {
			return true
		}
	}
}

// does runs a command of tmux and returns what it prints.
func (x *multiplexer) does(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-S", x.socket}, args...)...).Output()
	if err != nil {
		x.t.Fatalf("tmux %v: %v", args, err)
	}
	return string(out)
}

// sees waits until the window matches, and returns what it shows.
func (x *multiplexer) sees(pattern string) string {
	x.t.Helper()
	wanted := regexp.MustCompile(pattern)
	for {
		screen := x.does("capture-pane", "-p")
		if wanted.MatchString(screen) {
			return screen
		}
		if !x.told("%output", "%layout-change") {
			x.t.Fatalf("the window was closed before it showed %q:\n%s", pattern, screen)
		}
	}
}

// The built program in tmux: it draws, follows the window's size, opens a package and
// leaves the terminal as it was, with its exit code.
func TestInTmux(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	x := multiplex(t, `sh -c 'plimsoll --demo; echo "code $?"; stty -a; read line; echo "read $line"; read line'`)
	x.sees(`(?s)npx/agentql-mcp.*help`)
	for _, size := range []struct{ columns, rows, shows string }{{"60", "15", "PACKAGE"}, {"30", "8", "needs 40x10"}, {"140", "40", `(?s)SOURCE.*\? help`}} {
		x.does("resize-window", "-x", size.columns, "-y", size.rows)
		screen := x.sees(size.shows)
		if lines := strings.Split(strings.TrimSuffix(screen, "\n"), "\n"); len(lines) > 40 || strings.Contains(screen, "]8;;") {
			t.Errorf("%d lines at %sx%s:\n%s", len(lines), size.columns, size.rows, screen)
		}
	}
	x.does("send-keys", "Enter")
	if screen := x.sees(`1 Overview`); strings.Contains(screen, "]8;") || strings.Contains(screen, "https;") {
		t.Errorf("a link is not hidden:\n%s", screen)
	}
	x.does("send-keys", "q", "q")
	x.sees(`(?s)code 0.* echo `)
	x.does("send-keys", "it is cooked", "Enter")
	x.sees(`read it is cooked`)
}
