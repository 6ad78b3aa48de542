package cli

import (
	"github.com/spf13/cobra"

	"plimsoll/verify"
)

const about = `plimsoll verifies where the packages of a catalog of MCP servers come from.

It reads every npx/NAME/spec.yaml and uvx/NAME/spec.yaml of a catalog, verifies
the npm and PyPI provenance of each package, compares the publisher that is
proven with the one that the spec expects, and shows a table. Without a
terminal it prints the table as text.

Exit codes: 0 nothing wrong; 1 something is invalid, contradicts its spec or
does not meet --require; 2 usage, or a spec that cannot be read; 3 something
could not be checked or written, or the run was interrupted.`

// Command returns the whole command line. The manual pages are made from it, too.
func Command(env Env) *cobra.Command {
	var o options
	var results string
	var updating updateFlags
	root := &cobra.Command{
		Use:           "plimsoll [CATALOG]",
		Short:         "Verify where the packages of a catalog come from",
		Long:          about,
		Example:       "  plimsoll --demo\n  plimsoll path/to/catalog\n  plimsoll report path/to/catalog --require signed",
		Args:          o.takeCatalog,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			return applyConfig(env, c)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := updating.check(env, c); err != nil {
				return err
			}
			if c.Flags().Changed("results") {
				if err := checkResults(c, args); err != nil {
					return err
				}
				return openResults(c.Context(), env, o, results)
			}
			if o.demo == demoReview {
				return reviewCatalog(c.Context(), env, o, reviewOptions{format: formatText, screen: env.interactive()})
			}
			if env.interactive() {
				return openScreen(c.Context(), env, o, updating)
			}
			return reportCatalog(c.Context(), env, o, catalogReport{format: formatText, require: verify.Pending})
		},
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usage(onScreenOnly(err)) })
	root.SetHelpCommand(helpCommand())
	o.bind(root)
	root.Flags().StringVar(&results, "results", "", "show the JSON results in `FILE`; nothing is verified")
	updating.bind(root)
	root.AddCommand(verifyCommand(env), reportCommand(env), reviewCommand(env), documentCommand(env), coverageCommand(env), buildCommand(env),
		inspectCommand(env), verifyBundleCommand(env), configCommand(env), doctorCommand(env), cacheCommand(env), explainCommand(env), versionCommand())
	return root
}

// helpCommand is cobra's, except that a topic which does not exist is a usage
// error and not exit code 0.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q", args[len(args)-1])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
