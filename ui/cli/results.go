package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/verify"
)

// checkResults refuses what would verify something beside saved results.
func checkResults(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("--results shows what was saved, and the catalog %q was given as well", args[0])
	}
	return exclusive(c, "results", verifyFlags...)
}

// openResults shows results that were saved, on the screen or, without a
// terminal, as a table. Nothing is verified.
func openResults(ctx context.Context, env Env, o options, file string) error {
	results, err := readResults("results", file)
	if err != nil {
		return unreadable(err)
	}
	if !env.interactive() {
		env.say("%s", untrusted.Clean(resultsLine(file, results)))
		return env.write(report.ExitCode(results.Packages, verify.Pending), func() error {
			return textReport(env, o).Table(env.Stdout, results.Packages, results.Trust)
		})
	}
	screen := ui.Options{
		Specs: []catalog.Spec{}, Title: file, Trust: resultsLine(file, results),
		TriageOff: "these are results that were read from a file",
		Evidence:  func() report.Trust { return results.Trust },
	}
	for _, p := range results.Packages {
		screen.Specs = append(screen.Specs, p.Spec)
		screen.Results = append(screen.Results, p.Report)
	}
	return show(ctx, env, o, screen)
}

// resultsLine is what is said of results in place of what they rest on.
func resultsLine(file string, results report.Results) string {
	text := notVerified("results read from "+filepath.Base(file), results.Generated)
	if s := results.Shard; s != nil {
		text += fmt.Sprintf("; only shard %d of %d of the catalog", s.Index, s.Count)
	}
	return text
}

// notVerified is what is said of results that were read, with their date.
func notVerified(what string, generated time.Time) string {
	text := what + ": nothing was verified now"
	if !generated.IsZero() {
		text += "; dated " + generated.UTC().Format(time.DateOnly)
	}
	return text
}

// readResults reads the JSON of an earlier report that a flag names. It is as
// little to be trusted as any other file.
func readResults(flag, file string) (results report.Results, err error) {
	defer func() {
		if path, ok := errors.AsType[*fs.PathError](err); ok {
			err = path.Err // the path is named here
		}
		if err != nil {
			err = fmt.Errorf("--%s %q: %w", flag, untrusted.Text(file), err)
		}
	}()
	info, err := os.Stat(file)
	if err != nil {
		return results, err
	}
	if !info.Mode().IsRegular() { // opening a pipe waits for its other end
		return results, errors.New("expected a file, found something else")
	}
	f, err := os.Open(file)
	if err != nil {
		return results, err
	}
	defer f.Close()
	return report.ReadJSON(bufio.NewReader(f))
}
