package verify

import (
	"net/url"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
)

// Repository names a source repository: where it is hosted and its path there.
type Repository struct {
	Host string // lower case, without a port
	Path string // "owner/name"; GitLab: with its subgroups
}

// String returns "host/owner/name".
func (r Repository) String() string { return r.Host + "/" + r.Path }

// caseless lists the hosts whose repository names ignore case.
var caseless = []string{"github.com", "gitlab.com"}

// shorthand maps npm's prefixes to hosts (npm, package.json: repository).
var shorthand = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}

// ParseRepository reads the forms in which specs, predicates and registries
// name a repository: URLs with or without git+, git://, ssh://, the scp form
// git@host:owner/name, npm's shorthands github:owner/name and owner/name
// (GitHub), and github.com/owner/name, with or without .git, a trailing slash, a
// fragment, or a path to a tree. It reports false for anything else; what cannot
// be read is never equal to anything.
func ParseRepository(s string) (Repository, bool) {
	s = strings.TrimSpace(s)
	s = strings.TrimPrefix(s, "git+")
	s, _, _ = strings.Cut(s, "#")
	if prefix, rest, ok := strings.Cut(s, ":"); ok && shorthand[prefix] != "" && !strings.HasPrefix(rest, "//") {
		return newRepository(shorthand[prefix], rest)
	}
	if rest, ok := strings.CutPrefix(s, "git@"); ok {
		if host, path, ok := strings.Cut(rest, ":"); ok {
			return newRepository(host, path)
		}
	}
	if hasHost(s) {
		s = "https://" + s
	}
	if !strings.Contains(s, ":") && strings.Count(s, "/") == 1 && !strings.HasPrefix(s, "/") {
		return newRepository("github.com", s)
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Opaque != "" {
		return Repository{}, false
	}
	switch u.Scheme {
	case "https", "http", "git", "ssh":
		return newRepository(u.Hostname(), u.Path)
	}
	return Repository{}, false
}

// hasHost reports whether a text without a scheme begins with a known host.
func hasHost(s string) bool {
	host, _, ok := strings.Cut(strings.TrimPrefix(untrusted.LowerASCII(s), "www."), "/")
	return ok && slices.Contains([]string{"github.com", "gitlab.com", "bitbucket.org"}, host)
}

// repositoryAt is [ParseRepository] for a text in which "owner/name", and
// GitLab's longer paths, lie on a host.
func repositoryAt(host, s string) (Repository, bool) {
	if strings.Contains(s, ":") || hasHost(s) {
		return ParseRepository(s)
	}
	return newRepository(host, s)
}

func newRepository(host, path string) (Repository, bool) {
	host = strings.TrimPrefix(untrusted.LowerASCII(host), "www.")
	parts := strings.Split(strings.Trim(path, "/"), "/")
	keep := len(parts)
	switch {
	case host == "github.com" && len(parts) > 2:
		if !isView(parts[2]) {
			return Repository{}, false
		}
		keep = 2
	case len(parts) > 2:
		if i := slices.IndexFunc(parts, func(p string) bool { return p == "-" || p == "tree" }); i >= 2 {
			keep = i
		}
	}
	parts = parts[:keep]
	if len(parts) < 2 {
		return Repository{}, false
	}
	parts[len(parts)-1] = strings.TrimSuffix(parts[len(parts)-1], ".git")
	for _, part := range parts {
		if part == "" || part == "." || part == ".." {
			return Repository{}, false
		}
	}
	return Repository{Host: host, Path: strings.Join(parts, "/")}, true
}

// isView reports whether a path segment behind owner/name is a page about the
// repository, so that the rest is not part of its name.
func isView(segment string) bool {
	return slices.Contains([]string{"tree", "blob", "issues", "releases", "tags", "wiki", "actions", "commit", "commits", "pull", "pulls", "packages"}, segment)
}

// same reports whether two names mean the same repository. GitHub and GitLab
// ignore case, and so does another host if the caller knows it.
func (r Repository) same(other Repository, ignoreCase bool) bool {
	if ignoreCase || slices.Contains(caseless, r.Host) {
		r.Path, other.Path = untrusted.LowerASCII(r.Path), untrusted.LowerASCII(other.Path)
	}
	return r == other
}

// SameRepository parses both and reports whether they mean the same
// repository. Never by prefix or substring.
func SameRepository(a, b string) bool {
	ra, ok := ParseRepository(a)
	if !ok {
		return false
	}
	rb, ok := ParseRepository(b)
	return ok && ra.same(rb, false)
}
