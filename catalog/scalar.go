package catalog

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// holds says whether the value of a spec is the wanted one already.
func (c Change) holds(value *yaml.Node) bool {
	if value.Kind != yaml.ScalarNode {
		return false
	}
	tag := value.ShortTag()
	if c.Key.boolean() {
		return tag == "!!bool" && strings.ToLower(value.Value) == c.Value
	}
	return slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, tag) && value.Value == c.Value
}

// written returns the value as YAML, in the quotes of style where it can be
// written so.
func (c Change) written(style yaml.Style) string {
	switch {
	case c.Key.boolean():
		return c.Value
	case style&yaml.SingleQuotedStyle != 0:
		return "'" + strings.ReplaceAll(c.Value, "'", "''") + "'"
	case style&yaml.DoubleQuotedStyle == 0 && bare(c.Value):
		return c.Value
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(c.Value) + `"`
}

// bare says whether every YAML reader takes the text, written without quotes,
// for that text. Version 1.1 takes "no" for false.
func bare(s string) bool {
	first := s[0]
	if !isLetterOrDigit(first) && first != '.' && first != '/' || strings.HasSuffix(s, ":") {
		return false
	}
	for i := 0; i < len(s); i++ {
		if !isLetterOrDigit(s[i]) && !strings.ContainsRune("-._~/:@+=", rune(s[i])) {
			return false
		}
	}
	if slices.Contains([]string{"y", "n", "yes", "no", "on", "off"}, strings.ToLower(s)) {
		return false
	}
	if strings.Trim(s, "0123456789:._+-eExXoO") == "" { // 1:30 is a number to some
		return false
	}
	node := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	return node.ShortTag() == "!!str"
}
