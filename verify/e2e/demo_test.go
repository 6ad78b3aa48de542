package e2e

import (
	"net/http"
	"net/url"
	"reflect"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/many"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

func mustURL(t testing.TB, raw string) *url.URL {
	t.Helper()
	u, err := registry.ParseBase(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// registries asks the two bases through a transport.
func registries(t testing.TB, transport http.RoundTripper, npmBase, pypiBase string, material trust.Material) *scan.Registries {
	t.Helper()
	client := registry.New(registry.Options{Transport: transport, Now: func() time.Time { return time.Unix(1_790_000_000, 0) }})
	return &scan.Registries{
		NPM:   npm.New(client, npm.Config{Base: mustURL(t, npmBase)}),
		PyPI:  pypi.New(client, pypi.Config{Index: mustURL(t, pypiBase)}),
		Trust: trust.New(trust.Options{Material: material}),
	}
}

// check verifies every spec and returns the reports in their order.
func check(t testing.TB, specs []catalog.Spec, from scan.Fetcher, explain bool) []*verify.Report {
	t.Helper()
	return checkWith(t, specs, from, verify.Options{Explain: explain})
}

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
		specs, from := loadDemo(t)
		demo.reports = check(t, specs, from, explain)
	})
	return demo.reports
}

func checkWith(t testing.TB, specs []catalog.Spec, from scan.Fetcher, options verify.Options) []*verify.Report {
	t.Helper()
	reports := make([]*verify.Report, len(specs))
	s := scan.Start(t.Context(), scan.Config{Fetch: from}, func(e scan.Event) {
		if e.Kind == scan.Finished {
			reports[e.ID] = e.Report
		}
	})
	for i, spec := range specs {
		s.Submit(scan.Task{ID: i, Spec: spec, Options: options})
	}
	if err := s.Wait(); err != nil {
		t.Fatal(err)
	}
	return reports
}

func loadDemo(t testing.TB) ([]catalog.Spec, *scan.Registries) {
	t.Helper()
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
	}
	specs, err := catalog.Load(t.Context(), sources...)
	if err != nil {
		t.Fatal(err)
	}
	recording, material, err := many.Recording()
	if err != nil {
		t.Fatal(err)
	}
	return specs, registries(t, recording, recording.NPMRegistry(), recording.PyPIIndex(), material)
}

const demoSpecs = 173 // 29 of dockyard, 144 attacks

// Every package of the demo gets the status that its spec says it must get,
// explained or not.
func TestDemo(t *testing.T) {
	t.Parallel()
	specs, _ := loadDemo(t)
	if len(specs) != demoSpecs {
		t.Errorf("the demo has %d specs, this test expects %d", len(specs), demoSpecs)
	}
	broken := demo.Broken()
	for _, explain := range []bool{true, false} {
		for i, report := range demoReports(t, explain) {
			spec := specs[i]
			want := spec.Expect
			if _, ok := broken[string(spec.Path)]; ok {
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
	specs, _ := loadDemo(t)
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

// A brief report says the same as a whole one, and holds nothing that a whole
// one would not hold when it is condensed.
func TestDemoBrief(t *testing.T) {
	t.Parallel()
	specs, from := loadDemo(t)
	for _, explain := range []bool{true, false} {
		whole := demoReports(t, explain)
		brief := checkWith(t, specs, from, verify.Options{Explain: explain, Brief: true})
		for i, report := range whole {
			path := specs[i].Path
			want := *report
			if len(report.Artifacts) > 0 { // where nothing was found, nothing is left out
				want = report.Condensed()
			}
			if !reflect.DeepEqual(want, *brief[i]) {
				t.Errorf("%v (explain %v): expected\n%+v\nfound\n%+v", path, explain, want, *brief[i])
			}
			if again := want.Condensed(); want.Brief && !reflect.DeepEqual(again, want) {
				t.Errorf("%v: condensed twice, the report is another", path)
			}
			for _, art := range brief[i].Artifacts {
				for _, att := range art.Attestations {
					kept := len(att.Raw) + len(att.SCTs)
					for _, cert := range att.Certificates {
						kept += len(cert.DER) + len(cert.Extensions)
					}
					for _, entry := range att.Log {
						kept += len(entry.Body) + len(entry.Note) + len(entry.Proof.Steps)
					}
					if st := att.Statement; st != nil {
						kept += len(st.Payload) + len(st.Predicate)
					}
					if kept > 0 {
						t.Errorf("%v: a brief report holds evidence", path)
					}
				}
			}
		}
	}
}
