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
		r := published(p, "p")
		r.Release, r.Status, r.Publisher = verify.Release{Ecosystem: e, Name: name, Version: "1.0"}, status, p
		if status == verify.Invalid {
			r.Artifacts[0].Status = status
		}
		return r
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
			h := History{Release: release, Versions: []Version{{Version: "1.0"}}}
			h.Compare(tt.report, nil)
			if got := h.Versions[0].Publisher == publisher; got != tt.known {
				t.Errorf("%+v", h.Versions[0])
			}
			if tt.known {
				h.Compare(report(verify.PyPI, "my-pkg", verify.Invalid, nil))
				if h.Versions[0].Publisher != publisher {
					t.Error("what could not be checked took its place")
				}
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
