package review

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
)

const (
	lenient = "version: 1\nrules: [{status: signed}]\n"
	strict  = "version: 1\nrules: [{status: verified}]\n"
)

// tree is a catalog with a spec under each path, see specText, and files.
func tree(specs map[string]string, files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for path, text := range specs {
		protocol, _, _ := strings.Cut(path, "/")
		fsys[path+"/spec.yaml"] = &fstest.MapFile{Data: []byte(specText(protocol, text))}
	}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// reviewOf compares two catalogs.
func reviewOf(t *testing.T, base, head fs.FS) *Review {
	t.Helper()
	load := func(fsys fs.FS) []catalog.Spec {
		found, _ := catalog.Load(t.Context(), catalog.Source{FS: fsys})
		return found
	}
	r := &Review{Changes: Pair(load(base), load(head))}
	r.CompareRules(base, head)
	return r
}

func TestComparePolicies(t *testing.T) {
	t.Parallel()
	const bump, edit, same = "a:x@1.0.1", "a:x@1.0.0 # edited", "a:x@1.0.0"
	file := func(text string) map[string]string { return map[string]string{policy.FileName: text} }
	for _, tt := range []struct {
		name      string
		was, is   map[string]string // files
		head      string            // the spec there
		want      []string
		different string // observed
	}{
		{"none", nil, nil, bump, nil, ""},
		{"unchanged", file(lenient), file(lenient), bump, nil, ""},
		{"another comment and other lines", file(lenient), file("# why\n\nversion: 1\nrules:\n  - status: signed\n"), bump, nil, ""},
		{"edited with a bump", file(strict), file(lenient), bump, []string{"error review.policy"}, "another, with 1 rule and 0 exceptions"},
		{"edited with an edit", file(strict), file(lenient), edit, []string{"warning review.policy"}, "another"},
		{"edited alone", file(strict), file(lenient), same, []string{"warning review.policy"}, "another"},
		{"deleted with a bump", file(strict), nil, bump, []string{"error review.policy"}, "none"},
		{"added with a bump", nil, file(strict), bump, []string{"error review.policy"}, "1 rule"},
		{"unreadable at the head", file(strict), file("{"), same, []string{"error review.policy"}, "cannot be read"},
		{"unreadable on both sides", file("{"), file("{"), bump, []string{"error review.policy"}, "cannot be read"},
		{"unreadable at the base", file("{"), file(strict), bump, []string{"error review.policy"}, "1 rule"},
		{"with an unknown key at the head", file(strict), file("version: 1\nrules: [{stauts: none}]\n"), bump,
			[]string{"error review.policy"}, "stauts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := reviewOf(t, tree(map[string]string{"npx/a": same}, tt.was), tree(map[string]string{"npx/a": tt.head}, tt.is))
			if got := told(r.Findings); !slices.Equal(got, tt.want) {
				t.Fatalf("got %+v, want %q", r.Findings, tt.want)
			}
			if len(r.Findings) > 0 && !strings.Contains(r.Findings[0].Observed, tt.different) {
				t.Errorf("observed %q, want %q in it", r.Findings[0].Observed, tt.different)
			}
		})
	}
}

// TestComparePoliciesOfKinds holds with which kinds of changes an edited policy
// is an error: those that bring another release.
func TestComparePoliciesOfKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		base, head map[string]string
		want       []string
	}{
		{"added", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:y@1.0.0"},
			[]string{"error review.policy"}},
		{"replaced", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:y@1.0.0"}, []string{"error review.policy"}},
		{"removed", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:y@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0"},
			[]string{"warning review.policy"}},
		{"the catalog's first commit", nil, map[string]string{"npx/a": "a:x@1.0.0"}, []string{"warning review.catalog"}},
	} {
		r := reviewOf(t, tree(tt.base, nil), tree(tt.head, map[string]string{policy.FileName: strict}))
		if got := told(r.Findings); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// decisions is a triage.yaml of "kind package rule" lines.
func decisions(t *testing.T, lines ...string) map[string]string {
	t.Helper()
	var d *triage.Decisions
	for _, line := range lines {
		f := strings.Fields(line)
		protocol, name, _ := strings.Cut(f[1], "/")
		spec := catalog.Spec{Protocol: catalog.Protocol(protocol), Package: untrusted.Text(name), Version: "1.0.1"}
		found := verify.Finding{Rule: f[2], Severity: verify.SeverityError, Expected: "a", Observed: "b"}
		var err error
		if d, err = d.With(triage.Decide(spec, signed(), found, triage.Kind(f[0]), strings.Join(f[3:], " ")+"because")); err != nil {
			t.Fatal(err)
		}
	}
	data, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{triage.FileName: string(data)}
}

func TestCompareDecisions(t *testing.T) {
	t.Parallel()
	const bump, edit, same = "a:x@1.0.1", "a:x@1.0.0 # edited", "a:x@1.0.0"
	for _, tt := range []struct {
		name    string
		was, is map[string]string // files
		head    string
		whole   []string // findings about the whole
		change  []string // and about the change
	}{
		{"none", nil, nil, bump, nil, nil},
		{"unchanged", decisions(t, "known npx/x review.evidence"), decisions(t, "known npx/x review.evidence"), bump, nil, nil},
		{"for itself", nil, decisions(t, "known npx/x review.evidence"), bump, nil, []string{"error review.decision"}},
		{"two for itself", nil, decisions(t, "known npx/x review.evidence", "known npx/x review.publisher"), bump, nil,
			[]string{"error review.decision", "error review.decision"}},
		{"for another", nil, decisions(t, "known npx/y review.evidence", "known npx/z a.b"), bump,
			[]string{"warning review.decision"}, nil},
		{"for the same name of another registry", nil, decisions(t, "known uvx/x review.evidence"), bump,
			[]string{"warning review.decision"}, nil},
		{"with an edit", nil, decisions(t, "known npx/x review.evidence"), edit, nil, []string{"warning review.decision"}},
		{"alone", nil, decisions(t, "known npx/x review.evidence"), same, []string{"warning review.decision"}, nil},
		{"a rejection taken back", decisions(t, "rejected npx/x review.evidence"), nil, bump, nil, []string{"error review.decision"}},
		{"a rejection made known", decisions(t, "rejected npx/x a.b"), decisions(t, "known npx/x a.b"), bump, nil,
			[]string{"error review.decision"}},
		{"a rejection made a note", decisions(t, "rejected npx/x a.b"), decisions(t, "note npx/x a.b"), bump, nil,
			[]string{"error review.decision"}},
		{"more strictly decided", decisions(t, "known npx/x a.b"), decisions(t, "rejected npx/x a.b", "note npx/x c.d"), bump, nil, nil},
		{"tidied up", decisions(t, "known npx/x a.b"), nil, bump, nil, nil},
		{"another reason", decisions(t, "known npx/x a.b"), decisions(t, "known npx/x a.b other "), bump, nil, nil},
		{"unreadable at the head", nil, map[string]string{triage.FileName: "{"}, same, []string{"error review.decision"}, nil},
		{"unreadable at the base", map[string]string{triage.FileName: "{"}, decisions(t, "known npx/x a.b"), bump, nil,
			[]string{"error review.decision"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := reviewOf(t, tree(map[string]string{"npx/a": same}, tt.was), tree(map[string]string{"npx/a": tt.head}, tt.is))
			if got := told(r.Findings); !slices.Equal(got, tt.whole) {
				t.Errorf("of the whole %+v, want %q", r.Findings, tt.whole)
			}
			var got []string
			for i := range r.Changes {
				c := &r.Changes[i]
				c.Before, c.After = &Side{c.Before.Spec, signed()}, &Side{c.After.Spec, signed()}
				c.Judge(nil)
				got = append(got, told(c.Findings)...)
				if (c.Verdict == verify.VerdictFail) != slices.Contains(got, "error review.decision") {
					t.Errorf("verdict %v with findings %q", c.Verdict, got)
				}
			}
			if !slices.Equal(got, tt.change) {
				t.Errorf("of the change %q, want %q", got, tt.change)
			}
		})
	}
}

// TestCompareManyDecisions holds that what is said of decisions is bounded, and
// says what became of each.
func TestCompareManyDecisions(t *testing.T) {
	t.Parallel()
	var itself, others []string
	for i := range maxDecisions + 2 {
		itself = append(itself, fmt.Sprintf("known npx/x a.b%d", i))
		others = append(others, fmt.Sprintf("known npx/other%d a.b", i))
	}
	base, head := map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.1"}
	r := reviewOf(t, tree(base, decisions(t, "rejected npx/x a.b0")), tree(head, decisions(t, append(itself, others...)...)))
	if n := len(r.Changes[0].goalposts); n != maxDecisions {
		t.Errorf("got %d findings about the change, want %d", n, maxDecisions)
	}
	if len(r.Findings) != 1 || !strings.HasSuffix(r.Findings[0].Observed, " and 2 more") {
		t.Errorf("of the whole: %+v", r.Findings)
	}
	if got := r.Changes[0].goalposts[0].Observed; got != "known: because" {
		t.Errorf("observed %q", got)
	}
	r = reviewOf(t, tree(base, decisions(t, "rejected npx/x a.b")), tree(head, nil))
	if got := r.Changes[0].goalposts[0].Observed; got != "no longer rejected: because" {
		t.Errorf("observed %q", got)
	}
}

// TestCompareDecisionsOfPyPI holds that another spelling of a name of PyPI hides
// no decision, and of which side it is does not matter.
func TestCompareDecisionsOfPyPI(t *testing.T) {
	t.Parallel()
	head := decisions(t, "known uvx/FOO.bar a.b")
	for _, tt := range []struct{ was, is string }{{"a:foo-bar@1.0", "a:foo-bar@1.1"}, {"a:foo-bar@1.0", "a:other@1.0"},
		{"a:other@1.0", "a:Foo_Bar@1.0"}} {
		r := reviewOf(t, tree(map[string]string{"uvx/a": tt.was}, nil), tree(map[string]string{"uvx/a": tt.is}, head))
		if len(r.Findings) != 0 || len(r.Changes) != 1 || len(r.Changes[0].goalposts) != 1 {
			t.Errorf("%s to %s: %+v, %+v", tt.was, tt.is, r.Findings, r.Changes)
		}
	}
}
