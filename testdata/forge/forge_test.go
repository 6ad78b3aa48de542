package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/demo"
)

// TestDemoIsWhatTheForgeMakes makes the demo anew, which asks sigstore-go about
// every bundle, and compares it with the one that is committed.
func TestDemoIsWhatTheForgeMakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	made := tree(t, os.DirFS(dir))
	committed := tree(t, demo.FS)
	for name, data := range made {
		if old, ok := committed[name]; !ok {
			t.Errorf("%s: is made and not committed", name)
		} else if !bytes.Equal(old, data) {
			t.Errorf("%s: is made otherwise than committed: run go generate ./testdata/forge", name)
		}
	}
	for name := range committed {
		if _, ok := made[name]; !ok {
			t.Errorf("%s: is committed and not made", name)
		}
	}
}

func tree(t *testing.T, fsys fs.FS) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(fsys, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestSelfCheckCatches holds that the forge would notice a bundle that does
// not do what it says of it.
func TestSelfCheckCatches(t *testing.T) {
	t.Parallel()
	order := func() order {
		return order{identity: github("a/b", "c.yml", "refs/tags/v1"), payload: []byte(`{"_type":"https://in-toto.io/Statement/v1"}`),
			at: at("2025-10-01T10:00:00Z"), version: "0.3", kind: "dsse"}
	}
	f := newForge()
	if err := f.inspector.check(f.good.attest(order()).breaks("nothing")); err == nil {
		t.Error("a good bundle that is said to be broken passes")
	}
	if err := f.inspector.check(f.evil.attest(order())); err == nil {
		t.Error("a bundle of an unknown Sigstore passes")
	}
	f.inspect("x", f.evil.attest(order()))
	if err := f.build(nil); err == nil {
		t.Error("the forge builds in spite of a bundle that does not do what it says")
	}
}

// TestAttacks holds that no two attacks share a folder or a package, which
// would let one hide another.
func TestAttacks(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, s := range attacks() {
		for _, key := range []string{filepath.Join(s.protocol, s.folder), s.pkg} {
			if seen[key] {
				t.Errorf("%s: used twice", key)
			}
			seen[key] = true
		}
		if !strings.HasSuffix(s.story, ".") {
			t.Errorf("%s: its story is no sentence: %q", s.folder, s.story)
		}
	}
	if len(seen) < 2*30 {
		t.Errorf("expected at least 30 attacks, found %d", len(seen)/2)
	}
}
