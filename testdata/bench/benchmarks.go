package main

import (
	"bytes"

	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"

	"plimsoll/testdata/many"
)

// suite is Go benchmarks that run together.
type suite struct {
	folder string // of the package
	match  string // -test.bench
	time   string // -test.benchtime
	once   bool   // too long for every round
	long   bool   // only with -long
}

var suites = []suite{
	{folder: "verify/e2e", match: "^BenchmarkVerify$/^demo$", time: "3x"},
	{folder: "verify/e2e", match: "^BenchmarkVerify$/^real$", time: "30x"}, // of few packages
	{folder: "verify/e2e", match: "^BenchmarkCores$/^demo$", time: "3x"},
	{folder: "verify/e2e", match: "^BenchmarkWholeRun$", time: "1x"},
	{folder: "verify/e2e", match: "^BenchmarkGrowth$/^(100|1000)$", time: "1x"},
	{folder: "verify/e2e", match: "^BenchmarkGrowth$/^10000$", time: "1x", once: true},
	{folder: "verify/e2e", match: "^BenchmarkGrowth$/^100000$", time: "1x", once: true, long: true},
	{folder: "verify/e2e", match: "^BenchmarkNetwork$", time: "1x", once: true},
	{folder: "catalog", match: "^BenchmarkLoad", time: "3x"},
	{folder: "ui", match: "^Benchmark(FirstFrame|Key)$", time: "100ms"},
	{folder: "ui", match: "^BenchmarkBurst$", time: "2x"},
}

// benchmarks runs all suites, in turns.
func (b *bench) benchmarks() error {
	programs := map[string]string{}
	for _, s := range suites {
		if programs[s.folder] != "" {
			continue
		}
		b.progress("building the benchmarks of %s", s.folder)
		programs[s.folder] = filepath.Join(b.work, strings.ReplaceAll(s.folder, "/", "-")+".test")
		if err := b.command("go", "test", "-c", "-o", programs[s.folder], "./"+s.folder).Run(); err != nil {
			return fmt.Errorf("build the benchmarks of %s: %w", s.folder, err)
		}
	}
	for round := range b.rounds {
		b.progress("round %d of %d", round+1, b.rounds)
		b.figures.add("a busy loop", "wall to processor", busy())
		for _, s := range suites {
			if s.long && !b.long || s.once && round > 0 {
				continue
			}
			if err := b.suite(s, programs[s.folder]); err != nil {
				return fmt.Errorf("%s %s: %w", s.folder, s.match, err)
			}
		}
	}
	return nil
}

// busy is how many times as long a busy loop takes on the wall as on the
// processor: 1 on a machine of one's own.
func busy() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	const enough = 100 * time.Millisecond
	began, cpu := time.Now(), many.ThreadTime()
	for many.ThreadTime()-cpu < enough {
	}
	return float64(time.Since(began)) / float64(many.ThreadTime()-cpu)
}

func (b *bench) suite(s suite, program string) error {
	args := []string{"-test.run", "^$", "-test.bench", s.match, "-test.benchtime", s.time, "-test.benchmem", "-test.timeout", "2h"}
	if s.long {
		args = append(args, "-long")
	}
	c := b.command(program, args...)
	c.Dir = filepath.Join(b.root, filepath.FromSlash(s.folder))
	var out bytes.Buffer
	c.Stdout = &out
	err := c.Run()
	if b.verbose || err != nil {
		_, _ = os.Stderr.Write(out.Bytes())
	}
	if err != nil {
		return err
	}
	return b.figures.read(&out)
}

func (b *bench) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = b.root, os.Stderr
	return c
}

// read adds what benchmarks printed. A benchmark goes by its name without the
// number of processors that Go puts behind it.
func (f figures) read(out io.Reader) error {
	r := benchfmt.NewReader(out, "benchmarks")
	for r.Scan() {
		switch record := r.Result().(type) {
		case *benchfmt.SyntaxError:
			return record
		case *benchfmt.Result:
			name := withoutProcessors(record.Name.String())
			for _, v := range record.Values {
				value, unit := v.Value, v.Unit
				if v.OrigUnit != "" {
					value, unit = v.OrigValue, v.OrigUnit
				}
				f.add(name, unit, value)
			}
		}
	}
	return r.Err()
}

// withoutProcessors cuts -8 off Key/move-8.
func withoutProcessors(name string) string {
	if at := strings.LastIndexByte(name, '-'); at >= 0 {
		if _, err := strconv.ParseUint(name[at+1:], 10, 16); err == nil {
			return name[:at]
		}
	}
	return name
}
