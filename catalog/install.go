package catalog

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// maxInstall bounds each list of an [Install]; real ones have a few entries.
const maxInstall = 1000

// Install is how the package is installed and started, as the spec section
// says it besides the package and its version. It decides nothing about
// provenance.
type Install struct {
	Args      []untrusted.Text // spec.args: after the server's own name
	Env       []EnvVar         // spec.env, in the order of the file
	Overrides []Override       // spec.overrides, npm only: versions forced on dependencies
	// Constraints are spec.constraints, PyPI only: requirements forced on
	// dependencies (PEP 508), also where the package pins another version.
	Constraints []Constraint
}

// EnvVar is one variable of spec.env. Its value is as written: an unquoted
// true is "true".
type EnvVar struct {
	Name  untrusted.Text
	Value untrusted.Text
}

// Override is one entry of spec.overrides.
type Override struct {
	Package untrusted.Text
	Version untrusted.Text
	Reason  untrusted.Text
}

// Constraint is one entry of spec.constraints.
type Constraint struct {
	Requirement untrusted.Text // its key spec: "mcp[cli]>=1.28.1,<2"
	Reason      untrusted.Text
}

func (r *reader) install(s section) {
	in := &r.spec.Install
	for i, item := range r.list(s, "args") {
		in.Args = append(in.Args, r.scalar(fmt.Sprintf("%s[%d]", s.key("args"), i), item))
	}
	env := r.section(s, "env")
	if env.node != nil {
		if n := len(env.node.Content) / 2; n > maxInstall {
			r.fail(faultAt(env.line, "%s: expected at most %d entries, found %d", env.path, maxInstall, n))
			return
		}
		for i := 0; i+1 < len(env.node.Content); i += 2 {
			name := env.node.Content[i]
			if name.Kind != yaml.ScalarNode {
				r.fail(faultAt(name.Line, "%s: expected the name of a variable, found %s", env.path, describe(name)))
				continue
			}
			in.Env = append(in.Env, EnvVar{untrusted.Text(name.Value), r.scalar(env.key(name.Value), env.node.Content[i+1])})
		}
	}
	for _, item := range r.items(s, "overrides") {
		in.Overrides = append(in.Overrides, Override{
			Package: r.required(item, "package"), Version: r.required(item, "version"), Reason: r.text(item, "reason"),
		})
	}
	for _, item := range r.items(s, "constraints") {
		in.Constraints = append(in.Constraints, Constraint{Requirement: r.required(item, "spec"), Reason: r.text(item, "reason")})
	}
}

// list returns the entries of a list, none where it is absent.
func (r *reader) list(s section, name string) []*yaml.Node {
	value := r.value(s, name)
	switch {
	case value == nil:
		return nil
	case value.Kind != yaml.SequenceNode:
		r.fail(faultAt(value.Line, "%s: expected a list, found %s", s.key(name), describe(value)))
		return nil
	case len(value.Content) > maxInstall:
		r.fail(faultAt(value.Line, "%s: expected at most %d entries, found %d", s.key(name), maxInstall, len(value.Content)))
		return nil
	}
	return value.Content
}

// items returns the entries of a list of mappings.
func (r *reader) items(s section, name string) []section {
	var items []section
	for i, node := range r.list(s, name) {
		key := fmt.Sprintf("%s[%d]", s.key(name), i)
		if node.Kind != yaml.MappingNode {
			r.fail(faultAt(node.Line, "%s: expected keys and values, found %s", key, describe(node)))
			continue
		}
		item := section{path: key, line: node.Line, node: node}
		r.keys(item)
		items = append(items, item)
	}
	return items
}

// scalar returns a value that YAML may take for a number or a truth value, as
// it is written.
func (r *reader) scalar(key string, node *yaml.Node) untrusted.Text {
	if node.Kind != yaml.ScalarNode || node.ShortTag() == "!!null" || node.ShortTag() == "!!binary" {
		r.fail(faultAt(node.Line, "%s: expected text, found %s", key, describe(node)))
		return ""
	}
	return untrusted.Text(node.Value)
}
