package npm

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// segment is what may stand as one element of a path, unescaped: old packages
// have capitals and the marks ~ ' ! ( ) *.
var segment = regexp.MustCompile(`^[A-Za-z0-9._~!'()*-]+$`)

func isSegment(s string) bool { return s != "." && s != ".." && segment.MatchString(s) }

// checkName refuses what is no npm package name: it becomes part of an address.
func checkName(name untrusted.Text) error {
	rest, scoped := strings.CutPrefix(string(name), "@")
	ok := true
	if scoped {
		var scope string
		scope, rest, ok = strings.Cut(rest, "/")
		ok = ok && isSegment(scope)
	}
	if !ok || !isSegment(rest) || len(name) > untrusted.MaxPackageName {
		return fmt.Errorf("expected an npm package name such as \"name\" or \"@scope/name\", found %q", untrusted.Excerpt(string(name)))
	}
	return nil
}

func checkVersion(version untrusted.Text) error {
	if !isSegment(strings.ReplaceAll(string(version), "+", "-")) || len(version) > untrusted.MaxVersion {
		return fmt.Errorf("expected an exact version such as 1.2.3, found %q", untrusted.Excerpt(string(version)))
	}
	return nil
}

// documentURL returns the address of a package, or of one of its versions:
// base/name or base/name/version, the slash of a scoped name escaped as npm
// does. The name and the version were checked.
func documentURL(base *url.URL, name, version untrusted.Text) *url.URL {
	u := *base
	u.Path, u.RawPath = base.Path+string(name), base.EscapedPath()+strings.ReplaceAll(string(name), "/", "%2f")
	if version != "" {
		u.Path += "/" + string(version)
		u.RawPath += "/" + string(version)
	}
	return &u
}

// npmPath is where npm's registry has attestations, below its base.
const npmPath = "/-/npm/v1/attestations/"

// attestationsURL makes the address of the attestations from the one in the
// metadata, of which only the path counts: metadata does not choose
// the host. The result lies below base. A path that does not (a proxy passed the
// metadata of the registry behind it through unchanged) is taken as relative to
// base, from npm's own path for attestations on if that is in it.
func attestationsURL(base *url.URL, advertised untrusted.Text) (*url.URL, error) {
	a, err := url.Parse(string(advertised))
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Excerpt(string(advertised)))
	}
	if a.User != nil || a.Opaque != "" || !strings.HasPrefix(a.Path, "/") || registry.HasDotSegment(a) {
		return nil, fmt.Errorf("expected an address with a plain path, found %q", untrusted.Excerpt(string(registry.Redact(a))))
	}
	u := *base
	u.Path, u.RawPath = a.Path, a.EscapedPath()
	if !strings.HasPrefix(u.RawPath, base.EscapedPath()) {
		path, raw := a.Path, u.RawPath
		if i, j := strings.Index(path, npmPath), strings.Index(raw, npmPath); i >= 0 && j >= 0 {
			path, raw = path[i:], raw[j:]
		}
		u.Path = strings.TrimSuffix(base.Path, "/") + path
		u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + raw
	}
	return &u, nil
}

// lastSegment returns the file's name at the end of a tarball's address, or "".
func lastSegment(tarball untrusted.Text) untrusted.Text {
	u, err := url.Parse(string(tarball))
	if err != nil || u.Path == "" || strings.HasSuffix(u.Path, "/") {
		return ""
	}
	return untrusted.Text(path.Base(u.Path))
}
