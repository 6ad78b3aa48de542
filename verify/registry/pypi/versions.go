package pypi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry"
)

// Version is one version in the simple index: what is offered, not verified.
type Version struct {
	Version  untrusted.Text // as the first of its files spells it
	Files    int            // wheels and source distributions
	Attested int            // of them, those with advertised provenance
	Yanked   int            // of them
	Reason   untrusted.Text // why it was yanked, or "" if none is given
	Uploaded time.Time      // of the first file, unsigned; zero if the index does not say
	Newest   time.Time      // of the last file; zero if the index does not say it of every file
}

// Versions gets every version of a project that has wheels or source
// distributions, the oldest first by PEP 440: of the index that a release is taken
// from, or of all if that may be any. It is one request an index.
func (r *Registry) Versions(ctx context.Context, name untrusted.Text, progress registry.Progress) ([]Version, verify.Source, error) {
	project, err := r.projectOf(name)
	if err != nil {
		return nil, verify.Source{}, err
	}
	var all []*Version
	var first verify.Source
	err = r.search(ctx, project, progress, func(f found) (bool, error) {
		versions, err := decodeVersions(f.body, project)
		all = append(all, versions...)
		if first.URL == "" {
			first = f.source
		}
		return r.config.Strategy.first(), err
	})
	if err != nil {
		return nil, first, err
	}
	return merge(all), first, nil
}

// indexFile is what the history needs of a file. The rest may be of any type.
type indexFile struct {
	Filename   untrusted.Text `json:"filename"`
	Yanked     jsontext.Value `json:"yanked"`
	Provenance jsontext.Value `json:"provenance"`
	UploadTime jsontext.Value `json:"upload-time"`
}

// decodeVersions returns the versions of a page as they are spelt there.
func decodeVersions(data []byte, project string) (versions []*Version, err error) {
	raw, err := readPage(data, project)
	if err != nil {
		return nil, err
	}
	spelt := map[string]*Version{}
	for _, entry := range raw.Files {
		var f indexFile
		if json.Unmarshal(entry, &f, registry.Tolerant) != nil {
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
	return versions, nil
}

func (v *Version) add(f indexFile) {
	one := Version{Files: 1}
	if f.Provenance.Kind() == '"' {
		one.Attested = 1
	}
	if kind := f.Yanked.Kind(); kind == 't' || kind == '"' {
		one.Yanked, one.Reason = 1, registry.Text(f.Yanked)
	}
	if at, err := time.Parse(time.RFC3339, string(registry.Text(f.UploadTime))); err == nil {
		one.Uploaded, one.Newest = at, at
	}
	v.merge(one)
}

func (v *Version) merge(other Version) {
	switch {
	case v.Files == 0:
		v.Newest = other.Newest
	case v.Newest.IsZero() || other.Newest.IsZero():
		v.Newest = time.Time{}
	case other.Newest.After(v.Newest):
		v.Newest = other.Newest
	}
	v.Files, v.Attested, v.Yanked = v.Files+other.Files, v.Attested+other.Attested, v.Yanked+other.Yanked
	v.Reason = cmp.Or(v.Reason, other.Reason)
	v.Uploaded = untrusted.Earlier(v.Uploaded, other.Uploaded)
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
			if same, _ := pyname.EqualVersions(string(merged[n-1].Version), string(v.Version)); same {
				merged[n-1].merge(*v)
				continue
			}
		}
		merged = append(merged, *v)
	}
	return merged
}
