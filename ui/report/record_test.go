package report

import (
	"bytes"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// goModule is a module with a record that verified.
func goModule() Package {
	checks := []verify.Check{{ID: verify.CheckRecordLines}, {ID: verify.CheckTreeHead}, {ID: verify.CheckRecordIn}}
	for i := range checks {
		checks[i].Status, checks[i].Reason = verify.Pass, "it holds"
	}
	record := &verify.Record{Database: "sum.example", Number: 3, Size: 7, Status: verify.Signed, Reason: "it is there", Checks: checks, Zip: "h1:Khu2En+0gcYPZ2kuIihfswbzxv/mIHXgzPZ018Oty48=", Mod: "h1:b="}
	return Package{
		Spec: catalog.Spec{Path: "go/x/spec.yaml", Protocol: catalog.Go, Package: "example.com/m/cmd/x", Version: "v1.0.0"},
		Report: verify.Report{
			Release: verify.Release{Ecosystem: verify.Go, Name: "example.com/m/cmd/x", Version: "v1.0.0"}, Status: verify.Signed,
			Artifacts: []verify.ArtifactReport{{Filename: "example.com/m@v1.0.0.zip", Status: verify.Signed, Record: record}},
		},
	}
}

// A record counts only with the checks that it rests on, and of a module that holds the
// package.
func TestReadJSONOfAGoModule(t *testing.T) {
	t.Parallel()
	read, err := ReadJSON(strings.NewReader(string(packageJSON(t, goModule()))))
	if err != nil {
		t.Fatal(err)
	}
	r := read.Packages[0].Report
	if got := r.Artifacts[0].Record; got == nil || got.Checks[2].Title != "inclusion in the tree" || r.Status != verify.Signed || !r.ReadBack {
		t.Errorf("read %+v, %+v", r, got)
	}
	for name, tt := range map[string]struct {
		edit func(*Package, *verify.ArtifactReport)
		want string
	}{
		"without a record":  {func(_ *Package, a *verify.ArtifactReport) { a.Record = nil }, "does not follow"},
		"without inclusion": {func(_ *Package, a *verify.ArtifactReport) { a.Record.Checks = a.Record.Checks[:2] }, `"sumdb.inclusion" did not pass`},
		"not reached":       {func(_ *Package, a *verify.ArtifactReport) { a.Record.Checks[1].Status = verify.NotRun }, `"sumdb.head" did not pass`},
		"a check failed":    {func(_ *Package, a *verify.ArtifactReport) { a.Record.Checks[2].Status = verify.Fail }, `"sumdb.inclusion" is fail`},
		"invalid":           {func(_ *Package, a *verify.ArtifactReport) { a.Record.Status = verify.Invalid }, "does not follow"},
		"no hash":           {func(_ *Package, a *verify.ArtifactReport) { a.Record.Zip = "" }, "no hash of a module"},
		"a short hash":      {func(_ *Package, a *verify.ArtifactReport) { a.Record.Zip = "h1:YWI=" }, "no hash of a module"},
		"another hash":      {func(_ *Package, a *verify.ArtifactReport) { a.Record.Zip = "h2" + a.Record.Zip[2:] }, "no hash of a module"},
		"no database":       {func(_ *Package, a *verify.ArtifactReport) { a.Record.Database = "" }, "names no database"},
		"beyond the tree":   {func(_ *Package, a *verify.ArtifactReport) { a.Record.Number = 7 }, "no place in its tree"},
		"verified record":   {func(_ *Package, a *verify.ArtifactReport) { a.Record.Status = verify.Verified }, "which none can be"},
		"pending record":    {func(_ *Package, a *verify.ArtifactReport) { a.Record.Status = verify.Pending }, "which none can be"},
		"verified": {func(p *Package, a *verify.ArtifactReport) {
			p.Report.Status, a.Status, p.Report.Publisher = verify.Verified, verify.Verified, &verify.Publisher{}
		}, "nothing proves where a Go module comes from"},
		"signed by a registry": {func(_ *Package, a *verify.ArtifactReport) {
			a.Record, a.Signatures = nil, []verify.Signature{{KeyID: "x", Status: verify.Verified}}
		}, "no signature of a registry in a Go module"},
		"published by a registry": {func(_ *Package, a *verify.ArtifactReport) {
			a.Record, a.Attestations = nil, []verify.Attestation{{Status: verify.Verified, Kind: verify.KindPublish}}
		}, "no attestation and no signature"},
		"excluded": {func(_ *Package, a *verify.ArtifactReport) { a.Excluded = "GOSUMDB is off" }, "is kept from the checksum database"},
		"of npm": {func(p *Package, a *verify.ArtifactReport) {
			p.Spec.Protocol, p.Spec.Path, p.Spec.Package, a.Filename = catalog.NPX, "npx/x/spec.yaml", "x", "v1.0.0.tgz"
		}, "no word of a checksum database in a package of npx"},
		"another module":  {func(_ *Package, a *verify.ArtifactReport) { a.Filename = "example.com/m/cmd/xy@v1.0.0.zip" }, "another package's"},
		"another version": {func(_ *Package, a *verify.ArtifactReport) { a.Filename = "example.com/m@v1.0.1.zip" }, "another package's"},
		"no module":       {func(_ *Package, a *verify.ArtifactReport) { a.Filename = untrusted.Text("@v1.0.0.zip") }, "another package's"},
	} {
		p := goModule()
		tt.edit(&p, &p.Report.Artifacts[0])
		if _, err := ReadJSON(strings.NewReader(string(packageJSON(t, p)))); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	null := strings.Replace(string(packageJSON(t, goModule())), `"record": {`, `"record": null, "x": {`, 1)
	if _, err := ReadJSON(strings.NewReader(null)); err == nil {
		t.Error("a record that is null was read")
	}
}

// Packages of one module have one zip; two modules never have.
func TestReadJSONKnowsPackagesOfOneModule(t *testing.T) {
	t.Parallel()
	one, two := goModule(), goModule()
	two.Spec.Path, two.Spec.Package = "go/y/spec.yaml", "example.com/m/cmd/y"
	if _, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{one, two}))); err != nil {
		t.Errorf("two packages of one module: %v", err)
	}
	two.Spec.Package, two.Report.Artifacts[0].Filename = "example.com/evil", "example.com/evil@v1.0.0.zip"
	if _, err := ReadJSON(bytes.NewReader(catalogJSON(t, []Package{one, two}))); err == nil || !strings.Contains(err.Error(), "have the same file: h1:Khu2En") {
		t.Errorf("one zip of two modules: %v", err)
	}
}

// The subject of a module is its dirHash, the example of the in-toto specification;
// without a record that verifies there is none.
func TestVSAOfAModule(t *testing.T) {
	t.Parallel()
	p := goModule()
	p.Spec.Package, p.Report.Artifacts[0].Filename = "example.com/M", "example.com/M@v1.0.0.zip"
	var b bytes.Buffer
	without, err := VSA{VerifierID: "https://verifier.example", Require: verify.Signed}.Write(&b, []Package{p}, evening)
	if err != nil || len(without) != 0 {
		t.Fatalf("%v, %v", without, err)
	}
	for _, want := range []string{
		`{"name":"example.com/M@v1.0.0.zip","digest":{"dirHash":"2a1bb6127fb481c60f67692e22285fb306f3c6ffe62075e0ccf674d7c3adcb8f"}}`,
		`"resourceUri":"pkg:golang/example.com/M@v1.0.0"`, `"verificationResult":"PASSED"`, `"verifiedLevels":["SLSA_BUILD_LEVEL_0"]`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in %s", want, b.String())
		}
	}
	b.Reset()
	if _, err := (VSA{VerifierID: "https://verifier.example"}).Write(&b, []Package{p}, evening); err != nil || !strings.Contains(b.String(), `"verificationResult":"FAILED"`) {
		t.Errorf("a record proves no build: %v, %s", err, b.String())
	}
	p.Report.Artifacts[0].Record.Status = verify.Invalid
	b.Reset()
	if without, err := (VSA{VerifierID: "https://verifier.example"}).Write(&b, []Package{p}, evening); err != nil || len(without) != 1 || b.Len() != 0 {
		t.Errorf("a hash that nobody vouches for is named: %v, %v, %s", without, err, b.String())
	}
}
