package recording

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"plimsoll/verify/registry"
)

// Recorder writes a recording: give its Record to [registry.Options]. It may be
// used from several goroutines.
type Recorder struct {
	root  *os.Root
	bases []*url.URL

	mu      sync.Mutex
	index   index
	entries map[key]entry
	bodies  map[string]string // path → hash
	failed  error             // the first failure of Record to write
}

// Create starts a recording in the folder dir, which is made if it is missing
// and may not hold a recording yet: nothing is overwritten. The recording cannot
// be read before [Recorder.Close].
func Create(dir string, header Header) (*Recorder, error) {
	if header.Recorded.IsZero() {
		return nil, errors.New("record: the time of the recording is missing")
	}
	header.Recorded = header.Recorded.UTC().Truncate(time.Second)
	r := &Recorder{index: index{Schema: Schema, Header: header}, entries: map[key]entry{}, bodies: map[string]string{}}
	for _, base := range header.bases() {
		u, err := url.Parse(base)
		if err != nil {
			return nil, fmt.Errorf("record: %w", err)
		}
		r.bases = append(r.bases, u)
	}
	err := os.MkdirAll(dir, 0o777)
	if err == nil {
		r.root, err = os.OpenRoot(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	for _, name := range []string{indexFile, bodiesFolder} {
		if _, err := r.root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			r.root.Close()
			return nil, fmt.Errorf("record: %q already holds a recording (%s)", dir, name)
		}
	}
	return r, nil
}

// SetGo says how Go modules are asked for: the settings of the go command, and the
// addresses of the module proxies and the checksum database among them.
func (r *Recorder) SetGo(settings map[string]string, bases ...*url.URL) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.index.Go, r.bases = settings, append(r.bases, bases...)
}

// SetTreeHead says which tree head of the checksum database the records are held
// against, the newest one that the run accepted, and whether the database forked.
func (r *Recorder) SetTreeHead(head []byte, forked bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.index.TreeHead, r.index.Forked = string(head), forked
}

// Record writes one answer. A recording knows one npm registry and its simple
// indexes: what comes from another could not be found when it is replayed, and
// is an error. A failure to write is none here, where it would be taken for the
// registry's: there is no recording then, and the error is that of
// [Recorder.Close].
func (r *Recorder) Record(e registry.Exchange) error {
	r.mu.Lock()
	known := slices.ContainsFunc(r.bases, func(base *url.URL) bool { return registry.SameHost(base, e.URL) })
	r.mu.Unlock()
	if !known {
		return fmt.Errorf("a recording holds the registries that were asked when it was begun, and %q is on none of them", registry.Redact(e.URL))
	}
	err := r.Add(e, "")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failed == nil {
		r.failed = err
	}
	return nil
}

// Add records one answer. No Accept header answers any. name is the file of the
// body below bodies/ ("npm/context7/1.0.21.json"), or "" for its SHA-256.
// Recording the same answer again changes nothing; another answer to the same
// request is an error, and so is another body under the same name.
func (r *Recorder) Add(answer registry.Exchange, name string) error {
	u := *answer.URL
	u.User, u.Fragment, u.RawFragment = nil, "", ""
	sum := sha256.Sum256(answer.Body)
	e := entry{
		URL: u.String(), Accept: answer.Accept, Status: answer.Status, ContentType: answer.ContentType, SHA256: hex.EncodeToString(sum[:]),
	}
	if len(answer.Body) > 0 {
		e.Body = bodiesFolder + "/" + cmp.Or(name, e.SHA256)
	}
	err := e.check()
	if err == nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		err = r.add(e, answer.Body)
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

func (r *Recorder) add(e entry, body []byte) error {
	k := key{e.URL, e.Accept}
	if old, ok := r.entries[k]; ok {
		if old.Status != e.Status || old.SHA256 != e.SHA256 || old.ContentType != e.ContentType {
			return fmt.Errorf("two different answers for %q", e.URL)
		}
		return nil
	}
	hash, written := r.bodies[e.Body]
	switch {
	case e.Body == "" || hash == e.SHA256:
	case written:
		return fmt.Errorf("two different bodies for the file %q", e.Body)
	default:
		if err := r.root.MkdirAll(path.Dir(e.Body), 0o777); err != nil {
			return err
		}
		if err := r.root.WriteFile(e.Body, body, 0o666); err != nil {
			return err
		}
		r.bodies[e.Body] = e.SHA256
	}
	r.entries[k] = e
	return nil
}

// Close finishes the recording with the trust that the verdicts rested on, the
// keys in either of the two shapes; nil parts are left out. Before it the folder
// holds no recording. The responses are sorted by URL and Accept, so that the
// same answers always give the same bytes. The recorder is then used up.
func (r *Recorder) Close(trustedRoot, npmKeys []byte) (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { err = errors.Join(err, r.root.Close()) }()
	if r.failed != nil {
		return fmt.Errorf("nothing was recorded: %w", r.failed)
	}
	r.index.Responses = make([]entry, 0, len(r.entries))
	for _, e := range r.entries {
		r.index.Responses = append(r.index.Responses, e)
	}
	slices.SortFunc(r.index.Responses, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.Accept, b.Accept))
	})
	data, err := encodeIndex(&r.index)
	if err == nil {
		_, err = decodeIndex(data) // what cannot be read back is no recording
	}
	for _, file := range []struct {
		name string
		data []byte
	}{{trustedRootFile, trustedRoot}, {npmKeysFile, npmKeys}, {indexFile, data}} {
		if err == nil && file.data != nil {
			err = r.root.WriteFile(file.name, file.data, 0o666)
		}
	}
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}
