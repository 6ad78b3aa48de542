package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"plimsoll/catalog/untrusted"
)

// ErrChanged is the error of a file that is no longer what was read: somebody
// else wrote it meanwhile, and their words would be lost.
var ErrChanged = errors.New("the file was changed since it was read")

// Read returns the text of a spec in the catalog at dir. The file must still hold
// what spec was read from, else the error wraps [ErrChanged]. Nothing outside dir
// is read.
func Read(dir string, spec Spec) ([]byte, error) {
	source, closer, err := OpenDir(dir)
	if err != nil {
		return nil, err
	}
	defer closer.Close()
	return source.Read(spec)
}

// Read is as the function [Read].
func (s Source) Read(spec Spec) ([]byte, error) {
	_, l, err := locate(string(spec.Path)) // the name of a catalog before it is no folder
	if err != nil {
		return nil, err
	}
	l.source = &s
	data, err := l.read()
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != spec.SHA256 {
		return nil, ErrChanged
	}
	return data, nil
}

// Write replaces the text of a spec in the catalog at dir and returns the spec
// as it reads now. The file must still hold what spec was read from, else the
// error wraps [ErrChanged]; data must read as a spec. The file is replaced as a
// whole or not at all and keeps its permissions. Nothing outside dir is
// written: a spec that is a symbolic link is refused, and so is a folder that
// leads out.
func Write(dir string, spec Spec, data []byte) (Spec, error) {
	fail := func(err error) (Spec, error) { return Spec{}, fmt.Errorf("write %v: %w", spec.Path, err) }
	root, err := untrusted.OpenFolder(dir)
	if err != nil {
		return fail(err)
	}
	defer root.Close()
	_, l, err := locate(string(spec.Path))
	if err != nil {
		return fail(err)
	}
	written, err := Rewritten(spec, data)
	if err != nil {
		return fail(err)
	}
	if err := Replace(root, l.path, data, untrusted.MaxSpec, &spec.SHA256); err != nil {
		return fail(err)
	}
	return written, nil
}

// Rewritten returns a spec as it reads if its file holds data, which must read as a
// spec.
func Rewritten(spec Spec, data []byte) (Spec, error) {
	_, l, err := locate(string(spec.Path))
	if err != nil {
		return Spec{}, err
	}
	written := Spec{Path: spec.Path, Protocol: l.protocol, Server: untrusted.Text(l.folder), SHA256: sha256.Sum256(data)}
	if parse(&written, data); written.Err != nil {
		return Spec{}, fmt.Errorf("the new text is no spec: %w", written.Err)
	}
	return written, nil
}

// Replace writes a file of a catalog, as a whole or not at all. The file must
// still hold at most limit bytes of the hash was, and not be there if that is
// nil, else the error wraps [ErrChanged]. It keeps its permissions. A symbolic
// link is refused.
func Replace(root *os.Root, name string, data []byte, limit int64, was *[sha256.Size]byte) error {
	mode, err := unchanged(root, name, limit, was)
	if err != nil {
		return err
	}
	return untrusted.ReplaceBelowIf(root, name, data, mode, func() error {
		_, err := unchanged(root, name, limit, was)
		return err
	})
}

// unchanged returns an error unless a file is as Replace wants it, and its permissions.
func unchanged(root *os.Root, name string, limit int64, was *[sha256.Size]byte) (fs.FileMode, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && was == nil:
		return 0o644, nil
	case errors.Is(err, fs.ErrNotExist):
		return 0, fmt.Errorf("%w: %w", ErrChanged, err)
	case err != nil:
		return 0, err
	case info.Mode()&fs.ModeSymlink != 0:
		return 0, errors.New("expected a regular file, found a symbolic link")
	}
	current, err := untrusted.ReadRegular(root.FS(), name, limit)
	if err == nil && (was == nil || sha256.Sum256(current) != *was) {
		err = ErrChanged
	}
	return info.Mode().Perm(), err
}
