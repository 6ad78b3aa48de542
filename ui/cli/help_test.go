package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Every command has an example with a caption, which names commands and flags that
// there are; no line of the help is wider than promised.
func TestHelp(t *testing.T) {
	t.Parallel()
	var each func(c *cobra.Command)
	examples := 0
	each = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			each(sub)
		}
		caption := ""
		for line := range strings.SplitSeq(strings.ReplaceAll(c.Example, "\\\n", ""), "\n") {
			line, ok := strings.CutPrefix(line, "  ")
			switch {
			case !ok:
				t.Errorf("%s: an example is not indented: %q", c.CommandPath(), line)
			case strings.HasPrefix(line, "# "):
				caption = line
			case caption == "":
				t.Errorf("%s: an example without a caption: %q", c.CommandPath(), line)
			default:
				examples++
				checkExample(t, line)
			}
		}
		var help bytes.Buffer
		c.SetOut(&help)
		printHelp(c, nil)
		for line := range strings.SplitSeq(strings.ReplaceAll(help.String(), c.Example, ""), "\n") {
			if strings.HasPrefix(line, "\t") || strings.HasPrefix(line, "  plimsoll ") {
				continue
			}
			if n := len([]rune(line)); n > helpWidth {
				t.Errorf("%s: %d columns: %s", c.CommandPath(), n, line)
			}
		}
	}
	each(Command(Env{}))
	if examples < 25 {
		t.Errorf("%d examples", examples)
	}
}

// checkExample parses the last command of a line.
func checkExample(t *testing.T, line string) {
	t.Helper()
	_, words, ok := strings.Cut(line[max(strings.LastIndex(" "+line, " plimsoll "), strings.Index(line, "(plimsoll ")+1):], "plimsoll")
	if !ok {
		t.Errorf("no plimsoll in %q", line)
		return
	}
	words, _, _ = strings.Cut(strings.TrimSuffix(words, ")"), " | ")
	words, _, _ = strings.Cut(words, " >")
	c, args, err := Command(Env{}).Find(strings.Fields(words))
	if err == nil {
		err = c.ParseFlags(args)
	}
	if err == nil && c.Parent() != nil {
		err = c.ValidateArgs(c.Flags().Args())
	}
	if err != nil {
		t.Errorf("%q: %v", line, err)
	}
}

// A flag in a group that the help does not know would not be in the help.
func TestEveryFlagIsInTheHelp(t *testing.T) {
	t.Parallel()
	root := Command(Env{})
	report, _, err := root.Find([]string{"report"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range append(root.Commands(), root) {
		text := usageText(c)
		if c == root { // which refers to it
			text += usageText(report)
		}
		for line := range strings.SplitSeq(c.Flags().FlagUsages(), "\n") {
			if _, flag, ok := strings.Cut(line, "--"); ok {
				if name := strings.FieldsFunc(flag, func(r rune) bool { return r == ' ' || r == '[' }); !strings.Contains(text, "--"+name[0]) {
					t.Errorf("%s: --%s is not in the help", c.CommandPath(), name[0])
				}
			}
		}
	}
}
