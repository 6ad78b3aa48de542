package catalog

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	packageurl "github.com/package-url/packageurl-go"

	"plimsoll/catalog/untrusted"
)

// ReferenceForms says how a release is named without a spec.
const ReferenceForms = "npm:NAME@VERSION, pypi:NAME==VERSION, go:PATH@VERSION or a purl"

// maxReference is that of a purl, in which each byte takes up to three.
const maxReference = 3*(untrusted.MaxPackageName+untrusted.MaxVersion) + len("pkg:pypi/@")

// referenceForm is the beginning of a reference. One letter before the colon is
// a drive of Windows.
var referenceForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]+:`)

// IsReference reports whether an argument is meant to name a release: it begins
// with a word and a colon, and is not the path of a spec.
func IsReference(arg string) bool { return referenceForm.MatchString(arg) && !IsSpecPath(arg) }

// ParseReference reads the name of one release: npm:@scope/x@1.2.3,
// pypi:x==1.2.3, or a purl of one of them without anything beside its version.
// The result is a spec of which there is no file, so that it expects nothing: see
// [Spec.Named]. Everything else is refused, with what should be written.
func ParseReference(s string) (Spec, error) {
	if len(s) > maxReference {
		return Spec{}, fmt.Errorf("expected %s, found %d bytes", ReferenceForms, len(s))
	}
	kind, rest, _ := strings.Cut(s, ":")
	switch kind {
	case "npm":
		name, version := cutVersion(rest, "@")
		return named(NPX, name, version)
	case "pypi":
		name, version, ok := strings.Cut(rest, "==")
		if !ok && strings.Contains(rest, "@") {
			return Spec{}, fmt.Errorf("expected pypi:NAME==VERSION, as pip writes it, found %q with @", untrusted.Excerpt(s))
		}
		return named(UVX, name, version)
	case "go":
		path, version, _ := strings.Cut(rest, "@")
		return named(Go, path, version)
	case "pkg":
		return parsePurl(s)
	}
	if IsReference(s) {
		return Spec{}, fmt.Errorf("expected %s, found %q: %q is no registry that is read",
			ReferenceForms, untrusted.Excerpt(s), untrusted.Excerpt(kind))
	}
	return Spec{}, fmt.Errorf("expected %s, found %q", ReferenceForms, untrusted.Excerpt(s))
}

// cutVersion splits at the first separator that does not begin a scope.
func cutVersion(s, separator string) (name, version string) {
	if i := strings.Index(s[min(1, len(s)):], separator); i >= 0 {
		return s[:i+1], s[i+2:]
	}
	return s, ""
}

// parsePurl reads a purl. What the library drops or changes on the way (empty
// segments, more slashes, another case) would be a release that nobody named.
func parsePurl(s string) (Spec, error) {
	if strings.ContainsAny(s, "?#") {
		return Spec{}, fmt.Errorf("expected a purl that ends with its version, found %q: "+
			"qualifiers (?) and subpaths (#) are not read, and could mean another file", untrusted.Excerpt(s))
	}
	p, err := packageurl.FromString(s)
	if err != nil {
		return Spec{}, fmt.Errorf("expected a purl such as pkg:npm/%%40scope/x@1.2.3, found %q: %s", untrusted.Excerpt(s), untrusted.Message(err))
	}
	protocol, name := NPX, p.Name
	switch p.Type {
	case packageurl.TypeNPM:
		if p.Namespace != "" {
			name = p.Namespace + "/" + p.Name
		}
	case packageurl.TypePyPi:
		protocol = UVX
	case packageurl.TypeGolang:
		if protocol = Go; p.Namespace != "" {
			name = p.Namespace + "/" + p.Name
		}
	default:
		return Spec{}, fmt.Errorf("expected a purl of the type npm, pypi or golang, found %q: %q is no registry that is read",
			untrusted.Excerpt(s), untrusted.Excerpt(p.Type))
	}
	if p.Version == "" {
		return named(protocol, name, "")
	}
	plain, err := url.PathUnescape(s)
	written, ok := strings.CutPrefix(plain, "pkg:"+p.Type+"/")
	written, whole := strings.CutSuffix(written, "@"+p.Version)
	if err != nil || !ok || !whole || len(written) != len(name) {
		return Spec{}, fmt.Errorf("expected a purl such as pkg:npm/%%40scope/x@1.2.3 or pkg:pypi/x@1.2.3, found %q", untrusted.Excerpt(s))
	}
	if protocol == NPX && written != name || protocol == Go && !strings.EqualFold(written, name) {
		return Spec{}, fmt.Errorf("expected a purl of %q, found %q", untrusted.Excerpt(name), untrusted.Excerpt(s))
	}
	return named(protocol, written, p.Version) // as written, as in a spec: the library has Go's paths in lower case
}

// named returns the spec of a release that has no file.
func named(protocol Protocol, name, version string) (Spec, error) {
	spec := Spec{Protocol: protocol, Package: untrusted.Text(name), Version: untrusted.Text(version)}
	if err := checkName(protocol, name); err != nil {
		return Spec{}, err
	}
	spec.Path = spec.reference()
	if err := checkVersion(protocol, version); err != nil {
		example := spec
		if example.Version = "1.2.3"; protocol == Go {
			example.Version = "v1.2.3"
		}
		if version == "" {
			err = errors.New("expected an exact version, found none")
		}
		return Spec{}, fmt.Errorf("%w: write %s, with the version that is meant", err, example.reference())
	}
	return spec, nil
}

// reference is how the release of a spec is named without a spec.
func (s *Spec) reference() untrusted.Text {
	switch s.Protocol {
	case UVX:
		return "pypi:" + s.Package + "==" + s.Version
	case Go:
		return "go:" + s.Package + "@" + s.Version
	}
	return "npm:" + s.Package + "@" + s.Version
}

// Named reports whether there is no file of the spec: its release was named on
// the command line, its Path says how, and nothing is expected of it.
func (s *Spec) Named() bool { return s.Path == s.reference() }
