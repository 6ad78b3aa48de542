package report

import (
	"net/url"
	"strings"

	packageurl "github.com/package-url/packageurl-go"

	"plimsoll/catalog"
)

// purl returns the package URL of a release, or "" if the spec names none. What
// is not a letter, a digit or a plain mark is percent-encoded.
func purl(s catalog.Spec) string {
	if s.Package == "" || s.Version == "" {
		return ""
	}
	kind, namespace, name := packageurl.TypePyPi, "", string(s.Package)
	switch s.Protocol {
	case catalog.NPX:
		kind = packageurl.TypeNPM
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			namespace, name = name[:i], name[i+1:]
		}
	case catalog.UVX:
		// The purl type only knows _ as another -; PEP 503 has . as well.
		name = strings.ToLower(strings.ReplaceAll(name, ".", "-"))
	case catalog.Go:
		kind = packageurl.TypeGolang
		if i := strings.LastIndexByte(name, '/'); i >= 0 {
			namespace, name = name[:i], name[i+1:]
		}
	default:
		return ""
	}
	p := packageurl.NewPackageURL(kind, namespace, name, string(s.Version), nil, "")
	if s.Protocol != catalog.Go && p.Normalize() != nil { // which has the path of another module in lower case
		return ""
	}
	return p.ToString()
}

// relativeURI is the relative reference of a file, percent-encoded.
func relativeURI(path string) string {
	return (&url.URL{Path: strings.TrimPrefix(path, "/")}).String()
}

// displayName returns "npx/@scope/name", raw, with the folder of a spec that
// cannot be read; of what is no spec its path.
func displayName(p Package) string {
	if p.Spec.Protocol == "" {
		return string(p.Spec.Path)
	}
	name := p.Spec.Package
	if name == "" {
		name = p.Spec.Server
	}
	return string(p.Spec.Protocol) + "/" + string(name)
}
