package verify

import (
	"slices"
	"strings"
	"testing"
)

func TestParseRepository(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, in, want string }{
		{"plain", "https://github.com/acme/http", "github.com/acme/http"},
		{"git suffix", "https://github.com/acme/http.git", "github.com/acme/http"},
		{"git+ prefix", "git+https://github.com/acme/http.git", "github.com/acme/http"},
		{"git+ssh", "git+ssh://git@github.com/acme/http.git", "github.com/acme/http"},
		{"git scheme", "git://github.com/acme/http.git#readme", "github.com/acme/http"},
		{"scp form", "git@github.com:acme/http.git", "github.com/acme/http"},
		{"npm shorthand", "acme/http", "github.com/acme/http"},
		{"npm shorthand with host", "gitlab:acme/group/http", "gitlab.com/acme/group/http"},
		{"trailing slash", "https://github.com/acme/http/", "github.com/acme/http"},
		{"tree", "https://github.com/acme/http/tree/main/src/x", "github.com/acme/http"},
		{"www", "https://www.github.com/acme/http", "github.com/acme/http"},
		{"no scheme", "github.com/acme/http", "github.com/acme/http"},
		{"no scheme, www", "www.GitHub.com/acme/http.git/", "github.com/acme/http"},
		{"no scheme, subgroups", "gitlab.com/a/b/c", "gitlab.com/a/b/c"},
		{"no scheme, no name", "github.com/acme", ""},
		{"no scheme, another host", "code.example/a/b", "code.example/a/b"},
		{"no scheme, another host, deeper", "GitLab.acme.example:8443/a/b/c/-/tree/main", "gitlab.acme.example:8443/a/b/c"},
		{"no scheme, another host, no name", "code.example/a", ""},
		{"no scheme, usual port", "github.com:443/acme/http", "github.com/acme/http"},
		{"no scheme, page", "github.com/acme/http/pull/7/files?w=1#x", "github.com/acme/http"},
		{"no scheme, query", "github.com/acme/http?tab=readme-ov-file", "github.com/acme/http"},
		{"no scheme, one word", "localhost/a/b", ""},
		{"no scheme, a number", "10.0.0.1/a/b", ""},
		{"no scheme, person", "me@github.com/acme/http", ""},
		{"spaces around it", "\u00a0 https://github.com/acme/http\t\n", "github.com/acme/http"},
		{"everything in capitals", "HTTPS://WWW.GITHUB.COM/acme/http", "github.com/acme/http"},
		{"http", "http://github.com:80/acme/http", "github.com/acme/http"},
		{"query", "https://github.com/acme/http?tab=readme", "github.com/acme/http"},
		{"person and secret", "https://me:secret@github.com/acme/http", "github.com/acme/http"},
		{"another port is another server", "https://code.example:8443/a/b", "code.example:8443/a/b"},
		{"port of SSH", "ssh://git@Code.example:2222/a/b.git", "code.example/a/b"},
		{"owner as the port", "git+ssh://git@github.com:acme/http.git", "github.com/acme/http"},
		{"owner as the port, git", "git://github.com:acme/http.git", "github.com/acme/http"},
		{"owner as the port of a person", "https://github.com:acme@code.example/a/b", "code.example/a/b"},
		{"scp form of nobody", "github.com:acme/http.git", "github.com/acme/http"},
		{"scp form of somebody", "org-1@github.com:acme/http", "github.com/acme/http"},
		{"scp form of a number", "git@github.com:42/http", "github.com/42/http"},
		{"scp form with subgroups", "git@gitlab.acme.example:a/b/c.git", "gitlab.acme.example/a/b/c"},
		{"scp form from the root", "git@code.example:/a/b", "code.example/a/b"},
		{"scp form too deep", "git@github.com:22/acme/http", ""},
		{"npm shorthand with a fragment", "github:acme/http#v1", "github.com/acme/http"},
		{"npm shorthand, Bitbucket", "bitbucket:acme/http", "bitbucket.org/acme/http"},
		{"npm shorthand, sourcehut", "sourcehut:~acme/http", "git.sr.ht/~acme/http"},
		{"a gist", "gist:11081aaa281", ""},
		{"a gist of somebody", "gist:acme/11081aaa281", ""},
		{"sourcehut, escaped", "https://git.sr.ht/%7Eacme/http/tree/main/item/x", "git.sr.ht/~acme/http"},
		{"Bitbucket page", "https://bitbucket.org/acme/http/src/main/x", "bitbucket.org/acme/http"},
		{"Codeberg page", "codeberg.org/acme/http/src/branch/main", "codeberg.org/acme/http"},
		{"Enterprise Cloud", "https://acme.ghe.com/acme/http/blob/main/README.md", "acme.ghe.com/acme/http"},
		{"GitLab names that are words", "https://gitlab.com/acme/packages/issues", "gitlab.com/acme/packages/issues"},
		{"GitLab blob", "https://gitlab.com/a/b/c/blob/main/x", "gitlab.com/a/b/c"},
		{"climbing out of a page", "https://github.com/acme/http/tree/../../../evil/x", ""},
		{"climbing out, escaped", "https://github.com/acme/http/tree/%2e%2e/%2E%2e/x", ""},
		{"escaped slash", "https://github.com/acme%2Fhttp", ""},
		{"escaped slash in a name", "https://github.com/acme/http%2Fevil", ""},
		{"escaped letter", "https://github.com/acme/%68ttp", "github.com/acme/http"},
		{"escaped suffix", "https://github.com/acme/http%2Egit", "github.com/acme/http"},
		{"escaped blank", "https://github.com/acme/http%20x", ""},
		{"bad escape", "https://github.com/acme/%zz", ""},
		{"host as the owner", "evil.example/http", ""},
		{"dotted owner", "https://github.com/acme.example/http", ""},
		{"nothing but the suffix", "https://github.com/acme/.git", ""},
		{"the suffix twice", "https://github.com/acme/http.git.git", ""},
		{"revision behind it", "https://github.com/acme/http@v1", ""},
		{"words around it", "see https://github.com/acme/http", ""},
		{"words behind it", "https://github.com/acme/http (fork)", ""},
		{"angle brackets", "<https://github.com/acme/http>", ""},
		{"backslashes", `https:\\github.com\acme\http`, ""},
		{"no scheme but slashes", "//github.com/acme/http", ""},
		{"invisible", "https://github.com/acme/http\u200b", ""},
		{"look-alike slash", "https://github.com/acme\u2215http", ""},
		{"look-alike letter", "https://github.com/\u0430cme/http", "github.com/\u0430cme/http"},
		{"another www", "https://www.code.example/a/b", "www.code.example/a/b"},
		{"pull request", "https://github.com/acme/http/pull/7", "github.com/acme/http"},
		{"package of a registry", "https://github.com/acme/http/pkgs/npm/http", "github.com/acme/http"},
		{"attestation", "https://github.com/acme/http/attestations/7", "github.com/acme/http"},
		{"archive", "https://github.com/acme/http/tarball/v1.0.0", "github.com/acme/http"},
		{"package of a monorepo", "https://github.com/acme/http/packages/x", "github.com/acme/http"},
		{"climbing out", "https://github.com/acme/http/../../evil/x", ""},
		{"host case", "https://GitHub.com/acme/http", "github.com/acme/http"},
		{"gitlab subgroups", "https://gitlab.com/a/b/c/d", "gitlab.com/a/b/c/d"},
		{"gitlab tree", "https://gitlab.com/a/b/c/-/tree/main", "gitlab.com/a/b/c"},
		{"another host", "https://code.example/a/b", "code.example/a/b"},
		{"no owner", "https://github.com/http", ""},
		{"too deep on github, with a page", "https://github.com/acme/http/more/tree/main", ""},
		{"a host that ends as GitHub does", "https://evilghe.com/acme/http/more", "evilghe.com/acme/http/more"},
		{"the port of another scheme", "http://code.example:443/a/b", "code.example:443/a/b"},
		{"too deep on github", "https://github.com/acme/http/more", ""},
		{"dots", "https://github.com/acme/..", ""},
		{"empty segment", "https://github.com//http", ""},
		{"file", "file:///etc/passwd/x", ""},
		{"javascript", "javascript:alert(1)/x", ""},
		{"empty", "", ""},
		{"word", "http", ""},
		{"control byte", "https://github.com/acme/\x1b[2J", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := ParseRepository(tc.in)
			if ok != (tc.want != "") || ok && got.String() != tc.want {
				t.Errorf("ParseRepository(%q) = %v, %v; want %q", tc.in, got, ok, tc.want)
			}
		})
	}
}

func TestSameRepository(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, a, b string
		want       bool
	}{
		{"same", "https://github.com/acme/http", "git+https://github.com/Acme/HTTP.git", true},
		{"prefix is not enough", "https://github.com/acme/http", "https://github.com/acme/http-evil", false},
		{"owner prefix", "https://github.com/acme/http", "https://github.com/acme-evil/http", false},
		{"substring", "https://github.com/acme/http", "https://github.com/evil/github.com/acme/http", false},
		{"other host", "https://github.com/acme/http", "https://gitlab.com/acme/http", false},
		{"host as a path", "https://github.com/acme/http", "https://evil.example/github.com/acme/http", false},
		{"user info", "https://github.com/acme/http", "https://github.com@evil.example/acme/http", false},
		{"case matters elsewhere", "https://code.example/a/b", "https://code.example/A/b", false},
		{"the Kelvin sign is not a k", "https://github.com/kay/x", "https://github.com/\u212aay/x", false},
		{"Enterprise Cloud ignores case", "https://acme.ghe.com/A/b", "acme.ghe.com/a/b", true},
		{"subgroup as an owner", "https://gitlab.com/a/b/c", "https://gitlab.com/a/b", false},
		{"another server on the host", "https://code.example:8443/a/b", "https://code.example/a/b", false},
		{"the host in the owner", "github.com/acme/http", "https://github.com.evil.example/acme/http", false},
		{"letters of another script", "https://github.com/\u0430cme/x", "https://github.com/acme/x", false},
		{"unreadable is never equal", "", "", false},
		{"unreadable is not equal to itself", "gist:1", "gist:1", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := SameRepository(tc.a, tc.b); got != tc.want {
				t.Errorf("SameRepository(%q, %q) = %v", tc.a, tc.b, got)
			}
			if SameRepository(tc.a, tc.b) != SameRepository(tc.b, tc.a) {
				t.Error("not symmetric")
			}
		})
	}
}

func TestWorkflowPath(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, uri, repository, want string }{
		{"github", "https://github.com/a/b/.github/workflows/r.yml@refs/tags/v1", "https://github.com/a/b", ".github/workflows/r.yml"},
		{"gitlab", "https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/main", "https://gitlab.com/a/b", ".gitlab-ci.yml"},
		{"another repository", "https://github.com/x/b/.github/workflows/r.yml@refs/tags/v1", "https://github.com/a/b", ""},
		{"longer name", "https://github.com/a/bc/.github/workflows/r.yml@v", "https://github.com/a/b", ""},
		{"no repository", "/x@y", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := workflowPath(textOf(tc.uri), textOf(tc.repository)); string(got) != tc.want {
				t.Errorf("got %q, want %q", string(got), tc.want)
			}
		})
	}
}

// What is read reads the same when it is written as an address, has an owner and
// a name, and leads nowhere else.
func FuzzParseRepository(f *testing.F) {
	for _, s := range []string{"https://github.com/acme/http", "git@github.com:a/b.git", "gitlab.com/a/b/-/tree/x", "ssh://git@h.example:22/a/b", "git://github.com:a/b",
		"sourcehut:~a/b", "a.example:81/b/c", "https://github.com/%61/b%2f", "git+https://u:p@h.example/a/b?c#d", "\u0430/b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		repo, ok := ParseRepository(s)
		if !ok {
			if SameRepository(s, s) {
				t.Errorf("%q cannot be read, and is equal to itself", s)
			}
			return
		}
		again, ok := ParseRepository("https://" + repo.String())
		if !ok || again != repo || !SameRepository(s, "https://"+repo.String()) {
			t.Errorf("%q is %v, which is %v, %v", s, repo, again, ok)
		}
		parts := strings.Split(repo.Path, "/")
		if repo.Host == "" || len(parts) < 2 || slices.Contains(parts, "") || slices.Contains(parts, "..") || strings.ContainsAny(repo.String(), " ?#@\\%") {
			t.Errorf("%q is %v", s, repo)
		}
		if isFlat(repo.Host) && len(parts) != 2 {
			t.Errorf("%q is %v on a host without groups", s, repo)
		}
	})
}
