package report

import (
	"context"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/many"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

var evening = time.Date(2026, 9, 3, 18, 30, 0, 0, time.UTC)

var demoOnce = sync.OnceValues(func() ([]Package, error) { return verifyDemo(func(*scan.Registries) {}) })

// demoPackages is the whole demo, verified by the engine with every check.
func demoPackages(t *testing.T) []Package {
	t.Helper()
	packages, err := demoOnce()
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 100 {
		t.Fatalf("the demo has only %d packages", len(packages))
	}
	return packages
}

func verifyDemo(change func(*scan.Registries)) ([]Package, error) {
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
	}
	specs, err := catalog.Load(context.Background(), sources...)
	if err != nil {
		return nil, err
	}
	from, err := many.Registries()
	if err != nil {
		return nil, err
	}
	change(from)
	packages := make([]Package, len(specs))
	s := scan.Start(context.Background(), scan.Config{Fetch: from}, func(e scan.Event) {
		if e.Kind == scan.Finished {
			packages[e.ID].Report = *e.Report
		}
	})
	for i, spec := range specs {
		packages[i].Spec = spec
		s.Submit(scan.Task{ID: i, Spec: spec, Options: verify.Options{Explain: true}})
	}
	return packages, s.Wait()
}
