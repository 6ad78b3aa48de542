// Package yamlfile reads YAML that people wrote, with the line of whatever is
// wrong in it. No file takes more memory than its size allows, an alias is never
// expanded, and a repeated key or a second document that holds something is an
// error. A mark at the end of a file begins or ends a document that holds nothing.
//
// [Parse] reads the files that are plimsoll's own: policies, decisions, settings.
// What such a file does not mean to say must not take effect, so everything
// unexpected is an error: an unknown key, a value of another type, an anchor, an
// alias, a tag, a text with something invisible in it. [ParseTolerant] reads
// specs, which other programs read as well.
//
// A [Map] reads one mapping. The first error stays in its [File]; the caller asks
// [File.Err] once, at the end.
package yamlfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// Error says what is wrong with a file, and where.
type Error struct {
	Path    untrusted.Text // "" if whoever reads it knows the file
	Line    int            // from 1; 0 if the whole file is meant
	Message string         // cleaned: what was expected and what was found
}

// Error returns "path:line: message", cleaned.
func (e *Error) Error() string {
	switch {
	case e.Path == "" && e.Line == 0:
		return e.Message
	case e.Path == "":
		return fmt.Sprintf("line %d: %s", e.Line, e.Message)
	case e.Line == 0:
		return fmt.Sprintf("%v: %s", e.Path, e.Message)
	default:
		return fmt.Sprintf("%v:%d: %s", e.Path, e.Line, e.Message)
	}
}

// At returns an error at a line.
func At(line int, format string, args ...any) *Error {
	return &Error{Line: line, Message: untrusted.Shorten(fmt.Sprintf(format, args...), untrusted.MaxMessage)}
}

// File is one file that is being read.
type File struct {
	path     untrusted.Text
	tolerant bool
	err      *Error
	note     func(section, key string, line int) // nil if nobody wants the lines
}

// Parse reads the one document in data, which must be a mapping. path is the
// file's, for messages.
func Parse(data []byte, path untrusted.Text, limit int) (*File, Map) {
	f := &File{path: path}
	return f, f.open(data, limit)
}

// ParseTolerant is Parse for a file that may hold more than plimsoll reads:
// anchors, tags, and in what is not asked for aliases. A key without a value
// counts as absent, and a text may hold anything. note is told the line of each value that
// is asked for and there, by its key and the dotted path of its mapping.
func ParseTolerant(data []byte, path untrusted.Text, limit int, note func(section, key string, line int)) (*File, Map) {
	f := &File{path: path, tolerant: true, note: note}
	return f, f.open(data, limit)
}

func (f *File) open(data []byte, limit int) Map {
	root, err := Document(data, limit)
	if err == nil && !f.tolerant {
		err = checkPlain(root)
	}
	if located, ok := errors.AsType[*Error](err); ok {
		f.fail(located)
		return Map{file: f}
	}
	return f.mapping("", root)
}

// Err returns the first error, an [*Error], or nil.
func (f *File) Err() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

func (f *File) fail(err *Error) {
	if f.err == nil {
		err.Path = f.path
		f.err = err
	}
}

// Empty is the message about a file without a document.
const Empty = "expected keys and values, found an empty file"

// Document returns the root mapping of the one YAML document in data that holds
// anything, of which no mapping has a key twice. It works on nodes, which expand
// no alias: an alias bomb stays as small as its text. The error is an [*Error]
// without a path.
func Document(data []byte, limit int) (*yaml.Node, error) {
	if len(data) > limit {
		return nil, At(0, "expected at most %d bytes, found %d", limit, len(data))
	}
	if err := checkEncoding(data); err != nil {
		return nil, err
	}
	if err := checkSize(data, limit); err != nil {
		return nil, At(0, "%v", err)
	}
	data = readable(data)
	root, second, err := decode(data)
	switch {
	case err != nil:
		return nil, syntax(data, err)
	case root == nil:
		return nil, At(0, Empty)
	case second != nil:
		return nil, At(second.Line, "expected one YAML document, found another")
	case root.Kind != yaml.MappingNode:
		return nil, At(root.Line, "expected keys and values, found %s", Describe(root))
	}
	return root, checkKeys(root)
}

// decode returns the root of the first document that holds anything, nil if none
// does, and the document that is the second of them, or nil.
func decode(data []byte) (root, second *yaml.Node, err error) {
	defer func() { // a fault of the library is this file's fault, never the program's end
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for second == nil {
		var document yaml.Node
		if err := decoder.Decode(&document); err == io.EOF {
			return root, nil, nil
		} else if err != nil {
			return nil, nil, err
		}
		content := &document
		if len(document.Content) > 0 {
			content = document.Content[0]
		}
		switch {
		case IsNothing(content):
		case root == nil:
			root = content
		default:
			second = &document
		}
	}
	return root, second, nil
}

// IsNothing reports whether no value is written at all where a node stands: no
// ~, no anchor, no tag.
func IsNothing(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.Value == "" && node.Style == 0 && node.Anchor == "" && node.ShortTag() == "!!null"
}

// maxLocated bounds the size of a file whose fault is looked for: people's files
// are far below it, and each try reads the file.
const maxLocated = 32 << 10

// syntax turns an error of the library into one at the line of the fault, which
// is the last of the fewest lines that have it. The library's own number is that
// of the block around it, one too small, or none.
func syntax(data []byte, err error) *Error {
	line, message := fault(err)
	if message == "found incompatible YAML document" {
		return At(0, "expected YAML 1.1 or 1.2, found a directive of another version")
	}
	if len(data) <= maxLocated {
		var ends []int
		for i, c := range data {
			if c == '\n' || i == len(data)-1 {
				ends = append(ends, i+1)
			}
		}
		line = 1 + sort.Search(len(ends)-1, func(i int) bool {
			_, _, err := decode(data[:ends[i]])
			_, same := fault(err)
			return same == message
		})
	}
	return At(line, "expected YAML: %s", message)
}

// fault takes an error of the library apart: "yaml: line 3: …".
func fault(err error) (line int, message string) {
	if err == nil {
		return 0, ""
	}
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, text, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			return line, text
		}
	}
	return 0, message
}

// checkKeys refuses a mapping with a repeated key, anywhere in the file: readers
// differ in which of the two they believe.
func checkKeys(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		if err := checkUnique(node.Content); err != nil {
			return err
		}
	}
	for _, child := range node.Content {
		if err := checkKeys(child); err != nil {
			return err
		}
	}
	return nil
}

// checkUnique looks at the keys of one mapping. Most have few, for which looking
// at those before costs less than a map does.
func checkUnique(content []*yaml.Node) error {
	const few = 32
	var lines map[string]int
	if len(content) > few {
		lines = make(map[string]int, len(content)/2)
	}
	for i := 0; i+1 < len(content); i += 2 {
		key := content[i]
		if key.Kind != yaml.ScalarNode {
			continue
		}
		first := 0
		if lines != nil {
			first = lines[key.Value]
			lines[key.Value] = key.Line
		}
		for j := 0; lines == nil && j < i; j += 2 {
			if content[j].Kind == yaml.ScalarNode && content[j].Value == key.Value {
				first = content[j].Line
			}
		}
		if first > 0 {
			return At(key.Line, "expected each key once, found %q again (first on line %d)", untrusted.Excerpt(key.Value), first)
		}
	}
	return nil
}

// checkPlain refuses, anywhere in the file, what two readers can read
// differently.
func checkPlain(node *yaml.Node) error {
	if node.Kind == yaml.AliasNode {
		return At(node.Line, "expected the value itself, found %s", Describe(node))
	}
	if err := Plain(node); err != nil {
		return err
	}
	for i, child := range node.Content {
		if node.Kind == yaml.MappingNode && i%2 == 0 && (child.Kind != yaml.ScalarNode || child.ShortTag() != "!!str") {
			return At(child.Line, "expected a word as the key, found %s", Describe(child))
		}
		if err := checkPlain(child); err != nil {
			return err
		}
	}
	return nil
}

// Plain refuses a node that other places of the file may refer to, or that says
// itself what type it is of.
func Plain(node *yaml.Node) error {
	if node.Anchor != "" {
		return At(node.Line, "expected a value without an anchor, found &%v", untrusted.Excerpt(node.Anchor))
	}
	if node.Style&yaml.TaggedStyle != 0 {
		return At(node.Line, "expected a value without a tag, found %v", untrusted.Excerpt(node.Tag))
	}
	return nil
}

// Describe returns in a few words what a node is.
func Describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return fmt.Sprintf("the alias *%v", untrusted.Excerpt(node.Value))
	}
	switch tag := node.ShortTag(); tag {
	case "!!null":
		return "nothing"
	case "!!bool":
		return fmt.Sprintf("true or false (%v)", untrusted.Excerpt(node.Value))
	case "!!str", "!!int", "!!float", "!!timestamp", "!!merge":
		return fmt.Sprintf("%q", untrusted.Excerpt(node.Value))
	default:
		return fmt.Sprintf("%v %q", untrusted.Excerpt(tag), untrusted.Excerpt(node.Value))
	}
}
