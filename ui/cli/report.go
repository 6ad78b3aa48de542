package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/ui/report"
	"plimsoll/verify"
)

// Formats of the report command.
const (
	formatText = "text"
	formatJSON = "json"
)

// catalogReport says how a catalog is reported.
type catalogReport struct {
	format  string
	require verify.Status // verify.Pending: nothing
}

func reportCommand(env Env) *cobra.Command {
	var o options
	var format, require string
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
			if format != formatText && format != formatJSON {
				return usagef("--format: expected text or json, got %q", format)
			}
			r := catalogReport{format: format}
			if c.Flags().Changed("require") {
				status, err := parseRequirement(require)
				if err != nil {
					return err
				}
				r.require = status
			}
			return reportCatalog(c.Context(), env, o, args, r)
		},
	}
	o.bind(c)
	c.Flags().StringVar(&format, "format", formatText, "`FORMAT` of the result: text or json")
	c.Flags().StringVar(&require, "require", "",
		"exit with 1 unless every package is at least `STATUS`: "+requirements())
	complete(c, "format", formatText, formatJSON)
	var statuses []string
	for _, s := range report.Requirements() {
		statuses = append(statuses, s.String())
	}
	complete(c, "require", statuses...)
	return c
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
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// reportCatalog verifies a catalog and writes the result to stdout.
func reportCatalog(ctx context.Context, env Env, o options, args []string, r catalogReport) error {
	if err := checkCatalog(o, args); err != nil {
		return err
	}
	specs, err := loadCatalog(ctx, o, args)
	if err != nil {
		return unreadable(err)
	}
	e, err := newEngine(env, o)
	if err != nil {
		return err
	}
	defer e.close()
	packages, err := e.verify(ctx, specs, r.format == formatJSON)
	if err != nil {
		return err
	}
	if r.format == formatJSON {
		err = report.WriteCatalogJSON(env.Stdout, packages, e.trust(), env.Now())
	} else {
		err = report.Text{Theme: newTheme(env, o), Color: colours(env, o)}.Table(env.Stdout, packages, e.trust())
	}
	if err != nil {
		return unchecked(err)
	}
	return exit(report.ExitCode(packages, r.require))
}
