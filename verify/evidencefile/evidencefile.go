package evidencefile

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
)

// expected names everything that can be opened.
const expected = "expected a Sigstore bundle (v0.1, v0.2 or v0.3), an npm attestations response, or a PEP 740 provenance object or attestation"

// Open recognises what data is and takes its attestations out. name is for
// people. An attestation that cannot be decoded is offered with its problem; an
// error means that the file as a whole is nothing that can be inspected.
func Open(data []byte, name untrusted.Text) (verify.EvidenceFile, error) {
	file := verify.EvidenceFile{Name: name}
	members, err := membersOf(data)
	if err != nil {
		return file, fmt.Errorf("%s; found %w", expected, err)
	}
	found := slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return !k.is(members) })
	switch len(found) {
	case 0:
		return file, fmt.Errorf("%s; found %s", expected, describe(members))
	case 1:
	default:
		return file, fmt.Errorf("%s; found members of more than one of them: %s", expected, describe(members))
	}
	file.Source = verify.Source{URL: name, SHA256: sha256.Sum256(data), Size: len(data)}
	file.Kind, file.Attestations, err = found[0].open(data, members, file.Source)
	if err == nil && len(file.Attestations) == 0 {
		err = errors.New("it holds no attestation")
	}
	if err != nil {
		return file, fmt.Errorf("%s: %w", found[0].name, err)
	}
	file.Source.What = file.Kind
	for i := range file.Attestations {
		file.Attestations[i].Source = file.Source
	}
	return file, nil
}

// kind is one kind of file.
type kind struct {
	name string
	is   func(members) bool
	// open returns the name of the kind with its version, and what is offered.
	open func(data []byte, m members, source verify.Source) (string, []verify.OfferedAttestation, error)
}

var kinds = []kind{
	{"Sigstore bundle", members.bundle, openBundle},
	{"npm attestations response", func(m members) bool { return m.has("attestations") && !m.has("publisher") }, openNPM},
	{"PEP 740 provenance object", func(m members) bool { return m.has("attestation_bundles") }, openProvenance},
	{"PEP 740 attestation", func(m members) bool { return m.has("verification_material") && m.has("envelope") }, openAttestation},
}

// members are those of the object in the file.
type members map[string]jsontext.Value

func (m members) has(name string) bool { _, ok := m[name]; return ok }

// bundle takes protobuf's own names as well as those of its JSON.
func (m members) bundle() bool {
	return m.has("mediaType") || m.has("media_type") || m.has("verificationMaterial") ||
		m.has("dsseEnvelope") || m.has("dsse_envelope") || m.has("messageSignature") || m.has("message_signature")
}

// membersOf decodes the one object that every kind of file is, strictly. Its
// errors say what was found in its place.
func membersOf(data []byte) (members, error) {
	if len(data) > untrusted.MaxAttestations {
		return nil, fmt.Errorf("more than %d bytes: %w", untrusted.MaxAttestations, untrusted.ErrTooLarge)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, errors.New("an empty file")
	}
	switch jsontext.Value(data).Kind() {
	case '{':
	case '[':
		return nil, errors.New("a list")
	case '"', '0', 't', 'f', 'n':
		return nil, errors.New("a single JSON value")
	default:
		return nil, fmt.Errorf("no JSON: it begins with %q", untrusted.Text(data[:min(len(data), 16)]))
	}
	var m members
	if err := untrusted.DecodeJSON(data, untrusted.EvidenceShape, &m); err != nil {
		return nil, fmt.Errorf("JSON that cannot be read: %w", untrusted.JSONError(err))
	}
	return m, nil
}

// describe lists the members of an object that is nothing we know.
func describe(m members) string {
	const most = 6
	if len(m) == 0 {
		return "an empty object"
	}
	var names []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		names = append(names, fmt.Sprintf("%q", untrusted.Excerpt(name)))
	}
	return "an object with " + untrusted.List(names, most, 0)
}

// bundleVersions are the media types of Sigstore bundles.
var bundleVersions = map[string]string{
	"application/vnd.dev.sigstore.bundle+json;version=0.1": "v0.1",
	"application/vnd.dev.sigstore.bundle+json;version=0.2": "v0.2",
	"application/vnd.dev.sigstore.bundle+json;version=0.3": "v0.3",
	"application/vnd.dev.sigstore.bundle.v0.3+json":        "v0.3",
}

func openBundle(data []byte, m members, source verify.Source) (string, []verify.OfferedAttestation, error) {
	media := m["mediaType"]
	if media == nil {
		media = m["media_type"]
	}
	var name string
	if media == nil || json.Unmarshal(media, &name) != nil {
		return "", nil, errors.New("expected a media type of version v0.1, v0.2 or v0.3, found none")
	}
	version, ok := bundleVersions[name]
	if !ok {
		return "", nil, fmt.Errorf("expected a media type of version v0.1, v0.2 or v0.3, found %q", untrusted.Excerpt(name))
	}
	return "Sigstore bundle " + version, []verify.OfferedAttestation{{Bundle: data, Raw: data, Source: source}}, nil
}

func openNPM(data []byte, _ members, source verify.Source) (string, []verify.OfferedAttestation, error) {
	offered, err := npm.DecodeAttestations(data, source)
	return "npm attestations response", offered, err
}

func openProvenance(data []byte, m members, source verify.Source) (string, []verify.OfferedAttestation, error) {
	if err := pypi.CheckVersion(m["version"], "provenance object"); err != nil {
		return "", nil, err
	}
	offered, missing := pypi.DecodeProvenance(data, source)
	switch {
	case len(offered) == 0:
		return "", nil, errors.New(strings.TrimPrefix(missing, "provenance is advertised, but "))
	case len(offered) == 1 && bytes.Equal(offered[0].Raw, data): // the whole of it is the problem
		return "", nil, errors.New(offered[0].Problem)
	}
	return "PEP 740 provenance object", offered, nil
}

func openAttestation(data []byte, m members, source verify.Source) (string, []verify.OfferedAttestation, error) {
	if err := pypi.CheckVersion(m["version"], "attestation object"); err != nil {
		return "", nil, err
	}
	offered := verify.OfferedAttestation{Raw: data, Source: source}
	bundle, err := pypi.Bundle(data)
	if err != nil {
		offered.Problem = err.Error()
	}
	offered.Bundle = bundle
	return "PEP 740 attestation", []verify.OfferedAttestation{offered}, nil
}
