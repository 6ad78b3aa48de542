package report

import (
	"context"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/replay"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

var evening = time.Date(2026, 9, 3, 18, 30, 0, 0, time.UTC)

var demoOnce = sync.OnceValues(verifyDemo)

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

func verifyDemo() ([]Package, error) {
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
	}
	specs, err := catalog.Load(context.Background(), sources...)
	if err != nil {
		return nil, err
	}
	recording, err := replay.Open(demo.Recording())
	if err != nil {
		return nil, err
	}
	root, err := recording.TrustedRoot()
	if err != nil {
		return nil, err
	}
	keys, err := recording.NPMKeys()
	if err != nil {
		return nil, err
	}
	npmBase, err := registry.ParseBase(recording.NPMRegistry())
	if err != nil {
		return nil, err
	}
	index, err := registry.ParseBase(recording.PyPIIndex())
	if err != nil {
		return nil, err
	}
	client := registry.New(registry.Options{Transport: recording, Now: func() time.Time { return evening }})
	packages := make([]Package, len(specs))
	s := scan.Start(context.Background(), scan.Config{Fetch: &scan.Registries{
		NPM: npm.New(client, npm.Config{Base: npmBase}), PyPI: pypi.New(client, pypi.Config{Index: index}),
		Trust: trust.New(trust.Options{Material: trust.Material{
			Origin: trust.OriginDemo, TrustedRoot: root, NPMKeys: keys, RootName: "demo", KeysName: "demo",
		}}),
	}}, func(e scan.Event) {
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
