package untrusted

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// A file that is being written has a name that no other file has. Git leaves it and
// nothing else out by the line
//
//	.plimsoll-*.tmp
const temporaryPrefix, temporarySuffix = ".plimsoll-", ".tmp"

var temporaryName = regexp.MustCompile(`^` + regexp.QuoteMeta(temporaryPrefix) + `[A-Z2-7]{26}` + regexp.QuoteMeta(temporarySuffix) + `$`)

// IsTemporary reports whether a file of this name is one that is being written, or
// that a killed program left.
func IsTemporary(name string) bool {
	return strings.HasPrefix(name, temporaryPrefix) && temporaryName.MatchString(name)
}

// CreateTemporary makes a file in a folder below root, for its owner only, that is to
// get another name when it is whole, and returns its name below root. It is locked
// while it is open, so that [RemoveTemporary] leaves it.
func CreateTemporary(root *os.Root, folder string) (*os.File, string, error) {
	name := path.Join(folder, temporaryPrefix+rand.Text()+temporarySuffix)
	file, err := root.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, "", err
	}
	_ = lock(file, true) // where files have no locks, none is taken to be left
	return file, name, nil
}

// RemoveTemporary removes from a folder, and from none below it, the files that killed
// programs left while they wrote. Those that are being written stay. A folder that
// cannot be read or written is left as it is.
func RemoveTemporary(dir string) {
	root, err := OpenFolder(dir)
	if err != nil {
		return
	}
	defer root.Close()
	entries, _ := fs.ReadDir(root.FS(), ".")
	for _, e := range entries {
		if !e.Type().IsRegular() || !IsTemporary(e.Name()) {
			continue
		}
		file, err := root.OpenFile(e.Name(), os.O_RDONLY|syscall.O_NONBLOCK, 0) // it may be a named pipe by now
		if err != nil {
			continue
		}
		left := lock(file, false) == nil
		file.Close()
		if left {
			_ = root.Remove(e.Name())
		}
	}
}

// ReplaceFile writes data to a file, with the permissions mode: to a new file
// beside it, which then takes its name, so that a reader finds the old text or
// the new and never a part. The file need not exist before, its folder must.
func ReplaceFile(name string, data []byte, mode fs.FileMode) error {
	root, err := OpenFolder(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	return ReplaceBelow(root, filepath.Base(name), data, mode)
}

// ReplaceBelow is [ReplaceFile] for a file below root, and writes nothing outside it.
// The new file begins in root, if it can: there [RemoveTemporary] finds what a killed
// program left of it without looking into thousands of folders.
func ReplaceBelow(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	return ReplaceBelowIf(root, name, data, mode, func() error { return nil })
}

// ReplaceBelowIf is [ReplaceBelow], unless check returns an error. It is called when
// all is written and only the name is missing: what others write until then is seen.
func ReplaceBelowIf(root *os.Root, name string, data []byte, mode fs.FileMode, check func() error) error {
	err := replaceFrom(root, ".", name, data, mode, check)
	if folder := path.Dir(name); folder != "." && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EXDEV)) {
		err = replaceFrom(root, folder, name, data, mode, check)
	}
	if err != nil {
		return err
	}
	// The new name is durable once its folder is; some systems cannot sync a
	// folder, and the file is whole there all the same.
	if dir, openErr := root.Open(path.Dir(name)); openErr == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return nil
}

// replaceFrom writes the new file in folder and renames it. It is closed by then, as
// some systems want it, and so no longer locked: if it was taken for one that was
// left, it is written again.
func replaceFrom(root *os.Root, folder, name string, data []byte, mode fs.FileMode, check func() error) error {
	const attempts = 100
	for attempt := 1; ; attempt++ {
		temporary, err := writeTemporary(root, folder, data, mode)
		if err != nil {
			if at, ok := errors.AsType[*fs.PathError](err); ok { // people know the file by its own name
				at.Path = filepath.Join(root.Name(), name)
			}
			return err
		}
		if err = check(); err == nil {
			err = root.Rename(temporary, name)
		}
		if err == nil {
			return nil
		}
		if _, gone := root.Lstat(temporary); !errors.Is(gone, fs.ErrNotExist) || attempt == attempts {
			return errors.Join(err, ignoreMissing(root.Remove(temporary)))
		}
	}
}

func writeTemporary(root *os.Root, folder string, data []byte, mode fs.FileMode) (string, error) {
	file, name, err := CreateTemporary(root, folder)
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Chmod(mode)
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, ignoreMissing(root.Remove(name)))
	}
	return name, nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
