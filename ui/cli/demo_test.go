package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// expectedChange is what a spec of the demo says of itself: the status of its
// package, and what a review must say of its change.
type expectedChange struct {
	Expect string
	Change struct {
		Kind, Verdict, Publisher, Evidence string
		Errors, Warnings                   []string // rules of what the change brings
	} `yaml:"expect_change"`
}

func expectation(t *testing.T, fsys fs.FS, path string) (e expectedChange) {
	t.Helper()
	data, err := fs.ReadFile(fsys, path)
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Plimsoll *expectedChange `yaml:"x-plimsoll"`
	}
	file.Plimsoll = &e
	if err := yaml.Unmarshal(data, &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return e
}

// The review of the demo says of every change what its spec says that it must:
// its kind, the verdict, publisher and evidence, and the rules that decide.
func TestReviewOfDemo(t *testing.T) {
	t.Parallel()
	e, err := newEngine(t.Context(), bare(t.Output(), t.Output(), nil), options{demo: demoReview}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	found, err := e.changes(t.Context(), reviewOptions{format: formatText})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.review(t.Context(), found, func(*review.Review) {}); err != nil {
		t.Fatal(err)
	}
	base, head := demo.Review()
	expecting := changesExpected(t, base, head)
	for _, c := range found.Changes {
		expected := checkSide(t, base, c.Before)
		if c.After != nil {
			expected = checkSide(t, head, c.After)
		}
		expecting[c.Path] = false
		got, want := expectedChange{}.Change, expected.Change
		got.Kind, got.Verdict, got.Publisher, got.Evidence = c.Kind.String(), c.Verdict.String(), c.Publisher.Name(), c.Evidence.String()
		got.Errors, got.Warnings = rulesOf(c.Findings, verify.SeverityError), rulesOf(c.Findings, verify.Warning)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: expected %v, found %v", c.Path, want, got)
			for _, f := range c.Findings {
				t.Logf("  %v %s: %s: expected %q, found %q", f.Severity, f.Rule, f.Message, f.Expected, f.Observed)
			}
		}
	}
	if len(found.Findings) != 1 || found.Findings[0].Rule != "review.policy" || found.Findings[0].Severity != verify.SeverityError {
		t.Errorf("the change lowers what the policy demands, and %+v", found.Findings)
	}
	for path, missing := range expecting {
		if missing {
			t.Errorf("%s: its change is not reviewed", path)
		}
	}
	if len(expecting) < 40 {
		t.Errorf("expected at least 40 changes, found %d", len(expecting))
	}
}

// rulesOf returns the rules of the findings of one severity, sorted, each once.
func rulesOf(findings []verify.Finding, severity verify.Severity) (rules []string) {
	for _, f := range findings {
		if f.Severity == severity {
			rules = append(rules, f.Rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

// changesExpected are the paths of the specs that expect a change to be reviewed.
func changesExpected(t *testing.T, trees ...fs.FS) map[untrusted.Text]bool {
	t.Helper()
	paths := map[untrusted.Text]bool{}
	for _, fsys := range trees {
		files, err := fs.Glob(fsys, "*/*/spec.yaml")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if expectation(t, fsys, path).Change.Kind != "" {
				paths[untrusted.Text(path)] = true
			}
		}
	}
	return paths
}

// checkSide holds the status of one side of a change, and returns what its spec
// expects.
func checkSide(t *testing.T, fsys fs.FS, side *review.Side) expectedChange {
	t.Helper()
	if side == nil {
		return expectedChange{}
	}
	expected := expectation(t, fsys, string(side.Spec.Path))
	if got := side.Report.Status.String(); got != expected.Expect {
		t.Errorf("%s %s: expected %s, found %s: %s", side.Spec.Path, side.Spec.Version, expected.Expect, got, side.Report.Reason)
	}
	return expected
}

// What a person accepts on the demo is written in memory, read again from there, and
// goes with the screen.
func TestDemoIsWrittenInMemory(t *testing.T) {
	t.Parallel()
	for _, part := range []demoFlag{demoHonest, demoAttacks, demoBoth, demoReview} {
		written := newRewritableDemo(part)
		specs, err := catalog.Load(t.Context(), written...)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(specs, func(s catalog.Spec) bool { return s.Err == nil })
		before := specs[at]
		text, err := written.read(before)
		if err != nil {
			t.Fatal(err)
		}
		changed := append(slices.Clone(text), "# accepted\n"...)
		after, err := written.write(before, changed)
		if err != nil || after.Path != before.Path || after.SHA256 == before.SHA256 {
			t.Fatalf("%s: %v became %v, %v", part, before.Path, after.Path, err)
		}
		if _, err := written.write(before, text); !errors.Is(err, catalog.ErrChanged) {
			t.Errorf("%s: what was changed meanwhile was overwritten: %v", part, err)
		}
		if _, err := written.write(after, []byte("a: [")); err == nil {
			t.Errorf("%s: what is no spec was written", part)
		}
		again, err := catalog.Load(t.Context(), written...)
		if err != nil || again[at].SHA256 != after.SHA256 || len(again) != len(specs) {
			t.Errorf("%s: %d specs are read again, of %d: %v", part, len(again), len(specs), err)
		}
		if back, err := written.write(after, text); err != nil || back.SHA256 != before.SHA256 {
			t.Errorf("%s: not taken back: %v", part, err)
		}
		untouched, err := catalog.Load(t.Context(), part.sources()...)
		if err != nil || untouched[at].SHA256 != before.SHA256 {
			t.Errorf("%s: the program's own spec is another one: %v", part, err)
		}
	}
}

func TestTheReviewOfTheDemoIsNamed(t *testing.T) {
	t.Parallel()
	o := options{demo: demoHonest, catalog: "demo dockyard"}
	if err := (reviewOptions{format: formatText}).check(&o); err != nil || o.catalog != "demo review" {
		t.Errorf("the title is %q (%v)", o.catalog, err)
	}
}
