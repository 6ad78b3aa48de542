package e2e

import (
	"sync"
	"testing"

	"plimsoll/testdata/lab"
	"plimsoll/verify"
)

var wholeDemo [2]struct {
	once    sync.Once
	reports []*verify.Report
}

// demoReports are the reports of every package of the demo, made once for all
// tests, which only read them.
func demoReports(t *testing.T, explain bool) []*verify.Report {
	t.Helper()
	demo := &wholeDemo[0]
	if explain {
		demo = &wholeDemo[1]
	}
	demo.once.Do(func() {
		specs, from := lab.Specs(t), lab.Registries(t)
		demo.reports = lab.Check(t, specs, from, explain)
	})
	return demo.reports
}

const demoSpecs = 209 // 29 of dockyard, 180 attacks

// Every package of the demo gets the status that its spec says it must get,
// explained or not.
func TestDemo(t *testing.T) {
	t.Parallel()
	specs := lab.Specs(t)
	if len(specs) != demoSpecs {
		t.Errorf("the demo has %d specs, this test expects %d", len(specs), demoSpecs)
	}
	for _, explain := range []bool{true, false} {
		for i, report := range demoReports(t, explain) {
			spec := specs[i]
			want := spec.Expect
			if spec.Err != nil { // it cannot say so itself
				want = "unchecked"
			}
			if want == "" {
				t.Errorf("%v does not say what status is expected", spec.Path)
			}
			if report.Status.String() != want {
				t.Errorf("%v (explain %v): expected %s, got %v: %s", spec.Path, explain, want, report.Status, report.Reason)
			}
			if report.Reason == "" {
				t.Errorf("%v: status %v without a reason", spec.Path, report.Status)
			}
		}
	}
}

// What is not verified must have no publisher, and what is must have every
// link of its chain in order.
func TestDemoReportsAreConsistent(t *testing.T) {
	t.Parallel()
	specs := lab.Specs(t)
	for i, report := range demoReports(t, true) {
		path := specs[i].Path
		proven := false
		for _, art := range report.Artifacts {
			for _, att := range art.Attestations {
				green := att.Status == verify.Verified
				proven = proven || green && att.Kind == verify.KindProvenance
				if !green && att.Publisher != nil {
					t.Errorf("%v: an attestation that is %v names a publisher", path, att.Status)
				}
				for _, c := range att.Checks {
					if c.Reason == "" || c.Title == "" {
						t.Errorf("%v: check %s has no title or reason", path, c.ID)
					}
					if green && c.Status != verify.Pass && c.Status != verify.NotApplicable {
						t.Errorf("%v: verified, and check %s is %v: %s", path, c.ID, c.Status, c.Reason)
					}
				}
				if len(att.Checks) == 0 {
					t.Errorf("%v: an explained attestation has no checks", path)
				}
			}
		}
		proven = proven && report.Status != verify.Invalid && report.Status != verify.Unchecked
		if (report.Publisher != nil) != proven {
			t.Errorf("%v: publisher %v, proven %v", path, report.Publisher, proven)
		}
		for _, f := range report.Findings {
			if f.Rule == "verifier.disagrees" {
				t.Errorf("%v: %s: %s", path, f.Message, f.Observed)
			}
		}
	}
}

// What is looked at has the verdict of the report, and says more only of what
// verifies: its checks.
func TestDemoExplained(t *testing.T) {
	t.Parallel()
	specs, plain := lab.Specs(t), demoReports(t, false)
	for i, explained := range demoReports(t, true) {
		if !explained.Same(plain[i]) {
			t.Errorf("%v: expected\n%+v\nfound\n%+v", specs[i].Path, plain[i], explained)
		}
		for _, art := range explained.Artifacts {
			for _, att := range art.Attestations {
				if att.Status == verify.Verified && len(att.Checks) < 8 {
					t.Errorf("%v: only %d checks are listed", specs[i].Path, len(att.Checks))
				}
			}
		}
	}
}
