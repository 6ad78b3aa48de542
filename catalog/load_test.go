package catalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
)

const minimal = "metadata: {name: x}\nspec: {package: x, version: 1.0.0}\n"

func tree(files map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return tree
}

func paths(specs []Spec) []string {
	var paths []string
	for _, s := range specs {
		paths = append(paths, string(s.Path))
	}
	return paths
}

func TestLoadTakesOnlySpecs(t *testing.T) {
	t.Parallel()
	source := Source{FS: tree(map[string]string{
		"uvx/b/spec.yaml":        minimal,
		"npx/z/spec.yaml":        minimal,
		"npx/a/spec.yaml":        minimal,
		"npx/a/SECURITY.md":      "",
		"npx/empty/README.md":    "",
		"npx/deep/er/spec.yaml":  minimal,
		"npx/spec.yaml":          minimal,
		"npx/upper/Spec.yaml":    minimal,
		"npx/yml/spec.yml":       minimal,
		"deno/x/spec.yaml":       minimal,
		"spec.yaml":              minimal,
		"npx/a/spec.yaml.backup": "",
	})}
	specs, err := Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"npx/a/spec.yaml", "npx/z/spec.yaml", "uvx/b/spec.yaml"}; !slices.Equal(paths(specs), want) {
		t.Errorf("loaded %q, want %q", paths(specs), want)
	}
	if specs[0].Protocol != NPX || specs[2].Protocol != UVX {
		t.Errorf("protocols %q and %q", specs[0].Protocol, specs[2].Protocol)
	}
}

func TestLoadNames(t *testing.T) {
	t.Parallel()
	one := tree(map[string]string{"npx/a/spec.yaml": minimal})
	specs, err := Load(t.Context(), Source{Name: "second", FS: one}, Source{Name: "first", FS: one}, Source{FS: one})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"first/npx/a/spec.yaml", "npx/a/spec.yaml", "second/npx/a/spec.yaml"}; !slices.Equal(paths(specs), want) {
		t.Errorf("loaded %q, want %q", paths(specs), want)
	}
	if _, err := Load(t.Context(), Source{Name: "a", FS: one}, Source{Name: "a", FS: one}); err == nil || !strings.Contains(err.Error(), `two catalogs are called "a"`) {
		t.Errorf("two catalogs of one name: %v", err)
	}
}

func TestLoadOfNoCatalog(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]Source{
		"empty":       {FS: tree(nil)},
		"other files": {FS: tree(map[string]string{"spec.yaml": minimal, "NPX/a/spec.yaml": minimal})},
	} {
		t.Run(name, func(t *testing.T) {
			specs, err := Load(t.Context(), source)
			if err == nil || !strings.Contains(err.Error(), "npx, uvx or go") {
				t.Errorf("%d specs, error %v; want one that says what was looked for", len(specs), err)
			}
		})
	}
	only := Source{FS: fstest.MapFS{"uvx": &fstest.MapFile{Mode: fs.ModeDir | 0o755}}}
	if specs, err := Load(t.Context(), only); err != nil || len(specs) != 0 {
		t.Errorf("a catalog without specs: %d specs, %v", len(specs), err)
	}
}

func TestStreamIsSerialSortedAndStops(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 3 * batchSize {
		files[fmt.Sprintf("npx/p%03d/spec.yaml", i)] = minimal
		files[fmt.Sprintf("npx/p%03d-more/spec.yaml", i)] = minimal // before p%03d when sorted by path, after it by name
	}
	sources := []Source{{FS: tree(files)}}
	for _, workers := range []int{-1, 1, 8} {
		var seen []string // not locked: the race detector sees a yield from two goroutines
		if err := Stream(t.Context(), sources, workers, func(batch []Spec) {
			if len(batch) == 0 {
				t.Error("an empty batch")
			}
			for _, s := range batch {
				seen = append(seen, string(s.Path))
			}
		}); err != nil || len(seen) != len(files) || !slices.IsSorted(seen) {
			t.Errorf("%d workers: %d specs, sorted %v, %v", workers, len(seen), slices.IsSorted(seen), err)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	batches := 0
	err := Stream(ctx, sources, 4, func([]Spec) {
		if batches++; batches == 2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || batches != 2 {
		t.Errorf("cancelled at the second batch: %d, %v", batches, err)
	}
	if err := Stream(ctx, sources, 4, func([]Spec) { t.Error("specs after the end") }); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

// onDisk makes a catalog with one good spec, npx/good, in a new folder.
func onDisk(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "catalog")
	testfiles.Write(t, filepath.Join(dir, "npx", "good", specFile), minimal)
	return dir
}

func mkdir(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
}

func symlink(t *testing.T, to, at string) {
	t.Helper()
	mkdir(t, filepath.Dir(at))
	if err := os.Symlink(to, at); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func loadDir(t *testing.T, dir string) map[string]Spec {
	t.Helper()
	source, closer, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	specs, err := Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	byPath := map[string]Spec{}
	for _, s := range specs {
		byPath[string(s.Path)] = s
	}
	return byPath
}

func TestFilesThatAreNoSpec(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make func(t *testing.T, dir string)
		want string // of the error's message; "" where there is to be no row
	}{
		"spec links out": {func(t *testing.T, dir string) {
			testfiles.Write(t, filepath.Join(dir, "..", "secret.yaml"), minimal)
			symlink(t, "../../../secret.yaml", filepath.Join(dir, "npx", "bad", specFile))
		}, "expected a regular file, found a symbolic link that leads out of the folder"},
		"spec links to an absolute path": {func(t *testing.T, dir string) {
			symlink(t, "/etc/hostname", filepath.Join(dir, "npx", "bad", specFile))
		}, "expected a regular file, found a symbolic link that leads out of the folder"},
		"folder links out": {func(t *testing.T, dir string) {
			testfiles.Write(t, filepath.Join(dir, "..", "outside", specFile), minimal)
			symlink(t, "../../outside", filepath.Join(dir, "npx", "bad"))
		}, "within the catalog"},
		"spec links to nothing": {func(t *testing.T, dir string) {
			symlink(t, "missing", filepath.Join(dir, "npx", "bad", specFile))
		}, "symbolic link to nothing"},
		"folder links to nothing": {func(t *testing.T, dir string) {
			symlink(t, "missing", filepath.Join(dir, "npx", "bad"))
		}, ""},
		"folder is a link to a file": {func(t *testing.T, dir string) {
			symlink(t, "good/spec.yaml", filepath.Join(dir, "npx", "bad"))
		}, ""},
		"folder is a file": {func(t *testing.T, dir string) {
			testfiles.Write(t, filepath.Join(dir, "npx", "bad"), minimal)
		}, ""},
		"link in a circle": {func(t *testing.T, dir string) {
			symlink(t, specFile, filepath.Join(dir, "npx", "bad", specFile))
		}, "within the catalog"},
		"spec is a folder": {func(t *testing.T, dir string) {
			mkdir(t, filepath.Join(dir, "npx", "bad", specFile))
		}, "expected a regular file, found a folder"},
		"spec is larger than a spec": {func(t *testing.T, dir string) {
			testfiles.Write(t, filepath.Join(dir, "npx", "bad", specFile), minimal+"#"+strings.Repeat("x", untrusted.MaxSpec-len(minimal)))
		}, "read the file: too large: more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := onDisk(t)
			test.make(t, dir)
			specs := loadDir(t, dir)
			if good, ok := specs["npx/good/spec.yaml"]; !ok || good.Err != nil {
				t.Errorf("the good spec beside it: %+v", good)
			}
			bad, ok := specs["npx/bad/spec.yaml"]
			if ok != (test.want != "") {
				t.Fatalf("there is a row: %t; all: %v", ok, specs)
			}
			if !ok {
				return
			}
			if bad.Err == nil || !strings.Contains(bad.Err.Message, test.want) {
				t.Errorf("error %v, want one that says %q", bad.Err, test.want)
			}
			if bad.Protocol != NPX || bad.Server != "bad" || bad.Package != "" {
				t.Errorf("the row: %+v", bad)
			}
		})
	}
}

// Opening a named pipe waits for its other end: the load must not hang.
func TestNamedPipe(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	pipe := filepath.Join(dir, "npx", "pipe", specFile)
	mkdir(t, filepath.Dir(pipe))
	testfiles.NamedPipe(t, pipe)
	s := loadDir(t, dir)["npx/pipe/spec.yaml"]
	if s.Err == nil || !strings.Contains(s.Err.Message, "expected a regular file, found a named pipe") {
		t.Errorf("the row: %+v, %v", s, s.Err)
	}
}

// A spec that is opened at once is read, or refused in the same words, as one
// that is asked for first.
func TestOpenedAtOnceIsTheSame(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	at := func(folder string) string { return filepath.Join(dir, "npx", folder, specFile) }
	testfiles.Write(t, filepath.Join(dir, "..", "outside", specFile), minimal)
	testfiles.Write(t, filepath.Join(dir, "npx", "README.md"), "no folder")
	testfiles.Write(t, at("broken"), "a: [")
	testfiles.Write(t, at("empty"), "")
	testfiles.Write(t, at("full"), minimal+"#"+strings.Repeat("x", untrusted.MaxSpec-len(minimal)-1))
	testfiles.Write(t, at("larger"), minimal+"#"+strings.Repeat("x", untrusted.MaxSpec-len(minimal)))
	mkdir(t, at("folder"))
	mkdir(t, filepath.Join(dir, "npx", "nothing"))
	symlink(t, "good", filepath.Join(dir, "npx", "link"))
	symlink(t, "../good/"+specFile, at("linked"))
	symlink(t, "../../../outside/"+specFile, at("out"))
	symlink(t, "../../outside", filepath.Join(dir, "npx", "outside"))
	symlink(t, "missing", at("missing"))
	mkdir(t, filepath.Dir(at("pipe")))
	testfiles.NamedPipe(t, at("pipe"))
	if err := os.Mkdir(filepath.Join(dir, "npx", "no-utf8-\xff"), 0o755); err == nil { // some file systems refuse it
		testfiles.Write(t, at("no-utf8-\xff"), minimal)
	}
	source, closer, err := OpenDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	got, err := Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	want, err := Load(t.Context(), Source{FS: source.FS.(disk).rootFS})
	if err != nil || len(want) < 11 || len(got) != len(want) {
		t.Fatalf("%d specs, asked for first %d, %v", len(got), len(want), err)
	}
	for i := range want {
		if !reflect.DeepEqual(got[i], want[i]) {
			t.Errorf("%v: at once %v, asked for first %v", want[i].Path, got[i].Err, want[i].Err)
		}
	}
}

// A catalog of which another tree was put in place of the folder is that tree: a
// commit is reviewed, not what is checked out.
func TestAnotherTreeInPlaceOfTheFolder(t *testing.T) {
	t.Parallel()
	source, closer, err := OpenDir(onDisk(t))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	source.FS = tree(map[string]string{"npx/other/spec.yaml": minimal})
	specs, err := Load(t.Context(), source)
	if err != nil || !slices.Equal(paths(specs), []string{"npx/other/spec.yaml"}) {
		t.Errorf("loaded %q, %v", paths(specs), err)
	}
}

func TestLinksWithinTheCatalog(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	symlink(t, "../good/spec.yaml", filepath.Join(dir, "npx", "same-file", specFile))
	symlink(t, "good", filepath.Join(dir, "npx", "same-folder"))
	testfiles.Write(t, filepath.Join(dir, "npx", "full", specFile), minimal+"#"+strings.Repeat("x", untrusted.MaxSpec-len(minimal)-1))
	specs := loadDir(t, dir)
	if len(specs) != 4 {
		t.Errorf("%d specs, want 4", len(specs))
	}
	for path, s := range specs {
		if s.Err != nil || s.Package != "x" {
			t.Errorf("%s: %+v", path, s)
		}
	}
}

func TestLoadFile(t *testing.T) {
	dir := onDisk(t)
	testfiles.Write(t, filepath.Join(dir, "uvx", "broken", specFile), "a: [")
	t.Chdir(filepath.Join(dir, "npx"))
	for name, test := range map[string]struct {
		file string
		path untrusted.Text // "" where the name is refused
		want string         // of the error
	}{
		"absolute":         {filepath.Join(dir, "npx", "good", specFile), "npx/good/spec.yaml", ""},
		"relative":         {"../npx/good/spec.yaml", "npx/good/spec.yaml", ""},
		"detours":          {"../npx/./x/..//good/spec.yaml", "npx/good/spec.yaml", ""},
		"broken":           {"../uvx/broken/spec.yaml", "uvx/broken/spec.yaml", "uvx/broken/spec.yaml:1: expected YAML"},
		"too short":        {"good/spec.yaml", "", "ends in npx/NAME/spec.yaml"},
		"other protocol":   {"../deno/good/spec.yaml", "", "ends in npx/NAME/spec.yaml"},
		"other file":       {"../npx/good/SPEC.yaml", "", "ends in npx/NAME/spec.yaml"},
		"folder":           {"../npx/good", "", "ends in npx/NAME/spec.yaml"},
		"empty":            {"", "", "ends in npx/NAME/spec.yaml"},
		"escape code":      {"\x1b[2J\u202e", "", `found "\x1b[2J\u202e"`},
		"no such spec":     {"../npx/missing/spec.yaml", "", "there is no spec at"},
		"no such catalog":  {"missing/npx/good/spec.yaml", "", "open catalog"},
		"root of the disk": {"/npx/plimsoll-test-missing/spec.yaml", "", "there is no spec at"},
	} {
		t.Run(name, func(t *testing.T) {
			spec, err := LoadFile(test.file)
			if spec.Path != test.path {
				t.Errorf("path %q, want %q", spec.Path, test.path)
			}
			if test.want == "" {
				if err != nil || spec.Package != "x" {
					t.Errorf("%+v, %v", spec, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one that says %q", err, test.want)
			}
		})
	}
	t.Chdir(dir)
	if spec, err := LoadFile("npx/good/spec.yaml"); err != nil || spec.Path != "npx/good/spec.yaml" {
		t.Errorf("from the catalog's folder: %+v, %v", spec, err)
	}
}

func TestOpenDirRefuses(t *testing.T) {
	t.Parallel()
	dir := onDisk(t)
	for _, name := range []string{filepath.Join(dir, "missing"), filepath.Join(dir, "npx", "good", specFile)} {
		if _, _, err := OpenDir(name); err == nil {
			t.Errorf("%s was opened as a catalog", name)
		}
	}
}

// failing is a file system in which one file breaks off while it is read.
type failing struct{ fstest.MapFS }

func (f failing) Open(name string) (fs.File, error) {
	file, err := f.MapFS.Open(name)
	if err == nil && name == "npx/a/spec.yaml" {
		return broken{file}, nil
	}
	return file, err
}

type broken struct{ fs.File }

func (broken) Read([]byte) (int, error) { return 0, errors.New("disk\x1b[2J on fire") }

func TestReadErrorsAreRows(t *testing.T) {
	specs, err := Load(t.Context(), Source{FS: failing{tree(map[string]string{"npx/a/spec.yaml": minimal, "npx/b/spec.yaml": minimal})}})
	if err != nil || len(specs) != 2 {
		t.Fatalf("%d specs, %v", len(specs), err)
	}
	if specs[0].Err == nil || !strings.Contains(specs[0].Err.Message, `disk\x1b[2J on fire`) {
		t.Errorf("error %v, want the cleaned reason", specs[0].Err)
	}
	if specs[1].Err != nil {
		t.Errorf("its neighbour: %v", specs[1].Err)
	}
}

type panicking struct{ fs.File }

func (panicking) Read([]byte) (int, error) { panic("boom\x1b[2J\n") }

// brittle is a file system of which one file panics.
type brittle struct{ fstest.MapFS }

func (b brittle) Open(name string) (fs.File, error) {
	file, err := b.MapFS.Open(name)
	if err == nil && name == "npx/a/spec.yaml" {
		return panicking{file}, nil
	}
	return file, err
}

func TestAPanicIsTheSpecsOwnError(t *testing.T) {
	t.Parallel()
	specs, err := Load(t.Context(), Source{FS: brittle{tree(map[string]string{"npx/a/spec.yaml": minimal, "npx/b/spec.yaml": minimal})}})
	if err != nil || len(specs) != 2 {
		t.Fatalf("%d specs, %v", len(specs), err)
	}
	if specs[0].Err == nil || specs[0].Err.Message != `internal error while reading: boom\x1b[2J` {
		t.Errorf("error %v, want the cleaned panic", specs[0].Err)
	}
	if specs[1].Err != nil {
		t.Errorf("its neighbour: %v", specs[1].Err)
	}
}

func TestRecordedCatalogs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		folder            string
		npx, uvx, offered int
	}{
		{"2025-10", 17, 12, 3},
		{"2026-08", 28, 16, 3},
	} {
		t.Run(test.folder, func(t *testing.T) {
			dir := testfiles.Shared(t, "catalogs", test.folder)
			npx, uvx, offered := 0, 0, 0
			for path, s := range loadDir(t, dir) {
				if s.Err != nil {
					t.Error(s.Err)
				}
				switch s.Protocol {
				case NPX:
					npx++
				case UVX:
					uvx++
				}
				if a := s.Provenance.Attestations; a != nil && a.Available {
					offered++
					if a.Publisher == nil || a.Publisher.Kind != "GitHub" {
						t.Errorf("%s: publisher %+v", path, a.Publisher)
					}
				}
				data := testfiles.Read(t, dir, filepath.FromSlash(path))
				lines := bytes.Split(data, []byte("\n"))
				for key, value := range map[string]untrusted.Text{
					"spec.package": s.Package, "spec.version": s.Version, "provenance.repository_uri": s.Provenance.RepositoryURI,
				} {
					if value == "" {
						t.Errorf("%s: no %s", path, key)
					} else if at := s.Lines.Of(key); at < 1 || !bytes.Contains(lines[at-1], []byte(value)) {
						t.Errorf("%s: %s is not on line %d", path, key, at)
					}
				}
			}
			if npx != test.npx || uvx != test.uvx || offered != test.offered {
				t.Errorf("%d npx, %d uvx, %d with attestations; want %d, %d, %d", npx, uvx, offered, test.npx, test.uvx, test.offered)
			}
		})
	}
}

// A named pipe is nowhere waited for.
func TestNamedPipes(t *testing.T) {
	t.Parallel()
	for pipe, wrong := range map[string]string{
		"":                "not a directory",
		"npx":             "read catalog: ",
		"npx/a":           "",
		"npx/a/spec.yaml": "",
		"other":           "",
	} {
		dir := filepath.Join(t.TempDir(), "cat")
		if pipe != "npx" && pipe != "" {
			testfiles.Write(t, filepath.Join(dir, "npx", "b", "spec.yaml"), "x: 1")
		}
		at := filepath.Join(dir, filepath.FromSlash(pipe))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		testfiles.NamedPipe(t, at)
		source, closer, err := OpenDir(dir)
		if err == nil {
			CountUnread(t.Context(), source)
			_, err = Load(t.Context(), source)
			closer.Close()
		}
		if (err != nil) != (wrong != "") || !strings.Contains(untrusted.Message(err), wrong) {
			t.Errorf("%q: %v, want %q", pipe, err, wrong)
		}
	}
}
