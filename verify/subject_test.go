package verify

import (
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// A statement names a release as npm writes the purl, and in no other way: not
// percent-encoded further, not in another case.
func TestNPMPURL(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, version, subject string }{
		{"x", "1.0.0", "pkg:npm/x@1.0.0"},
		{"@s/x", "1.0.0", "pkg:npm/%40s/x@1.0.0"},
		{"x", "1.0.0+b.7", "pkg:npm/x@1.0.0+b.7"},
		{"@s/x", "1.0.0-rc.1+b", "pkg:npm/%40s/x@1.0.0-rc.1+b"},
		{"JSONStream", "1.3.5", "pkg:npm/JSONStream@1.3.5"},
		{"a~b!c", "1.0.0", "pkg:npm/a~b!c@1.0.0"},
	} {
		r := released{release: Release{Ecosystem: NPM, Name: untrusted.Text(tt.name), Version: untrusted.Text(tt.version)}}
		if got := npmPURL(r.release); got != tt.subject {
			t.Errorf("%s@%s: got %s, want %s", tt.name, tt.version, got, tt.subject)
		}
	}
	r := released{release: Release{Ecosystem: NPM, Name: "@s/x", Version: "1.0.0+b.7"}}
	for _, other := range []untrusted.Text{
		"pkg:npm/@s/x@1.0.0+b.7", "pkg:npm/%40s%2fx@1.0.0+b.7", "pkg:npm/%40s/x@1.0.0%2Bb.7", "pkg:npm/%40s/x@1.0.0", "pkg:npm/%40s/x@1.0.0+b.8",
		"pkg:npm/%40S/x@1.0.0+b.7", "pkg:npm/%40s/x@1.0.0 b.7", "pkg:npm/%40s/x@1.0.0+b.7?a=b", "PKG:npm/%40s/x@1.0.0+b.7",
	} {
		out := r.subject(&statement.Statement{Subjects: []statement.Subject{{Name: other}}})
		if out.status != Fail {
			t.Errorf("%s names the release", other)
		}
	}
}
