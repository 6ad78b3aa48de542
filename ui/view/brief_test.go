package view

import (
	"strings"
	"testing"

	"plimsoll/ui/store"
	"plimsoll/ui/theme"
)

// The reasons of the demo fit beside its names on a screen of 120 cells, and each of
// the table's words is somebody's.
func TestReasonsFitTheTable(t *testing.T) {
	t.Parallel()
	const cells = 41
	used := map[string]bool{}
	for _, p := range demoPackages(t) {
		why := store.FitWhy(Why(p.brief), cells)
		if strings.HasSuffix(why, theme.Ellipsis) && !strings.HasPrefix(why, "expected ") { // a repository is as long as it is
			t.Errorf("%s: %q is cut, of %q", p.spec.Path, why, Why(p.brief))
		}
		for _, b := range briefs {
			used[b.brief] = used[b.brief] || strings.HasPrefix(why, b.brief)
		}
	}
	for _, b := range briefs {
		if !used[b.brief] {
			t.Errorf("no package of the demo says %q for %q", b.brief, b.begins)
		}
	}
}

func TestBrief(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ reason, expected, found, want string }{
		{"the workflow is not what the spec expects", ".github/workflows/a.yml", ".github/workflows/b.yml", "another workflow than the spec's: expected a.yml, found b.yml"},
		{"nothing proves the runner that the spec expects", "", "", "nothing proves the spec's runner"},
		{"the repository is not what the spec expects", "https://github.com/a/b", "https://github.com/c/d", "another repository than the spec's: expected a/b, found c/d"},
		{"the server says: the certificate carries no signed certificate timestamp", "", "", "the server says: the certificate carries no signed certificate timestamp"},
		{"a digest", strings.Repeat("a", 64), strings.Repeat("b", 64), "a digest"},
		{"x.tgz was yanked from the index", "", "", "a file was yanked from the index"},
		{"x.tgz: signed with key K, which is not among the registry's keys", "", "", "signed with an unknown key"},
		{"documented evidence has gone for 1 of 2 files: the spec expects what only provenance proves", "", "", "evidence has gone for 1 of 2 files"},
		{"the signed checkpoint does not vouch for this root: signature on checkpoint did not verify", "", "", "no checkpoint vouches for the root"},
		{"timestamp 2 of 2, 2025-11-08 03:05:53 UTC by a: it lies outside the certificate's validity", "", "", "a timestamp lies outside the validity"},
		// Why comes before where: there is room for one of them.
		{"fetch the simple index from https://pypi.example/simple/a/: the host was given up after 3 requests", "", "", "the host was given up after 3 requests"},
		{"fetch the manifest", "", "", "fetch the manifest"},
		// Different values stay different.
		{"x", "https://github.com/a/b", "https://a/b", "x: expected a/b, found https://a/b"},
		{"x", ".github/workflows/a.yml", ".github/workflows/b/a.yml", "x: expected .github/workflows/a.yml, found .github/workflows/b/a.yml"},
		{"x", "refs/tags/v1", "the tag v1", "x: expected refs/tags/v1, found the tag v1"},
		{"x", "acme/cape", "acme/\u0441\u0430pe", `x: expected acme/cape, found acme/\u0441\u0430pe`},
		// What somebody else says is nobody's reason.
		{`fetch x: the server answers 500: "was yanked from the index"`, "", "", `fetch x: the server answers 500: "was yanked from the index"`},
		{`fetch x: the server answers 500: "k, which is not among the registry's keys"`, "", "", `fetch x: the server answers 500: "k, which is not among the registry's keys"`},
		{`fetch the list from https://a: the server answers 500: "was yanked from the index"`, "", "", `the server answers 500: "was yanked from the index"`},
		{`fetch x: the server answers 500: "\" is listed twice, "`, "", "", `fetch x: the server answers 500: "\" is listed twice, "`},
		{`fetch x: the server answers 500: "2 timestamps, by an authority that a certified"`, "", "", `fetch x: the server answers 500: "2 timestamps, by an authority that a certified"`},
	} {
		if got := brief(tt.reason, tt.expected, tt.found); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.reason, got, tt.want)
		}
	}
}

// What a diff adds is proven by nothing.
func TestDiffIsNeverGreen(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"+a", "-a", "@@ -1 +1 @@", " a", "diff --git a b", ""} {
		if DiffToken(line) == theme.Good {
			t.Errorf("%q is green", line)
		}
	}
}
