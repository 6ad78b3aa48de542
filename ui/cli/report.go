package cli

import (
	"context"
	"fmt"
	"runtime/debug"
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

// catalogReport says how a catalog is reported.
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
		Use:   "report [CATALOG]",
		Short: "Verify a whole catalog and print the results, for CI",
		Example: "  plimsoll report path/to/catalog --require signed\n" +
			"  plimsoll report --demo --format json\n" +
			"  plimsoll report path/to/catalog --shard 2/4 --format json >2.json\n" +
			"  plimsoll report --merge 1.json 2.json 3.json 4.json --format markdown",
		Args: func(c *cobra.Command, args []string) error {
			if merge {
				return nil
			}
			return atMostOne(c, args)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(c); err != nil {
				return err
			}
			if err := o.checkShard(c, shard); err != nil {
				return err
			}
			switch {
			case !slices.Contains(formats, r.format):
				return usagef("--format: expected %s, got %q", alternatives(formats), r.format)
			case r.format == formatVSA && r.verifier == "":
				return usagef("--format vsa needs --verifier-id: a summary says who vouches for it")
			case r.format != formatVSA && r.verifier != "":
				return usagef("--verifier-id goes with --format vsa")
			case r.format != formatJSON && r.verbose:
				return usagef("-v goes with --format json: the other formats do not list checks")
			}
			if c.Flags().Changed("require") {
				var err error
				if r.require, err = parseRequirement(require); err != nil {
					return err
				}
			}
			if r.format == formatVSA && r.require == verify.Pending {
				r.require = verify.Verified // PASSED and exit code 0 say the same
			}
			if merge {
				return mergeShards(c, env, o, args, r)
			}
			return reportCatalog(c.Context(), env, o, args, r)
		},
	}
	o.bind(c)
	c.Flags().StringVar(&r.format, "format", formatText, "`FORMAT` of the result: "+alternatives(formats))
	c.Flags().StringVar(&require, "require", "",
		"exit with 1 unless every package is at least `STATUS`: "+requirements()+" (default with --format vsa: verified)")
	c.Flags().BoolVar(&o.history, "history", false, "warn of releases that offer less than the versions before them: one more request a package")
	c.Flags().BoolVarP(&r.verbose, "verbose", "v", false, "with --format json: list every check, also of what verifies; takes about twice as long")
	c.Flags().StringVar(&shard, "shard", "", "verify only part `I/N` of the catalog, from 1/N to N/N; --merge puts the parts together")
	c.Flags().BoolVar(&merge, "merge", false, "put the JSON reports of all shards of a catalog together: the arguments are their files")
	c.Flags().StringVar(&r.verifier, "verifier-id", "", "`URI` of who vouches for the run, for --format vsa")
	complete(c, "format", formats...)
	var statuses []string
	for _, s := range verify.Requirements() {
		statuses = append(statuses, s.String())
	}
	complete(c, "require", statuses...)
	return c
}

// alternatives lists words as "a, b or c".
func alternatives(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

func parseRequirement(s string) (verify.Status, error) {
	for _, status := range verify.Requirements() {
		if s == status.String() {
			return status, nil
		}
	}
	return verify.Pending, usagef("--require: expected %s, got %q", requirements(), s)
}

func requirements() string {
	var names []string
	for _, s := range verify.Requirements() {
		names = append(names, s.String())
	}
	return alternatives(names)
}

// checked is a catalog, or a shard of it, that was verified.
type checked struct {
	catalog  []catalog.Spec // the whole
	packages []report.Package
	trust    report.Trust
	basis    report.Basis
}

// verifyExplained loads a catalog and verifies all of it, with every check where
// explain is set.
func verifyExplained(ctx context.Context, env Env, o options, args []string, explain bool) (checked, error) {
	if err := checkCatalog(o, args); err != nil {
		return checked{}, err
	}
	specs, err := loadCatalog(ctx, o, args)
	if err != nil {
		return checked{}, unreadable(err)
	}
	e, err := newEngine(env, o)
	if err != nil {
		return checked{}, err
	}
	defer e.close()
	judge, err := loadReview(env, o, title(o, args))
	if err != nil {
		return checked{}, unreadable(err)
	}
	if !o.history {
		e.config.Review = judge.apply
	}
	c := checked{catalog: specs, basis: judge.basis()}
	c.basis.Explained = explain
	// Without the explanation nothing that is written needs the evidence, and a
	// large catalog's would not fit into the memory.
	c.packages, err = e.verify(ctx, held(specs, o.shard), verify.Options{Explain: explain, Brief: !explain})
	c.trust = e.basis(ctx, o, args)
	if err != nil || !o.history {
		return c, err
	}
	if err := e.addHistories(ctx, c.packages, o.jobs); err != nil {
		return checked{}, err
	}
	for i := range c.packages { // the policy and the decisions see what the histories show
		judge.apply(c.packages[i].Spec, &c.packages[i].Report)
	}
	return c, nil
}

// reportCatalog verifies a catalog, or a shard of it, and writes the result to
// stdout.
func reportCatalog(ctx context.Context, env Env, o options, args []string, r catalogReport) error {
	c, err := verifyExplained(ctx, env, o, args, r.verbose)
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
	if err := r.write(env, o, packages, trust, generated); err != nil {
		return unchecked(err)
	}
	return exit(report.ExitCode(packages, r.require))
}

func (r catalogReport) write(env Env, o options, packages []report.Package, trust report.Trust, generated time.Time) error {
	info, _ := debug.ReadBuildInfo()
	switch r.format {
	case formatJSON:
		return report.WriteCatalogJSON(env.Stdout, packages, trust, generated)
	case formatMarkdown:
		return report.WriteMarkdown(env.Stdout, packages, r.require, trust, generated)
	case formatSARIF:
		return report.SARIF{Version: version(info), Require: r.require}.Write(env.Stdout, packages, trust, generated)
	case formatCSV:
		return report.WriteCSV(env.Stdout, packages, r.require)
	case formatVSA:
		without, err := report.VSA{VerifierID: r.verifier, Version: version(info), Require: r.require}.Write(env.Stdout, packages, generated)
		for _, name := range without {
			fmt.Fprintf(env.Stderr, "plimsoll: no summary of %s: it has no artifact with a digest, or there was no trust root\n", name)
		}
		return err
	}
	return report.Text{Theme: newTheme(env, o), Color: colours(env, o), Require: r.require}.Table(env.Stdout, packages, trust)
}
