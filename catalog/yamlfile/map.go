package yamlfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// Map is a mapping of a file. The zero Map has no keys and no file.
type Map struct {
	file *File
	node *yaml.Node // nil if it is absent
	line int        // of the mapping around it if it is absent
	path string     // dotted, "" for the root
}

// mapping refuses what would add keys from elsewhere.
func (f *File) mapping(path string, node *yaml.Node) Map {
	for i := 0; i+1 < len(node.Content); i += 2 {
		key := node.Content[i]
		if key.Kind == yaml.AliasNode {
			f.fail(At(key.Line, "expected a key, found %s", Describe(key)))
		}
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			f.fail(At(key.Line, "expected a key, found %q, which takes keys from elsewhere", untrusted.Excerpt(key.Value)))
		}
	}
	return Map{file: f, node: node, line: node.Line, path: path}
}

// Present reports whether the file has the mapping.
func (m Map) Present() bool { return m.node != nil }

// Keys returns the keys of the mapping in the order of the file. It refuses a
// key that is no word.
func (m Map) Keys() []string {
	var keys []string
	for key := range m.keys {
		if key.Kind != yaml.ScalarNode {
			m.fail(key.Line, "", "expected a word as the key, found %s", Describe(key))
			continue
		}
		keys = append(keys, key.Value)
	}
	return keys
}

func (m Map) keys(yield func(key, value *yaml.Node) bool) {
	for i := 0; m.node != nil && i+1 < len(m.node.Content); i += 2 {
		if !yield(m.node.Content[i], m.node.Content[i+1]) {
			return
		}
	}
}

// Only makes every other key an error.
func (m Map) Only(keys ...string) {
	for key := range m.keys {
		if !slices.Contains(keys, key.Value) {
			m.file.fail(At(key.Line, "unknown key %q: expected one of %s", untrusted.Excerpt(key.Value), strings.Join(keys, ", ")))
		}
	}
}

// Others returns every other key, dotted, in the order of the file.
func (m Map) Others(keys ...string) []untrusted.Text {
	var others []untrusted.Text
	for key := range m.keys {
		name := string(untrusted.Excerpt(key.Value))
		if key.Kind != yaml.ScalarNode {
			name = Describe(key)
		} else if slices.Contains(keys, key.Value) {
			continue
		}
		others = append(others, untrusted.Text(m.name(name)))
	}
	return others
}

// Fail records an error at the value of a key, or with "" at the mapping.
func (m Map) Fail(key, format string, args ...any) { m.fail(m.Line(key), key, format, args...) }

func (m Map) fail(line int, key, format string, args ...any) {
	if m.file != nil {
		m.file.fail(At(line, "%s: %s", m.name(key), fmt.Sprintf(format, args...)))
	}
}

func (m Map) name(key string) string { return strings.Trim(m.path+"."+key, ".") }

// item is the name of an element of a list.
func item(key string, i int) string { return fmt.Sprintf("%s[%d]", key, i) }

// Line returns the line of a key's value, or of the mapping if the key is absent
// or "".
func (m Map) Line(key string) int {
	if value := m.find(key); value != nil {
		return value.Line
	}
	return m.line
}

func (m Map) find(name string) *yaml.Node {
	for key, value := range m.keys {
		if key.Kind == yaml.ScalarNode && key.Value == name {
			return value
		}
	}
	return nil
}

// value returns the value of a key, or nil if it has none. In a file of
// plimsoll's own a key without a value is an error, since its writer meant
// something. An alias stands for a value elsewhere, perhaps a thousandfold.
func (m Map) value(key string) *yaml.Node {
	value := m.find(key)
	if value == nil {
		return nil
	}
	if m.file.note != nil {
		m.file.note(m.path, key, value.Line)
	}
	switch {
	case value.Kind == yaml.AliasNode:
		m.Fail(key, "expected the value itself, found %s", Describe(value))
		return nil
	case value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null":
		if !m.file.tolerant {
			m.Fail(key, "expected a value, found nothing")
		}
		return nil
	}
	return value
}

// Required makes the absence of keys an error.
func (m Map) Required(keys ...string) {
	for _, key := range keys {
		if m.find(key) == nil {
			m.Fail(key, "expected a value, found nothing")
		}
	}
}

// Comment returns the comment that stands directly above the mapping, with its
// # signs, or "".
func (m Map) Comment() string {
	if m.node == nil {
		return ""
	}
	if m.node.HeadComment == "" && len(m.node.Content) > 0 {
		return m.node.Content[0].HeadComment
	}
	return m.node.HeadComment
}

// Text returns a text as it is written, an unquoted 1.10 as "1.10", or "" if the
// key is absent. In a file of plimsoll's own it is on one line and shows all that
// it holds.
func (m Map) Text(key string) string {
	value := m.value(key)
	if value == nil {
		return ""
	}
	return m.text(key, value)
}

func (m Map) text(key string, value *yaml.Node) string {
	tags := []string{"!!str", "!!int", "!!float", "!!timestamp"}
	switch {
	case value.Kind != yaml.ScalarNode || !slices.Contains(tags, value.ShortTag()):
		m.fail(value.Line, key, "expected text, found %s", Describe(value))
	case m.file.tolerant:
		return value.Value
	case value.Value == "":
		m.fail(value.Line, key, "expected a value, found nothing")
	case untrusted.Clean(value.Value) != value.Value:
		m.fail(value.Line, key, "expected one line without control or invisible characters, found %s", Describe(value))
	case len(value.Value) > untrusted.MaxReason:
		m.fail(value.Line, key, "expected at most %d bytes, found %d", untrusted.MaxReason, len(value.Value))
	default:
		return value.Value
	}
	return ""
}

// Scalar returns any one value as it is written, an unquoted true as "true".
func (m Map) Scalar(key string) string {
	value := m.find(key)
	if value == nil {
		return ""
	}
	return m.scalar(key, value)
}

func (m Map) scalar(key string, value *yaml.Node) string {
	if value.Kind != yaml.ScalarNode || value.ShortTag() == "!!null" || value.ShortTag() == "!!binary" {
		m.fail(value.Line, key, "expected text, found %s", Describe(value))
		return ""
	}
	return value.Value
}

// Bool returns true or false, and whether the key is there. A file of plimsoll's
// own has them as YAML 1.2 writes them.
func (m Map) Bool(key string) (value, present bool) {
	node := m.value(key)
	if node == nil {
		return false, false
	}
	switch {
	case node.Kind != yaml.ScalarNode || node.ShortTag() != "!!bool":
		m.Fail(key, "expected true or false, found %s", Describe(node))
	case !m.file.tolerant && node.Value != "true" && node.Value != "false":
		m.Fail(key, "expected true or false, found %q", untrusted.Excerpt(node.Value))
	default:
		return strings.EqualFold(node.Value, "true"), true
	}
	return false, false
}

// Int returns a whole number from least to most, least if the key is absent.
func (m Map) Int(key string, least, most int) int {
	value := m.value(key)
	if value == nil {
		return least
	}
	n, err := strconv.Atoi(value.Value)
	if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!int" || err != nil || n < least || n > most {
		m.Fail(key, "expected a number from %d to %d, found %s", least, most, Describe(value))
		return least
	}
	return n
}

// Date returns a date, the beginning of that day in UTC, or the zero time if the
// key is absent.
func (m Map) Date(key string) time.Time {
	text := m.Text(key)
	if text == "" {
		return time.Time{}
	}
	day, err := time.Parse(time.DateOnly, text)
	if err != nil || day.IsZero() {
		m.Fail(key, "expected a date such as 2026-12-31, found %q", untrusted.Excerpt(text))
		return time.Time{}
	}
	return day
}

// Map returns the mapping of a key, an absent one if the key is absent.
func (m Map) Map(key string) Map {
	value := m.value(key)
	absent := Map{file: m.file, line: m.line, path: m.name(key)}
	if value == nil {
		return absent
	}
	if value.Kind != yaml.MappingNode {
		m.Fail(key, "expected keys and values, found %s", Describe(value))
		return absent
	}
	return m.file.mapping(absent.path, value)
}

// IsMap reports whether the value of a key is a mapping.
func (m Map) IsMap(key string) bool {
	value := m.find(key)
	return value != nil && value.Kind == yaml.MappingNode
}

func (m Map) list(key string) []*yaml.Node {
	value := m.value(key)
	switch {
	case value == nil:
		return nil
	case value.Kind != yaml.SequenceNode:
		m.Fail(key, "expected a list, found %s", Describe(value))
		return nil
	}
	return value.Content
}

// Maps returns the mappings of a list, none if the key is absent.
func (m Map) Maps(key string) []Map {
	var out []Map
	for i, value := range m.list(key) {
		if value.Kind != yaml.MappingNode {
			m.fail(value.Line, item(key, i), "expected keys and values, found %s", Describe(value))
			continue
		}
		out = append(out, m.file.mapping(m.name(item(key, i)), value))
	}
	return out
}

// Scalars returns the values of a list, each as [Map.Scalar] does.
func (m Map) Scalars(key string) []string {
	var out []string
	for i, value := range m.list(key) {
		out = append(out, m.scalar(item(key, i), value))
	}
	return out
}

// Texts returns the texts of a list, nil if the key is absent. An empty list and
// a repeated text are errors.
func (m Map) Texts(key string) []string {
	var out []string
	seen := map[string]bool{}
	for i, value := range m.list(key) {
		text := m.text(item(key, i), value)
		if seen[text] {
			m.fail(value.Line, item(key, i), "expected each value once, found %q again", untrusted.Excerpt(text))
		}
		seen[text] = true
		out = append(out, text)
	}
	if value := m.find(key); value != nil && len(out) == 0 {
		m.Fail(key, "expected at least one value, found an empty list")
	}
	return out
}
