package verify

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// A path names its repository on the hosts where it does, whoever writes it how; the
// spec's and the proxy's are held against it.
func TestPathFindings(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path, spec, claim string
		findings          int
	}{
		{"github.com/a/b", "https://github.com/a/b", "https://github.com/a/b", 0},
		{"github.com/a/b/v2/cmd/x", "git@github.com:a/b.git", "https://github.com/A/B", 0},
		{"github.com/a/b", "https://github.com/c/b", "https://github.com/a/b", 1},
		{"github.com/a/b", "https://github.com/a/b", "https://github.com/c/b", 1},
		{"github.com/a/b", "https://gitlab.com/a/b", "https://github.com/a/bb", 2},
		{"bitbucket.org/a/b", "https://github.com/a/b", "", 1},
		{"github.com/a/b", "", "", 0},
		{"github.com/a/b", "whatever it is", "\x1b[31m", 0}, // which other rules name
		{"go.example/a/b", "https://github.com/a/b", "https://github.com/c/d", 0},
		{"gitlab.com/a/b/c", "https://gitlab.com/a/b", "", 0}, // a group may lie in a group
		{"github.com.example/a/b", "https://github.com/a/b", "", 0},
		{"github.com/a", "https://github.com/a/b", "", 0},
	} {
		r := &Report{Release: Release{Go, untrusted.Text(tt.path), "v1.0.0"}, Claims: Claims{Repository: untrusted.Text(tt.claim)}}
		found := pathFindings(r, catalog.Provenance{RepositoryURI: untrusted.Text(tt.spec)})
		if len(found) != tt.findings {
			t.Errorf("%s, spec %q, proxy %q: %+v", tt.path, tt.spec, tt.claim, found)
		}
		r.Release.Ecosystem = NPM
		if found := pathFindings(r, catalog.Provenance{RepositoryURI: untrusted.Text(tt.spec)}); len(found) > 0 {
			t.Errorf("npm: %+v", found)
		}
	}
}
