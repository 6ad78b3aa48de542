package watch

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"plimsoll/testdata/testfiles"
)

// fakeNotifier remembers what is watched, and refuses after a number of
// folders.
type fakeNotifier struct {
	mu    sync.Mutex
	added []string
	limit int // 0: none
}

func (n *fakeNotifier) Add(folder string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.limit > 0 && len(n.added) >= n.limit {
		return &os.PathError{Op: "watch", Path: folder, Err: syscall.ENOSPC}
	}
	n.added = append(n.added, folder)
	return nil
}

func (n *fakeNotifier) Remove(string) error { return fsnotify.ErrNonExistentWatch }
func (n *fakeNotifier) Close() error        { return nil }

func (n *fakeNotifier) folders(t *testing.T, dir string) string {
	t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	var names []string
	for _, folder := range n.added {
		name, err := filepath.Rel(dir, folder)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
	}
	return strings.Join(names, " ")
}

// watched is a watcher over a folder whose events and time are the test's.
type watched struct {
	t      *testing.T
	dir    string
	told   *fakeNotifier
	events chan fsnotify.Event
	errs   chan error
	out    chan Event
	timers chan chan time.Time // that were begun, in order
	looks  chan time.Time
}

func watchFolder(t *testing.T, limit int, specs ...string) *watched {
	t.Helper()
	w := &watched{t: t, dir: t.TempDir(), told: &fakeNotifier{limit: limit}, events: make(chan fsnotify.Event), errs: make(chan error),
		out: make(chan Event), looks: make(chan time.Time), timers: make(chan chan time.Time, 100)}
	for _, name := range specs {
		testfiles.Write(t, filepath.Join(w.dir, name+"/spec.yaml"), "1")
	}
	ctx, cancel := context.WithCancel(t.Context())
	x := watcher{dir: w.dir, files: []string{"triage.yaml"}, notifier: w.told, events: w.events, errors: w.errs, looks: w.looks, out: w.out, watched: map[string]bool{}}
	if err := x.open(); err != nil {
		t.Fatal(err)
	}
	x.after = func(time.Duration) <-chan time.Time {
		timer := make(chan time.Time)
		w.timers <- timer
		return timer
	}
	ready, done := make(chan struct{}), make(chan struct{})
	go func() { x.run(ctx, ready); close(done) }()
	t.Cleanup(func() { cancel(); <-done; x.closer.Close() })
	<-ready
	return w
}

// happens tells the watcher of something.
func (w *watched) happens(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.events <- fsnotify.Event{Name: filepath.Join(w.dir, name), Op: fsnotify.Write}
	}
}

// quiet lets the time pass for which nothing must happen: the last timer but
// the second, which is the longest wait.
func (w *watched) quiet(events int) {
	w.t.Helper()
	var last chan time.Time
	for i := range events + 1 {
		if timer := <-w.timers; i != 1 {
			last = timer
		}
	}
	last <- time.Time{}
}

// taken says in one line what the watcher tells.
func (w *watched) taken() string {
	e := <-w.out
	if e.Changed {
		return strings.Join(append([]string{"changed"}, e.Notes...), ", ")
	}
	return strings.Join(e.Notes, ", ")
}

// A burst of writes, and an editor that writes beside the file and renames,
// count once; what is no spec counts for nothing.
func TestABurstCountsOnce(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a", "uvx/b")
	w.happens("npx/a/.spec.yaml.swp", "npx/a/4913", "README.md", "other/a/spec.yaml", "npx/a/deep/spec.yaml", "npx/a/spec.yaml~", "policy.yaml")
	if n := len(w.timers); n != 0 {
		t.Errorf("%d timers were begun for what is no spec", n)
	}
	w.happens("npx/a/spec.yaml", "npx/a/spec.yaml", "uvx/b/spec.yaml", "README.md")
	w.quiet(3)
	if got := w.taken(); got != "changed" {
		t.Errorf("it tells: %s", got)
	}
	if n := len(w.timers); n != 0 {
		t.Errorf("%d timers are left", n)
	}
}

// Whatever happens without end is told all the same.
func TestAnEndlessBurstIsTold(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a")
	w.happens("npx/a/spec.yaml", "npx/a/spec.yaml")
	<-w.timers
	longest := <-w.timers
	longest <- time.Time{}
	if got := w.taken(); got != "changed" {
		t.Errorf("it tells: %s", got)
	}
}

// What nobody has taken yet is put together with what comes later.
func TestEventsWaitTogether(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a")
	for _, name := range []string{"npx/a/spec.yaml", "triage.yaml", "npx/new", "uvx"} {
		w.happens(name)
		timer := <-w.timers
		<-w.timers
		timer <- time.Time{}
	}
	w.errs <- fmt.Errorf("the queue\x1b is odd")
	w.happens("README.md") // taken after what was told
	if got := w.taken(); got != `changed, watching the catalog: the queue\x1b is odd` {
		t.Errorf("it tells: %s", got)
	}
}

// If the system lost events, anything may have changed, and what is new is
// watched.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a", "uvx/b")
	testfiles.Write(t, filepath.Join(w.dir, "npx/new/spec.yaml"), "1")
	w.errs <- fsnotify.ErrEventOverflow
	w.quiet(1)
	if got := w.taken(); got != "changed" {
		t.Errorf("it tells: %s", got)
	}
	if got := w.told.folders(t, w.dir); got != ". npx npx/a uvx uvx/b npx npx/new uvx" {
		t.Errorf("watched are %s", got)
	}
}

// The system's limit of watches is said once, and what is watched goes on.
func TestTheSystemsLimit(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 4, "npx/a", "npx/b", "npx/c")
	if got := w.taken(); got != "the system's limit of watched folders is reached: 4 are watched, 1 are not, and changes there are not seen" {
		t.Errorf("it tells: %s", got)
	}
	testfiles.Write(t, filepath.Join(w.dir, "npx/d/spec.yaml"), "1")
	w.happens("npx/d")
	w.quiet(1)
	if got := w.taken(); got != "changed" {
		t.Errorf("it tells: %s", got)
	}
}

// Only the catalog, npx, uvx and what is directly in them is watched, and no
// link.
func TestWhatIsWatched(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	testfiles.Write(t, filepath.Join(outside, "secret/spec.yaml"), "1")
	w := watchFolder(t, 0, "npx/a/deep/er", "npx/a", "other/b", "uvx/c")
	for name, target := range map[string]string{"npx/out": filepath.Join(outside, "secret"), "npx/in": "a"} {
		if err := os.Symlink(target, filepath.Join(w.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	w.happens("npx/out", "npx/in", "npx")
	w.quiet(3)
	if got := w.taken(); got != "changed" {
		t.Errorf("it tells: %s", got)
	}
	if got := w.told.folders(t, w.dir); got != ". npx npx/a uvx uvx/c npx uvx" {
		t.Errorf("watched are %s", got)
	}
}

// A catalog's folder that is replaced, goes and comes back is watched again: no
// restart is needed.
func TestTheCatalogsFolderIsReplaced(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a")
	aside := w.dir + ".aside"
	move := func(from, to string) {
		t.Helper()
		if err := os.Rename(from, to); err != nil {
			t.Fatal(err)
		}
	}
	const another = "changed, the catalog's folder is another one than before, and is watched"
	for _, step := range []struct {
		name, want, watched string
		happens             func()
	}{
		{"nothing", "", "", func() {}},
		{"it goes", "changed, the catalog's folder is gone; it is watched again once it is back", "", func() { move(w.dir, aside) }},
		{"it is not there", "", "", func() {}},
		{"it is back", "changed, the catalog's folder is back, and is watched", " . npx npx/a", func() { move(aside, w.dir) }},
		{"it goes again", "changed, the catalog's folder is gone; it is watched again once it is back", "", func() { move(w.dir, aside) }},
		{"another comes", another, " . npx uvx uvx/b", func() {
			testfiles.Write(t, filepath.Join(w.dir, "uvx/b/spec.yaml"), "1")
			os.Mkdir(filepath.Join(w.dir, "npx"), 0o755)
		}},
		{"it is exchanged between two looks", another, " . npx npx/a", func() { move(w.dir, aside+"2"); move(aside, w.dir) }},
		{"and is watched", "changed", "", func() { w.happens("npx/a/spec.yaml") }},
	} {
		before := w.told.folders(t, w.dir)
		step.happens()
		w.looks <- time.Time{}
		w.looks <- time.Time{} // the first has been looked at
		if len(w.timers) > 0 != (step.want != "") {
			t.Fatalf("%s: %d timers", step.name, len(w.timers))
		}
		if step.want != "" {
			w.quiet(1)
			if got := w.taken(); got != step.want {
				t.Errorf("%s: it tells %s", step.name, got)
			}
		}
		if got := strings.TrimPrefix(w.told.folders(t, w.dir), before); got != step.watched {
			t.Errorf("%s: watched anew are %q", step.name, got)
		}
	}
}

// The real thing: what happens on disk is told, through a real file system.
func TestWatchingADisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "npx/a/spec.yaml"), "1")
	testfiles.Write(t, filepath.Join(dir, "npx/b/spec.yaml"), "1")
	// It is listed before what it names, which the system would know by its name.
	if err := os.Symlink("linked", filepath.Join(dir, "npx/0")); err != nil {
		t.Fatal(err)
	}
	testfiles.Write(t, filepath.Join(dir, "npx/linked/spec.yaml"), "1")
	w := Start(t.Context(), dir, "triage.yaml")
	defer w.Stop()
	late := time.After(time.Minute) // a net: nothing here takes that long
	<-w.Ready
	move := func(from, to string) func() {
		return func() {
			if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
				t.Error(err)
			}
		}
	}
	write := func(name string) func() { return func() { testfiles.Write(t, filepath.Join(dir, name), "2") } }
	for _, step := range []struct {
		what string
		do   func()
	}{
		{"what a link names", write("npx/linked/spec.yaml")},
		{"a spec", write("npx/a/spec.yaml")},
		{"as an editor does", func() {
			testfiles.Write(t, filepath.Join(dir, "npx/a/.spec.tmp"), "3")
			move("npx/a/.spec.tmp", "npx/a/spec.yaml")()
		}},
		{"a folder", write("npx/new/spec.yaml")},
		{"the spec of a new folder", write("npx/new/spec.yaml")},
		{"uvx, which was not there before", write("uvx/first/spec.yaml")},
		{"a spec in it", write("uvx/first/spec.yaml")},
		{"a folder's name", move("npx/b", "npx/c")},
		{"npx goes", func() { os.RemoveAll(filepath.Join(dir, "npx")) }},
		{"and comes", write("npx/a/spec.yaml")},
		{"a spec in it again", write("npx/a/spec.yaml")},
		{"the decisions", write("triage.yaml")},
	} {
		step.do()
		select {
		case e := <-w.Events:
			if !e.Changed || len(e.Notes) > 0 {
				t.Errorf("%s: it tells %+v", step.what, e)
			}
		case <-late:
			t.Fatalf("%s: nothing is told", step.what)
		}
		for quiet := false; !quiet; { // the rest of it
			select {
			case <-w.Events:
			case <-time.After(2 * quietTime):
				quiet = true
			}
		}
	}
}

// A watcher ends whatever it is doing, also when nobody takes what it tells.
func TestTheWatcherEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "npx/a/spec.yaml"), "1")
	w := Start(t.Context(), dir)
	<-w.Ready
	testfiles.Write(t, filepath.Join(dir, "npx/a/spec.yaml"), "2")
	w.Stop() // returns when the goroutine has ended

	w = Start(t.Context(), filepath.Join(dir, "none"))
	<-w.Ready
	w.Stop()
}
