package cache

import (
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// grew counts an entry that was written, and trims the folder when it is too
// large. Other programs' entries are seen when it is counted anew.
func (t *Transport) grew(by int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	limit := t.options.Limit
	t.size += by
	if t.known && t.size <= limit {
		return
	}
	entries, err := list(t.options.Dir)
	if err != nil {
		return
	}
	t.known, t.size = true, 0
	for _, f := range entries {
		t.size += f.size
	}
	if t.size <= limit {
		return
	}
	slices.SortFunc(entries, func(a, b file) int {
		return cmp.Or(a.modified.Compare(b.modified), strings.Compare(a.path, b.path))
	})
	for _, f := range entries {
		if t.size <= limit-limit/10 { // so that not every entry from now on makes it trim again
			return
		}
		if err := os.Remove(f.path); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.size -= f.size
		}
	}
}

// file is one file of a cache's folder.
type file struct {
	path     string
	size     int64
	modified time.Time
}

// earlier begins the names of what earlier versions left when they were killed: it is
// counted and goes as the entries do.
const earlier = ".new-"

// list returns the files of a cache, and none that is not its own.
func list(dir string) ([]file, error) {
	var files []file
	folders, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, folder := range folders {
		if !folder.IsDir() || !isHex(folder.Name(), 2) {
			continue
		}
		names, err := os.ReadDir(filepath.Join(dir, folder.Name()))
		if errors.Is(err, fs.ErrNotExist) { // another program has cleared the cache meanwhile
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if !isHex(n.Name(), 64) && !strings.HasPrefix(n.Name(), earlier) {
				continue
			}
			info, err := n.Info()
			if err != nil || !info.Mode().IsRegular() { // gone meanwhile, or not ours
				continue
			}
			files = append(files, file{filepath.Join(dir, folder.Name(), n.Name()), info.Size(), info.ModTime().UTC()})
		}
	}
	return files, nil
}

func isHex(s string, length int) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == length && strings.ToLower(s) == s
}

// Stats describes what a cache holds.
type Stats struct {
	Entries int       `json:"entries"`
	Bytes   int64     `json:"bytes"`
	Oldest  time.Time `json:"oldest,omitzero"` // when the oldest entry was fetched or confirmed; zero for no entries
	Newest  time.Time `json:"newest,omitzero"`
}

// StatsOf counts the entries of the cache in a folder, which need not exist.
func StatsOf(dir string) (Stats, error) {
	files, err := list(dir)
	if err != nil {
		return Stats{}, fmt.Errorf("cache: %w", err)
	}
	return statsOf(files), nil
}

func statsOf(files []file) (s Stats) {
	for _, f := range files {
		s.Bytes += f.size
		s.Entries++
		s.Oldest = untrusted.Earlier(s.Oldest, f.modified)
		if f.modified.After(s.Newest) {
			s.Newest = f.modified
		}
	}
	return s
}

// Clear removes the entries of the cache in a folder and returns what they were.
// Files that are not the cache's stay, and those that are being written.
func Clear(dir string) (Stats, error) {
	untrusted.RemoveTemporary(dir)
	files, err := list(dir)
	if err != nil {
		return Stats{}, fmt.Errorf("cache: %w", err)
	}
	for _, f := range files {
		if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return Stats{}, fmt.Errorf("cache: %w", err)
		}
		os.Remove(filepath.Dir(f.path)) // succeeds when it is empty
	}
	return statsOf(files), nil
}
