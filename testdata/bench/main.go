// Command bench measures plimsoll and prints one table: what was measured, the
// goal, how they relate, and whether the goal is met.
//
//	go run ./testdata/bench [-rounds N] [-long] [-v]
//
// What is compared is measured in one run, in turns, several rounds; each
// figure is the median of the rounds. Times of frames and of packages are
// those of the processor, which others on the machine change little. -long
// adds catalogs of 100,000 packages, which take an hour. A figure that could
// not be measured is a failure, and so, with exit code 1, is a goal that is not met.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

type options struct {
	rounds  int
	long    bool
	verbose bool
}

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often everything is measured")
	flag.BoolVar(&o.long, "long", false, "catalogs of 100,000 packages as well: an hour")
	flag.BoolVar(&o.verbose, "v", false, "print the output of the benchmarks too")
	flag.Parse()
	if flag.NArg() > 0 || o.rounds < 1 {
		flag.Usage()
		os.Exit(2)
	}
	err := run(o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

var errMissed = errors.New("not every goal is met")

func run(o options, out io.Writer) error {
	root, err := repository()
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "plimsoll-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	b := &bench{options: o, root: root, work: work, figures: figures{}}
	if err := b.benchmarks(); err != nil {
		return err
	}
	if err := b.programs(); err != nil {
		return err
	}
	met, err := table(out, rows(o.long), b.figures)
	if err == nil && !met {
		err = errMissed
	}
	return err
}

// bench is one run: where things are, and what was measured.
type bench struct {
	options
	root    string // of the repository
	work    string // a folder for programs and catalogs
	figures figures
}

// progress says what is being done; it is no part of the table.
func (b *bench) progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", errors.New("there is no go.mod above the working directory")
		}
		dir = parent
	}
}
