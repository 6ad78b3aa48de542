package scan_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/scan"
)

// checkPast checks one spec of the reviewed change, as it is after it.
func checkPast(t *testing.T, path string, configure func(*scan.Config)) *verify.Report {
	t.Helper()
	_, head := demo.Review()
	specs, err := catalog.Load(t.Context(), catalog.Source{FS: head})
	if err != nil {
		t.Fatal(err)
	}
	registries := lab.Registries(t)
	config := scan.Config{Fetch: registries, Versions: registries.Versions}
	configure(&config)
	var got *verify.Report
	s := scan.Start(t.Context(), config, func(e scan.Event) {
		if e.Kind == scan.Finished {
			got = e.Report
		}
	})
	for _, spec := range specs {
		if string(spec.Path) == path {
			s.Submit(scan.Task{Spec: &spec})
		}
	}
	if err := s.Wait(); err != nil || got == nil {
		t.Fatalf("%s: %v, %v", path, got, err)
	}
	return got
}

func needs(n scan.Need) func(*scan.Config) {
	return func(c *scan.Config) { c.Needs = func(catalog.Spec) scan.Need { return n } }
}

func TestPast(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path            string
		need            scan.Need
		loss, publisher string // rules, or what the problem holds
	}{
		{"npx/tide-tables/spec.yaml", scan.NeedPublisher, "", ""},
		{"npx/back-port/spec.yaml", scan.NeedPublisher, "", ""},
		{"npx/rudder-control/spec.yaml", scan.NeedVersions, "history.lost", ""},
		{"npx/keel-gauge/spec.yaml", scan.NeedVersions, "history.line", ""},
		{"npx/re-created/spec.yaml", scan.NeedPublisher, "", "history.recreated"},
		{"npx/re-created/spec.yaml", scan.NeedVersions, "", ""},
		{"npx/mended-hull/spec.yaml", scan.NeedPublisher, "", "1.0.0, the release before it, could not be verified: subject: "},
		{"uvx/captains-laptop/spec.yaml", scan.NeedPublisher, "", "history.repository"},
		{"uvx/half-mast/spec.yaml", scan.NeedPublisher, "history.lost", ""},
		{"uvx/bilge-pump/spec.yaml", scan.NeedPublisher, "history.lost", "history.repository"},
		{"uvx/depth-sounder/spec.yaml", scan.NeedPublisher, "", ""},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			r := checkPast(t, tt.path, needs(tt.need))
			if r.Past == nil {
				t.Fatal("nobody looked")
			}
			check := func(f *verify.Finding, problem, want string) {
				t.Helper()
				got := r.Past.Problem + problem
				if f != nil {
					got = f.Rule
				}
				if !strings.HasPrefix(got, want) || (want == "") != (got == "") {
					t.Errorf("got %q, want %q", got, want)
				}
			}
			check(r.Past.Loss, r.Past.LossProblem, tt.loss)
			check(r.Past.Publisher, r.Past.PublisherProblem, tt.publisher)
			found := ""
			for _, f := range r.Findings {
				if strings.HasPrefix(f.Rule, "history.") {
					found += f.Rule + " "
				}
			}
			if (tt.loss != "" || tt.publisher != "") && found == "" {
				t.Error("no finding tells it")
			}
			if r.Past.Problem == "" && r.Past.Published.IsZero() {
				t.Errorf("not dated: %s", r.Past.PublishedProblem)
			}
		})
	}
}

// Only the packages that need it are asked for, and a failure is theirs alone.
func TestPastIsFetchedOnlyIfNeeded(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	refuse := func(c *scan.Config) {
		c.Versions = func(context.Context, verify.Release) (history.History, error) {
			asked.Add(1)
			return history.History{}, errors.New("the server answers\x1b[2J 503")
		}
	}
	if r := checkPast(t, "npx/tide-tables/spec.yaml", refuse); r.Past != nil || asked.Load() != 0 {
		t.Errorf("nobody needs it: %+v", r.Past)
	}
	r := checkPast(t, "npx/tide-tables/spec.yaml", func(c *scan.Config) { refuse(c); needs(scan.NeedNothing)(c) })
	if r.Past != nil || asked.Load() != 0 {
		t.Errorf("nothing of it is needed: %+v", r.Past)
	}
	r = checkPast(t, "npx/tide-tables/spec.yaml", func(c *scan.Config) { refuse(c); needs(scan.NeedPublisher)(c) })
	if r.Past == nil || r.Past.Problem != `the server answers\x1b[2J 503` || r.Status != verify.Verified {
		t.Errorf("%v: %+v", r.Status, r.Past)
	}
	if last := r.Findings[len(r.Findings)-1]; last.Rule != "history.unchecked" || last.Severity != verify.Info {
		t.Errorf("%+v", last)
	}
	r = checkPast(t, "npx/tide-tables/spec.yaml", func(c *scan.Config) {
		needs(scan.NeedVersions)(c)
		c.Versions = func(context.Context, verify.Release) (history.History, error) { panic("boom") }
	})
	if r.Status != verify.Unchecked {
		t.Errorf("a panic is %v", r.Status)
	}
}
