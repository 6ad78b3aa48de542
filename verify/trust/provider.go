package trust

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/verify"
	"plimsoll/verify/untrusted"
)

// Origin says what kind of place the trust root came from.
type Origin string

// The origins.
const (
	OriginDemo      Origin = "demo"
	OriginFile      Origin = "file"
	OriginRecording Origin = "recording"
	OriginTUF       Origin = "TUF"
	OriginNone      Origin = "none"
)

// Material is a trust root and keys as bytes, with the names to show for them.
// A nil part is taken from TUF, where the options allow it.
type Material struct {
	Origin      Origin
	TrustedRoot []byte // trusted_root.json (Sigstore protobuf-specs, TrustedRoot)
	RootName    string
	NPMKeys     []byte // either shape of [ParseKeys]
	KeysName    string
}

// Options configures a [Provider].
type Options struct {
	Material Material
	// TUF fetches what Material leaves out; nil forbids it.
	TUF *TUF
	// FetchKeys asks an npm registry for its own keys. It is used only where
	// TUF has no target for that registry, and the keys are marked weak; nil
	// forbids it.
	FetchKeys func(ctx context.Context, registry *url.URL) ([]byte, error)
	Now       func() time.Time // nil means time.Now
	Log       *slog.Logger     // where a panic's stack goes; nil for nowhere
}

// failureKept is for how long a failure is the answer to everybody; after that
// the next one who asks tries again.
const failureKept = 30 * time.Second

// Provider hands out trust. It loads on first use, once, and again some time
// after a failure; it is safe for concurrent use.
type Provider struct {
	options Options

	loading  sync.Mutex // held while loading; what follows is written under it
	root     *root.TrustedRoot
	plain    verify.Trust // the trust root without keys, prepared
	rootData []byte
	rootErr  error
	failed   time.Time         // when rootErr was met
	keys     map[string]keySet // by registry host; "" for keys that Material gives
	client   targets
	fetched  *fetcher // of an open TUF repository

	news      bool                 // something was loaded since
	described atomic.Pointer[Info] // as of the last load
}

type keySet struct {
	keys   []verify.RegistryKey
	data   []byte
	trust  verify.Trust // the trust root and these keys, prepared
	err    error
	failed time.Time // when err was met
}

// targets is the part of a TUF client that is needed.
type targets interface {
	GetTarget(name string) ([]byte, error)
}

// New returns a provider. Nothing is read or fetched yet.
func New(options Options) *Provider {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	return &Provider{options: options, keys: make(map[string]keySet)}
}

// Info describes the trust in force, for people.
type Info struct {
	Origin     Origin
	Root       string // where the trust root came from
	RootSHA256 string // hex, "" until loaded
	Keys       string // where npm's keys come from
	Demo       bool   // made up: it proves nothing outside the demo
	Loading    bool   // it is being loaded; what is known from before is still there
	RootError  string // why there is no trust root, cleaned; "" where it is there or nobody asked
	// KeySets are the keys that were asked for, in the order of their
	// registries.
	KeySets []KeySet

	// What follows is known of a TUF repository only, once it is loaded.
	Mirror      string        // its base URL, known before
	RootVersion int64         // of its root metadata
	Version     int64         // of its timestamp metadata, which changes with every update
	Expires     time.Time     // of that
	Checked     time.Time     // when the network last confirmed it
	Age         time.Duration // since then
}

// KeySet describes the keys of one npm registry.
type KeySet struct {
	Registry string // host; "" for keys that serve every registry
	Source   string // where they came from, "" where there are none
	Count    int
	Weak     bool   // the registry vouches for itself
	Error    string // why there are none, cleaned
}

// Describe says which trust is in force. It loads nothing and waits for
// nothing: while the trust is being loaded it says what was known before.
func (p *Provider) Describe() Info {
	if p.loading.TryLock() {
		defer p.loading.Unlock()
		return p.describe()
	}
	info := p.configured()
	if last := p.described.Load(); last != nil {
		info = *last
		if !info.Checked.IsZero() {
			info.Age = max(0, p.options.Now().Sub(info.Checked))
		}
	}
	info.Loading = true
	return info
}

// note keeps the description for those who ask while something else is being
// loaded; p.loading is held.
func (p *Provider) note() {
	if p.news {
		info := p.describe()
		p.described.Store(&info)
		p.news = false
	}
}

// describe is Describe while p.loading is held.
func (p *Provider) describe() Info {
	info := p.configured()
	info.RootError = untrusted.Message(p.rootErr)
	if p.root != nil {
		sum := sha256.Sum256(p.rootData)
		info.RootSHA256 = hex.EncodeToString(sum[:])
	}
	if p.fetched != nil && p.root != nil && info.Origin == OriginTUF {
		p.fetched.describe(&info)
	}
	for _, host := range slices.Sorted(maps.Keys(p.keys)) {
		set := p.keys[host]
		known := KeySet{Registry: host, Count: len(set.keys), Error: untrusted.Message(set.err)}
		if len(set.keys) > 0 {
			known.Source, known.Weak = set.keys[0].Source, set.keys[0].Weak
		}
		info.KeySets = append(info.KeySets, known)
	}
	return info
}

// configured is what the options say, before anything is loaded.
func (p *Provider) configured() Info {
	m := p.options.Material
	info := Info{Origin: m.Origin, Root: m.RootName, Keys: m.KeysName, Demo: m.Origin == OriginDemo}
	if m.TrustedRoot == nil {
		info.Origin, info.Root = OriginNone, "none"
		if p.options.TUF != nil {
			info.Origin, info.Root, info.Mirror = OriginTUF, p.options.TUF.name(), p.options.TUF.address()
		}
	}
	if m.NPMKeys == nil {
		info.Keys = "none"
		if p.options.TUF != nil {
			info.Keys = p.options.TUF.name()
		}
	}
	return info
}

// For returns the trust for evidence of one registry. It waits for the first
// load, and gives up when ctx ends; the load itself goes on for the others. An
// error means that there is no trust root; missing keys are recorded in
// [verify.Trust] and spoil only what they sign.
func (p *Provider) For(ctx context.Context, ecosystem verify.Ecosystem, registry *url.URL) (verify.Trust, error) {
	return wait(ctx, p.options.Log, func() (verify.Trust, error) {
		return p.load(context.WithoutCancel(ctx), ecosystem, registry)
	})
}

// wait returns what load does, or ctx's error when that ends before. A panic of
// load is an error: nobody above its goroutine would catch it.
func wait[T any](ctx context.Context, log *slog.Logger, load func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if r := recover(); r != nil {
				log.Error("panic while loading the trust", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				a = answer{err: fmt.Errorf("internal error while loading the trust: %v", r)}
			}
			done <- a
		}()
		a.value, a.err = load()
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (p *Provider) load(ctx context.Context, ecosystem verify.Ecosystem, registry *url.URL) (verify.Trust, error) {
	p.loading.Lock()
	defer p.loading.Unlock()
	defer p.note()
	if err := p.ensureRoot(); err != nil {
		return verify.Trust{}, err
	}
	if ecosystem != verify.NPM {
		return p.plain, nil
	}
	return p.registryKeys(ctx, registry).trust, nil
}

// Export returns the bytes of the trust for evidence of one npm registry, nil
// for none, for a recording: trusted_root.json, and keys in either shape of
// [ParseKeys]. It loads what is not loaded yet, and gives up when ctx ends.
func (p *Provider) Export(ctx context.Context, registry *url.URL) (trustedRoot, keys []byte, err error) {
	type exported struct{ root, keys []byte }
	e, err := wait(ctx, p.options.Log, func() (e exported, err error) {
		p.loading.Lock()
		defer p.loading.Unlock()
		if err := p.ensureRoot(); err != nil {
			return e, err
		}
		e.root = p.rootData
		if registry != nil || p.options.Material.NPMKeys != nil {
			e.keys = p.registryKeys(ctx, registry).data
		}
		return e, nil
	})
	return e.root, e.keys, err
}

// ensureRoot loads the trust root where it is not there, unless it failed to a
// short time ago; p.loading is held.
func (p *Provider) ensureRoot() error {
	if p.root != nil {
		return nil
	}
	if p.rootErr == nil || p.expired(p.failed) {
		p.news = true
		if p.root, p.rootErr = p.loadRoot(); p.rootErr != nil {
			p.failed = p.options.Now()
			return p.rootErr
		}
		p.plain = verify.Trust{Root: p.root}.Prepare()
	}
	return p.rootErr
}

// expired reports whether a failure of that time is to be forgotten.
func (p *Provider) expired(failed time.Time) bool {
	age := p.options.Now().Sub(failed)
	return age < 0 || age >= failureKept
}

var errNoRoot = errors.New("there is no Sigstore trust root: name one with --trusted-root, or allow the network")

func (p *Provider) loadRoot() (*root.TrustedRoot, error) {
	data := p.options.Material.TrustedRoot
	if data == nil {
		if p.options.TUF == nil {
			return nil, errNoRoot
		}
		client, err := p.tufClient()
		if err != nil {
			return nil, err
		}
		if data, err = client.GetTarget(trustedRootTarget); err != nil {
			return nil, fmt.Errorf("trust root: %w", err)
		}
	}
	trusted, err := ParseRoot(data)
	if err != nil {
		return nil, err
	}
	p.rootData = data
	return trusted, nil
}

// ParseRoot decodes a trusted_root.json.
func ParseRoot(data []byte) (*root.TrustedRoot, error) {
	if len(data) > untrusted.MaxTrustFile {
		return nil, fmt.Errorf("trust root: %w: more than %d bytes", untrusted.ErrTooLarge, untrusted.MaxTrustFile)
	}
	if err := untrusted.TrustShape.Check(data); err != nil {
		return nil, fmt.Errorf("trust root: %w", err)
	}
	trusted, err := root.NewTrustedRootFromJSON(data)
	if err != nil {
		return nil, fmt.Errorf("trust root: %w", err)
	}
	return trusted, nil
}

func (p *Provider) tufClient() (targets, error) {
	if p.client != nil {
		return p.client, nil
	}
	opened, err := p.options.TUF.open(p.options.Now)
	if err != nil {
		return nil, err
	}
	p.client, p.fetched = opened, opened.fetched
	return opened, nil
}

// registryKeys returns the keys of one registry: those of the material, else
// of the TUF target that bears the registry's host, else, marked weak, those
// that the registry serves itself.
func (p *Provider) registryKeys(ctx context.Context, registry *url.URL) keySet {
	host := ""
	if p.options.Material.NPMKeys == nil && registry != nil {
		host = registry.Host
	}
	set, ok := p.keys[host]
	if !ok || set.err != nil && p.expired(set.failed) {
		set.keys, set.data, set.err = p.loadKeys(ctx, registry)
		set.failed, p.news = p.options.Now(), true
		set.trust = p.plain
		set.trust.Keys, set.trust.KeysError = set.keys, untrusted.Message(set.err)
		p.keys[host] = set
	}
	return set
}

func (p *Provider) loadKeys(ctx context.Context, registry *url.URL) (_ []verify.RegistryKey, data []byte, err error) {
	if data := p.options.Material.NPMKeys; data != nil {
		keys, err := ParseKeys(data, p.options.Material.KeysName)
		return keys, data, err
	}
	if registry == nil || p.options.TUF == nil {
		return nil, nil, errors.New("no registry keys: name a file with --npm-keys, or allow the network")
	}
	client, err := p.tufClient()
	if err != nil {
		return nil, nil, err
	}
	target := registry.Host + "/keys.json"
	if data, err = client.GetTarget(target); err == nil {
		keys, err := ParseKeys(data, "TUF")
		return keys, data, err
	}
	if !noSuchTarget(err, target) || p.options.FetchKeys == nil {
		return nil, nil, fmt.Errorf("registry keys: %w", err)
	}
	if data, err = p.options.FetchKeys(ctx, registry); err != nil {
		return nil, nil, fmt.Errorf("registry keys: %w", err)
	}
	keys, err := ParseKeys(data, "the registry itself")
	for i := range keys {
		keys[i].Weak = true
	}
	return keys, data, err
}
