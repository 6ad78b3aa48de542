package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/coverage"
	"plimsoll/ui/report"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// coverageOptions are the flags of the coverage command.
type coverageOptions struct {
	json    bool
	save    bool
	history string
	since   string
}

func coverageCommand(env Env) *cobra.Command {
	var o options
	var v coverageOptions
	c := &cobra.Command{
		Use:   "coverage [CATALOG]",
		Short: "Count the packages by protocol and evidence, and show the change over time",
		Long: `coverage verifies every package of a catalog, counts them by protocol and by what
is proven of them, and with --save keeps the counts, so that the next run shows what
changed.

Its exit code is that of report: what could not be checked is counted, and ends it
with 3.`,
		Example: `  # the counts of today, to be compared with later ones
  plimsoll coverage path/to/catalog --save
  # what changed in the last month
  plimsoll coverage path/to/catalog --since 30d`,
		Args: o.takeCatalog,
		RunE: func(c *cobra.Command, args []string) error {
			since, err := parseSince(v.since, env.Now())
			if err != nil {
				return err
			}
			return reportCoverage(c.Context(), env, o, v, since)
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&v.json, "json", false, "print the result as JSON")
	f.BoolVar(&v.save, "save", false, "append this run to the history")
	f.StringVar(&v.history, "history", "", "`FILE` of the history (default: history.jsonl in the user's state folder)")
	f.StringVar(&v.since, "since", "", "show the change since `WHEN`: a date (2026-01-31) or a span (30d, 12w)")
	o.bind(c)
	completeFolders(c)
	return c
}

// parseSince reads a date in UTC, or a number of days or weeks before now. The
// zero time means that the whole history is shown.
func parseSince(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if date, err := time.Parse(time.DateOnly, text); err == nil {
		return date, nil
	}
	days := map[byte]int{'d': 1, 'w': 7}[text[len(text)-1]]
	n, err := strconv.Atoi(text[:len(text)-1])
	if days == 0 || err != nil || n < 1 || n > 100_000 {
		return time.Time{}, usagef("--since: expected a date such as 2026-01-31 or a span such as 30d or 12w, got %q", text)
	}
	return now.AddDate(0, 0, -n*days), nil
}

// reportCoverage verifies a catalog, counts, and writes the counts to stdout. A
// history that was not asked for and cannot be fetched does not keep them back.
func reportCoverage(ctx context.Context, env Env, o options, v coverageOptions, since time.Time) error {
	c, err := verifyCatalog(ctx, env, o, false)
	if err != nil {
		return err
	}
	path, runs, err := readHistory(env, v)
	if err != nil {
		return err
	}
	run := coverage.NewRun(env.Now(), catalogName(o), report.Each(c.packages))
	run.Coverage.NotRead = c.trust.NotRead
	if v.save { // first: whoever reads the counts may stop half-way
		if err := saveRun(path, run); err != nil {
			env.ending.fail(fmt.Errorf("the run was not saved: %w", err))
		}
	}
	trend := coverage.Since(append(runs, run), since)
	return env.write(report.ExitCode(c.packages, verify.Pending), func() error {
		if v.json {
			return run.Coverage.WriteJSON(env.Stdout, env.Now(), trend)
		}
		text := textReport(env, o)
		doc := view.NewDoc(text.Theme, 80)
		run.Coverage.Draw(doc)
		if trend != nil && len(trend.Points) > 1 {
			trend.Draw(doc)
		}
		doc.Blank()
		c.trust.NotRead = nil // counted above
		if err := doc.Write(env.Stdout); err != nil {
			return err
		}
		return text.Rests(env.Stdout, c.trust, c.packages)
	})
}

// readHistory returns the path of the history and its runs.
func readHistory(env Env, v coverageOptions) (path string, runs []coverage.Run, err error) {
	if path = v.history; path == "" {
		path, err = historyPath(env)
	}
	var notes []string
	if err == nil {
		var mended []string
		if v.save || v.history == "" { // else it is only read
			mended = coverage.Mend(path)
		}
		runs, notes, err = coverage.Read(path)
		notes = append(mended, notes...)
	}
	if err != nil {
		if v.history != "" || v.save {
			return "", nil, unreadable(err)
		}
		notes = []string{untrusted.Message(err)}
	}
	for _, note := range notes {
		env.say("%s", note)
	}
	return path, runs, nil
}

func saveRun(path string, run coverage.Run) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return coverage.Append(path, run)
}

// catalogName tells the catalogs apart that share a history: the folder's
// absolute path.
func catalogName(o options) string {
	full, err := filepath.Abs(o.catalog)
	if o.demo != "" || err != nil {
		return o.catalog
	}
	return full
}

// historyPath is where the runs are kept that are counted.
func historyPath(env Env) (string, error) {
	dir, err := stateDir(env)
	return filepath.Join(dir, "history.jsonl"), err
}
