// Package cli is the command line: one file a command, each of which turns
// flags into options, options into a scan, and hands its results to a report
// or to the screen.
//
// stdout carries the result and nothing else; what plimsoll has to say about
// itself goes to stderr as one cleaned line that starts with "plimsoll: ", and
// while a terminal watches, how far it is.
// The exit codes are those of [report.ExitCode].
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
)

// Env is everything that a run takes from the process around it.
type Env struct {
	Stdin  io.Reader
	Stdout io.Writer
	Stderr io.Writer
	Getenv func(key string) string
	// Environ returns all variables, "NAME=value": the names of npm's are not known
	// beforehand.
	Environ func() []string
	Now     func() time.Time
	// IsTerminal reports whether one of the streams above is a terminal.
	IsTerminal func(stream any) bool
	// Width is that of such a terminal in cells, less than 1 if it does not say.
	Width func(stream any) int

	ending *ending
	grace  time.Duration
	built  time.Time // when the program was; zero: what the build recorded, if it did

	progress *progress
	ticks    <-chan time.Time // that paint it; nil: real ones
	// libraries tells libraries where to log, which would take stderr; nil does not.
	libraries func(*slog.Logger)
	// deadline is [context.WithTimeoutCause], or nil for that.
	deadline func(context.Context, time.Duration, error) (context.Context, context.CancelFunc)
}

// interactive reports whether a person sits at the terminal.
func (e Env) interactive() bool { return e.IsTerminal(e.Stdin) && e.IsTerminal(e.Stdout) }

// say tells something of the run itself: on stderr, as a line of its own.
func (e Env) say(format string, args ...any) {
	e.progress.write(func() {
		if _, err := fmt.Fprintf(e.Stderr, "plimsoll: "+format+"\n", args...); err != nil {
			e.ending.mute()
		}
	})
}

// write writes the result of a run in which everything is checked: it ends with
// code, unless writing fails and that is worse. Nothing that happens from then on
// hides the code.
func (e Env) write(code int, write func() error) error {
	e.ending.decide(code)
	return written(write(), code)
}

// grace is how long a command may take to end once it was told to. What holds
// it up after that is left behind: a pipe that nobody reads, a file system or a
// library that does not answer.
const grace = 500 * time.Millisecond

// Main runs plimsoll with the arguments after the program's name and returns its
// exit code. SIGINT, SIGTERM, SIGHUP and SIGQUIT cancel what is being done, and it
// returns soon after in any case; after a second one at once.
func Main(args []string, env Env) int {
	signals := make(chan os.Signal, 2)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT} {
		if !signal.Ignored(s) { // as nohup, and a script's background, have it
			signal.Notify(signals, s)
		}
	}
	// A pipe that nobody reads is a write that fails: the signal would end the
	// program with a code of its own, and hide the verdict.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	env.libraries = slog.SetDefault // and of package log, which they use
	env.libraries(slog.New(slog.DiscardHandler))
	env.Stdout, env.Stderr = unlessClosed(env.Stdout), unlessClosed(env.Stderr)
	return obey(signals, args, env)
}

// obey is Main with a channel in place of signals.
func obey(signals <-chan os.Signal, args []string, env Env) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	env.ending = &ending{}
	defer env.keepTerminal()()
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, args, env) }()
	select {
	case code := <-ended:
		return code
	case s := <-signals:
		if s == syscall.SIGQUIT {
			env.ending.logStacks()
		}
		cancel()
	}
	select {
	case code := <-ended:
		return code
	case <-signals:
	}
	code, _ := env.ending.verdict()
	return report.Worst(code, report.ExitUnchecked)
}

// run is Main with a context in place of signals.
func run(ctx context.Context, args []string, env Env) int {
	if env.grace == 0 {
		env.grace = grace
	}
	if env.built.IsZero() {
		info, _ := debug.ReadBuildInfo()
		env.built = builtAt(info)
	}
	env.Now, env.progress = wall(env.Now), &progress{}
	if env.ending == nil {
		env.ending = &ending{}
	}
	ended := make(chan int, 1)
	go func() { ended <- command(ctx, args, env) }()
	select {
	case code := <-ended:
		return code
	case <-ctx.Done():
	}
	select {
	case code := <-ended:
		return code
	case <-time.After(env.grace):
	}
	verdict, decided := env.ending.verdict()
	interrupted := errInterrupted
	if decided {
		interrupted = errors.New("interrupted before the result was written")
	}
	told := make(chan struct{})
	go func() { // which may be held up as well
		defer close(told)
		env.say("%v", interrupted)
	}()
	select {
	case <-told:
	case <-time.After(env.grace):
	}
	return report.Worst(verdict, report.ExitUnchecked)
}

// command runs the command that the arguments name, prints to stderr what went
// wrong, and returns the exit code.
func command(ctx context.Context, args []string, env Env) int {
	ran, err := execute(ctx, args, env)
	code := env.ending.told(env)
	if err == nil {
		return code
	}
	var e *exitError
	if !errors.As(err, &e) {
		e = usage(err) // cobra's own: an unknown command or flag
	}
	var fault *ui.Fault
	if errors.As(err, &fault) {
		e.err = fmt.Errorf("%w. This is a fault of plimsoll: %s", fault, advice(env.ending.log))
	}
	if e.err != nil {
		env.say("%s", untrusted.Message(e.err))
	}
	if e.help {
		env.say("see %s --help", strings.TrimSuffix(ran, " help"))
	}
	verdict, _ := env.ending.verdict() // which a panic does not hide either
	return report.Worst(e.code, verdict, env.ending.told(env))
}

// execute runs a command, and returns its name as it is typed. A panic is its
// error, and its stack goes to the log.
func execute(ctx context.Context, args []string, env Env) (ran string, err error) {
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		fault := ui.NewFault(p)
		// The command closed the log when it was unwound.
		if log, openErr := openLog(env.ending.log); openErr == nil {
			log.Error("panic", "panic", fault.Text, "stack", string(fault.Stack))
			_ = log.close() // a log that cannot be written was told
		}
		err = unchecked(fault)
	}()
	root, out := newCommand(env)
	root.SetArgs(args)
	root.SetIn(env.Stdin)
	root.SetErr(env.Stderr)
	c, err := root.ExecuteContextC(ctx)
	if out.err != nil {
		env.ending.fail(out.err)
		if _, ours := errors.AsType[*exitError](err); !ours {
			err = nil // the same
		}
	}
	return c.CommandPath(), err
}

// remembering keeps the first error of a writer: cobra drops those of its help,
// and takes those of its completions for a wrong command line.
type remembering struct {
	io.Writer
	err error
}

func (r *remembering) Write(p []byte) (int, error) {
	n, err := r.Writer.Write(p)
	if r.err == nil {
		r.err = err
	}
	return n, err
}

// advice is how to report a fault of plimsoll's own.
func advice(log string) string {
	if log == "" {
		return "please run it again with --log-file FILE and report it with that file"
	}
	return fmt.Sprintf("please report it with the log file %q", untrusted.Text(log))
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

// usage is the error of a wrong command line.
func usage(err error) *exitError {
	return &exitError{code: report.ExitUsage, err: err, help: true}
}

func usagef(format string, args ...any) *exitError { return usage(fmt.Errorf(format, args...)) }

// unreadable is the error of something that the command line names and that
// cannot be read.
func unreadable(err error) *exitError {
	if errors.Is(err, context.Canceled) {
		return unchecked(errInterrupted)
	}
	return &exitError{code: report.ExitUsage, err: err}
}

// unchecked is the error of a run that could not check, or not write, everything.
func unchecked(err error) *exitError { return &exitError{code: report.ExitUnchecked, err: err} }

// exit ends the program with a code and without a sentence: the result has
// said everything. exit(0) is nil.
func exit(code int) error {
	if code == report.ExitOK {
		return nil
	}
	return &exitError{code: code}
}

// written ends the program after its result was written: with the code, or with
// the error of writing and whichever code is worse.
func written(err error, code int) error {
	if err != nil {
		return &exitError{code: report.Worst(code, report.ExitUnchecked), err: err}
	}
	return exit(code)
}

var errInterrupted = errors.New("interrupted before everything was checked")

// none refuses arguments.
func none(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("expected no argument, got %q%s", args[0], meant(c, args[0]))
	}
	return nil
}

// complete gives the shell the values of a flag.
func complete(c *cobra.Command, flag string, values ...string) {
	fixed := cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)
	if err := c.RegisterFlagCompletionFunc(flag, fixed); err != nil {
		panic(err) // the flag is not there: a mistake in this package
	}
}
