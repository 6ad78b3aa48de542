package trust

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"plimsoll/catalog/untrusted"
)

// kept is what is there of a TUF repository from before: every root, the metadata of
// the newest update, and targets. Each file has the name that the repository gives it,
// the timestamp one with its version too ("5.timestamp.json"). So a file never changes
// once it is there, and whoever reads needs no lock; a timestamp is written after
// what it names, and what is older is removed last, so that a killed writer leaves
// one whole state. The names say which versions were seen, whatever has become of the
// files.
type kept struct {
	folder  string            // "" for none
	before  map[string][]byte // of this process's update before, by name
	listed  map[string]bool   // the names in folder
	read    map[string][]byte // from folder, decodable
	damaged map[string]error  // in folder, and not to be used
	notice  string            // what was wrong with folder and what was done, for people
}

const (
	damagedSuffix = ".damaged"
	lockFile      = ".lock"
	targetFolder  = "targets"
	// checkedFile holds the time of the last update from the network, RFC 3339.
	checkedFile = "checked"
)

// damagedError is that of a kept file that cannot be what was kept.
type damagedError struct {
	file string
	err  error
}

func (e *damagedError) Error() string {
	return fmt.Sprintf("the kept file %q cannot be used: %v", untrusted.Text(e.file), e.err)
}

func (e *damagedError) Unwrap() error { return e.err }

// unkeptError is that of a folder that cannot be read, or written.
type unkeptError struct {
	what string
	err  error
}

func (e *unkeptError) Error() string {
	return e.what + ", and without that an older repository would not be noticed: make room, or name another folder with --cache-dir: " + e.err.Error()
}

func (e *unkeptError) Unwrap() error { return e.err }

// openKept lists what a folder has. What this process used before counts as well:
// somebody may have emptied the folder meanwhile.
func openKept(folder string, before map[string][]byte) (*kept, error) {
	k := &kept{folder: folder, before: before}
	return k, k.list()
}

// list reads the names in the folder, and forgets what was read of it.
func (k *kept) list() error {
	k.listed, k.read, k.damaged = map[string]bool{}, map[string][]byte{}, map[string]error{}
	if k.folder == "" {
		return nil
	}
	entries, err := os.ReadDir(k.folder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &unkeptError{"what was fetched before cannot be read", err}
	}
	for _, e := range entries {
		if _, _, ok := splitName(strings.TrimSuffix(e.Name(), damagedSuffix)); ok {
			k.listed[e.Name()] = true
		}
	}
	return nil
}

// splitName splits "5.snapshot.json".
func splitName(name string) (version int64, role string, ok bool) {
	number, role, _ := strings.Cut(name, ".")
	version, err := strconv.ParseInt(number, 10, 64)
	return version, role, err == nil && version > 0 && strings.HasSuffix(role, ".json")
}

func nameOf(version int64, role string) string { return fmt.Sprintf("%d.%s", version, role) }

// file returns the metadata of a name, or an error: [fs.ErrNotExist] or a
// [damagedError].
func (k *kept) file(name string) ([]byte, error) {
	if data := k.read[name]; data != nil {
		return data, nil
	}
	err := k.damaged[name]
	if err == nil && k.listed[name] {
		var data []byte
		if data, err = k.load(name); err == nil {
			k.read[name] = data
			return data, nil
		}
		if !errors.Is(err, fs.ErrNotExist) { // another program has taken it away
			err = &damagedError{filepath.Join(k.folder, name), err}
			k.damaged[name] = err
		}
	}
	if data := k.before[name]; data != nil {
		return data, nil
	}
	return nil, cmp.Or(err, fs.ErrNotExist)
}

func (k *kept) load(name string) ([]byte, error) {
	data, err := untrusted.ReadRegular(os.DirFS(k.folder), name, untrusted.MaxTrustFile)
	if err != nil {
		return nil, err
	}
	version, role, _ := splitName(name)
	found, err := versionOf(role, data)
	if err == nil && found != version {
		err = fmt.Errorf("expected version %d, found %d", version, found)
	}
	return data, err
}

// versionOf decodes metadata and returns its version. Nothing of it is verified.
func versionOf(role string, data []byte) (int64, error) {
	switch role {
	case rootFile:
		m, err := metadata.Root().FromBytes(data)
		if err != nil {
			return 0, err
		}
		return m.Signed.Version, nil
	case timestampFile:
		m, err := metadata.Timestamp().FromBytes(data)
		if err != nil {
			return 0, err
		}
		return m.Signed.Version, nil
	case snapshotFile:
		m, err := metadata.Snapshot().FromBytes(data)
		if err != nil {
			return 0, err
		}
		return m.Signed.Version, nil
	}
	m, err := metadata.Targets().FromBytes(data)
	if err != nil {
		return 0, err
	}
	return m.Signed.Version, nil
}

// newest returns the highest version of a role that is there, 0 for none. With those
// set aside, it is the highest that was seen.
func (k *kept) newest(role string, aside bool) (highest int64) {
	for _, names := range []map[string]bool{k.listed, namesOf(k.before)} {
		for name := range names {
			if aside {
				name = strings.TrimSuffix(name, damagedSuffix)
			}
			if version, of, ok := splitName(name); ok && of == role {
				highest = max(highest, version)
			}
		}
	}
	return highest
}

func namesOf(files map[string][]byte) map[string]bool {
	names := make(map[string]bool, len(files))
	for name := range files {
		names[name] = true
	}
	return names
}

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
	untrusted.RemoveTemporary(k.folder)
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
	if unlock, err = lockedfile.MutexAt(filepath.Join(k.folder, lockFile)).Lock(); err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return root, unlock, nil
}

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
	if cause := errors.Unwrap(err); cause != nil {
		err = cause
	}
	k.notice = fmt.Sprintf("the kept file %q could not be used (%v): it was fetched again, and what was there is in %q",
		untrusted.Text(filepath.Join(k.folder, name)), err, untrusted.Text(name+damagedSuffix))
	if n > 1 {
		k.notice += ", as with " + untrusted.Plural(n-1, "more file")
	}
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
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		k.notice = fmt.Sprintf("what is new cannot be kept in %q, so that the next run is held against what is there: %v", untrusted.Text(k.folder), err)
		return nil
	}
	return &unkeptError{"what was fetched cannot be kept", err}
}

// targetFile is the name of a target's file below the folder.
func targetFile(info *metadata.TargetFiles) string {
	algorithm := "sha256"
	if info.Hashes[algorithm] == nil {
		algorithm = slices.Min(append(slices.Collect(maps.Keys(info.Hashes)), "~"))
	}
	return path.Join(targetFolder, hex.EncodeToString(info.Hashes[algorithm])+"."+url.QueryEscape(info.Path))
}

// target returns a target that is there; an error that is not [fs.ErrNotExist] is
// that of a damaged file.
func (k *kept) target(info *metadata.TargetFiles) ([]byte, error) {
	if k.folder == "" {
		return nil, fs.ErrNotExist
	}
	name := targetFile(info)
	data, err := untrusted.ReadRegular(os.DirFS(k.folder), name, max(info.Length, 1))
	if err == nil {
		err = info.VerifyLengthHashes(data)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = &damagedError{filepath.Join(k.folder, name), err}
	}
	return data, err
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
		if _, of, _ := strings.Cut(e.Name(), "."); strings.TrimSuffix(of, damagedSuffix) == same && !strings.HasPrefix(e.Name(), path.Base(name)) {
			_ = root.RemoveAll(path.Join(targetFolder, e.Name()))
		}
	}
}

// confirm notes when the network confirmed what is kept. It is of no weight: nothing
// fails if it cannot be written.
func (k *kept) confirm(now time.Time) {
	if k.folder != "" {
		_ = untrusted.ReplaceFile(filepath.Join(k.folder, checkedFile), []byte(now.UTC().Format(time.RFC3339)), 0o600)
	}
}

// confirmed is when that was, or the zero time.
func (k *kept) confirmed() time.Time {
	data, _ := untrusted.ReadRegular(os.DirFS(k.folder), checkedFile, untrusted.MaxTrustFile)
	at, _ := time.Parse(time.RFC3339, string(data))
	return at
}
