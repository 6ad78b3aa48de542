package catalog

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// reader reads the values of a spec that plimsoll knows, and notes the keys of the
// others. The first fault stays in err and stops nothing: what can be read is
// read, so that a broken spec still shows its package.
type reader struct {
	spec *Spec
	err  error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// section is a mapping of the file. A section that is absent has no node, and
// so no values.
type section struct {
	path string // dotted, "" for the root
	line int
	node *yaml.Node
}

func (s section) key(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

func (r *reader) read(root *yaml.Node) error {
	r.spec.Lines = make(map[string]int, 32) // of all the keys that are known
	top := section{line: root.Line, node: root}
	r.keys(top)

	metadata := r.section(top, "metadata")
	if name := r.required(metadata, "name"); name != "" {
		r.spec.Server = name
	}
	r.spec.Description = r.text(metadata, "description")
	if protocol := r.text(metadata, "protocol"); protocol != "" && string(protocol) != string(r.spec.Protocol) {
		r.fail(faultAt(r.spec.Lines["metadata.protocol"], "metadata.protocol: expected %q, as the folder says, found %q",
			string(r.spec.Protocol), untrusted.Excerpt(string(protocol))))
	}

	spec := r.section(top, "spec")
	r.spec.Package = r.required(spec, "package")
	r.spec.Version = r.required(spec, "version")
	r.release()
	r.install(spec)

	r.provenance(r.section(top, "provenance"))

	if expect := r.text(r.section(top, "x-plimsoll"), "expect"); expect != "" {
		r.spec.Expect = untrusted.Clean(string(expect))
	}
	return r.err
}

func (r *reader) provenance(s section) {
	p := &r.spec.Provenance
	p.RepositoryURI = r.text(s, "repository_uri")
	p.RepositoryRef = r.text(s, "repository_ref")
	p.SigstoreURL = r.text(s, "sigstore_url")
	p.SignerIdentity = r.text(s, "signer_identity")
	p.RunnerEnvironment = r.text(s, "runner_environment")
	p.CertIssuer = r.text(s, "cert_issuer")
	attestations := r.section(s, "attestations")
	if attestations.node == nil {
		return
	}
	p.Attestations = &Attestations{
		Available: r.boolean(attestations, "available"),
		Verified:  r.boolean(attestations, "verified"),
	}
	publisher := r.section(attestations, "publisher")
	if publisher.node == nil {
		return
	}
	p.Attestations.Publisher = &Publisher{
		Kind:       r.text(publisher, "kind"),
		Repository: r.text(publisher, "repository"),
		Workflow:   r.text(publisher, "workflow"),
	}
}

// release judges the name and version of the package, where both are there.
func (r *reader) release() {
	name, version := string(r.spec.Package), string(r.spec.Version)
	if err := checkName(r.spec.Protocol, name); name != "" && err != nil {
		r.fail(faultAt(r.spec.Lines["spec.package"], "spec.package: %v", err))
	}
	if err := checkVersion(r.spec.Protocol, version); version != "" && err != nil {
		r.fail(faultAt(r.spec.Lines["spec.version"], "spec.version: %v", err))
	}
}

// value returns the value of a key, nil where it is absent or empty. An alias
// is refused: the value stands elsewhere, perhaps a thousandfold.
func (r *reader) value(s section, name string) *yaml.Node {
	if s.node == nil {
		return nil
	}
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		key, value := s.node.Content[i], s.node.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Value != name {
			continue
		}
		r.spec.Lines[s.key(name)] = value.Line
		if value.Kind == yaml.AliasNode {
			r.fail(faultAt(value.Line, "%s: expected the value itself, found %s", s.key(name), describe(value)))
			return nil
		}
		if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!null" {
			return nil
		}
		return value
	}
	return nil
}

func (r *reader) section(s section, name string) section {
	none := section{path: s.key(name), line: s.line}
	value := r.value(s, name)
	if value == nil {
		return none
	}
	if value.Kind != yaml.MappingNode {
		r.fail(faultAt(value.Line, "%s: expected keys and values, found %s", s.key(name), describe(value)))
		return none
	}
	inner := section{path: s.key(name), line: value.Line, node: value}
	r.keys(inner)
	return inner
}

// known are the keys of each section that plimsoll reads, and those of the
// catalog's format that it passes over knowingly: security is for scanners. A
// section that is not here, as metadata, may have any key.
var known = map[string][]string{
	"":                                  {"metadata", "spec", "provenance", "security", "x-plimsoll"},
	"spec":                              {"package", "version", "args", "env", "overrides", "constraints"},
	"spec.overrides":                    {"package", "version", "reason"},
	"spec.constraints":                  {"spec", "reason"},
	"provenance":                        {"repository_uri", "repository_ref", "sigstore_url", "signer_identity", "runner_environment", "cert_issuer", "attestations"},
	"provenance.attestations":           {"available", "verified", "publisher"},
	"provenance.attestations.publisher": {"kind", "repository", "workflow"},
}

// maxUnknown is how many keys that are not known are named.
const maxUnknown = 20

// keys refuses what would add keys to a section from elsewhere, and notes those
// that nobody reads: what a maintainer demands or pins there would be lost.
func (r *reader) keys(s section) {
	path, _, _ := strings.Cut(s.path, "[")
	names, closed := known[path]
	for i := 0; i+1 < len(s.node.Content); i += 2 {
		key := s.node.Content[i]
		switch {
		case key.Kind == yaml.AliasNode:
			r.fail(faultAt(key.Line, "expected a key, found %s", describe(key)))
		case key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge":
			r.fail(faultAt(key.Line, "expected a key, found %q, which takes keys from elsewhere", untrusted.Excerpt(key.Value)))
		case key.Kind == yaml.ScalarNode && (!closed || slices.Contains(names, key.Value)):
		case s.path == "" && strings.HasPrefix(key.Value, "x-"): // somebody else's
		case closed && len(r.spec.Unknown) == maxUnknown:
			r.spec.MoreUnknown++
		case closed:
			name := string(untrusted.Excerpt(key.Value))
			if key.Kind != yaml.ScalarNode {
				name = describe(key)
			}
			r.spec.Unknown = append(r.spec.Unknown, untrusted.Text(s.key(name)))
		}
	}
}

// text returns a value as it is written: an unquoted 1.10 is "1.10", though
// YAML sees the number 1.1 in it.
func (r *reader) text(s section, name string) untrusted.Text {
	value := r.value(s, name)
	if value == nil {
		return ""
	}
	if value.Kind == yaml.ScalarNode {
		switch value.ShortTag() {
		case "!!str", "!!int", "!!float", "!!timestamp":
			return untrusted.Text(value.Value)
		}
	}
	r.fail(faultAt(value.Line, "%s: expected text, found %s", s.key(name), describe(value)))
	return ""
}

func (r *reader) required(s section, name string) untrusted.Text {
	before := r.err
	text := r.text(s, name)
	if text != "" || before == nil && r.err != nil {
		return text
	}
	line := s.line
	if at, ok := r.spec.Lines[s.key(name)]; ok {
		line = at
	}
	r.fail(faultAt(line, "%s: expected a value, found nothing", s.key(name)))
	return ""
}

func (r *reader) boolean(s section, name string) bool {
	value := r.value(s, name)
	if value == nil {
		return false
	}
	if value.Kind == yaml.ScalarNode && value.ShortTag() == "!!bool" {
		return value.Value == "true" || value.Value == "True" || value.Value == "TRUE"
	}
	r.fail(faultAt(value.Line, "%s: expected true or false, found %s", s.key(name), describe(value)))
	return false
}
