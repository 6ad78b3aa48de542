package catalog

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// order has the keys of a spec as they stand in one. A key that is added stands
// behind those of its section that come before it.
var order = []string{"metadata", "spec", "provenance",
	"repository_uri", "repository_ref", "sigstore_url", "signer_identity", "runner_environment", "cert_issuer", "attestations",
	"available", "verified", "publisher", "kind", "repository", "workflow"}

// editor makes one change in one text, of which every line ends.
type editor struct {
	lines  []string
	end    string // of the lines that are added
	root   *yaml.Node
	change Change
}

// edit makes one change.
func edit(text string, c Change, end string) (string, error) {
	root, err := yamlfile.Document([]byte(text), untrusted.MaxSpec)
	if err != nil {
		return "", err
	}
	e := &editor{lines: slices.Collect(strings.Lines(text)), end: end, root: root, change: c}
	err = e.set(nil, root, strings.Split(string(c.Key), "."))
	return strings.Join(e.lines, ""), err
}

// set follows the rest of a path below a section. header is the section's own
// key, nil for the root.
func (e *editor) set(header, section *yaml.Node, path []string) error {
	if err := editable(section); err != nil {
		return err
	}
	key, value := entry(section, path[0])
	switch {
	case key == nil:
		return e.add(header, section, path)
	case len(path) == 1:
		return e.replace(key, value)
	case yamlfile.IsNothing(value):
		return e.insert(key, key.Line, key.Column-1+e.step(), path[1:])
	}
	return e.set(key, value, path[1:])
}

// entry returns a key of a mapping and its value, nil if it is not there.
func entry(section *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; section.Kind == yaml.MappingNode && i+1 < len(section.Content); i += 2 {
		if key := section.Content[i]; key.Kind == yaml.ScalarNode && key.Value == name {
			return key, section.Content[i+1]
		}
	}
	return nil, nil
}

// editable refuses a section that is not written line by line.
func editable(section *yaml.Node) error {
	switch {
	case section.Kind != yaml.MappingNode:
		return yamlfile.At(section.Line, "expected keys and values, found %s", yamlfile.Describe(section))
	case section.Style&yaml.FlowStyle != 0:
		return yamlfile.At(section.Line, "expected keys and values on lines of their own, found them in {}")
	}
	for i := 0; i+1 < len(section.Content); i += 2 {
		if key := section.Content[i]; key.Kind == yaml.AliasNode || key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			return yamlfile.At(key.Line, "expected a key, found %s", yamlfile.Describe(key))
		}
	}
	return yamlfile.Plain(section)
}

// quoted is a value in quotes that ends on its line.
var quoted = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')`)

// replace sets the value of a key that is there.
func (e *editor) replace(key, value *yaml.Node) error {
	if value.Kind != yaml.ScalarNode {
		return yamlfile.At(value.Line, "expected one value, found %s", yamlfile.Describe(value))
	}
	if err := yamlfile.Plain(value); err != nil || e.change.holds(value) {
		return err
	}
	line := e.lines[value.Line-1]
	before, rest, ok := cutColumn(line, value.Column)
	style, found, gap := value.Style, value.Value, ""
	switch {
	case yamlfile.IsNothing(value): // the library places it behind the colon or behind the blanks that follow it
		before = strings.TrimRight(before, " \t")
		rest, style, gap = line[len(before):], e.style(), " "
		ok = ok && strings.HasSuffix(before, ":")
	case value.ShortTag() == "!!null":
		style = e.style()
	case style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		found = quoted.FindString(rest)
		ok = ok && found != ""
	}
	if !ok || value.Line != key.Line || style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || !strings.HasPrefix(rest, found) {
		return yamlfile.At(value.Line, "expected the value behind its key on one line, found it on others")
	}
	e.lines[value.Line-1] = before + gap + e.change.written(style) + rest[len(found):]
	return nil
}

// cutColumn cuts a line at a column of the library, which counts characters from
// 1; false if it is shorter.
func cutColumn(line string, column int) (before, after string, ok bool) {
	for i := range line {
		if column--; column == 0 {
			return line[:i], line[i:], true
		}
	}
	return line, "", false
}

// add puts a key, of the rest of the path, into a section that has others.
func (e *editor) add(header, section *yaml.Node, path []string) error {
	first := section.Content[0]
	at := 0
	if header != nil {
		at = header.Line
	}
	for i := 0; i+1 < len(section.Content); i += 2 {
		key := section.Content[i]
		if place := slices.Index(order, key.Value); place >= 0 && place < slices.Index(order, path[0]) || at == 0 {
			at = e.lastLine(key)
		}
	}
	if header == nil && e.spaced(first.Line) {
		e.lines = slices.Insert(e.lines, at, e.end)
		at++
	}
	return e.insert(first, at, first.Column-1, path)
}

// insert puts the rest of the path behind line n, so many columns from the left.
// near is a key beside or above it.
func (e *editor) insert(near *yaml.Node, n, column int, path []string) error {
	if before, _, _ := cutColumn(e.lines[near.Line-1], near.Column); strings.Trim(before, " ") != "" {
		return yamlfile.At(near.Line, "expected a key at the start of its line")
	}
	for i, name := range path {
		line := strings.Repeat(" ", column+i*e.step()) + name + ":"
		if i == len(path)-1 {
			line += " " + e.change.written(e.style())
		}
		e.lines = slices.Insert(e.lines, n+i, line+e.end)
	}
	return nil
}

// lastLine returns the last line of the entry of a key: what follows is indented
// deeper, or is a list, which may stand as deep as its key. Blank lines at its
// end are not of it.
func (e *editor) lastLine(key *yaml.Node) int {
	last := key.Line
	for n := key.Line + 1; n <= len(e.lines); n++ {
		text := strings.TrimLeft(e.lines[n-1], " ")
		indent := len(e.lines[n-1]) - len(text)
		switch list := strings.TrimSpace(text) == "-" || strings.HasPrefix(text, "- "); {
		case strings.TrimSpace(text) == "":
		case indent >= key.Column || indent == key.Column-1 && list:
			last = n
		default:
			return last
		}
	}
	return last
}

// step returns how much deeper a section is indented than its key: as the first
// section of the file is.
func (e *editor) step() int {
	for i := 1; i < len(e.root.Content); i += 2 {
		if value := e.root.Content[i]; value.Kind == yaml.MappingNode && value.Style&yaml.FlowStyle == 0 && value.Column > e.root.Column {
			return value.Column - e.root.Column
		}
	}
	return 2
}

// spaced reports whether a blank line stands between the sections of the file,
// the first of which begins at a line.
func (e *editor) spaced(first int) bool {
	for n := first; n < len(e.lines); n++ {
		if strings.TrimSpace(e.lines[n-1]) == "" && strings.TrimLeft(e.lines[n], " \t\r\n") == e.lines[n] {
			return true
		}
	}
	return false
}

// style returns the quotes in which the file writes such values: those of the
// first in provenance, else of the package, else double quotes.
func (e *editor) style() yaml.Style {
	for _, path := range [][2]string{{"provenance", "repository_uri"}, {"provenance", "repository_ref"}, {"spec", "package"}} {
		if _, section := entry(e.root, path[0]); section != nil {
			if _, value := entry(section, path[1]); value != nil && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!str" {
				return value.Style
			}
		}
	}
	return yaml.DoubleQuotedStyle
}

// holds reports whether the value of a spec is the wanted one already.
func (c Change) holds(value *yaml.Node) bool {
	tag := value.ShortTag()
	if value.Kind != yaml.ScalarNode {
		return false
	}
	if c.Key.boolean() {
		return tag == "!!bool" && strings.ToLower(value.Value) == c.Value
	}
	return slices.Contains([]string{"!!str", "!!int", "!!float", "!!timestamp"}, tag) && value.Value == c.Value
}

// written returns the value as YAML, in the quotes of style if it can be written
// so.
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

var bareForm = regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9._~/:@+=-]*$`)

// bare reports whether every YAML reader takes the text, written without quotes,
// for that text. Version 1.1 takes "no" for false.
func bare(s string) bool {
	node := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	return bareForm.MatchString(s) && !strings.HasSuffix(s, ":") && node.ShortTag() == "!!str" &&
		!slices.Contains([]string{"y", "n", "yes", "no", "on", "off"}, strings.ToLower(s))
}
