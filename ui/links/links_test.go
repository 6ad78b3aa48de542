package links

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

const (
	repo   = "https://github.com/acme/http-client"
	gitlab = "https://gitlab.com/group/sub/project"
	sha    = "3f9ac1e7d2b4458c9a1b0c2d3e4f5a6b7c8d9e0f"
)

func TestSourceAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		repo, commit untrusted.Text
		want         string
	}{
		{"GitHub", repo, sha, repo + "/tree/" + sha},
		{"GitLab with a subgroup", gitlab, sha, gitlab + "/-/tree/" + sha},
		{"sha256 commit", repo, sha + untrusted.Text(sha[:24]), repo + "/tree/" + sha + sha[:24]},
		{"no commit", repo, "", ""},
		{"short commit", repo, "3f9ac1e", ""},
		{"branch", repo, "main", ""},
		{"commit with a path", repo, sha + "/../..", ""},
		{"commit with a newline", repo, sha + "\n", ""},
		{"upper case commit", repo, untrusted.Text(strings.ToUpper(sha)), ""},
		{"script", "javascript:alert(1)//github.com/acme/x", sha, ""},
		{"plain http", "http://github.com/acme/http-client", sha, ""},
		{"user in the address", "https://github.com@evil.example/acme/x", sha, ""},
		{"user before the host", "https://evil@github.com/acme/x", sha, ""},
		{"port", "https://github.com:444/acme/x", sha, ""},
		{"host that begins alike", "https://github.com.evil.example/acme/x", sha, ""},
		{"host that ends alike", "https://evilgithub.com/acme/x", sha, ""},
		{"another host", "https://git.example/acme/x", sha, ""},
		{"dots", "https://github.com/acme/..", sha, ""},
		{"dots inside", "https://github.com/acme/../evil", sha, ""},
		{"encoded dots", "https://github.com/acme/%2e%2e", sha, ""},
		{"newline", "https://github.com/acme/x\nhttps://evil.example", sha, ""},
		{"escape code", "https://github.com/acme/x\x1b[2J", sha, ""},
		{"right to left", "https://github.com/acme/\u202ex", sha, ""},
		{"query", "https://github.com/acme/x?y=z", sha, ""},
		{"fragment", "https://github.com/acme/x#y", sha, ""},
		{"backslash", `https://github.com/acme\evil`, sha, ""},
		{"owner only", "https://github.com/acme", sha, ""},
		{"empty name", "https://github.com/acme/", sha, ""},
		{"too deep for GitHub", "https://github.com/acme/x/y", sha, ""},
		{"GitLab's own pages", "https://gitlab.com/acme/-/x", sha, ""},
		{"very long", untrusted.Text("https://github.com/acme/" + strings.Repeat("x", 4000)), sha, ""},
		{"nothing", "", sha, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, sourceAt(tt.repo, tt.commit), tt.want) })
	}
}

// check compares a link and holds what is true of every one.
func check(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("link = %q, want %q", got, want)
	}
	if got == "" {
		return
	}
	u, err := url.Parse(got)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Fragment != "" || untrusted.Clean(got) != got {
		t.Errorf("%q is no link of ours: %v", got, err)
	}
	if !slices.Contains([]string{"github.com", "gitlab.com", "search.sigstore.dev", "pypi.org"}, u.Host) {
		t.Errorf("%q leads to the host %q", got, u.Host)
	}
	if strings.Contains(u.Path, "/../") || strings.HasSuffix(u.Path, "/..") {
		t.Errorf("%q leads upwards", got)
	}
}

func TestFileAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name       string
		repo, path untrusted.Text
		want       string
	}{
		{"GitHub", repo, ".github/workflows/release.yml", repo + "/blob/" + sha + "/.github/workflows/release.yml"},
		{"GitLab", gitlab, ".gitlab-ci.yml", gitlab + "/-/blob/" + sha + "/.gitlab-ci.yml"},
		{"letters that an address cannot hold", repo, "a b/é?#%.yml", repo + "/blob/" + sha + "/a%20b/%C3%A9%3F%23%25.yml"},
		{"upwards", repo, "../../../evil/x/blob/main/x", ""},
		{"upwards inside", repo, ".github/../../x", ""},
		{"absolute", repo, "/etc/passwd", ""},
		{"two slashes", repo, "a//b", ""},
		{"backslash", repo, `..\x`, ""},
		{"newline", repo, "a\nb", ""},
		{"escape code", repo, "a\x1b]8;;https://evil.example\x07", ""},
		{"empty", repo, "", ""},
		{"very long", repo, untrusted.Text(strings.Repeat("a/", 600) + "a"), ""},
		{"another host", "https://evil.example/a/b", "x.yml", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, fileAt(tt.repo, sha, tt.path), tt.want) })
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	const other = "ffffffffffffffffffffffffffffffffffffffff"
	at := func(repo, commit, id untrusted.Text) *verify.Publisher {
		return &verify.Publisher{Kind: "GitHub", Repository: repo, Commit: commit, RepositoryID: id}
	}
	owned := func(owner untrusted.Text) *verify.Publisher {
		return &verify.Publisher{Kind: "GitHub", Repository: repo, RepositoryID: "1", OwnerID: owner, Commit: map[untrusted.Text]untrusted.Text{"1": sha, "2": other}[owner]}
	}
	gitLab := func(commit untrusted.Text) *verify.Publisher {
		return &verify.Publisher{Kind: "GitLab", Repository: gitlab, Commit: commit, RepositoryID: "7"}
	}
	const long = untrusted.Text(sha + "3f9ac1e7d2b4458c9a1b0c2d")
	tests := []struct {
		name      string
		then, now *verify.Publisher
		want      string
	}{
		{"GitHub", at(repo, sha, "1"), at(repo, other, "1"), repo + "/compare/" + sha + "..." + other},
		{"GitLab with a subgroup", gitLab(sha), gitLab(other), gitlab + "/-/compare/" + sha + "..." + other},
		{"sha256 commits", at(repo, long, "1"), at(repo, untrusted.Text(other+other[:24]), "1"), repo + "/compare/" + string(long) + "..." + other + other[:24]},
		{"renamed: the new name", at("https://github.com/old/x", sha, "1"), at(repo, other, "1"), repo + "/compare/" + sha + "..." + other},
		{"old certificates without numbers", at(repo, sha, ""), at(repo, other, ""), repo + "/compare/" + sha + "..." + other},
		{"another case", at("https://github.com/Acme/HTTP-client", sha, "1"), at(repo, other, "1"), repo + "/compare/" + sha + "..." + other},
		{"transferred to another owner", owned("1"), owned("2"), repo + "/compare/" + sha + "..." + other},
		{"made anew under the same name", at(repo, sha, "1"), at(repo, other, "2"), ""},
		{"another repository", at("https://github.com/evil/x", sha, "1"), at(repo, other, "2"), ""},
		{"another repository, without numbers", at("https://github.com/evil/x", sha, ""), at(repo, other, ""), ""},
		{"another kind", &verify.Publisher{Kind: "GitLab", Repository: repo, Commit: sha}, at(repo, other, ""), ""},
		{"the same commit", at(repo, sha, "1"), at(repo, sha, "1"), ""},
		{"no publisher before", nil, at(repo, other, "1"), ""},
		{"none now", at(repo, sha, "1"), nil, ""},
		{"a branch before", at(repo, "main", "1"), at(repo, other, "1"), ""},
		{"a path in the commit", at(repo, untrusted.Text(sha[:36]+"/../"), "1"), at(repo, other, "1"), ""},
		{"a longer commit now", at(repo, sha, "1"), at(repo, long, "1"), ""},
		{"another host", at("https://git.example/a/x", sha, "1"), at("https://git.example/a/x", other, "1"), ""},
		{"an escape code in the name", at(repo+"\x1b[2J", sha, "1"), at(repo+"\x1b[2J", other, "1"), ""},
		{"a bracket in the name", at("https://github.com/acme/x)[y", sha, "1"), at("https://github.com/acme/x)[y", other, "1"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, compare(tt.then, tt.now), tt.want) })
	}
}

func TestCommits(t *testing.T) {
	t.Parallel()
	side := func(commit untrusted.Text) *review.Side {
		return &review.Side{Report: &verify.Report{Publisher: &verify.Publisher{Kind: "GitHub", Repository: repo, Commit: commit}}}
	}
	const other = "ffffffffffffffffffffffffffffffffffffffff"
	for _, tt := range []struct {
		name   string
		change review.Change
		want   string
	}{
		{"both sides", review.Change{Before: side(sha), After: side(other)}, repo + "/compare/" + sha + "..." + other},
		{"new", review.Change{After: side(other)}, ""},
		{"gone", review.Change{Before: side(sha)}, ""},
		{"not verified yet", review.Change{Before: side(sha), After: &review.Side{}}, ""},
		{"nothing proven", review.Change{Before: side(sha), After: &review.Side{Report: &verify.Report{}}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, Commits(&tt.change), tt.want) })
	}
}

func TestRunOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		repo, run untrusted.Text
		ok        bool
	}{
		{"GitHub", repo, repo + "/actions/runs/755/attempts/1", true},
		{"GitHub without attempt", repo, repo + "/actions/runs/755", true},
		{"GitLab", gitlab, gitlab + "/-/jobs/42", true},
		{"of another repository", repo, "https://github.com/evil/x/actions/runs/755", false},
		{"of a repository that begins alike", repo, repo + "-evil/actions/runs/755", false},
		{"another page", repo, repo + "/settings", false},
		{"more behind it", repo, repo + "/actions/runs/755/../../../../evil", false},
		{"query", repo, repo + "/actions/runs/755?x=y", false},
		{"newline", repo, repo + "/actions/runs/755\n", false},
		{"script", repo, "javascript:alert(1)", false},
		{"nothing", repo, "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := ""
			if tt.ok {
				want = string(tt.run)
			}
			check(t, runOf(tt.repo, tt.run), want)
		})
	}
}

func TestEntryAt(t *testing.T) {
	t.Parallel()
	const public = "https://rekor.sigstore.dev"
	tests := []struct {
		name  string
		entry verify.LogEntry
		want  string
	}{
		{"proven", verify.LogEntry{KnownLog: public, Index: 7, IndexSigned: true}, "https://search.sigstore.dev/?logIndex=7"},
		{"index not signed", verify.LogEntry{KnownLog: public, Index: 7}, ""},
		{"unknown log", verify.LogEntry{Index: 7, IndexSigned: true}, ""},
		{"another log", verify.LogEntry{KnownLog: "https://rekor.demo.example", Index: 7, IndexSigned: true}, ""},
		{"a log that looks like it", verify.LogEntry{KnownLog: "https://rekor.sigstore.dev.evil.example", Index: 7, IndexSigned: true}, ""},
		{"a user that looks like it", verify.LogEntry{KnownLog: "https://rekor.sigstore.dev@evil.example", Index: 7, IndexSigned: true}, ""},
		{"negative", verify.LogEntry{KnownLog: public, Index: -7, IndexSigned: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, EntryAt(&tt.entry), tt.want) })
	}
}

func TestProjectAt(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name         string
		pkg, version untrusted.Text
		want         string
	}{
		{"release", "mcp-clickhouse", "0.1.11", "https://pypi.org/project/mcp-clickhouse/0.1.11/"},
		{"epoch and local version", "a.b_c", "1!2.0rc1+local.1", "https://pypi.org/project/a.b_c/1%212.0rc1+local.1/"},
		{"slash in the name", "a/b", "1", ""},
		{"dots", "..", "1", ""},
		{"version upwards", "a", "..", ""},
		{"slash in the version", "a", "1/../../x", ""},
		{"newline", "a", "1\n", ""},
		{"right to left", "a\u202e", "1", ""},
		{"no version", "a", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { check(t, projectAt(tt.pkg, tt.version), tt.want) })
	}
}

func TestOf(t *testing.T) {
	t.Parallel()
	const shared = "https://github.com/slsa-framework/builder"
	report := &verify.Report{
		Release:  verify.Release{Ecosystem: verify.PyPI, Name: "x", Version: "1"},
		Registry: "https://pypi.org/simple/",
		Publisher: &verify.Publisher{Repository: repo, Commit: sha, Workflow: ".github/workflows/r.yml",
			WorkflowURI: repo + "/.github/workflows/r.yml@refs/tags/v1", Run: repo + "/actions/runs/1",
			SignerURI: shared + "/.github/workflows/b.yml@refs/tags/v2", SignerDigest: sha},
		Artifacts: []verify.ArtifactReport{{Attestations: []verify.Attestation{
			{Kind: verify.KindProvenance, Status: verify.Invalid, Log: []verify.LogEntry{{KnownLog: "https://rekor.sigstore.dev", Index: 1, IndexSigned: true}}},
			{Kind: verify.KindPublish, Status: verify.Verified, Log: []verify.LogEntry{{KnownLog: "https://rekor.sigstore.dev", Index: 2, IndexSigned: true}}},
			{Kind: verify.KindProvenance, Status: verify.Verified, Log: []verify.LogEntry{{KnownLog: "https://rekor.sigstore.dev", Index: 3, IndexSigned: true}}},
		}}},
	}
	want := []string{repo + "/tree/" + sha, repo + "/blob/" + sha + "/.github/workflows/r.yml", shared + "/blob/" + sha + "/.github/workflows/b.yml",
		repo + "/actions/runs/1", "https://search.sigstore.dev/?logIndex=3", "https://pypi.org/project/x/1/"}
	got := Of(report)
	if len(got) != len(want) {
		t.Fatalf("links = %v, want %d", got, len(want))
	}
	for i, link := range got {
		check(t, link.URL, want[i])
		if link.Kind != Kinds()[i] || link.Kind.String() == "" {
			t.Errorf("link %d is of kind %v", i, link.Kind)
		}
	}
	report.Registry = "https://pypi.example/simple/"
	if got := Of(report); len(got) != len(want)-1 || got[len(got)-1].Kind == Project {
		t.Errorf("a private index leads to %v", got)
	}
}

// Claims, statements and certificates that did not verify give no link.
func TestOnlyWhatIsProvenIsLinked(t *testing.T) {
	t.Parallel()
	claims := &verify.Report{
		Release: verify.Release{Ecosystem: verify.NPM, Name: "x", Version: "1"}, Status: verify.Invalid,
		Claims: verify.Claims{Repository: repo, Homepage: "https://evil.example"},
		Artifacts: []verify.ArtifactReport{{Attestations: []verify.Attestation{{Status: verify.Invalid,
			Claimed: &verify.ClaimedPublisher{Kind: "GitHub", Repository: "acme/http-client"},
			Log:     []verify.LogEntry{{KnownLog: "https://rekor.sigstore.dev", Index: 1, IndexSigned: true}}}}}},
	}
	if got := Of(claims); len(got) != 0 {
		t.Errorf("links = %v, want none", got)
	}
	if got := Of(nil); len(got) != 0 {
		t.Errorf("links of nothing = %v", got)
	}
}

func FuzzLinks(f *testing.F) {
	f.Add(repo, sha, "a/b.yml", repo+"/actions/runs/1")
	f.Add("https://github.com/a/../b", "x", "../", "javascript:")
	f.Fuzz(func(t *testing.T, repo, commit, path, run string) {
		for _, got := range []string{sourceAt(untrusted.Text(repo), untrusted.Text(commit)), fileAt(untrusted.Text(repo), untrusted.Text(commit), untrusted.Text(path)),
			runOf(untrusted.Text(repo), untrusted.Text(run)), projectAt(untrusted.Text(repo), untrusted.Text(path))} {
			check(t, got, got)
		}
	})
}

// The path of a Go module leads to the repository that it begins with on GitHub, and
// nowhere else.
func TestNamedBy(t *testing.T) {
	t.Parallel()
	for path, want := range map[untrusted.Text]string{
		"github.com/acme/m":              "https://github.com/acme/m",
		"github.com/acme/m/v2/cmd/x":     "https://github.com/acme/m",
		"github.com/acme":                "",
		"github.com/acme/..":             "",
		"github.com/acme/\x1b[2J":        "",
		"github.com//m/x":                "",
		"github.com.evil.example/acme/m": "",
		"evil.example/github.com/acme/m": "",
		"github.com@evil.example/acme/m": "",
		"github.com:444/acme/m":          "",
		"gitlab.com/acme/m":              "",
		"":                               "",
	} {
		r := &verify.Report{Release: verify.Release{Ecosystem: verify.Go, Name: path}, Claims: verify.Claims{Repository: "https://github.com/evil/m"}}
		got := ""
		if all := Of(r); len(all) == 1 && all[0].Kind == Named {
			got = all[0].URL
		}
		if got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}
