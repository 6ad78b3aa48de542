package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"plimsoll/catalog/untrusted"
)

// ErrChanged is the error of a file that is no longer what was read: somebody else wrote
// it meanwhile, and their words would be lost.
var ErrChanged = errors.New("the file was changed since it was read")

// Read returns the text of a spec in the catalog at dir as it is now. Nothing
// outside dir is read.
func Read(dir string, spec Spec) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	_, l, err := locate(string(spec.Path)) // the name of a catalog before it is no folder
	if err != nil {
		return nil, err
	}
	l.source.FS = root.FS()
	return l.read()
}

// Write replaces the text of a spec in the catalog at dir and returns the spec
// as it reads now. The file must still hold what spec was read from, else the
// error wraps [ErrChanged]; data must read as a spec. The file is replaced as a
// whole or not at all and keeps its permissions. Nothing outside dir is
// written: a spec that is a symbolic link is refused, and so is a folder that
// leads out.
func Write(dir string, spec Spec, data []byte) (Spec, error) {
	fail := func(err error) (Spec, error) { return Spec{}, fmt.Errorf("write %v: %w", spec.Path, err) }
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fail(err)
	}
	defer root.Close()
	_, l, err := locate(string(spec.Path))
	if err != nil {
		return fail(err)
	}
	l.source.FS = root.FS()
	if len(data) > untrusted.MaxSpec {
		return fail(fmt.Errorf("expected at most %d bytes, found %d (%w)", untrusted.MaxSpec, len(data), untrusted.ErrTooLarge))
	}
	written := Spec{Path: spec.Path, Protocol: l.protocol, Server: untrusted.Text(l.folder), SHA256: sha256.Sum256(data)}
	if parse(&written, data); written.Err != nil {
		return fail(fmt.Errorf("the new text is no spec: %w", written.Err))
	}
	info, err := root.Lstat(l.path())
	if err != nil {
		return fail(err)
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fail(errors.New("expected a regular file, found a symbolic link"))
	}
	current, err := l.read()
	if err != nil {
		return fail(err)
	}
	if sha256.Sum256(current) != spec.SHA256 {
		return fail(ErrChanged)
	}
	if err := untrusted.ReplaceBelow(root, l.path(), data, info.Mode().Perm()); err != nil {
		return fail(err)
	}
	return written, nil
}
