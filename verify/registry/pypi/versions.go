package pypi

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry"
)

// Version is what the simple index says of one version. Nothing of it is
// verified: it says what is offered.
type Version struct {
	Version  untrusted.Text // as the first of its files spells it
	Files    int            // wheels and source distributions
	Attested int            // of them, those with advertised provenance
	Yanked   int            // of them
	Reason   untrusted.Text // why it was yanked, "" where none is given
	Uploaded time.Time      // of the first file, unsigned; zero where the index does not say
}

// Versions gets every version of a project that has wheels or source
// distributions, the oldest first by PEP 440. It is one request. progress is
// told what is waited for; it may be nil.
func (r *Registry) Versions(ctx context.Context, name string, progress func(string)) ([]Version, verify.Source, error) {
	if !pyname.ValidName(name) {
		return nil, verify.Source{}, fmt.Errorf("expected the name of a Python project, found %q", untrusted.Text(shorten(name)))
	}
	project := pyname.NormalizeName(name)
	body, source, err := r.get(ctx, registry.Request{
		URL: r.config.Index.JoinPath(project, "/"), Accept: AcceptIndex, Limit: untrusted.MaxIndex, What: "simple index",
	}, FetchOptions{Progress: progress})
	if errors.Is(err, registry.ErrNotFound) {
		return nil, source, fmt.Errorf("%w: the index has no project %v: %w", registry.ErrVersionNotFound, untrusted.Text(project), err)
	}
	if err != nil {
		return nil, source, err
	}
	versions, err := decodeVersions(body, project)
	return versions, source, err
}

// indexFile is what the history needs of a file. The rest may be of any type.
type indexFile struct {
	Filename   untrusted.Text `json:"filename"`
	Yanked     jsontext.Value `json:"yanked"`
	Provenance jsontext.Value `json:"provenance"`
	UploadTime jsontext.Value `json:"upload-time"`
}

func decodeVersions(data []byte, project string) ([]Version, error) {
	var raw struct {
		Meta struct {
			APIVersion untrusted.Text `json:"api-version"`
		} `json:"meta"`
		Name  untrusted.Text   `json:"name"`
		Files []jsontext.Value `json:"files"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.IndexShape, &raw, jsontext.AllowInvalidUTF8(true)); err != nil {
		return nil, fmt.Errorf("expected a project's page of the simple index: %w", registry.JSONError(err))
	}
	if major, _, _ := strings.Cut(string(raw.Meta.APIVersion), "."); major != "1" {
		return nil, fmt.Errorf("expected version 1 of the simple index (meta.api-version), found %q", raw.Meta.APIVersion)
	}
	if name := pyname.NormalizeName(string(raw.Name)); name != project {
		return nil, fmt.Errorf("expected the index page of %q, found the one of %q", project, raw.Name)
	}
	spelt := map[string]*Version{}
	var versions []*Version
	for _, entry := range raw.Files {
		var f indexFile
		if json.Unmarshal(entry, &f, jsontext.AllowInvalidUTF8(true)) != nil {
			continue // no file that can be named: it belongs to no version
		}
		parsed, err := pyname.ParseFilename(project, string(f.Filename))
		if err != nil {
			continue
		}
		v := spelt[parsed.Version]
		if v == nil {
			v = &Version{Version: untrusted.Text(parsed.Version)}
			spelt[parsed.Version] = v
			versions = append(versions, v)
		}
		v.add(f)
	}
	return merge(versions), nil
}

func (v *Version) add(f indexFile) {
	v.Files++
	if k := f.Provenance.Kind(); k == '"' {
		v.Attested++
	}
	switch f.Yanked.Kind() {
	case 't':
		v.Yanked++
	case '"':
		v.Yanked++
		if v.Reason == "" {
			v.Reason = text(f.Yanked)
		}
	}
	if at, err := time.Parse(time.RFC3339, string(text(f.UploadTime))); err == nil && (v.Uploaded.IsZero() || at.Before(v.Uploaded)) {
		v.Uploaded = at
	}
}

// text returns a JSON string, "" for anything else.
func text(v jsontext.Value) (t untrusted.Text) {
	if v.Kind() != '"' || json.Unmarshal(v, &t, jsontext.AllowInvalidUTF8(true)) != nil {
		return ""
	}
	return t
}

// merge sorts versions and makes one of those that are equal: 1.0 and 1.0.0
// are one release. All of them were parsed before, so comparing cannot fail.
func merge(versions []*Version) []Version {
	slices.SortStableFunc(versions, func(a, b *Version) int {
		order, _ := pyname.CompareVersions(string(a.Version), string(b.Version))
		return order
	})
	var merged []Version
	for _, v := range versions {
		if n := len(merged); n > 0 {
			last := &merged[n-1]
			if same, _ := pyname.EqualVersions(string(last.Version), string(v.Version)); same {
				last.Files, last.Attested, last.Yanked = last.Files+v.Files, last.Attested+v.Attested, last.Yanked+v.Yanked
				if last.Reason == "" {
					last.Reason = v.Reason
				}
				if last.Uploaded.IsZero() || !v.Uploaded.IsZero() && v.Uploaded.Before(last.Uploaded) {
					last.Uploaded = v.Uploaded
				}
				continue
			}
		}
		merged = append(merged, *v)
	}
	return merged
}
