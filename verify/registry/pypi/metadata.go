package pypi

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// maxClaim bounds, in bytes, a claim that is kept: some projects put the whole
// text of their licence into "license".
const maxClaim = 2048

// metadataURL returns the address of a release's metadata,
// <root>/pypi/<name>/<version>/json, or nil for an index that does not lie at
// <root>/simple/ and so has none.
func metadataURL(index *url.URL, project, version string) *url.URL {
	root, ok := strings.CutSuffix(index.EscapedPath(), "simple/")
	if !ok || !strings.HasSuffix(root, "/") {
		return nil
	}
	u := *index
	u.RawPath = root + "pypi/" + project + "/" + url.PathEscape(version) + "/json"
	u.Path = strings.TrimSuffix(index.Path, "simple/") + "pypi/" + project + "/" + version + "/json"
	return &u
}

// fetchClaims gets what the project says of itself. Nothing depends on it, so
// that an index without metadata loses only the column that shows it; the
// progress says why.
func (r *Registry) fetchClaims(ctx context.Context, project, version string, e *verify.Evidence, progress registry.Progress) error {
	u := metadataURL(r.config.Index, project, version)
	if u == nil {
		return nil
	}
	progress.Tell("fetching the metadata")
	body, source, err := r.get(ctx, registry.Request{
		URL: u, Accept: AcceptMetadata, Limit: untrusted.MaxManifest, What: "metadata", Progress: progress,
	})
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, registry.ErrNotFound):
		return nil
	case err != nil:
		progress.Tell("the metadata could not be fetched: " + untrusted.Message(err))
		return nil
	}
	claims, err := decodeMetadata(body)
	if err != nil {
		progress.Tell("the metadata cannot be read: " + untrusted.Message(err))
		return nil
	}
	claims.Deprecated = e.Claims.Deprecated
	e.Claims = claims
	e.Sources = append(e.Sources, source)
	return nil
}

func decodeMetadata(data []byte) (verify.Claims, error) {
	var raw struct {
		Info struct {
			ProjectURLs       map[string]jsontext.Value `json:"project_urls"`
			HomePage          jsontext.Value            `json:"home_page"`
			License           jsontext.Value            `json:"license"`
			LicenseExpression jsontext.Value            `json:"license_expression"`
		} `json:"info"`
	}
	if err := untrusted.DecodeJSON(data, untrusted.ManifestShape, &raw, registry.Tolerant); err != nil {
		return verify.Claims{}, untrusted.JSONError(err)
	}
	urls := map[string]untrusted.Text{}
	for label, value := range raw.Info.ProjectURLs {
		if text := claim(value); text != "" {
			urls[normalizeLabel(label)] = text
		}
	}
	return verify.Claims{
		Repository: cmp.Or(urls["source"], urls["sourcecode"], urls["repository"], urls["code"], urls["github"]),
		Homepage:   cmp.Or(urls["homepage"], claim(raw.Info.HomePage)),
		License:    cmp.Or(claim(raw.Info.LicenseExpression), claim(raw.Info.License)),
	}, nil
}

// normalizeLabel compares the labels of project URLs as the core metadata
// specification says: without punctuation and spaces, in lower case.
func normalizeLabel(label string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'A' <= r && r <= 'Z':
			return r + ('a' - 'A')
		case 'a' <= r && r <= 'z', '0' <= r && r <= '9', r >= 0x80:
			return r
		default:
			return -1
		}
	}, label)
}

// claim returns a string, or "" for any other type and for what is too long.
func claim(v jsontext.Value) untrusted.Text {
	text := registry.Text(v)
	if len(text) > maxClaim {
		return ""
	}
	return text
}
