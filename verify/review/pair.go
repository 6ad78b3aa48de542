package review

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/pyname"
)

// Pair returns the specs that differ between two revisions of a catalog, by
// path. Nobody escapes a review by another path: a spec whose folder was renamed
// is one change, and so is one that went and came back for the same server or
// from another registry. An added spec of a package that the base has elsewhere
// is compared with that.
func Pair(base, head []catalog.Spec) []Change {
	before := map[untrusted.Text]*catalog.Spec{}
	for i := range base {
		before[base[i].Path] = &base[i]
	}
	var out []Change
	var added []*catalog.Spec
	for i := range head {
		after := &head[i]
		was := before[after.Path]
		delete(before, after.Path)
		switch {
		case was == nil:
			added = append(added, after)
		case was.SHA256 != after.SHA256 || was.SHA256 == [32]byte{}: // two that could not be read may differ
			out = append(out, changed(was, after))
		}
	}
	out = append(out, moved(base, before, added)...)
	for path, was := range before {
		out = append(out, Change{Path: path, Kind: Removed, Before: &Side{Spec: *was}})
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func changed(was, is *catalog.Spec) Change {
	c := Change{Path: is.Path, Kind: kindOf(was, is), Before: &Side{Spec: *was}, After: &Side{Spec: *is}}
	if was.Path != is.Path {
		c.From = was.Path
	}
	return c
}

// moved returns the changes of the added specs, and takes out of gone those that
// came back under another path: the nearest first.
func moved(base []catalog.Spec, gone map[untrusted.Text]*catalog.Spec, added []*catalog.Spec) (out []Change) {
	byPackage, byServer := map[packageID][]*catalog.Spec{}, map[untrusted.Text][]*catalog.Spec{}
	for i := range base { // in order of their paths
		was := &base[i]
		if was.Package != "" {
			byPackage[idOf(was)] = append(byPackage[idOf(was)], was)
		}
		byServer[was.Server] = append(byServer[was.Server], was)
	}
	ofPackage := func(is *catalog.Spec) []*catalog.Spec { return byPackage[idOf(is)] }
	ofServer := func(is *catalog.Spec) []*catalog.Spec { return byServer[is.Server] }
	whichever := func(_, _ *catalog.Spec) bool { return true }
	for _, pass := range []struct {
		among func(is *catalog.Spec) []*catalog.Spec
		alike func(was, is *catalog.Spec) bool
	}{
		{ofPackage, func(was, is *catalog.Spec) bool { return was.SHA256 == is.SHA256 }},
		{ofPackage, func(was, is *catalog.Spec) bool { return was.Server == is.Server }},
		{ofPackage, sameVersion}, {ofPackage, whichever}, {ofServer, whichever},
	} {
		added = slices.DeleteFunc(added, func(is *catalog.Spec) bool {
			among := pass.among(is)
			i := slices.IndexFunc(among, func(was *catalog.Spec) bool { return gone[was.Path] != nil && pass.alike(was, is) })
			if i < 0 {
				return false
			}
			delete(gone, among[i].Path)
			out = append(out, changed(among[i], is))
			return true
		})
	}
	for _, is := range added {
		c := Change{Path: is.Path, Kind: Added, After: &Side{Spec: *is}}
		if others := ofPackage(is); len(others) > 0 { // a second spec must not escape what the first demands
			was := slices.MaxFunc(others, compareVersions)
			c.From, c.Before = was.Path, &Side{Spec: *was}
		}
		out = append(out, c)
	}
	return out
}

func kindOf(was, is *catalog.Spec) Kind {
	switch {
	case was.Protocol != is.Protocol:
		return Replaced
	case was.Package == "" || is.Package == "" || was.Version == "" || is.Version == "": // of an unreadable spec nothing is known
		return Edited
	case !samePackage(was, is):
		return Replaced
	case !sameVersion(was, is):
		return Bumped
	}
	return Edited
}

// packageID names a package in one spelling; PyPI has many of one name.
type packageID struct {
	protocol catalog.Protocol
	name     string
}

func identify(protocol catalog.Protocol, name string) packageID {
	switch protocol {
	case catalog.UVX:
		name = pyname.NormalizeName(name)
	case catalog.Go:
		name = withoutMajor(name)
	}
	return packageID{protocol, name}
}

// majorForm is the element of a path that names a major version.
var majorForm = regexp.MustCompile(`^v[1-9][0-9]*$`)

// withoutMajor returns a Go package's path without the major version of its module,
// which is another path for each: with v2 the package is the same. Before the fourth
// element a v2 may be the name of a repository, and another one's is another package.
func withoutMajor(name string) string {
	parts := strings.Split(name, "/")
	for i := 3; i < len(parts); i++ {
		if majorForm.MatchString(parts[i]) && parts[i] != "v1" {
			return strings.Join(slices.Delete(parts, i, i+1), "/")
		}
	}
	return name
}

func idOf(s *catalog.Spec) packageID { return identify(s.Protocol, string(s.Package)) }

// samePackage reports whether two specs name one package.
func samePackage(a, b *catalog.Spec) bool { return a.Package != "" && idOf(a) == idOf(b) }

// sameVersion reports whether two specs name one version: of PyPI 1.0 and
// 1.0.0 are.
func sameVersion(a, b *catalog.Spec) bool {
	if a.Protocol == catalog.UVX {
		if same, err := pyname.EqualVersions(string(a.Version), string(b.Version)); err == nil {
			return same
		}
	}
	return a.Version == b.Version
}

// compareVersions orders the versions of two specs of one package; 0 as well if
// one of them is no version.
func compareVersions(a, b *catalog.Spec) int {
	if a.Protocol == catalog.UVX {
		order, err := pyname.CompareVersions(string(a.Version), string(b.Version))
		if err != nil {
			return 0
		}
		return order
	}
	v, w := string(a.Version), string(b.Version)
	if a.Protocol != catalog.Go {
		v, w = "v"+v, "v"+w
	}
	if !semver.IsValid(v) || !semver.IsValid(w) {
		return 0
	}
	return semver.Compare(v, w)
}
