// Command man writes plimsoll's manual pages into a folder: one for each command,
// made from the commands, and what plimsoll.md and plimsoll.yaml.md add to them.
//
//	go run ./testdata/man FOLDER
package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cpuguy83/go-md2man/v2/md2man"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"plimsoll/ui"
	"plimsoll/ui/cli"
	"plimsoll/ui/theme"
)

//go:embed plimsoll.md
var sections string

//go:embed plimsoll.yaml.md
var settings string

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: man FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "man:", err)
		os.Exit(1)
	}
}

// write makes the pages. They bear no date, so that the same commands give the
// same pages.
func write(folder string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	root := cli.Command(cli.Env{Getenv: os.Getenv, Now: time.Now})
	pages := map[string]string{"plimsoll.yaml.5": settingsPage(root)}
	addPages(root, pages)
	for name, text := range pages {
		section := strings.TrimPrefix(filepath.Ext(name), ".")
		title := fmt.Sprintf("%% %q %q \"\" \"plimsoll\" \"plimsoll\"\n", strings.ToUpper(strings.TrimSuffix(name, "."+section)), section)
		if err := os.WriteFile(filepath.Join(folder, name), md2man.Render([]byte(title+text)), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// pageName is the name of a command's page.
func pageName(c *cobra.Command) string { return strings.ReplaceAll(c.CommandPath(), " ", "-") }

// addPages adds the page of a command, in Markdown, and those of the commands below it.
func addPages(c *cobra.Command, pages map[string]string) {
	c.InitDefaultHelpFlag()
	text := fmt.Sprintf("# NAME\n\n%s - %s\n\n# SYNOPSIS\n\n**%s**%s\n\n# DESCRIPTION\n\n", pageName(c), c.Short,
		c.CommandPath(), escape(strings.TrimPrefix(c.UseLine(), c.CommandPath())))
	description, also := cmp.Or(c.Long, c.Short), []string{}
	if c.HasParent() {
		also = append(also, bold(pageName(c.Parent())))
	} else { // EXIT STATUS says it
		description, _, _ = strings.Cut(description, "\n\nExit codes:")
	}
	text += description + "\n\n# OPTIONS\n\n" + options(c)
	if !c.HasParent() {
		text += strings.Replace(sections, "{{keys}}", ui.Manual(), 1)
	}
	if c.Example != "" {
		text += fmt.Sprintf("\n# EXAMPLES\n\n```\n%s\n```\n", c.Example)
	}
	for _, below := range c.Commands() {
		if below.IsAvailableCommand() {
			also = append(also, bold(pageName(below)))
			addPages(below, pages)
		}
	}
	if !c.HasParent() {
		also = append(also, "**plimsoll.yaml**(5)")
	}
	pages[pageName(c)+".1"] = text + "\n# SEE ALSO\n\n" + strings.Join(also, ", ") + "\n"
}

func bold(page string) string { return "**" + page + "**(1)" }

// options lists the flags of a command, as its help does.
func options(c *cobra.Command) string {
	var b strings.Builder
	under := ""
	cli.EachFlag(c, func(group string, f *pflag.Flag) {
		if group != under {
			under = group
			fmt.Fprintf(&b, "### %s\n\n", group)
		}
		name, usage := cli.FlagUsage(f)
		term := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			term = "`-" + f.Shorthand + "`, " + term
		}
		switch {
		case name != "" && f.NoOptDefVal != "":
			term += "[=*" + name + "*]"
		case name != "":
			term += " *" + name + "*"
		}
		fmt.Fprintf(&b, "%s\n: %s\n\n", term, escape(usage))
	})
	return b.String()
}

// escape keeps the converter from taking text for Markdown.
func escape(text string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "<", `\<`, "`", "\\`", "[", `\[`).Replace(text)
}

// settingsPage is the page of plimsoll.yaml: the words of the flags are those of
// the commands.
func settingsPage(root *cobra.Command) string {
	var list strings.Builder
	for _, key := range cli.ConfigKeys() {
		name, usage := cli.FlagUsage(root.Flags().Lookup(key))
		fmt.Fprintf(&list, "`%s`: *%s*\n: %s\n\n", key, cmp.Or(name, "true"), escape(usage))
	}
	return strings.NewReplacer("{{settings}}", list.String(), "{{tokens}}", strings.Join(theme.Tokens(), ", ")).Replace(settings)
}
