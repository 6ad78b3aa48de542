package trust

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"plimsoll/catalog/untrusted"
)

// tufTimeout bounds one request to a TUF repository, its body included.
const tufTimeout = 30 * time.Second

// errNotCached says that a TUF repository was not asked for something that its
// cache does not hold.
var errNotCached = errors.New("the cache holds no usable TUF metadata")

// fetcher gets the files of a TUF repository for go-tuf, which verifies them.
// Each file is tried once: go-tuf's own fetcher would retry every 404, the
// usual "no newer root" among them.
//
// go-tuf begins every update with the root of trust that it is given, and so
// needs each root since; it keeps the last one only. The fetcher keeps them
// all, so that an update can be made again offline: the same verification,
// expiry included, over kept files. They serve online as well: a repository
// that no longer offers a root which it offered before would otherwise bring
// back the keys that this root revoked (TUF specification, section 5.3).
type fetcher struct {
	client    *http.Client
	userAgent string
	base      string // address of the repository
	offline   bool
	now       func() time.Time
	state     string // go-tuf's folder, "" for none
	kept      string // the folder for every root and the time of the last update, "" for none

	mu      sync.Mutex
	roots   map[string][]byte // every root that was used, by file name
	root    []byte            // the newest
	seen    map[string][]byte // other metadata, by role: "timestamp.json"
	checked time.Time
}

// checkedFile holds the time of the last update from the network, RFC 3339.
const checkedFile = "checked"

// DownloadFile implements go-tuf's fetcher.Fetcher.
func (f *fetcher) DownloadFile(address string, limit int64, _ time.Duration) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Excerpt(address))
	}
	name := path.Base(u.Path)
	f.mu.Lock()
	defer f.mu.Unlock()
	var data []byte
	switch {
	case f.offline:
		data, err = f.fromCache(name, address, limit)
	default:
		data, err = f.fromNetwork(address, limit)
		if missing := new(metadata.ErrDownloadHTTP); isRoot(name) && errors.As(err, &missing) && missing.StatusCode == http.StatusNotFound {
			data, err = f.earlier(name, address, limit)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(address, f.base+"/targets/"):
	case isRoot(name):
		f.root, f.roots[name] = data, data
	default:
		f.seen[role(name)] = data
	}
	return data, nil
}

func isRoot(name string) bool { return strings.HasSuffix(name, ".root.json") }

// role is the name of a metadata file without its version.
func role(name string) string {
	return strings.TrimLeft(strings.TrimLeft(name, "0123456789"), ".")
}

// earlier is a root that was used before and that the repository no longer has.
func (f *fetcher) earlier(name, address string, limit int64) ([]byte, error) {
	if data := f.roots[name]; data != nil {
		return data, nil
	}
	return f.fromCache(name, address, limit)
}

func (f *fetcher) fromNetwork(address string, limit int64) ([]byte, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	if f.userAgent != "" {
		req.Header.Set("User-Agent", f.userAgent)
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: resp.StatusCode, URL: address}
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, &metadata.ErrDownloadLengthMismatch{Msg: fmt.Sprintf("more than %d bytes of %s", limit, path.Base(address))}
	}
	return data, nil
}

// fromCache answers with the roots that were kept, and with go-tuf's own
// metadata, which it has verified once and verifies again: what has expired is
// then told as such. Target files that go-tuf has not kept are not there.
func (f *fetcher) fromCache(name, address string, limit int64) ([]byte, error) {
	if f.kept == "" {
		return nil, &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound, URL: address}
	}
	file := filepath.Join(f.kept, name)
	if !isRoot(name) {
		file = filepath.Join(f.state, role(name))
	}
	data, err := untrusted.ReadFile(file, limit)
	if errors.Is(err, fs.ErrNotExist) {
		if isRoot(name) { // no newer one
			return nil, &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound, URL: address}
		}
		return nil, errNotCached
	}
	return data, err
}

// keep writes a file for the next run; without it that one has to go to the
// network.
func (f *fetcher) keep(name string, data []byte) {
	if f.kept == "" || f.offline || os.MkdirAll(f.kept, 0o700) != nil {
		return
	}
	if kept, _ := untrusted.ReadFile(filepath.Join(f.kept, name), untrusted.MaxTrustFile); bytes.Equal(kept, data) {
		return
	}
	_ = untrusted.ReplaceFile(filepath.Join(f.kept, name), data, 0o600)
}

// confirmed is called after an update that verified.
func (f *fetcher) confirmed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.offline {
		for name, data := range f.roots {
			f.keep(name, data)
		}
		f.checked = f.now()
		f.keep(checkedFile, []byte(f.checked.UTC().Format(time.RFC3339)))
		return
	}
	if data, err := untrusted.ReadFile(filepath.Join(f.kept, checkedFile), untrusted.MaxTrustFile); err == nil {
		f.checked, _ = time.Parse(time.RFC3339, string(data))
	}
}

// signed is what all metadata says of itself.
type signed struct {
	Signed struct {
		Version int64                              `json:"version"`
		Expires time.Time                          `json:"expires"`
		Meta    map[string]struct{ Version int64 } `json:"meta"`
		Targets map[string]json.RawMessage         `json:"targets"`
	} `json:"signed"`
}

// read decodes metadata that go-tuf has verified.
func read(data []byte) (s signed) {
	if json.Unmarshal(data, &s) != nil {
		return signed{}
	}
	return s
}

// expires is when the first of the metadata ends that a target was taken by.
// That of delegated roles counts only for targets that they list.
func (f *fetcher) expires(target string) time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	snapshot, targets := read(f.used("snapshot.json")), read(f.used("targets.json"))
	all := []signed{read(f.root), read(f.used("timestamp.json")), snapshot, targets}
	_, listed := targets.Signed.Targets[target]
	for name, meta := range snapshot.Signed.Meta {
		if s := read(f.used(name)); !listed && s.Signed.Version == meta.Version {
			all = append(all, s)
		}
	}
	var first time.Time
	for _, s := range all {
		first = untrusted.Earlier(first, s.Signed.Expires)
	}
	return first
}

// used is the metadata of a role, which go-tuf took from the repository or from
// its folder.
func (f *fetcher) used(role string) []byte {
	if data := f.seen[role]; data != nil || f.state == "" || !filepath.IsLocal(role) {
		return data
	}
	data, _ := untrusted.ReadFile(filepath.Join(f.state, role), untrusted.MaxTrustFile)
	return data
}

// versions are those of the root, and of the timestamp, which every update
// raises.
func (f *fetcher) versions() (root, timestamp int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return read(f.root).Signed.Version, read(f.used("timestamp.json")).Signed.Version
}
