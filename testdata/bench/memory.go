package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/creack/pty"

	"plimsoll/testdata/many"
)

// memory is one figure: the peak of a format of report, or of the screen, on so many
// packages.
type memory struct {
	kind     string // a format, or "screen"
	packages int
	goal     float64 // bytes
}

// memories are the figures; those of large catalogs take minutes.
func memories(long bool) []memory {
	all := []memory{{"text", 10_000, 200e6}, {"json", 10_000, 200e6}}
	if long {
		all = append(all, memory{"json", 50_000, 400e6}, memory{"screen", 50_000, 400e6},
			memory{"text", 100_000, 600e6}, memory{"json", 100_000, 600e6})
	}
	return all
}

func (m memory) measure() measure { return program(fmt.Sprintf("%s %d", m.kind, m.packages), "peak-B") }

// catalog returns the folder of a catalog of n packages, which it writes once.
func (b *bench) catalog(n int) (string, error) {
	dir := filepath.Join(b.work, fmt.Sprint(n))
	if err := os.Mkdir(dir, 0o777); errors.Is(err, fs.ErrExist) {
		return dir, nil
	} else if err != nil {
		return "", err
	}
	return dir, many.Write(dir, n)
}

// memory notes the largest resident set of a program.
func (b *bench) memory(plimsoll string, m memory) error {
	dir, err := b.catalog(m.packages)
	if err != nil {
		return err
	}
	b.progress("memory: %s, %d packages", m.kind, m.packages)
	args := []string{dir, "--replay", b.recording(), "--trusted-root", filepath.Join(b.recording(), "trusted_root.json")}
	var c *exec.Cmd
	if m.kind == "screen" {
		c = exec.Command(plimsoll, args...)
		err = untilStill(c)
	} else {
		c = b.command(plimsoll, append([]string{"report", "--format", m.kind}, args...)...)
		err = c.Run()
	}
	if err != nil {
		return fmt.Errorf("%s, %d packages: %w", m.kind, m.packages, err)
	}
	peak, ok := peakMemory(c.ProcessState)
	if !ok {
		return errors.New("the memory of a program is measured on Linux only")
	}
	b.figures.add(m.measure().benchmark, "peak-B", peak)
	return nil
}

// untilStill runs a program in a terminal until it has drawn nothing for ten seconds:
// it then has nothing more to do.
func untilStill(c *exec.Cmd) error {
	c.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=")
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		return err
	}
	defer tty.Close()
	still := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
	defer still.Stop()
	drawn := 0
	for buffer := make([]byte, 1<<16); ; still.Reset(10 * time.Second) {
		n, err := tty.Read(buffer)
		if drawn += n; err != nil {
			break
		}
	}
	_ = c.Wait() // it was killed
	if drawn < 10_000 {
		return errors.New("it ended without having drawn anything")
	}
	return nil
}
