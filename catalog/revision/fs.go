package revision

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"time"

	"plimsoll/catalog/untrusted"
)

var _ interface {
	fs.StatFS
	fs.ReadDirFS
	fs.ReadLinkFS
} = (*Tree)(nil)

// at is find for a method of fs.FS.
func (t *Tree) at(op, name string, follow bool) (node, error) {
	if !fs.ValidPath(name) {
		return node{}, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, err := t.find(name, follow)
	if err != nil {
		return node{}, pathError(op, name, err)
	}
	n.name = path.Base(name) // not that of what a link leads to
	return n, nil
}

// pathError is the error about a path; one about the repository is not about
// a path of it.
func pathError(op, name string, err error) error {
	for _, own := range []error{fs.ErrNotExist, fs.ErrInvalid, errModule, errEscapes, errNoFolder, errManyLinks} {
		if errors.Is(err, own) {
			return &fs.PathError{Op: op, Path: name, Err: own}
		}
	}
	return err
}

// Open implements fs.FS. A file is read whole.
func (t *Tree) Open(name string) (fs.File, error) {
	n, err := t.at("open", name, true)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		entries, err := t.list(n)
		if err != nil {
			return nil, pathError("open", name, err)
		}
		return &folder{info{n}, entries}, nil
	}
	data, err := t.repository.objects.read(n.object, "blob", maxFile)
	if err != nil {
		return nil, err
	}
	return &file{info{n}, bytes.NewReader(data)}, nil
}

// ReadDir implements fs.ReadDirFS.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := t.at("readdir", name, true)
	if err == nil && !n.mode.IsDir() {
		err = &fs.PathError{Op: "readdir", Path: name, Err: errNoFolder}
	}
	if err != nil {
		return nil, err
	}
	entries, err := t.list(n)
	if err != nil {
		return nil, pathError("readdir", name, err)
	}
	return entries, nil
}

// Stat implements fs.StatFS.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	n, err := t.at("stat", name, true)
	if err != nil {
		return nil, err
	}
	return info{n}, nil
}

// Lstat implements fs.ReadLinkFS.
func (t *Tree) Lstat(name string) (fs.FileInfo, error) {
	n, err := t.at("lstat", name, false)
	if err != nil {
		return nil, err
	}
	return info{n}, nil
}

// ReadLink implements fs.ReadLinkFS.
func (t *Tree) ReadLink(name string) (string, error) {
	n, err := t.at("readlink", name, false)
	if err == nil && n.mode&fs.ModeSymlink == 0 {
		err = &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	if err != nil {
		return "", err
	}
	target, err := t.repository.objects.read(n.object, "blob", maxTarget)
	return string(target), err
}

// info is a node as fs.FileInfo. A commit knows neither sizes nor times.
type info struct{ node }

func (i info) Name() string       { return i.name }
func (i info) Size() int64        { return -1 }
func (i info) Mode() fs.FileMode  { return i.mode }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return i.mode.IsDir() }
func (i info) Sys() any           { return nil }

// file is an open file.
type file struct {
	info
	*bytes.Reader
}

func (f *file) Size() int64                { return f.info.Size() }
func (f *file) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *file) Close() error               { return nil }

// folder is an open folder.
type folder struct {
	info
	left []fs.DirEntry
}

func (f *folder) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *folder) Close() error               { return nil }
func (f *folder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: f.name, Err: errors.New("is a directory")}
}

// ReadDir implements fs.ReadDirFile.
func (f *folder) ReadDir(n int) ([]fs.DirEntry, error) {
	if n <= 0 || n > len(f.left) {
		if n > 0 && len(f.left) == 0 {
			return nil, io.EOF
		}
		n = len(f.left)
	}
	out := f.left[:n]
	f.left = f.left[n:]
	return out, nil
}

// Same reports whether a path is the same here and in head: a regular file of the
// same bytes, or in two commits what cannot be read for the same reason. A file of
// a work tree may have line ends of its own (core.autocrlf, or eol in
// .gitattributes) and be the same.
func (t *Tree) Same(head fs.FS, name string) bool {
	was, err := t.find(name, true)
	if other, ok := head.(*Tree); ok {
		is, otherErr := other.find(name, true)
		if err == nil && otherErr == nil {
			return is.mode == was.mode && is.object == was.object
		}
		above, _ := t.find(path.Dir(name), false)
		otherAbove, _ := other.find(path.Dir(name), false)
		return err != nil && otherErr != nil && err.Error() == otherErr.Error() && above == otherAbove
	}
	if err != nil || !was.mode.IsRegular() {
		return false
	}
	data, err := untrusted.ReadRegular(head, name, maxFile)
	if err != nil {
		return false
	}
	same := func(data []byte) bool { return nameOf(len(was.object), "blob", data) == was.object }
	return same(data) || same(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")))
}
