package triage

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
	"plimsoll/testdata/seeds"
	"plimsoll/verify"
)

var (
	spec     = catalog.Spec{Path: "npx/x/spec.yaml", Protocol: catalog.NPX, Package: "@acme/x", Version: "1.0.0"}
	workflow = verify.Finding{Rule: "publisher.workflow", Severity: verify.SeverityError, Message: "the workflow is not what the spec expects", Expected: "a.yml", Observed: "b.yml"}
	metadata = verify.Finding{Rule: "metadata.repository", Severity: verify.Warning, Message: "m", Expected: "a", Observed: "b"}
	remark   = verify.Finding{Rule: "spec.silent", Severity: verify.Info, Message: "i"}
	today    = day("2026-06-01")
)

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// report is of one file, built from acme/x, and has the findings.
func report(status verify.Status, findings ...verify.Finding) *verify.Report {
	return &verify.Report{
		Release: verify.Release{Ecosystem: verify.NPM, Name: "@acme/x", Version: "1.0.0"},
		Status:  status, Reason: "because", Findings: findings,
		Artifacts: []verify.ArtifactReport{{
			Filename: "x.tgz", Digest: verify.Digest{Algorithm: "sha512", Hex: "aa"}, Status: verify.Verified,
			Attestations: []verify.Attestation{{Kind: verify.KindProvenance, Status: verify.Verified, Publisher: &verify.Publisher{
				Repository: "https://github.com/acme/x", RepositoryID: "1", Workflow: "b.yml", Issuer: "https://issuer.example",
				Signer: "https://github.com/acme/x/b.yml@refs/tags/v1", Ref: "refs/tags/v1",
			}}},
			Signatures: []verify.Signature{{KeyID: "SHA256:k", Status: verify.Verified}},
		}},
	}
}

func with(t *testing.T, d *Decisions, added ...Decision) *Decisions {
	t.Helper()
	for _, a := range added {
		var err error
		if d, err = d.With(a); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// states returns "rule state" and what changed of each finding.
func states(judged []Judged) string {
	var out []string
	for _, j := range judged {
		text := j.Finding.Rule + " " + j.State.String()
		for _, c := range j.changed {
			text += map[string]string{changedFinding: " finding", changedArtifacts: " artifacts", changedPublisher: " publisher", changedDate: " date"}[c]
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func TestApply(t *testing.T) {
	t.Parallel()
	until := func(d Decision, last string) Decision { d.Until = day(last); return d }
	base := report(verify.Mismatch, workflow, metadata, remark)
	known := Decide(spec, base, workflow, Known, "renamed")
	rejected := Decide(spec, base, metadata, Rejected, "not ours")
	note := Decide(spec, base, workflow, Note, "asked them")
	operators := workflow
	operators.Operator = true
	other := func(change func(*verify.Report)) *verify.Report {
		r := report(verify.Mismatch, workflow)
		change(r)
		return r
	}
	for name, test := range map[string]struct {
		decisions []Decision
		report    *verify.Report
		want      string
		verdict   verify.Verdict // once the decisions were written into the report
	}{
		"nothing decided":     {nil, base, "publisher.workflow open; metadata.repository open", verify.VerdictFail},
		"known":               {[]Decision{known}, base, "publisher.workflow known; metadata.repository open", verify.VerdictPass},
		"rejected warning":    {[]Decision{known, rejected}, base, "publisher.workflow known; metadata.repository rejected", verify.VerdictFail},
		"note":                {[]Decision{note}, base, "publisher.workflow open; metadata.repository open", verify.VerdictFail},
		"last day":            {[]Decision{until(known, "2026-06-01")}, report(verify.Mismatch, workflow), "publisher.workflow known", verify.VerdictPass},
		"day after":           {[]Decision{until(known, "2026-05-31")}, report(verify.Mismatch, workflow), "publisher.workflow resurfaced date", verify.VerdictFail},
		"other rule":          {[]Decision{rejected}, report(verify.Mismatch, workflow), "publisher.workflow open", verify.VerdictFail},
		"other digest":        {[]Decision{known}, other(func(r *verify.Report) { r.Artifacts[0].Digest.Hex = "ab" }), "publisher.workflow resurfaced artifacts", verify.VerdictFail},
		"other version":       {[]Decision{known}, other(func(r *verify.Report) { r.Release.Version = "1.0.1" }), "publisher.workflow resurfaced artifacts", verify.VerdictFail},
		"one more file":       {[]Decision{known}, other(func(r *verify.Report) { r.Artifacts = append(r.Artifacts, verify.ArtifactReport{Filename: "y"}) }), "publisher.workflow resurfaced artifacts", verify.VerdictFail},
		"other repository id": {[]Decision{known}, other(func(r *verify.Report) { publisher(r).RepositoryID = "2" }), "publisher.workflow resurfaced publisher", verify.VerdictFail},
		"other issuer": {[]Decision{until(known, "2020-01-01")}, other(func(r *verify.Report) { publisher(r).Issuer = "x"; r.Artifacts = append(r.Artifacts, r.Artifacts[0]) }),
			"publisher.workflow resurfaced artifacts publisher date", verify.VerdictFail},
		"only another ref": {[]Decision{known}, other(func(r *verify.Report) {
			publisher(r).Signer = "https://github.com/acme/x/b.yml@refs/tags/v2"
		}), "publisher.workflow known", verify.VerdictPass},
		"something else found": {[]Decision{known}, other(func(r *verify.Report) { r.Findings[0].Observed = "evil.yml" }), "publisher.workflow resurfaced finding", verify.VerdictFail},
		"rejected, then changed": {[]Decision{Decide(spec, base, workflow, Rejected, "no")}, other(func(r *verify.Report) { r.Artifacts[0].Digest.Hex = "ab" }),
			"publisher.workflow resurfaced artifacts", verify.VerdictFail},
		"two of a rule, one known": {[]Decision{known}, other(func(r *verify.Report) {
			r.Findings = append(r.Findings, verify.Finding{Rule: workflow.Rule, Severity: verify.SeverityError, Observed: "c.yml"})
		}), "publisher.workflow known; publisher.workflow open", verify.VerdictFail},
		"invalid stays":         {[]Decision{Decide(spec, report(verify.Invalid, workflow), workflow, Known, "x")}, report(verify.Invalid, workflow), "publisher.workflow open; status.invalid open", verify.VerdictFail},
		"invalid, status known": {[]Decision{statusDecision(report(verify.Invalid), RuleInvalid, Known)}, report(verify.Invalid), "status.invalid open", verify.VerdictFail},
		"invalid, rejected":     {[]Decision{statusDecision(report(verify.Invalid), RuleInvalid, Rejected)}, report(verify.Invalid), "status.invalid rejected", verify.VerdictFail},
		"error":                 {nil, report(verify.Unchecked), "status.unchecked open", verify.VerdictUnchecked},
		"error, known":          {[]Decision{statusDecision(report(verify.Unchecked), RuleUnchecked, Known)}, report(verify.Unchecked), "status.unchecked known", verify.VerdictUnchecked},
		"error, rejected":       {[]Decision{statusDecision(report(verify.Unchecked), RuleUnchecked, Rejected)}, report(verify.Unchecked), "status.unchecked rejected", verify.VerdictFail},
		"error, noted":          {[]Decision{statusDecision(report(verify.Unchecked), RuleUnchecked, Note)}, report(verify.Unchecked), "status.unchecked open", verify.VerdictUnchecked},
		"operator's, known":     {[]Decision{known}, report(verify.Mismatch, operators), "publisher.workflow open", verify.VerdictFail},
		"operator's, rejected":  {[]Decision{Decide(spec, base, workflow, Rejected, "no")}, report(verify.Mismatch, operators), "publisher.workflow rejected", verify.VerdictFail},
		"error and mismatch":    {nil, report(verify.Unchecked, workflow), "publisher.workflow open; status.unchecked open", verify.VerdictFail},
		"verified":              {[]Decision{known}, report(verify.Verified, remark), "", verify.VerdictPass},
		"pending":               {nil, nil, "", verify.VerdictUnchecked},
	} {
		t.Run(name, func(t *testing.T) {
			got := with(t, nil, test.decisions...).Apply(spec, test.report, today)
			if states(got) != test.want {
				t.Errorf("got  %s\nwant %s", states(got), test.want)
			}
			reviewed := &verify.Report{}
			if test.report != nil {
				*reviewed = *test.report
				with(t, nil, test.decisions...).Review(spec, reviewed, today)
			}
			if verdict, why := verify.Judge(reviewed, verify.Pending); verdict != test.verdict {
				t.Errorf("verdict %v (%s), want %v", verdict, why, test.verdict)
			}
			for _, j := range got {
				if (j.Decision == nil) != (j.Why == "") {
					t.Errorf("%+v: a decision has a reason, and nothing else", j)
				}
			}
		})
	}
}

func publisher(r *verify.Report) *verify.Publisher { return r.Artifacts[0].Attestations[0].Publisher }

func statusDecision(r *verify.Report, rule string, kind Kind) Decision {
	return Decide(spec, r, verify.Finding{Rule: rule, Message: r.Reason, Observed: r.Reason}, kind, "so it is")
}

func TestWhy(t *testing.T) {
	t.Parallel()
	base := report(verify.Mismatch, workflow)
	d := Decide(spec, base, workflow, Known, "renamed")
	d.By, d.At, d.Until = "jdoe", day("2026-01-02"), day("2026-06-30")
	why := func(r *verify.Report, at string) string {
		return with(t, nil, d).Apply(spec, r, day(at))[0].Why
	}
	if got := why(base, "2026-06-01"); got != "known by jdoe on 2026-01-02 until 2026-06-30: renamed" {
		t.Errorf("known: %q", got)
	}
	if got := why(base, "2026-07-01"); got != "known by jdoe on 2026-01-02: renamed; since then its date has passed" {
		t.Errorf("resurfaced: %q", got)
	}
	if got := why(report(verify.Invalid, workflow), "2026-06-01"); !strings.Contains(got, "cannot be marked as known") {
		t.Errorf("invalid: %q", got)
	}
}

// What was decided about a status that no finding explains stands in the report
// as that status weighs: what could not be checked is no error.
func TestReviewOfAStatus(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status   verify.Status
		rule     string
		kind     Kind
		severity verify.Severity
		decision string
	}{
		{verify.Unchecked, RuleUnchecked, Note, verify.Warning, "open: noted: so it is"},
		{verify.Unchecked, RuleUnchecked, Known, verify.Warning, "known: so it is"},
		{verify.Unchecked, RuleUnchecked, Rejected, verify.SeverityError, "rejected: so it is"},
		{verify.Invalid, RuleInvalid, Note, verify.SeverityError, "open: noted: so it is"},
	} {
		r := report(test.status)
		with(t, nil, statusDecision(r, test.rule, test.kind)).Review(spec, r, today)
		if len(r.Findings) != 1 || r.Findings[0].Rule != test.rule || r.Findings[0].Severity != test.severity || r.Findings[0].Decision != test.decision {
			t.Errorf("%v, %s: %+v", test.status, test.kind, r.Findings)
		}
	}
}

func TestStatesAreNamed(t *testing.T) {
	t.Parallel()
	for state, want := range map[State]string{StateOpen: "open", StateResurfaced: "resurfaced", StateRejected: "rejected", StateKnown: "known", StateKnown + 1: "open", 255: "open"} {
		if got := state.String(); got != want {
			t.Errorf("state %d is %q, want %q", uint8(state), got, want)
		}
	}
}

// A bad status that no finding explains has one of its own; one that is
// explained has not.
func TestExplained(t *testing.T) {
	t.Parallel()
	art := func(name untrusted.Text, s verify.Status) verify.ArtifactReport {
		return verify.ArtifactReport{Filename: name, Status: s}
	}
	missing := verify.Finding{Rule: "evidence.missing", Severity: verify.Warning, Message: "a: gone"}
	forged := verify.Finding{Rule: "attestation.invalid", Severity: verify.SeverityError, Message: "a: forged"}
	for name, test := range map[string]struct {
		r    verify.Report
		want string
	}{
		"explained":             {verify.Report{Status: verify.Unchecked, Artifacts: []verify.ArtifactReport{art("a", verify.Unchecked)}, Findings: []verify.Finding{missing}}, "evidence.missing open"},
		"another file's":        {verify.Report{Status: verify.Unchecked, Artifacts: []verify.ArtifactReport{art("a", verify.None), art("b", verify.Unchecked)}, Findings: []verify.Finding{missing}}, "evidence.missing open; status.unchecked open"},
		"only one of two files": {verify.Report{Status: verify.Invalid, Artifacts: []verify.ArtifactReport{art("a", verify.Invalid), art("b", verify.Invalid)}, Findings: []verify.Finding{forged}}, "attestation.invalid open; status.invalid open"},
		"invalid, explained":    {verify.Report{Status: verify.Invalid, Artifacts: []verify.ArtifactReport{art("a", verify.Invalid)}, Findings: []verify.Finding{forged}}, "attestation.invalid open"},
		"no file":               {verify.Report{Status: verify.Unchecked, Findings: []verify.Finding{missing}}, "evidence.missing open; status.unchecked open"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := states((*Decisions)(nil).Apply(spec, &test.r, today)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBinding(t *testing.T) {
	t.Parallel()
	base := BindingOf(report(verify.Verified))
	two := func(r *verify.Report, a, b string) *verify.Report {
		r.Artifacts = append(r.Artifacts, r.Artifacts[0])
		r.Artifacts[0].Digest.Hex, r.Artifacts[1].Digest.Hex = a, b
		return r
	}
	if BindingOf(two(report(verify.Verified), "1", "2")) != BindingOf(two(report(verify.Verified), "2", "1")) {
		t.Error("the order of the files matters")
	}
	if BindingOf(two(report(verify.Verified), "1", "1")).Publisher != base.Publisher {
		t.Error("a second file of the same publisher is another publisher")
	}
	unproven := report(verify.Invalid)
	unproven.Artifacts[0].Attestations[0].Status = verify.Invalid
	if BindingOf(unproven).Publisher == base.Publisher {
		t.Error("a publisher that was not proven counts")
	}
	rotated := report(verify.Signed)
	rotated.Artifacts[0].Attestations = nil
	before := BindingOf(rotated).Publisher
	rotated.Artifacts[0].Signatures[0].KeyID = "SHA256:other"
	if BindingOf(rotated).Publisher == before {
		t.Error("another registry key is the same publisher")
	}
	published := report(verify.Signed)
	published.Artifacts[0].Signatures = nil
	published.Artifacts[0].Attestations = []verify.Attestation{{Kind: verify.KindPublish, KeyID: "SHA256:k", Status: verify.Verified}}
	before = BindingOf(published).Publisher
	published.Artifacts[0].Attestations[0].KeyID = "SHA256:other"
	if BindingOf(published).Publisher == before {
		t.Error("another key of the publish attestation is the same publisher")
	}
	module := func(sum, database untrusted.Text) Binding {
		r := report(verify.Signed)
		r.Artifacts[0] = verify.ArtifactReport{Filename: "go.example/x@v1.0.0.zip", Record: &verify.Record{Status: verify.Signed, Zip: sum, Database: database}}
		return BindingOf(r)
	}
	if a, b := module("h1:a", "sum.example"), module("h1:b", "sum.example"); a.Artifacts == b.Artifacts || a.Publisher != b.Publisher {
		t.Error("another zip of a module is the same file, or another database")
	}
	if module("h1:a", "sum.example").Publisher == module("h1:a", "other.example").Publisher {
		t.Error("another checksum database is the same publisher")
	}
	mail := report(verify.Verified)
	publisher(mail).Signer = "a@one.example"
	first := BindingOf(mail).Publisher
	if publisher(mail).Signer = "a@two.example"; BindingOf(mail).Publisher == first {
		t.Error("another address is the same signer")
	}
	if FindingHash(verify.Finding{Rule: "a", Message: "x"}) == FindingHash(verify.Finding{Rule: "a", Message: "y"}) {
		t.Error("findings that compare no values share a hash")
	}
	if FindingHash(verify.Finding{Rule: "a", Expected: "b", Observed: "c\n"}) == FindingHash(verify.Finding{Rule: "a", Expected: "b\nc", Observed: ""}) {
		t.Error("values run together")
	}
}

// Two findings are the same if their hashes are.
func TestSameFinding(t *testing.T) {
	t.Parallel()
	var findings []verify.Finding
	for _, rule := range []string{"a", "b"} {
		for _, expected := range []string{"", "x"} {
			for _, observed := range []string{"", "x"} {
				for _, message := range []string{"one", "two"} {
					findings = append(findings, verify.Finding{Rule: rule, Expected: expected, Observed: observed, Message: message})
				}
			}
		}
	}
	for _, f := range findings {
		for _, g := range findings {
			if got, want := SameFinding(f, g), FindingHash(f) == FindingHash(g); got != want {
				t.Errorf("%+v and %+v are the same: %v, want %v", f, g, got, want)
			}
		}
	}
}

func TestQueue(t *testing.T) {
	t.Parallel()
	warning := verify.Finding{Rule: "w", Severity: verify.Warning}
	problem := verify.Finding{Rule: "e", Severity: verify.SeverityError}
	entry := func(id int, path string, status verify.Status, judged Judged) Entry {
		return Entry{id, untrusted.Text(path), status, judged}
	}
	queue := Queue([]Entry{
		entry(0, "b", verify.Mismatch, Judged{Finding: warning}), entry(0, "b", verify.Mismatch, Judged{Finding: problem}),
		entry(1, "a", verify.Mismatch, Judged{Finding: problem, State: StateResurfaced}),
		entry(2, "z", verify.Invalid, Judged{Finding: problem}),
		entry(3, "c", verify.Signed, Judged{Finding: warning, State: StateKnown}), entry(3, "c", verify.Signed, Judged{Finding: warning, State: StateRejected}),
		entry(4, "y", verify.Unchecked, Judged{Finding: warning}),
	})
	var got []string
	for _, e := range queue {
		got = append(got, fmt.Sprintf("%v:%s:%d", e.Path, e.Finding.Rule, e.ID))
	}
	if want := []string{"z:e:2", "a:e:1", "b:e:0", "y:w:4", "b:w:0"}; !slices.Equal(got, want) {
		t.Errorf("queue %q, want %q", got, want)
	}
	if len(Queue(nil)) != 0 {
		t.Error("nothing to decide gives entries")
	}
}

func TestWithRefuses(t *testing.T) {
	t.Parallel()
	good := Decide(spec, report(verify.Mismatch, workflow), workflow, Known, "fine")
	for want, change := range map[string]func(*Decision){
		"reason: expected a reason":    func(d *Decision) { d.Reason = " " },
		"reason: expected one line":    func(d *Decision) { d.Reason = "a\x1b" },
		"reason: expected at most":     func(d *Decision) { d.Reason = strings.Repeat("x", untrusted.MaxReason+1) },
		"by: expected one line":        func(d *Decision) { d.By = "a\nb" },
		"kind: expected known":         func(d *Decision) { d.Kind = "ok" },
		"package: expected npx/NAME":   func(d *Decision) { d.Protocol = "" },
		"rule: expected the rule":      func(d *Decision) { d.Rule = "a b" },
		"artifacts: expected sha256":   func(d *Decision) { d.Artifacts = "" },
		"publisher: expected sha256":   func(d *Decision) { d.Publisher = "sha256:00" },
		"finding: expected sha256":     func(d *Decision) { d.Finding = strings.ToUpper(d.Finding) },
		"until: expected a date only ": func(d *Decision) { d.Kind, d.Until = Rejected, today },
	} {
		d := good
		change(&d)
		if out, err := (*Decisions)(nil).With(d); err == nil || !strings.HasPrefix(err.Error(), want) || out.Len() != 0 {
			t.Errorf("%v, error %v, want %q", out.All(), err, want)
		}
	}
}

func TestTheLongestReason(t *testing.T) {
	t.Parallel()
	d := Decide(spec, report(verify.Mismatch, workflow), workflow, Known, strings.Repeat("x", untrusted.MaxReason))
	if _, err := (*Decisions)(nil).With(d); err != nil {
		t.Error(err)
	}
}

func sample(t *testing.T) *Decisions {
	t.Helper()
	one := Decide(spec, report(verify.Mismatch, workflow), workflow, Known, `it's "fine": #1 😀`)
	one.By, one.At, one.Until = "true", day("2026-01-02").Add(13*time.Hour), day("2026-12-31")
	two := Decide(catalog.Spec{Protocol: catalog.UVX, Package: "b", Version: "1.10"}, report(verify.Mismatch), metadata, Rejected, "日本")
	return with(t, nil, two, one)
}

func TestSaveAndLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	load := func() *Decisions {
		t.Helper()
		d, err := Load(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	first := load()
	if first.Len() != 0 {
		t.Fatalf("without a file there are %d", first.Len())
	}
	saved := with(t, first, sample(t).All()...)
	saved, err := saved.Save(dir)
	if err != nil {
		t.Fatal(err)
	}
	again := load()
	if !reflect.DeepEqual(again.All(), saved.All()) {
		t.Errorf("loaded\n%+v\nsaved\n%+v", again.All(), saved.All())
	}
	file := filepath.Join(dir, FileName)
	data, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(data, []byte(newHeader+"version: 1\ndecisions:\n  - package: npx/@acme/x\n    version: 1.0.0\n")) ||
		!bytes.Contains(data, []byte("\n    until: 2026-12-31\n    by: \"true\"\n    at: 2026-01-02\n")) {
		t.Errorf("the file is\n%s", data)
	}
	if _, err := first.Save(dir); !errors.Is(err, catalog.ErrChanged) {
		t.Errorf("over what was written since: %v", err)
	}
	empty := saved
	for _, d := range saved.All() {
		if empty, err = empty.Changed(Change{From: &d}); err != nil {
			t.Fatal(err)
		}
	}
	if empty, err = empty.Save(dir); err != nil {
		t.Errorf("without any: %v", err)
	}
	if _, err := again.Save(dir); !errors.Is(err, catalog.ErrChanged) {
		t.Errorf("over somebody else's file: %v", err)
	}
	if data, err := os.ReadFile(file); err != nil || string(data) != newHeader+"version: 1\ndecisions: []\n" {
		t.Errorf("without decisions the file is %q, %v", data, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := empty.Save(dir); !errors.Is(err, catalog.ErrChanged) {
		t.Errorf("over a removed file: %v", err)
	}
}

func TestSaveKeeps(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, err := sample(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	const head = "# ours\n#\n\n# and more\n"
	text = bytes.Replace(text, []byte(newHeader), []byte(head), 1)
	text = bytes.Replace(text, []byte("  - package: uvx"), []byte("  # see the ticket\n  # and the other\n  - package: uvx"), 1)
	file := filepath.Join(dir, FileName)
	if err := os.WriteFile(file, text, 0o640); err != nil {
		t.Fatal(err)
	}
	d, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, text) {
		t.Errorf("saved unchanged, the file became\n%s", catalog.Diff(FileName, text, got))
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("its mode is %v, %v", info.Mode(), err)
	}
	changed := d.All()[1]
	changed.Reason, changed.Comment = "new", ""
	if got := with(t, d, changed).All()[1]; got.Comment != "# see the ticket\n# and the other" || got.Reason != "new" {
		t.Errorf("decided anew: %+v", got)
	}
}

// A directive and the mark below it, which may have a comment, hide none.
func TestSaveKeepsDirectives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, FileName)
	const text = "# a\n%YAML 1.2\n--- # ours too\n# ours\nversion: 1\ndecisions: []\n"
	if err := os.WriteFile(file, []byte("\ufeff"+text+"---\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != text {
		t.Errorf("saved unchanged, the file became %q, %v", got, err)
	}
}

// A comment with a blank line in it stays whole however often others decide.
func TestSaveKeepsCommentsInParts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, FileName)
	first := sample(t).All()[0]
	text := "version: 1\ndecisions:\n  # b was looked at by the board, see ticket 7\n\n  # until the audit\n \n\n  # never accept again\n" +
		"  - package: npx/b\n    rule: a.b\n    finding: " + first.Finding + "\n    kind: rejected\n    reason: r\n" +
		"    artifacts: " + first.Artifacts + "\n    publisher: " + first.Publisher + "\n"
	if err := os.WriteFile(file, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "0", "1"} {
		d, err := Load(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		other := d.All()[len(d.All())-1]
		other.Package, other.Comment = name, ""
		if _, err := with(t, d, other).Save(dir); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(file)
		if want := "  # b was looked at by the board, see ticket 7\n  # until the audit\n  # never accept again\n"; err != nil || !strings.Contains(string(got), want) {
			t.Fatalf("%v; after the decision about %s the comment is not whole:\n%s", err, name, got)
		}
	}
}

// The library writes << without quotes, and reads that as a merge key.
func TestMergeKeysAreTexts(t *testing.T) {
	t.Parallel()
	d := sample(t)
	one := d.All()[0]
	one.Reason, one.By, one.Version = "<<", "<<", "<<"
	d = with(t, d, one)
	again(t, d)
	text, err := d.Marshal()
	if err != nil || !strings.Contains(string(text), `    reason: "<<"`) || !strings.Contains(string(text), `    by: "<<"`) {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestSaveRefusesLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside.yaml")
	if err := os.WriteFile(outside, []byte("version: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	d, err := Load(fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, FileName)); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	if _, err := d.Save(dir); err == nil || !strings.Contains(err.Error(), "symbolic link") {
		t.Errorf("saved through a link: %v", err)
	}
	if data, err := os.ReadFile(outside); err != nil || string(data) != "version: 1\n" {
		t.Errorf("outside there is %q, %v", data, err)
	}
	if _, err := (&Decisions{}).Save(dir); err == nil {
		t.Error("decisions that were never loaded were saved")
	}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	good, err := sample(t).Marshal()
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for name, test := range map[string]struct{ text, want string }{
		"empty":        {"", "empty file"},
		"no version":   {"decisions: []\n", "triage.yaml:1: version: expected a value"},
		"version 2":    {"version: 2\n", "expected a number from 1 to 1"},
		"unknown key":  {strings.Replace(text, "    by: ", "    who: ", 1), `triage.yaml:12: unknown key "who"`},
		"unknown kind": {strings.Replace(text, "kind: known", "kind: accepted", 1), `triage.yaml:9: decisions[0].kind: expected known, rejected or note, found "accepted"`},
		"no reason":    {strings.Replace(text, "    reason: 日本\n", "", 1), "reason: expected a value, found nothing"},
		"no protocol":  {strings.Replace(text, "package: uvx/b", "package: b", 1), "expected npx/NAME, uvx/NAME or go/PATH"},
		"bad date":     {strings.Replace(text, "until: 2026-12-31", "until: 2026-13-31", 1), `expected a date such as 2026-12-31, found "2026-13-31"`},
		"bad hash":     {strings.Replace(text, "artifacts: sha256:", "artifacts: sha512:", 1), "expected sha256:"},
		"twice":        {text + text[strings.Index(text, "  - package: npx"):], "expected one decision about a finding, found another (the first on line 5)"},
		"not a list":   {"version: 1\ndecisions: {}\n", "expected a list"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(fstest.MapFS{FileName: {Data: []byte(test.text)}})
			var located *yamlfile.Error
			if !errors.As(err, &located) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := Load(fstest.MapFS{FileName: {Mode: fs.ModeDir | 0o755}}); err == nil || !strings.Contains(err.Error(), "regular file") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Load(fstest.MapFS{FileName: {Data: make([]byte, untrusted.MaxTriage+1)}}); !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
}

func FuzzTriage(f *testing.F) {
	one := Decide(spec, report(verify.Mismatch, workflow), workflow, Known, "r")
	one.Until = today
	d, err := (*Decisions)(nil).With(one)
	if err != nil {
		f.Fatal(err)
	}
	text, err := d.Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text, "it is fine")
	f.Add([]byte("# head\n\nversion: 1\ndecisions:\n  # c\n  - {package: npx/a}\n"), "a: 'b' #")
	f.Add([]byte("version: 1\ndecisions: &a [*a]\n"), "- \"")
	for _, reason := range seeds.Hostile(f) {
		f.Add(text, reason)
	}
	f.Fuzz(func(t *testing.T, data []byte, reason string) {
		if own, err := (*Decisions)(nil).With(Decide(spec, report(verify.Mismatch, workflow), workflow, Note, reason)); err == nil {
			again(t, own)
		}
		loaded, err := Load(fstest.MapFS{FileName: {Data: data}})
		if err != nil {
			if untrusted.Clean(err.Error()) != err.Error() {
				t.Errorf("the error is not fit to be shown: %q", err)
			}
			return
		}
		again(t, loaded)
		loaded.Apply(spec, report(verify.Invalid, workflow), today)
	})
}

// again holds that what is written reads back as the same.
func again(t *testing.T, d *Decisions) {
	t.Helper()
	text, err := d.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := Load(fstest.MapFS{FileName: {Data: text}})
	if err != nil {
		t.Fatalf("%q cannot be read: %v", text, err)
	}
	bare := func(list []Decision) []Decision {
		for i := range list {
			list[i].Comment = ""
		}
		return list
	}
	if got, want := bare(back.All()), bare(d.All()); len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("read back\n%+v\nwant\n%+v\n%q", got, want, text)
	}
}

func sum(d *Decisions) [2]any {
	sum, exists := d.SHA256()
	return [2]any{sum, exists}
}

// What was saved, and what is decided on from there, is the file's; another
// text is not, even if it says the same.
func TestSameFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	if first, err = first.Save(dir); err != nil {
		t.Fatal(err)
	}
	again, err := Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Load(fstest.MapFS{FileName: {Data: []byte("version: 1\ndecisions: [] # none\n")}})
	if err != nil {
		t.Fatal(err)
	}
	var none *Decisions
	for name, d := range map[string]*Decisions{"nil": none, "zero": {}} {
		if _, exists := d.SHA256(); exists {
			t.Errorf("%s: decisions that were never loaded have a file", name)
		}
	}
	if data, err := os.ReadFile(filepath.Join(dir, FileName)); err != nil || [2]any{sha256.Sum256(data), true} != sum(first) {
		t.Errorf("the file's hash is %x, %v", sum(first), err)
	}
	if !first.SameFile(again) || !again.SameFile(with(t, first)) {
		t.Error("what was saved is another file's")
	}
	if first.SameFile(other) || first.SameFile(none) || none.SameFile(first) {
		t.Error("another text is the same file's")
	}
}
