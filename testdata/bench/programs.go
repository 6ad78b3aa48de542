package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/creack/pty"
)

// starts is how often a program is started in one round.
const starts = 5

// programs measures whole programs: how long they take to start, to the first
// frame, and what memory a report takes.
func (b *bench) programs() error {
	b.progress("building the programs")
	plimsoll, hello, err := b.build()
	if err != nil {
		return err
	}
	catalog, err := b.catalog(10_000)
	if err != nil {
		return err
	}
	b.progress("starting them")
	b.figures.add("a busy loop", "wall to processor", busy())
	for range b.rounds * starts {
		for _, p := range []struct {
			name string
			args []string
		}{
			{"plimsoll version", []string{plimsoll, "version"}},
			{"a Go program that does nothing", []string{hello}},
			{"/bin/true", []string{"/bin/true"}},
		} {
			began := time.Now()
			if err := exec.Command(p.args[0], p.args[1:]...).Run(); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			b.figures.add(p.name, "ns", float64(time.Since(began)))
		}
		took, err := firstFrame(exec.Command(plimsoll, catalog, "--replay", b.recording(), "--trusted-root", filepath.Join(b.recording(), "trusted_root.json")))
		if err != nil {
			return fmt.Errorf("first frame: %w", err)
		}
		b.figures.add("first frame", "ns", float64(took))
	}
	for _, m := range memories(b.long) {
		if err := b.memory(plimsoll, m); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) recording() string { return filepath.Join(b.root, "testdata", "demo", "recording") }

// build builds plimsoll as the Makefile does, and the smallest Go program.
func (b *bench) build() (plimsoll, hello string, err error) {
	plimsoll, hello = filepath.Join(b.work, "plimsoll"), filepath.Join(b.work, "hello")
	stripped, source := filepath.Join(b.work, "stripped"), filepath.Join(b.work, "hello.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() {}\n"), 0o666); err != nil {
		return "", "", err
	}
	for _, args := range [][]string{
		{"build", "-trimpath", "-o", plimsoll, "."},
		{"build", "-trimpath", "-ldflags=-s -w", "-o", stripped, "."},
		{"build", "-trimpath", "-o", hello, source},
	} {
		if err := b.command("go", args...).Run(); err != nil {
			return "", "", fmt.Errorf("go build: %w", err)
		}
	}
	for name, file := range map[string]string{"plimsoll": plimsoll, "plimsoll -s -w": stripped} {
		info, err := os.Stat(file)
		if err != nil {
			return "", "", err
		}
		b.figures.add(name, "B", float64(info.Size()))
	}
	return plimsoll, hello, nil
}

// firstFrame starts a program in a terminal that answers nothing and returns
// when it has drawn its first frame.
func firstFrame(c *exec.Cmd) (time.Duration, error) {
	c.Env = append(os.Environ(), "TERM=xterm-256color", "NO_COLOR=")
	began := time.Now()
	tty, err := pty.StartWithSize(c, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		return 0, err
	}
	defer tty.Close()
	// A net, not a measure.
	net := time.AfterFunc(time.Minute, func() { _ = c.Process.Kill() })
	defer net.Stop()
	var output bytes.Buffer
	buffer := make([]byte, 1<<16)
	for !bytes.Contains(output.Bytes(), []byte("plimsoll")) {
		n, err := tty.Read(buffer)
		output.Write(buffer[:n])
		if err != nil {
			_ = c.Wait()
			return 0, fmt.Errorf("it ended before its first frame: %w", err)
		}
	}
	took := time.Since(began)
	_ = c.Process.Kill()
	_ = c.Wait()
	return took, nil
}
