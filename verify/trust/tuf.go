package trust

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tuf"
	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/config"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/updater"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
)

const (
	trustedRootTarget = "trusted_root.json"

	rootFile      = metadata.ROOT + ".json"
	timestampFile = metadata.TIMESTAMP + ".json"
	snapshotFile  = metadata.SNAPSHOT + ".json"
	targetsFile   = metadata.TARGETS + ".json"
)

// TUF names a TUF repository. Zero fields mean sigstore-go's defaults: the
// public-good instance with the root of trust that sigstore-go embeds.
type TUF struct {
	Mirror string // base URL
	Root   []byte // the repository's root.json, from the user; needed with another mirror
	// CachePath is the folder in which the repository's metadata is kept, made
	// if something is; several programs may use it. "" keeps nothing, and then every
	// run starts from Root, without what protects from an older repository (TUF
	// specification, section 5.4.3).
	CachePath string
	// Offline uses what CachePath holds, verified and within its time, and
	// opens no connection.
	Offline bool
	Client  *registry.Client // nil is one with its defaults
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

// askAgain has the repository asked though it was given up before.
func (t *TUF) askAgain() {
	if t == nil || t.Client == nil {
		return
	}
	if u, err := url.Parse(t.address()); err == nil {
		t.Client.AskAgainAt(u)
	}
}

// repository is an open TUF repository, as of one update.
type repository struct {
	get     func(target string) ([]byte, error)
	now     func() time.Time
	trusted func() trustedmetadata.TrustedMetadata // what get took its last target by
	fetched *fetcher
	got     map[string][]byte // targets, by name
	expires time.Time         // the first of the metadata that was used
}

// target returns a target of the repository.
func (r *repository) target(name string) ([]byte, error) {
	if data, ok := r.got[name]; ok {
		return data, nil
	}
	data, err := r.get(name)
	if err == nil {
		err = r.checkExpiry(name)
	}
	if err != nil {
		return nil, err
	}
	r.got[name] = data
	return data, nil
}

// checkExpiry notes when a target's metadata expires, or is an error if it has. go-tuf has asked the machine's clock
// whether it does; the clock that counts here is ours. The time of delegated
// roles counts only for targets that they list.
func (r *repository) checkExpiry(target string) error {
	used := r.trusted()
	at := untrusted.Earlier(used.Root.Signed.Expires, untrusted.Earlier(used.Timestamp.Signed.Expires, used.Snapshot.Signed.Expires))
	_, listed := used.Targets[metadata.TARGETS].Signed.Targets[target]
	for role, targets := range used.Targets {
		if role == metadata.TARGETS || !listed {
			at = untrusted.Earlier(at, targets.Signed.Expires)
		}
	}
	if !r.now().Before(at) {
		return &metadata.ErrExpiredMetadata{Msg: "the metadata of " + target + " ended on " + at.UTC().Format(time.RFC3339)}
	}
	r.expires = untrusted.Earlier(r.expires, at)
	return nil
}

// versions returns those of the root, and of the timestamp, which every update
// raises.
func (r *repository) versions() (root, timestamp int64) {
	used := r.trusted()
	return used.Root.Signed.Version, used.Timestamp.Signed.Version
}

// notice is what is to be said of what is kept of the repository, or "".
func (r *repository) notice() string {
	if r == nil || r.fetched.kept == nil {
		return ""
	}
	return r.fetched.kept.notice
}

// expired reports whether the metadata of a target that was taken has expired.
func (r *repository) expired(now time.Time) bool {
	return r != nil && !r.expires.IsZero() && !now.Before(r.expires)
}

// open updates the repository's metadata and verifies it. With the repository
// as it was before, or nil, it goes back to nothing older and has every target
// that was taken then and is still there.
func (t *TUF) open(now func() time.Time, before *repository) (*repository, error) {
	r, err := t.update(now, before)
	if err == nil {
		err = r.checkExpiry(trustedRootTarget)
	}
	if err != nil {
		return nil, t.explain(err)
	}
	if before == nil || before.expired(now()) {
		return r, nil
	}
	for name := range before.got {
		if _, err := r.target(name); err != nil && !noSuchTarget(err, name) {
			return nil, t.explain(err)
		}
	}
	return r, nil
}

// update is the one of the TUF specification, section 5, by go-tuf. It begins again
// if another program has changed what is kept meanwhile, and without what is kept if
// that does not verify.
func (t *TUF) update(now func() time.Time, before *repository) (*repository, error) {
	f := &fetcher{offline: t.Offline, client: cmp.Or(t.Client, registry.New(registry.Options{})), targets: t.address() + "/targets/"}
	folder, used := "", map[string][]byte(nil)
	if t.CachePath != "" {
		folder = filepath.Join(t.CachePath, tuf.URLToPath(t.address()))
	} else if t.Offline {
		return nil, errNotCached
	}
	if before != nil {
		used = before.fetched.used
	}
	var err error
	if f.kept, err = openKept(folder, used); err != nil {
		return nil, err
	}
	const most = 5
	for attempt := 1; ; attempt++ {
		f.used, f.old, f.unasked = map[string][]byte{}, false, false
		there := f.kept.listed
		r, err := t.refresh(f, now)
		if err == nil {
			return r, nil
		}
		listErr := f.kept.list()
		changed := !maps.Equal(there, f.kept.listed)
		if attempt == most || listErr != nil || !changed && (f.fresh || !f.old || f.unasked) {
			return nil, err
		}
		f.fresh = !changed
	}
}

// refresh makes one update. go-tuf itself keeps nothing: it would write what was not
// verified to the end, from several programs at once, and read whatever lies there.
func (t *TUF) refresh(f *fetcher, now func() time.Time) (*repository, error) {
	trustedRoot := t.Root
	if trustedRoot == nil {
		trustedRoot = tuf.DefaultRoot()
	}
	settings, err := config.New(t.address(), trustedRoot)
	if err != nil {
		return nil, err
	}
	settings.Fetcher, settings.DisableLocalCache = f, true
	settings.LocalMetadataDir = os.DevNull // it looks there all the same, for "" in the current folder
	client, err := updater.New(settings)
	if err == nil {
		err = client.Refresh()
	}
	if err != nil {
		return nil, err
	}
	if err = f.confirmed(client.GetTrustedMetadataSet(), now()); err != nil {
		return nil, err
	}
	return &repository{
		now: now, trusted: client.GetTrustedMetadataSet, fetched: f, got: map[string][]byte{},
		get: func(target string) ([]byte, error) { return f.target(client, target) },
	}, nil
}

// explain words what commonly goes wrong with a repository's metadata.
func (t *TUF) explain(err error) error {
	switch {
	case t.Offline:
		err = t.remedy(err)
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		err = fmt.Errorf("the repository's metadata has expired, so it may be an old copy (or this machine's clock is wrong): %w", err)
	case errors.Is(err, &metadata.ErrBadVersionNumber{}):
		err = fmt.Errorf("the repository offers older metadata than it did before, which is refused: %w", err)
	}
	return fmt.Errorf("no trust root from %s: %w", t.name(), err)
}

// remedy words what to do if what is kept does not serve offline.
func (t *TUF) remedy(err error) error {
	const advice = "run once without --offline, or name a file with --trusted-root"
	switch {
	case !t.Offline:
		return err
	case errors.Is(err, errNotCached):
		return fmt.Errorf("%w: %s", errNotCached, advice)
	case errors.Is(err, &metadata.ErrExpiredMetadata{}):
		return fmt.Errorf("the cached metadata has expired: %s: %w", advice, err)
	case errors.As(err, new(*damagedError)):
		return fmt.Errorf("%w: %s", err, advice)
	}
	return fmt.Errorf("what is kept does not verify: %s: %w", advice, err)
}

// noSuchTarget reports whether the repository answered and has no such
// target. go-tuf has no error value for it.
func noSuchTarget(err error, target string) bool {
	return strings.HasSuffix(err.Error(), "target "+target+" not found")
}

// Staging returns Sigstore's staging instance, whose trust root is for tests
// of clients.
func Staging() *TUF { return &TUF{Mirror: tuf.StagingMirror, Root: tuf.StagingRoot()} }
