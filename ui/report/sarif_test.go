package report

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/explain"
	"plimsoll/verify"
)

func sarifBytes(t *testing.T, s SARIF, packages []Package) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := s.Write(&b, packages, Trust{Origin: "demo"}, evening); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

type (
	readLog = sarifLog[[]sarifResult]
	readRun = sarifRun[[]sarifResult]
)

func sarifOf(t *testing.T, packages []Package) readRun {
	t.Helper()
	log := decode[readLog](t, sarifBytes(t, SARIF{Version: "1.0.0"}, packages))
	if log.Version != "2.1.0" || len(log.Runs) != 1 || !strings.HasSuffix(log.Schema, "sarif-schema-2.1.0.json") {
		t.Fatalf("version %q, %d runs, schema %s", log.Version, len(log.Runs), log.Schema)
	}
	return log.Runs[0]
}

// The rules of the standard that code scanning relies on, over every result of
// the demo.
func TestSARIFOfTheDemo(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	run := sarifOf(t, packages)
	used, prints := map[int]bool{}, map[string]bool{}
	failed := map[string]bool{}
	for i, r := range run.Results {
		if r.RuleIndex < 0 || r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Fatalf("result %d: rule %q is not at index %d", i, r.RuleID, r.RuleIndex)
		}
		used[r.RuleIndex] = true
		if r.Level != "error" && r.Level != "warning" && r.Level != "note" {
			t.Errorf("result %d: level %q", i, r.Level)
		}
		if r.Message.Text == "" || untrusted.Clean(r.Message.Text) != r.Message.Text || strings.Contains(r.Message.Text, "](") && !strings.Contains(r.Message.Text, `\](`) {
			t.Errorf("result %d: message %q", i, r.Message.Text)
		}
		print := r.PartialFingerprints["plimsollFinding/v1"]
		if len(print) != 64 || prints[print] {
			t.Errorf("result %d: fingerprint %q, before: %v", i, print, prints[print])
		}
		prints[print] = true
		if len(r.Locations) != 1 || r.Locations[0].PhysicalLocation.Region.StartLine < 1 {
			t.Fatalf("result %d: locations %+v", i, r.Locations)
		}
		u, err := url.Parse(r.Locations[0].PhysicalLocation.ArtifactLocation.URI)
		if err != nil || u.IsAbs() || strings.HasPrefix(u.Path, "/") || !strings.HasSuffix(u.Path, "/spec.yaml") {
			t.Errorf("result %d: uri %v, %v", i, u, err)
		}
		if r.Level != "note" {
			failed[u.Path] = true
		}
	}
	if len(used) != len(run.Tool.Driver.Rules) {
		t.Errorf("%d rules, %d used", len(run.Tool.Driver.Rules), len(used))
	}
	for _, p := range packages {
		if ExitCode([]Package{p}, verify.Pending) != ExitOK && !failed[string(p.Spec.Path)] {
			t.Errorf("%v is %v, and no result says so", p.Spec.Path, p.Report.Status)
		}
	}
	if n, ok := run.Properties["total"].(float64); !ok || int(n) != len(packages) {
		t.Errorf("properties %v", run.Properties)
	}
}

func TestSARIFPointsAtTheLine(t *testing.T) {
	t.Parallel()
	spec := catalog.Spec{Path: "npx/a b/spec.yaml", Protocol: catalog.NPX, Package: "a", Version: "1.0.0", Lines: catalog.LinesOf(map[string]int{
		"spec.package": 7, "spec.version": 8, "provenance.repository_uri": 11, "provenance.attestations": 14,
		"provenance.attestations.available": 15, "provenance.attestations.publisher": 17, "provenance.attestations.publisher.workflow": 19,
	})}
	for _, tt := range []struct {
		rule string
		want int
	}{
		{"provenance.repository_uri", 11}, {"metadata.repository", 11}, {"publisher.workflow", 19}, {"publisher.kind", 17},
		{"attestations.gone", 15}, {"attestation.invalid", 8}, {"release.yanked", 8}, {"provenance.cert_issuer", 8}, {"unheard.of", 8},
	} {
		p := Package{Spec: spec, Report: verify.Report{Status: verify.Verified, Findings: []verify.Finding{{Rule: tt.rule, Severity: verify.Warning, Message: "m"}}}}
		r := sarifOf(t, []Package{p}).Results[0]
		if got := r.Locations[0].PhysicalLocation; got.Region.StartLine != tt.want || got.ArtifactLocation.URI != "npx/a%20b/spec.yaml" {
			t.Errorf("%s: %+v, want line %d", tt.rule, got, tt.want)
		}
	}
	r := sarifOf(t, []Package{unreadable}).Results
	if len(r) != 1 || r[0].RuleID != ruleUnreadable || r[0].Locations[0].PhysicalLocation.Region.StartLine != 3 || r[0].Level != "error" {
		t.Errorf("unreadable: %+v", r)
	}
}

func TestSARIFSaysWhatIsNotFine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		p    Package
		want string // rules
	}{
		{"verified", with(verify.Verified), ""},
		{"none", with(verify.None), ""},
		{"error without a finding", with(verify.Unchecked), "package.unchecked"},
		{"pending", Package{}, "package.unchecked"},
		{"partial", with(verify.Partial), "package.partial"},
		{"invalid without a finding", with(verify.Invalid), "package.refused"},
		{"invalid with one", with(verify.Invalid, severe), "x"},
		{"invalid with a warning", with(verify.Invalid, warning), "package.refused x"},
		{"two of a rule", with(verify.Verified, severe, severe), "x x"},
	} {
		var got []string
		for _, r := range sarifOf(t, []Package{tt.p}).Results {
			got = append(got, r.RuleID)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSARIFFingerprintSurvivesAVersion(t *testing.T) {
	t.Parallel()
	old, new := full(), full()
	new.Spec.Version, new.Report.Findings[0].Message = "2.5.0", "other words"
	a, b := sarifOf(t, []Package{old}).Results[0], sarifOf(t, []Package{new}).Results[0]
	if a.PartialFingerprints["plimsollFinding/v1"] != b.PartialFingerprints["plimsollFinding/v1"] {
		t.Error("a new version makes a new alert of the same finding")
	}
}

func TestSARIFMessage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"plain [text] (here)", "plain [text] (here)"},
		{"[click](https://evil.test)", `[click\](https://evil.test)`},
		{"see {0} and {12}", "see {{0}} and {{12}}"},
		{"a\x1b\nb", `a\x1b b`},
	} {
		if got := sarifMessage(tt.in); got != tt.want {
			t.Errorf("sarifMessage(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestSARIFBase(t *testing.T) {
	t.Parallel()
	var log readLog
	if err := json.Unmarshal(sarifBytes(t, SARIF{Base: "tools/catalog"}, []Package{full()}), &log); err != nil {
		t.Fatal(err)
	}
	if got := log.Runs[0].Results[0].Locations[0].PhysicalLocation.ArtifactLocation.URI; got != "tools/catalog/npx/http/spec.yaml" {
		t.Error(got)
	}
}

// Every rule that the verdict can name is described.
func TestSARIFKnowsEveryRule(t *testing.T) {
	t.Parallel()
	var files []string
	for _, folder := range []string{"verify", "verify/registry", "verify/registry/npm", "verify/registry/pypi"} {
		found, err := filepath.Glob("../../" + folder + "/*.go")
		if err != nil || len(found) == 0 {
			t.Fatal(folder, err)
		}
		files = append(files, found...)
	}
	clients, err := filepath.Glob("../../verify/registry/*/*.go")
	if err != nil || len(clients) == 0 {
		t.Fatal(clients, err)
	}
	files = append(append(files, clients...), "../../verify/history/compare.go", "../../verify/review/judge.go", "../../verify/policy/policy.go", "../../verify/triage/apply.go", "../../verify/scan/spec.go")
	named := regexp.MustCompile(`(?:Rule: |attestationFinding\()"([a-z]+\.[a-z_-]+)"|"([a-z]+\.[a-z_-]+)", (?:SeverityError|Warning|Info|hint|ifProven|always), [A-Za-z]|[rR]ule\w+ += "((?:history|policy|review|status)\.[a-z_]+)"`)
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source := testfiles.Read(t, file)
		for _, m := range named.FindAllSubmatch(source, -1) {
			found[string(m[1])+string(m[2])+string(m[3])] = true
		}
	}
	if len(found) < 20 {
		t.Fatalf("found only %d rules", len(found))
	}
	for id := range found {
		if _, ok := explained(id); !ok {
			t.Errorf("the rule %s is not explained in ui/explain", id)
		}
	}
	for _, e := range explain.All() {
		if id := e.Word; e.Kind == explain.Rule && !found[id] && id != ruleUnreadable && id != ruleUnchecked && id != ruleRefused && id != rulePartial && id != ruleRequired {
			t.Errorf("the rule %s is explained and never occurs", id)
		}
	}
}
