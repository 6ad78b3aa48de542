package verify

import (
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
		{"no scheme, unknown host", "code.example/a/b", ""},
		{"pull request", "https://github.com/acme/http/pull/7", "github.com/acme/http"},
		{"package of a monorepo", "https://github.com/acme/http/packages/x", "github.com/acme/http"},
		{"climbing out", "https://github.com/acme/http/../../evil/x", ""},
		{"host case", "https://GitHub.com/acme/http", "github.com/acme/http"},
		{"gitlab subgroups", "https://gitlab.com/a/b/c/d", "gitlab.com/a/b/c/d"},
		{"gitlab tree", "https://gitlab.com/a/b/c/-/tree/main", "gitlab.com/a/b/c"},
		{"another host", "https://code.example/a/b", "code.example/a/b"},
		{"no owner", "https://github.com/http", ""},
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
		{"unreadable is never equal", "", "", false},
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
