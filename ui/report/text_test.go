package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

var demoTrust = Trust{Origin: "demo", Root: "the demo's own Sigstore", RootSHA256: "00ff", Keys: "the demo's own keys", Demo: true}

var plainText = Text{Theme: theme.New(theme.Options{Plain: true})}

// some is a catalog with one row of each kind, wide and hostile names included.
func some() []Package {
	wide := with(verify.Verified)
	wide.Spec.Package = "日本語パッケージ"
	wide.Report.Publisher = &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/例え/テスト"}
	wide.Spec.Provenance.RepositoryURI = "https://github.com/例え/テスト"
	hostile := with(verify.Invalid)
	hostile.Spec.Package = "evil\x1b[2Jname\u202e"
	hostile.Report.Reason = "the statement was altered"
	emoji := with(verify.None)
	emoji.Spec.Package = "👍🏽-bot"
	python := with(verify.Partial, warning)
	python.Spec.Protocol, python.Spec.Package = catalog.UVX, "left-padder"
	long := with(verify.Signed)
	long.Spec.Package = untrusted.Text(strings.Repeat("long", 100))
	found := with(verify.Verified, severe)
	found.Spec.Package = "found"
	return []Package{full(), wide, hostile, emoji, python, long, found, unreadable, with(verify.Pending)}
}

func tableText(t *testing.T, text Text, packages []Package) string {
	t.Helper()
	var b bytes.Buffer
	if err := text.Table(&b, packages, demoTrust); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func packageText(t *testing.T, text Text, p Package) string {
	t.Helper()
	var b bytes.Buffer
	if err := text.Package(&b, p, demoTrust); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextIsGolden(t *testing.T) {
	verbose, ascii, colour := plainText, plainText, plainText
	verbose.Verbose = true
	ascii.Theme = theme.New(theme.Options{Plain: true, ASCII: true})
	colour.Theme = theme.New(theme.Options{Color: true})
	tests := map[string]string{
		"table.txt":        tableText(t, plainText, some()),
		"table-ascii.txt":  tableText(t, ascii, some()),
		"table-colour.txt": tableText(t, colour, some()),
		"package.txt":      packageText(t, plainText, full()),
		"package-v.txt":    packageText(t, verbose, full()),
		"package-bad.txt":  packageText(t, verbose, broken()),
		"unreadable.txt":   packageText(t, plainText, unreadable),
	}
	for name, got := range tests {
		t.Run(name, func(t *testing.T) {
			testfiles.Golden(t, name, strings.ReplaceAll(got, "\x1b", "␛"))
		})
	}
}

// broken is a package whose log entry does not hold.
func broken() Package {
	p := full()
	p.Report.Status, p.Report.Publisher, p.Report.Comparison = verify.Invalid, nil, nil
	p.Report.Reason = "the inclusion proof leads to another root"
	p.Report.SLSA = verify.SLSA{}
	a := &p.Report.Artifacts[0]
	a.Status, a.Yanked = verify.Invalid, true
	a.Attestations[0].Status = verify.Invalid
	a.Attestations[0].Reason = p.Report.Reason
	a.Attestations[0].Log[0].IndexSigned = false
	a.Attestations[0].Checks = []verify.Check{
		{ID: verify.CheckParse, Status: verify.Pass, Reason: "a bundle v0.3"},
		{ID: verify.CheckInclusion, Status: verify.Fail, Reason: "the path leads to another root\x1b[2J", Expected: "11ee", Observed: "00ff"},
		{ID: verify.CheckTime, Status: verify.Blocked, Reason: "needs log.inclusion"},
		{ID: verify.CheckSET, Status: verify.NotApplicable},
		{ID: verify.CheckVerifier, Status: verify.NotRun},
	}
	return p
}

// Every row must have its columns at the same cells, however wide its
// characters are.
func TestTableIsAligned(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]theme.Options{"unicode": {}, "ascii": {ASCII: true}} {
		t.Run(name, func(t *testing.T) {
			lines := strings.Split(tableText(t, Text{Theme: theme.New(options)}, some()), "\n")
			column := strings.Index(lines[0], "VERSION")
			for i, p := range some() {
				version := string(p.Spec.Version)
				at := strings.Index(lines[i+1], "  "+version)
				if version == "" {
					continue
				}
				if at < 0 {
					t.Fatalf("no version in %q", lines[i+1])
				}
				if got := theme.Width(lines[i+1][:at+2]); got != column {
					t.Errorf("the version stands at cell %d, want %d: %q", got, column, lines[i+1])
				}
			}
		})
	}
}

// A second warning must not hide behind the first.
func TestWarningsAreCounted(t *testing.T) {
	t.Parallel()
	second := warning
	second.Message = "another"
	for more, findings := range map[string][]verify.Finding{"": {warning}, " (and 1 other)": {warning, second}, " (and 2 others)": {warning, second, second}} {
		text := tableText(t, plainText, []Package{with(verify.Verified, findings...)})
		if !strings.Contains(text, more+"\n") || strings.Contains(text, "(and ") != (more != "") {
			t.Errorf("want %q in\n%s", more, text)
		}
	}
}

// Whoever reads that a package fails looks at it next, and asks what to do: by its
// spec, whose folder may have another name, and by the status or the rule.
func TestWhatFailsCanBeFollowed(t *testing.T) {
	t.Parallel()
	bad := with(verify.Mismatch)
	bad.Spec.Path, bad.Report.Reason = "npx/folder/spec.yaml", "it is another"
	rule := with(verify.Verified, verify.Finding{Rule: "policy.owner", Severity: verify.SeverityError, Message: "the owner is another"})
	strange := with(verify.Verified, verify.Finding{Rule: "no.such\x1b[2J", Severity: verify.SeverityError, Message: "read back"})
	unreadable := with(verify.Unchecked)
	unreadable.Spec.Path, unreadable.Report.Reason = "npx/folder/spec.yaml", "npx/folder/spec.yaml:3: expected a string"
	for _, test := range []struct {
		of   []Package
		line string
	}{
		{[]Package{bad}, "/" + string(bad.Spec.Package) + " (npx/folder/spec.yaml): it is another"},
		{[]Package{bad, rule, bad}, "what to do: plimsoll explain mismatch, plimsoll explain policy.owner"},
		{[]Package{unreadable}, "/" + string(bad.Spec.Package) + ": npx/folder/spec.yaml:3: expected a string"},
		{[]Package{strange}, ""},
		{[]Package{with(verify.Verified)}, ""},
	} {
		text := tableText(t, plainText, test.of)
		if !strings.Contains(text, test.line+"\n") || strings.Contains(text, "what to do") && test.line == "" {
			t.Errorf("want %q in\n%s", test.line, text)
		}
	}
}

func TestColoursOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	colour := Text{Theme: theme.New(theme.Options{Color: true})}
	if !strings.Contains(tableText(t, colour, some()), "\x1b[") {
		t.Error("colours were asked for, and there are none")
	}
	if out := tableText(t, plainText, some()) + packageText(t, plainText, full()); strings.Contains(out, "\x1b") {
		t.Errorf("an escape code in %q", out)
	}
}

// Whoever reads the log of a run mends all that is wrong, not one error a run.
func TestEveryErrorIsShown(t *testing.T) {
	t.Parallel()
	finding := func(rule, message string) verify.Finding {
		return verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: message, Expected: "this", Observed: "that"}
	}
	p := with(verify.Mismatch, finding("provenance.repository_uri", "the repository is another"), finding("policy.owner", "the owner\x1b[2J is another"),
		warning, finding("publisher.workflow", "the workflow is another"))
	p.Report.Findings[3].Known, p.Report.Findings[3].Decision = true, "known: renamed"
	p.Report.Reason = "the repository is another: expected this, found that"
	got := tableText(t, plainText, []Package{p})
	for _, want := range []string{": the repository is another: expected this, found that\n    the owner", "is another: expected this, found that\n\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "\x1b") || strings.Contains(got, "the workflow is another:") || strings.Count(got, "the repository is another") != 1 {
		t.Errorf("hostile, waived or twice:\n%s", got)
	}
	for i := range 500 {
		p.Report.Findings = append(p.Report.Findings, finding("attestation.invalid", strings.Repeat("x", i+1)+": wrong"))
	}
	if got := tableText(t, plainText, []Package{p}); !strings.Contains(got, "\n    and 491 other errors\n") || strings.Count(got, ": wrong") != 9 {
		t.Errorf("500 errors:\n%s", got)
	}
	crowded := with(verify.Mismatch, finding("publisher.repository", "the repository is another"))
	for i := range 4 {
		crowded.Report.Findings = append(crowded.Report.Findings, verify.Finding{Severity: verify.Warning, Message: fmt.Sprintf("warning %d", i)})
	}
	crowded.Report.Findings = append(crowded.Report.Findings, finding("policy.owner", "the owner is another"))
	var markdown bytes.Buffer
	if err := WriteMarkdown(&markdown, []Package{crowded}, verify.Pending, demoTrust, evening); err != nil {
		t.Fatal(err)
	}
	if got := markdown.String(); !strings.Contains(got, "the owner is another") || !strings.Contains(got, "<br>and 2 more |") {
		t.Errorf("warnings hide an error:\n%s", got)
	}
	one := with(verify.Invalid, finding("attestation.invalid", "x-1.tgz: provenance attestation: it was altered"))
	one.Report.Reason = "x-1.tgz: it was altered"
	if got := tableText(t, plainText, []Package{one}); strings.Count(got, "it was altered") != 1 {
		t.Errorf("the reason twice:\n%s", got)
	}
}

// On a terminal no row is wider than it: the terminal would break it anywhere.
func TestTableFitsTheTerminal(t *testing.T) {
	t.Parallel()
	packages := []Package{full(), withoutRoot()[0]}
	for _, width := range []int{60, 80, 120, 200} {
		var b bytes.Buffer
		if err := (Text{Theme: theme.New(theme.Options{Plain: true}), Width: width}).Table(&b, packages, Trust{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if n := theme.Width(strings.TrimSuffix(line, "\n")); n > width {
				t.Errorf("%d of %d cells: %s", n, width, line)
			}
		}
	}
}
