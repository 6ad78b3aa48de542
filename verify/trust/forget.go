package trust

import (
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"plimsoll/catalog/untrusted"
)

// Forget removes what is kept of every repository in a folder ([TUF.CachePath]), which
// need not exist, and returns how many files that were. Whatever else lies there stays:
// people may name any folder.
func Forget(cache string) (removed int, err error) {
	entries, err := os.ReadDir(cache)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	errs := []error{err}
	for _, e := range entries {
		folder := filepath.Join(cache, e.Name())
		n, err := forget(folder)
		removed, errs = removed+n, append(errs, err)
		if e.IsDir() {
			_ = os.Remove(folder) // succeeds when it is empty
		}
	}
	_ = os.Remove(cache)
	return removed, errors.Join(errs...)
}

func forget(folder string) (removed int, err error) {
	root, err := untrusted.OpenFolder(folder)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrNotExist) { // no repository
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer root.Close()
	var errs []error
	for _, in := range []struct {
		folder string
		ours   func(name string) bool
	}{{targetFolder, isTarget}, {".", isMetadata}} {
		if info, err := root.Lstat(in.folder); err != nil || !info.IsDir() {
			continue
		}
		entries, err := fs.ReadDir(root.FS(), in.folder)
		errs = append(errs, err)
		for _, e := range entries {
			if name := strings.TrimSuffix(e.Name(), damagedSuffix); in.ours(name) || untrusted.IsTemporary(name) {
				errs = append(errs, root.RemoveAll(path.Join(in.folder, e.Name())))
				removed++
			}
		}
	}
	_ = root.Remove(targetFolder)
	return removed, errors.Join(errs...)
}

// isMetadata reports whether a file of this name is kept of a repository. Earlier
// versions kept metadata without versions in its names.
func isMetadata(name string) bool {
	_, _, numbered := splitName(name)
	return numbered || slices.Contains(topLevel, name) || name == lockFile || name == checkedFile
}

// isTarget is isMetadata for targets, which earlier versions kept without a hash.
func isTarget(name string) bool {
	hash, _, _ := strings.Cut(name, ".")
	_, err := hex.DecodeString(hash)
	return err == nil && len(hash) >= 64 || name == trustedRootTarget || strings.HasSuffix(name, "%2Fkeys.json")
}
