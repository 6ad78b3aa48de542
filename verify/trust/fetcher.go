package trust

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

// errNotCached: a TUF repository was not asked for something that its cache does
// not hold.
var errNotCached = errors.New("the cache holds no usable TUF metadata")

// fetcher gets the files of a TUF repository for go-tuf, which verifies them.
// go-tuf's own fetcher would retry every 404, the usual "no newer root" among
// them.
//
// go-tuf begins every update with the root of trust that it is given, and so
// needs each root since; it keeps the last one only. The fetcher keeps them
// all, so that an update can be made again offline: the same verification,
// expiry included, over kept files. They serve online as well: a repository
// that no longer offers a root which it offered before would otherwise bring
// back the keys that this root revoked (TUF specification, section 5.3).
type fetcher struct {
	client  *registry.Client
	offline bool
	state   string // go-tuf's folder, or ""
	kept    string // the folder for every root and the time of the last update, or ""

	roots   map[string][]byte // every root that was used, by file name
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
	var data []byte
	if f.offline {
		data, err = f.fromCache(name, address, limit)
	} else {
		data, err = f.fromNetwork(u, limit)
		if missing := new(metadata.ErrDownloadHTTP); isRoot(name) && errors.As(err, &missing) && missing.StatusCode == http.StatusNotFound {
			data, err = f.earlier(name, address, limit)
		}
	}
	if err == nil && isRoot(name) {
		f.roots[name] = data
	}
	return data, err
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

func (f *fetcher) fromNetwork(u *url.URL, limit int64) ([]byte, error) {
	data, _, err := f.client.Get(context.Background(), registry.Request{URL: u, Accept: "application/json", Limit: limit, What: "metadata"})
	if registry.StatusCode(err) == http.StatusNotFound { // the end of the roots, in go-tuf's words
		err = &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound, URL: u.String()}
	}
	return data, err
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
func (f *fetcher) confirmed(now time.Time) {
	if !f.offline {
		for name, data := range f.roots {
			f.keep(name, data)
		}
		f.checked = now
		f.keep(checkedFile, []byte(now.UTC().Format(time.RFC3339)))
		return
	}
	if data, err := untrusted.ReadFile(filepath.Join(f.kept, checkedFile), untrusted.MaxTrustFile); err == nil {
		f.checked, _ = time.Parse(time.RFC3339, string(data))
	}
}
