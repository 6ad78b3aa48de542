// Package cli is the command line: one file a command, each of which turns
// flags into options, options into a scan, and hands its results to a report
// or to the screen.
//
// stdout carries the result and nothing else; what plimsoll has to say about
// itself goes to stderr as one cleaned line that starts with "plimsoll: ".
// The exit codes are those of [report.ExitCode].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/ui/report"
	"plimsoll/verify/untrusted"
)

// Env is everything that a run takes from the process around it.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(key string) string
	Now    func() time.Time
	// IsTerminal says whether one of the streams above is a terminal.
	IsTerminal func(stream any) bool

	late *error // what went wrong while a command gave back what it had opened
}

// Main runs plimsoll with the arguments after the program's name and returns
// its exit code. SIGINT and SIGTERM cancel what is being done; a second one
// ends the process.
func Main(args []string, env Env) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, env)
}

func run(ctx context.Context, args []string, env Env) int {
	var late error
	env.late = &late
	root := rootCommand(env)
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetOut(env.Stdout)
	root.SetErr(env.Stderr)
	err := root.ExecuteContext(ctx)
	if late != nil {
		fmt.Fprintf(env.Stderr, "plimsoll: %s\n", untrusted.Message(late))
		if err == nil {
			err = exit(report.ExitUnchecked)
		}
	}
	if err == nil {
		return report.ExitOK
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = usage(err) // cobra's own: an unknown command or flag
	}
	if e.err != nil {
		fmt.Fprintf(env.Stderr, "plimsoll: %s\n", untrusted.Message(e.err))
	}
	if e.help {
		fmt.Fprintln(env.Stderr, "plimsoll: see plimsoll --help")
	}
	return e.code
}

// exitError ends the program with a code, and a sentence on stderr unless err
// is nil.
type exitError struct {
	code int
	err  error
	help bool // point to --help
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage says that the command line is wrong.
func usage(err error) *exitError {
	return &exitError{code: report.ExitUsage, err: err, help: true}
}

func usagef(format string, args ...any) *exitError { return usage(fmt.Errorf(format, args...)) }

// unreadable says that something which the command line names cannot be read.
func unreadable(err error) *exitError {
	if errors.Is(err, context.Canceled) {
		return unchecked(errInterrupted)
	}
	return &exitError{code: report.ExitUsage, err: err}
}

// unchecked says why nothing could be checked.
func unchecked(err error) *exitError { return &exitError{code: report.ExitUnchecked, err: err} }

// exit ends the program with a code and without a sentence: the result has
// said everything. exit(0) is nil.
func exit(code int) error {
	if code == report.ExitOK {
		return nil
	}
	return &exitError{code: code}
}

var errInterrupted = errors.New("interrupted before everything was checked")

// atMostOne refuses more than one argument.
func atMostOne(_ *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usagef("expected at most one catalog, got %d arguments", len(args))
	}
	return nil
}

// none refuses arguments.
func none(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("expected no argument, got %q", args[0])
	}
	return nil
}

// complete tells the shell the values of a flag.
func complete(c *cobra.Command, flag string, values ...string) {
	fixed := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := c.RegisterFlagCompletionFunc(flag, fixed); err != nil {
		panic(err) // the flag is not there: a mistake in this package
	}
}
