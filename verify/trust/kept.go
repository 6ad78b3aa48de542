package trust

import (
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
	"time"

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
	return e.what + ", and without that an older repository would not be noticed: make room, or name another folder with --cache-dir: " +
		e.err.Error()
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
	look := func(name string) {
		if aside {
			name = strings.TrimSuffix(name, damagedSuffix)
		}
		if version, of, ok := splitName(name); ok && of == role {
			highest = max(highest, version)
		}
	}
	for name := range k.listed {
		look(name)
	}
	for name := range k.before {
		look(name)
	}
	return highest
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

// confirmed is when that was, or the zero time.
func (k *kept) confirmed() time.Time {
	data, _ := untrusted.ReadRegular(os.DirFS(k.folder), checkedFile, untrusted.MaxTrustFile)
	at, _ := time.Parse(time.RFC3339, string(data))
	return at
}
