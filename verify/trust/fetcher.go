package trust

import (
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

	"plimsoll/verify/untrusted"
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
// expiry included, over kept files.
type fetcher struct {
	client    *http.Client
	userAgent string
	offline   bool
	now       func() time.Time
	state     string // go-tuf's folder, "" for none
	kept      string // the folder for every root and the time of the last update, "" for none

	mu        sync.Mutex
	root      []byte // the newest
	timestamp []byte // the last
	checked   time.Time
}

// checkedFile holds the time of the last update from the network, RFC 3339.
const checkedFile = "checked"

// DownloadFile implements go-tuf's fetcher.Fetcher.
func (f *fetcher) DownloadFile(address string, limit int64, _ time.Duration) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Text(untrusted.Shorten(address, 200)))
	}
	name := path.Base(u.Path)
	var data []byte
	if f.offline {
		data, err = f.fromCache(name, address, limit)
	} else {
		data, err = f.fromNetwork(address, limit)
	}
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case isRoot(name):
		f.root = data
		f.keep(name, data)
	case name == "timestamp.json":
		f.timestamp = data
	}
	return data, nil
}

func isRoot(name string) bool { return strings.HasSuffix(name, ".root.json") }

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
	file := filepath.Join(f.kept, name)
	if !isRoot(name) {
		file = filepath.Join(f.state, strings.TrimLeft(strings.TrimLeft(name, "0123456789"), "."))
	}
	opened, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		if isRoot(name) { // no newer one
			return nil, &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound, URL: address}
		}
		return nil, errNotCached
	}
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return untrusted.ReadAll(opened, limit, "the cached "+name)
}

// keep writes a file for the next run; without it that one has to go to the
// network.
func (f *fetcher) keep(name string, data []byte) {
	if f.kept == "" || f.offline || os.MkdirAll(f.kept, 0o700) != nil {
		return
	}
	temp, err := os.CreateTemp(f.kept, ".new-*")
	if err != nil {
		return
	}
	_, err = temp.Write(data)
	if err == nil {
		err = temp.Sync()
	}
	if errors.Join(err, temp.Close()) != nil || os.Rename(temp.Name(), filepath.Join(f.kept, name)) != nil {
		os.Remove(temp.Name())
	}
}

// confirmed is called after an update that verified.
func (f *fetcher) confirmed() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.offline {
		f.checked = f.now()
		f.keep(checkedFile, []byte(f.checked.UTC().Format(time.RFC3339)))
		return
	}
	if data, err := os.ReadFile(filepath.Join(f.kept, checkedFile)); err == nil {
		f.checked, _ = time.Parse(time.RFC3339, string(data))
	}
}

// describe adds what the metadata says of itself.
func (f *fetcher) describe(info *Info) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if root, err := metadata.Root().FromBytes(f.root); err == nil {
		info.RootVersion = root.Signed.Version
	}
	if timestamp, err := metadata.Timestamp().FromBytes(f.timestamp); err == nil {
		info.Version, info.Expires = timestamp.Signed.Version, timestamp.Signed.Expires
	}
	info.Checked = f.checked
	if !f.checked.IsZero() {
		info.Age = max(0, f.now().Sub(f.checked))
	}
}
