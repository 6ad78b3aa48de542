package cli

import (
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/explain"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// explainWidth is that of the text, in cells: longer lines are hard to read.
const explainWidth = 80

func explainCommand(env Env) *cobra.Command {
	var o options
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain [WORD|RULE]",
		Short: "Say what a word, a status, a check or a finding's rule means, and what to do",
		Long: `explain says what a word means, why it matters and what to do now, with the address
of the specification: statuses, checks, rules of findings, columns, screens and the
words of the field. Without a word it lists all.`,
		Example: `  # a word of the field
  plimsoll explain inclusion proof
  # the rule of a finding, as a report names it
  plimsoll explain policy.slsa
  # a sign of the table
  plimsoll explain ✗
  # a status, as JSON
  plimsoll explain mismatch --json`,
		RunE: func(_ *cobra.Command, args []string) error {
			word := strings.Join(args, " ")
			found := explain.All()
			if len(args) > 0 {
				found = explained(word)
			}
			switch {
			case len(found) == 0:
				return unexplained(word)
			case asJSON:
				return env.writeJSON(explainDocument{"plimsoll/explain/v1", found})
			case len(args) == 0:
				return listWords(env, o)
			}
			return explainWord(env, o, found)
		},
		ValidArgsFunction: completeWords,
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bindLooks(c)
	return c
}

type explainDocument struct {
	Schema  string          `json:"schema"`
	Entries []explain.Entry `json:"entries"`
}

// explained returns what explains a word, or a sign of the table: what somebody sees
// there first.
func explained(word string) []explain.Entry {
	if found := explain.Find(word); len(found) > 0 {
		return found
	}
	for _, ascii := range []bool{false, true} {
		var found []explain.Entry
		add := func(sign string, kind explain.Kind, name string) {
			if e, ok := explain.Of(kind, name); ok && sign == word {
				found = append(found, e)
			}
		}
		signs := theme.New(theme.Options{Plain: true, ASCII: ascii})
		for _, s := range verify.Statuses() {
			sign, _ := signs.Status(s)
			add(sign, explain.Status, s.String())
		}
		for _, s := range []verify.Severity{verify.SeverityError, verify.Warning, verify.Info} {
			sign, _ := signs.Severity(s)
			add(sign, explain.Severity, s.String())
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

// unexplained is the error of a word that nothing explains.
func unexplained(word string) error {
	near := explain.Near(word)
	if len(near) == 0 {
		return usagef("nothing explains %q; plimsoll explain lists all words", untrusted.Text(word))
	}
	return usagef("nothing explains %q; did you mean %s?", untrusted.Text(word), strings.Join(near, ", "))
}

func explainWord(env Env, o options, found []explain.Entry) error {
	d := view.NewDoc(textReport(env, o).Theme, explainWidth)
	d.Explain(found, view.Input{})
	var see []string
	for _, e := range explain.Leads(found...) {
		see = append(see, e.Word)
	}
	if len(see) > 0 {
		d.Blank()
		d.Say("see", view.Span{Token: theme.Muted, Text: strings.Join(see, ", ")})
	}
	return env.write(report.ExitOK, func() error { return d.Write(env.Stdout) })
}

// listWords prints every word with what it is in short.
func listWords(env Env, o options) error {
	d := view.NewDoc(textReport(env, o).Theme, explainWidth)
	for _, entries := range explain.Kinds() {
		d.Labels = 0
		for _, e := range entries {
			d.Labels = max(d.Labels, theme.Width(e.Word))
		}
		d.Heading(entries[0].Kind.Plural())
		for _, e := range entries {
			d.Say(e.Word, view.Span{Text: e.Short})
		}
	}
	return env.write(report.ExitOK, func() error { return d.Write(env.Stdout) })
}

// completeWords gives the shell the words that can be explained.
func completeWords(_ *cobra.Command, args []string, typed string) (words []string, _ cobra.ShellCompDirective) {
	if len(args) == 0 {
		for _, e := range explain.All() {
			if strings.HasPrefix(strings.ToLower(e.Word), strings.ToLower(typed)) {
				words = append(words, cobra.CompletionWithDesc(e.Word, e.Kind.String()+": "+e.Short))
			}
		}
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
