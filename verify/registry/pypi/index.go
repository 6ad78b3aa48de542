package pypi

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/verify"
	"plimsoll/verify/pep"
	"plimsoll/verify/registry"
	"plimsoll/verify/untrusted"
)

// page is a project's page of the simple index.
type page struct {
	files   []file // of the release that was asked for, in the page's order
	others  int    // files of other releases
	ignored int    // files that are neither wheel nor source distribution of the project: eggs, installers
}

// file is one file of the release.
type file struct {
	name       untrusted.Text
	digest     verify.Digest
	size       int64
	yanked     bool
	reason     untrusted.Text // why it was yanked
	provenance untrusted.Text // the address that is advertised, "" for none
}

// decodePage reads a project's page and takes out the files of one version.
// Files of other versions are not looked into, so that one broken entry of
// 2009 does not hide a release of today.
func decodePage(data []byte, project, version string) (page, error) {
	var raw struct {
		Meta struct {
			APIVersion untrusted.Text `json:"api-version"`
		} `json:"meta"`
		Name  untrusted.Text   `json:"name"`
		Files []jsontext.Value `json:"files"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.IndexShape, &raw, jsontext.AllowInvalidUTF8(true)); err != nil {
		return page{}, fmt.Errorf("expected a project's page of the simple index: %w", registry.JSONError(err))
	}
	if major, _, _ := strings.Cut(string(raw.Meta.APIVersion), "."); major != "1" {
		return page{}, fmt.Errorf("expected version 1 of the simple index (meta.api-version), found %q", raw.Meta.APIVersion)
	}
	if name := pep.NormalizeName(string(raw.Name)); name != project {
		return page{}, fmt.Errorf("expected the index page of %q, found the one of %q", project, raw.Name)
	}
	var p page
	seen := map[untrusted.Text]bool{}
	for i, entry := range raw.Files {
		if err := p.add(entry, project, version, seen); err != nil {
			return page{}, fmt.Errorf("file %d of the index page: %w", i+1, err)
		}
	}
	return p, nil
}

func (p *page) add(entry jsontext.Value, project, version string, seen map[untrusted.Text]bool) error {
	var named struct {
		Filename untrusted.Text `json:"filename"`
	}
	if err := json.Unmarshal(entry, &named, jsontext.AllowInvalidUTF8(true)); err != nil {
		return registry.JSONError(err)
	}
	parsed, err := pep.ParseFilename(string(named.Filename))
	if err != nil || parsed.Name != project {
		p.ignored++
		return nil
	}
	if same, err := pep.EqualVersions(parsed.Version, version); err != nil || !same {
		p.others++
		return nil
	}
	if seen[named.Filename] {
		return fmt.Errorf("%q is listed twice", named.Filename)
	}
	seen[named.Filename] = true
	if len(seen) > untrusted.MaxFilesPerRelease {
		return fmt.Errorf("expected at most %d files in a release", untrusted.MaxFilesPerRelease)
	}
	f, err := decodeFile(entry)
	if err != nil {
		return fmt.Errorf("%q: %w", named.Filename, err)
	}
	f.name = named.Filename
	p.files = append(p.files, f)
	return nil
}

func decodeFile(entry jsontext.Value) (file, error) {
	var raw struct {
		Hashes     map[string]untrusted.Text `json:"hashes"`
		Yanked     jsontext.Value            `json:"yanked"`
		Provenance *untrusted.Text           `json:"provenance"`
		Size       *int64                    `json:"size"`
	}
	if err := json.Unmarshal(entry, &raw, jsontext.AllowInvalidUTF8(true)); err != nil {
		return file{}, registry.JSONError(err)
	}
	f := file{digest: verify.Digest{Algorithm: "sha256", Hex: sha256Hex(raw.Hashes["sha256"])}}
	if raw.Size != nil && *raw.Size > 0 {
		f.size = *raw.Size
	}
	if raw.Provenance != nil {
		if f.provenance = *raw.Provenance; f.provenance == "" {
			return file{}, errors.New("expected the address of the provenance or null, found an empty string")
		}
	}
	switch raw.Yanked.Kind() {
	case 0, 'n', 'f':
	case 't':
		f.yanked = true
	case '"':
		f.yanked = true
		if err := json.Unmarshal(raw.Yanked, &f.reason, jsontext.AllowInvalidUTF8(true)); err != nil {
			return file{}, registry.JSONError(err)
		}
	default:
		return file{}, errors.New("expected true, false or a reason in \"yanked\"")
	}
	return f, nil
}

// sha256Hex returns the digest in lower case, "" where it is not 64 hex
// digits.
func sha256Hex(s untrusted.Text) string {
	if raw, err := hex.DecodeString(string(s)); err != nil || len(raw) != 32 {
		return ""
	}
	return strings.ToLower(string(s))
}
