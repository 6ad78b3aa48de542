package npm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Version is what a package's document says of one version. Nothing of it is
// verified: it says what is offered.
type Version struct {
	Version       untrusted.Text
	Published     time.Time      // time[version], unsigned; zero where there is none
	Deprecated    untrusted.Text // the message, "" for a version that is not
	Signatures    int            // of the registry
	Attested      bool           // attestations are advertised
	PredicateType untrusted.Text // of the advertised provenance, "" where none is named
	// Problem says, cleaned, why the version's entry cannot be read; then
	// nothing is known of what it offers.
	Problem string
}

// Versions gets every version of a package, in the document's order. It reads
// the whole packument, often megabytes: [Registry.Fetch] does without. progress
// is told what is waited for; it may be nil.
func (r *Registry) Versions(ctx context.Context, name string, progress func(string)) ([]Version, verify.Source, error) {
	if err := checkName(name); err != nil {
		return nil, verify.Source{}, err
	}
	base, err := r.Base(name)
	if err != nil {
		return nil, verify.Source{}, err
	}
	body, source, err := r.get(ctx, base, registry.Request{
		URL: documentURL(base, name, ""), Limit: untrusted.MaxPackument, What: "packument", Progress: progress,
	})
	if errors.Is(err, registry.ErrNotFound) {
		return nil, source, fmt.Errorf("%w: expected the package %q, found nothing: %w", registry.ErrVersionNotFound, release(name), err)
	}
	if err != nil {
		return nil, source, err
	}
	versions, err := decodeVersions(body, name)
	return versions, source, err
}

func decodeVersions(data []byte, name string) ([]Version, error) {
	var raw struct {
		Name     untrusted.Text            `json:"name"`
		Versions entries                   `json:"versions"`
		Time     map[string]jsontext.Value `json:"time"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.PackumentShape, &raw, tolerant); err != nil {
		return nil, fmt.Errorf("expected the document of a package: %w", registry.JSONError(err))
	}
	if string(raw.Name) != name {
		return nil, fmt.Errorf("expected the document of %q, found the one of %q", release(name), raw.Name)
	}
	for i := range raw.Versions {
		v := &raw.Versions[i]
		if at, ok := raw.Time[string(v.Version)]; ok && at.Kind() == '"' {
			if published, err := time.Parse(time.RFC3339, string(textOr(at, ""))); err == nil {
				v.Published = published
			}
		}
	}
	return raw.Versions, nil
}

// entries reads the object of the versions one by one, so that never more than
// one whole manifest is there.
type entries []Version

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (e *entries) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
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
		version := name.String() // before the next read, which takes the token's memory
		value, err := dec.ReadValue()
		if err != nil {
			return err
		}
		*e = append(*e, decodeEntry(version, value))
	}
	_, err := dec.ReadToken()
	return err
}

// decodeEntry reads one version. What is wrong with it stays with it: one
// broken entry of years ago does not hide the others.
func decodeEntry(version string, value jsontext.Value) Version {
	v := Version{Version: untrusted.Text(version)}
	var raw struct {
		Version    untrusted.Text `json:"version"`
		Deprecated jsontext.Value `json:"deprecated"`
		Dist       struct {
			Signatures   []signature `json:"signatures"`
			Attestations *struct {
				URL        untrusted.Text `json:"url"`
				Provenance struct {
					PredicateType untrusted.Text `json:"predicateType"`
				} `json:"provenance"`
			} `json:"attestations"`
		} `json:"dist"`
	}
	if err := json.Unmarshal(value, &raw, tolerant); err != nil {
		v.Problem = untrusted.Message(registry.JSONError(err))
		return v
	}
	if raw.Version != v.Version {
		v.Problem = fmt.Sprintf("expected version %q, found version %q under its name", v.Version, raw.Version)
		return v
	}
	v.Deprecated = deprecation(raw.Deprecated)
	v.Signatures = len(raw.Dist.Signatures)
	if a := raw.Dist.Attestations; a != nil {
		v.Attested, v.PredicateType = true, a.Provenance.PredicateType
	}
	return v
}
