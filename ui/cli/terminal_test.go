package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	xterm "golang.org/x/term"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/report"
)

// terminal is the real program in a terminal that answers nothing.
type terminal struct {
	t       *testing.T
	command *exec.Cmd
	tty     *os.File
	output  bytes.Buffer
}

func openTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	return startTerminal(t, pty.Winsize{Rows: 30, Cols: 120}, []string{"HOME=" + t.TempDir()}, args...)
}

func startTerminal(t *testing.T, size pty.Winsize, env []string, args ...string) *terminal {
	t.Helper()
	command := exec.Command("plimsoll", args...)
	command.Env = append(append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=", "CI="), env...)
	// What this process was told to ignore, the program would ignore too: nohup, a background job.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGHUP, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTERM)
	tty, err := pty.StartWithSize(command, &size)
	signal.Stop(caught)
	if err != nil {
		t.Skipf("there is no pseudo-terminal here: %v", err)
	}
	// A net, not a measure: a program that hangs must not hold up the others.
	net := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	t.Cleanup(func() {
		net.Stop()
		tty.Close()
		_ = command.Process.Kill() // in case the test failed
		_ = command.Wait()
	})
	return &terminal{t: t, command: command, tty: tty}
}

// until reads until the output holds text.
func (term *terminal) until(text string) {
	term.t.Helper()
	buffer := make([]byte, 4096)
	for !strings.Contains(term.output.String(), text) {
		n, err := term.tty.Read(buffer)
		term.output.Write(buffer[:n])
		if err != nil {
			term.t.Fatalf("the program ended before it showed %q: %v\n%q", text, err, term.output.String())
		}
	}
}

// wait reads the rest and returns the exit code.
func (term *terminal) wait() int {
	term.t.Helper()
	// Reading ends with EIO when the program's side is closed.
	if _, err := io.Copy(&term.output, term.tty); err != nil && !errors.Is(err, syscall.EIO) {
		term.t.Fatal(err)
	}
	var failed *exec.ExitError
	if err := term.command.Wait(); err != nil && !errors.As(err, &failed) {
		term.t.Fatal(err)
	}
	return term.command.ProcessState.ExitCode()
}

func TestScreenOpensInATerminal(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "--demo")
	term.until("npx/@jetbrains")
	if _, err := term.tty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0\n%q", code, term.output.String())
	}
	if out := term.output.String(); !strings.Contains(out, "\x1b[?1049h") || !strings.Contains(out, "\x1b[?1049l") {
		t.Error("the screen was not opened and given back")
	}
}

// A file of evidence opens on the package screen, and one of several in a list;
// leaving it says how the inspection ended.
func TestInspectOpensInATerminal(t *testing.T) {
	t.Parallel()
	message := filepath.Join("testdata", "inspect", "message.json")
	several := filepath.Join(t.TempDir(), "several.jsonl")
	var lines []byte
	for _, name := range []string{"message.json", "message-tampered.json", "statement-v0.3.json"} {
		data, err := os.ReadFile(filepath.Join("testdata", "inspect", name))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, data...)
	}
	if err := os.WriteFile(several, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, shown string
		code        int
		args        []string
	}{
		{"unbound", "unbound", report.ExitOK, []string{"--demo", message}},
		{"bound", "the evidence names it", report.ExitOK, []string{"--demo", message, "--artifact", "sha256:SUM"}},
		{"invalid", "invalid", report.ExitFailed, []string{"--demo", filepath.Join("testdata", "inspect", "message-tampered.json")}},
		{"several", "invalid", report.ExitFailed, []string{"--demo", several}},
		{"no trust", "Not verified", report.ExitUnchecked, []string{message, "--offline", "--cache-dir", t.TempDir()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			sum := sha256.Sum256([]byte("what was signed\n"))
			for i := range c.args {
				c.args[i] = strings.ReplaceAll(c.args[i], "SUM", hex.EncodeToString(sum[:]))
			}
			term := openTerminal(t, append([]string{"inspect"}, c.args...)...)
			term.until(c.shown)
			if _, err := term.tty.WriteString("q"); err != nil {
				t.Fatal(err)
			}
			if code := term.wait(); code != c.code {
				t.Errorf("exit code %d, want %d\n%q", code, c.code, term.output.String())
			}
		})
	}
}

// gitCatalog returns a folder with a catalog in a git repository.
func gitCatalog(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	spec := filepath.Join(dir, "npx", "x", "spec.yaml")
	if err := os.MkdirAll(filepath.Dir(spec), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spec, []byte("metadata:\n  name: x\n  protocol: npx\nspec:\n  package: x\n  version: 1.0.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "one"}} {
		git(t, dir, args...)
	}
	return dir
}

// git runs git in a folder.
func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	git := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@b.test"}, args...)...)
	git.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "HOME="+dir)
	if out, err := git.CombinedOutput(); err != nil {
		t.Skipf("git %v: %v: %s", args, err, out)
	}
}

// On a terminal a review opens on the screen, with --demo=review as well; leaving it
// says how it ended.
func TestReviewOpensInATerminal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args        []string
		shown, keys string
		code        int
	}{
		"demo":    {[]string{"--demo=review"}, "reviewed ", "q", report.ExitFailed},
		"early":   {[]string{"review", "--demo"}, "Review", "\x03", report.ExitUnchecked},
		"no git":  {[]string{"review", t.TempDir()}, "plimsoll: ", "", report.ExitUsage},
		"no base": {[]string{"review", gitCatalog(t), "--base", "nothing"}, "Press r to try again", "q", report.ExitUsage},
		"nothing": {[]string{"review", gitCatalog(t), "--base", "HEAD", "--offline", "--cache-dir", t.TempDir()}, "No spec differs", "q", report.ExitOK},
		"text":    {[]string{"review", "--demo", "--format", "text"}, "verdict: fail", "", report.ExitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			term := openTerminal(t, c.args...)
			term.until(c.shown)
			if _, err := term.tty.WriteString(c.keys); err != nil {
				t.Fatal(err)
			}
			if code := term.wait(); code != c.code {
				t.Errorf("exit code %d, want %d\n%q", code, c.code, term.output.String())
			}
		})
	}
}

// A catalog of the demo that does not change has no review, least of all that of
// another.
func TestDemoWithoutAChange(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "--demo=attacks")
	term.until("npx/@drydock")
	for _, step := range []struct{ keys, shown string }{{"V", "--demo=attacks is a catalog that does not change"}, {"q", ""}} {
		if _, err := term.tty.WriteString(step.keys); err != nil {
			t.Fatal(err)
		}
		term.until(step.shown)
	}
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0\n%q", code, term.output.String())
	}
}

// Signals end the screen as its keys do. What was interrupted is said, and what was
// complete is not called interrupted.
func TestSignalEndsTheScreen(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t) // bubbletea closes its reader while that still waits, and the detector says so on the terminal
	recorded := filepath.Join("..", "..", "testdata", "demo", "recording")
	pending := []string{filepath.Join("..", "..", "testdata", "demo", "dockyard"), "--npm-registry", silent(t, func() {}), "--cache-dir", t.TempDir(),
		"--trusted-root", filepath.Join(recorded, "trusted_root.json"), "--npm-keys", filepath.Join(recorded, "npm-keys.json")}
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("there is no pseudo-terminal here: %v", err)
	}
	asItWas, err := xterm.GetState(int(master.Fd()))
	if err = errors.Join(err, master.Close(), slave.Close()); err != nil {
		t.Fatal(err)
	}
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT} {
		for _, c := range []struct {
			name, shown string
			code        int
			args        []string
		}{
			{"complete", "checked 29 packages", report.ExitOK, []string{"--demo"}},
			{"pending", "npx/@jetbrains", report.ExitUnchecked, pending},
		} {
			t.Run(s.String()+" "+c.name, func(t *testing.T) {
				term := openTerminal(t, c.args...)
				term.until(c.shown)
				if err := term.command.Process.Signal(s); err != nil {
					t.Fatal(err)
				}
				if code := term.wait(); code != c.code {
					t.Errorf("exit code %d, want %d\n%q", code, c.code, term.output.String())
				}
				out := term.output.String()
				if said := strings.Contains(out, "plimsoll: interrupted"); !strings.Contains(out, "\x1b[?1049l") || said != (c.code != report.ExitOK) {
					t.Errorf("the terminal was not given back, or it says that it was interrupted: %v\n%q", said, out)
				}
				if strings.Contains(out, "goroutine ") {
					t.Errorf("stacks on the terminal: %q", out)
				}
				if mode, err := xterm.GetState(int(term.tty.Fd())); err != nil || !reflect.DeepEqual(mode, asItWas) {
					t.Errorf("the terminal's mode is %v (%v), was %v", mode, err, asItWas)
				}
			})
		}
	}
}

// A command that opens no screen asks the terminal nothing: one that never
// answers would hold it up for seconds.
func TestNoQuestionsToTheTerminal(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"--help"}, {"report", "--demo=dockyard", "--no-color"}} {
		t.Run(strings.Join(args, " "), func(t *testing.T) {
			term := openTerminal(t, args...)
			term.wait()
			if out := term.output.String(); out == "" || strings.Contains(out, "\x1b") {
				t.Errorf("output %q", out[:min(len(out), 300)])
			}
		})
	}
}

// version writes its line and not a byte more.
func TestVersionWritesOneLine(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "version")
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0", code)
	}
	if out := term.output.String(); !regexp.MustCompile(`^plimsoll [ -~]+\r\n$`).MatchString(out) {
		t.Errorf("output %q", out)
	}
}

func TestColoursInATerminal(t *testing.T) {
	t.Parallel()
	term := openTerminal(t, "verify-provenance", "--demo", "-c", "dockyard/uvx/mcp-clickhouse/spec.yaml")
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0", code)
	}
	if out := term.output.String(); !strings.Contains(out, "\x1b[32m✓ verified\x1b[0m") {
		t.Errorf("no green verdict in %q", out)
	}
}
