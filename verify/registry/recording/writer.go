package recording

import (
	"bytes"
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
)

// Header is what a recording says of itself.
type Header struct {
	Recorded    time.Time // when, and what every Source says when replayed; written in UTC, whole seconds
	NPMRegistry string    // base URL; "" where no npm registry was asked
	PyPIIndex   string    // base URL; "" where no index was asked
}

// Response is one answer to record.
type Response struct {
	URL         string // absolute, without credentials
	Accept      string // the request's Accept header; "" answers any
	Status      int
	ContentType string
	// Name is the file for the body, with slashes, below bodies/
	// ("npm/context7/1.0.21.json"); "" names it by its SHA-256.
	Name string
	Body []byte // decoded: without a content encoding
}

// Writer writes a recording. Its methods may be called from several
// goroutines.
type Writer struct {
	root *os.Root

	mu      sync.Mutex
	index   index
	entries map[key]entry
	bodies  map[string]string // path → hash
}

// Create starts a recording in the folder dir, which is made where it is
// missing and may not hold a recording yet: nothing is overwritten. The
// recording cannot be read before [Writer.Close].
func Create(dir string, header Header) (*Writer, error) {
	if header.Recorded.IsZero() {
		return nil, errors.New("record: the time of the recording is missing")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	for _, name := range []string{indexFile, bodiesFolder} {
		if _, err := root.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			root.Close()
			return nil, fmt.Errorf("record: %q already holds a recording (%s)", dir, name)
		}
	}
	w := &Writer{root: root, entries: map[key]entry{}, bodies: map[string]string{}}
	w.index = index{
		Schema: Schema, Recorded: header.Recorded.UTC().Truncate(time.Second),
		NPMRegistry: header.NPMRegistry, PyPIIndex: header.PyPIIndex,
	}
	return w, nil
}

// Add records one response. Recording the same response again changes
// nothing; another answer to the same request is an error, and so is another
// body under the same name.
func (w *Writer) Add(r Response) error {
	sum := sha256.Sum256(r.Body)
	e := entry{
		URL: withoutCredentials(r.URL), Accept: r.Accept, Status: r.Status, ContentType: r.ContentType,
		SHA256: hex.EncodeToString(sum[:]),
	}
	if len(r.Body) > 0 {
		name := r.Name
		if name == "" {
			name = e.SHA256
		}
		e.Body = bodiesFolder + "/" + name
	}
	if err := e.check(); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	k := key{e.URL, e.Accept}
	if old, ok := w.entries[k]; ok {
		if old.Status != e.Status || old.SHA256 != e.SHA256 || old.ContentType != e.ContentType {
			return fmt.Errorf("record: two different answers for %q", e.URL)
		}
		return nil
	}
	if e.Body != "" {
		if err := w.writeBody(e.Body, e.SHA256, r.Body); err != nil {
			return fmt.Errorf("record: %w", err)
		}
	}
	w.entries[k] = e
	return nil
}

func (w *Writer) writeBody(name, hash string, body []byte) error {
	if old, ok := w.bodies[name]; ok {
		if old != hash {
			return fmt.Errorf("two different bodies for the file %q", name)
		}
		return nil
	}
	if err := w.root.MkdirAll(path.Dir(name), 0o777); err != nil {
		return err
	}
	if err := w.root.WriteFile(name, body, 0o666); err != nil {
		return err
	}
	w.bodies[name] = hash
	return nil
}

// SetTrustedRoot records the Sigstore trust root (trusted_root.json).
func (w *Writer) SetTrustedRoot(data []byte) error {
	return w.root.WriteFile(trustedRootFile, data, 0o666)
}

// SetNPMKeys records the registry keys, in either of the two shapes
// (npm-keys.json).
func (w *Writer) SetNPMKeys(data []byte) error { return w.root.WriteFile(npmKeysFile, data, 0o666) }

// Close writes recording.json: the responses sorted by URL and Accept, so that
// the same answers always give the same bytes. The writer is then used up.
func (w *Writer) Close() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.root.Close()
	w.index.Responses = make([]entry, 0, len(w.entries))
	for _, e := range w.entries {
		w.index.Responses = append(w.index.Responses, e)
	}
	slices.SortFunc(w.index.Responses, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.URL, b.URL), strings.Compare(a.Accept, b.Accept))
	})
	data, err := encodeIndex(&w.index)
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	back, err := decodeIndex(data) // what cannot be read back is no recording
	if err != nil {
		return fmt.Errorf("record: %w", err)
	}
	if again, err := encodeIndex(back); err != nil || !bytes.Equal(again, data) {
		return errors.New("record: the index does not survive being read back")
	}
	if err := w.root.WriteFile(indexFile, data, 0o666); err != nil {
		return fmt.Errorf("record: %w", err)
	}
	return nil
}

// withoutCredentials drops a URL's user and password and spells it as requests
// do; what is no URL stays, to be refused.
func withoutCredentials(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	u.User = nil
	return u.String()
}
