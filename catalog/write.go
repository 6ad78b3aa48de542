package catalog

import (
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"plimsoll/catalog/untrusted"
)

// ErrChanged says that a file is no longer what was read: somebody else wrote
// it meanwhile, and their words would be lost.
var ErrChanged = errors.New("the file was changed since it was read")

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
	if err := ReplaceFile(root, l.path(), data, info.Mode().Perm()); err != nil {
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

// ReplaceFile writes data to a file below root, with the permissions mode: to
// a new file beside it, which then takes its name, so that a reader finds the
// old text or the new and never a part. The file need not exist before.
func ReplaceFile(root *os.Root, name string, data []byte, mode fs.FileMode) (err error) {
	folder, base := path.Split(name)
	temporary := folder + "." + base + "." + rand.Text() + ".tmp"
	file, err := root.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, root.Remove(temporary))
		}
	}()
	_, err = file.Write(data)
	if err == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err = root.Rename(temporary, name); err != nil {
		return err
	}
	// The new name is durable once its folder is; some systems cannot sync a
	// folder, and the file is whole there all the same.
	if dir, openErr := root.Open(path.Clean(folder + ".")); openErr == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}
