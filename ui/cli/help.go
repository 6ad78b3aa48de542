package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
)

// helpWidth is that of the help, in cells.
const helpWidth = 80

// Groups of the flags that commands have in common, in the order of the help. A
// flag without a group is a command's own and comes first.
const (
	demoGroup     = "Demo and recordings"
	registryGroup = "Registries"
	trustGroup    = "Trust"
	cacheGroup    = "Cache and network"
	demandGroup   = "What packages must have"
	looksGroup    = "Looks"
)

var flagGroups = []string{"", demoGroup, registryGroup, trustGroup, cacheGroup, demandGroup, looksGroup}

// groupAnnotation names the group of a flag.
const groupAnnotation = "plimsoll_group"

// alsoUsed is the annotation of a command that can be used in a second way.
const alsoUsed = "plimsoll_usage"

// Groups of commands in the help.
const (
	lookCommands   = "look"
	gateCommands   = "gate"
	changeCommands = "change"
	selfCommands   = "self"
)

var commandGroups = []*cobra.Group{
	{ID: lookCommands, Title: "Look"},
	{ID: gateCommands, Title: "Gate, for CI"},
	{ID: changeCommands, Title: "Write"},
	{ID: selfCommands, Title: "plimsoll itself"},
}

// addGroup adds commands to root as a group of its help.
func addGroup(root *cobra.Command, id string, commands ...*cobra.Command) {
	for _, c := range commands {
		c.GroupID = id
		root.AddCommand(c)
	}
}

// printHelp is the help of a command.
func printHelp(c *cobra.Command, _ []string) {
	var b strings.Builder
	for paragraph := range strings.SplitSeq(cmp.Or(c.Long, c.Short+"."), "\n\n") {
		if !strings.Contains(paragraph, "\t") { // lines of a script
			paragraph = strings.Join(theme.Wrap(strings.Join(strings.Fields(paragraph), " "), helpWidth), "\n")
		}
		b.WriteString(paragraph + "\n\n")
	}
	c.Print(b.String() + usageText(c)) // an error is that of [remembering]
}

// usageText is how a command is used: its form, examples, subcommands and flags,
// its own first.
func usageText(c *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage:\n")
	if c.Runnable() {
		fmt.Fprintf(&b, "  %s\n", c.UseLine())
	}
	if also := c.Annotations[alsoUsed]; also != "" {
		fmt.Fprintf(&b, "  %s\n", also)
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s COMMAND\n", c.CommandPath())
	}
	if c.HasExample() {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", c.Example)
	}
	var commands rows
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			commands.add(sub.GroupID, sub.Name(), sub.Short)
		}
	}
	for _, group := range append(c.Groups(), &cobra.Group{Title: "Commands"}) {
		commands.write(&b, group.ID, group.Title)
	}
	var flags rows
	EachFlag(c, func(group string, f *pflag.Flag) {
		name, usage := flagRow(f)
		flags.add(group, name, usage)
	})
	shown := flagGroups
	if c.Parent() == nil { // its commands stay on the screen of a newcomer
		shown = []string{"", demoGroup}
	}
	for _, group := range shown {
		flags.write(&b, group, cmp.Or(group, "Flags"))
	}
	if c.Parent() == nil {
		b.WriteString("\nThe flags for registries, trust, cache, policy and looks are those of every\n" +
			"command: plimsoll report --help lists them.\n")
	}
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "\n%s COMMAND --help says more about a command.\n", c.CommandPath())
	}
	return b.String()
}

// rows are names and what they are, by group, in columns of one width.
type rows struct {
	of    map[string][][2]string
	width int // of the names
}

func (r *rows) add(group, name, text string) {
	if r.of == nil {
		r.of = map[string][][2]string{}
	}
	r.of[group] = append(r.of[group], [2]string{name, text})
	r.width = max(r.width, len(name))
}

// write writes a group under its title, or nothing if it has no rows.
func (r *rows) write(b *strings.Builder, group, title string) {
	if len(r.of[group]) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s:\n", title)
	for _, row := range r.of[group] {
		text := theme.Wrap(row[1], helpWidth-r.width-4)
		fmt.Fprintf(b, "  %-*s  %s\n", r.width, row[0], strings.Join(text, "\n"+strings.Repeat(" ", r.width+4)))
	}
}

// EachFlag calls visit for the flags of a command in the order of its help: its own,
// whose group is "", and those of each group.
func EachFlag(c *cobra.Command, visit func(group string, f *pflag.Flag)) {
	c.InheritedFlags() // from now on they are among its flags
	for _, group := range flagGroups {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if strings.Join(f.Annotations[groupAnnotation], "") == group {
				visit(group, f)
			}
		})
	}
}

// FlagUsage returns how a flag calls its value, "" if it takes none, and what it does,
// with its default.
func FlagUsage(f *pflag.Flag) (value, usage string) {
	value, usage = pflag.UnquoteUsage(f)
	switch f.DefValue {
	case "", "false", "0", "0s", "[]":
	default:
		usage += " (default: " + f.DefValue + ")"
	}
	return value, usage
}

// flagRow is a flag with its value, and what it does.
func flagRow(f *pflag.Flag) (name, usage string) {
	value, usage := FlagUsage(f)
	name = "    --" + f.Name
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", --" + f.Name
	}
	switch {
	case value != "" && f.NoOptDefVal != "":
		name += "[=" + value + "]"
	case value != "":
		name += " " + value
	}
	return name, usage
}

// flagError words the error of a flag that a command does not have: whose it is,
// or which one was meant.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return valueError(err)
	}
	name := unknown.GetSpecifiedName()
	if args := c.Flags().Args(); c == c.Root() && len(args) > 0 { // a command that there is not, with its flags
		if err := checkCommand(c, args[0]); err != nil {
			return err
		}
	}
	var owners []string
	for _, other := range append([]*cobra.Command{c.Root()}, c.Root().Commands()...) {
		if other.Flags().Lookup(name) != nil {
			owners = append(owners, other.CommandPath())
		}
	}
	const maxNamed = 4
	switch {
	case len(owners) > maxNamed:
		return fmt.Errorf("--%s means nothing for %s", name, c.CommandPath())
	case len(owners) > 0:
		if owners[0] == c.Root().Name() {
			owners[0] += " [CATALOG]"
		}
		return fmt.Errorf("--%s means nothing for %s: it is a flag of %s", name, c.CommandPath(), alternatives(owners))
	}
	near := ""
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if near == "" && levenshtein.Distance(name, f.Name, nil) <= 2 {
			near = f.Name
		}
	})
	if near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	return err
}

// valueError is the error of a flag's value, in words that are not Go's.
func valueError(err error) error {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err
	}
	expected, known := map[string]string{
		"duration": "a number with its unit, as 30s, 10m or 1h", "int": "a whole number",
	}[invalid.GetFlag().Value.Type()]
	if !known {
		return err
	}
	return fmt.Errorf("--%s: expected %s, got %q", invalid.GetFlag().Name, expected, untrusted.Text(invalid.GetValue()))
}

// checkCommand is the error of an argument of plimsoll that is neither a folder nor
// a command, or nil.
func checkCommand(root *cobra.Command, arg string) error {
	if err := inPlaceOf(aCatalog, arg); err != nil {
		return err
	}
	if _, err := os.Lstat(arg); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return fmt.Errorf("%q is neither a folder nor a command%s", untrusted.Text(arg), meant(root, arg))
}

// meant returns "; did you mean …?" for the name of a command that there is not,
// or "" if none is near.
func meant(c *cobra.Command, name string) string {
	if name == "" { // with which every name begins
		return ""
	}
	c.SuggestionsMinimumDistance = 2
	var near []string
	for _, suggestion := range c.SuggestionsFor(name) {
		near = append(near, c.CommandPath()+" "+suggestion)
	}
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + alternatives(near) + "?"
}
