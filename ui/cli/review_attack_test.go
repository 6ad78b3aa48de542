package cli

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// reviewTrees is a base and a head, of packages of the demo.
type reviewTrees struct{ base, head fstest.MapFS }

// demoChanges returns the change of the demo, with some of its specs only.
func demoChanges(t *testing.T, specs ...string) reviewTrees {
	t.Helper()
	pick := func(from fs.FS) fstest.MapFS {
		picked := fstest.MapFS{}
		for _, spec := range specs {
			if data, err := fs.ReadFile(from, spec+"/spec.yaml"); err == nil {
				picked[spec+"/spec.yaml"] = &fstest.MapFile{Data: data}
			}
		}
		if len(picked) == 0 {
			t.Fatalf("the demo has none of %q", specs)
		}
		return picked
	}
	base, head := demo.Review()
	return reviewTrees{pick(base), pick(head)}
}

// file puts a file into a tree; without text it takes it out.
func file(tree fstest.MapFS, name, text string) {
	delete(tree, name)
	if text != "" {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
}

// move renames a spec's folder, and changes its text.
func move(tree fstest.MapFS, from, to string, edits ...string) {
	text := strings.NewReplacer(edits...).Replace(string(tree[from+"/spec.yaml"].Data))
	delete(tree, from+"/spec.yaml")
	file(tree, to+"/spec.yaml", text)
}

// drop cuts the provenance section off a spec.
func drop(tree fstest.MapFS, spec string) {
	text, _, _ := strings.Cut(string(tree[spec+"/spec.yaml"].Data), "provenance:")
	file(tree, spec+"/spec.yaml", text)
}

// run reviews the change as the command does, offline, on the demo's evidence.
func (trees reviewTrees) run(t *testing.T, ctx context.Context, o options, update func(*review.Review)) (*review.Review, int, error) {
	t.Helper()
	o.demo = demoReview
	e, err := newEngine(ctx, bare(new(bytes.Buffer), new(bytes.Buffer), nil), o, "")
	if err != nil {
		return nil, exitCode(t, err), err
	}
	defer e.close()
	found := &review.Review{Base: demo.ReviewBase, Head: review.WorkTree}
	same := func(name string) bool { // as of two commits
		was, is := trees.base[name], trees.head[name]
		return was != nil && is != nil && bytes.Equal(was.Data, is.Data)
	}
	if err := e.pair(ctx, found, trees.base, catalog.Source{FS: trees.head, Skip: same}); err != nil {
		return nil, exitCode(t, unreadable(err)), unreadable(err)
	}
	if err := e.review(ctx, found, update); err != nil {
		return nil, exitCode(t, err), err
	}
	return found, report.Review{Review: found}.ExitCode(), nil
}

// decide writes decisions about what a review finds of every change into a tree.
func (trees reviewTrees) decide(t *testing.T, into fstest.MapFS, kind triage.Kind) {
	t.Helper()
	found, _, err := trees.run(t, t.Context(), options{}, func(*review.Review) {})
	if err != nil {
		t.Fatal(err)
	}
	var d *triage.Decisions
	for _, c := range found.Changes {
		for _, f := range c.Findings {
			if f.Severity != verify.SeverityError {
				continue
			}
			if d, err = d.With(triage.Decide(c.After.Spec, c.After.Report, f, kind, "agreed")); err != nil {
				t.Fatal(err)
			}
		}
	}
	data, err := d.Marshal()
	if err != nil || d.Len() == 0 {
		t.Fatalf("%d decisions, %v", d.Len(), err)
	}
	file(into, triage.FileName, string(data))
}

// rulesFound returns the rules of what fails or is warned of, those of the whole
// after a "|".
func rulesFound(r *review.Review) string {
	rules := func(findings []verify.Finding) (out []string) {
		for _, f := range findings {
			if f.Severity >= verify.Warning && !slices.Contains(out, f.Rule) {
				out = append(out, f.Rule)
			}
		}
		return out
	}
	var all []string
	for _, c := range r.Changes {
		all = append(all, rules(c.Findings)...)
	}
	if whole := rules(r.Findings); len(whole) > 0 {
		all = append(append(all, "|"), whole...)
	}
	return strings.Join(all, " ")
}

const (
	anyEvidence  = "version: 1\nrules: [{status: none}]\n"
	provenance   = "version: 1\nrules: [{status: verified}]\n"
	noDowngrade  = "version: 1\nrules: [{no_downgrade: true}]\n"
	onlyGitLab   = "version: 1\nrules: [{publisher_kinds: [GitLab]}]\n"
	notReadable  = "{"
	goalposts    = "npx/moved-goalposts"
	goodBump     = "npx/tide-tables"
	signedBump   = "npx/knot-counter"
	hijackedBump = "npx/rudder-control"
)

// TestReviewAttacks tries what somebody would who wants a change to pass, with the
// demo's evidence.
func TestReviewAttacks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		specs   string // of the demo
		change  func(t *testing.T, trees reviewTrees)
		options options
		code    int
		rules   string
		err     string
	}{
		{name: "a good bump", specs: goodBump, code: 0},
		{name: "a release without provenance after those with it", specs: hijackedBump, code: 1, rules: "review.evidence"},
		{name: "the expected publisher edited with the version", specs: goalposts, code: 1, rules: "review.publisher review.expectation"},
		{name: "the spec moved and its demands dropped", specs: "npx/no-goalposts", code: 1, rules: "review.evidence review.expectation",
			change: func(_ *testing.T, trees reviewTrees) {
				move(trees.head, "npx/no-goalposts", "npx/other", "no-goalposts\"\n  desc", "other\"\n  desc")
			}},
		{name: "a second spec without demands", specs: hijackedBump, code: 1, rules: "review.evidence review.expectation",
			change: func(_ *testing.T, trees reviewTrees) {
				move(trees.head, hijackedBump, "npx/other", "name: \"rudder-control\"", "name: other")
				drop(trees.head, "npx/other")
				trees.head[hijackedBump+"/spec.yaml"] = trees.base[hijackedBump+"/spec.yaml"]
			}},
		{name: "a second spec, of what the first cannot be read", specs: hijackedBump, code: 3,
			change: func(_ *testing.T, trees reviewTrees) {
				move(trees.head, hijackedBump, "npx/other", "name: \"rudder-control\"", "name: other")
				move(trees.base, hijackedBump, hijackedBump, "npx", "uvx")
				trees.head[hijackedBump+"/spec.yaml"] = trees.base[hijackedBump+"/spec.yaml"]
			}},
		{name: "back under another protocol", specs: goodBump, code: 1,
			rules: "review.package review.evidence review.publisher review.expectation",
			change: func(_ *testing.T, trees reviewTrees) {
				move(trees.head, goodBump, "uvx/tide-tables", "npx", "uvx", "@harbour/tide-tables", "harbour-depth-sounder",
					"1.5.0", "5.1.0")
				drop(trees.head, "uvx/tide-tables")
			}},
		{name: "another spelling of a name of PyPI", specs: "uvx/bilge-pump", code: 1, rules: "review.evidence",
			change: func(_ *testing.T, trees reviewTrees) {
				move(trees.head, "uvx/bilge-pump", "uvx/pump", "harbour-bilge-pump", "Harbour_Bilge.Pump", "name: \"bilge-pump\"",
					"name: pump")
			}},

		{name: "decided at the base", specs: goalposts, code: 0, rules: "review.publisher review.expectation",
			change: func(t *testing.T, trees reviewTrees) {
				trees.decide(t, trees.base, triage.Known)
				trees.decide(t, trees.head, triage.Known)
			}},
		{name: "decided at the base, and tidied up", specs: goalposts, code: 0, rules: "review.publisher review.expectation",
			change: func(t *testing.T, trees reviewTrees) { trees.decide(t, trees.base, triage.Known) }},
		{name: "decided by the change itself", specs: goalposts, code: 1, rules: "review.publisher review.expectation review.decision",
			change: func(t *testing.T, trees reviewTrees) { trees.decide(t, trees.head, triage.Known) }},
		{name: "rejected at the base, which the change takes back", specs: goalposts, code: 1,
			rules:  "review.publisher review.expectation review.decision",
			change: func(t *testing.T, trees reviewTrees) { trees.decide(t, trees.base, triage.Rejected) }},
		{name: "decided at the base, and nobody obeys", specs: goalposts, code: 1, rules: "review.publisher review.expectation",
			options: options{ignoreTriage: true},
			change:  func(t *testing.T, trees reviewTrees) { trees.decide(t, trees.base, triage.Known) }},
		{name: "decided about another release", specs: goalposts + " " + goodBump, code: 1, rules: "review.publisher review.expectation",
			change: func(t *testing.T, trees reviewTrees) {
				trees.decide(t, trees.base, triage.Known)
				text := string(trees.base[triage.FileName].Data)
				file(trees.base, triage.FileName, strings.ReplaceAll(text, "moved-goalposts", "tide-tables"))
				file(trees.head, triage.FileName, string(trees.base[triage.FileName].Data))
			}},

		{name: "the base's policy holds", specs: signedBump, code: 1, change: func(_ *testing.T, trees reviewTrees) {
			file(trees.base, policy.FileName, provenance)
			file(trees.head, policy.FileName, provenance)
		}},
		{name: "the policy dropped", specs: signedBump, code: 1, rules: "| review.policy",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.base, policy.FileName, provenance) }},
		{name: "the policy weakened with a good bump", specs: goodBump, code: 1, rules: "| review.policy",
			change: func(_ *testing.T, trees reviewTrees) {
				file(trees.base, policy.FileName, provenance)
				file(trees.head, policy.FileName, anyEvidence)
			}},
		{name: "the policy edited alone", specs: goodBump, code: 0, rules: "| review.policy", change: func(_ *testing.T,
			trees reviewTrees) {
			maps.Copy(trees.head, trees.base)
			file(trees.base, policy.FileName, provenance)
		}},
		{name: "the policy unreadable at the base", specs: goodBump, code: 2, err: "policy.yaml",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.base, policy.FileName, notReadable) }},
		{name: "the policy unreadable at the head", specs: goodBump, code: 1, rules: "| review.policy",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.head, policy.FileName, notReadable) }},
		{name: "the base's policy looks at earlier versions", specs: hijackedBump, code: 1,
			rules: "review.evidence policy.no_downgrade history.lost", change: func(_ *testing.T, trees reviewTrees) {
				file(trees.base, policy.FileName, noDowngrade)
				file(trees.head, policy.FileName, noDowngrade)
			}},
		{name: "the operator's policy wins", specs: goodBump, code: 1, options: options{policy: onlyGitLab},
			change: func(_ *testing.T, trees reviewTrees) { // at the base the package meets what the catalog demands
				file(trees.base, policy.FileName, anyEvidence)
				file(trees.head, policy.FileName, anyEvidence)
			}},
		{name: "the operator's policy wins over one that cannot be read", specs: goodBump, code: 1, rules: "| review.policy",
			options: options{policy: anyEvidence},
			change:  func(_ *testing.T, trees reviewTrees) { file(trees.base, policy.FileName, notReadable) }},
		{name: "decisions unreadable at the base", specs: goodBump, code: 2, err: "triage.yaml",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.base, triage.FileName, notReadable) }},
		{name: "decisions unreadable at the base, and nobody obeys", specs: goodBump, code: 0, options: options{ignoreTriage: true},
			change: func(_ *testing.T, trees reviewTrees) { file(trees.base, triage.FileName, notReadable) }},
		{name: "decisions unreadable at the head", specs: goodBump, code: 1, rules: "| review.decision",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.head, triage.FileName, notReadable) }},

		{name: "the catalog's first commit", specs: goodBump, code: 0, rules: "| review.catalog", change: func(_ *testing.T,
			trees reviewTrees) {
			clear(trees.base)
			file(trees.head, policy.FileName, provenance)
		}},
		{name: "no catalog any more", specs: goodBump, code: 2, err: "not a catalog", change: func(_ *testing.T,
			trees reviewTrees) {
			clear(trees.head)
		}},
		{name: "unreadable at the head", specs: goodBump + " " + hijackedBump, code: 2, rules: "review.evidence",
			change: func(_ *testing.T, trees reviewTrees) { file(trees.head, goodBump+"/spec.yaml", notReadable) }},
		{name: "unreadable at the base", specs: goodBump, code: 3,
			change: func(_ *testing.T, trees reviewTrees) { file(trees.base, goodBump+"/spec.yaml", notReadable) }},
		{name: "unreadable on both sides, with a good bump", specs: goodBump + " " + signedBump, code: 0, change: func(_ *testing.T,
			trees reviewTrees) {
			file(trees.base, signedBump+"/spec.yaml", notReadable)
			file(trees.head, signedBump+"/spec.yaml", notReadable)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			trees := demoChanges(t, strings.Fields(tt.specs)...)
			if tt.change != nil {
				tt.change(t, trees)
			}
			if text := tt.options.policy; text != "" {
				tt.options.policy = filepath.Join(t.TempDir(), "operator.yaml")
				if err := os.WriteFile(tt.options.policy, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			found, code, err := trees.run(t, t.Context(), tt.options, func(*review.Review) {})
			if code != tt.code {
				t.Errorf("exit code %d, want %d (%v)", code, tt.code, err)
			}
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("got the error %v, want %q in it", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := rulesFound(found); got != tt.rules {
				t.Errorf("found %q, want %q", got, tt.rules)
				for _, c := range found.Changes {
					t.Logf("%s %s: %s; %+v", c.Kind, c.Path, c.Summary(), c.Findings)
				}
			}
		})
	}
}

func exitCode(t *testing.T, err error) int {
	t.Helper()
	failed, ok := errors.AsType[*exitError](err)
	if !ok {
		t.Fatalf("got the error %v, want one with an exit code", err)
	}
	return failed.code
}

// counting is a fetcher that counts.
type counting struct {
	scan.Fetcher
	fetched atomic.Int64
}

func (c *counting) Fetch(ctx context.Context, spec catalog.Spec, progress func(string)) (verify.Evidence, verify.Trust, error) {
	c.fetched.Add(1)
	return c.Fetcher.Fetch(ctx, spec, progress)
}

// TestReviewVerifiesOnce holds that what several changes have in common is
// verified once, and that results come as copies that stay as they are.
func TestReviewVerifiesOnce(t *testing.T) {
	t.Parallel()
	trees := demoChanges(t, goodBump)
	for i := range 5 { // the same bump in other folders, whose servers have other names
		other := "npx/tide-" + string(rune('a'+i))
		file(trees.base, other+"/spec.yaml", strings.ReplaceAll(string(trees.base[goodBump+"/spec.yaml"].Data),
			"name: \"tide-tables\"", "name: "+other[4:]))
		file(trees.head, other+"/spec.yaml", strings.ReplaceAll(string(trees.head[goodBump+"/spec.yaml"].Data),
			"name: \"tide-tables\"", "name: "+other[4:]))
	}
	e, err := newEngine(t.Context(), bare(new(bytes.Buffer), new(bytes.Buffer), nil), options{demo: demoReview}, "")
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	count := &counting{Fetcher: e.config.Fetch}
	e.config.Fetch = count
	found := &review.Review{}
	if err := e.pair(t.Context(), found, trees.base, catalog.Source{FS: trees.head}); err != nil {
		t.Fatal(err)
	}
	var updates []*review.Review
	judged := func(r *review.Review) (n int) {
		for _, c := range r.Changes {
			if c.Judged() && c.Verdict == verify.VerdictPass {
				n++
			}
		}
		return n
	}
	var counts []int
	if err := e.review(t.Context(), found, func(r *review.Review) {
		updates, counts = append(updates, r), append(counts,
			judged(r))
	}); err != nil {
		t.Fatal(err)
	}
	if n := count.fetched.Load(); n != 2 {
		t.Errorf("fetched %d releases, want 2", n)
	}
	if last := counts[len(counts)-1]; last != len(found.Changes) || last != 6 || !slices.IsSorted(counts) {
		t.Errorf("judged %v of %d changes", counts, len(found.Changes))
	}
	for i, r := range updates {
		if judged(r) != counts[i] {
			t.Errorf("update %d changed after it was given: %d are judged, %d were", i, judged(r), counts[i])
		}
	}
}

// TestReviewInterrupted holds that a review that is interrupted has no result.
func TestReviewInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	trees := demoChanges(t, goodBump, hijackedBump, signedBump)
	found, code, err := trees.run(t, ctx, options{}, func(*review.Review) { cancel() })
	if found != nil || code != report.ExitUnchecked || !errors.Is(err, errInterrupted) {
		t.Errorf("got %+v, exit code %d, %v", found, code, err)
	}
	if found, code, err = trees.run(t, ctx, options{},
		func(*review.Review) {}); found != nil || code != report.ExitUnchecked || !errors.Is(err, errInterrupted) {
		t.Errorf("cancelled before: got %+v, exit code %d, %v", found, code, err)
	}
}
