package untrusted

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
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
	return ReadAll(file, limit, "the file")
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

// ReplaceFile writes data to a file, with the permissions mode: to a new file
// beside it, which then takes its name, so that a reader finds the old text or
// the new and never a part. The file need not exist before, its folder must.
func ReplaceFile(name string, data []byte, mode fs.FileMode) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	return ReplaceBelow(root, filepath.Base(name), data, mode)
}

// ReplaceBelow is [ReplaceFile] for a file below root, and writes nothing
// outside it.
func ReplaceBelow(root *os.Root, name string, data []byte, mode fs.FileMode) (err error) {
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
