package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/verify"
)

const about = `plimsoll verifies where the packages of a catalog of MCP servers come from.

It reads every spec.yaml below npx/, uvx/ and go/ of a catalog, verifies the
provenance of its npm and PyPI packages and the records of its Go modules,
compares the publisher that is proven with the one that the spec expects, and
shows a table. Without a terminal it prints the table as text.

Exit codes: 0 nothing wrong; 1 something is invalid, contradicts its spec, is
an error by policy or decision, or does not meet --require; 2 usage, or a spec
that cannot be read; 3 something could not be checked or written, the run was
interrupted, or plimsoll itself failed. If several apply: 2, then 1, then 3.`

// Command returns the whole command line. The manual pages are made from it, too.
func Command(env Env) *cobra.Command {
	root, _ := newCommand(env)
	return root
}

// newCommand is Command, with what cobra writes the result to.
func newCommand(env Env) (*cobra.Command, *remembering) {
	var o options
	var results string
	var updating updateFlags
	root := &cobra.Command{
		Use:   "plimsoll [CATALOG]",
		Short: "Verify where the packages of a catalog come from",
		Long:  about,
		Example: `  # a catalog that comes with the program, without network
  plimsoll --demo
  # a catalog of your own
  plimsoll path/to/catalog
  # the gate in CI
  plimsoll report path/to/catalog --require signed`,
		Version: thisVersion(),
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 0 && o.demo == "" && !c.Flags().Changed("results") {
				if err := checkCommand(c, args[0]); err != nil {
					return usage(err)
				}
			}
			return o.takeCatalog(c, args)
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := notEmpty(c); err != nil {
				return err
			}
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
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error { return usage(flagError(c, err)) })
	root.SetHelpFunc(printHelp)
	root.SetVersionTemplate("plimsoll {{.Version}}\n")
	root.Flags().Bool("version", false, "print the version and end")
	root.Flags().StringVar(&results, "results", "", "show the JSON results in `FILE`; nothing is verified")
	updating.bind(root)
	o.bind(root)
	root.AddGroup(commandGroups...)
	addGroup(root, lookCommands, verifyCommand(env), inspectCommand(env), coverageCommand(env), explainCommand(env))
	addGroup(root, gateCommands, reportCommand(env), reviewCommand(env), verifyBundleCommand(env))
	addGroup(root, changeCommands, documentCommand(env), buildCommand(env))
	addGroup(root, selfCommands, configCommand(env), doctorCommand(env), cacheCommand(env), versionCommand(env))
	root.SetHelpCommand(helpCommand())
	root.SetHelpCommandGroupID(selfCommands)
	root.SetCompletionCommandGroupID(selfCommands)
	out := &remembering{Writer: env.Stdout}
	root.SetOut(out) // which the completions keep
	root.InitDefaultCompletionCmd()
	describeCompletion(root)
	return root, out
}

// helpCommand is cobra's, except that a topic which does not exist is a usage
// error and not exit code 0.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		Example: `  # what report can do
  plimsoll help report`,
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return usagef("there is no command %q%s", args[len(args)-1], meant(found, args[len(args)-1]))
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) (names []string, _ cobra.ShellCompDirective) {
			if found, rest, err := c.Root().Find(args); err == nil && len(rest) == 0 {
				for _, below := range found.Commands() {
					if below.IsAvailableCommand() && strings.HasPrefix(below.Name(), typed) {
						names = append(names, cobra.CompletionWithDesc(below.Name(), below.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}
