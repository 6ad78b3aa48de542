// Package watch tells that something in a catalog's folder changed. It reads no
// file: whoever is told reads the catalog again.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// An editor's rename, a burst of writes and a checkout of another branch count
// once: they are told of when nothing has happened for quietTime, and at the
// latest longestWait after they began.
const (
	quietTime   = 150 * time.Millisecond
	longestWait = 2 * time.Second
)

// lookEvery is how often the catalog's own folder is looked at: the system does not
// tell that it has been replaced, or is back.
const lookEvery = 5 * time.Second

// Event tells what happened since the last one that was taken.
type Event struct {
	Changed bool     // something in the catalog may read otherwise
	Notes   []string // what a person should know about the watching itself, cleaned
}

// Watcher watches a catalog's folder.
type Watcher struct {
	Events <-chan Event
	Ready  <-chan struct{} // closed when every later change will be told of
	stop   func()
}

// Stop ends the watching and waits for the end.
func (w *Watcher) Stop() { w.stop() }

// Start watches the specs of the catalog in a folder, and the named files beside
// those of the protocols, until ctx is done. What cannot be watched is said in the notes,
// and the rest goes on.
func Start(ctx context.Context, dir string, files ...string) *Watcher {
	ctx, cancel := context.WithCancel(ctx)
	events, ready, done := make(chan Event), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		looks := time.NewTicker(lookEvery)
		defer looks.Stop()
		w := watcher{dir: dir, files: files, after: time.After, looks: looks.C, out: events, watched: map[string]bool{}}
		err := w.open()
		if err == nil {
			defer func() { w.closer.Close() }()
			var told *fsnotify.Watcher
			if told, err = fsnotify.NewWatcher(); err == nil {
				w.notifier, w.events, w.errors = told, told.Events, told.Errors
				w.run(ctx, ready)
				return
			}
		}
		close(ready)
		select {
		case events <- notWatched(err):
		case <-ctx.Done():
		}
	}()
	return &Watcher{Events: events, Ready: ready, stop: func() { cancel(); <-done }}
}

func notWatched(err error) Event {
	why := untrusted.Message(err)
	if errors.Is(err, syscall.EMFILE) {
		why = "the system's limit of watchers is reached"
	}
	return Event{Notes: []string{"the catalog is not watched: " + why}}
}

// notifier is what tells of changes in folders: fsnotify, but for tests.
type notifier interface {
	Add(folder string) error
	Remove(folder string) error
	Close() error
}

// watcher watches a catalog's folder, those of the protocols in it, and the folders
// directly in those; nothing below and nothing else.
type watcher struct {
	dir      string
	files    []string // in dir
	fsys     fs.FS    // of dir; a link that leads out of it is not followed
	closer   io.Closer
	folder   fs.FileInfo // dir when it was opened
	gone     bool        // it was said that there is none
	notifier notifier
	events   <-chan fsnotify.Event
	errors   <-chan error
	after    func(time.Duration) <-chan time.Time
	looks    <-chan time.Time
	out      chan<- Event

	watched map[string]bool // folders, as paths in the catalog
	pending Event           // not taken yet
	list    bool            // the folders are to be listed again
	missed  int             // folders that the system's limit leaves out
	told    bool            // that was said
}

// run watches until ctx is done. It closes ready when every later change will
// be seen.
func (w *watcher) run(ctx context.Context, ready chan<- struct{}) {
	defer w.notifier.Close()
	w.listAgain()
	close(ready)
	var quiet, latest <-chan time.Time
	for {
		var out chan<- Event
		if w.pending.Changed || len(w.pending.Notes) > 0 {
			out = w.out
		}
		happened := false
		select {
		case <-ctx.Done():
			return
		case event, open := <-w.events:
			if !open {
				return
			}
			happened = w.matters(event.Name)
		case err, open := <-w.errors:
			if !open {
				return
			}
			happened = w.lost(err)
		case <-w.looks:
			happened = w.replaced()
		case <-quiet:
			quiet, latest = nil, nil
			w.changed()
		case <-latest:
			quiet, latest = nil, nil
			w.changed()
		case out <- w.pending:
			w.pending = Event{}
		}
		if happened {
			quiet = w.after(quietTime)
			if latest == nil {
				latest = w.after(longestWait)
			}
		}
	}
}

// changed notes that the catalog changed, and watches the folders that are new.
func (w *watcher) changed() {
	w.pending.Changed = true
	if w.list {
		w.list = false
		w.listAgain()
	}
}

// open opens the catalog's folder.
func (w *watcher) open() error {
	folder, err := os.Stat(w.dir)
	if err != nil {
		return err
	}
	source, closer, err := catalog.OpenDir(w.dir)
	if err != nil {
		return err
	}
	if w.closer != nil {
		w.closer.Close()
	}
	w.fsys, w.closer, w.folder, w.gone = source.FS, closer, folder, false
	return nil
}

// replaced reports whether the catalog's folder is gone, is back, or is another one
// than was watched, which is watched then.
func (w *watcher) replaced() bool {
	now, err := os.Stat(w.dir)
	switch {
	case err != nil && w.gone, err == nil && !w.gone && os.SameFile(now, w.folder):
		return false
	case err != nil:
		w.gone = true
		w.note("the catalog's folder is gone; it is watched again once it is back")
		return true
	}
	which := "another one than before"
	if os.SameFile(now, w.folder) {
		which = "back"
	}
	if w.open() != nil {
		return false
	}
	for name := range w.watched { // of the folder before, under the same name
		_ = w.notifier.Remove(filepath.Join(w.dir, filepath.FromSlash(name)))
	}
	clear(w.watched)
	w.listAgain()
	w.note("the catalog's folder is " + which + ", and is watched")
	return true
}

// matters reports whether the catalog may read otherwise after something
// happened to a file or folder.
func (w *watcher) matters(name string) bool {
	relative, err := filepath.Rel(w.dir, name)
	if err != nil {
		return false
	}
	parts := strings.Split(filepath.ToSlash(relative), "/")
	switch {
	case relative == ".":
		return w.replaced()
	case len(parts) == 1 && slices.Contains(w.files, parts[0]):
	case !catalog.Protocol(parts[0]).Known():
		return false
	case len(parts) == 1:
		w.list = true
	case len(parts) == 2: // made, removed, or another one now
		w.watch(path.Join(parts...))
		w.tellUnwatched()
	default: // a temporary file of an editor, or something beside the spec, is none
		return len(parts) == 3 && parts[2] == "spec.yaml"
	}
	return true
}

// listAgain finds the folders that there are, and watches them.
func (w *watcher) listAgain() {
	w.missed = 0
	if !w.watched["."] {
		w.watch(".")
	}
	for _, protocol := range catalog.Protocols() {
		w.watch(string(protocol))
		entries, err := fs.ReadDir(w.fsys, string(protocol))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			w.note("watching the catalog: " + untrusted.Message(err))
		}
		for _, entry := range entries[:min(len(entries), untrusted.MaxSpecs)] {
			if name := path.Join(string(protocol), entry.Name()); !w.watched[name] {
				w.watch(name)
			}
		}
	}
	w.tellUnwatched()
}

// watch watches a folder of the catalog, anew if it is watched already: it may
// be another one by now. A link that leads out of the catalog is not followed.
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
	if info, err := stat(w.fsys, name); err != nil || !info.IsDir() {
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

// tellUnwatched says once that the system's limit leaves folders out.
func (w *watcher) tellUnwatched() {
	if w.missed > 0 && !w.told {
		w.told = true
		w.note(fmt.Sprintf("the system's limit of watched folders is reached: %d are watched, %d are not, and changes there are not seen", len(w.watched), w.missed))
	}
}

// lost takes what went wrong with the watching, and reports whether events were
// lost: anything may have changed then.
func (w *watcher) lost(err error) bool {
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		w.list = true
		return true
	}
	w.note("watching the catalog: " + untrusted.Message(err))
	return false
}

func (w *watcher) note(text string) { w.pending.Notes = append(w.pending.Notes, text) }
