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
	if err := untrusted.DecodeJSON(data, untrusted.ManifestShape, &m, registry.Tolerant); err != nil {
		return nil, fmt.Errorf("expected the manifest of a version: %w", untrusted.JSONError(err))
	}
	if n := len(m.Dist.Signatures); n > untrusted.MaxSignaturesPerObject {
		return nil, fmt.Errorf("expected at most %d signatures in dist.signatures, found %d", untrusted.MaxSignaturesPerObject, n)
	}
	return &m, nil
}

// is refuses a manifest of something else than what was asked for.
func (m *manifest) is(name, version untrusted.Text) error {
	if m.Name != name {
		return fmt.Errorf("expected the manifest of %q, found the one of %q", name, m.Name)
	}
	if m.Version != version {
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
// member; or "" for anything else.
func textOr(v jsontext.Value, member string) untrusted.Text {
	var object map[string]jsontext.Value
	if v.Kind() == '{' && json.Unmarshal(v, &object, registry.Tolerant) == nil {
		v = object[member]
	}
	return registry.Text(v)
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
// separated by spaces, each with options after a question mark. It is "" if
// there is none, if it is malformed, and if two differ: then no one value can
// be said to be bound.
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
	dist        *dist     // of the version, or nil if the version is not there
	published   time.Time // zero if the document names none
	timeProblem string    // why the time that it names cannot be read
}

// decodePackument takes one version out of a packument without building the
// rest, which may be thousands of versions.
func decodePackument(data []byte, name, version untrusted.Text) (packument, error) {
	var wanted jsontext.Value
	times, err := readPackument(data, name, func(v string, value jsontext.Value) {
		if v == string(version) {
			wanted = value.Clone()
		}
	})
	if err != nil {
		return packument{}, err
	}
	var p packument
	if wanted != nil {
		m, err := decodeManifest(wanted)
		if err == nil {
			err = m.is(name, version)
		}
		if err != nil {
			return packument{}, err
		}
		p.dist = &m.Dist
	}
	if at := times[string(version)]; at != nil && at.Kind() != 'n' {
		text := registry.Text(at)
		if p.published, err = time.Parse(time.RFC3339, string(text)); err != nil {
			p.timeProblem = fmt.Sprintf("expected the time of publishing as RFC 3339, found %q", text)
		}
	}
	return p, nil
}

// readPackument hands the versions of a package's document to each, one by one,
// so that never more than one manifest is held, and returns its times.
func readPackument(data []byte, name untrusted.Text, each func(version string, manifest jsontext.Value)) (map[string]jsontext.Value, error) {
	var raw struct {
		Name     untrusted.Text            `json:"name"`
		Versions members                   `json:"versions"`
		Time     map[string]jsontext.Value `json:"time"`
	}
	raw.Versions.each = each
	if err := untrusted.DecodeJSON(data, untrusted.PackumentShape, &raw, registry.Tolerant); err != nil {
		return nil, fmt.Errorf("expected the document of a package: %w", untrusted.JSONError(err))
	}
	if raw.Name != name {
		return nil, fmt.Errorf("expected the document of %q, found the one of %q", name, raw.Name)
	}
	return raw.Time, nil
}

// members reads an object and hands over its members. A value belongs to the
// decoder; each clones what it keeps.
type members struct {
	each func(name string, value jsontext.Value)
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *members) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 'n':
		return dec.SkipValue()
	case '{':
	default:
		return errors.New("expected an object")
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		name := token.String() // before the next read, which takes the token's memory
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		m.each(name, value)
	}
	_, err := dec.ReadToken()
	return err
}
