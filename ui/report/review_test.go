package report

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
)

// side is one side of a change: a package of the host's repository acme/NAME, at
// a commit made of one digit.
func side(name, version string, status verify.Status, digit string, findings ...verify.Finding) *review.Side {
	s := &review.Side{
		Spec: catalog.Spec{
			Path: untrusted.Text("npx/" + name + "/spec.yaml"), Protocol: catalog.NPX, Server: untrusted.Text(name),
			Package: untrusted.Text("@acme/" + name), Version: untrusted.Text(version),
			Provenance: catalog.Provenance{RepositoryURI: untrusted.Text("https://github.com/acme/" + name)},
			Lines:      catalog.LinesOf(map[string]int{"spec.package": 7, "spec.version": 8, "provenance": 10, "provenance.repository_uri": 11}),
		},
		Report: &verify.Report{Status: status, Reason: "the reason of " + status.String(), Findings: findings},
	}
	if status == verify.Verified {
		s.Report.Publisher = &verify.Publisher{Kind: "GitHub", Repository: untrusted.Text("https://github.com/acme/" + name),
			RepositoryID: "7", OwnerID: "8", Commit: untrusted.Text(strings.Repeat(digit, 40))}
	}
	return s
}

// bump is a bump that passes.
func bump(name string) review.Change {
	return review.Change{Path: untrusted.Text("npx/" + name + "/spec.yaml"), Kind: review.Bumped,
		Before: side(name, "1.0.0", verify.Verified, "a"), After: side(name, "1.1.0", verify.Verified, "b"),
		Publisher: history.PublisherSame, Evidence: review.EvidenceSame, Verdict: verify.VerdictPass}
}

// brings adds what a change brings, and its verdict.
func brings(c review.Change, verdict verify.Verdict, why string, findings ...verify.Finding) review.Change {
	c.Verdict, c.Why, c.Findings = verdict, why, findings
	c.After.Report.Findings = append(c.After.Report.Findings, findings...)
	return c
}

var (
	lost = verify.Finding{Rule: "review.evidence", Severity: verify.SeverityError,
		Message: "the release has less evidence than the one before", Expected: "provenance", Observed: "a registry signature"}
	another = verify.Finding{Rule: "review.workflow", Severity: verify.Warning, Message: "another workflow published the release",
		Expected: ".github/workflows/release.yml", Observed: ".github/workflows/other.yml"}
	edited = verify.Finding{Rule: "review.expectation", Severity: verify.SeverityError,
		Message: "the change alters the source repository that the spec demands", Expected: "https://github.com/acme/edited", Observed: "https://github.com/evil/edited"}
	evil = verify.Finding{Rule: "review.publisher", Severity: verify.SeverityError, Message: "another publisher than before",
		Expected: "https://github.com/acme/hijacked", Observed: "https://github.com/evil/hijacked"}
	note = verify.Finding{Rule: "attestations.undocumented", Severity: verify.Info, Message: "verified attestations could be documented"}
)

func accepted(f verify.Finding) verify.Finding {
	f.Known, f.Decision = true, "known by alice until 2026-12-31: the maintainers moved to another registry"
	return f
}

func lostEvidence(name string) review.Change {
	c := bump(name)
	c.After = side(name, "1.1.0", verify.Signed, "")
	c.Publisher, c.Evidence = history.PublisherNone, review.EvidenceLost
	return brings(c, verify.VerdictFail, lost.Message+": expected provenance, found a registry signature", lost)
}

// mixed are changes of every kind and verdict, by path.
func mixed() []review.Change {
	waived := lostEvidence("waived")
	waived.After.Report.Findings = nil
	waived = brings(waived, verify.VerdictPass, "", accepted(lost))

	added := bump("new")
	added.Kind, added.Before = review.Added, nil
	added.Publisher, added.Evidence = history.PublisherUnknown, review.EvidenceUnknown
	removed := bump("old")
	removed.Kind, removed.After = review.Removed, nil
	removed.Publisher, removed.Evidence = history.PublisherUnknown, review.EvidenceUnknown

	moved := bump("moved")
	moved.Kind, moved.From = review.Edited, "npx/before/spec.yaml"
	moved.Before.Spec.Path, moved.After.Spec.Version = moved.From, "1.0.0"
	moved.After.Report.Publisher.Commit = moved.Before.Report.Publisher.Commit

	expectation := bump("edited")
	expectation.After.Spec.Provenance.RepositoryURI = "https://github.com/evil/edited"
	expectation = brings(expectation, verify.VerdictFail, findingText(edited), edited)

	hijacked := bump("hijacked")
	hijacked.Publisher = history.PublisherChanged
	hijacked.After.Report.Publisher.Repository, hijacked.After.Report.Publisher.RepositoryID = "https://github.com/evil/hijacked", "9"
	hijacked = brings(hijacked, verify.VerdictFail, findingText(evil), evil)

	unknown := bump("unknown")
	unknown.Before = side("unknown", "1.0.0", verify.Unchecked, "")
	unknown.Publisher, unknown.Evidence = history.PublisherUnknown, review.EvidenceUnknown
	unknown = brings(unknown, verify.VerdictUnchecked,
		"the version before could not be checked, so nothing tells what was lost: the registry does not answer")

	stale := verify.Finding{Rule: "publisher.workflow", Severity: verify.SeverityError, Message: "the certificate names another workflow"}
	standing := bump("standing")
	standing.Before.Report.Findings, standing.After.Report.Findings = []verify.Finding{stale}, []verify.Finding{stale}
	standing = brings(standing, verify.VerdictFail, stale.Message)

	none := bump("none")
	none.Before, none.After = side("none", "1.0.0", verify.None, ""), side("none", "1.1.0", verify.None, "")
	none.Publisher = history.PublisherNone

	unreadable := bump("unreadable")
	unreadable.After = &review.Side{
		Spec: catalog.Spec{Path: "npx/unreadable/spec.yaml", Protocol: catalog.NPX, Server: "unreadable",
			Err: &catalog.SpecError{Path: "npx/unreadable/spec.yaml", Line: 3, Message: "expected a string"}},
		Report: &verify.Report{Status: verify.Unchecked, Reason: "the spec cannot be read"},
	}
	unreadable.Publisher, unreadable.Evidence = history.PublisherUnknown, review.EvidenceUnknown
	unreadable = brings(unreadable, verify.VerdictUnchecked, "npx/unreadable/spec.yaml:3: expected a string")

	changes := []review.Change{bump("good"), bump("better"), lostEvidence("axios"), waived, added, removed, moved, expectation, hijacked, unknown, standing,
		none, unreadable, brings(bump("workflow"), verify.VerdictPass, "", another, note)}
	slices.SortFunc(changes, func(a, b review.Change) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return changes
}

func reviewOf(changes ...review.Change) Review {
	found := &review.Review{Base: strings.Repeat("c", 40), Head: strings.Repeat("d", 40), Changes: changes}
	return Review{Review: found, Trust: demoTrust, Generated: evening}
}

// judgedByPolicy is a review of which the whole fails.
func judgedByPolicy() Review {
	r := reviewOf(mixed()...)
	r.Findings = []verify.Finding{{Rule: "review.policy", Severity: verify.SeverityError,
		Message: "the change edits policy.yaml, by which its packages are judged"}}
	return r
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func reviewText(t *testing.T, text Text, r Review) string {
	t.Helper()
	return written(t, func(w io.Writer) error { return text.Review(w, r) })
}

func reviewMarkdown(t *testing.T, r Review) string { t.Helper(); return written(t, r.WriteMarkdown) }

func TestReviewIsGolden(t *testing.T) {
	t.Parallel()
	ascii := Text{Theme: theme.New(theme.Options{Plain: true, ASCII: true})}
	colour := Text{Theme: theme.New(theme.Options{Color: true})}
	worktree := reviewOf()
	worktree.Head = review.WorkTree
	noRoot := reviewOf(brings(bump("good"), verify.VerdictUnchecked, "no trust root: the network is not used; and more"))
	noRoot.Trust = Trust{Problem: "no trust root: the network is not used"}
	for name, got := range map[string]string{
		"review-good.txt":        reviewText(t, plainText, reviewOf(bump("good"))),
		"review-bad.txt":         reviewText(t, plainText, reviewOf(lostEvidence("axios"))),
		"review-mixed.txt":       reviewText(t, plainText, judgedByPolicy()),
		"review-ascii.txt":       reviewText(t, ascii, judgedByPolicy()),
		"review-colour.txt":      reviewText(t, colour, judgedByPolicy()),
		"review-nothing.txt":     reviewText(t, plainText, worktree),
		"review-no-root.txt":     reviewText(t, plainText, noRoot),
		"review-good.md":         reviewMarkdown(t, reviewOf(bump("good"))),
		"review-bad.md":          reviewMarkdown(t, reviewOf(lostEvidence("axios"))),
		"review-mixed.md":        reviewMarkdown(t, judgedByPolicy()),
		"review-nothing.md":      reviewMarkdown(t, worktree),
		"review-mixed.json":      written(t, func(w io.Writer) error { return judgedByPolicy().WriteJSON(w, false) }),
		"review-good-whole.json": written(t, func(w io.Writer) error { return reviewOf(bump("good")).WriteJSON(w, true) }),
		"review-mixed.sarif":     written(t, func(w io.Writer) error { return SARIF{Version: "v1"}.WriteReview(w, judgedByPolicy()) }),
	} {
		t.Run(name, func(t *testing.T) { testfiles.Golden(t, name, strings.ReplaceAll(got, "\x1b", "␛")) })
	}
}

func TestReviewExitCode(t *testing.T) {
	t.Parallel()
	find := func(name string) review.Change {
		changes := mixed()
		return changes[slices.IndexFunc(changes, func(c review.Change) bool { return string(c.Path) == "npx/"+name+"/spec.yaml" })]
	}
	for _, tt := range []struct {
		name    string
		changes []review.Change
		whole   []verify.Finding
		want    int
	}{
		{"no spec differs", nil, nil, ExitOK},
		{"a bump that passes", []review.Change{find("good")}, nil, ExitOK},
		{"with a warning", []review.Change{find("workflow")}, nil, ExitOK},
		{"what was lost is accepted", []review.Change{find("waived")}, nil, ExitOK},
		{"removed", []review.Change{find("old")}, nil, ExitOK},
		{"evidence lost", []review.Change{find("axios")}, nil, ExitFailed},
		{"the version before is unchecked", []review.Change{find("unknown")}, nil, ExitUnchecked},
		{"not judged at all", []review.Change{{Kind: review.Bumped}}, nil, ExitUnchecked},
		{"a verdict that does not exist", []review.Change{{Verdict: 99}}, nil, ExitUnchecked},
		{"fail before unchecked", []review.Change{find("unknown"), find("axios"), find("good")}, nil, ExitFailed},
		{"unreadable before all", []review.Change{find("axios"), find("unreadable")}, nil, ExitUsage},
		{"an error about the whole", []review.Change{find("good")}, judgedByPolicy().Findings, ExitFailed},
		{"an error about the whole, and no spec differs", nil, judgedByPolicy().Findings, ExitFailed},
		{"a warning about the whole", []review.Change{find("good")}, []verify.Finding{warning}, ExitOK},
		{"unreadable at the base only",
			[]review.Change{{Kind: review.Removed, Before: find("unreadable").After, Verdict: verify.VerdictPass}}, nil, ExitOK},
	} {
		r := reviewOf(tt.changes...)
		r.Findings = tt.whole
		if got := r.ExitCode(); got != tt.want {
			t.Errorf("%s: exit code %d, want %d", tt.name, got, tt.want)
		}
	}
}

// Only what is proven has a check mark, and is green.
func TestReviewIsGreenOnlyForWhatIsProven(t *testing.T) {
	t.Parallel()
	colour := Text{Theme: theme.New(theme.Options{Color: true})}
	const green = "\x1b[32m"
	for _, c := range mixed() {
		proven := c.Verdict == verify.VerdictPass && c.After != nil && c.After.Report.Status == verify.Verified
		if text := reviewText(t, colour, reviewOf(c)); strings.Contains(text, green) != proven || strings.Contains(text, "✓ pass") != proven {
			t.Errorf("%s: green: %v, want %v\n%s", c.Path, !proven, proven, text)
		}
		if text := reviewMarkdown(t, reviewOf(c)); strings.Contains(text, "✓") != proven {
			t.Errorf("%s: a check mark: %v, want %v\n%s", c.Path, !proven, proven, text)
		}
	}
}

// Every decision that was honoured, every reason and every commit range is in
// each format that has a place for it.
func TestReviewSaysItInEveryFormat(t *testing.T) {
	t.Parallel()
	r := judgedByPolicy()
	decision := accepted(lost).Decision
	for format, tt := range map[string]struct {
		text string
		want []string
	}{
		"text": {reviewText(t, plainText, r),
			[]string{decision, "the registry does not answer", "acme/good/compare/aaaa", "policy.yaml", "another workflow published the release"}},
		"Markdown": {strings.ReplaceAll(reviewMarkdown(t, r), `\`, ""),
			[]string{decision, "the registry does not answer", "acme/good/compare/aaaa", "policy.yaml", "another workflow published the release"}},
		"JSON": {written(t, func(w io.Writer) error { return r.WriteJSON(w, false) }),
			[]string{decision, "the registry does not answer", "acme/good/compare/aaaa", "policy.yaml", "another workflow published the release"}},
		"SARIF": {written(t, func(w io.Writer) error { return SARIF{}.WriteReview(w, r) }),
			[]string{decision, "the registry does not answer", `"kind": "external"`, "policy.yaml", "another workflow published the release"}},
	} {
		for _, want := range tt.want {
			if !strings.Contains(tt.text, want) {
				t.Errorf("%s: no %q in\n%s", format, want, tt.text)
			}
		}
	}
}

// A decision about a finding that stood before is honoured, and so is listed.
func TestReviewListsDecisionsAboutWhatStoodBefore(t *testing.T) {
	t.Parallel()
	c := bump("good")
	old := accepted(verify.Finding{Rule: "release.yanked", Severity: verify.SeverityError, Message: "a file was yanked"})
	c.Before.Report.Findings, c.After.Report.Findings = []verify.Finding{old}, []verify.Finding{old}
	r := reviewOf(c)
	for format, text := range map[string]string{
		"text": reviewText(t, plainText, r), "Markdown": strings.ReplaceAll(reviewMarkdown(t, r), `\`, ""),
		"JSON":  written(t, func(w io.Writer) error { return r.WriteJSON(w, false) }),
		"SARIF": written(t, func(w io.Writer) error { return SARIF{}.WriteReview(w, r) }),
	} {
		if !strings.Contains(text, old.Decision) {
			t.Errorf("%s: no %q in\n%s", format, old.Decision, text)
		}
	}
}

// The JSON of design: changes in order of their paths, every verdict and kind
// counted.
func TestReviewJSON(t *testing.T) {
	t.Parallel()
	document := decode[reviewDocument](t, []byte(written(t, func(w io.Writer) error { return judgedByPolicy().WriteJSON(w, false) })))
	if document.Schema != "plimsoll/review/v1" || len(document.Base) != 40 || document.Verdict != "fail" || len(document.Findings) != 1 {
		t.Errorf("%+v", document)
	}
	if !slices.IsSortedFunc(document.Changes, func(a, b changeDocument) int { return strings.Compare(string(a.Spec), string(b.Spec)) }) {
		t.Error("the changes are not ordered by path")
	}
	total := 0
	for _, n := range document.Summary.ByKind {
		total += n
	}
	if total != document.Summary.Total || total != len(document.Changes) || len(document.Summary.ByVerdict) != 3 || len(document.Summary.ByKind) != 5 {
		t.Errorf("summary %+v", document.Summary)
	}
	for _, c := range document.Changes {
		if (c.Reason == "") != (c.Verdict == "pass") {
			t.Errorf("%s is %s, and the reason is %q", c.Spec, c.Verdict, c.Reason)
		}
		if (c.Before == nil) != (c.Kind == "added") || (c.After == nil) != (c.Kind == "removed") {
			t.Errorf("%s: %s has %v and %v", c.Spec, c.Kind, c.Before, c.After)
		}
	}
	whole := written(t, func(w io.Writer) error { return reviewOf(bump("good")).WriteJSON(w, true) })
	if n := strings.Count(whole, `"schema": "plimsoll/report/v1"`); n != 2 {
		t.Errorf("%d sides are whole, want both\n%s", n, whole)
	}
	empty := map[string]any{}
	if err := json.Unmarshal([]byte(written(t, func(w io.Writer) error { return reviewOf().WriteJSON(w, false) })), &empty); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"changes", "findings"} {
		if list, ok := empty[name].([]any); !ok || len(list) != 0 {
			t.Errorf("%s = %v, want an empty array", name, empty[name])
		}
	}
}

// A change has a result with the level error if and only if it does not pass,
// each at a line that it touched.
func TestReviewSARIF(t *testing.T) {
	t.Parallel()
	lines := map[string]int{"axios": 8, "edited": 11, "hijacked": 8, "standing": 8, "unknown": 8, "unreadable": 3, "workflow": 8, "waived": 8}
	run := func(r Review) readRun {
		return decode[readLog](t, []byte(written(t, func(w io.Writer) error { return SARIF{Base: "tools"}.WriteReview(w, r) }))).Runs[0]
	}
	for _, c := range mixed() {
		failing := false
		for _, result := range run(reviewOf(c)).Results {
			at := result.Locations[0].PhysicalLocation
			if at.ArtifactLocation.URI != "tools/"+string(c.Path) || at.Region.StartLine != lines[string(headOf(&c).Spec.Server)] && result.Level != "note" {
				t.Errorf("%s: %s at %+v", c.Path, result.RuleID, at)
			}
			failing = failing || result.Level == "error" && len(result.Suppressions) == 0
		}
		if failing == (c.Verdict == verify.VerdictPass) {
			t.Errorf("%s: %v, and a result with the level error: %v", c.Path, c.Verdict, failing)
		}
	}
	whole := run(judgedByPolicy())
	prints := map[string]bool{}
	for i, result := range whole.Results {
		if whole.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
			t.Errorf("result %d: rule %q is not at index %d", i, result.RuleID, result.RuleIndex)
		}
		print := result.PartialFingerprints["plimsollFinding/v1"]
		if prints[print] {
			t.Errorf("result %d: its fingerprint is not its own", i)
		}
		prints[print] = true
	}
	if at := whole.Results[0].Locations[0].PhysicalLocation; at.ArtifactLocation.URI != "tools/policy.yaml" || at.Region.StartLine != 1 {
		t.Errorf("the policy is at %+v", at)
	}
	if n := len(run(reviewOf()).Results); n != 0 {
		t.Errorf("%d results, and no spec differs", n)
	}
}

// A demand that was edited is found at its own line, if it is still there.
func TestReviewSARIFPointsAtWhatWasEdited(t *testing.T) {
	t.Parallel()
	publisher := func(kind, repository, workflow untrusted.Text) *catalog.Attestations {
		return &catalog.Attestations{Available: true, Publisher: &catalog.Publisher{Kind: kind, Repository: repository, Workflow: workflow}}
	}
	at := catalog.LinesOf(map[string]int{"spec.version": 8, "provenance.repository_uri": 11, attestationsKey: 14, availableKey: 15, publisherKey: 16,
		publisherKey + ".kind": 17, publisherKey + ".repository": 18, publisherKey + ".workflow": 19})
	for _, tt := range []struct {
		name     string
		edit     func(*catalog.Spec)
		observed string
		want     int
	}{
		{"the publisher", func(s *catalog.Spec) { s.Provenance.Attestations = publisher("GitHub", "evil/x", "release.yml") }, "evil/x", 18},
		{"the workflow", func(s *catalog.Spec) { s.Provenance.Attestations = publisher("GitHub", "acme/x", "evil.yml") }, "evil.yml", 19},
		{"kind and workflow: the kind", func(s *catalog.Spec) { s.Provenance.Attestations = publisher("GitLab", "acme/x", "evil.yml") }, "GitLab", 17},
		{"kind and workflow: the workflow", func(s *catalog.Spec) { s.Provenance.Attestations = publisher("GitLab", "acme/x", "evil.yml") }, "evil.yml", 19},
		{"a demand that is gone", func(s *catalog.Spec) {
			s.Provenance.Attestations = nil
			s.Version = "1.1.0"
			s.Lines = catalog.LinesOf(map[string]int{"spec.version": 8})
		}, "nothing", 8},
	} {
		c := bump("x")
		c.Kind = review.Edited
		c.Before.Spec.Provenance.Attestations = publisher("GitHub", "acme/x", "release.yml")
		c.After.Spec = c.Before.Spec
		c.After.Spec.Lines = at
		tt.edit(&c.After.Spec)
		f := edited
		f.Observed = tt.observed
		if got := lineIn(&c)(f); got != tt.want {
			t.Errorf("%s: line %d, want %d", tt.name, got, tt.want)
		}
	}
}

// The table of the text keeps its columns.
func TestReviewTableIsAligned(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]theme.Options{"unicode": {Plain: true}, "ASCII": {Plain: true, ASCII: true}} {
		wide := bump("日本語")
		changes := append(mixed(), wide)
		lines := strings.Split(reviewText(t, Text{Theme: theme.New(options)}, reviewOf(changes...)), "\n")
		column := theme.Width(lines[0][:strings.Index(lines[0], "IN SHORT")])
		for _, line := range lines[1 : 1+len(changes)] {
			if before, after := theme.Split(line, column); !strings.HasSuffix(before, "  ") || strings.HasPrefix(after, " ") || after == "" {
				t.Errorf("%s: the last column begins elsewhere than at %d: %q", name, column, line)
			}
		}
	}
}
