//go:build unix

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"plimsoll/testdata/hostile"
)

// job is the program that the window's shell runs.
func (x *multiplexer) job() *os.Process {
	x.t.Helper()
	shell := strings.TrimSpace(x.does("display-message", "-p", "#{pane_pid}"))
	children, err := os.ReadFile(filepath.Join("/proc", shell, "task", shell, "children"))
	if err != nil {
		x.t.Skip(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(children)))
	if err != nil {
		x.t.Fatalf("children of the shell: %q", children)
	}
	process, _ := os.FindProcess(pid)
	return process
}

// However the program is stopped below a shell, the shell has a whole terminal, and fg
// brings the screen back.
func TestJobControl(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	x := multiplex(t, "sh -i")
	const table = `(?s)npx/agentql-mcp.*help`
	x.does("send-keys", "PS1='ready> '; clear", "Enter")
	x.sees(`^ready>`)
	x.does("send-keys", "plimsoll --demo", "Enter")
	x.sees(table)
	tty := strings.TrimSpace(x.does("display-message", "-p", "#{pane_tty}"))
	cooked := func() {
		t.Helper()
		out, err := exec.Command("stty", "-a", "-F", tty).Output()
		if err != nil || !strings.Contains(string(out), " icanon") || !strings.Contains(string(out), " echo ") {
			t.Errorf("the terminal of the shell: %v\n%s", err, out)
		}
		if on := strings.TrimSpace(x.does("display-message", "-p", "#{alternate_on} #{cursor_flag}")); on != "0 1" {
			t.Errorf("the alternate screen and the cursor: %s", on)
		}
	}
	for i, s := range []syscall.Signal{0, syscall.SIGTSTP, syscall.SIGSTOP} {
		switch s {
		case 0:
			x.does("send-keys", "C-z")
		default:
			if err := x.job().Signal(s); err != nil {
				t.Fatal(err)
			}
		}
		x.sees(`(?s)Stopped`)
		if s != syscall.SIGSTOP { // for which nobody can prepare
			cooked()
		}
		x.does("send-keys", "clear; stty sane; echo shell "+strconv.Itoa(i), "C-j") // a raw terminal sends no newline for enter
		x.sees(`(?m)^shell ` + strconv.Itoa(i))
		x.does("send-keys", "fg", "Enter")
		x.sees(table)
		if on := strings.TrimSpace(x.does("display-message", "-p", "#{alternate_on}")); on != "1" {
			t.Errorf("after %v the screen is not alone: %s", s, on)
		}
	}
	x.does("send-keys", "Enter")
	x.sees(`1 Overview`)
	x.does("send-keys", "q", "q")
	x.sees(`(?s)ready> fg\s+plimsoll --demo\s+ready>`)
	x.does("send-keys", "clear; echo \"code $?\"", "Enter")
	x.sees(`(?m)^code 0`)
	cooked()
}
