package verify

import (
	"slices"
	"strings"
	"testing"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// A file that no rule places in a release is named in a warning, and changes no
// verdict: what carries provenance still does.
func TestUnplacedFilesAreAWarning(t *testing.T) {
	t.Parallel()
	ev := Evidence{
		Release:   Release{Ecosystem: PyPI, Name: "foo", Version: "1.0"},
		Artifacts: []Artifact{{Filename: "foo-1.0.tar.gz"}},
	}
	quiet := Verify(ev, catalog.Provenance{}, Trust{})
	ev.Unplaced, ev.MoreUnplaced = []untrusted.Text{"foo-1.0.egg", "a\x1b[2J.exe", ""}, 4
	report := Verify(ev, catalog.Provenance{}, Trust{})
	i := slices.IndexFunc(report.Findings, func(f Finding) bool { return f.Rule == "release.other-files" })
	if i < 0 || report.Status != quiet.Status {
		t.Fatalf("status %v, was %v; findings %+v", report.Status, quiet.Status, report.Findings)
	}
	f := report.Findings[i]
	if f.Severity != Warning || !strings.Contains(f.Message, `foo-1.0.egg, a\x1b[2J.exe, an entry without a name and 4 more`) {
		t.Errorf("%+v", f)
	}
	for _, f := range quiet.Findings {
		if f.Rule == "release.other-files" {
			t.Errorf("%+v", f)
		}
	}
}

// What a registry's client noticed is in the report, with and without a trust
// root, and changes no verdict.
func TestFindingsOfTheClient(t *testing.T) {
	t.Parallel()
	noticed := Finding{Rule: "registry.setting", Severity: Warning, Message: "an index is configured and not asked"}
	for name, trust := range map[string]Trust{"trust root": {Root: &root.BaseTrustedMaterial{}}, "no trust root": {RootError: "there is none"}} {
		ev := Evidence{Release: Release{Ecosystem: PyPI, Name: "foo", Version: "1.0"}, Artifacts: []Artifact{{Filename: "foo-1.0.tar.gz"}}}
		quiet := Verify(ev, catalog.Provenance{}, trust)
		ev.Findings = []Finding{noticed}
		report := Verify(ev, catalog.Provenance{}, trust)
		if !slices.Contains(report.Findings, noticed) || slices.Contains(quiet.Findings, noticed) || report.Status != quiet.Status {
			t.Errorf("%s: status %v, was %v; findings %+v", name, report.Status, quiet.Status, report.Findings)
		}
	}
}
