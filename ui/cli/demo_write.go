package cli

import (
	"bytes"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"plimsoll/catalog"
	"plimsoll/ui"
	"plimsoll/verify/triage"
)

// rewritable is a catalog of the demo whose specs can be written, in memory: those that
// lie inside the program stay as they are.
type rewritable struct {
	fs.FS
	mu    sync.Mutex
	texts map[string][]byte // of the specs that were written, by their path
}

// Open implements fs.FS.
func (r *rewritable) Open(name string) (fs.File, error) {
	file, err := r.FS.Open(name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if text, written := r.texts[name]; written && err == nil {
		return rewrittenFile{file, bytes.NewReader(text)}, nil
	}
	return file, err
}

type rewrittenFile struct {
	fs.File
	text *bytes.Reader
}

func (f rewrittenFile) Read(p []byte) (int, error) { return f.text.Read(p) }

// rewritableDemo is the part of the demo that a screen shows.
type rewritableDemo []catalog.Source

func newRewritableDemo(d demoFlag) rewritableDemo {
	sources := d.sources()
	for i := range sources {
		sources[i].FS = &rewritable{FS: sources[i].FS, texts: map[string][]byte{}}
	}
	return sources
}

// of returns the catalog that a spec is from, and the spec's path in it.
func (d rewritableDemo) of(spec catalog.Spec) (catalog.Source, string) {
	at := slices.IndexFunc(d, func(source catalog.Source) bool { return strings.HasPrefix(string(spec.Path), source.Name+"/") })
	if at < 0 { // the only one, which has no name
		return d[0], string(spec.Path)
	}
	return d[at], strings.TrimPrefix(string(spec.Path), d[at].Name+"/")
}

func (d rewritableDemo) read(spec catalog.Spec) ([]byte, error) {
	source, _ := d.of(spec)
	return source.Read(spec)
}

func (d rewritableDemo) write(spec catalog.Spec, data []byte) (catalog.Spec, error) {
	if _, err := d.read(spec); err != nil {
		return catalog.Spec{}, err
	}
	written, err := catalog.Rewritten(spec, data)
	if err != nil {
		return catalog.Spec{}, err
	}
	source, file := d.of(spec)
	r := source.FS.(*rewritable)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.texts[file] = bytes.Clone(data)
	return written, nil
}

// triage lets people try triage on the demo: what they decide and write lasts as long
// as the screen.
func (d rewritableDemo) triage() *ui.TriageOptions {
	return &ui.TriageOptions{Decide: (*triage.Decisions).Changed, ReadSpec: d.read, WriteSpec: d.write, InMemory: true}
}
