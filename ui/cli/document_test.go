package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"plimsoll/catalog"
)

// Somebody who saves a spec while its package is verified loses nothing.
func TestDocumentOverwritesNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "npx", "x", "spec.yaml")
	save := func(text string) {
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	const text = "metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n"
	save(text)
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	specs, err := catalog.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	changes := []catalog.Change{{Key: catalog.KeyRepositoryURI, Value: "https://github.com/acme/x"}}
	for _, other := range []string{text + "# mine\n", "", "provenance: {}\n"} {
		save(other)
		diff, wrote, err := documentOptions{write: true}.change(t.Context(), bare(io.Discard, io.Discard, nil), dir, []catalog.Source{source}, specs[0], changes)
		if !errors.Is(err, catalog.ErrChanged) || wrote || diff != "" {
			t.Errorf("%q: wrote %t, %v", other, wrote, err)
		}
		if now, err := os.ReadFile(file); err != nil || string(now) != other {
			t.Errorf("the file is now %q, %v", now, err)
		}
	}
	save(text)
	if _, wrote, err := (documentOptions{write: true}).change(t.Context(), bare(io.Discard, io.Discard, nil), dir, []catalog.Source{source}, specs[0], changes); !wrote || err != nil {
		t.Errorf("wrote %t, %v", wrote, err)
	}
}
