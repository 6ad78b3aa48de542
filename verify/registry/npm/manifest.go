package npm

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// tolerant reads what registries make of other people's package.json: broken
// UTF-8 in a description is no reason to stop. Duplicate names stay refused:
// two readers must not see two manifests.
var tolerant = jsontext.AllowInvalidUTF8(true)

// manifest is one version's manifest, as far as it matters here.
type manifest struct {
	Name    untrusted.Text `json:"name"`
	Version untrusted.Text `json:"version"`
	Dist    dist           `json:"dist"`

	// What follows is only shown, and occurs in every type: see claims.
	Repository jsontext.Value `json:"repository"`
	Homepage   jsontext.Value `json:"homepage"`
	License    jsontext.Value `json:"license"`
	Deprecated jsontext.Value `json:"deprecated"`
}

type dist struct {
	Integrity    untrusted.Text `json:"integrity"`
	Shasum       untrusted.Text `json:"shasum"`
	Tarball      untrusted.Text `json:"tarball"`
	Signatures   []signature    `json:"signatures"`
	Attestations *attestations  `json:"attestations"`
}

type signature struct {
	KeyID untrusted.Text `json:"keyid"`
	Sig   untrusted.Text `json:"sig"`
}

type attestations struct {
	URL untrusted.Text `json:"url"`
}

// decodeManifest reads a manifest. Members that carry evidence must have the
// type that npm gives them; the rest may be anything.
func decodeManifest(data []byte) (*manifest, error) {
	var m manifest
	if err := untrusted.DecodeJSON(data, untrusted.ManifestShape, &m, tolerant); err != nil {
		return nil, fmt.Errorf("expected the manifest of a version: %w", registry.JSONError(err))
	}
	if err := m.Dist.check(); err != nil {
		return nil, err
	}
	return &m, nil
}

func (d *dist) check() error {
	if n := len(d.Signatures); n > untrusted.MaxSignaturesPerObject {
		return fmt.Errorf("expected at most %d signatures in dist.signatures, found %d", untrusted.MaxSignaturesPerObject, n)
	}
	return nil
}

// is refuses a manifest of something else than what was asked for.
func (m *manifest) is(name, version string) error {
	if string(m.Name) != name {
		return fmt.Errorf("expected the manifest of %q, found the one of %q", name, m.Name)
	}
	if string(m.Version) != version {
		return fmt.Errorf("expected version %q of %q, found version %q", version, name, m.Version)
	}
	return nil
}

func (m *manifest) claims() verify.Claims {
	return verify.Claims{
		Repository: textOr(m.Repository, "url"),
		Homepage:   textOr(m.Homepage, "url"),
		License:    textOr(m.License, "type"),
		Deprecated: deprecation(m.Deprecated),
	}
}

// textOr returns a claim that is a string, or an object with the string under
// member; "" for anything else.
func textOr(v jsontext.Value, member string) untrusted.Text {
	switch v.Kind() {
	case '"':
		var text untrusted.Text
		if json.Unmarshal(v, &text, tolerant) == nil {
			return text
		}
	case '{':
		var object map[string]jsontext.Value
		if json.Unmarshal(v, &object, tolerant) == nil && object[member].Kind() == '"' {
			return textOr(object[member], member)
		}
	}
	return ""
}

// deprecation reads npm's deprecated: a message, or a bare true.
func deprecation(v jsontext.Value) untrusted.Text {
	if v.Kind() == 't' {
		return "deprecated"
	}
	return textOr(v, "message")
}

// integrity returns the string that registry signatures cover and the digest
// that attestations are bound to.
func (d *dist) integrity() (untrusted.Text, verify.Digest) {
	digest := verify.Digest{Algorithm: "sha512", Hex: sha512Hex(string(d.Integrity))}
	if d.Integrity != "" {
		return d.Integrity, digest
	}
	sum, err := hex.DecodeString(string(d.Shasum))
	if err != nil || len(sum) != 20 {
		return "", digest
	}
	return untrusted.Text("sha1-" + base64.StdEncoding.EncodeToString(sum)), digest
}

// sha512Hex takes the SHA-512 out of Subresource Integrity metadata: hashes
// separated by spaces, each with options after a question mark. It is "" where
// there is none, where it is malformed, and where two differ: then no one
// value can be said to be bound.
func sha512Hex(integrity string) string {
	found := ""
	for _, field := range strings.Fields(integrity) {
		encoded, ok := strings.CutPrefix(field, "sha512-")
		if !ok {
			continue
		}
		encoded, _, _ = strings.Cut(encoded, "?")
		sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if err != nil || len(sum) != 64 {
			return ""
		}
		text := hex.EncodeToString(sum)
		if found != "" && found != text {
			return ""
		}
		found = text
	}
	return found
}

func (d *dist) offeredSignatures() []verify.OfferedSignature {
	var offered []verify.OfferedSignature
	for _, s := range d.Signatures {
		offered = append(offered, verify.OfferedSignature(s))
	}
	return offered
}

// packument is what is needed of a package's whole document.
type packument struct {
	dist        *dist     // of the version, nil where the version is not there
	published   time.Time // zero where the document names none
	timeProblem string    // why the time that it names cannot be read
}

// decodePackument takes one version out of a packument without building the
// rest, which may be thousands of versions.
func decodePackument(data []byte, name, version string) (packument, error) {
	var raw struct {
		Name     untrusted.Text `json:"name"`
		Versions member         `json:"versions"`
		Time     member         `json:"time"`
	}
	raw.Versions.wanted, raw.Time.wanted = version, version
	if err := untrusted.DecodeJSON(data, untrusted.PackumentShape, &raw, tolerant); err != nil {
		return packument{}, fmt.Errorf("expected the document of a package: %w", registry.JSONError(err))
	}
	if string(raw.Name) != name {
		return packument{}, fmt.Errorf("expected the document of %q, found the one of %q", name, raw.Name)
	}
	var p packument
	var err error
	if raw.Versions.value != nil {
		m, err := decodeManifest(raw.Versions.value)
		if err != nil {
			return packument{}, err
		}
		if err := m.is(name, version); err != nil {
			return packument{}, err
		}
		p.dist = &m.Dist
	}
	if kind := raw.Time.value.Kind(); kind != 0 && kind != 'n' {
		text := textOr(raw.Time.value, "")
		if p.published, err = time.Parse(time.RFC3339, string(text)); err != nil {
			p.timeProblem = fmt.Sprintf("expected the time of publishing as RFC 3339, found %q", text)
		}
	}
	return p, nil
}

// member keeps one named member of an object and skips the others.
type member struct {
	wanted string
	value  jsontext.Value
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *member) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if kind := dec.PeekKind(); kind != '{' {
		if kind == 'n' {
			return dec.SkipValue()
		}
		return errors.New("expected an object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if name.String() != m.wanted {
			if err := dec.SkipValue(); err != nil {
				return err
			}
			continue
		}
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		m.value = value.Clone()
	}
	_, err := dec.ReadToken()
	return err
}
