package pypi

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// maxClaim bounds, in bytes, a claim that is kept: some projects put the whole
// text of their licence into "license".
const maxClaim = 2048

// metadataURL returns the address of a release's metadata,
// <root>/pypi/<name>/<version>/json, nil for an index that does not lie at
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
func (r *Registry) fetchClaims(ctx context.Context, project, version string, e *verify.Evidence, o FetchOptions) error {
	u := metadataURL(r.config.Index, project, version)
	if u == nil {
		return nil
	}
	o.tell("fetching the metadata")
	body, source, err := r.get(ctx, registry.Request{
		URL: u, Accept: AcceptMetadata, Limit: untrusted.MaxManifest, What: "metadata",
	}, o)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, registry.ErrNotFound):
		return nil
	case err != nil:
		o.tell("the metadata could not be fetched: " + untrusted.Message(err))
		return nil
	}
	claims, err := decodeMetadata(body)
	if err != nil {
		o.tell("the metadata cannot be read: " + untrusted.Message(err))
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
	if err := untrusted.DecodeJSON(data, untrusted.ManifestShape, &raw, jsontext.AllowInvalidUTF8(true)); err != nil {
		return verify.Claims{}, registry.JSONError(err)
	}
	urls := map[string]untrusted.Text{}
	for label, value := range raw.Info.ProjectURLs {
		if text := claim(value); text != "" {
			urls[normalizeLabel(label)] = text
		}
	}
	return verify.Claims{
		Repository: first(urls["source"], urls["sourcecode"], urls["repository"], urls["code"], urls["github"]),
		Homepage:   first(urls["homepage"], claim(raw.Info.HomePage)),
		License:    first(claim(raw.Info.LicenseExpression), claim(raw.Info.License)),
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

// claim returns a string, "" for any other type and for what is too long.
func claim(v jsontext.Value) untrusted.Text {
	var text untrusted.Text
	if v.Kind() != '"' || json.Unmarshal(v, &text, jsontext.AllowInvalidUTF8(true)) != nil || len(text) > maxClaim {
		return ""
	}
	return text
}

func first(texts ...untrusted.Text) untrusted.Text {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
