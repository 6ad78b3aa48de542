package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/term"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/verify/scan"
)

// terminal is a real terminal device whose screen is in memory.
type terminal struct {
	t            *testing.T
	keyboard, in *os.File // what a person and what the program holds
	screen       vt10x.Terminal
	before       *term.State
	done         chan error
	cancel       context.CancelFunc

	mu      sync.Mutex
	changed chan struct{} // closed when the program has written
	written []byte        // all of it
}

// run shows the screen in a terminal of 100 by 30 cells.
func run(t *testing.T, o Options) *terminal {
	t.Helper()
	return runModel(t, New(o))
}

func runModel(t *testing.T, m *Model) *terminal {
	t.Helper()
	keyboard, in, err := pty.Open()
	if err != nil {
		t.Skipf("no terminal device: %v", err)
	}
	x := &terminal{t: t, keyboard: keyboard, in: in, done: make(chan error, 1), changed: make(chan struct{}),
		screen: vt10x.New(vt10x.WithSize(100, 30))}
	if err := pty.Setsize(keyboard, &pty.Winsize{Cols: 100, Rows: 30}); err != nil {
		t.Fatal(err)
	}
	if x.before, err = term.GetState(int(in.Fd())); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	x.cancel = cancel
	go x.watch()
	go func() { x.done <- show(ctx, m, in, in) }()
	t.Cleanup(func() {
		cancel()
		_ = keyboard.Close() // not in: when it is killed, the library leaves a reader behind for a moment
	})
	return x
}

func (x *terminal) watch() {
	buffer := make([]byte, 1<<16)
	for {
		n, err := x.keyboard.Read(buffer)
		if err != nil {
			return
		}
		x.mu.Lock()
		_, _ = x.screen.Write(buffer[:n])
		x.written = append(x.written, buffer[:n]...)
		close(x.changed)
		x.changed = make(chan struct{})
		x.mu.Unlock()
	}
}

// patience is when a test gives up, never what it waits for.
const patience = 30 * time.Second

// wait waits until the screen is as wanted, each time something was written.
func (x *terminal) wait(what string, wanted func(screen string) bool) {
	x.t.Helper()
	late := time.After(patience)
	for {
		x.mu.Lock()
		screen, changed := x.screen.String(), x.changed
		x.mu.Unlock()
		if wanted(screen) {
			return
		}
		select {
		case <-changed:
		case err := <-x.done:
			x.t.Fatalf("waiting for %s, the program ended: %v\n%s", what, err, screen)
		case <-late:
			x.t.Fatalf("waiting for %s in vain:\n%s", what, screen)
		}
	}
}

func (x *terminal) waitFor(text string) {
	x.t.Helper()
	x.wait(fmt.Sprintf("%q", text), func(screen string) bool { return strings.Contains(screen, text) })
}

// waitForRow waits until the cursor is on the line with a text.
func (x *terminal) waitForRow(text string) {
	x.t.Helper()
	x.wait("the cursor on "+text, func(screen string) bool {
		for line := range strings.SplitSeq(screen, "\n") {
			if strings.HasPrefix(line, "▌") && strings.Contains(line, text) {
				return true
			}
		}
		return false
	})
}

func (x *terminal) typeKeys(keys string) {
	x.t.Helper()
	if _, err := x.keyboard.WriteString(keys); err != nil {
		x.t.Fatal(err)
	}
}

// end waits for the end of the program and checks that the terminal is as it
// was.
func (x *terminal) end() error {
	x.t.Helper()
	var err error
	select {
	case err = <-x.done:
	case <-time.After(patience):
		x.t.Fatal("the program does not end")
	}
	after, stateErr := term.GetState(int(x.in.Fd()))
	if stateErr != nil {
		x.t.Fatal(stateErr)
	}
	if fmt.Sprint(*after) != fmt.Sprint(*x.before) {
		x.t.Error("the terminal was left in raw mode")
	}
	// What is written now comes after all that the program wrote, and no frame holds it.
	const last = "~last~"
	if _, err := x.in.WriteString(last); err != nil {
		x.t.Fatal(err)
	}
	x.done <- err
	x.done = make(chan error)
	x.waitFor(last)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.screen.Mode()&vt10x.ModeAltScreen != 0 || !x.screen.CursorVisible() {
		x.t.Error("the terminal was left on the other screen, or without cursor")
	}
	if x.screen.Mode()&vt10x.ModeMouseMask != 0 {
		x.t.Error("the terminal was left with the mouse taken")
	}
	return err
}

func terminalOptions() (Options, *fakeEngine) {
	o, engine := options(), newEngine(true)
	o.Engine = engine
	return o, engine
}

func TestTerminalSession(t *testing.T) {
	o, engine := terminalOptions()
	x := run(t, o)
	x.waitFor("checked 11 packages")
	x.waitForRow("npx/yaml-tiny")
	x.typeKeys("jj")
	x.waitForRow("uvx/")
	x.typeKeys("jj")
	x.waitForRow("npx/@acme/http-client")
	x.typeKeys("\r")
	x.waitFor("1 Overview")
	x.waitFor("5 of 11")
	x.typeKeys("4\tJ")
	x.waitFor("npx/@acme/http-client 2.4.1  ✗ mismatch")
	x.typeKeys("K\x1b")
	x.waitFor("PACKAGE")
	x.typeKeys("/")
	x.waitFor("enter keep")
	x.typeKeys("clickhouse")
	x.waitFor("1 of 11")
	x.typeKeys("\r")
	x.waitForRow("uvx/mcp-clickhouse")
	x.typeKeys("r")
	x.waitFor("checked uvx/mcp-clickhouse again: still verified")
	x.typeKeys("?")
	x.waitFor("Keys of packages")
	x.typeKeys("qq")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	engine.mu.Lock()
	defer engine.mu.Unlock()
	if n := len(engine.tasks); n != 12 || engine.tasks[11].Generation != 2 {
		t.Errorf("the engine got %d tasks, want 11 and a recheck", n)
	}
	if len(engine.promoted) == 0 || len(engine.promoted[0]) == 0 {
		t.Error("the rows on the screen were not promoted")
	}
}

func TestTheFirstFrameComesBeforeTheCatalog(t *testing.T) {
	o, _ := terminalOptions()
	read := make(chan struct{})
	o.Specs = nil
	o.Load = func(ctx context.Context, _ func([]catalog.Spec)) error {
		select {
		case <-read:
			return errors.New("open catalog: no such folder")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	x := run(t, o)
	x.waitFor("Reading the catalog…")
	close(read)
	x.waitFor("Press r to try again")
	x.waitFor("no such folder")
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestThousandsOfResultsArrive(t *testing.T) {
	o, _ := terminalOptions()
	o.Specs = nil
	for range 500 {
		o.Specs = append(o.Specs, sampleSpecs()...)
	}
	o.Engine = &repeatingEngine{newEngine(false)}
	x := run(t, o)
	x.waitFor("checked 5500 packages")
	x.typeKeys("G")
	x.waitFor("▌ ○ none")
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
}

// repeatingEngine answers every task as the sample of the same number does.
type repeatingEngine struct{ *fakeEngine }

func (e *repeatingEngine) Submit(tasks ...scan.Task) {
	for _, t := range tasks {
		event := finished(t.ID, t.Generation)
		event.Report = report(t.ID % 11)
		e.events <- event
	}
}

func TestCancellingEndsTheScreen(t *testing.T) {
	hostile.WithoutRace(t) // the library closes its input without waiting for its reader when it is told to stop at once
	o, _ := terminalOptions()
	o.Engine = newEngine(false)
	x := run(t, o)
	x.waitFor("checking 0/11")
	x.cancel()
	if err := x.end(); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v, want that it was cancelled", err)
	}
}

// noisyEngine writes to the standard streams, as a library might.
type noisyEngine struct{ *fakeEngine }

func (e *noisyEngine) Submit(tasks ...scan.Task) {
	fmt.Fprint(os.Stderr, "\x1b[2Jnoise of a library\nand more")
	fmt.Fprintln(os.Stdout, "\x1b]0;pwned\a"+strings.Repeat("long", 10_000))
	log.Print("noise of the standard logger")
	e.fakeEngine.Submit(tasks...)
}

func TestOtherWritersDoNotSpoilTheScreen(t *testing.T) {
	var logged bytes.Buffer
	o, engine := terminalOptions()
	o.Engine, o.Log = &noisyEngine{engine}, slog.New(slog.NewJSONHandler(&logged, nil))
	stdout, stderr, standard := os.Stdout, os.Stderr, log.Writer()
	x := run(t, o)
	x.waitFor("checked 11 packages")
	x.typeKeys("q")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if os.Stdout != stdout || os.Stderr != stderr || log.Writer() != standard {
		t.Error("the standard streams were not given back")
	}
	for _, want := range []string{"noise of a library", "and more", "pwned", "longlonglong", "noise of the standard logger"} {
		if !strings.Contains(logged.String(), want) {
			t.Errorf("the log has no %q", want)
		}
	}
	if strings.Contains(string(x.written), "noise") || strings.Contains(string(x.written), "pwned") {
		t.Error("the terminal got what others wrote")
	}
}

const printTerm = "PLIMSOLL_TEST_PRINT_TERM"

// TestMain lets the test binary stand for a program that only starts, prints
// the terminal's name and ends, and for one that shows the screen.
func TestMain(m *testing.M) {
	if os.Getenv(printTerm) != "" {
		fmt.Println("TERM is", os.Getenv("TERM"))
		return
	}
	if os.Getenv(runScreen) != "" {
		screenProgram()
		return
	}
	os.Exit(m.Run())
}

// A terminal that never answers must not be asked: importing the library of
// the screen would cost five seconds.
func TestStartingAsksTheTerminalNothing(t *testing.T) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), printTerm+"=1", "TERM=xterm-256color", "COLORTERM=truecolor", "CI=")
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: 80, Rows: 24})
	if err != nil {
		t.Skipf("no terminal device: %v", err)
	}
	defer file.Close()
	var written strings.Builder
	buffer := make([]byte, 4096)
	for {
		n, err := file.Read(buffer)
		written.Write(buffer[:n])
		if err != nil { // EIO: the program has ended
			break
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := strings.TrimSpace(written.String()); got != "TERM is xterm-256color" {
		t.Errorf("a program that only starts wrote %q", got)
	}
}
