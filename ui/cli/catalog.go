package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// errNoSpecs is the error of a catalog that is there and empty. A check that
// checked nothing must not succeed.
var errNoSpecs = errors.New("holds no specs: expected " + catalog.SpecPaths)

// openCatalog opens the catalog that the command line names. What it returns
// as well is to be closed.
func openCatalog(o options) ([]catalog.Source, io.Closer, error) {
	switch {
	case o.written != nil:
		return o.written, io.NopCloser(nil), nil
	case o.demo != "":
		return o.demo.sources(), io.NopCloser(nil), nil
	}
	source, closer, err := catalog.OpenDir(o.catalog)
	return []catalog.Source{source}, closer, err
}

// insteadOf says what to write in place of a folder that is not a catalog, or "".
func insteadOf(folder string, err error) string {
	if !errors.Is(err, catalog.ErrNotCatalog) {
		return ""
	}
	whole, _ := filepath.Abs(folder) // without a working directory there is nothing to say
	switch {
	case catalog.Protocol(filepath.Base(whole)).Known():
		return "; the catalog is the folder that holds it"
	case folder == ".":
		return "; name the folder of one, or see plimsoll --demo"
	}
	return ""
}

// streamCatalog calls yield for the specs of the catalog as they are read.
func streamCatalog(ctx context.Context, o options, yield func([]catalog.Spec)) error {
	sources, closer, err := openCatalog(o)
	if err != nil {
		return err
	}
	defer closer.Close()
	found := 0
	err = catalog.Stream(ctx, sources, runtime.GOMAXPROCS(0), func(batch []catalog.Spec) {
		before := found
		if found += len(batch); before <= large && found > large {
			collectOften()
		}
		yield(batch)
	})
	switch {
	case err != nil:
		return fmt.Errorf("%q: %w%s", untrusted.Text(o.catalog), err, insteadOf(o.catalog, err))
	case found == 0:
		err := fmt.Errorf("%q %w", untrusted.Text(o.catalog), errNoSpecs)
		if unread := catalog.CountUnread(ctx, sources...).String(); unread != "" {
			err = fmt.Errorf("%w, found %s", err, unread)
		}
		return err
	}
	return nil
}

// large is the number of packages from which memory is worth more than time: what is
// kept of each is about 3 kB, and with Go's own setting as much again is garbage.
const large = 20_000

// collectOften has the garbage collected when it is a third of what is kept, unless
// GOGC says something else.
func collectOften() {
	const usual, often = 100, 33
	if was := debug.SetGCPercent(often); was != usual {
		debug.SetGCPercent(was)
	}
}

// countUnread counts the specs of the catalog that are not read. A folder that
// cannot be opened is the error of who loads it.
func countUnread(ctx context.Context, o options) catalog.UnreadSpecs {
	sources, closer, err := openCatalog(o)
	if err != nil {
		return nil
	}
	defer closer.Close()
	return catalog.CountUnread(ctx, sources...)
}

// loadSpec reads the spec at a path that ends in PROTOCOL/NAME/spec.yaml; with
// the demo the path begins with the name of one of its two catalogs.
func loadSpec(ctx context.Context, o options, file string) (catalog.Spec, error) {
	if o.demo == "" {
		return catalog.LoadFile(file)
	}
	specs, err := catalog.Load(ctx, o.demo.named().sources()...)
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
	return catalog.Spec{}, o.demo.unknownPath(file)
}
