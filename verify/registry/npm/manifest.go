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
	User       jsontext.Value `json:"_npmUser"`
}

// dist is what a manifest says of the tarball, and the evidence for it.
type dist struct {
	Integrity, Shasum, Tarball untrusted.Text
	Signatures                 []signature
	Attestations               *attestations // nil unless they are advertised
}

type signature struct {
	KeyID untrusted.Text `json:"keyid"`
	Sig   untrusted.Text `json:"sig"`
}

type attestations struct {
	URL           untrusted.Text // "" if the registry does not say where they are
	PredicateType untrusted.Text // of the provenance among them, or "" if none is named
	Problem       string         // what stands in the place of the address
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom. Members that carry evidence
// must have the type that npm gives them, or say that there is none.
func (d *dist) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	var raw struct {
		Integrity    jsontext.Value `json:"integrity"`
		Shasum       jsontext.Value `json:"shasum"`
		Tarball      jsontext.Value `json:"tarball"`
		Signatures   jsontext.Value `json:"signatures"`
		Attestations jsontext.Value `json:"attestations"`
	}
	if err := json.UnmarshalDecode(dec, &raw); err != nil {
		return err
	}
	*d = dist{Shasum: registry.Text(raw.Shasum), Tarball: registry.Text(raw.Tarball)}
	if !registry.Absent(raw.Integrity) {
		if d.Integrity = registry.Text(raw.Integrity); d.Integrity == "" {
			return errors.New("expected dist.integrity as a string, found " + registry.Found(raw.Integrity))
		}
	}
	if !registry.Absent(raw.Signatures) {
		if err := json.Unmarshal(raw.Signatures, &d.Signatures, registry.Tolerant); err != nil {
			return errors.New("expected dist.signatures as a list of keyid and sig, found " + registry.Found(raw.Signatures))
		}
	}
	if raw.Attestations.Kind() == '{' || !registry.Absent(raw.Attestations) {
		d.Attestations = advertised(raw.Attestations)
	}
	return nil
}

// advertised reads dist.attestations. Whatever stands there, something was
// advertised.
func advertised(v jsontext.Value) *attestations {
	var raw struct {
		URL        jsontext.Value `json:"url"`
		Provenance jsontext.Value `json:"provenance"`
	}
	if json.Unmarshal(v, &raw, registry.Tolerant) != nil {
		return &attestations{Problem: "expected an object with a url, found " + registry.Found(v)}
	}
	a := &attestations{URL: registry.Text(raw.URL), PredicateType: textOr(raw.Provenance, "predicateType")}
	if a.URL == "" && !registry.Absent(raw.URL) {
		a.Problem = "expected a string as url, found " + registry.Found(raw.URL)
	}
	return a
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
	if cleaned(m.Version) != version {
		return fmt.Errorf("expected version %q of %q, found version %q", version, name, m.Version)
	}
	return nil
}

// cleaned is a version as npm cleans it: without = and v before it.
func cleaned(version untrusted.Text) untrusted.Text {
	return untrusted.Text(strings.TrimLeft(strings.TrimSpace(string(version)), "=v"))
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
	manifest    *manifest // of the version, or nil if the version is not there
	published   time.Time // zero if the document names none
	timeProblem string    // why the time that it names cannot be read
}

// decodePackument takes one version out of a packument without building the
// rest, which may be thousands of versions.
func decodePackument(data []byte, name, version untrusted.Text) (packument, error) {
	var wanted jsontext.Value
	published, err := readPackument(data, name, func(v string, value jsontext.Value) {
		if v == string(version) {
			wanted = value.Clone()
		}
	})
	if err != nil {
		return packument{}, err
	}
	var p packument
	if wanted != nil {
		if p.manifest, err = decodeManifest(wanted); err == nil {
			err = p.manifest.is(name, version)
		}
		if err != nil {
			return packument{}, err
		}
	}
	p.published, p.timeProblem = published.of(string(version))
	return p, nil
}

// readPackument hands the versions of a package's document to each, one by one,
// so that never more than one manifest is held, and returns its times.
func readPackument(data []byte, name untrusted.Text, each func(version string, manifest jsontext.Value)) (times, error) {
	var raw struct {
		Name     jsontext.Value `json:"name"`
		Versions members        `json:"versions"`
		Time     jsontext.Value `json:"time"`
	}
	raw.Versions.each = each
	if err := untrusted.DecodeJSON(data, untrusted.PackumentShape, &raw, registry.Tolerant); err != nil {
		return times{}, fmt.Errorf("expected the document of a package: %w", untrusted.JSONError(err))
	}
	// Some registries leave it out: each version says it as well.
	if !registry.Absent(raw.Name) && registry.Text(raw.Name) != name {
		return times{}, fmt.Errorf("expected the document of %q, found the one of %s", name, registry.Found(raw.Name))
	}
	t := times{odd: raw.Time}
	if raw.Time.Kind() == '{' && json.Unmarshal(raw.Time, &t.each, registry.Tolerant) == nil {
		t.odd = nil
	}
	return t, nil
}

// times are the times of publishing in a packument, each of them of any type.
type times struct {
	each map[string]jsontext.Value
	odd  jsontext.Value // what stands in the place of an object
}

// of returns when a version was published, or the zero time and, if what the
// packument says is no time, what it says.
func (t times) of(version string) (published time.Time, problem string) {
	at := t.each[version]
	if t.odd != nil {
		at = t.odd
	}
	if at == nil || at.Kind() == 'n' {
		return published, ""
	}
	published, err := time.Parse(time.RFC3339, string(registry.Text(at)))
	if err != nil {
		problem = "expected the time of publishing as RFC 3339, found " + registry.Found(at)
	}
	return published, problem
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
