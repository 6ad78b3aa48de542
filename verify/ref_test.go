package verify

import (
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// A match is written only for two values that are equal: the ref, or the whole
// commit. A branch says nothing, and what contradicts is a warning.
func TestRefs(t *testing.T) {
	t.Parallel()
	commit := strings.Repeat("a1b2c3d4", 5)
	sha256 := strings.Repeat("a1b2c3d4", 8)
	long := strings.Repeat("a1b2c3d4", 8)
	const tag, none = "refs/tags/v1.0.0", Severity(255)
	for _, tc := range []struct {
		ref, proven, commit string
		result              Result
		severity            Severity
	}{
		{tag, tag, commit, ResultMatch, none},
		{"v1.0.0", tag, commit, ResultMatch, none},
		{"tags/v1.0.0", tag, commit, ResultMatch, none},
		{commit, tag, commit, ResultMatch, none},
		{strings.ToUpper(commit), tag, commit, ResultMatch, none},
		{strings.ToUpper(sha256), tag, sha256, ResultMatch, none},
		{commit, "", commit, ResultMatch, none},
		{long, tag, long, ResultMatch, none},
		{"acme-http@1.0.0", "refs/tags/acme-http@1.0.0", commit, ResultMatch, none},
		{"@acme/http@1.0.0", "refs/tags/@acme/http@1.0.0", commit, ResultMatch, none},
		{"release/1.0.0", "refs/tags/release/1.0.0", commit, ResultMatch, none},
		{"refs/pull/7/merge", "refs/pull/7/merge", commit, ResultMatch, none},
		{"a1b2c3d", "refs/tags/a1b2c3d", commit, ResultMatch, none},

		{"refs/heads/main", "refs/heads/main", commit, ResultOnly, none},
		{"heads/next", tag, commit, ResultOnly, none},
		{"refs/remotes/origin/next", tag, commit, ResultOnly, none},
		{"HEAD", tag, commit, ResultOnly, none},
		{"next", "refs/heads/next", commit, ResultOnly, none},

		{"a1b2c3d", tag, commit, ResultOnly, Info},
		{"A1B2C3D4A1B2", tag, commit, ResultOnly, Info},
		{commit[:39], tag, commit, ResultOnly, Info},
		{commit, tag, long, ResultOnly, Info},

		{"a1b2c3", tag, commit, ResultDiffers, Warning}, // shorter than git writes it
		{"b1b2c3d", tag, commit, ResultDiffers, Warning},
		{"a1b2c3d", tag, "", ResultDiffers, Warning},
		{strings.Repeat("b", 40), tag, commit, ResultDiffers, Warning},
		{long, tag, commit, ResultDiffers, Warning},
		{commit, tag, "", ResultDiffers, Warning},
		{commit, "refs/tags/" + commit, strings.Repeat("b", 40), ResultDiffers, Warning}, // a tag that is called as a commit
		{"v1.0.0", "refs/heads/v1.0.0", commit, ResultDiffers, Warning},                  // a branch that is called as a tag
		{"release/1.0.0", "refs/heads/release/1.0.0", commit, ResultDiffers, Warning},
		{"refs/tags/main", "refs/heads/main", commit, ResultDiffers, Warning},
		{"refs/pull/7/merge", tag, commit, ResultDiffers, Warning},
		{"v1.0", tag, commit, ResultDiffers, Warning},
		{"next", tag, commit, ResultDiffers, Warning},
	} {
		p := publisher(t, release, modern(nil))
		p.Ref, p.Commit = untrusted.Text(tc.proven), untrusted.Text(tc.commit)
		w := witnesses{want: catalog.Provenance{RepositoryRef: untrusted.Text(tc.ref)}, version: "1.0.0", publisher: p}
		row, findings := w.judge(w.refRow(p, &statement.Provenance{}))
		severity := none
		for _, f := range findings {
			severity = f.Severity
			if f.Rule != "provenance.repository_ref" || f.Message == "" || row.Reason == "" {
				t.Errorf("%s: %+v, %+v", tc.ref, row, f)
			}
		}
		if row.Result != tc.result || severity != tc.severity || len(findings) > 1 {
			t.Errorf("%s, proven %s %s: %v, severity %v: %s", tc.ref, tc.proven, tc.commit, row.Result, severity, row.Reason)
		}
		if alone, found := (witnesses{want: w.want, version: "1.0.0"}).judge(w.refRow(&Publisher{}, &statement.Provenance{})); alone.Result != ResultOnly || len(found) > 0 && found[0].Severity != Warning {
			t.Errorf("%s, nothing proven: %+v, %+v", tc.ref, alone, found)
		}
	}
}
