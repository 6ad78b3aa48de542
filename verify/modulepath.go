package verify

import (
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// pathHosts are the hosts whose modules' paths begin with their repository. The go
// command asks all others where the repository of a path is.
var pathHosts = []string{"github.com", "bitbucket.org"}

// PathRepository returns the repository that the path of a module, or of a package in
// one, names by itself, or "". Nothing proves that the bytes come from there.
func PathRepository(path untrusted.Text) untrusted.Text {
	if parts := strings.Split(string(path), "/"); len(parts) >= 3 && slices.Contains(pathHosts, parts[0]) {
		return untrusted.Text("https://" + strings.Join(parts[:3], "/"))
	}
	return ""
}

// pathFindings warns if the path of a module names another repository than the spec, or
// than the module proxy says that it was made from. None of the three is proven: a
// repository may have been renamed, and its path stays.
func pathFindings(r *Report, want catalog.Provenance) (out []Finding) {
	named := PathRepository(r.Release.Name)
	differs := func(other untrusted.Text) bool {
		_, readable := ParseRepository(string(other))
		return readable && !SameRepository(string(other), string(named))
	}
	if r.Release.Ecosystem != Go || named == "" {
		return nil
	}
	if spec := want.RepositoryURI; differs(spec) {
		out = append(out, Finding{Rule: "module.repository", Severity: Warning, Expected: spec.String(), Observed: named.String(),
			Message: "the module's path names another repository than the spec"})
	}
	if claim := r.Claims.Repository; differs(claim) {
		out = append(out, Finding{Rule: "module.repository", Severity: Warning, Expected: named.String(), Observed: claim.String(),
			Message: "the module proxy says that the module was made from another repository than its path names"})
	}
	return out
}
