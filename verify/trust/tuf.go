package trust

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata/fetcher"
)

const trustedRootTarget = "trusted_root.json"

// tufTimeout bounds one request to a TUF repository, its body included.
const tufTimeout = 30 * time.Second

// TUF names a TUF repository. Zero fields mean sigstore-go's defaults: the
// public-good instance with the root of trust that sigstore-go embeds.
type TUF struct {
	Mirror    string // base URL
	Root      []byte // the repository's root.json, from the user; needed with another mirror
	CachePath string // folder for the repository's metadata; "" for the default
	Transport http.RoundTripper
}

func (t *TUF) name() string {
	if t.Mirror == "" {
		return "the public-good Sigstore, by TUF"
	}
	return "TUF repository " + t.Mirror
}

func (t *TUF) open() (targets, error) {
	options := tuf.DefaultOptions()
	if t.Mirror != "" {
		options.WithRepositoryBaseURL(strings.TrimSuffix(t.Mirror, "/"))
	}
	if t.Root != nil {
		options.WithRoot(t.Root)
	}
	if t.CachePath != "" {
		if err := os.MkdirAll(t.CachePath, 0o755); err != nil {
			return nil, fmt.Errorf("trust root cache: %w", err)
		}
		options.WithCachePath(t.CachePath)
	}
	// The default fetcher tries once; the one made by its own method for a
	// client would retry every 404, the usual "no newer root" among them.
	download := fetcher.NewDefaultFetcher()
	download.SetHTTPClient(&http.Client{Timeout: tufTimeout, Transport: t.Transport})
	options.WithFetcher(download)
	repository, err := tuf.New(options)
	if err != nil {
		return nil, fmt.Errorf("trust root from %s: %w", t.name(), err)
	}
	return repository, nil
}

// noSuchTarget reports whether the repository answered and has no such
// target. go-tuf has no error value for it.
func noSuchTarget(err error, target string) bool {
	return strings.HasSuffix(err.Error(), "target "+target+" not found")
}
