package catalog

import (
	"errors"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// maxUnknown is how many keys that are not known are named.
const maxUnknown = 20

// parse fills spec, of which Path, Protocol and the folder's name as Server are
// set, from the text of its file. The first fault stops nothing: what can be
// read is read, so that a broken spec still shows its package.
func parse(spec *Spec, data []byte) {
	file, root := yamlfile.ParseTolerant(data, spec.Path, untrusted.MaxSpec, spec.Lines.note)
	spec.known(root, "metadata", "spec", "provenance", "security", "x-plimsoll") // security is for scanners

	metadata := root.Map("metadata") // may have any key
	if name := required(metadata, "name"); name != "" {
		spec.Server = name
	}
	spec.Description = text(metadata, "description")
	if protocol := metadata.Text("protocol"); protocol != "" && protocol != string(spec.Protocol) {
		metadata.Fail("protocol", "expected %q, as the folder says, found %q", string(spec.Protocol), untrusted.Excerpt(protocol))
	}

	section := root.Map("spec")
	spec.known(section, "package", "version", "args", "env", "overrides", "constraints")
	spec.Package, spec.Version = required(section, "package"), required(section, "version")
	if name := string(spec.Package); name != "" {
		if err := checkName(spec.Protocol, name); err != nil {
			section.Fail("package", "%v", err)
		}
	}
	if version := string(spec.Version); version != "" {
		if err := checkVersion(spec.Protocol, version); err != nil {
			section.Fail("version", "%v", err)
		}
	}
	spec.readInstall(section)
	spec.readProvenance(root.Map("provenance"))
	spec.Expect = untrusted.Clean(root.Map("x-plimsoll").Text("expect"))

	spec.Err, _ = errors.AsType[*SpecError](file.Err())
	if spec.Err != nil && spec.Err.Message == yamlfile.Empty {
		spec.Err.Message = "expected metadata, spec and provenance, found an empty file"
	}
}

// known notes the keys of a section that nobody reads: what a maintainer demands
// or pins there would be lost.
func (s *Spec) known(section yamlfile.Map, keys ...string) {
	for _, key := range section.Others(keys...) {
		switch {
		case strings.HasPrefix(string(key), "x-"): // of the root: somebody else's
		case len(s.Unknown) == maxUnknown:
			s.MoreUnknown++
		default:
			s.Unknown = append(s.Unknown, key)
		}
	}
}

func (s *Spec) readProvenance(section yamlfile.Map) {
	s.known(section, "repository_uri", "repository_ref", "sigstore_url", "signer_identity", "runner_environment", "cert_issuer", "attestations")
	p := &s.Provenance
	p.RepositoryURI, p.RepositoryRef = text(section, "repository_uri"), text(section, "repository_ref")
	p.SigstoreURL = text(section, "sigstore_url")
	p.SignerIdentity = text(section, "signer_identity")
	p.RunnerEnvironment = text(section, "runner_environment")
	p.CertIssuer = text(section, "cert_issuer")
	attestations := section.Map("attestations")
	if !attestations.Present() {
		return
	}
	s.known(attestations, "available", "verified", "publisher")
	p.Attestations = &Attestations{}
	p.Attestations.Available, _ = attestations.Bool("available")
	p.Attestations.Verified, _ = attestations.Bool("verified")
	publisher := attestations.Map("publisher")
	if !publisher.Present() {
		return
	}
	s.known(publisher, "kind", "repository", "workflow")
	p.Attestations.Publisher = &Publisher{
		Kind: text(publisher, "kind"), Repository: text(publisher, "repository"), Workflow: text(publisher, "workflow"),
	}
}

func text(m yamlfile.Map, key string) untrusted.Text { return untrusted.Text(m.Text(key)) }

func required(m yamlfile.Map, key string) untrusted.Text {
	value := text(m, key)
	if value == "" {
		m.Fail(key, "expected a value, found nothing")
	}
	return value
}
