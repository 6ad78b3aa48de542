package catalog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"plimsoll/catalog/untrusted"
)

// ErrChanged says that a file is no longer what was read: somebody else wrote
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
	l, err := locate(spec, root)
	if err != nil {
		return nil, err
	}
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
	l, err := locate(spec, root)
	if err != nil {
		return fail(err)
	}
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

// locate returns where in the catalog a spec was found. The name of a catalog
// before its path is no folder.
func locate(spec Spec, root *os.Root) (location, error) {
	parts := strings.Split(string(spec.Path), "/")
	n := len(parts)
	if n < 3 || parts[n-1] != specFile || !isProtocol(parts[n-3]) || parts[n-2] == ".." || parts[n-2] == "." || parts[n-2] == "" {
		return location{}, fmt.Errorf("expected a path that ends in npx/NAME/spec.yaml or uvx/NAME/spec.yaml, found %q", spec.Path)
	}
	return location{source: Source{FS: root.FS()}, protocol: Protocol(parts[n-3]), folder: parts[n-2]}, nil
}
