package report

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/verify"
)

func with(s verify.Status, findings ...verify.Finding) Package {
	return Package{
		Spec:   catalog.Spec{Path: "npx/a/spec.yaml", Protocol: catalog.NPX, Server: "a", Package: "a", Version: "1.0.0"},
		Report: verify.Report{Status: s, Findings: findings},
	}
}

var (
	unreadable = Package{
		Spec: catalog.Spec{Path: "npx/b/spec.yaml", Protocol: catalog.NPX, Server: "b",
			Err: &catalog.SpecError{Path: "npx/b/spec.yaml", Line: 3, Message: "expected a string"}},
		Report: verify.Report{Status: verify.Unchecked},
	}
	severe  = verify.Finding{Rule: "x", Severity: verify.SeverityError, Message: "a severe finding"}
	warning = verify.Finding{Rule: "x", Severity: verify.Warning}
)

func TestExitCode(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		packages []Package
		require  verify.Status
		want     int
	}{
		{"no packages at all", nil, verify.Pending, ExitUsage},
		{"no packages, with a requirement", []Package{}, verify.Verified, ExitUsage},
		{"the zero value", []Package{{}}, verify.Pending, ExitUnchecked},
		{"verified", []Package{with(verify.Verified)}, verify.Pending, ExitOK},
		{"signed", []Package{with(verify.Signed)}, verify.Pending, ExitOK},
		{"none", []Package{with(verify.None)}, verify.Pending, ExitOK},
		{"partial", []Package{with(verify.Partial)}, verify.Pending, ExitOK},
		{"mismatch", []Package{with(verify.Mismatch)}, verify.Pending, ExitFailed},
		{"invalid", []Package{with(verify.Invalid)}, verify.Pending, ExitFailed},
		{"error", []Package{with(verify.Unchecked)}, verify.Pending, ExitUnchecked},
		{"pending", []Package{with(verify.Pending)}, verify.Pending, ExitUnchecked},
		{"a status that does not exist", []Package{with(verify.Status(99))}, verify.Pending, ExitUnchecked},
		{"a finding with severity error", []Package{with(verify.Verified, severe)}, verify.Pending, ExitFailed},
		{"a warning", []Package{with(verify.Verified, warning)}, verify.Pending, ExitOK},
		{"unreadable", []Package{unreadable}, verify.Pending, ExitUsage},
		{"one bad among good", []Package{with(verify.Verified), with(verify.Invalid), with(verify.Verified)}, verify.Pending, ExitFailed},
		{"failed before unchecked", []Package{with(verify.Unchecked), with(verify.Mismatch)}, verify.Pending, ExitFailed},
		{"unreadable before all", []Package{with(verify.Unchecked), with(verify.Invalid), unreadable}, verify.Pending, ExitUsage},
		{"requirement met", []Package{with(verify.Verified), with(verify.Signed)}, verify.Signed, ExitOK},
		{"requirement not met", []Package{with(verify.Verified), with(verify.None)}, verify.Signed, ExitFailed},
		{"requirement not met by what could not be checked", []Package{with(verify.Unchecked)}, verify.None, ExitFailed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ExitCode(tt.packages, tt.require); got != tt.want {
				t.Errorf("ExitCode = %d, want %d", got, tt.want)
			}
		})
	}
}

func TestCountStatuses(t *testing.T) {
	t.Parallel()
	empty := countStatuses(nil)
	if len(empty) != len(verify.Statuses()) {
		t.Errorf("counted %d statuses, want all %d", len(empty), len(verify.Statuses()))
	}
	for name, n := range empty {
		if n != 0 {
			t.Errorf("%s of nothing = %d", name, n)
		}
	}
	count := countStatuses([]Package{with(verify.None), with(verify.None), with(verify.Invalid)})
	if count["none"] != 2 || count["invalid"] != 1 || count["verified"] != 0 {
		t.Errorf("counted %v", count)
	}
}
