package recording

import (
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"plimsoll/verify/registry"
)

// Recorder writes what a client fetches as a recording: give its Record to
// [registry.Options]. It may be used from several goroutines.
type Recorder struct {
	writer *Writer
	bases  []*url.URL

	mu     sync.Mutex
	failed error // the first failure to write
}

// NewRecorder starts a recording in a folder; see [Create]. A base is nil
// where nothing of its kind is asked.
func NewRecorder(dir string, recorded time.Time, npmRegistry, pypiIndex *url.URL) (*Recorder, error) {
	header := Header{Recorded: recorded}
	r := &Recorder{}
	if npmRegistry != nil {
		header.NPMRegistry = npmRegistry.String()
		r.bases = append(r.bases, npmRegistry)
	}
	if pypiIndex != nil {
		header.PyPIIndex = pypiIndex.String()
		r.bases = append(r.bases, pypiIndex)
	}
	var err error
	if r.writer, err = Create(dir, header); err != nil {
		return nil, err
	}
	return r, nil
}

// Record writes one answer. A recording knows one npm registry and one simple
// index: what comes from another could not be found when it is replayed, and
// is an error. A failure to write is none here, where it would be taken for the
// registry's: there is no recording then, and [Recorder.Close] says why.
func (r *Recorder) Record(e registry.Exchange) error {
	known := false
	for _, base := range r.bases {
		known = known || registry.SameHost(base, e.URL)
	}
	if !known {
		return fmt.Errorf("a recording holds one npm registry and one simple index, and %q is neither", registry.Redact(e.URL))
	}
	u := *e.URL
	u.Fragment, u.RawFragment = "", ""
	err := r.writer.Add(Response{
		URL: u.String(), Accept: e.Accept, Status: e.Status, ContentType: e.ContentType, Body: e.Body,
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
	return nil
}

// Close finishes the recording with the trust that the verdicts rested on; nil
// parts are left out. Without it the folder holds no recording.
func (r *Recorder) Close(trustedRoot, npmKeys []byte) error {
	r.mu.Lock()
	err := r.failed
	r.mu.Unlock()
	if err != nil {
		return errors.Join(fmt.Errorf("nothing was recorded: %w", err), r.writer.root.Close())
	}
	if trustedRoot != nil {
		err = r.writer.SetTrustedRoot(trustedRoot)
	}
	if npmKeys != nil {
		err = errors.Join(err, r.writer.SetNPMKeys(npmKeys))
	}
	return errors.Join(err, r.writer.Close())
}
