package catalog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// parse fills spec, of which Path, Protocol and the folder's name as Server
// are set, from the text of its file.
func parse(spec *Spec, data []byte) {
	r := &reader{spec: spec}
	root, err := document(data)
	if err == nil {
		err = unique(root)
	}
	if err == nil {
		err = r.read(root)
	}
	if err == nil {
		return
	}
	spec.Err = &SpecError{Path: spec.Path, Message: untrusted.Message(err)}
	if located, ok := errors.AsType[*lineError](err); ok {
		spec.Err.Line, spec.Err.Message = located.line, untrusted.Shorten(located.message, untrusted.MaxMessage)
	}
}

// lineError is a fault at a line of the file.
type lineError struct {
	line    int
	message string
}

func (e *lineError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.message) }

func faultAt(line int, format string, args ...any) error {
	return &lineError{line: line, message: fmt.Sprintf(format, args...)}
}

// document returns the root mapping of the one YAML document in data. It works
// on nodes, which expand no alias: an alias bomb stays as small as its text.
func document(data []byte) (root *yaml.Node, err error) {
	if !utf8.Valid(data) {
		return nil, errors.New("expected UTF-8 text, found other bytes")
	}
	if err := untrusted.CheckYAML(data, untrusted.MaxSpec); err != nil {
		return nil, err
	}
	defer func() { // a fault of the library is this file's fault, never the program's end
		if p := recover(); p != nil {
			root, err = nil, fmt.Errorf("expected YAML: %v", p)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first yaml.Node
	if err := decoder.Decode(&first); err == io.EOF {
		return nil, errors.New("expected metadata, spec and provenance, found an empty file")
	} else if err != nil {
		return nil, syntax(err)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, faultAt(second.Line, "expected one YAML document, found another")
	} else if err != io.EOF {
		return nil, syntax(err)
	}
	if len(first.Content) != 1 || first.Content[0].Kind != yaml.MappingNode {
		found := "nothing"
		if len(first.Content) > 0 {
			found = describe(first.Content[0])
		}
		return nil, faultAt(first.Line, "expected keys and values, found %s", found)
	}
	return first.Content[0], nil
}

// syntax turns "yaml: line 3: …" into a fault at that line.
func syntax(err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(message, "line "); ok {
		number, text, _ := strings.Cut(rest, ": ")
		if line, err := strconv.Atoi(number); err == nil {
			return faultAt(line, "expected YAML: %s", text)
		}
	}
	return fmt.Errorf("expected YAML: %s", message)
}

// unique refuses a mapping with a repeated key, anywhere in the file: readers
// differ in which of the two they believe.
func unique(node *yaml.Node) error {
	if node.Kind == yaml.MappingNode {
		if err := uniqueKeys(node.Content); err != nil {
			return err
		}
	}
	for _, child := range node.Content {
		if err := unique(child); err != nil {
			return err
		}
	}
	return nil
}

// uniqueKeys looks at the keys of one mapping. Specs have few, for which
// looking at those before costs less than a map does.
func uniqueKeys(content []*yaml.Node) error {
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
			return faultAt(key.Line, "expected each key once, found %q again (first on line %d)", untrusted.Excerpt(key.Value), first)
		}
	}
	return nil
}

// describe says in a plain word what a node is.
func describe(node *yaml.Node) string {
	switch node.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return fmt.Sprintf("the alias *%v", untrusted.Excerpt(node.Value))
	}
	switch node.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!bool":
		return fmt.Sprintf("true or false (%v)", untrusted.Excerpt(node.Value))
	case "!!str":
		return fmt.Sprintf("%q", untrusted.Excerpt(node.Value))
	default:
		return fmt.Sprintf("%v %q", untrusted.Excerpt(node.ShortTag()), untrusted.Excerpt(node.Value))
	}
}
