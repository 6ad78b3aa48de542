package trust

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"

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
// needs each root since. They are all kept, so that an update can be made again
// offline: the same verification, expiry included, over kept files. They serve
// online as well: a repository that no longer offers a root which it offered before
// would otherwise bring back the keys that this root revoked (TUF specification,
// section 5.3).
type fetcher struct {
	client  *registry.Client
	offline bool
	targets string // the address that targets are below
	kept    *kept
	// fresh uses nothing that is kept but the network: what is kept did not verify.
	fresh bool

	used    map[string][]byte // metadata, as kept names it
	old     bool              // some of it is not what the network said
	unasked bool              // what failed is the network
	checked time.Time         // when the network last confirmed it
}

// DownloadFile implements go-tuf's fetcher.Fetcher.
func (f *fetcher) DownloadFile(address string, limit int64, _ time.Duration) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%q is not an address", untrusted.Excerpt(address))
	}
	if strings.HasPrefix(address, f.targets) {
		return f.fromNetwork(u, limit, false)
	}
	name := path.Base(u.EscapedPath())
	version, role, numbered := splitName(name)
	if !numbered {
		role = name
	}
	var data []byte
	if f.offline {
		data, err = f.fromKept(version, role)
	} else {
		data, err = f.online(u, version, role, limit)
	}
	if err != nil {
		return nil, err
	}
	if !numbered {
		version, _ = versionOf(role, data) // what cannot be decoded is go-tuf's to refuse
	}
	f.used[nameOf(version, role)] = data
	return data, nil
}

// online asks the network for what may have changed: the next root, and the
// timestamp. Of two timestamps of one version the first holds (section 5.4.3).
func (f *fetcher) online(u *url.URL, version int64, role string, limit int64) ([]byte, error) {
	if version > 0 && role != rootFile {
		if data := f.earlier(version, role); data != nil {
			f.old = true
			return data, nil
		}
	}
	data, err := f.fromNetwork(u, limit, true)
	var before []byte
	switch {
	case role == rootFile && isMissing(err):
		before = f.earlier(version, role)
	case role == timestampFile && err == nil:
		if version, err := versionOf(role, data); err == nil {
			before = f.earlier(version, role)
		}
	}
	if before != nil {
		f.old = f.old || !bytes.Equal(before, data)
		return before, nil
	}
	return data, err
}

// earlier is metadata that is kept, or nil.
func (f *fetcher) earlier(version int64, role string) []byte {
	if f.fresh {
		return nil
	}
	data, _ := f.kept.file(nameOf(version, role))
	return data
}

// fromKept answers with what is kept, which was verified once and is verified again:
// what has expired is then told as such.
func (f *fetcher) fromKept(version int64, role string) ([]byte, error) {
	if version == 0 {
		version = f.kept.newest(role, false)
	}
	data, err := f.kept.file(nameOf(version, role))
	switch {
	case !errors.Is(err, fs.ErrNotExist):
		return data, err
	case role == rootFile: // no newer one
		return nil, &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound}
	}
	return nil, errNotCached
}

// isMissing reports whether the repository has no such file.
func isMissing(err error) bool {
	answer := new(metadata.ErrDownloadHTTP)
	return errors.As(err, &answer) && answer.StatusCode == http.StatusNotFound
}

// fromNetwork gets a file. An answer that is none, a web page or a part of it, is
// asked for once more: every package waits for it.
func (f *fetcher) fromNetwork(u *url.URL, limit int64, whole bool) (data []byte, err error) {
	request := registry.Request{URL: u, Accept: "application/json", Limit: limit, What: "metadata"}
	for range 2 {
		if data, _, err = f.client.Get(context.Background(), request); err == nil && (!whole || json.Valid(data)) {
			return data, nil
		} else if err == nil {
			err = fmt.Errorf("the metadata from %v is no whole JSON", registry.Redact(u))
		} else if !errors.As(err, new(*registry.WebPage)) {
			break
		}
	}
	if registry.StatusCode(err) == http.StatusNotFound { // the end of the roots, in go-tuf's words
		return nil, &metadata.ErrDownloadHTTP{StatusCode: http.StatusNotFound, URL: u.String()}
	}
	f.unasked = true
	return nil, unanswered{err}
}

// confirmed is called after an update that verified. It is an error if the update is
// older than what was seen before; else it is kept.
func (f *fetcher) confirmed(set trustedmetadata.TrustedMetadata, now time.Time) error {
	if f.offline {
		f.checked = f.kept.confirmed()
		return f.kept.rootSeen(set)
	}
	if err := f.kept.save(f.used, func() error { return f.kept.older(f.used, set) }); err != nil {
		return err
	}
	f.checked = now
	f.kept.confirm(now)
	return nil
}

// target returns a target, and keeps it with the metadata that it took.
func (f *fetcher) target(client *updater.Updater, name string) ([]byte, error) {
	before := maps.Clone(f.used)
	info, err := client.GetTargetInfo(name)
	if err != nil && f.old && !f.fresh && !f.offline { // what is kept of a delegated role does not verify
		f.fresh, f.used = true, maps.Clone(before)
		info, err = client.GetTargetInfo(name)
		f.fresh = false
	}
	if err != nil {
		f.used = before
		return nil, err
	}
	data, damaged := f.kept.target(info)
	switch {
	case damaged == nil:
	case f.offline && errors.Is(damaged, fs.ErrNotExist):
		return nil, errNotCached
	case f.offline:
		return nil, damaged
	default:
		if _, data, err = client.DownloadTarget(info, "", ""); err != nil {
			return nil, err
		}
		if errors.Is(damaged, fs.ErrNotExist) {
			damaged = nil
		}
		f.kept.saveTarget(info, data, damaged)
	}
	if !f.offline && len(f.used) > len(before) {
		added := maps.Clone(f.used)
		maps.DeleteFunc(added, func(name string, _ []byte) bool { return before[name] != nil })
		err = f.kept.save(added, func() error { return nil })
	}
	return data, err
}
