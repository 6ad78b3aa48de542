package goproxy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Heads keeps the newest signed tree head of a checksum database that was accepted,
// in a file: whoever serves a head that contradicts it has shown two people two
// databases.
type Heads struct {
	file string // "" keeps it for this process alone

	mu     sync.Mutex
	newest []byte
	fixed  bool  // of a recording
	forked error // set by the first head that contradicts another
}

// OpenHeads returns the heads that a folder keeps of a database, by its name; of a
// folder "" nothing is read, and nothing written.
func OpenHeads(folder, database string) (*Heads, error) {
	if folder == "" {
		return &Heads{}, nil
	}
	h := &Heads{file: filepath.Join(folder, database+".head")}
	data, err := untrusted.ReadFile(h.file, untrusted.MaxCheckpoint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the tree head that was kept: %w", err)
	}
	h.newest = data
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

// Newest is the newest head that was accepted, or nil.
func (h *Heads) Newest() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.newest, h.forked
}

// Accept keeps a head that was proven to be consistent with the newest one, if it is
// of a larger tree.
func (h *Heads) Accept(signed []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fixed {
		return nil
	}
	now, err := verify.HeadOf(signed)
	if err != nil {
		return err
	}
	if before, err := verify.HeadOf(h.newest); err == nil && before.N >= now.N {
		return nil
	}
	h.newest = signed
	if h.file == "" {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(h.file), 0o755); err != nil {
		return err
	}
	return untrusted.ReplaceFile(h.file, signed, 0o644)
}

// Fork has every later question fail: the two heads are written to a file, which
// proves to anybody what the database did.
func (h *Heads) Fork(kept, signed []byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.forked != nil || h.fixed {
		return h.forked
	}
	h.forked = errors.New("the checksum database has shown two histories that contradict each other: nothing that it says counts")
	if h.file == "" {
		return h.forked
	}
	proof := h.file[:len(h.file)-len(".head")] + ".fork"
	text := fmt.Appendf(nil, "seen before:\n\n%s\nseen now:\n\n%s", kept, signed)
	if err := untrusted.ReplaceFile(proof, text, 0o644); err != nil {
		h.forked = fmt.Errorf("%w; both heads could not be written: %w", h.forked, err)
	} else {
		h.forked = fmt.Errorf("%w; both heads are in %q", h.forked, untrusted.Text(proof))
	}
	return h.forked
}
