package catalog

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// Key names a value of a spec that [Edit] can set, dotted as in [Spec.Lines].
type Key string

// The keys that Edit can set, in the order in which a spec has them.
const (
	KeyRepositoryURI       Key = "provenance.repository_uri"
	KeyAvailable           Key = "provenance.attestations.available"
	KeyVerified            Key = "provenance.attestations.verified"
	KeyPublisherKind       Key = "provenance.attestations.publisher.kind"
	KeyPublisherRepository Key = "provenance.attestations.publisher.repository"
	KeyPublisherWorkflow   Key = "provenance.attestations.publisher.workflow"
)

// Keys returns every key that [Edit] can set, in the order of a spec.
func Keys() []Key {
	return []Key{KeyRepositoryURI, KeyAvailable, KeyVerified, KeyPublisherKind, KeyPublisherRepository, KeyPublisherWorkflow}
}

func (k Key) boolean() bool { return k == KeyAvailable || k == KeyVerified }

// Change sets one value of a spec. The values of [KeyAvailable] and
// [KeyVerified] are "true" and "false"; every other is text that a person can
// read to its last character: not empty, on one line, nothing invisible in it,
// at most [untrusted.MaxSpecValue] bytes.
type Change struct {
	Key   Key
	Value string
}

// Edit returns the text of a spec with the changes made, and every byte but
// theirs as it was: comments, order, blank lines, line ends. A value that is
// there keeps its quotes; a key that is not there is added behind its
// neighbours, with the indentation and line ends of the file. A value that the
// spec has already stays as it is written.
//
// The result is read again and compared with what was asked for. Edit returns
// an error, and no text, where a touched value or section is written as an
// anchor, an alias, with a tag, in flow style ({…}) or over several lines, and
// for every other text that does not read back as exactly what was wanted.
func Edit(data []byte, changes []Change) ([]byte, error) {
	ordered, err := inOrder(changes)
	if err != nil {
		return nil, err
	}
	before, err := yamlfile.Document(data, untrusted.MaxSpec)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(data)
	for _, c := range ordered {
		if out, err = edit(out, c); err != nil {
			return nil, fmt.Errorf("%s cannot be edited here: %w", c.Key, err)
		}
	}
	after, err := yamlfile.Document(out, untrusted.MaxSpec)
	if err == nil {
		err = onlyChanged(before, after, ordered)
	}
	if err != nil {
		return nil, fmt.Errorf("this spec cannot be edited safely, please edit it by hand: %w", err)
	}
	return out, nil
}

// inOrder checks the changes and returns them in the order of [Keys], so that
// keys that are added come in that order whatever was asked for first.
func inOrder(changes []Change) ([]Change, error) {
	keys := Keys()
	for i, c := range changes {
		if !slices.Contains(keys, c.Key) {
			return nil, fmt.Errorf("expected a key that can be edited, found %q", untrusted.Excerpt(string(c.Key)))
		}
		if slices.ContainsFunc(changes[:i], func(other Change) bool { return other.Key == c.Key }) {
			return nil, fmt.Errorf("expected one value for %s, found two", c.Key)
		}
		if err := c.check(); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Key, err)
		}
	}
	ordered := slices.Clone(changes)
	slices.SortFunc(ordered, func(a, b Change) int { return slices.Index(keys, a.Key) - slices.Index(keys, b.Key) })
	return ordered, nil
}

func (c Change) check() error {
	switch {
	case c.Key.boolean() && c.Value != "true" && c.Value != "false":
		return fmt.Errorf("expected true or false, found %q", untrusted.Excerpt(c.Value))
	case c.Value == "":
		return errors.New("expected a value, found nothing")
	case len(c.Value) > untrusted.MaxSpecValue:
		return fmt.Errorf("expected at most %d bytes, found %d", untrusted.MaxSpecValue, len(c.Value))
	case untrusted.Clean(c.Value) != c.Value:
		// What a person accepted on the screen is what is written.
		return fmt.Errorf("expected text without control or invisible characters, found %q", untrusted.Excerpt(c.Value))
	}
	return nil
}

// edit makes one change.
func edit(data []byte, c Change) ([]byte, error) {
	root, err := yamlfile.Document(data, untrusted.MaxSpec)
	if err != nil {
		return nil, err
	}
	e := &editor{lines: splitLines(data), root: root, change: c}
	path := strings.Split(string(c.Key), ".")
	header, section := (*yaml.Node)(nil), root
	for i, name := range path {
		if err := editable(section); err != nil {
			return nil, err
		}
		key, value := entry(section, name)
		switch {
		case key == nil:
			return e.add(header, section, path[i:])
		case i == len(path)-1:
			return e.replace(key, value)
		case isNothing(value):
			return e.fill(key, path[i+1:])
		}
		header, section = key, value
	}
	panic("unreachable: the last name of a path is replaced or added")
}

// entry returns a key of a mapping and its value, nil where it is not there.
func entry(section *yaml.Node, name string) (key, value *yaml.Node) {
	for i := 0; i+1 < len(section.Content); i += 2 {
		if key := section.Content[i]; key.Kind == yaml.ScalarNode && key.Value == name {
			return key, section.Content[i+1]
		}
	}
	return nil, nil
}

// isNothing says that a key stands there without a value.
func isNothing(value *yaml.Node) bool {
	return value.Kind == yaml.ScalarNode && value.Value == "" && value.Style == 0 && value.Anchor == "" && value.ShortTag() == "!!null"
}

// editable refuses a section that is not written line by line.
func editable(section *yaml.Node) error {
	switch {
	case section.Kind != yaml.MappingNode:
		return yamlfile.At(section.Line, "expected keys and values, found %s", yamlfile.Describe(section))
	case section.Style&yaml.FlowStyle != 0:
		return yamlfile.At(section.Line, "expected keys and values on lines of their own, found them in {}")
	}
	if err := yamlfile.Plain(section); err != nil {
		return err
	}
	for i := 0; i+1 < len(section.Content); i += 2 {
		key := section.Content[i]
		if key.Kind == yaml.AliasNode || key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			return yamlfile.At(key.Line, "expected a key, found %s", yamlfile.Describe(key))
		}
	}
	return nil
}
