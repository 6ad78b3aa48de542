package report

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

func catalogJSON(t *testing.T, packages []Package) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCatalogJSON(&b, packages, Trust{Origin: "demo", Root: "the demo's", Demo: true}, evening); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What was written and read back is written again as the same bytes.
func TestReadJSONGivesBackTheDemo(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	first := catalogJSON(t, packages)
	results, err := ReadJSON(bytes.NewReader(first))
	if err != nil {
		t.Fatal(err)
	}
	if !results.Generated.Equal(evening) || !results.Trust.Demo || len(results.Packages) != len(packages) {
		t.Fatalf("generated %v, trust %+v, %d packages", results.Generated, results.Trust, len(results.Packages))
	}
	first = catalogJSON(t, asReadBack(packages))
	if again := catalogJSON(t, results.Packages); !bytes.Equal(first, again) {
		a, b := strings.Split(string(first), "\n"), strings.Split(string(again), "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("line %d: wrote %s, then %s", i+1, a[i], b[i])
			}
		}
		t.Fatalf("wrote %d lines, then %d", len(a), len(b))
	}
}

// One entry with an absurd time must not make the results of a whole catalog
// unreadable: RFC 3339 knows the years 0 to 9999.
func TestReadJSONTakesAbsurdTimes(t *testing.T) {
	t.Parallel()
	for _, seconds := range []int64{math.MaxInt64, math.MinInt64, -1, 0, 253402300799, 253402300800, -62167219201, 292277026596} {
		p := full()
		p.Report.Artifacts[0].Attestations[0].Log[0].Time = time.Unix(seconds, 0)
		written := catalogJSON(t, []Package{p})
		results, err := ReadJSON(bytes.NewReader(written))
		if err != nil || len(results.Packages) != 1 {
			t.Errorf("%d: %v", seconds, err)
			continue
		}
		written = catalogJSON(t, asReadBack([]Package{p}))
		if again := catalogJSON(t, results.Packages); !bytes.Equal(written, again) {
			t.Errorf("%d: read back, it is written otherwise", seconds)
		}
	}
}

func TestReadJSONFillsTheSpecAndTheReport(t *testing.T) {
	t.Parallel()
	results, err := ReadJSON(bytes.NewReader(packageJSON(t, full())))
	if err != nil {
		t.Fatal(err)
	}
	p, want := results.Packages[0], full()
	if p.Spec.Path != want.Spec.Path || p.Spec.Package != want.Spec.Package || p.Spec.Provenance.RepositoryURI != want.Spec.Provenance.RepositoryURI {
		t.Errorf("spec %+v", p.Spec)
	}
	if !reflect.DeepEqual(p.Report.Publisher, want.Report.Publisher) || !reflect.DeepEqual(p.Report.Findings, want.Report.Findings) ||
		!reflect.DeepEqual(p.Report.Comparison, want.Report.Comparison) || p.Report.Release != want.Report.Release {
		t.Errorf("report %+v", p.Report)
	}
	a := p.Report.Artifacts[0]
	if a.Digest != want.Report.Artifacts[0].Digest || a.Attestations[0].Kind != verify.KindProvenance ||
		!a.Attestations[0].Log[0].Time.Equal(want.Report.Artifacts[0].Attestations[0].Log[0].Time) {
		t.Errorf("artifact %+v", a)
	}
	if ExitCode(results.Packages, verify.Pending) != ExitFailed {
		t.Error("a mismatch that was read back is none any more")
	}
}

func TestReadJSONRefuses(t *testing.T) {
	t.Parallel()
	whole := testfiles.Read(t, "testdata/package.json")
	replaced := func(old, new string) string {
		if !strings.Contains(string(whole), old) {
			t.Fatalf("the document does not hold %s", old)
		}
		return strings.Replace(string(whole), old, new, 1)
	}
	verified := replaced(`"status": "mismatch"`, `"status": "verified"`)
	for _, tt := range []struct{ name, in, want string }{
		{"nothing", "", "object"},
		{"a list", "[]", "object"},
		{"no schema", "{}", "schema"},
		{"schema not first", `{"packages": []}`, "first member"},
		{"another schema", `{"schema": "plimsoll/report/v2"}`, "schema"},
		{"cut short", string(whole[:len(whole)/2]), ""},
		{"more behind it", string(whole) + "{}", "after top-level value"},
		{"a member twice", replaced(`"reason"`, `"status": "verified", "reason"`), "status"},
		{"an unknown status", replaced(`"status": "mismatch"`, `"status": "excellent"`), "excellent"},
		{"an unknown severity", replaced(`"severity": "error"`, `"severity": "mild"`), "mild"},
		{"an unknown check result", replaced(`"status": "pass"`, `"status": "sure"`), "sure"},
		{"a severity of null", replaced(`"severity": "error"`, `"severity": null`), `at "/findings/0/severity": expected a value`},
		{"a finding of null", replaced(`"findings": [`, `"findings": [null,`), `at "/findings/0": expected a value`},
		{"a check without a result", replaced(`"status": "pass"`, `"result": "pass"`), "log.inclusion"},
		{"a text of null", replaced(`"reason": "the`, `"reason": null, "was": "the`), `at "/reason": expected a value`},
		{"an unknown comparison", replaced(`"result": "mismatch"`, `"result": "equal"`), "equal"},
		{"an unknown protocol", replaced(`"protocol": "npx"`, `"protocol": "oci"`), "protocol"},
		{"a digest of nothing", replaced(`"sha512:abab`, `"sha512:xx`), "digest"},
		{"a level of its own", replaced(`"build_level": 2`, `"build_level": 4`), "build level"},
		{"verified against a finding", verified, "contradicts"},
		{"a failed check in what verified", replaced(`"status": "pass"`, `"status": "fail"`), "log.inclusion"},
		{"a time of nowhere", replaced(`"2026-04-02T10:11:09Z"`, `"yesterday"`), "RFC 3339"},
		{"escape codes", replaced(`"protocol": "npx"`, `"protocol": "\u001b[2J"`), "protocol"},
		{"a package twice", `{"schema": "` + catalogSchema + `", "packages": [` + string(whole) + "," + string(whole) + "]}", "twice"},
		{"a source without a hash", replaced(`"findings": [`, `"sources": [{"what": "manifest"}], "findings": [`), `expected a SHA-256 of a source, found ""`},
		{"an empty hash of a source", replaced(`"findings": [`, `"sources": [{"what": "manifest", "sha256": ""}], "findings": [`), `expected a SHA-256 of a source, found ""`},
		{"another hash of a source", replaced(`"findings": [`, `"sources": [{"what": "manifest", "sha256": "00ff"}], "findings": [`), `found "00ff"`},
		{"packages as an object", `{"schema": "` + catalogSchema + `", "packages": {}}`, `at "/packages": expected a list, found an object`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results, err := ReadJSON(strings.NewReader(tt.in))
			if err == nil {
				t.Fatalf("read %d packages, want an error", len(results.Packages))
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error about %q", err, tt.want)
			}
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("raw bytes in %q", err)
			}
			if len(results.Packages) != 0 {
				t.Error("an error and packages")
			}
		})
	}
}

// A file is verified by provenance that verifies, and by nothing else.
func TestReadJSONRefusesFilesWithoutProvenance(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(a *verify.ArtifactReport){
		"none":              func(a *verify.ArtifactReport) { a.Attestations = nil },
		"one unchecked":     func(a *verify.ArtifactReport) { a.Attestations[0].Status = verify.Unchecked },
		"a publish alone":   func(a *verify.ArtifactReport) { a.Attestations[0].PredicateType = statement.NPMPublish },
		"none, and a name":  func(a *verify.ArtifactReport) { a.Attestations, a.Filename = nil, "other-2.4.1.tgz" },
		"another's archive": func(a *verify.ArtifactReport) { a.Filename = "other-2.4.1.tgz" },
	} {
		p := proven()
		change(&p.Report.Artifacts[0])
		if _, err := ReadJSON(bytes.NewReader(packageJSON(t, p))); err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
}

func TestReadJSONTellsWhatTheReaderDid(t *testing.T) {
	t.Parallel()
	if _, err := ReadJSON(iotest.ErrReader(errors.New("the disk is gone"))); err == nil || !strings.Contains(err.Error(), "the disk is gone") {
		t.Errorf("found %v", err)
	}
}

// What a finding leaves out does not make it harmless.
func TestReadJSONTakesTheWorst(t *testing.T) {
	t.Parallel()
	p := proven()
	p.Report.Findings = []verify.Finding{{Rule: "metadata.repository", Severity: verify.Warning}}
	good := string(catalogJSON(t, []Package{p}))
	if _, err := ReadJSON(strings.NewReader(good)); err != nil {
		t.Fatal(err)
	}
	_, err := ReadJSON(strings.NewReader(strings.Replace(good, `"severity": "warning",`, "", 1)))
	if err == nil || !strings.Contains(err.Error(), "a finding that contradicts it") {
		t.Errorf("a finding without a severity: %v", err)
	}
}

// A policy, a history or a rejection adds an error to what is verified.
func TestReadJSONTakesVerifiedPackagesThatFail(t *testing.T) {
	t.Parallel()
	for _, f := range []verify.Finding{
		{Rule: "policy.slsa", Severity: verify.SeverityError}, {Rule: "history.recreated", Severity: verify.SeverityError},
		{Rule: "metadata.repository", Severity: verify.SeverityError, Decision: "rejected: not ours"},
	} {
		p := proven()
		p.Report.Findings = []verify.Finding{f}
		results, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{p})))
		if err != nil || ExitCode(results.Packages, verify.Pending) != ExitFailed {
			t.Errorf("%s: %v", f.Rule, err)
		}
	}
}

// A status that passes and that the rest of the document does not make was
// written by hand: every word, over every package of the demo, with and without
// its findings. Only what a finding alone says can be taken away with it.
func TestReadJSONRefusesStatusesThatDoNotFollow(t *testing.T) {
	t.Parallel()
	sample := hostile.Sample(t)
	for i, p := range demoPackages(t) {
		if sample && i%4 != 0 {
			continue
		}
		compared := slices.ContainsFunc(p.Report.Comparison, func(c verify.Comparison) bool { return c.Result == verify.ResultMismatch })
		for _, status := range []verify.Status{verify.Verified, verify.Partial, verify.Signed, verify.None, verify.Mismatch} {
			for _, findings := range [][]verify.Finding{p.Report.Findings, nil} {
				edited := p
				edited.Spec.Err, edited.Report.Status, edited.Report.Findings = nil, status, findings
				if status == p.Report.Status && (findings != nil || status != verify.Mismatch) {
					continue
				}
				_, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{edited})))
				if err == nil && (compared || findings != nil || p.Report.Status != verify.Mismatch) {
					t.Errorf("%s: %v, %d findings, was read as %v", p.Spec.Path, p.Report.Status, len(findings), status)
				}
			}
		}
	}
}

// A contradiction that somebody accepted had made the package a mismatch: nothing
// else can be claimed beside it.
func TestReadJSONRefusesAnAcceptedContradictionThatMadeNoMismatch(t *testing.T) {
	t.Parallel()
	p := proven()
	art := &p.Report.Artifacts[0]
	p.Report.Publisher, art.Attestations = nil, nil
	art.Status, art.Signatures = verify.Signed, []verify.Signature{{KeyID: "k", Status: verify.Verified}}
	p.Report.Findings = []verify.Finding{{Rule: "attestations.gone", Severity: verify.SeverityError, Known: true, Decision: "known: it was renamed"}}
	for status, good := range map[verify.Status]bool{verify.Signed: false, verify.Mismatch: true} {
		p.Report.Status = status
		if _, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{p}))); (err == nil) != good {
			t.Errorf("%v: %v", status, err)
		}
	}
}

func TestReadJSONAcceptsWhatLaterVersionsAdd(t *testing.T) {
	t.Parallel()
	p := strings.Replace(string(packageJSON(t, full())), `"status"`, `"mood": {"a": [1]}, "status"`, 1)
	doc := `{"schema": "` + catalogSchema + `", "weather": "fair", "packages": [` + p + `]}`
	if results, err := ReadJSON(strings.NewReader(doc)); err != nil || len(results.Packages) != 1 {
		t.Errorf("%d packages, %v", len(results.Packages), err)
	}
}

func FuzzReadJSON(f *testing.F) {
	for _, file := range []string{"testdata/package.json", "testdata/catalog.json"} {
		data := testfiles.Read(f, file)
		f.Add(data)
	}
	var shard bytes.Buffer
	if err := part([]Package{full()}, catalog.Shard{Index: 1, Count: 1}).WriteJSON(&shard, shardTrust, evening); err != nil {
		f.Fatal(err)
	}
	f.Add(shard.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		results, err := ReadJSON(bytes.NewReader(data))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n\r") {
				t.Fatalf("raw bytes in %q", err)
			}
			return
		}
		for _, p := range results.Packages {
			if p.Report.Status == verify.Verified && p.Report.Publisher == nil {
				t.Fatal("verified, by nobody")
			}
		}
	})
}

// A package of the results that would cost much to decode is refused before it
// is, whatever the size of the file may be.
func TestReadJSONIsBoundedByPackage(t *testing.T) {
	packages := func(finding string) string {
		return `{"schema":"` + catalogSchema + `","packages":[{"findings":[` + finding + `]}]}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"findings":       {packages(strings.Repeat("{},", 200_000) + "{}"), "more than 50000 values in one list"},
		"empty lists":    {packages("{}" + strings.Repeat(`,{"a":[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]}`, 49_000)), "more than 500000 values"},
		"a long text":    {packages(`"` + strings.Repeat("a", maxResult+1<<20) + `"`), "more than 33554432 bytes"},
		"of one package": {`{"schema":"` + packageSchema + `","findings":[` + strings.Repeat("{},", 200_000) + `{}]}`, "more than 50000 values in one list"},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadJSON(strings.NewReader(c.text))
		runtime.ReadMemStats(&after)
		if err == nil || !errors.Is(err, untrusted.ErrTooLarge) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: expected %q, found %v", name, c.want, err)
		}
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 6*maxResult {
			t.Errorf("%s: %d bytes were allocated", name, allocated)
		}
	}
}

// Results whose trust root was not needed have no hash of one.
func TestReadJSONTakesNoTrustRoot(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCatalogJSON(&b, nil, Trust{Origin: "none"}, evening); err != nil {
		t.Fatal(err)
	}
	if results, err := ReadJSON(&b); err != nil || results.Trust.RootSHA256 != "" {
		t.Errorf("read %+v, %v", results.Trust, err)
	}
}
