package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/store"
	"plimsoll/verify/triage"
)

// An editor's rename, a burst of writes and a checkout of another branch count
// once: what happened is read when nothing has happened for quietTime, and at
// the latest longestWait after it began.
const (
	quietTime   = 150 * time.Millisecond
	longestWait = 2 * time.Second
)

// notifier is what tells of changes in folders: fsnotify, but for tests.
type notifier interface {
	Add(folder string) error
	Remove(folder string) error
	Close() error
}

// watcher watches a catalog's folder, npx and uvx in it, and the folders
// directly in those; nothing below and nothing else. What it is told is only
// where to look: specs are read through the catalog's root.
type watcher struct {
	dir      string
	source   catalog.Source
	notifier notifier
	events   <-chan fsnotify.Event
	errors   <-chan error
	after    func(time.Duration) <-chan time.Time
	policy   func() (changed bool, err error) // reads the policy again; nil: it is not the catalog's
	triage   bool                             // decisions are honoured
	out      chan ui.Changes

	watched map[string]bool         // folders, as paths in the catalog
	known   map[catalog.Folder]bool // that were seen, and may be gone
	links   map[catalog.Folder]bool // symbolic links, or with one in the place of the spec: read whenever something else is
	dirty   map[catalog.Folder]bool // that something happened to
	ready   map[catalog.Folder]store.Change
	pending ui.Changes // all but the specs

	list    bool // npx and uvx are to be listed again
	demands bool // the policy's file was written
	decided bool // the decisions' file was written
	missed  int  // folders that the system's limit leaves out
	told    bool // that was said
}

// watchCatalog watches the catalog in a folder until ctx is done; stop waits
// for the end. set is closed when every later change will be seen. What cannot
// be watched is said in the notes, and the rest goes on.
func watchCatalog(ctx context.Context, dir string, policy func() (bool, error), honoured bool) (changes <-chan ui.Changes, set <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	out, begun, done := make(chan ui.Changes), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		begin := sync.OnceFunc(func() { close(begun) })
		defer begin()
		source, closer, err := catalog.OpenDir(dir)
		if err != nil {
			begin()
			send(ctx, out, noWatch(err))
			return
		}
		defer closer.Close()
		told, err := fsnotify.NewWatcher()
		if err != nil {
			begin()
			send(ctx, out, noWatch(err))
			return
		}
		w := newWatcher(dir, source, told, told.Events, told.Errors, out)
		w.policy, w.triage = policy, honoured
		w.run(ctx, begin)
	}()
	return out, begun, func() { cancel(); <-done }
}

func noWatch(err error) ui.Changes {
	why := untrusted.Message(err)
	if errors.Is(err, syscall.EMFILE) {
		why = "the system's limit of watchers is reached"
	}
	return ui.Changes{Notes: []string{"the catalog is not watched: " + why}}
}

func send(ctx context.Context, out chan<- ui.Changes, c ui.Changes) {
	select {
	case out <- c:
	case <-ctx.Done():
	}
}

func newWatcher(dir string, source catalog.Source, n notifier, events <-chan fsnotify.Event, errs <-chan error, out chan ui.Changes) *watcher {
	return &watcher{
		dir: dir, source: source, notifier: n, events: events, errors: errs, after: time.After, out: out,
		watched: map[string]bool{}, links: map[catalog.Folder]bool{}, known: map[catalog.Folder]bool{}, dirty: map[catalog.Folder]bool{}, ready: map[catalog.Folder]store.Change{},
	}
}

// run watches until ctx is done. Its own goroutine does all of it, one thing
// after the other, so that what it sends is never older than what it sent
// before. It calls begun when every later change will be seen.
func (w *watcher) run(ctx context.Context, begun func()) {
	defer w.notifier.Close()
	w.listAgain(ctx)
	begun()
	var quiet, latest <-chan time.Time
	happened := func() {
		quiet = w.after(quietTime)
		if latest == nil {
			latest = w.after(longestWait)
		}
	}
	for {
		var out chan<- ui.Changes
		if len(w.ready) > 0 || w.pending.Policy || w.pending.Triage || len(w.pending.Notes) > 0 {
			out = w.out
		}
		select {
		case <-ctx.Done():
			return
		case event, open := <-w.events:
			if !open {
				return
			}
			if w.note(event.Name) {
				happened()
			}
		case err, open := <-w.errors:
			if !open {
				return
			}
			w.failed(err)
			happened()
		case <-quiet:
			quiet, latest = nil, nil
			w.read(ctx)
		case <-latest:
			quiet, latest = nil, nil
			w.read(ctx)
		case out <- w.changes():
			clear(w.ready)
			w.pending = ui.Changes{}
		}
	}
}

// changes is all that has not been taken yet.
func (w *watcher) changes() ui.Changes {
	c := w.pending
	for _, change := range w.ready {
		c.Specs = append(c.Specs, change)
	}
	slices.SortFunc(c.Specs, func(a, b store.Change) int { return strings.Compare(string(a.Spec.Path), string(b.Spec.Path)) })
	return c
}

// note notes that something happened to a file or folder, and says whether that
// matters.
func (w *watcher) note(name string) bool {
	relative, err := filepath.Rel(w.dir, name)
	if err != nil {
		return false
	}
	parts := strings.Split(filepath.ToSlash(relative), "/")
	protocol := catalog.Protocol(parts[0])
	switch {
	case relative == ".":
		if _, err := os.Lstat(w.dir); err != nil {
			w.pending.Notes = append(w.pending.Notes, "the catalog's folder is gone: it is no longer watched")
		}
		return false
	case len(parts) == 1 && parts[0] == policyFile && w.policy != nil:
		w.demands = true
	case len(parts) == 1 && parts[0] == triage.FileName && w.triage:
		w.decided = true
	case protocol != catalog.NPX && protocol != catalog.UVX:
		return false
	case len(parts) == 1:
		w.list = true
	case len(parts) == 2, len(parts) == 3 && parts[2] == "spec.yaml":
		folder := catalog.Folder{Protocol: protocol, Name: parts[1]}
		w.known[folder], w.dirty[folder] = true, true
		w.noteLink(folder)
		if len(parts) == 2 { // made, removed, or another one now
			w.watch(path.Join(parts...))
			w.tellUnwatched()
		}
	default:
		return false // a temporary file of an editor, or something beside the spec
	}
	return true
}

// listAgain finds the folders that there are, and watches them.
func (w *watcher) listAgain(ctx context.Context) {
	w.missed = 0
	if !w.watched["."] {
		w.watch(".")
	}
	for _, protocol := range []catalog.Protocol{catalog.NPX, catalog.UVX} {
		w.watch(string(protocol))
	}
	folders, err := w.source.Folders(ctx)
	if err != nil {
		w.pending.Notes = append(w.pending.Notes, "watching the catalog: "+untrusted.Message(err))
		return
	}
	for _, f := range folders {
		w.known[f] = true
		w.noteLink(f)
		if name := path.Join(string(f.Protocol), f.Name); !w.watched[name] {
			w.watch(name)
		}
	}
	w.tellUnwatched()
}

// watch watches a folder of the catalog, anew where it is watched already: it
// may be another one by now. A link that leads out of the catalog is not
// followed.
func (w *watcher) watch(name string) {
	file := filepath.Join(w.dir, filepath.FromSlash(name))
	if w.watched[name] {
		delete(w.watched, name)
		_ = w.notifier.Remove(file) // of a folder that is gone, the system has done so
	}
	stat := fs.Stat
	if strings.Contains(name, "/") {
		// A link beside the folder that it names is not watched: the system tells
		// of one folder by one name only, and that would be the link's.
		stat = fs.Lstat
	}
	if info, err := stat(w.source.FS, name); err != nil || !info.IsDir() {
		return
	}
	err := w.notifier.Add(file)
	switch {
	case err == nil:
		w.watched[name] = true
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EMFILE): // inotify's limit, kqueue's
		w.missed++
	}
	// Any other folder cannot be opened, as reading its spec will tell.
}

// noteLink notes whether a spec is reached through a symbolic link.
func (w *watcher) noteLink(f catalog.Folder) {
	delete(w.links, f)
	folder := path.Join(string(f.Protocol), f.Name)
	for _, name := range []string{folder, path.Join(folder, "spec.yaml")} {
		if info, err := fs.Lstat(w.source.FS, name); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			w.links[f] = true
		}
	}
}

// tellUnwatched says once that the system's limit leaves folders out.
func (w *watcher) tellUnwatched() {
	if w.missed > 0 && !w.told {
		w.told = true
		w.pending.Notes = append(w.pending.Notes,
			fmt.Sprintf("the system's limit of watched folders is reached: %d are watched, %d are not, and changes there are not seen", len(w.watched), w.missed))
	}
}

// failed takes what went wrong with the watching. Where events were lost,
// everything is read again.
func (w *watcher) failed(err error) {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		w.list, w.demands, w.decided = true, w.policy != nil, w.triage
		return
	}
	w.pending.Notes = append(w.pending.Notes, "watching the catalog: "+untrusted.Message(err))
}

// read reads what something happened to.
func (w *watcher) read(ctx context.Context) {
	if w.list {
		w.list = false
		w.listAgain(ctx)
		for f := range w.known {
			w.dirty[f] = true
		}
	}
	if len(w.dirty) > 0 { // perhaps to what a link names
		maps.Copy(w.dirty, w.links)
	}
	for f := range w.dirty {
		if ctx.Err() != nil {
			return
		}
		spec, found := w.source.Reload(f)
		w.ready[f] = store.Change{Spec: spec, Gone: !found}
		if !found {
			delete(w.known, f)
		}
	}
	clear(w.dirty)
	if w.demands {
		w.demands = false
		changed, err := w.policy()
		if err != nil {
			w.pending.Notes = append(w.pending.Notes, policyFile+" cannot be read; what it demanded before holds: "+untrusted.Message(err))
		}
		w.pending.Policy = w.pending.Policy || changed
	}
	w.pending.Triage = w.pending.Triage || w.decided
	w.decided = false
}
