package many

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
)

// What is written is what is made, every package of it can be checked, and
// none is wrong.
func TestEveryPackageIsGood(t *testing.T) {
	t.Parallel()
	const n = 100
	specs, err := Specs(n)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := Write(dir, n); err != nil {
		t.Fatal(err)
	}
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	written, err := catalog.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if len(specs) != n || len(written) != n {
		t.Fatalf("%d specs made, %d written, want %d", len(specs), len(written), n)
	}
	for i := range specs {
		if a, b := specs[i], written[i]; a.Path != b.Path || a.Server != b.Server || a.Package != b.Package || b.Err != nil {
			t.Errorf("made %v %v, written %v %v", a.Path, a.Package, b.Path, b.Package)
		}
	}
	seen := map[verify.Status]int{}
	for _, report := range lab.Check(t, specs, lab.Registries(t), false) {
		seen[report.Status]++
	}
	if sum := seen[verify.Verified] + seen[verify.Signed] + seen[verify.None]; sum != n || seen[verify.Verified] < n/10 {
		t.Errorf("statuses %v", seen)
	}
}
