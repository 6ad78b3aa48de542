package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/ui/report"
	"plimsoll/verify"
)

func verifyCommand(env Env) *cobra.Command {
	var o options
	var paths []string
	var verbose, asJSON bool
	c := &cobra.Command{
		Use:   "verify-provenance SPEC|PACKAGE…",
		Short: "Verify single packages and show the evidence",
		Long: `verify-provenance verifies what the arguments name, in any mix: specs of a
catalog (` + catalog.SpecPaths + `), and releases without one:
npm:@scope/name@1.2.3, pypi:name==1.2.3, go:github.com/acme/tool@v1.2.3, or a purl
such as pkg:npm/%40scope/name@1.2.3. One exact version is needed: evidence belongs to it.

The policy and the decisions of a catalog apply to its specs. Without a spec
nothing is expected of a release: verified then says that its provenance
verifies and who is proven to have published it, not that this is who should
have. Only --policy demands more.

With several arguments --json prints the document of report --format json, and
the exit code is that of report.`,
		Example: "  # a package of a catalog, with every check\n" +
			"  plimsoll verify-provenance npx/context7/spec.yaml -v\n" +
			"  # releases that no catalog has\n" +
			"  plimsoll verify-provenance npm:sigstore@3.0.0 pypi:sampleproject==4.0.0\n" +
			"  # the embedded demo, as JSON\n" +
			"  plimsoll verify-provenance --demo dockyard/npx/context7/spec.yaml --json",
		RunE: func(c *cobra.Command, args []string) error {
			if verbose && asJSON {
				return usagef("-v and --json cannot be used together: the JSON has every check")
			}
			if args = slices.Concat(paths, args); len(args) == 0 {
				return usagef("expected what to verify: PROTOCOL/NAME/spec.yaml, %s", catalog.ReferenceForms)
			}
			return verifyArguments(c.Context(), env, o, args, verbose, asJSON)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringArrayVarP(&paths, "config", "c", nil, "`PATH` of a spec, as the arguments; may be repeated")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "show every check with its result and reason")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c)
	completeSpecs(c, &o)
	return c
}

// verifyArguments verifies what the arguments name and writes the result to stdout.
func verifyArguments(ctx context.Context, env Env, o options, args []string, verbose, asJSON bool) error {
	targets, err := loadTargets(ctx, o, args, true)
	if err != nil {
		return err
	}
	packages, trust, err := verifyTargets(ctx, env, o, targets, verbose || asJSON)
	if err != nil {
		return err
	}
	text := textReport(env, o)
	text.Verbose = verbose
	if aged(o) {
		text.Now = env.Now()
	}
	return env.write(report.ExitCode(packages, verify.Pending), func() error {
		switch one := len(args) == 1; {
		case asJSON && one:
			return report.WriteJSON(env.Stdout, packages[0])
		case asJSON:
			return report.WriteCatalogJSON(env.Stdout, packages, trust, env.Now())
		case one:
			return text.Package(env.Stdout, packages[0], trust)
		}
		return text.Packages(env.Stdout, packages, trust)
	})
}
