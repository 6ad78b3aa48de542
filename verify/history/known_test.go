package history

import (
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func TestPublishers(t *testing.T) {
	t.Parallel()
	publisher := &verify.Publisher{Repository: "https://github.com/acme/x"}
	release := verify.Release{Ecosystem: verify.PyPI, Name: "My.Pkg", Version: "2.0"}
	report := func(e verify.Ecosystem, name untrusted.Text, status verify.Status, p *verify.Publisher) *verify.Report {
		return &verify.Report{Release: verify.Release{Ecosystem: e, Name: name, Version: "1.0"}, Status: status, Publisher: p}
	}
	for a, b := range map[untrusted.Text]untrusted.Text{"x": "X", "x-y": "x_y", "y": "z"} {
		if samePackage(verify.Release{Ecosystem: verify.NPM, Name: a}, verify.Release{Ecosystem: verify.NPM, Name: b}) {
			t.Errorf("npm's %s and %s are the same", a, b)
		}
	}
	for _, tt := range []struct {
		name   string
		report *verify.Report
		known  bool
	}{
		{"verified", report(verify.PyPI, "my-pkg", verify.Verified, publisher), true},
		{"partial", report(verify.PyPI, "my-pkg", verify.Partial, publisher), true},
		{"another than the spec says, and proven", report(verify.PyPI, "my-pkg", verify.Mismatch, publisher), true},
		{"invalid", report(verify.PyPI, "my-pkg", verify.Invalid, publisher), false},
		{"another package", report(verify.PyPI, "my-pkg2", verify.Verified, publisher), false},
		{"another registry", report(verify.NPM, "my-pkg", verify.Verified, publisher), false},
		{"no publisher", report(verify.PyPI, "my-pkg", verify.Verified, nil), false},
		{"no report", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			known := Publishers(release, tt.report)
			if got := known["1.0"] == publisher; got != tt.known || len(known) > 1 || !tt.known && len(known) > 0 {
				t.Errorf("%+v", known)
			}
		})
	}
}

func TestUncheckedIsNoWarning(t *testing.T) {
	t.Parallel()
	if f := Unchecked("the server answers 503"); f.Severity != verify.Info || f.Rule != ruleUnchecked || f.Message != "the versions before could not be looked at: the server answers 503" {
		t.Errorf("%+v", f)
	}
}
