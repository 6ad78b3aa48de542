package trust

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Origin is the kind of place that the trust root came from.
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
// A nil part is taken from TUF, if the options allow it.
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
	// FetchKeys asks an npm registry for its own keys. It is used only if
	// TUF has no target for that registry, and the keys are marked weak; nil
	// forbids it.
	FetchKeys func(ctx context.Context, registry *url.URL) ([]byte, error)
	// Reread reads the files anew that Material was made of; nil: it stays as it
	// is.
	Reread func() (Material, error)
	Now    func() time.Time // nil means time.Now
	Log    *slog.Logger     // where a panic's stack goes; or nil
}

// failureKept is for how long a failed load is not repeated; the next caller
// after it tries again. passingKept is that of one which may succeed at once: the
// rest of a run is not to go without trust for it.
const (
	failureKept = 30 * time.Second
	passingKept = time.Second
)

// staleKept is for how long a trust that could not be refreshed holds before
// that is tried again: a repository that does not answer takes its time, and
// callers wait meanwhile.
const staleKept = 5 * time.Minute

// keysKept is for how long the keys of a registry hold that can no longer be
// asked for them: unlike TUF's, they do not say when they end.
const keysKept = 24 * time.Hour

// Provider hands out trust. It loads it on first use, and anew when somebody
// asks for that ([Provider.Refresh]), when its time has ended, and some time
// after a failure. It is safe for concurrent use.
type Provider struct {
	options Options

	loading sync.Mutex // held while loading; what follows is written under it
	state
	// generation counts the trusts that differ by value: the bytes of the trust
	// root, and the keys. It is 0 until something was loaded.
	generation int
	change     string    // how the last one differs from the one before
	tried      time.Time // when the trust root was loaded last, or could not be
	ended      time.Time // when the trust ended that could not be refreshed
	staleSince time.Time // when stale began

	described atomic.Pointer[Info] // as of the last load
}

// state is what was loaded at one time.
type state struct {
	material   Material
	repository *repository // nil while it was not needed
	stale      error       // why repository, or a registry's keys, are those from before
	root       *root.TrustedRoot
	plain      verify.Trust // the trust root without keys, prepared
	rootData   []byte
	rootSum    string // hex SHA-256 of that
	rootErr    error
	keys       map[string]keySet // by keysOf; "" for keys that Material gives
}

type keySet struct {
	registry *url.URL // that was asked for; nil for none
	keys     []verify.RegistryKey
	data     []byte
	trust    verify.Trust // the trust root and these keys, prepared
	err      error
	loaded   time.Time // or when err was met
}

// New returns a provider. Nothing is read or fetched yet.
func New(options Options) *Provider {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	p := &Provider{options: options, state: state{material: options.Material, keys: map[string]keySet{}}}
	p.note()
	return p
}

// For returns the trust for evidence of one registry. It waits for a load, until
// ctx ends; the load itself goes on for other callers. An error means that there
// is no trust root, or none any more; missing keys are recorded in
// [verify.Trust] and affect only what they sign.
func (p *Provider) For(ctx context.Context, ecosystem verify.Ecosystem, registry *url.URL) (verify.Trust, error) {
	return wait(ctx, p.options.Log, func() (verify.Trust, error) {
		return p.load(context.WithoutCancel(ctx), ecosystem, registry)
	})
}

// wait returns the result of load, or ctx's error if that ends before. A panic
// in load is an error: nothing above its goroutine would recover it.
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

func (p *Provider) load(ctx context.Context, ecosystem verify.Ecosystem, registry *url.URL) (trust verify.Trust, err error) {
	p.loading.Lock()
	defer p.loading.Unlock()
	defer p.note()
	if err = p.ensureRoot(ctx); err == nil {
		trust = p.plain
		if ecosystem == verify.NPM {
			trust = p.registryKeys(ctx, registry).trust
		}
	}
	trust.Generation, trust.Now = p.generation, p.options.Now()
	return trust, err
}

// Export returns the trust for evidence of one npm registry, or of none if it is
// nil, as bytes for a recording: trusted_root.json, and keys in either shape of
// [ParseKeys]. It loads what is not loaded yet, and gives up when ctx ends.
func (p *Provider) Export(ctx context.Context, registry *url.URL) (trustedRoot, keys []byte, err error) {
	type exported struct{ root, keys []byte }
	e, err := wait(ctx, p.options.Log, func() (e exported, err error) {
		p.loading.Lock()
		defer p.loading.Unlock()
		if err := p.ensureRoot(ctx); err != nil {
			return e, err
		}
		e.root = p.rootData
		if registry != nil || p.material.NPMKeys != nil {
			e.keys = p.registryKeys(ctx, registry).data
		}
		return e, nil
	})
	return e.root, e.keys, err
}

// ensureRoot loads the trust root if it is not there or has ended, unless
// that failed a short time ago; p.loading is held.
func (p *Provider) ensureRoot(ctx context.Context) error {
	now := p.options.Now()
	switch {
	case p.generation == 0:
		p.loadRoot(&p.state)
		p.generation, p.tried = 1, now
	case p.root == nil && p.retryDue(p.rootErr, p.tried),
		p.repository.expired(now) && (p.tried.Before(p.repository.expires) || p.retryDue(p.rootErr, p.tried)):
		p.reload(ctx)
	}
	return p.rootErr
}

// retryDue reports whether a load that failed at that time is to be repeated.
func (p *Provider) retryDue(err error, failed time.Time) bool {
	age, kept := p.options.Now().Sub(failed), failureKept
	if errors.As(err, new(unanswered)) {
		kept = passingKept
	}
	return age < 0 || age >= kept
}

var errNoRoot = errors.New("there is no Sigstore trust root: name one with --trusted-root, or allow the network")

// loadRoot puts the trust root of now into s.
func (p *Provider) loadRoot(s *state) {
	data := s.material.TrustedRoot
	if data == nil {
		if p.options.TUF == nil {
			s.rootErr = errNoRoot
			return
		}
		repository, err := p.open(s)
		if err == nil {
			if data, err = repository.target(trustedRootTarget); err != nil && !noSuchTarget(err, trustedRootTarget) {
				err = p.options.TUF.remedy(err)
			}
		}
		if s.rootErr = err; err != nil {
			return
		}
	}
	trusted, err := ParseRoot(data)
	if s.rootErr = err; err == nil {
		sum := sha256.Sum256(data)
		s.plain = verify.Trust{Root: trusted}.Prepare()
		s.root, s.rootData, s.rootSum = trusted, data, hex.EncodeToString(sum[:])
	}
}

// ParseRoot decodes a trusted_root.json.
func ParseRoot(data []byte) (*root.TrustedRoot, error) {
	data, err := bounded(data)
	var trusted *root.TrustedRoot
	if err == nil {
		trusted, err = root.NewTrustedRootFromJSON(data)
	}
	if err != nil {
		return nil, fmt.Errorf("trust root: %w", err)
	}
	return trusted, nil
}

// bounded refuses a trust root or keys that are too large to be decoded, and
// returns them without the byte order mark that editors put before a file.
func bounded(data []byte) ([]byte, error) {
	if len(data) > untrusted.MaxTrustFile {
		return nil, fmt.Errorf("%w: more than %d bytes", untrusted.ErrTooLarge, untrusted.MaxTrustFile)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	return data, untrusted.TrustShape.Check(data)
}

// open returns the TUF repository of s. Where it cannot be fetched anew, the one
// from before holds until it ends.
func (p *Provider) open(s *state) (*repository, error) {
	if s.repository != nil {
		return s.repository, nil
	}
	before := p.repository
	opened, err := p.options.TUF.open(p.options.Now, before)
	switch {
	case err == nil:
	case before == nil && p.ended.IsZero():
		return nil, err
	case before != nil && !before.expired(p.options.Now()):
		opened, s.stale = before, err
	default:
		if before != nil {
			p.ended = before.expires
		}
		return nil, fmt.Errorf("the trust from %s ended on %s and could not be refreshed: %w",
			p.options.TUF.name(), p.ended.UTC().Format("2006-01-02 15:04 UTC"), err)
	}
	s.repository = opened
	return opened, nil
}

// registryKeys returns the keys of one registry: those of the material, else
// of the TUF target that bears the registry's host, else, marked weak, those
// that the registry serves itself.
func (p *Provider) registryKeys(ctx context.Context, registry *url.URL) keySet {
	base := ""
	if p.material.NPMKeys == nil && registry != nil {
		base = keysOf(registry)
	}
	before, asked := p.keys[base]
	if asked && (before.err == nil || !p.retryDue(before.err, before.loaded)) {
		return before
	}
	set := p.loadSet(ctx, &p.state, registry)
	p.keys[base] = set
	if asked {
		p.newGeneration(changedKeys(base, before, set))
	}
	return set
}

// keysOf returns the name of the registry that keys belong to: one host may serve several
// registries, each with its own keys, and the keys of one say nothing about
// what another signed. An address without TLS is another registry as well:
// anybody on the way can answer for it.
func keysOf(registry *url.URL) string {
	return registry.Scheme + "://" + registry.Host + strings.TrimSuffix(registry.EscapedPath(), "/")
}

// loadSet loads the keys of one registry for s.
func (p *Provider) loadSet(ctx context.Context, s *state, registry *url.URL) keySet {
	set := keySet{registry: registry, loaded: p.options.Now()}
	set.keys, set.data, set.err = p.loadKeys(ctx, s, registry)
	return set.prepare(s.root)
}

// prepare makes the trust of a registry's keys with a trust root.
func (set keySet) prepare(trusted *root.TrustedRoot) keySet {
	set.trust = verify.Trust{Root: trusted, Keys: set.keys, KeysError: untrusted.Message(set.err)}.Prepare()
	return set
}

func (p *Provider) loadKeys(ctx context.Context, s *state, registry *url.URL) (_ []verify.RegistryKey, data []byte, err error) {
	if data := s.material.NPMKeys; data != nil {
		keys, err := ParseKeys(data, s.material.KeysName)
		return keys, data, err
	}
	if registry == nil || p.options.TUF == nil {
		return nil, nil, errors.New("no registry keys: name a file with --npm-keys, or allow the network")
	}
	repository, err := p.open(s)
	if err != nil {
		return nil, nil, err
	}
	target := registry.Host + "/keys.json"
	if data, err = repository.target(target); err == nil {
		keys, err := ParseKeys(data, "TUF")
		return keys, data, err
	}
	if !noSuchTarget(err, target) {
		return nil, nil, fmt.Errorf("registry keys: %w", p.options.TUF.remedy(err))
	} else if p.options.FetchKeys == nil {
		return nil, nil, fmt.Errorf("registry keys: %w", err)
	}
	if data, err = p.options.FetchKeys(ctx, registry); err != nil {
		return nil, nil, fmt.Errorf("registry keys: %w", unanswered{err})
	}
	keys, err := ParseKeys(data, "the registry itself")
	for i := range keys {
		keys[i].Weak = true
	}
	return keys, data, err
}

// unanswered is the error of a registry or a TUF repository that did not answer.
type unanswered struct{ error }

func (u unanswered) Unwrap() error { return u.error }
