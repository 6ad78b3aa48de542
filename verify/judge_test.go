package verify

import "testing"

func TestMeets(t *testing.T) {
	t.Parallel()
	// met lists, for each requirement, all statuses that meet it.
	met := map[Status][]Status{
		Verified: {Verified},
		Partial:  {Verified, Partial},
		Signed:   {Verified, Signed},
		None:     {Verified, Partial, Signed, None},
		Pending:  Statuses(),
		Invalid:  {}, Mismatch: {}, Unchecked: {}, // cannot be required
	}
	for _, require := range Statuses() {
		want, ok := met[require]
		if !ok {
			t.Errorf("the table does not know %v", require)
		}
		for _, status := range Statuses() {
			expected := false
			for _, s := range want {
				expected = expected || s == status
			}
			if got := status.Meets(require); got != expected {
				t.Errorf("Meets(%v, %v) = %v, want %v", status, require, got, expected)
			}
		}
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	problem := Finding{Rule: "x", Severity: SeverityError, Message: "it differs", Expected: "a", Observed: "b"}
	known, operator := problem, problem
	known.Known = true
	operator.Known, operator.Operator = true, true
	warning := Finding{Rule: "w", Severity: Warning, Message: "a warning"}
	knownWarning := warning
	knownWarning.Known = true
	for _, tt := range []struct {
		name    string
		report  Report
		require Status
		want    Verdict
		why     string
	}{
		{"zero", Report{}, Pending, VerdictUnchecked, "the status is pending"},
		{"verified", Report{Status: Verified}, Verified, VerdictPass, ""},
		{"verified with a warning", Report{Status: Verified, Findings: []Finding{warning}}, Verified, VerdictPass, ""},
		{"verified with an error", Report{Status: Verified, Findings: []Finding{problem}}, Pending, VerdictFail, "it differs: expected a, found b"},
		{"known", Report{Status: Verified, Findings: []Finding{known}}, Verified, VerdictPass, ""},
		{"the operator's", Report{Status: Verified, Findings: []Finding{operator}}, Pending, VerdictFail, "it differs: expected a, found b"},
		{"one known of two", Report{Status: Signed, Findings: []Finding{known, problem}}, Pending, VerdictFail, "it differs: expected a, found b"},
		{"signed", Report{Status: Signed, Reason: "signed only"}, Pending, VerdictPass, ""},
		{"signed, more required", Report{Status: Signed, Reason: "signed only"}, Verified, VerdictFail, "expected at least verified, found signed: signed only"},
		{"none", Report{Status: None}, None, VerdictPass, ""},
		{"partial is not signed", Report{Status: Partial}, Signed, VerdictFail, "expected at least signed, found partial: the status is partial"},
		{"mismatch", Report{Status: Mismatch, Findings: []Finding{problem}}, Pending, VerdictFail, "it differs: expected a, found b"},
		{"mismatch, known", Report{Status: Mismatch, Findings: []Finding{known}}, Pending, VerdictPass, ""},
		{"mismatch, known, none required", Report{Status: Mismatch, Findings: []Finding{known}}, None, VerdictFail, "expected at least none, found mismatch: the status is mismatch"},
		{"mismatch, only a warning known", Report{Status: Mismatch, Reason: "r", Findings: []Finding{knownWarning}}, Pending, VerdictFail, "r"},
		{"invalid, known", Report{Status: Invalid, Reason: "forged", Findings: []Finding{known}}, Pending, VerdictFail, "forged"},
		{"unchecked", Report{Status: Unchecked, Reason: "no network"}, Pending, VerdictUnchecked, "no network"},
		{"unchecked, known", Report{Status: Unchecked, Reason: "no network", Findings: []Finding{knownWarning, known}}, Pending, VerdictUnchecked, "no network"},
		{"unchecked, none required", Report{Status: Unchecked, Reason: "no network"}, None, VerdictFail, "expected at least none, found unchecked: no network"},
		{"no trust root", Report{Status: Verified, Unverified: "no root", Reason: "r"}, Pending, VerdictUnchecked, "r"},
		{"a file of evidence", Report{Status: Bound}, Pending, VerdictUnchecked, "the status is bound"},
		{"no such status", Report{Status: 99}, Pending, VerdictUnchecked, "the status is pending"},
	} {
		if got, why := Judge(&tt.report, tt.require); got != tt.want || why != tt.why {
			t.Errorf("%s: %v, %q, want %v, %q", tt.name, got, why, tt.want, tt.why)
		}
	}
}

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
