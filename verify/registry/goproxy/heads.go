package goproxy

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Heads keeps the newest signed tree head of a checksum database that was accepted,
// in a file that several programs may use: whoever serves a head that contradicts it
// has shown two people two databases. The zero value keeps it for this process alone.
type Heads struct {
	file string // "" for none

	mu      sync.Mutex
	newest  []byte
	fixed   bool  // of a recording
	forked  error // set by the first head that contradicts another
	problem error // why the newest head is in no file
}

// errFork is that of a database that has shown two histories.
var errFork = errors.New("the checksum database has shown two histories that contradict each other: nothing that it says counts")

// OpenHeads returns the heads that a folder keeps of a database, by its key; of a
// folder "" nothing is read, and nothing written. A fork that was seen before is one
// until somebody removes its file.
func OpenHeads(folder, key string) (*Heads, error) {
	h := &Heads{}
	name, rest, found := strings.Cut(key, "+")
	if folder == "" || !found {
		return h, nil
	}
	hash, _, _ := strings.Cut(rest, "+")
	h.file = filepath.Join(folder, url.PathEscape(name+"+"+hash)+".head")
	data, err := untrusted.ReadRegularFile(h.file, untrusted.MaxCheckpoint)
	if err == nil {
		if _, err = verify.HeadOf(data); err == nil {
			if signed := verify.CheckHead(data, verify.SumDB{Key: key}, nil); signed.Status != verify.Pass {
				err = errors.New(signed.Reason)
			}
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the tree head that was kept in %q cannot be read, and nothing can be held against it: %w; "+
			"remove the file to begin anew",
			untrusted.Text(h.file), err)
	}
	h.newest = data
	if _, err := os.Lstat(h.proof()); err == nil {
		h.forked = h.fork()
	}
	return h, nil
}

// RecordedHead returns the head that was known when a recording was made. It stays the
// newest, and a fork concerns the answer alone that shows it: what a replay says of a
// package does not depend on which was asked first.
func RecordedHead(signed string) *Heads {
	h := &Heads{fixed: true}
	if signed != "" {
		h.newest = []byte(signed)
	}
	return h
}

// Doubt says of a recording that its database forked while it was made: no answer of it
// counts, and one that contradicts the recorded head is invalid still.
func (h *Heads) Doubt() { h.forked = errFork }

// proof is the file of the two heads of a fork.
func (h *Heads) proof() string { return strings.TrimSuffix(h.file, ".head") + ".fork" }

func (h *Heads) fork() error {
	return fmt.Errorf("%w; both tree heads are in %q, which proves it to anybody: remove the file once it is known what happened",
		errFork, untrusted.Text(h.proof()))
}

// Newest is the newest head that was accepted, or nil; the error is that of a fork. h
// may be nil.
func (h *Heads) Newest() ([]byte, error) {
	if h == nil {
		return nil, nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest, h.forked
}

// File is where the newest head is kept, or ""; the error is why it is not. h may be
// nil.
func (h *Heads) File() (string, error) {
	if h == nil {
		return "", nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.file, h.problem
}

// Accept keeps a head that was proven to be consistent with an older one, if that is
// still the newest: else it reports false, and the head is to be held against
// [Heads.Newest] again. A head that cannot be written is kept for this process.
func (h *Heads) Accept(against, signed []byte) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fixed {
		return true
	}
	if h.forked != nil || !bytes.Equal(h.newest, against) {
		return false
	}
	now, err := verify.HeadOf(signed)
	if err != nil {
		return true
	}
	if before, err := verify.HeadOf(against); err == nil && before.N >= now.N {
		return true
	}
	if h.file != "" && h.problem == nil {
		var current bool
		if current, h.problem = h.replace(signed); !current {
			return false
		}
	}
	h.newest = signed
	return true
}

// replace writes the newest head, or reads it if another program wrote one.
func (h *Heads) replace(signed []byte) (current bool, err error) {
	if err := os.MkdirAll(filepath.Dir(h.file), 0o700); err != nil {
		return true, err
	}
	unlock, err := untrusted.Lock(h.file+".lock", untrusted.LockPatience)
	if err != nil {
		return true, err
	}
	defer unlock()
	data, err := untrusted.ReadRegularFile(h.file, untrusted.MaxCheckpoint)
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && bytes.Equal(data, h.newest):
		return true, untrusted.ReplaceFile(h.file, signed, 0o644)
	case err == nil:
		h.newest = data
		return false, nil
	}
	return true, err
}

// Fork has every later question fail: the two heads are written to a file.
func (h *Heads) Fork(kept, signed []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.forked != nil || h.fixed {
		return
	}
	if h.forked = errFork; h.file == "" {
		return
	}
	text := fmt.Appendf(nil, "seen before:\n\n%s\nseen now:\n\n%s", kept, signed)
	err := os.MkdirAll(filepath.Dir(h.file), 0o700)
	if err == nil {
		err = untrusted.ReplaceFile(h.proof(), text, 0o644)
	}
	if h.forked = h.fork(); err != nil {
		h.forked = fmt.Errorf("%w; both tree heads could not be written to %q: %w", errFork, untrusted.Text(h.proof()), err)
	}
}
