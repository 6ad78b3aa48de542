package verify

import "testing"

func TestOutstanding(t *testing.T) {
	warning, failure := Finding{Severity: Warning}, Finding{Severity: SeverityError}
	accepted := Finding{Severity: SeverityError, Known: true}
	for _, tc := range []struct {
		name     string
		status   Status
		findings []Finding
		want     Severity
		stands   bool
	}{
		{"nothing", Verified, nil, Info, false},
		{"information", Verified, []Finding{{Severity: Info}}, Info, false},
		{"a warning", Verified, []Finding{{Severity: Info}, warning}, Warning, true},
		{"what a policy demands", Signed, []Finding{warning, failure}, SeverityError, true},
		{"accepted", Verified, []Finding{accepted}, Info, false},
		{"accepted beside a warning", Verified, []Finding{accepted, warning}, Warning, true},
		{"a verdict that says it", Mismatch, []Finding{failure}, Info, false},
		{"could not be checked", Unchecked, []Finding{warning}, Info, false},
	} {
		r := &Report{Status: tc.status, Findings: tc.findings}
		if got, stands := r.Outstanding(); got != tc.want || stands != tc.stands {
			t.Errorf("%s: %v, %v", tc.name, got, stands)
		}
	}
	if _, stands := (*Report)(nil).Outstanding(); stands {
		t.Error("something stands beside no report")
	}
}
