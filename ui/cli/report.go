package cli

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

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
	var require string
	c := &cobra.Command{
		Use:   "report [CATALOG]",
		Short: "Verify a whole catalog and print the results, for CI",
		Example: "  plimsoll report path/to/catalog --require signed\n" +
			"  plimsoll report --demo --format json",
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := o.check(c); err != nil {
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
			return reportCatalog(c.Context(), env, o, args, r)
		},
	}
	o.bind(c)
	c.Flags().StringVar(&r.format, "format", formatText, "`FORMAT` of the result: "+alternatives(formats))
	c.Flags().StringVar(&require, "require", "",
		"exit with 1 unless every package is at least `STATUS`: "+requirements())
	c.Flags().BoolVar(&o.history, "history", false, "warn of releases that offer less than the versions before them: one more request a package")
	c.Flags().BoolVarP(&r.verbose, "verbose", "v", false, "with --format json: list every check, also of what verifies; takes about twice as long")
	c.Flags().StringVar(&r.verifier, "verifier-id", "", "`URI` of who vouches for the run, for --format vsa")
	complete(c, "format", formats...)
	var statuses []string
	for _, s := range report.Requirements() {
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
	for _, status := range report.Requirements() {
		if s == status.String() {
			return status, nil
		}
	}
	return verify.Pending, usagef("--require: expected %s, got %q", requirements(), s)
}

func requirements() string {
	var names []string
	for _, s := range report.Requirements() {
		names = append(names, s.String())
	}
	return alternatives(names)
}

// verifyCatalog loads a catalog and verifies all of it.
func verifyCatalog(ctx context.Context, env Env, o options, args []string) ([]report.Package, error) {
	packages, _, err := verifyExplained(ctx, env, o, args, false)
	return packages, err
}

func verifyExplained(ctx context.Context, env Env, o options, args []string, explain bool) ([]report.Package, report.Trust, error) {
	if err := checkCatalog(o, args); err != nil {
		return nil, report.Trust{}, err
	}
	specs, err := loadCatalog(ctx, o, args)
	if err != nil {
		return nil, report.Trust{}, unreadable(err)
	}
	e, err := newEngine(env, o)
	if err != nil {
		return nil, report.Trust{}, err
	}
	defer e.close()
	judge, err := loadReview(env, o, title(o, args))
	if err != nil {
		return nil, report.Trust{}, unreadable(err)
	}
	if !o.history {
		e.config.Review = judge.apply
	}
	// Without the explanation nothing that is written needs the evidence, and a
	// large catalog's would not fit into the memory.
	packages, err := e.verify(ctx, specs, verify.Options{Explain: explain, Brief: !explain})
	if err != nil || !o.history {
		return packages, e.trust(), err
	}
	if err := e.addHistories(ctx, packages, o.jobs); err != nil {
		return nil, report.Trust{}, err
	}
	for i := range packages { // the policy and the decisions see what the histories show
		judge.apply(packages[i].Spec, &packages[i].Report)
	}
	return packages, e.trust(), nil
}

// reportCatalog verifies a catalog and writes the result to stdout.
func reportCatalog(ctx context.Context, env Env, o options, args []string, r catalogReport) error {
	packages, trust, err := verifyExplained(ctx, env, o, args, r.verbose)
	if err != nil {
		return err
	}
	if err := r.write(env, o, packages, trust); err != nil {
		return unchecked(err)
	}
	return exit(report.ExitCode(packages, r.require))
}

func (r catalogReport) write(env Env, o options, packages []report.Package, trust report.Trust) error {
	info, _ := debug.ReadBuildInfo()
	switch r.format {
	case formatJSON:
		return report.WriteCatalogJSON(env.Stdout, packages, trust, env.Now())
	case formatMarkdown:
		return report.WriteMarkdown(env.Stdout, packages, trust, env.Now())
	case formatSARIF:
		return report.SARIF{Version: version(info)}.Write(env.Stdout, packages, trust, env.Now())
	case formatCSV:
		return report.WriteCSV(env.Stdout, packages)
	case formatVSA:
		without, err := report.VSA{VerifierID: r.verifier, Version: version(info), Require: r.require}.Write(env.Stdout, packages, env.Now())
		for _, name := range without {
			fmt.Fprintf(env.Stderr, "plimsoll: no summary of %s: it has no artifact with a digest\n", name)
		}
		return err
	}
	return report.Text{Theme: newTheme(env, o), Color: colours(env, o)}.Table(env.Stdout, packages, trust)
}
