package cli

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/ui/report"
	"plimsoll/verify"
)

// Formats of the report command.
const (
	formatText     = "text"
	formatJSON     = "json"
	formatMarkdown = "markdown"
	formatSARIF    = "sarif"
	formatCSV      = "csv"
	formatVSA      = "vsa"
)

var formats = []string{formatText, formatJSON, formatMarkdown, formatSARIF, formatCSV, formatVSA}

// catalogReport is how a catalog is reported.
type catalogReport struct {
	format   string
	require  verify.Status // verify.Pending: nothing
	verifier string        // vsa: the URI of who vouches
	verbose  bool          // json: every check, also of what verifies
}

func reportCommand(env Env) *cobra.Command {
	var o options
	var r catalogReport
	var require, shard string
	var merge bool
	c := &cobra.Command{
		Use:         "report [CATALOG]",
		Short:       "Verify a whole catalog and print the results, for CI",
		Annotations: map[string]string{alsoUsed: "plimsoll report --merge FILE... [flags]"},
		Example: `  # fail unless the registry vouches for every package
  plimsoll report path/to/catalog --require signed
  # the same as the summary of a job on GitHub
  plimsoll report path/to/catalog --format markdown >>"$GITHUB_STEP_SUMMARY"
  # everything that was found, as JSON, to be opened again with plimsoll --results
  plimsoll report path/to/catalog --format json >results.json
  # a large catalog in four parts, which are put together in the end
  plimsoll report path/to/catalog --shard 2/4 --format json >2.json
  plimsoll report --merge 1.json 2.json 3.json 4.json --format markdown`,
		Args: func(c *cobra.Command, args []string) error {
			if merge {
				return nil
			}
			return o.takeCatalog(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := cmp.Or(o.checkShard(c, shard), r.check(c, require)); err != nil {
				return err
			}
			if merge {
				return mergeShards(c, env, o, args, r)
			}
			return reportCatalog(c.Context(), env, o, r)
		},
	}
	o.bind(c)
	f := c.Flags()
	f.StringVar(&r.format, "format", formatText, "`FORMAT` of the result: "+alternatives(formats))
	f.StringVar(&require, "require", "",
		"exit with 1 unless every package is at least `STATUS`: "+alternatives(requirements())+" (default with --format vsa: verified)")
	f.BoolVar(&o.history, "history", false, "warn of releases that offer less than those before them, or that others published: "+
		"one more request a package, and what a check takes for the release before")
	f.BoolVarP(&r.verbose, "verbose", "v", false, "with --format json: list every check, also of what verifies; takes about twice as long")
	f.StringVar(&shard, "shard", "", "verify only part `I/N` of the catalog, from 1/N to N/N; --merge puts the parts together")
	f.BoolVar(&merge, "merge", false, "put the JSON reports of all shards of a catalog together: the arguments are their files")
	f.StringVar(&r.verifier, "verifier-id", "", "`URI` of who vouches for the run, for --format vsa")
	complete(c, "format", formats...)
	complete(c, "require", requirements()...)
	completeFolders(c)
	return c
}

// check reads --require, and refuses flags that do not go together.
func (r *catalogReport) check(c *cobra.Command, require string) error {
	switch {
	case !slices.Contains(formats, r.format):
		return usagef("--format: expected %s, got %q", alternatives(formats), r.format)
	case r.format == formatVSA && r.verifier == "":
		return usagef("--format vsa needs --verifier-id: a summary says who vouches for it")
	case r.format != formatVSA && r.verifier != "":
		return usagef("--verifier-id goes with --format vsa")
	case r.format != formatJSON && r.verbose:
		return usagef("-v goes with --format json: the other formats do not list checks")
	case c.Flags().Changed("require"):
		i := slices.Index(requirements(), require)
		if i < 0 {
			return usagef("--require: expected %s, got %q", alternatives(requirements()), require)
		}
		r.require = verify.Requirements()[i]
	case r.format == formatVSA:
		r.require = verify.Verified // PASSED and exit code 0 say the same
	}
	return nil
}

// alternatives lists words as "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// requirements are the statuses that --require takes.
func requirements() []string {
	var names []string
	for _, s := range verify.Requirements() {
		names = append(names, s.String())
	}
	return names
}

// checked is a catalog, or a shard of it, that was verified.
type checked struct {
	catalog  []catalog.Spec // the whole of which packages are a shard, or nil
	packages []report.Package
	trust    report.Trust
	basis    report.Basis
}

// verifyCatalog loads a catalog and verifies it, or a shard of it; with explain
// the reports list every check.
func verifyCatalog(ctx context.Context, env Env, o options, explain bool) (checked, error) {
	var c checked
	stop := env.begin(ctx, o, "specs read", 0)
	err := streamCatalog(ctx, o, func(batch []catalog.Spec) {
		env.progress.did(len(batch))
		if o.shard != (catalog.Shard{}) {
			c.catalog = append(c.catalog, batch...)
		}
		for _, spec := range batch {
			if o.shard.Holds(spec.Path) {
				c.packages = append(c.packages, report.Package{Spec: spec})
			}
		}
	})
	stop()
	if err != nil {
		return checked{}, unreadable(err)
	}
	e, err := newEngine(ctx, env, o, o.catalog)
	if err != nil {
		return checked{}, err
	}
	defer e.close()
	c.basis = e.rules.basis()
	c.basis.Explained, c.basis.History = explain, o.history
	e.config.Explain = explain
	err = e.verifyEach(ctx, c.packages, func(int, *verify.Report) {})
	c.trust = e.basis(ctx)
	return c, err
}

// reportCatalog verifies a catalog, or a shard of it, and writes the result to
// stdout.
func reportCatalog(ctx context.Context, env Env, o options, r catalogReport) error {
	c, err := verifyCatalog(ctx, env, o, r.verbose)
	if err != nil {
		return err
	}
	if o.shard == (catalog.Shard{}) {
		return r.finish(env, o, c.packages, c.trust, env.Now())
	}
	return r.finishShard(env, o, c)
}

// finish writes results to stdout and turns them into the exit code.
func (r catalogReport) finish(env Env, o options, packages []report.Package, trust report.Trust, generated time.Time) error {
	return env.write(report.ExitCode(packages, r.require), func() error { return r.write(env, o, packages, trust, generated) })
}

func (r catalogReport) write(env Env, o options, packages []report.Package, trust report.Trust, generated time.Time) error {
	switch r.format {
	case formatJSON:
		return report.WriteCatalogJSON(env.Stdout, packages, trust, generated)
	case formatMarkdown:
		return report.WriteMarkdown(env.Stdout, packages, r.require, trust, generated)
	case formatSARIF:
		return report.SARIF{Version: thisVersion(), Require: r.require}.Write(env.Stdout, packages, trust, generated)
	case formatCSV:
		return report.WriteCSV(env.Stdout, packages, r.require)
	case formatVSA:
		without, err := report.VSA{VerifierID: r.verifier, Version: thisVersion(), Require: r.require}.Write(env.Stdout, packages, generated)
		for _, name := range without {
			env.say("no summary of %s: it has no artifact with a digest, or there was no trust root", name)
		}
		return err
	}
	text := textReport(env, o)
	text.Require = r.require
	return text.Table(env.Stdout, packages, trust)
}
