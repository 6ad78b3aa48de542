package untrusted

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// ReadFile reads a file that a person named, at most limit bytes of it, as
// [ReadAll] does. A pipe will do.
func ReadFile(name string, limit int64) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadAll(file, limit, fmt.Sprintf("%q", Text(name)))
}

// ReadRegular reads a file that lies where a program looks for it, below fsys,
// at most limit bytes of it. What is no regular file is refused before it is
// opened, since to open a named pipe is to wait for its other end; so is a link
// to nothing or out of fsys, whose error does not wrap [fs.ErrNotExist].
func ReadRegular(fsys fs.FS, name string, limit int64) ([]byte, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, linkError(fsys, name, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("expected a regular file, found %s", kind(info.Mode()))
	}
	file, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readSized(file, limit, info.Size(), "the file")
}

// OpenRegular opens a file that lies where a program looks for it, or the null device,
// which people put in the place of an empty one. What is no regular file is refused
// without waiting for the other end of a named pipe, even if it takes the file's place
// meanwhile.
func OpenRegular(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && !isNull(info) {
		err = fmt.Errorf("expected a regular file at %q, found %s", Text(name), kind(info.Mode()))
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

func isNull(info fs.FileInfo) bool {
	null, err := os.Stat(os.DevNull)
	return err == nil && os.SameFile(info, null)
}

// ReadRegularFile reads at most limit bytes of a file as [OpenRegular] opens it.
func ReadRegularFile(name string, limit int64) ([]byte, error) {
	file, err := OpenRegular(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ReadAll(file, limit, fmt.Sprintf("%q", Text(name)))
}

// OpenFolder is [os.OpenRoot], but does not wait for the other end of a named pipe.
func OpenFolder(name string) (*os.Root, error) {
	if info, err := os.Stat(name); err == nil && !info.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOTDIR}
	}
	return os.OpenRoot(name)
}

// linkError returns the error about a file that cannot be reached: err, unless a
// symbolic link to nothing or out of fsys is the reason.
func linkError(fsys fs.FS, name string, err error) error {
	info, linkErr := fs.Lstat(fsys, name)
	if linkErr != nil || info.Mode()&fs.ModeSymlink == 0 {
		return err
	}
	cause, _ := errors.AsType[*fs.PathError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("expected a regular file, found a symbolic link to nothing")
	case cause != nil && cause.Err.Error() == "path escapes from parent": // os exports no such error
		return errors.New("expected a regular file, found a symbolic link that leads out of the folder")
	}
	return err
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	default:
		return "something else"
	}
}
