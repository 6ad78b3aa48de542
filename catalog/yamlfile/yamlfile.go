// Package yamlfile reads the YAML files that people write for plimsoll
// beside the catalog's specs: decisions and policies. What such a file does
// not mean to say must not take effect, so everything unexpected is an error
// with its line: an unknown or repeated key, a value of another type, an
// anchor, an alias, a tag, a second document, a text with something invisible
// in it.
//
// A [Map] reads one mapping. The first error stays in its [File]; the readers
// return zero values from then on, and the caller asks [File.Err] once, at the
// end, before it uses anything that it read.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// Error says what is wrong with a file, and where.
type Error struct {
	Name    untrusted.Text // of the file
	Line    int            // from 1; 0 where the whole file is meant
	Message string         // cleaned: what was expected and what was found
}

// Error returns "name:line: message", cleaned.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%v: %s", e.Name, e.Message)
	}
	return fmt.Sprintf("%v:%d: %s", e.Name, e.Line, e.Message)
}

// File is one file that is being read.
type File struct {
	name string
	err  *Error
}

// Err returns the first error, an [*Error], or nil.
func (f *File) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

func (f *File) fail(line int, format string, args ...any) {
	if f.err == nil {
		message := untrusted.Shorten(fmt.Sprintf(format, args...), untrusted.MaxMessage)
		f.err = &Error{Name: untrusted.Text(f.name), Line: line, Message: message}
	}
}

// Map is a mapping of a file. The zero Map has no keys and no file.
type Map struct {
	file *File
	node *yaml.Node // nil: absent
	path string     // dotted, for messages
}

// Parse reads the one document in data, which must be a mapping. name is the
// file's, for messages.
func Parse(data []byte, name string, limit int) (*File, Map) {
	f := &File{name: name}
	switch {
	case len(data) > limit:
		f.fail(0, "expected at most %d bytes, found %d", limit, len(data))
	case !utf8.Valid(data):
		f.fail(0, "expected UTF-8 text, found other bytes")
	}
	if f.err != nil {
		return f, Map{file: f}
	}
	if err := untrusted.CheckYAML(data, limit); err != nil {
		f.fail(0, "%v", err)
		return f, Map{file: f}
	}
	root, err := document(data)
	if err != nil {
		f.syntax(err)
		return f, Map{file: f}
	}
	f.check(root)
	if root.Kind != yaml.MappingNode {
		f.fail(root.Line, "expected keys and values, found %s", describe(root))
	}
	if f.err != nil {
		return f, Map{file: f}
	}
	return f, Map{file: f, node: root}
}

// errSecond says that a file holds more than one document.
var errSecond = errors.New("expected one YAML document, found another")

func document(data []byte) (root *yaml.Node, err error) {
	defer func() { // a fault of the library is this file's fault, never the program's end
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("%v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err == io.EOF {
		return nil, errors.New("found an empty file")
	} else if err != nil {
		return nil, err
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, errSecond
	} else if err != io.EOF {
		return nil, err
	}
	if len(first.Content) != 1 {
		return nil, errors.New("found an empty file")
	}
	return first.Content[0], nil
}

// syntax turns "yaml: line 3: …" into an error at that line.
func (f *File) syntax(err error) {
	if errors.Is(err, errSecond) {
		f.fail(0, "%v", err)
		return
	}
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, text, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			f.fail(line, "expected YAML: %s", text)
			return
		}
	}
	f.fail(0, "expected YAML: %s", message)
}

// check refuses, anywhere in the file, what two readers can read differently.
func (f *File) check(node *yaml.Node) {
	switch {
	case node.Kind == yaml.AliasNode:
		f.fail(node.Line, "expected the value itself, found the alias *%v", untrusted.Text(node.Value))
		return
	case node.Anchor != "":
		f.fail(node.Line, "expected a value without an anchor, found &%v", untrusted.Text(node.Anchor))
	case node.Style&yaml.TaggedStyle != 0:
		f.fail(node.Line, "expected a value without a tag, found %v", untrusted.Text(node.Tag))
	}
	if node.Kind == yaml.MappingNode {
		lines := make(map[string]int, len(node.Content)/2)
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := node.Content[i]
			if key.Kind != yaml.ScalarNode || key.ShortTag() != "!!str" {
				f.fail(key.Line, "expected a word as the key, found %s", describe(key))
				return
			}
			if line, ok := lines[key.Value]; ok {
				f.fail(key.Line, "expected each key once, found %q again (first on line %d)", untrusted.Excerpt(key.Value), line)
			}
			lines[key.Value] = key.Line
		}
	}
	for _, child := range node.Content {
		if f.err != nil {
			return
		}
		f.check(child)
	}
}

// describe says in a plain word what a node is.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	if node.ShortTag() == "!!null" {
		return "nothing"
	}
	return fmt.Sprintf("%q", untrusted.Excerpt(node.Value))
}

// Line returns the line of a key's value, or of the mapping where the key is
// absent or "".
func (m Map) Line(key string) int {
	if m.node == nil {
		return 0
	}
	if value := m.find(key); value != nil {
		return value.Line
	}
	return m.node.Line
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

// Only makes every other key an error.
func (m Map) Only(keys ...string) {
	if m.node == nil {
		return
	}
	for i := 0; i+1 < len(m.node.Content); i += 2 {
		if key := m.node.Content[i]; !slices.Contains(keys, key.Value) {
			m.file.fail(key.Line, "unknown key %q: expected one of %s", untrusted.Excerpt(key.Value), strings.Join(keys, ", "))
		}
	}
}

// Fail records an error at the value of a key, or with "" at the mapping.
func (m Map) Fail(key, format string, args ...any) {
	if m.file != nil {
		m.file.fail(m.Line(key), "%s: %s", m.name(key), fmt.Sprintf(format, args...))
	}
}

func (m Map) name(key string) string { return strings.Trim(m.path+"."+key, ".") }

func (m Map) find(key string) *yaml.Node {
	if m.node == nil {
		return nil
	}
	for i := 0; i+1 < len(m.node.Content); i += 2 {
		if m.node.Content[i].Value == key {
			return m.node.Content[i+1]
		}
	}
	return nil
}

// value returns the value of a key: one that is written without a value is an
// error, since its writer meant something.
func (m Map) value(key string) *yaml.Node {
	value := m.find(key)
	if value != nil && value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
		m.Fail(key, "expected a value, found nothing")
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

// Text returns a text as it is written, "" where the key is absent. It is on
// one line and shows all that it holds.
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
		m.file.fail(value.Line, "%s: expected text, found %s", m.name(key), describe(value))
	case value.Value == "":
		m.file.fail(value.Line, "%s: expected a value, found nothing", m.name(key))
	case untrusted.Clean(value.Value) != value.Value:
		m.file.fail(value.Line, "%s: expected one line without control or invisible characters, found %s", m.name(key), describe(value))
	case len(value.Value) > untrusted.MaxReason:
		m.file.fail(value.Line, "%s: expected at most %d bytes, found %d", m.name(key), untrusted.MaxReason, len(value.Value))
	default:
		return value.Value
	}
	return ""
}

// Int returns a whole number from least to most, least where the key is absent.
func (m Map) Int(key string, least, most int) int {
	value := m.value(key)
	if value == nil {
		return least
	}
	n, err := strconv.Atoi(value.Value)
	if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!int" || err != nil || n < least || n > most {
		m.Fail(key, "expected a number from %d to %d, found %s", least, most, describe(value))
		return least
	}
	return n
}

// Date returns a date, the zero time where the key is absent: the beginning of
// that day in UTC.
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

// Map returns the mapping of a key, an absent one where the key is absent.
func (m Map) Map(key string) Map {
	value := m.value(key)
	absent := Map{file: m.file, path: m.name(key)}
	if value == nil {
		return absent
	}
	if value.Kind != yaml.MappingNode {
		m.Fail(key, "expected keys and values, found %s", describe(value))
		return absent
	}
	return Map{file: m.file, node: value, path: absent.path}
}

// items returns the nodes of a list; an empty one is an error.
func (m Map) items(key string) []*yaml.Node {
	value := m.value(key)
	switch {
	case value == nil:
		return nil
	case value.Kind != yaml.SequenceNode:
		m.Fail(key, "expected a list, found %s", describe(value))
		return nil
	}
	return value.Content
}

// Maps returns the mappings of a list, none where the key is absent.
func (m Map) Maps(key string) []Map {
	var out []Map
	for _, item := range m.items(key) {
		if item.Kind != yaml.MappingNode {
			m.file.fail(item.Line, "%s: expected keys and values, found %s", m.name(key), describe(item))
			return nil
		}
		out = append(out, Map{file: m.file, node: item, path: m.name(key)})
	}
	return out
}

// Texts returns the texts of a list, nil where the key is absent. An empty
// list and a repeated text are errors.
func (m Map) Texts(key string) []string {
	var out []string
	seen := map[string]bool{}
	items := m.items(key)
	for _, item := range items {
		text := m.text(key, item)
		if seen[text] {
			m.file.fail(item.Line, "%s: expected each value once, found %q again", m.name(key), untrusted.Excerpt(text))
		}
		seen[text] = true
		out = append(out, text)
	}
	if value := m.find(key); value != nil && len(items) == 0 {
		m.Fail(key, "expected at least one value, found an empty list")
	}
	return out
}
