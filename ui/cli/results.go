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
	if c.Flags().Lookup("results").Value.String() == "" {
		return usagef("--results needs a value, got an empty one")
	}
	if len(args) > 0 {
		return usagef("--results shows what was saved, and the catalog %q was given as well", args[0])
	}
	return exclusive(c, "results", verifyFlags...)
}

// openResults shows results that were saved, on the screen or, without a
// terminal, as a table. Nothing is verified.
func openResults(ctx context.Context, env Env, o options, file string) error {
	results, err := readResults(file)
	if err != nil {
		return unreadable(err)
	}
	if !env.interactive() {
		fmt.Fprintf(env.Stderr, "plimsoll: %s\n", untrusted.Clean(resultsLine(file, results)))
		return written(textReport(env, o).Table(env.Stdout, results.Packages, results.Trust), report.ExitCode(results.Packages, verify.Pending))
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

// resultsLine says that what is shown was not verified now.
func resultsLine(file string, results report.Results) string {
	text := fmt.Sprintf("results read from %s: nothing was verified now", filepath.Base(file))
	if !results.Generated.IsZero() {
		text += "; dated " + results.Generated.UTC().Format(time.DateOnly)
	}
	if s := results.Shard; s != nil {
		text += fmt.Sprintf("; only shard %d of %d of the catalog", s.Index, s.Count)
	}
	return text
}

func readResults(file string) (report.Results, error) {
	results, err := readResultsFile(file)
	if err != nil {
		return results, fmt.Errorf("--results %q: %w", untrusted.Text(file), err)
	}
	return results, nil
}

// readResultsFile reads the JSON of an earlier report, which is as little to
// be trusted as any other file.
func readResultsFile(file string) (report.Results, error) {
	info, err := os.Stat(file)
	if err != nil {
		return report.Results{}, plainPathError(err)
	}
	if !info.Mode().IsRegular() { // opening a pipe waits for its other end
		return report.Results{}, errors.New("expected a file, found something else")
	}
	f, err := os.Open(file)
	if err != nil {
		return report.Results{}, plainPathError(err)
	}
	defer f.Close()
	return report.ReadJSON(bufio.NewReader(f))
}

// plainPathError leaves out the path, which the caller names.
func plainPathError(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
