package report

import (
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
	record := &verify.Record{Database: "sum.example", Number: 3, Size: 7, Status: verify.Signed, Reason: "it is there", Checks: checks, Zip: "h1:a=", Mod: "h1:b="}
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
		"verified record":   {func(_ *Package, a *verify.ArtifactReport) { a.Record.Status = verify.Verified }, "which none can be"},
		"pending record":    {func(_ *Package, a *verify.ArtifactReport) { a.Record.Status = verify.Pending }, "which none can be"},
		"verified": {func(p *Package, a *verify.ArtifactReport) {
			p.Report.Status, a.Status, p.Report.Publisher = verify.Verified, verify.Verified, &verify.Publisher{}
		}, "nothing proves where a Go module comes from"},
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
