package revision

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// spec is a whole one.
func spec(name string, version int) string {
	return fmt.Sprintf("metadata:\n  name: %s\nspec:\n  package: %q\n  version: \"1.0.%d\"\n", name, "@acme/"+name, version)
}

func TestTreeIsAFileSystem(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("policy.yaml", "p")
	s.write("npx/x/README.md", "")
	_, two := s.two()
	if err := fstest.TestFS(s.tree(two), "policy.yaml", "npx/x/spec.yaml", "npx/x/README.md", "uvx/y/spec.yaml"); err != nil {
		t.Error(err)
	}
}

// A commit is read as the folder that it becomes: what a link leads to is a spec
// that could be installed, and what cannot be read is not what is not there.
func TestTreeIsReadAsTheFolder(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("outside/spec.yaml", spec("outside", 0))
	root := s.at("catalog")
	if err := os.MkdirAll(filepath.Join(root.dir, "npx"), 0o755); err != nil {
		t.Fatal(err)
	}
	root.write("shared/spec.yaml", spec("shared", 0))
	root.write("npx/plain/spec.yaml", spec("plain", 0))
	root.write("npx/Plain/spec.yaml", spec("Plain", 0))
	root.write("npx/folder/spec.yaml/x", "x")
	root.write("npx/none/Spec.yaml", "x")
	root.write("npx/-dash\n\x1b[2J\xff/spec.yaml", spec("dash", 0))
	root.write("npx/file", "x")
	root.write("npx/large/spec.yaml", strings.Repeat("#", untrusted.MaxSpec+1))
	root.write("npx/huge/spec.yaml", strings.Repeat("#", maxFile+1))
	for name, target := range map[string]string{
		"npx/link": "plain", "npx/over": "../shared", "npx/link-of-link": "link", "npx/inner/spec.yaml": "../../shared/spec.yaml",
		"npx/dots": "./../npx//plain/.", "npx/nothing": "gone", "npx/to-file": "file", "npx/hanging/spec.yaml": "gone",
		"npx/loop": "loop", "npx/loops/spec.yaml": "../loops/spec.yaml", "npx/up": "..", "npx/root": "/",
		"npx/out": "../../outside", "npx/out-file/spec.yaml": "../../../outside/spec.yaml", "npx/absolute/spec.yaml": "/etc/passwd",
		"npx/through-file/spec.yaml": "../file/spec.yaml",
	} {
		name = filepath.Join(root.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, name); err != nil {
			t.Skip(err)
		}
	}
	commit := s.commit()
	folder, closer, err := catalog.OpenDir(root.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	want, err := catalog.Load(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	r := root.open()
	tree, err := r.Tree(commit)
	if err != nil {
		t.Fatal(err)
	}
	got, err := catalog.Load(t.Context(), catalog.Source{FS: tree})
	if err != nil || len(got) != len(want) || len(got) < 10 {
		t.Fatalf("loaded %d specs, %v; want %d", len(got), err, len(want))
	}
	for i := range got {
		g, w := &got[i], &want[i]
		if g.Path != w.Path || g.Package != w.Package || g.SHA256 != w.SHA256 || (g.Err == nil) != (w.Err == nil) {
			t.Errorf("%q: %q, %v; want %q: %q, %v", g.Path, g.Package, g.Err, w.Path, w.Package, w.Err)
		}
	}
	if err := r.Fault(); err != nil {
		t.Errorf("a file's own fault is the repository's: %v", err)
	}
	unread := func(source catalog.Source) string { return catalog.CountUnread(t.Context(), source).String() }
	if got, want := unread(catalog.Source{FS: tree}), unread(folder); got != want {
		t.Errorf("not read are %q, want %q", got, want)
	}
}

func TestHostileTrees(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	blob := s.object("blob", "x")
	raw := func(object string) string { data, _ := hex.DecodeString(object); return string(data) }
	entry := func(mode, name, object string) string { return mode + " " + name + "\x00" + raw(object) }
	file := entry("100644", "spec.yaml", blob)
	folder := s.object("tree", file)
	wrong := s.object("tree", entry("100644", "spec.yaml", folder))
	deep := folder
	for range 200 {
		deep = s.object("tree", entry("40000", "d", deep))
	}
	in := func(npx string) string { // a catalog with these folders
		return s.object("tree", entry("40000", "npx", s.object("tree", npx)))
	}
	commit := func(tree string) string { return s.git("commit-tree", "-m", "x", tree) }
	for name, c := range map[string]struct{ commit, want string }{
		"a name twice":            {commit(in(entry("40000", "x", folder) + entry("40000", "x", folder))), `found "x" twice`},
		"a file and a folder":     {commit(in(entry("100644", "x", blob) + entry("40000", "x", folder))), `found "x" twice`},
		"a path for a name":       {commit(in(entry("40000", "x/y", folder))), `expected the name of a file, found "x/y"`},
		"dots":                    {commit(in(entry("40000", "..", folder))), `found ".."`},
		"a dot":                   {commit(in(entry("40000", ".", folder))), `found "."`},
		"no name":                 {commit(in(entry("40000", "", folder))), `found ""`},
		"no space":                {commit(in("40000x\x00" + raw(folder))), `expected an entry of a folder, found "40000x"`},
		"no mode":                 {commit(in(" x\x00" + raw(folder))), "expected an entry of a folder"},
		"a mode of nothing":       {commit(in(entry("10644", "x", blob))), `expected the mode of a file or a folder, found "10644"`},
		"a mode that is too long": {commit(in(entry("777777777777777777777", "x", blob))), "expected an entry"},
		"cut":                     {commit(in("40000 x\x00abc")), "expected an entry"},
		"a file for a folder":     {commit(in(entry("40000", "x", blob))), "expected a tree of the name " + blob + ", found a blob"},
		"a folder for a file":     {commit(in(entry("40000", "x", wrong))), "expected a blob of the name " + folder + ", found a tree"},
		"a folder of nothing":     {commit(in(entry("40000", "x", strings.Repeat("7", 40)))), "is not in this clone"},
		"a name of another":       {commit(in(entry("40000", "x", strings.Repeat("0", 40)))), "is not in this clone"},
		"no tree":                 {s.object("commit", "parent "+blob+"\n\nx"), "expected a tree in commit"},
		"a tree that is a file":   {s.object("commit", "tree "+blob+"\n\nx"), "expected a tree"},
		"a tree of no name":       {s.object("commit", "tree ../../x\n\nx"), `found "tree ../../x"`},
		"a name that is a blob's": {blob, "expected a commit"},
		"a name that is a line":   {blob + "\n" + blob, "expected the full name of a commit"},
	} {
		r := s.open()
		tree, err := r.Tree(c.commit)
		if err == nil {
			_, err = fs.ReadDir(tree, "npx")
		}
		if err == nil {
			_, err = tree.Open("npx/x/spec.yaml")
		}
		fails(t, name, err, c.want)
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is as good as not there: %v", name, err)
		}
	}
	s.holds(commit(in(entry("40000", "x", deep))), "npx/x/"+strings.Repeat("d/", 200)+"spec.yaml", "x")
	s.holds(commit(in(entry("040000", "x", s.object("tree", entry("100664", "spec.yaml", blob))))), "npx/x/spec.yaml", "x") // of old gits
}

// Objects that are too large are not held, and do not keep the others from being
// read; of too many nothing is read on.
func TestObjectsThatAreTooLarge(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	large := s.feed("100644 blob "+s.object("blob", strings.Repeat("#", maxFile+1))+"\tspec.yaml", "mktree")
	small := s.feed("100644 blob "+s.object("blob", "x")+"\tspec.yaml", "mktree")
	npx := "040000 tree " + small + "\tx\n"
	for i := range maxStarts + 1 {
		npx += fmt.Sprintf("040000 tree %s\t%03d\n", large, i)
	}
	commit := s.git("commit-tree", "-m", "x", s.feed("040000 tree "+s.feed(npx, "mktree")+"\tnpx", "mktree"))
	r := s.open()
	tree, err := r.Tree(commit)
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) error { _, err := tree.Open("npx/" + name + "/spec.yaml"); return err }
	if err := read("000"); !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("a large file: %v", err)
	}
	if err := errors.Join(read("x"), r.Fault()); err != nil {
		t.Errorf("another file: %v", err)
	}
	for i := range maxStarts + 1 {
		_ = read(fmt.Sprintf("%03d", i))
	}
	fails(t, "many large files", r.Fault(), "too large")
	if err := read("x"); err == nil || r.objects.starts > maxStarts {
		t.Errorf("git was started %d times, and is asked on", r.objects.starts)
	}
}

// The work tree's line ends may be its own, and the specs are the same.
func TestLineEnds(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	for _, name := range []string{"x", "y", "z"} {
		s.write("npx/"+name+"/spec.yaml", spec(name, 0))
	}
	s.write("npx/w/spec.yaml", strings.ReplaceAll(spec("w", 0), "\n", "\r\n"))
	commit := s.commit()
	s.write(".gitattributes", "npx/x/* text eol=crlf\n")
	s.git("config", "core.autocrlf", "true")
	if err := os.RemoveAll(filepath.Join(s.dir, "npx")); err != nil {
		t.Fatal(err)
	}
	s.git("checkout", "-q", commit, "--", ".")
	for _, name := range []string{"x", "y"} {
		if data, err := os.ReadFile(filepath.Join(s.dir, "npx", name, "spec.yaml")); err != nil || !strings.Contains(string(data), "\r\n") {
			t.Fatalf("the work tree has %q, %v; want line ends of its own", data, err)
		}
	}
	s.write("npx/z/spec.yaml", strings.ReplaceAll(spec("z", 1), "\n", "\r\n"))
	folder, closer, err := catalog.OpenDir(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	tree := s.tree(commit)
	for name, want := range map[string]bool{"x": true, "y": true, "z": false, "w": true, "none": false, "": false} {
		if same := tree.Same(folder.FS, "npx/"+name+"/spec.yaml"); same != want {
			t.Errorf("%s is the same: %v, want %v", name, same, want)
		}
	}
}

// What cannot be read in either of two commits is no change; what became unreadable,
// or readable, is.
func TestSame(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	link := func(name, target string) {
		if err := os.MkdirAll(filepath.Join(s.dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(s.dir, name)); err != nil {
			t.Skip(err)
		}
	}
	s.write("npx/x/spec.yaml", "x")
	link("npx/to-x", "x")
	link("npx/hanging/spec.yaml", "gone")
	link("npx/later/spec.yaml", "../../shared.yaml")
	link("npx/none", "gone")
	link("npx/file/spec.yaml", "../x/spec.yaml")
	s.write("npx/folder/spec.yaml/a", "a")
	s.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("7", 40)+",npx/module")
	s.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("7", 40)+",npx/module2")
	s.git("add", "npx/x", "npx/to-x", "npx/hanging", "npx/later", "npx/none", "npx/file", "npx/folder")
	s.git("commit", "-q", "-m", "one")
	one := s.tree(s.git("rev-parse", "HEAD"))
	s.write("shared.yaml", "s")
	s.write("npx/x/spec.yaml", "other")
	s.git("add", "shared.yaml", "npx/x")
	s.git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat("8", 40)+",npx/module2")
	s.git("commit", "-q", "-m", "two")
	two := s.tree(s.git("rev-parse", "HEAD"))
	for name, want := range map[string]bool{"x": false, "to-x": false, "file": false, "later": false, "module2": false,
		"hanging": true, "none": true, "folder": true, "module": true} {
		if name := "npx/" + name + "/spec.yaml"; one.Same(two, name) != want || two.Same(one, name) != want || !one.Same(one, name) {
			t.Errorf("%s is the same: %v, want %v", name, !want, want)
		}
	}
}

// Of a large catalog read is what differs, by one process.
func TestManyChanges(t *testing.T) {
	t.Parallel()
	const all, changed = 10_000, 5_000
	s := newSandbox(t)
	var input strings.Builder
	for i := range 2 {
		fmt.Fprintf(&input, "commit refs/heads/main\ncommitter a <a@b.test> 1700000000 +0000\ndata 0\n")
		for j := range all {
			if i == 0 || j%2 == 0 {
				text := spec(fmt.Sprintf("s%d", j), i)
				fmt.Fprintf(&input, "M 100644 inline npx/s%d/spec.yaml\ndata %d\n%s\n", j, len(text), text)
			}
		}
	}
	s.feed(input.String(), "-c", "core.compression=0", "fast-import", "--quiet")
	r := s.open()
	base, err := r.Base("")
	if err != nil {
		t.Fatal(err)
	}
	var trees []*Tree
	for _, revision := range []string{base, s.git("rev-parse", "main")} {
		tree, err := r.Tree(revision)
		if err != nil {
			t.Fatal(err)
		}
		trees = append(trees, tree)
	}
	same := func(path string) bool { return trees[0].Same(trees[1], path) }
	for i, tree := range trees {
		specs, err := catalog.Load(t.Context(), catalog.Source{FS: tree, Skip: same})
		if err != nil || len(specs) != changed {
			t.Fatalf("loaded %d specs, %v; want %d", len(specs), err, changed)
		}
		for _, s := range specs {
			if s.Err != nil || s.Version != untrusted.Text(fmt.Sprintf("1.0.%d", i)) {
				t.Fatalf("%s is %s, %v", s.Path, s.Version, s.Err)
			}
		}
	}
	if r.objects.starts != 1 {
		t.Errorf("git was started %d times", r.objects.starts)
	}
}

// Any bytes in the place of a folder: what is accepted has names that a folder can
// have, and objects of the right length.
func FuzzParseTree(f *testing.F) {
	for _, mode := range []string{"100644", "40000", "120000", "160000", "0", "x"} {
		f.Add([]byte(mode+" spec.yaml\x00"+strings.Repeat("a", 20)+mode+" x\x00"+strings.Repeat("b", 20)), false)
		f.Add([]byte(mode+" ..\x00"+strings.Repeat("a", 32)), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, sha256 bool) {
		size := 20
		if sha256 {
			size = 32
		}
		entries, err := parseTree(data, size)
		if err != nil {
			return
		}
		for name, n := range entries {
			if name != n.name || strings.Contains(name, "/") || strings.Trim(name, ".") == "" && len(name) < 3 || len(n.object) != 2*size {
				t.Errorf("%q is %+v", name, n)
			}
		}
		if len(data) > 0 && len(entries) == 0 {
			t.Errorf("nothing was read of %q", data)
		}
	})
}
