// Package state keeps how a person left the tables, one small JSON
// file a catalog in the user's state folder.
//
// The files are read strictly and bounded. One that cannot be read is renamed
// beside its place, never overwritten, and the program goes on without it.
package state

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
)

// Table is how a table was left, in the names that the screen shows. What it was
// narrowed to is not kept: failures hidden by yesterday's filter are not seen today.
type Table struct {
	Sort    string `json:"sort"`
	Reverse bool   `json:"reverse"`
	Columns string `json:"columns"`
	Preview bool   `json:"preview"`
	Size    int    `json:"size"` // of the preview
}

// Tables are the packages of a catalog, and the changes of a review.
type Tables struct {
	Packages Table `json:"packages"`
	Review   Table `json:"review"`
}

// version is the form of the files. No other one is read but the first, which held
// the packages alone, and their filter.
const version = 2

type document struct {
	Version int     `json:"version"`
	Tables  *Tables `json:"tables,omitempty"`
	First   *struct {
		Table
		Filter string `json:"filter"`
		Preset string `json:"preset"`
	} `json:"table,omitempty"`
}

// File is the file of one catalog. Its methods may be called from several
// goroutines.
type File struct {
	mu   sync.Mutex
	path string
}

// ForCatalog returns the file of the catalog in a folder. It is named by a
// hash of the folder's absolute path. Nothing is read or written.
func ForCatalog(dir, catalog string) (*File, error) {
	path, err := filepath.Abs(catalog)
	if err != nil {
		return nil, fmt.Errorf("name the state of %q: %w", untrusted.Text(catalog), err)
	}
	return &File{path: filepath.Join(dir, "table-"+nameOf(path)+".json")}, nil
}

// nameOf is a name for what is kept of a folder.
func nameOf(path string) string {
	sum := sha256.Sum256([]byte(path))
	const bytes = 16
	return hex.EncodeToString(sum[:bytes])
}

// LockCatalog keeps the programs of one person apart that write into one catalog: it
// waits until no other has the lock. The lock is a file in dir, not in the catalog.
func LockCatalog(dir, catalog string) (unlock func(), err error) {
	path, err := filepath.Abs(catalog)
	if err == nil { // by whatever name each of them was given it
		path, err = filepath.EvalSymlinks(path)
	}
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %q: %w", untrusted.Text(catalog), err)
	}
	return untrusted.Lock(filepath.Join(dir, "catalog-"+nameOf(path)+".lock"), untrusted.LockPatience)
}

// ForDemo returns the file of a part of the embedded demo.
func ForDemo(dir, name string) *File {
	return &File{path: filepath.Join(dir, "table-demo-"+name+".json")}
}

// Load returns how the tables were left; found is false, and nothing wrong,
// if there is no file yet. A file that does not hold what it should is set
// aside, and the error says under which name.
func (f *File) Load() (t Tables, found bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if t, found, err = f.load(); !isBroken(err) {
		return t, found, err
	}
	if unlock, err := untrusted.Lock(f.path+".lock", untrusted.LockPatience); err == nil {
		defer unlock()
	}
	if t, found, err = f.load(); !isBroken(err) { // another program was here first
		return t, found, err
	}
	aside, renameErr := f.setAside()
	if renameErr != nil {
		return Tables{}, false, errors.Join(err, renameErr)
	}
	return Tables{}, false, fmt.Errorf("%w; it is now %s", err, filepath.Base(aside))
}

func (f *File) load() (t Tables, found bool, err error) {
	data, err := f.read()
	if errors.Is(err, fs.ErrNotExist) {
		return Tables{}, false, nil
	}
	if err == nil {
		t, err = parse(data)
	}
	return t, err == nil, err
}

func isBroken(err error) bool {
	_, broken := errors.AsType[*brokenError](err)
	return broken
}

// brokenError is a file that is there and is not one of ours.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return "the state file is broken: " + e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

func (f *File) read() ([]byte, error) {
	data, err := untrusted.ReadRegular(os.DirFS(filepath.Dir(f.path)), filepath.Base(f.path), untrusted.MaxState)
	if _, system := errors.AsType[*fs.PathError](err); system {
		return nil, fmt.Errorf("read the state: %w", err)
	}
	if err != nil {
		return nil, &brokenError{err}
	}
	return data, nil
}

// parse reads a document. Members that are unknown or there twice, bytes that
// are not UTF-8, and anything after it are refused.
func parse(data []byte) (Tables, error) {
	var d document
	if err := json.Unmarshal(data, &d, json.RejectUnknownMembers(true)); err != nil {
		return Tables{}, &brokenError{err}
	}
	switch {
	case d.Version == 1 && d.First != nil && d.Tables == nil:
		return Tables{Packages: d.First.Table}, nil
	case d.Version != version:
		return Tables{}, &brokenError{fmt.Errorf("expected version %d, found %d", version, d.Version)}
	case d.Tables == nil || d.First != nil:
		return Tables{}, &brokenError{errors.New("it holds no table")}
	}
	return *d.Tables, nil
}

// maxBroken is how many broken files are kept.
const maxBroken = 100

// setAside renames the file to NAME.broken-N, the first N that is free.
func (f *File) setAside() (string, error) {
	for n := range maxBroken {
		aside := fmt.Sprintf("%s.broken-%d", f.path, n+1)
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			if err := os.Rename(f.path, aside); err != nil {
				return "", fmt.Errorf("set the state aside: %w", err)
			}
			return aside, nil
		}
	}
	return "", fmt.Errorf("set the state aside: there are %d broken files already", maxBroken)
}

// Save writes how the tables were left. A reader sees the old file or the new
// one, never a part.
func (f *File) Save(t Tables) error {
	data, err := json.Marshal(document{Version: version, Tables: &t}, jsontext.Multiline(true), jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("encode the state: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.write(append(data, '\n')); err != nil {
		return fmt.Errorf("save the state: %w", err)
	}
	return nil
}

func (f *File) write(data []byte) error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	return untrusted.ReplaceFile(f.path, data, 0o600)
}
