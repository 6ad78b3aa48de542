package cli

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
)

// describeCompletion words cobra's command and its subcommands as ours, and lets
// them refuse a shell that there is not.
func describeCompletion(root *cobra.Command) {
	completion, _, _ := root.Find([]string{"completion"})
	completion.Use, completion.Short, completion.Long = "completion", "Print the completion script of a shell", ""
	completion.Example = `  # for this bash, with bash-completion; each shell's --help says how for every new one
  source <(plimsoll completion bash)`
	completion.Args = none
	completion.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	for _, shell := range completion.Commands() {
		shell.Example = "  # to be read by " + shell.Name() + "\n  plimsoll completion " + shell.Name()
	}
}

// completeSpecs tells the shell which specs -c and the arguments can name: those
// of the demo with --demo, else those below the folder that is being typed.
func completeSpecs(c *cobra.Command, o *options) {
	c.ValidArgsFunction = func(_ *cobra.Command, given []string, typed string) ([]string, cobra.ShellCompDirective) {
		if o.demo != "" {
			return without(demoSpecs(o.demo, typed), given), cobra.ShellCompDirectiveNoFileComp
		}
		found := specsBelow(os.DirFS("."), typed)
		if len(found) == 0 { // a catalog elsewhere: let the shell complete the path
			return nil, cobra.ShellCompDirectiveDefault
		}
		return without(found, given), cobra.ShellCompDirectiveNoFileComp
	}
	if err := c.RegisterFlagCompletionFunc("config", c.ValidArgsFunction); err != nil {
		panic(err) // the flag is not there: a mistake in this package
	}
}

// without returns the specs that are not given already.
func without(specs, given []string) []string {
	return slices.DeleteFunc(specs, func(spec string) bool { return slices.Contains(given, spec) })
}

// completeFolders lets the shell complete the folder of a catalog, once, or the
// files that --merge takes.
func completeFolders(c *cobra.Command) {
	c.ValidArgsFunction = func(c *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
		switch f := c.Flags().Lookup("merge"); {
		case f != nil && f.Changed:
			return nil, cobra.ShellCompDirectiveDefault
		case len(given) > 0:
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
}

// demoSpecs lists the demo's specs whose path begins with typed.
func demoSpecs(d demoFlag, typed string) []string {
	var out []string
	for _, source := range d.named().sources() {
		for _, name := range specsBelow(source.FS, "") {
			if full := path.Join(source.Name, name); strings.HasPrefix(full, typed) {
				out = append(out, full)
			}
		}
	}
	return out
}

// maxCompletions bounds what a shell is given; nobody chooses from more.
const maxCompletions = 1000

// specsBelow lists PROTOCOL/NAME/spec.yaml of a catalog whose path begins with
// typed. Names that a shell or a terminal could take amiss are left out.
func specsBelow(catalogRoot fs.FS, typed string) []string {
	var out []string
	for _, protocol := range catalog.Protocols() {
		found, err := fs.Glob(catalogRoot, path.Join(string(protocol), "*", "spec.yaml"))
		if err != nil {
			continue
		}
		for _, name := range found {
			if strings.HasPrefix(name, typed) && plain.MatchString(name) && len(out) < maxCompletions {
				out = append(out, name)
			}
		}
	}
	return out
}

var plain = regexp.MustCompile(`^[A-Za-z0-9._+@/-]+$`)
