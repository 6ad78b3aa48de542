package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
)

// errNoSpecs says that a catalog is there and has nothing in it. It is never
// passed over: a check that checked nothing must not succeed.
var errNoSpecs = errors.New("holds no specs: expected npx/NAME/spec.yaml or uvx/NAME/spec.yaml")

// checkCatalog refuses a catalog beside the demo's own.
func checkCatalog(o options, args []string) error {
	if o.demo && len(args) > 0 {
		return usagef("--demo brings its own catalog, and %q was given as well", args[0])
	}
	return nil
}

// loadCatalog reads the catalog that the command line names: the current
// folder where it names none.
func loadCatalog(ctx context.Context, o options, args []string) ([]catalog.Spec, error) {
	var specs []catalog.Spec
	err := streamCatalog(ctx, o, args, func(batch []catalog.Spec) { specs = append(specs, batch...) })
	if err != nil {
		return nil, err
	}
	return specs, nil
}

// streamCatalog is loadCatalog for somebody who wants the specs as they are
// read.
func streamCatalog(ctx context.Context, o options, args []string, yield func([]catalog.Spec)) error {
	workers := runtime.GOMAXPROCS(0)
	if o.demo {
		return catalog.Stream(ctx, demoSources(), workers, yield)
	}
	dir := title(o, args)
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		return err
	}
	defer closer.Close()
	found := false
	err = catalog.Stream(ctx, []catalog.Source{source}, workers, func(batch []catalog.Spec) {
		found = true
		yield(batch)
	})
	switch {
	case err != nil:
		return fmt.Errorf("%q: %w", untrusted.Text(dir), err)
	case !found:
		return fmt.Errorf("%q %w", untrusted.Text(dir), errNoSpecs)
	}
	return nil
}

// countUnread counts the specs of the catalog that are not read. A folder that
// cannot be opened is the error of who loads it.
func countUnread(ctx context.Context, o options, args []string) catalog.UnreadSpecs {
	if o.demo {
		return catalog.CountUnread(ctx, demoSources()...)
	}
	source, closer, err := catalog.OpenDir(title(o, args))
	if err != nil {
		return nil
	}
	defer closer.Close()
	return catalog.CountUnread(ctx, source)
}

// loadSpec reads the spec at a path that ends in PROTOCOL/NAME/spec.yaml; with
// the demo the path begins with the name of one of its catalogs.
func loadSpec(ctx context.Context, o options, file string) (catalog.Spec, error) {
	if !o.demo {
		return catalog.LoadFile(file)
	}
	specs, err := catalog.Load(ctx, demoSources()...)
	if err != nil {
		return catalog.Spec{}, err
	}
	for _, spec := range specs {
		if string(spec.Path) == path.Clean(file) {
			if spec.Err != nil {
				return spec, spec.Err
			}
			return spec, nil
		}
	}
	var names []string
	for _, source := range demoSources() {
		names = append(names, source.Name+"/")
	}
	return catalog.Spec{}, fmt.Errorf("the demo has no spec at %q: its paths begin with %s",
		untrusted.Text(file), strings.Join(names, " or "))
}

func demoSources() []catalog.Source {
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
	}
	return sources
}
