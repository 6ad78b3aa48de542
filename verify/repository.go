package verify

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"plimsoll/catalog/untrusted"
)

// Repository names a source repository: its host and its path there.
type Repository struct {
	// Host is in lower case, without the www of a known host, and with the port
	// only if that is of HTTP and not the usual one: another server.
	Host string
	Path string // "owner/name"; GitLab: with its subgroups
}

// String returns "host/owner/name".
func (r Repository) String() string { return r.Host + "/" + r.Path }

// known lists the hosts that are known without a scheme, and under www.
var known = []string{"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "git.sr.ht"}

// shorthand maps npm's prefixes to hosts (npm, package.json: repository). A gist
// is no repository that a build comes from.
var shorthand = map[string]string{"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org", "sourcehut": "git.sr.ht"}

var (
	// scpForm is git's own form, user@host:path.
	scpForm = regexp.MustCompile(`^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):([^/].*|/[^/].*)$`)
	// ownerAsPort is an address such as git+ssh://git@host:owner/name.git, which
	// old package.json files have.
	ownerAsPort = regexp.MustCompile(`^([a-z]+://(?:[^/@:]*@)?[^/@:]+):([^/@:0-9][^/@:]*/.+)$`)
	// hostForm is a name that can only be a host's, with a port or without.
	hostForm = regexp.MustCompile(`^(?:[A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*(?::[0-9]+)?$`)
)

// ParseRepository reads the forms in which specs, predicates and registries
// name a repository: URLs with or without git+, git://, ssh://, the scp form
// git@host:owner/name, npm's shorthands github:owner/name and owner/name
// (GitHub), and host/owner/name, with or without .git, a trailing slash, a query,
// a fragment, or a page about the repository. It reports false for anything
// else; what cannot be read is never equal to anything.
func ParseRepository(s string) (Repository, bool) {
	s = strings.TrimPrefix(strings.TrimSpace(s), "git+")
	s, _, _ = strings.Cut(s, "#")
	if prefix, rest, ok := strings.Cut(s, ":"); ok && shorthand[prefix] != "" && !strings.HasPrefix(rest, "//") {
		return newRepository(shorthand[prefix], rest)
	}
	if !strings.Contains(s, "://") {
		switch m := scpForm.FindStringSubmatch(s); {
		case withHost(s):
			s = "https://" + s
		case m != nil:
			return newRepository(m[1], m[2])
		case !strings.Contains(s, ":") && strings.Count(s, "/") == 1:
			return newRepository("github.com", s)
		default:
			return Repository{}, false
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		u, err = url.Parse(ownerAsPort.ReplaceAllString(s, "$1/$2"))
	}
	if err != nil || u.Host == "" {
		return Repository{}, false
	}
	host := u.Hostname()
	switch port := u.Port(); u.Scheme {
	case "https", "http":
		if port != "" && port != map[string]string{"https": "443", "http": "80"}[u.Scheme] {
			host = u.Host
		}
	case "git", "ssh":
	default:
		return Repository{}, false
	}
	return newRepository(host, u.EscapedPath())
}

// withHost reports whether a text without a scheme begins with a host: a known
// one, or a name with dots before an owner and a name.
func withHost(s string) bool {
	host, path, _ := strings.Cut(s, "/")
	name, _, _ := strings.Cut(host, ":")
	return strings.Contains(host, ".") && hostForm.MatchString(host) &&
		(slices.Contains(known, hostName(name)) || strings.Contains(strings.Trim(path, "/"), "/"))
}

// hostName returns the name of a host, which has others for its pages.
func hostName(host string) string {
	host = untrusted.LowerASCII(host)
	if name, ok := strings.CutPrefix(host, "www."); ok && slices.Contains(known, name) {
		return name
	}
	return host
}

// RepositoryAt is [ParseRepository] for a text in which "owner/name", and
// GitLab's longer paths, lie on a host, if they do not begin with it.
func RepositoryAt(host, s string) (Repository, bool) {
	first, _, _ := strings.Cut(s, "/")
	if first = hostName(first); strings.Contains(s, ":") || slices.Contains(known, first) || host != "" && first == host {
		return ParseRepository(s)
	}
	return newRepository(host, s)
}

// newRepository reads an escaped path on a host.
func newRepository(host, path string) (Repository, bool) {
	host = hostName(host)
	parts := strings.Split(strings.Trim(path, "/"), "/")
	for i, part := range parts {
		part, err := url.PathUnescape(part)
		if err != nil || part == "." || part == ".." { // which lead elsewhere, also behind a page
			return Repository{}, false
		}
		parts[i] = part
	}
	if len(parts) > 2 {
		switch page := slices.IndexFunc(parts[2:], func(part string) bool { return isPage(host, part) }); {
		case page == 0, page > 0 && !isFlat(host):
			parts = parts[:2+page]
		case isFlat(host):
			return Repository{}, false
		}
	}
	last := len(parts) - 1
	parts[last] = strings.TrimSuffix(parts[last], ".git")
	if len(parts) < 2 || strings.HasSuffix(parts[last], ".git") || slices.ContainsFunc(parts, notName) {
		return Repository{}, false
	}
	if isGitHub(host) && strings.Contains(parts[0], ".") { // a host, or a file: no owner has a dot
		return Repository{}, false
	}
	return Repository{Host: host, Path: strings.Join(parts, "/")}, true
}

// notName reports whether a text is no part of a path. Names that only look like
// ASCII are, so that they can be shown beside what they are taken for.
func notName(part string) bool {
	return part == "" || strings.ContainsFunc(part, func(r rune) bool {
		return !unicode.In(r, unicode.L, unicode.M, unicode.N) && !strings.ContainsRune("._~+-", r)
	})
}

// isGitHub reports whether a host is GitHub, or GitHub Enterprise Cloud.
func isGitHub(host string) bool { return host == "github.com" || strings.HasSuffix(host, ".ghe.com") }

// isFlat reports whether every repository of a host is owner/name.
func isFlat(host string) bool {
	return isGitHub(host) || slices.Contains([]string{"bitbucket.org", "codeberg.org", "git.sr.ht"}, host)
}

// pages are the path segments behind owner/name that are a page about the
// repository or a folder in it.
var pages = []string{"tree", "blob", "blame", "raw", "edit", "src", "packages", "issues", "releases", "tags", "branches", "commit",
	"commits", "compare", "pull", "pulls", "pull-requests", "actions", "wiki", "discussions", "projects", "security", "graphs",
	"network", "archive", "refs", "log", "pkgs", "attestations", "deployments", "labels", "milestone", "milestones", "settings", "stargazers",
	"watchers", "forks", "contributors", "activity", "tarball", "zipball"}

// isPage reports whether a path segment is not part of a repository's name:
// elsewhere than on a flat host, if GitLab reserves it.
func isPage(host, segment string) bool {
	if isFlat(host) {
		return slices.Contains(pages, segment)
	}
	return slices.Contains([]string{"-", "tree", "blob", "blame", "raw", "commits"}, segment)
}

// IgnoresCase reports whether the host is known to ignore case in paths.
func (r Repository) IgnoresCase() bool { return isGitHub(r.Host) || r.Host == "gitlab.com" }

// same reports whether two names mean the same repository. GitHub and GitLab
// ignore case, and so does another host if the caller knows it.
func (r Repository) same(other Repository, ignoreCase bool) bool {
	if ignoreCase || r.IgnoresCase() {
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
