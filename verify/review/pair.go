package review

import (
	"cmp"
	"slices"

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
		case was.SHA256 != after.SHA256 || was.Err != nil || after.Err != nil:
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
// came back under another path.
func moved(base []catalog.Spec, gone map[untrusted.Text]*catalog.Spec, added []*catalog.Spec) (out []Change) {
	paired := map[*catalog.Spec]bool{}
	for _, alike := range []func(was, is *catalog.Spec) bool{
		func(was, is *catalog.Spec) bool { return samePackage(was, is) && was.SHA256 == is.SHA256 },
		func(was, is *catalog.Spec) bool { return samePackage(was, is) && sameServer(was, is) },
		func(was, is *catalog.Spec) bool { return samePackage(was, is) && sameVersion(was, is) },
		samePackage,
		sameServer,
	} {
		for _, is := range added {
			if paired[is] {
				continue
			}
			for i := range base { // in order of their paths
				if was := &base[i]; gone[was.Path] == was && alike(was, is) {
					out, paired[is] = append(out, changed(was, is)), true
					delete(gone, was.Path)
					break
				}
			}
		}
	}
	for _, is := range added {
		if paired[is] {
			continue
		}
		c := Change{Path: is.Path, Kind: Added, After: &Side{Spec: *is}}
		if was := elsewhere(base, is); was != nil {
			c.From, c.Before = was.Path, &Side{Spec: *was}
		}
		out = append(out, c)
	}
	return out
}

// elsewhere returns the spec of the base with the highest version of a package,
// or nil if it has none: a second spec must not escape what the first demands.
func elsewhere(base []catalog.Spec, is *catalog.Spec) (found *catalog.Spec) {
	for i := range base {
		if was := &base[i]; samePackage(was, is) && (found == nil || compareVersions(was, found) > 0) {
			found = was
		}
	}
	return found
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

// samePackage reports whether two specs name one package; PyPI has many
// spellings of one name.
func samePackage(a, b *catalog.Spec) bool {
	if a.Protocol != b.Protocol || a.Package == "" {
		return false
	}
	if a.Protocol == catalog.UVX {
		return pyname.NormalizeName(string(a.Package)) == pyname.NormalizeName(string(b.Package))
	}
	return a.Package == b.Package
}

// sameServer reports whether two specs are of one server, by its own name: the
// folder's, if it has none.
func sameServer(a, b *catalog.Spec) bool { return a.Server != "" && a.Server == b.Server }

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
	v, w := "v"+string(a.Version), "v"+string(b.Version)
	if !semver.IsValid(v) || !semver.IsValid(w) {
		return 0
	}
	return semver.Compare(v, w)
}
