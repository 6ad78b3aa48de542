package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"plimsoll/catalog"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/ui/store"
)

const watchedSpec = "metadata:\n  name: %s\nspec:\n  package: %s\n  version: %s\n"

// put writes a file, and the folders that it lies in.
func put(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func putSpec(t *testing.T, dir, folder, version string) {
	t.Helper()
	name := filepath.Base(folder)
	put(t, dir, folder+"/spec.yaml", fmt.Sprintf(watchedSpec, name, name, version))
}

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

// watched is a watcher over a folder whose events and time are the test's.
type watched struct {
	t      *testing.T
	dir    string
	told   *fakeNotifier
	events chan fsnotify.Event
	errs   chan error
	out    chan ui.Changes
	timers chan chan time.Time // that were begun, in order
	policy func() (bool, error)
}

func watchFolder(t *testing.T, limit int, specs ...string) *watched {
	t.Helper()
	w := &watched{t: t, dir: t.TempDir(), told: &fakeNotifier{limit: limit}, events: make(chan fsnotify.Event), errs: make(chan error),
		out: make(chan ui.Changes), timers: make(chan chan time.Time, 100)}
	for _, name := range specs {
		putSpec(t, w.dir, name, "1.0.0")
	}
	source, closer, err := catalog.OpenDir(w.dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	x := newWatcher(w.dir, source, w.told, w.events, w.errs, w.out)
	x.policy = func() (bool, error) {
		if w.policy == nil {
			return false, nil
		}
		return w.policy()
	}
	x.triage = true
	x.after = func(time.Duration) <-chan time.Time {
		timer := make(chan time.Time)
		w.timers <- timer
		return timer
	}
	begun, done := make(chan struct{}), make(chan struct{})
	go func() { x.run(ctx, func() { close(begun) }); close(done) }()
	t.Cleanup(func() { cancel(); <-done; closer.Close() })
	<-begun
	return w
}

// happens tells the watcher of something, and returns the timers that it began.
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

func (w *watched) taken() string { return summary(<-w.out) }

// summary says in one line what changed.
func summary(c ui.Changes) string {
	var parts []string
	for _, change := range c.Specs {
		text := string(change.Spec.Path) + " " + string(change.Spec.Version)
		switch {
		case change.Gone:
			text = string(change.Spec.Path) + " gone"
		case change.Spec.Err != nil:
			text = string(change.Spec.Path) + " broken"
		}
		parts = append(parts, text)
	}
	if c.Policy {
		parts = append(parts, "policy")
	}
	if c.Triage {
		parts = append(parts, "triage")
	}
	return strings.Join(append(parts, c.Notes...), ", ")
}

// A burst of writes, and an editor that writes beside the file and renames,
// count once.
func TestABurstCountsOnce(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a", "uvx/b")
	putSpec(t, w.dir, "npx/a", "2.0.0")
	w.happens("npx/a/.spec.yaml.swp", "npx/a/4913", "README.md", "other/a/spec.yaml", "npx/a/deep/spec.yaml")
	w.happens("npx/a/spec.yaml", "npx/a/spec.yaml", "npx/a/spec.yaml", "npx/a/spec.yaml~")
	w.quiet(3)
	if got := w.taken(); got != "npx/a/spec.yaml 2.0.0" {
		t.Errorf("changed: %s", got)
	}
}

// Whatever happens without end is read all the same.
func TestAnEndlessBurstIsRead(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a")
	putSpec(t, w.dir, "npx/a", "2.0.0")
	w.happens("npx/a/spec.yaml", "npx/a/spec.yaml")
	<-w.timers
	longest := <-w.timers
	longest <- time.Time{}
	if got := w.taken(); got != "npx/a/spec.yaml 2.0.0" {
		t.Errorf("changed: %s", got)
	}
}

// What nobody has taken yet is put together with what comes later.
func TestChangesWaitTogether(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a", "npx/b", "npx/c")
	for _, step := range []func(){
		func() { putSpec(t, w.dir, "npx/b", "2.0.0"); w.happens("npx/b/spec.yaml") },
		func() { putSpec(t, w.dir, "npx/b", "3.0.0"); w.happens("npx/b/spec.yaml") },
		func() { put(t, w.dir, "npx/a/spec.yaml", "spec: ["); w.happens("npx/a/spec.yaml") },
		func() { os.RemoveAll(filepath.Join(w.dir, "npx/c")); w.happens("npx/c") },
		func() { w.happens("triage.yaml") },
		func() { w.policy = func() (bool, error) { return true, nil }; w.happens("policy.yaml") },
	} {
		step()
		timer := <-w.timers
		<-w.timers
		timer <- time.Time{}
		w.events <- fsnotify.Event{Name: filepath.Join(w.dir, "README.md")} // taken after what was read
	}
	if got := w.taken(); got != "npx/a/spec.yaml broken, npx/b/spec.yaml 3.0.0, npx/c/spec.yaml gone, policy, triage" {
		t.Errorf("changed: %s", got)
	}
}

func TestAPolicyThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a")
	w.policy = func() (bool, error) { return false, errors.New("policy.yaml:3: expected a list\x1b") }
	w.happens("policy.yaml")
	w.quiet(1)
	if got := w.taken(); got != `policy.yaml cannot be read; what it demanded before holds: policy.yaml:3: expected a list\x1b` {
		t.Errorf("changed: %s", got)
	}
}

// Where the system lost events, everything is read again.
func TestLostEvents(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 0, "npx/a", "uvx/b")
	putSpec(t, w.dir, "npx/new", "1.0.0")
	if err := os.RemoveAll(filepath.Join(w.dir, "uvx/b")); err != nil {
		t.Fatal(err)
	}
	w.errs <- fsnotify.ErrEventOverflow
	w.quiet(1)
	if got := w.taken(); got != "npx/a/spec.yaml 1.0.0, npx/new/spec.yaml 1.0.0, uvx/b/spec.yaml gone, triage" {
		t.Errorf("changed: %s", got)
	}
}

// The system's limit of watches is said once, and what is watched goes on.
func TestTheSystemsLimit(t *testing.T) {
	t.Parallel()
	w := watchFolder(t, 4, "npx/a", "npx/b", "npx/c")
	if got := w.taken(); got != "the system's limit of watched folders is reached: 4 are watched, 1 are not, and changes there are not seen" {
		t.Errorf("said: %s", got)
	}
	putSpec(t, w.dir, "npx/d", "1.0.0")
	w.happens("npx/d")
	w.quiet(1)
	if got := w.taken(); got != "npx/d/spec.yaml 1.0.0" {
		t.Errorf("changed: %s", got)
	}
}

// Only the catalog, npx, uvx and what is directly in them is watched, and no
// link: what one names is read whenever something else is.
func TestWhatIsWatched(t *testing.T) {
	t.Parallel()
	outside := t.TempDir()
	putSpec(t, outside, "secret", "1.0.0")
	w := watchFolder(t, 0, "npx/a/deep/er", "npx/a", "other/b", "uvx/c")
	if err := os.Symlink(filepath.Join(outside, "secret"), filepath.Join(w.dir, "npx/out")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("a", filepath.Join(w.dir, "npx/in")); err != nil {
		t.Fatal(err)
	}
	w.happens("npx/out", "npx/in")
	w.quiet(2)
	if got := w.taken(); got != "npx/in/spec.yaml 1.0.0, npx/out/spec.yaml broken" {
		t.Errorf("changed: %s", got)
	}
	putSpec(t, w.dir, "npx/a", "2.0.0")
	w.happens("npx/a/spec.yaml")
	w.quiet(1)
	if got := w.taken(); got != "npx/a/spec.yaml 2.0.0, npx/in/spec.yaml 2.0.0, npx/out/spec.yaml broken" {
		t.Errorf("changed: %s", got)
	}
	w.told.mu.Lock()
	defer w.told.mu.Unlock()
	var names []string
	for _, folder := range w.told.added {
		name, err := filepath.Rel(w.dir, folder)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.ToSlash(name))
	}
	if got := strings.Join(names, " "); got != ". npx uvx npx/a uvx/c" {
		t.Errorf("watched are %s", got)
	}
}

// The real thing: what happens on disk arrives, through a real file system.
func TestWatchingADisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putSpec(t, dir, "npx/a", "1.0.0")
	putSpec(t, dir, "npx/b", "1.0.0")
	// It is listed before what it names, which the system would know by its name.
	if err := os.Symlink("linked", filepath.Join(dir, "npx/0")); err != nil {
		t.Fatal(err)
	}
	putSpec(t, dir, "npx/linked", "1.0.0")
	changes, set, stop := watchCatalog(t.Context(), dir, nil, true)
	defer stop()
	late := time.After(time.Minute) // a net: nothing here takes that long
	<-set
	seen := map[string]string{}
	// until takes changes until all that is wanted has been seen.
	until := func(path, want string) {
		t.Helper()
		for seen[path] != want {
			select {
			case c := <-changes:
				for _, change := range c.Specs {
					seen[string(change.Spec.Path)] = strings.TrimPrefix(summary(ui.Changes{Specs: []store.Change{change}}), string(change.Spec.Path)+" ")
				}
				if c.Triage {
					seen["triage.yaml"] = "written"
				}
				for _, note := range c.Notes {
					t.Errorf("it says: %s", note)
				}
			case <-late:
				t.Fatalf("%s is %q, want %q", path, seen[path], want)
			}
		}
	}

	putSpec(t, dir, "npx/linked", "2.0.0")
	until("npx/linked/spec.yaml", "2.0.0")
	until("npx/0/spec.yaml", "2.0.0")
	putSpec(t, dir, "npx/a", "2.0.0")
	until("npx/a/spec.yaml", "2.0.0")

	put(t, dir, "npx/a/.spec.tmp", fmt.Sprintf(watchedSpec, "a", "a", "3.0.0")) // as an editor does
	if err := os.Rename(filepath.Join(dir, "npx/a/.spec.tmp"), filepath.Join(dir, "npx/a/spec.yaml")); err != nil {
		t.Fatal(err)
	}
	until("npx/a/spec.yaml", "3.0.0")

	put(t, dir, "npx/a/spec.yaml", "spec: [")
	until("npx/a/spec.yaml", "broken")

	putSpec(t, dir, "npx/new", "1.0.0") // a folder, and its spec later
	until("npx/new/spec.yaml", "1.0.0")
	putSpec(t, dir, "npx/new", "1.1.0")
	until("npx/new/spec.yaml", "1.1.0")

	putSpec(t, dir, "uvx/first", "1.0.0") // uvx was not there before
	until("uvx/first/spec.yaml", "1.0.0")
	putSpec(t, dir, "uvx/first", "1.1.0")
	until("uvx/first/spec.yaml", "1.1.0")

	if err := os.Rename(filepath.Join(dir, "npx/b"), filepath.Join(dir, "npx/c")); err != nil {
		t.Fatal(err)
	}
	until("npx/b/spec.yaml", "gone")
	until("npx/c/spec.yaml", "1.0.0")
	if err := os.RemoveAll(filepath.Join(dir, "npx")); err != nil {
		t.Fatal(err)
	}
	until("npx/new/spec.yaml", "gone")
	until("npx/c/spec.yaml", "gone")
	putSpec(t, dir, "npx/a", "4.0.0")
	until("npx/a/spec.yaml", "4.0.0")
	put(t, dir, "triage.yaml", "version: 1\ndecisions: []\n")
	until("triage.yaml", "written")
}

// A watcher ends whatever it is doing, also when nobody takes what it says.
func TestTheWatcherEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	putSpec(t, dir, "npx/a", "1.0.0")
	_, set, stop := watchCatalog(t.Context(), dir, nil, true)
	<-set
	putSpec(t, dir, "npx/a", "2.0.0")
	stop() // returns when the goroutine has ended

	_, set, stop = watchCatalog(t.Context(), filepath.Join(dir, "none"), nil, true)
	<-set
	stop()
}

// The real program, which does not watch: a round reads the policy and the
// decisions again, as another process would.
func TestARoundReadsThePolicyAgain(t *testing.T) {
	t.Parallel()
	demo := filepath.Join(testfiles.Root(t), "testdata", "demo")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(demo, "dockyard"))); err != nil {
		t.Fatal(err)
	}
	term := openTerminal(t, "--replay", filepath.Join(demo, "recording"), "--every", "1h", dir)
	term.until("checked 29 packages")
	for _, step := range []struct{ policy, says string }{
		{"version: 1\nrules:\n  - match: {protocol: uvx}\n    status: verified\n", "refreshed 29 packages: 9 changed"},
		{"version: [", "not refreshed: policy.yaml"},
	} {
		put(t, dir, "policy.yaml", step.policy)
		if _, err := term.tty.WriteString("R"); err != nil {
			t.Fatal(err)
		}
		term.until(step.says)
	}
	if _, err := term.tty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	term.wait()
}

// The real program: a spec is edited while the screen is open, and its row
// changes.
func TestTheScreenFollowsTheDisk(t *testing.T) {
	t.Parallel()
	demo := filepath.Join(testfiles.Root(t), "testdata", "demo")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(demo, "dockyard"))); err != nil {
		t.Fatal(err)
	}
	term := openTerminal(t, "--replay", filepath.Join(demo, "recording"), "--watch", "--every", "1h", dir)
	term.until("checked 29 packages")
	spec := filepath.Join(dir, "uvx/blender-mcp/spec.yaml")
	text, err := os.ReadFile(spec)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "uvx/blender-mcp/spec.yaml", strings.Replace(string(text), "1.2.1", "9.9.9", 1))
	term.until("checked uvx/blender-mcp again: unchecked, was none")
	put(t, dir, "uvx/blender-mcp/spec.yaml", string(text))
	term.until("checked uvx/blender-mcp again: none, was unchecked")
	put(t, dir, "npx/newcomer/spec.yaml", string(text))
	term.until("30 packages")
	if err := os.RemoveAll(filepath.Join(dir, "npx/newcomer")); err != nil {
		t.Fatal(err)
	}
	term.until("npx/newcomer/spec.yaml is gone")
	put(t, dir, "policy.yaml", "version: 1\nrules:\n  - match: {protocol: uvx}\n    status: verified\n")
	term.until("refreshed 29 packages: 9 changed")
	if _, err := term.tty.WriteString("R"); err != nil {
		t.Fatal(err)
	}
	term.until("refreshed 29 packages: nothing changed")
	if _, err := term.tty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0\n%q", code, term.output.String())
	}
}
