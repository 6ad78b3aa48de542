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
	KeyRepositoryRef       Key = "provenance.repository_ref"
	KeyAvailable           Key = "provenance.attestations.available"
	KeyVerified            Key = "provenance.attestations.verified"
	KeyPublisherKind       Key = "provenance.attestations.publisher.kind"
	KeyPublisherRepository Key = "provenance.attestations.publisher.repository"
	KeyPublisherWorkflow   Key = "provenance.attestations.publisher.workflow"
)

// Keys returns every key that [Edit] can set, in the order of a spec.
func Keys() []Key {
	return []Key{KeyRepositoryURI, KeyRepositoryRef, KeyAvailable, KeyVerified, KeyPublisherKind, KeyPublisherRepository, KeyPublisherWorkflow}
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
// an error, and no text, if a touched value or section is written as an anchor,
// an alias, with a tag, in flow style ({…}) or over several lines, if a line ends
// in anything but LF or CR LF, and for every other text that does not read back
// as exactly what was wanted.
func Edit(data []byte, changes []Change) ([]byte, error) {
	ordered, err := inOrder(changes)
	if err != nil {
		return nil, err
	}
	before, err := yamlfile.Document(data, untrusted.MaxSpec)
	if err != nil {
		return nil, err
	}
	text, marked := strings.CutPrefix(string(data), byteOrderMark)
	// YAML takes these for line ends as well, and so would count other lines.
	if strings.ContainsAny(strings.ReplaceAll(text, "\r\n", "\n"), "\r\u0085\u2028\u2029") {
		return nil, errors.New("expected lines that end in LF or CR LF, found others")
	}
	end := "\n"
	if strings.Contains(text, "\r\n") {
		end = "\r\n"
	}
	whole := strings.HasSuffix(text, "\n")
	if !whole {
		text += end
	}
	for _, c := range ordered {
		if text, err = edit(text, c, end); err != nil {
			return nil, fmt.Errorf("%s cannot be edited here: %w", c.Key, err)
		}
	}
	if !whole {
		text = strings.TrimSuffix(text, end)
	}
	if marked {
		text = byteOrderMark + text
	}
	after, err := yamlfile.Document([]byte(text), untrusted.MaxSpec)
	if err == nil {
		err = onlyChanged(before, after, ordered)
	}
	if err != nil {
		return nil, fmt.Errorf("this spec cannot be edited safely, please edit it by hand: %w", err)
	}
	return []byte(text), nil
}

const byteOrderMark = "\ufeff"

// inOrder checks the changes and returns them in the order of keys, so that
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

// onlyChanged returns an error unless after says what before says, but for the
// changes, all of them, and the sections that they needed. It takes both apart.
func onlyChanged(before, after *yaml.Node, changes []Change) error {
	for _, c := range changes {
		value := take(after, strings.Split(string(c.Key), "."))
		if value == nil || value.Anchor != "" || !c.holds(value) {
			return fmt.Errorf("expected %s to be %q, found something else", c.Key, untrusted.Excerpt(c.Value))
		}
		take(before, strings.Split(string(c.Key), "."))
	}
	return same(before, after)
}

// take removes a key, and the sections that hold nothing without it, and returns
// its value, or nil if there is none.
func take(section *yaml.Node, path []string) *yaml.Node {
	key, value := entry(section, path[0])
	if key == nil {
		return nil
	}
	taken := value
	if len(path) > 1 {
		taken = take(value, path[1:])
		if len(value.Content) > 0 || value.Kind != yaml.MappingNode && !yamlfile.IsNothing(value) {
			return taken
		}
	}
	i := slices.Index(section.Content, key)
	section.Content = slices.Delete(section.Content, i, i+2)
	return taken
}

// same compares two nodes and all below them. Comments and positions are no part
// of what a file says.
func same(before, after *yaml.Node) error {
	if before.Kind != after.Kind || before.Value != after.Value || before.Anchor != after.Anchor ||
		before.Kind != yaml.AliasNode && before.ShortTag() != after.ShortTag() || len(before.Content) != len(after.Content) {
		return yamlfile.At(after.Line, "expected %s to stay, found %s", yamlfile.Describe(before), yamlfile.Describe(after))
	}
	for i := range before.Content {
		if err := same(before.Content[i], after.Content[i]); err != nil {
			return err
		}
	}
	return nil
}
