package report

import (
	"sync"
	"testing"
	"time"

	"plimsoll/testdata/lab"
	"plimsoll/verify/scan"
)

var evening = time.Date(2026, 9, 3, 18, 30, 0, 0, time.UTC)

var demoOnce struct {
	sync.Once
	packages []Package
}

// demoPackages is the whole demo, verified by the engine with every check.
func demoPackages(t *testing.T) []Package {
	t.Helper()
	demoOnce.Do(func() { demoOnce.packages = verifyDemo(t, lab.Registries(t)) })
	if len(demoOnce.packages) < 100 {
		t.Fatalf("the demo has only %d packages", len(demoOnce.packages))
	}
	return demoOnce.packages
}

func verifyDemo(t *testing.T, from *scan.Registries) []Package {
	t.Helper()
	specs := lab.Specs(t)
	packages := make([]Package, len(specs))
	for i, checked := range lab.Check(t, specs, from, true) {
		packages[i] = Package{Spec: specs[i], Report: *checked}
	}
	return packages
}
