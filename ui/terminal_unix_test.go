//go:build unix

package ui

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

func TestTerminalResize(t *testing.T) {
	o, _ := terminalOptions()
	x := run(t, o)
	x.waitFor("checked 11 packages")
	for _, size := range []struct {
		cols, rows uint16
		want, not  string
	}{{30, 8, "plimsoll needs 40x10", "PACKAGE"}, {200, 40, " │ ", "plimsoll needs"}, {60, 15, "VERSION", "EXPECTED"}} {
		x.mu.Lock()
		x.screen.Resize(int(size.cols), int(size.rows))
		x.mu.Unlock()
		if err := pty.Setsize(x.keyboard, &pty.Winsize{Cols: size.cols, Rows: size.rows}); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
			t.Fatal(err)
		}
		x.wait(size.want, func(screen string) bool {
			return strings.Contains(screen, size.want) && !strings.Contains(screen, size.not)
		})
	}
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// ours reports whether the terminal shows the screen, not what was there before.
func (x *terminal) ours() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.screen.Mode()&vt10x.ModeAltScreen != 0
}

// A program of its own is suspended: the signal goes to its whole group. If no shell
// waits behind it, it comes back by itself (ui/cli.TestJobControl has one).
func TestTerminalSuspend(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runScreen+"=1", "TERM=xterm-256color")
	keyboard, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 100, Rows: 30})
	if err != nil {
		t.Skipf("no terminal device: %v", err)
	}
	x := &terminal{t: t, keyboard: keyboard, done: make(chan error, 1), changed: make(chan struct{}), screen: vt10x.New(vt10x.WithSize(100, 30))}
	go x.watch()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = keyboard.Close()
	})
	x.waitFor("checked 3 packages")
	x.typeKeys("m")
	x.waitFor("mouse on (m)")
	x.typeKeys("\x1a")
	x.wait("the terminal to be given back", func(string) bool { return !x.ours() })

	// Its group is alone in its session: the system stops none that nobody could wake.
	x.wait("the screen to come back", func(screen string) bool { return x.ours() && strings.Contains(screen, "npx/@acme/http-client") })
	x.wait("the mouse to be taken again", func(string) bool { return x.times("\x1b[?1002h") == 2 })
	x.typeKeys("q")
	x.waitFor("the end")
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
