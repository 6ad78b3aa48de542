// Package many makes catalogs of any size for benchmarks, out of the demo: its
// honest packages over and over, each time under another server's name.
package many

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
)

// honest is the demo's catalog that is repeated: as many packages have
// attestations, only a signature, or nothing as in a catalog of 2025.
const honest = "dockyard"

// Specs returns a catalog of n packages, sorted by path.
func Specs(n int) ([]catalog.Spec, error) {
	source, err := honestCatalog()
	if err != nil {
		return nil, err
	}
	good, err := catalog.Load(context.Background(), catalog.Source{FS: source})
	if err != nil {
		return nil, err
	}
	specs := make([]catalog.Spec, n)
	for i := range specs {
		spec := good[i%len(good)]
		spec.Server = untrusted.Text(server(string(spec.Server), i))
		spec.Path = untrusted.Text(string(spec.Protocol) + "/" + string(spec.Server) + "/spec.yaml")
		specs[i] = spec
	}
	slices.SortFunc(specs, func(a, b catalog.Spec) int { return strings.Compare(string(a.Path), string(b.Path)) })
	return specs, nil
}

// Write writes a catalog of n packages below a folder, which must exist.
func Write(dir string, n int) error {
	source, err := honestCatalog()
	if err != nil {
		return err
	}
	files, err := fs.Glob(source, "*/*/spec.yaml")
	if err != nil {
		return err
	}
	texts := make([]string, len(files))
	for i, name := range files {
		data, err := fs.ReadFile(source, name)
		if err != nil {
			return err
		}
		texts[i] = string(data)
	}
	for i := range n {
		parts := strings.Split(files[i%len(files)], "/")
		name := server(parts[1], i)
		folder := filepath.Join(dir, parts[0], name)
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		text := strings.Replace(texts[i%len(files)], fmt.Sprintf("name: %q", parts[1]), fmt.Sprintf("name: %q", name), 1)
		if err := os.WriteFile(filepath.Join(folder, parts[2]), []byte(text), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func server(name string, i int) string { return fmt.Sprintf("%s-%06d", name, i) }

func honestCatalog() (fs.FS, error) {
	for _, c := range demo.Catalogs() {
		if c.Name == honest {
			return c.FS, nil
		}
	}
	return nil, fmt.Errorf("the demo has no catalog %s", honest)
}
