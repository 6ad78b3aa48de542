package trust

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"plimsoll/catalog/untrusted"
)

// save keeps what an update used, once compare finds that it is no older than what
// is there by then: other programs write as well. Nothing is written that is there
// already. A folder that may not be written stays as it is, and the notice says so.
func (k *kept) save(used map[string][]byte, compare func() error) error {
	if err := compare(); err != nil || k.folder == "" || len(k.missing(used)) == 0 && len(k.damaged) == 0 {
		return err
	}
	root, unlock, err := k.lock()
	if err != nil {
		return k.unkept(err)
	}
	defer root.Close()
	defer unlock()
	if err = k.list(); err == nil {
		err = compare()
	}
	if err != nil {
		return err
	}
	return k.unkept(k.write(root, used))
}

// lock opens the folder for one writer at a time.
func (k *kept) lock() (root *os.Root, unlock func(), err error) {
	if err := os.MkdirAll(filepath.Join(k.folder, targetFolder), 0o700); err != nil {
		return nil, nil, err
	}
	if root, err = os.OpenRoot(k.folder); err != nil {
		return nil, nil, err
	}
	if info, err := root.Lstat(lockFile); err == nil && !info.Mode().IsRegular() {
		_ = setAside(root, lockFile)
	}
	if unlock, err = untrusted.Lock(filepath.Join(k.folder, lockFile), lockPatience); err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return root, unlock, nil
}

// lockPatience is for how long another program may write.
var lockPatience = untrusted.LockPatience

// missing returns the names of files that are not in the folder as they were used,
// the timestamp last.
func (k *kept) missing(used map[string][]byte) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(used)) {
		version, role, _ := splitName(name)
		if !slices.Contains(topLevel, role) && version < k.newest(role, false) {
			continue // a delegated role, of which another program has what is newer
		}
		_, _ = k.file(name)
		if data := k.read[name]; data != nil && bytes.Equal(data, used[name]) {
			continue
		} else if data != nil { // a version has one text
			k.damaged[name] = &damagedError{filepath.Join(k.folder, name), errors.New("the repository has another text of this version")}
		}
		names = append(names, name)
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return names
}

var topLevel = []string{rootFile, timestampFile, snapshotFile, targetsFile}

func rank(name string) int {
	if _, role, _ := splitName(name); role == timestampFile {
		return 1
	}
	return 0
}

// write puts files in their places and what is damaged aside, and then removes the
// other versions of what was used.
func (k *kept) write(root *os.Root, used map[string][]byte) error {
	missing := k.missing(used)
	for _, name := range slices.Sorted(maps.Keys(k.damaged)) {
		if err := setAside(root, name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if names := slices.Sorted(maps.Keys(k.damaged)); len(names) > 0 {
		k.noteDamage(names[0], k.damaged[names[0]], len(names))
	}
	for _, name := range missing {
		if err := untrusted.ReplaceBelow(root, name, used[name], 0o600); err != nil {
			return err
		}
		delete(k.damaged, name)
		k.read[name], k.listed[name] = used[name], true
	}
	roles := map[string]bool{}
	for name := range used {
		if _, role, _ := splitName(name); role != rootFile {
			roles[role] = true
		}
	}
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	aside := map[string]bool{}
	for _, e := range slices.Backward(entries) { // of each role one that was set aside stays
		name, damaged := strings.CutSuffix(e.Name(), damagedSuffix)
		_, role, ok := splitName(name)
		switch {
		case !ok || !roles[role] || used[e.Name()] != nil:
		case damaged && !aside[role]:
			aside[role] = true
		default:
			_ = root.RemoveAll(e.Name())
		}
	}
	return k.list()
}

func (k *kept) noteDamage(name string, err error, n int) {
	if damaged, ok := errors.AsType[*damagedError](err); ok {
		err = damaged.err
	}
	what := "a damaged file of the kept trust root was set aside and fetched again"
	if n > 1 {
		what = fmt.Sprintf("%d damaged files of the kept trust root were set aside and fetched again, the first of them", n)
	}
	k.notice = fmt.Sprintf("%s: %q (%v)", what, untrusted.Text(filepath.Join(k.folder, name+damagedSuffix)), err)
}

// setAside renames what cannot be used, and is not to be lost either.
func setAside(root *os.Root, name string) error {
	if _, err := root.Lstat(name); err != nil {
		return err
	}
	if err := root.RemoveAll(name + damagedSuffix); err != nil {
		return err
	}
	return root.Rename(name, name+damagedSuffix)
}

// unkept returns the error of a folder that cannot be written, or nil if it is one
// that is not to be written: that takes nothing from what was verified, and what is
// there goes on protecting.
func (k *kept) unkept(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS), errors.Is(err, untrusted.ErrLocked):
		k.notice = fmt.Sprintf("what is new cannot be kept in %q, so that the next run is held against what is there: %v",
			untrusted.Text(k.folder), err)
		return nil
	}
	return &unkeptError{"what was fetched cannot be kept", err}
}

// saveTarget keeps a target that was verified, in the place of the one before, or of
// a damaged one. One that cannot be kept is fetched again by the next run.
func (k *kept) saveTarget(info *metadata.TargetFiles, data []byte, damaged error) {
	if k.folder == "" || os.MkdirAll(filepath.Join(k.folder, targetFolder), 0o700) != nil {
		return
	}
	root, err := os.OpenRoot(k.folder)
	if err != nil {
		return
	}
	defer root.Close()
	name := targetFile(info)
	if damaged != nil && setAside(root, name) == nil {
		k.noteDamage(name, damaged, 1)
	}
	if untrusted.ReplaceBelow(root, name, data, 0o600) != nil {
		return
	}
	_, same, _ := strings.Cut(path.Base(name), ".")
	entries, _ := fs.ReadDir(root.FS(), targetFolder)
	for _, e := range entries {
		_, of, _ := strings.Cut(e.Name(), ".")
		if strings.TrimSuffix(of, damagedSuffix) == same && !strings.HasPrefix(e.Name(), path.Base(name)) {
			_ = root.RemoveAll(path.Join(targetFolder, e.Name()))
		}
	}
}

// confirm notes when the network confirmed what is kept. It is of no weight: nothing
// fails if it cannot be written.
func (k *kept) confirm(now time.Time) {
	if k.folder != "" {
		untrusted.RemoveTemporary(k.folder)
		_ = untrusted.ReplaceFile(filepath.Join(k.folder, checkedFile), []byte(now.UTC().Format(time.RFC3339)), 0o600)
	}
}
