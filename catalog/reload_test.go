package catalog

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestReloadReadsOneSpec(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const text = "metadata:\n  name: a\n  protocol: npx\nspec:\n  package: a\n  version: 1.0.0\n"
	write(filepath.Join(outside, "spec.yaml"), text)
	write(filepath.Join(dir, "npx/good/spec.yaml"), text)
	write(filepath.Join(dir, "npx/broken/spec.yaml"), "spec: [")
	write(filepath.Join(dir, "npx/empty/other.yaml"), "")
	for name, target := range map[string]string{"npx/inside": "good", "npx/out": outside, "npx/leads": "/nowhere"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "npx/link"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(outside, "spec.yaml"), filepath.Join(dir, "npx/link/spec.yaml")); err != nil {
		t.Fatal(err)
	}
	source, closer, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	loaded, err := Load(context.Background(), source)
	if err != nil {
		t.Fatal(err)
	}
	whole := map[string]Spec{}
	for _, spec := range loaded {
		whole[string(spec.Path)] = spec
	}
	folders, err := source.Folders(context.Background())
	if err != nil || len(folders) != 7 {
		t.Fatalf("%d folders, %v", len(folders), err)
	}
	for _, f := range append(folders, Folder{NPX, "gone"}, Folder{UVX, "never"}) {
		spec, found := source.Reload(f)
		path := string(f.Protocol) + "/" + f.Name + "/spec.yaml"
		want, loaded := whole[path]
		if string(spec.Path) != path || found != loaded || spec.SHA256 != want.SHA256 || (spec.Err == nil) != (want.Err == nil) {
			t.Errorf("%s: reloaded %+v, %v; loaded as %+v, %v", path, spec, found, want, loaded)
		}
		if strings.Contains(path, "out/") || strings.Contains(path, "link/") {
			if spec.Err == nil || spec.Package != "" {
				t.Errorf("%s leads out of the catalog and was read: %+v", path, spec)
			}
		}
	}
	if whole["npx/good/spec.yaml"].Err != nil || whole["npx/inside/spec.yaml"].Err != nil || whole["npx/broken/spec.yaml"].Err == nil {
		t.Errorf("the catalog reads %+v", loaded)
	}
}
