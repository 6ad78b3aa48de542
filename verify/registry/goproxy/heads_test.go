package goproxy_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"

	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/cache"
	"plimsoll/verify/registry/goproxy"
)

// grow has the database record n more modules.
func (w *world) grow(t testing.TB, n int) {
	t.Helper()
	size, err := w.sums.Signed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tree, err := verify.HeadOf(size)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		other := module.Version{Path: fmt.Sprintf("example.com/grown/m%d", tree.N+int64(i)), Version: "v1.0.0"}
		w.records[other.String()] = fmt.Sprintf("%s %s h1:x=\n%[1]s %s/go.mod h1:y=\n", other.Path, other.Version)
		if _, err := w.sums.Lookup(t.Context(), other); err != nil {
			t.Fatal(err)
		}
	}
}

// fork has the database begin anew, with other records under the same key.
func (w *world) fork(t testing.TB, n int) {
	t.Helper()
	w.sums = sumdb.NewTestServer(w.private, w.goSum)
	w.records["example.com/forked@v1.0.0"] = "example.com/forked v1.0.0 h1:x=\nexample.com/forked v1.0.0/go.mod h1:y=\n"
	w.record(t, "example.com/forked")
	w.grow(t, n)
}

func openHeads(t testing.TB, dir string, w *world) *goproxy.Heads {
	t.Helper()
	heads, err := goproxy.OpenHeads(dir, w.key)
	if err != nil {
		t.Fatal(err)
	}
	return heads
}

func wantStatus(t *testing.T, r *goproxy.Registry, pkg string, status verify.Status, reason string) {
	t.Helper()
	report, _ := judge(t.Context(), r, release(pkg, "v1.0.0"))
	if report.Status != status || !strings.Contains(said(report), reason) {
		t.Errorf("%s: %v, want %v: …%s…:\n%s", pkg, report.Status, status, reason, said(report))
	}
}

func sizeOf(t *testing.T, heads *goproxy.Heads) int64 {
	t.Helper()
	newest, err := heads.Newest()
	if err != nil {
		t.Fatal(err)
	}
	head, err := verify.HeadOf(newest)
	if err != nil {
		t.Fatal(err)
	}
	return head.N
}

func TestHeadsAreKept(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	w.record(t, "example.com/m")
	first := openHeads(t, dir, w)
	wantStatus(t, w.registry(w.settings("a"), first), "example.com/m", verify.Signed, "the tree of 301")
	w.grow(t, 400)
	second := openHeads(t, dir, w)
	if n := sizeOf(t, second); n != 301 {
		t.Errorf("a tree of %d was kept, want 301", n)
	}
	wantStatus(t, w.registry(w.settings("a"), second), "example.com/m", verify.Signed, "the tree of 701")
	if n := sizeOf(t, openHeads(t, dir, w)); n != 701 {
		t.Errorf("a tree of %d was kept, want 701", n)
	}
	// A mirror that is behind serves a head that is older than the one kept.
	behind := newWorld(t)
	behind.sums = sumdb.NewTestServer(w.private, w.goSum)
	for i := range 300 {
		behind.record(t, fmt.Sprintf("example.com/other/m%d", i))
	}
	behind.record(t, "example.com/m")
	old, err := behind.sums.Signed(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.change = answer("/latest", text("text/plain", string(old)))
	wantStatus(t, w.registry(w.settings("a"), openHeads(t, dir, w)), "example.com/m", verify.Signed, "the tree of 701")
	if n := sizeOf(t, openHeads(t, dir, w)); n != 701 {
		t.Errorf("a tree of %d was kept, want 701", n)
	}
}

// A database that contradicts itself is believed no more: not by the package that shows
// it, not by those after it, and not by the next run.
func TestForkStopsEverything(t *testing.T) {
	t.Parallel()
	for name, latest := range map[string]bool{"in the newest head": true, "in a record": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, dir := newWorld(t), t.TempDir()
			if !latest {
				w.change = answer("/latest", status(404))
			}
			w.add("example.com/n", "v1.0.0", nil)
			heads := openHeads(t, dir, w)
			r := w.registry(w.settings("a"), heads)
			wantStatus(t, r, "example.com/m", verify.Signed, "")
			kept, _ := heads.Newest()
			w.fork(t, 400)
			if latest { // another run
				heads = openHeads(t, dir, w)
				r = w.registry(w.settings("a"), heads)
				wantStatus(t, r, "example.com/n", verify.Unchecked, "two histories")
			} else {
				wantStatus(t, r, "example.com/n", verify.Invalid, "a fork")
			}
			wantStatus(t, r, "example.com/m", verify.Unchecked, "two histories")
			_, err := heads.Newest()
			if err == nil {
				t.Fatal("no fork is known")
			}
			proof, readErr := os.ReadFile(filepath.Join(dir, strings.TrimSuffix(fileOf(t, dir), ".head")+".fork"))
			if readErr != nil || strings.Count(string(proof), "go.sum database tree") != 2 || !strings.Contains(string(proof), string(kept)) {
				t.Errorf("%v: %s", readErr, proof)
			}
			wantStatus(t, w.registry(w.settings("a"), openHeads(t, dir, w)), "example.com/m", verify.Unchecked, "remove the file once it is known")
		})
	}
}

// fileOf returns the name of the file of the newest head.
func fileOf(t *testing.T, dir string) string {
	t.Helper()
	found, err := fs.Glob(os.DirFS(dir), "*.head")
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

// Two programs at once hold each other's heads against their own.
func TestHeadsOfTwoPrograms(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	one, two := openHeads(t, dir, w), openHeads(t, dir, w)
	first, second := w.registry(w.settings("a"), one), w.registry(w.settings("a"), two)
	wantStatus(t, first, "example.com/m", verify.Signed, "")
	w.add("example.com/n", "v1.0.0", nil)
	wantStatus(t, second, "example.com/n", verify.Signed, "")
	if n := sizeOf(t, openHeads(t, dir, w)); n != 302 {
		t.Errorf("a tree of %d was kept, want 302", n)
	}
	// The second did not see what the first shows now: another log of the same key.
	w.fork(t, 500)
	w.add("example.com/o", "v1.0.0", nil)
	third := openHeads(t, t.TempDir(), w) // a program that believes the fork
	wantStatus(t, w.registry(w.settings("a"), third), "example.com/o", verify.Signed, "")
	forked, err := third.Newest()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileOf(t, dir)), forked, 0o600); err != nil { // wrote it
		t.Fatal(err)
	}
	w.add("example.com/p", "v1.0.0", nil)
	wantStatus(t, second, "example.com/p", verify.Invalid, "a fork")
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	for i := range 16 {
		w.add(fmt.Sprintf("example.com/at/m%d", i), "v1.0.0", nil)
	}
	var group sync.WaitGroup
	for p := range 2 {
		r := w.registry(w.settings("a"), openHeads(t, dir, w))
		for i := range 16 {
			group.Go(func() {
				report, err := judge(t.Context(), r, release(fmt.Sprintf("example.com/at/m%d", i), "v1.0.0"))
				if err != nil || report.Status != verify.Signed {
					t.Errorf("program %d: %v: %s", p, err, said(report))
				}
			})
		}
	}
	group.Wait()
	if n := sizeOf(t, openHeads(t, dir, w)); n != 316 {
		t.Errorf("a tree of %d was kept, want 316", n)
	}
}

func TestHeadsThatCannotBeKept(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	// The folder cannot be made: what was proven is proven, and it is said.
	blocked := filepath.Join(dir, "file")
	if err := os.WriteFile(blocked, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if heads, err := goproxy.OpenHeads(filepath.Join(blocked, "below"), w.key); err == nil {
		wantStatus(t, w.registry(w.settings("a"), heads), "example.com/m", verify.Signed, "")
		if _, err := heads.File(); err == nil {
			t.Error("nothing says that the head is not kept")
		}
	}
	// A file that is torn, or that somebody else wrote: nothing can be held against it.
	wantStatus(t, w.registry(w.settings("a"), openHeads(t, dir, w)), "example.com/m", verify.Signed, "")
	file := filepath.Join(dir, fileOf(t, dir))
	other := newWorld(t)
	wantStatus(t, other.registry(other.settings("a"), openHeads(t, filepath.Join(dir, "other"), other)), "example.com/m", verify.Signed, "")
	forged, err := os.ReadFile(filepath.Join(dir, "other", fileOf(t, filepath.Join(dir, "other"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, torn := range []string{"", "go.sum database tree\n30", "nonsense\n\n— x y\n", string(forged)} {
		if err := os.WriteFile(file, []byte(torn), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := goproxy.OpenHeads(dir, w.key); err == nil || !strings.Contains(err.Error(), "remove the file") {
			t.Errorf("%q: %v", torn, err)
		}
	}
}

// Offline, what was verified before is verified by what was kept of it.
func TestOffline(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	w.add("example.com/n", "v1.0.0", nil)
	run := func(offline bool) *goproxy.Registry {
		return w.cached(t, filepath.Join(dir, "evidence"), offline, openHeads(t, filepath.Join(dir, "sumdb"), w))
	}
	online := run(false)
	for _, pkg := range []string{"example.com/m", "example.com/n"} {
		wantStatus(t, online, pkg, verify.Signed, "")
	}
	w.change = func(out http.ResponseWriter, _ *http.Request, _, _ string) bool {
		t.Error("something is asked offline")
		return false
	}
	offline := run(true)
	for _, pkg := range []string{"example.com/n", "example.com/m"} {
		wantStatus(t, offline, pkg, verify.Signed, "")
	}
	wantStatus(t, offline, "example.com/other/m1", verify.Unchecked, "offline")
}

// A tile that is wrong is no fork, and is not believed for as long as it is kept.
func TestWrongTiles(t *testing.T) {
	t.Parallel()
	w, dir := newWorld(t), t.TempDir()
	run := func() (*goproxy.Registry, *goproxy.Heads) {
		heads := openHeads(t, filepath.Join(dir, "sumdb"), w)
		return w.cached(t, filepath.Join(dir, "evidence"), false, heads), heads
	}
	r, _ := run()
	wantStatus(t, r, "example.com/m", verify.Signed, "")
	w.grow(t, 400)
	wrong := answer("tile/8/0/", text("text/plain", strings.Repeat("x", 8192)))
	w.change = func(out http.ResponseWriter, r *http.Request, kind, path string) bool {
		return wrong(out, r, kind, "/"+path)
	}
	os.RemoveAll(filepath.Join(dir, "evidence"))
	r, heads := run()
	wantStatus(t, r, "example.com/m", verify.Invalid, "")
	if _, err := heads.Newest(); err != nil {
		t.Error("a wrong tile is taken for a fork: ", err)
	}
	w.change = nil
	r, _ = run()
	wantStatus(t, r, "example.com/m", verify.Signed, "the tree of 701")
}

// cached is a registry that keeps in a folder what it gets.
func (w *world) cached(t *testing.T, folder string, offline bool, heads *goproxy.Heads) *goproxy.Registry {
	t.Helper()
	kept, err := cache.New(cache.Options{Dir: folder, Next: w.Client().Transport, Offline: offline})
	if err != nil {
		t.Fatal(err)
	}
	settings := w.settings("a")
	return goproxy.New(registry.New(registry.Options{Transport: kept, Retries: -1}), func() goproxy.Setup {
		return goproxy.Setup{Heads: heads, Config: goproxy.Load(goproxy.Sources{Getenv: func(name string) string { return settings[name] }})}
	})
}

// What is not what was asked for is not kept, though nothing that a proxy or a database
// has of a version ever changes.
func TestWhatCannotBeReadIsNotKept(t *testing.T) {
	t.Parallel()
	for what, bad := range map[string]string{"/v1.3.0.mod": `{"error":"later"}`, "/v1.0.0.mod": `{"error":"later"}`, "tile/8/0/": "x", "lookup/": "no"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, folder := newWorld(t), t.TempDir()
			w.add("example.com/m", "v1.3.0", map[string]string{"go.mod": deprecated})
			wrong := answer(what, text("text/plain", bad))
			w.change = func(out http.ResponseWriter, r *http.Request, kind, path string) bool {
				return wrong(out, r, kind, "/"+path)
			}
			check := func(offline bool) verify.Report {
				report, _ := judge(t.Context(), w.cached(t, folder, offline, &goproxy.Heads{}), release("example.com/m", "v1.0.0"))
				return report
			}
			if report := check(false); report.Status == verify.Signed && !strings.Contains(said(report), "is not known") {
				t.Error(said(report))
			}
			if report := check(true); report.Status != verify.Unchecked && !strings.Contains(said(report), "is not known") {
				t.Errorf("with what was kept: %v: %s", report.Status, said(report))
			}
			w.change = nil
			if report := check(false); report.Status != verify.Signed || !strings.Contains(said(report), "retracts the version") {
				t.Errorf("%v: %s", report.Status, said(report))
			}
		})
	}
}
