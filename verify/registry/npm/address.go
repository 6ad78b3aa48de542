package npm

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// checkName refuses what is no npm package name: it becomes part of an
// address. Old packages have capitals and the marks ~ ' ! ( ) *.
func checkName(name string) error {
	rest, ok := name, true
	if strings.HasPrefix(name, "@") {
		var scope string
		scope, rest, ok = strings.Cut(name[1:], "/")
		ok = ok && isSegment(scope)
	}
	if !ok || !isSegment(rest) || len(name) > untrusted.MaxPackageName {
		return fmt.Errorf("expected an npm package name such as \"name\" or \"@scope/name\", found %q", untrusted.Text(shorten(name)))
	}
	return nil
}

func checkVersion(version string) error {
	if !isSegment(strings.ReplaceAll(version, "+", "-")) || len(version) > untrusted.MaxVersion {
		return fmt.Errorf("expected an exact version such as 1.2.3, found %q", untrusted.Text(shorten(version)))
	}
	return nil
}

// isSegment reports whether s may stand as one element of a path, unescaped.
func isSegment(s string) bool {
	if s == "" || s == "." || s == ".." {
		return false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-_.~!'()*", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func shorten(s string) string {
	if len(s) > 100 {
		return s[:100] + "…"
	}
	return s
}

// documentURL returns the address of a package, or of one of its versions:
// base/name or base/name/version, the slash of a scoped name escaped as npm
// does. The name and the version were checked.
func documentURL(base *url.URL, name, version string) *url.URL {
	u := *base
	u.Path, u.RawPath = base.Path+name, base.EscapedPath()+strings.ReplaceAll(name, "/", "%2f")
	if version != "" {
		u.Path += "/" + version
		u.RawPath += "/" + version
	}
	return &u
}

// attestationsURL makes the address of the attestations from the one in the
// metadata, of which only the path counts: whoever writes metadata does not
// choose the host. The result lies below base. A path that does not (a proxy
// passed the metadata of the registry behind it through unchanged) is taken as
// relative to base.
func attestationsURL(base *url.URL, advertised untrusted.Text) (*url.URL, error) {
	a, err := url.Parse(string(advertised))
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Text(shorten(string(advertised))))
	}
	if a.User != nil || a.Opaque != "" || !strings.HasPrefix(a.Path, "/") || registry.HasDotSegment(a) {
		return nil, fmt.Errorf("expected an address with a plain path, found %q", untrusted.Text(shorten(string(registry.Redact(a)))))
	}
	u := *base
	u.Path, u.RawPath = a.Path, a.EscapedPath()
	if !strings.HasPrefix(u.RawPath, base.EscapedPath()) {
		u.Path = strings.TrimSuffix(base.Path, "/") + a.Path
		u.RawPath = strings.TrimSuffix(base.EscapedPath(), "/") + a.EscapedPath()
	}
	return &u, nil
}

// lastSegment returns the file's name at the end of a tarball's address, ""
// where there is none.
func lastSegment(tarball untrusted.Text) untrusted.Text {
	u, err := url.Parse(string(tarball))
	if err != nil || u.Path == "" || strings.HasSuffix(u.Path, "/") {
		return ""
	}
	return untrusted.Text(path.Base(u.Path))
}
