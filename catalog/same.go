package catalog

import (
	"fmt"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"

	"gopkg.in/yaml.v3"
)

// comparison holds what an edit made of a spec against what was asked for.
type comparison struct {
	wanted map[string]Change
	seen   map[string]bool
}

// onlyChanged returns an error unless after says what before says, but for the
// changes, all of them, and the sections that they needed.
func onlyChanged(before, after *yaml.Node, changes []Change) error {
	c := comparison{wanted: map[string]Change{}, seen: map[string]bool{}}
	for _, change := range changes {
		c.wanted[string(change.Key)] = change
	}
	if err := c.compare("", before, after); err != nil {
		return err
	}
	for key := range c.wanted {
		if !c.seen[key] {
			return fmt.Errorf("expected %s to be set, found it missing", key)
		}
	}
	return nil
}

// leadsTo says whether a path is a section in which something was to change.
func (c comparison) leadsTo(path string) bool {
	if path == "" {
		return true
	}
	for key := range c.wanted {
		if strings.HasPrefix(key, path+".") {
			return true
		}
	}
	return false
}

// compare compares the nodes at a path that may hold changes. before is nil
// where there was none.
func (c comparison) compare(path string, before, after *yaml.Node) error {
	if change, ok := c.wanted[path]; ok {
		c.seen[path] = true
		if after.Anchor != "" || !change.holds(after) {
			return yamlfile.At(after.Line, "expected %s to be %q, found %s", path, untrusted.Excerpt(change.Value), yamlfile.Describe(after))
		}
		return nil
	}
	if !c.leadsTo(path) {
		if before == nil {
			return yamlfile.At(after.Line, "expected no %q", untrusted.Excerpt(path))
		}
		return same(before, after)
	}
	switch {
	case before == nil || isNothing(before) && after.Kind == yaml.MappingNode:
		before = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	case isNothing(before):
		return same(before, after)
	}
	return c.mappings(path, before, after)
}

// mappings compares two sections: every key of before is in after, in the same
// order, and every other key of after was to be added.
func (c comparison) mappings(path string, before, after *yaml.Node) error {
	if err := sameNode(before, after); err != nil {
		return err
	}
	next := 0
	for i := 0; i+1 < len(after.Content); i += 2 {
		key, value := after.Content[i], after.Content[i+1]
		inner := key.Value
		if path != "" {
			inner = path + "." + key.Value
		}
		var old *yaml.Node
		if next+1 < len(before.Content) && same(before.Content[next], key) == nil {
			old = before.Content[next+1]
			next += 2
		}
		var err error
		switch {
		case key.Kind == yaml.ScalarNode:
			err = c.compare(inner, old, value)
		case old == nil:
			err = yamlfile.At(key.Line, "expected a key, found %s", yamlfile.Describe(key))
		default:
			err = same(old, value)
		}
		if err != nil {
			return err
		}
	}
	if next != len(before.Content) {
		return yamlfile.At(after.Line, "expected the key %q after the edit, found it missing or moved", untrusted.Excerpt(before.Content[next].Value))
	}
	return nil
}

// same compares two nodes and all below them. Comments and positions are no
// part of what a file says.
func same(before, after *yaml.Node) error {
	if err := sameNode(before, after); err != nil {
		return err
	}
	if len(before.Content) != len(after.Content) {
		return yamlfile.At(after.Line, "expected %d values, found %d", len(before.Content), len(after.Content))
	}
	for i := range before.Content {
		if err := same(before.Content[i], after.Content[i]); err != nil {
			return err
		}
	}
	return nil
}

func sameNode(before, after *yaml.Node) error {
	if before.Kind != after.Kind || before.Value != after.Value || before.Anchor != after.Anchor ||
		before.Kind != yaml.AliasNode && before.ShortTag() != after.ShortTag() {
		return yamlfile.At(after.Line, "expected %s to stay, found %s", yamlfile.Describe(before), yamlfile.Describe(after))
	}
	return nil
}
