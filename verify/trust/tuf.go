package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata"
)

const trustedRootTarget = "trusted_root.json"

// TUF names a TUF repository. Zero fields mean sigstore-go's defaults: the
// public-good instance with the root of trust that sigstore-go embeds.
type TUF struct {
	Mirror string // base URL
	Root   []byte // the repository's root.json, from the user; needed with another mirror
	// CachePath is the folder in which the repository's metadata is kept, made
	// where it is missing; "" keeps nothing, and then every run starts from
	// Root, without what protects from an older repository (TUF specification,
	// section 5.4.3).
	CachePath string
	// Offline uses what CachePath holds, verified and within its time, and
	// opens no connection.
	Offline   bool
	Transport http.RoundTripper
	UserAgent string
}

// address is the repository's base URL.
func (t *TUF) address() string {
	if t.Mirror == "" {
		return tuf.DefaultMirror
	}
	return strings.TrimSuffix(t.Mirror, "/")
}

func (t *TUF) name() string {
	if t.Mirror == "" {
		return "the public-good Sigstore, by TUF"
	}
	return "TUF repository " + t.Mirror
}

// repository is an open TUF repository.
type repository struct {
	*tuf.Client
	fetched *fetcher
}

// open updates the repository's metadata and verifies it.
func (t *TUF) open(now func() time.Time) (*repository, error) {
	options := tuf.DefaultOptions()
	options.WithRepositoryBaseURL(t.address())
	if t.Root != nil {
		options.WithRoot(t.Root)
	}
	download := &fetcher{
		offline: t.Offline, userAgent: t.UserAgent, now: now, root: options.Root,
		client: &http.Client{Timeout: tufTimeout, Transport: t.Transport},
	}
	if t.CachePath == "" {
		if t.Offline {
			return nil, fmt.Errorf("trust root: %w: there is no cache folder", errNotCached)
		}
		options.WithDisableLocalCache()
	} else {
		if err := os.MkdirAll(t.CachePath, 0o700); err != nil {
			return nil, fmt.Errorf("trust root cache: %w", err)
		}
		options.WithCachePath(t.CachePath)
		download.state = filepath.Join(t.CachePath, tuf.URLToPath(t.address()))
		download.kept = download.state + ".roots"
	}
	options.WithFetcher(download)
	client, err := tuf.New(options)
	if err != nil {
		return nil, t.explain(err)
	}
	download.confirmed()
	return &repository{client, download}, nil
}

// explain words what commonly goes wrong with a repository's metadata.
func (t *TUF) explain(err error) error {
	switch {
	case errors.Is(err, errNotCached):
		return fmt.Errorf("trust root from %s: %w: run once without --offline, or name a file with --trusted-root", t.name(), errNotCached)
	case errors.Is(err, &metadata.ErrExpiredMetadata{}) && t.Offline:
		return fmt.Errorf("trust root from %s: the cached metadata has expired: run once without --offline, or name a file with --trusted-root: %w", t.name(), err)
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		return fmt.Errorf("trust root from %s: the repository's metadata has expired, so it may be an old copy (or this machine's clock is wrong): %w", t.name(), err)
	case errors.Is(err, &metadata.ErrBadVersionNumber{}):
		return fmt.Errorf("trust root from %s: the repository offers older metadata than it did before, which is refused: %w", t.name(), err)
	case t.unkept(err):
		return fmt.Errorf("trust root from %s: what was fetched cannot be kept, and without that an older repository would not be noticed: "+
			"make room, or name another folder with --cache-dir: %w", t.name(), err)
	}
	return fmt.Errorf("trust root from %s: %w", t.name(), err)
}

// unkept reports whether err is about writing to the cache folder.
func (t *TUF) unkept(err error) bool {
	var path *fs.PathError
	var link *os.LinkError
	name := ""
	if errors.As(err, &path) {
		name = path.Path
	} else if errors.As(err, &link) {
		name = link.New
	}
	return t.CachePath != "" && strings.HasPrefix(name, t.CachePath)
}

// noSuchTarget reports whether the repository answered and has no such
// target. go-tuf has no error value for it.
func noSuchTarget(err error, target string) bool {
	return strings.HasSuffix(err.Error(), "target "+target+" not found")
}
