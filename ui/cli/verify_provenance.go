package cli

import (
	"context"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/ui/report"
	"plimsoll/verify"
)

func verifyCommand(env Env) *cobra.Command {
	var o options
	var path string
	var verbose, asJSON bool
	c := &cobra.Command{
		Use:   "verify-provenance -c PROTOCOL/NAME/spec.yaml",
		Short: "Verify one package and show the evidence",
		Example: "  plimsoll verify-provenance -c npx/context7/spec.yaml -v\n" +
			"  plimsoll verify-provenance --demo -c dockyard/npx/context7/spec.yaml --json",
		Args: none,
		RunE: func(c *cobra.Command, _ []string) error {
			if path == "" {
				return usagef("-c PROTOCOL/NAME/spec.yaml is needed")
			}
			if verbose && asJSON {
				return usagef("-v and --json cannot be used together: the JSON has every check")
			}
			return verifyOne(c.Context(), env, o, path, verbose, asJSON)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVarP(&path, "config", "c", "", "`PATH` of the spec, ending in PROTOCOL/NAME/spec.yaml")
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "show every check with its result and reason")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c)
	completeSpecs(c, &o)
	return c
}

// verifyOne verifies the package of one spec and writes the result to stdout.
func verifyOne(ctx context.Context, env Env, o options, path string, verbose, asJSON bool) error {
	spec, err := loadSpec(ctx, o, path)
	if err != nil {
		return unreadable(err)
	}
	e, err := newEngine(ctx, env, o, rootOf(path))
	if err != nil {
		return err
	}
	defer e.close()
	e.config.Explain = verbose || asJSON
	packages, err := e.verify(ctx, []catalog.Spec{spec})
	if err != nil {
		return err
	}
	if asJSON {
		err = report.WriteJSON(env.Stdout, packages[0])
	} else {
		text := textReport(env, o)
		text.Verbose = verbose
		if aged(o) {
			text.Now = env.Now()
		}
		err = text.Package(env.Stdout, packages[0], e.trust())
	}
	return written(err, report.ExitCode(packages, verify.Pending))
}
