package cache

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-json-experiment/json"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// schema names the form of the entries; another form has other names, and so
// is never misread.
const schema = "plimsoll/cache/v1"

const (
	headSize = 2*sha256.Size + 1 // the hash in hex, and its line feed
	maxMeta  = 64 << 10
)

// meta is what an entry says of its answer. It holds no credentials.
type meta struct {
	Schema       string    `json:"schema"`
	URL          string    `json:"url"`
	Accept       string    `json:"accept"`
	ContentType  string    `json:"content_type"`
	ETag         string    `json:"etag"`
	LastModified string    `json:"last_modified"`
	Fetched      time.Time `json:"fetched"` // fetched, or last confirmed by the server
}

// entry is an open entry, its body next.
type entry struct {
	*os.File
	meta meta
	size int64 // of the body
}

// openEntry verifies an entry and returns it at the beginning of its body. The
// file is read twice, and never held as a whole. What happens to its name
// meanwhile does not matter: the file stays.
func openEntry(path string) (_ *entry, err error) {
	file, err := untrusted.OpenRegular(path)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			file.Close()
		}
	}()
	head := make([]byte, headSize)
	if _, err := io.ReadFull(file, head); err != nil {
		return nil, err
	}
	sum := sha256.New()
	total, err := io.Copy(sum, file)
	if err != nil {
		return nil, err
	}
	if want := hex.EncodeToString(sum.Sum(nil)) + "\n"; want != string(head) {
		return nil, errors.New("the entry is not what was written")
	}
	if _, err := file.Seek(headSize, io.SeekStart); err != nil {
		return nil, err
	}
	line, err := bufio.NewReaderSize(io.LimitReader(file, maxMeta), maxMeta).ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	e := &entry{File: file, size: total - int64(len(line))}
	if err := json.Unmarshal(line, &e.meta, json.RejectUnknownMembers(true)); err != nil {
		return nil, err
	}
	if e.meta.Schema != schema || e.meta.Fetched.IsZero() {
		return nil, fmt.Errorf("expected an entry of %s", schema)
	}
	if _, err := file.Seek(headSize+int64(len(line)), io.SeekStart); err != nil {
		return nil, err
	}
	return e, nil
}

// write returns a body that writes what is read of it to the cache, and puts the entry
// in its place when the body has come to its end and is usable. The cache is a
// courtesy: when it cannot be written, the answer goes on without it.
func (t *Transport) write(req *http.Request, m meta, body io.ReadCloser) io.ReadCloser {
	w := &writer{cache: t, ctx: req.Context(), body: body, fetched: m.Fetched, target: t.path(req), sum: sha256.New()}
	w.began = registry.Plain(w.ctx)
	line, err := json.Marshal(m)
	if err != nil || len(line)+1 > maxMeta || os.MkdirAll(filepath.Dir(w.target), 0o700) != nil {
		return body
	}
	if w.temp, err = t.createTemporary(); err != nil {
		return body
	}
	if _, err := w.temp.Write(append(bytes.Repeat([]byte{'0'}, headSize-1), '\n')); err != nil {
		w.abort()
		return body
	}
	w.add(append(line, '\n'))
	return w
}

// createTemporary makes a file in the cache's own folder, where what killed programs
// left is found at once.
func (t *Transport) createTemporary() (*os.File, error) {
	root, err := untrusted.OpenFolder(t.options.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, _, err := untrusted.CreateTemporary(root, ".")
	return file, err
}

// writer is a body that is being kept.
type writer struct {
	cache   *Transport
	ctx     context.Context
	body    io.ReadCloser
	fetched time.Time
	target  string
	temp    *os.File // nil after abort or commit
	sum     hash.Hash
	size    int64
	began   bool // it began as it should
	ended   bool
}

func (w *writer) Read(p []byte) (int, error) {
	n, err := w.body.Read(p)
	if n > 0 && w.temp != nil {
		if !w.began && !beginsAsJSON(p[:n]) {
			w.abort()
		} else {
			w.began = true
			w.add(p[:n])
		}
	}
	switch {
	case err == nil:
	case err == io.EOF && w.began:
		w.end()
	default:
		w.abort()
	}
	return n, err
}

// end is called when the body is whole. What the client cannot use is not kept.
func (w *writer) end() {
	if w.ended {
		return
	}
	w.ended = true
	settle := func(usable bool) {
		if usable {
			w.commit()
		} else {
			w.abort()
		}
	}
	if !registry.Settle(w.ctx, settle) {
		w.commit()
	}
}

func (w *writer) Close() error {
	w.abort()
	return w.body.Close()
}

func (w *writer) add(p []byte) {
	if _, err := w.temp.Write(p); err != nil || w.size+int64(len(p)) > w.cache.options.Limit/2 {
		w.abort()
		return
	}
	w.sum.Write(p)
	w.size += int64(len(p))
}

// abort removes the temporary file.
func (w *writer) abort() {
	if w.temp == nil {
		return
	}
	w.temp.Close()
	os.Remove(w.temp.Name())
	w.temp = nil
}

func (w *writer) commit() {
	if w.temp == nil {
		return
	}
	temp := w.temp.Name()
	_, err := w.temp.WriteAt([]byte(hex.EncodeToString(w.sum.Sum(nil))), 0)
	err = errors.Join(err, w.temp.Sync(), w.temp.Close())
	w.temp = nil
	// The age of the file is the age of the answer: trim goes by it.
	if err != nil || os.Chtimes(temp, w.fetched, w.fetched) != nil || os.Rename(temp, w.target) != nil {
		os.Remove(temp)
		return
	}
	w.cache.grew(w.size + headSize)
}

// beginsAsJSON keeps web pages and other things that are no evidence out.
func beginsAsJSON(p []byte) bool {
	p = bytes.TrimLeft(p, " \t\r\n")
	return len(p) > 0 && (p[0] == '{' || p[0] == '[')
}
