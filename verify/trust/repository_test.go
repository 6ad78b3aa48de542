package trust

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sigstore/sigstore/pkg/signature"
	"github.com/theupdateframework/go-tuf/v2/metadata"

	"plimsoll/verify"
)

// tufRepository is a real TUF repository, signed with keys of its own and
// served on loopback. go-tuf takes the time of day from the machine, so what
// has expired was signed with a date of the past.
type tufRepository struct {
	t         *testing.T
	server    *httptest.Server
	initial   []byte // version 1 of the root
	rootKey   ed25519.PrivateKey
	onlineKey ed25519.PrivateKey // timestamp, snapshot, targets
	root      *metadata.Metadata[metadata.RootType]
	targets   *metadata.Metadata[metadata.TargetsType]
	version   int64

	mu    sync.Mutex
	files map[string][]byte
	asked int
	down  bool
}

var (
	past   = time.Now().Add(-24 * time.Hour).UTC().Truncate(time.Second)
	future = time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)
)

func newTUFRepository(t *testing.T, files map[string]string) *tufRepository {
	t.Helper()
	r := &tufRepository{t: t, files: map[string][]byte{}}
	_, r.rootKey, _ = ed25519.GenerateKey(nil)
	_, r.onlineKey, _ = ed25519.GenerateKey(nil)
	r.root = metadata.Root(future)
	r.root.Signed.ConsistentSnapshot = true
	r.check(r.root.Signed.AddKey(r.key(r.rootKey), metadata.ROOT))
	for _, role := range []string{metadata.TARGETS, metadata.SNAPSHOT, metadata.TIMESTAMP} {
		r.check(r.root.Signed.AddKey(r.key(r.onlineKey), role))
	}
	r.initial = r.publish("1.root.json", sign(r, r.root, r.rootKey))
	r.targets = metadata.Targets(future)
	for name, content := range files {
		file, err := metadata.TargetFile().FromBytes(name, []byte(content), "sha256")
		r.check(err)
		r.targets.Signed.Targets[name] = file
		dir, base := filepath.Split(name)
		r.publish(fmt.Sprintf("targets/%s%x.%s", dir, []byte(file.Hashes["sha256"]), base), []byte(content))
	}
	r.update(future)
	r.server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.server.Close)
	return r
}

func (r *tufRepository) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	data, ok := r.files[strings.TrimPrefix(req.URL.Path, "/")]
	switch {
	case r.down:
		w.WriteHeader(http.StatusServiceUnavailable)
	case !ok:
		http.NotFound(w, req)
	default:
		w.Write(data)
	}
}

func (r *tufRepository) check(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *tufRepository) key(private ed25519.PrivateKey) *metadata.Key {
	key, err := metadata.KeyFromPublicKey(private.Public())
	r.check(err)
	return key
}

func sign[T metadata.Roles](r *tufRepository, m *metadata.Metadata[T], keys ...ed25519.PrivateKey) []byte {
	m.ClearSignatures()
	for _, key := range keys {
		signer, err := signature.LoadSigner(key, crypto.Hash(0))
		r.check(err)
		_, err = m.Sign(signer)
		r.check(err)
	}
	data, err := m.ToBytes(false)
	r.check(err)
	return data
}

func (r *tufRepository) publish(name string, data []byte) []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[name] = data
	return data
}

// update signs a new version of everything that the online key signs.
func (r *tufRepository) update(expires time.Time) {
	r.version++
	v := r.version
	r.targets.Signed.Version = v
	r.publish(fmt.Sprintf("%d.targets.json", v), sign(r, r.targets, r.onlineKey))
	snapshot := metadata.Snapshot(future)
	snapshot.Signed.Version = v
	snapshot.Signed.Meta["targets.json"] = metadata.MetaFile(v)
	r.publish(fmt.Sprintf("%d.snapshot.json", v), sign(r, snapshot, r.onlineKey))
	timestamp := metadata.Timestamp(expires)
	timestamp.Signed.Version = v
	timestamp.Signed.Meta["snapshot.json"] = metadata.MetaFile(v)
	r.publish("timestamp.json", sign(r, timestamp, r.onlineKey))
}

// rotate gives the online roles a new key, in version 2 of the root.
func (r *tufRepository) rotate() {
	old, err := r.key(r.onlineKey).ID()
	r.check(err)
	_, r.onlineKey, _ = ed25519.GenerateKey(nil)
	for _, role := range []string{metadata.TARGETS, metadata.SNAPSHOT, metadata.TIMESTAMP} {
		r.check(r.root.Signed.RevokeKey(old, role))
		r.check(r.root.Signed.AddKey(r.key(r.onlineKey), role))
	}
	r.root.Signed.Version++
	r.publish(fmt.Sprintf("%d.root.json", r.root.Signed.Version), sign(r, r.root, r.rootKey))
	r.update(future)
}

func (r *tufRepository) set(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

func (r *tufRepository) requests() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// testClock is a clock that a test sets; it begins at noon.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func (r *tufRepository) provider(cache string, offline bool, clock *testClock) *Provider {
	return New(Options{
		TUF: &TUF{Mirror: r.server.URL, Root: r.initial, CachePath: cache, Offline: offline},
		Now: clock.now,
	})
}

const npmHost = "npm.example"

func withKeys(t *testing.T) map[string]string {
	spki, id := newKey(t, elliptic.P256())
	return map[string]string{
		trustedRootTarget:      minimalRoot,
		npmHost + "/keys.json": tufShape(id, verify.UsageSignatures, spki, "PKIX_ECDSA_P256_SHA_256", ""),
	}
}

func ask(t *testing.T, p *Provider) error {
	t.Helper()
	registry, _ := url.Parse("https://" + npmHost + "/")
	got, err := p.For(t.Context(), verify.NPM, registry)
	if err == nil && (got.Root == nil || len(got.Keys) != 1 || got.Keys[0].Weak || got.KeysError != "") {
		t.Errorf("got %+v", got)
	}
	return err
}

func TestTUFFresh(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	for _, cache := range []string{"", t.TempDir()} {
		clock := &testClock{noon}
		p := r.provider(cache, false, clock)
		if info := p.Describe(); info.Mirror != r.server.URL || info.Version != 0 {
			t.Errorf("before: %+v", info)
		}
		if err := ask(t, p); err != nil {
			t.Fatal(err)
		}
		clock.at = noon.Add(time.Hour)
		info := p.Describe()
		if info.Origin != OriginTUF || info.RootVersion != 1 || info.Version != 1 || !info.Expires.Equal(future) ||
			!info.Checked.Equal(noon) || info.Age != time.Hour || len(info.RootSHA256) != 64 {
			t.Errorf("got %+v", info)
		}
		asked := r.requests()
		if err := ask(t, p); err != nil || r.requests() != asked {
			t.Errorf("%v; asked %d times more: trust is loaded once", err, r.requests()-asked)
		}
	}
}

// What one run fetched serves another without a connection, root rotations
// included.
func TestTUFCached(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	r.rotate()
	cache := t.TempDir()
	for range 2 { // the second finds a cache
		if err := ask(t, r.provider(cache, false, &testClock{noon})); err != nil {
			t.Fatal(err)
		}
	}
	asked := r.requests()
	p := r.provider(cache, true, &testClock{noon.Add(48 * time.Hour)})
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	info := p.Describe()
	if info.RootVersion != 2 || info.Version != 2 || !info.Checked.Equal(noon) || info.Age != 48*time.Hour {
		t.Errorf("got %+v", info)
	}
	if r.requests() != asked {
		t.Errorf("offline, %d requests were made", r.requests()-asked)
	}
	// A key target that was never fetched is not invented.
	other, _ := url.Parse("https://other.example/")
	if got, err := p.For(t.Context(), verify.NPM, other); err != nil || len(got.Keys) != 0 || got.KeysError == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTUFOfflineWithoutCache(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	for _, cache := range []string{"", t.TempDir()} {
		err := ask(t, r.provider(cache, true, &testClock{noon}))
		if err == nil || !strings.Contains(err.Error(), "the cache holds no usable TUF metadata") || r.requests() != 0 {
			t.Errorf("got %v; %d requests", err, r.requests())
		}
	}
}

func TestTUFExpired(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	cache := t.TempDir()
	if err := ask(t, r.provider(cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	// The repository stands still: a copy of it that an attacker froze.
	r.update(past)
	err := ask(t, r.provider(cache, false, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "the repository's metadata has expired") {
		t.Errorf("online: got %v", err)
	}
	// What was kept before still holds: the expired version was not taken over.
	if err := ask(t, r.provider(cache, true, &testClock{noon})); err != nil {
		t.Errorf("offline: got %v", err)
	}
	// The cached timestamp itself has expired.
	state := filepath.Join(cache, strings.NewReplacer("http://", "", ":", "-").Replace(r.server.URL), "timestamp.json")
	if _, err := os.Stat(state); err != nil {
		t.Fatal(err)
	}
	r.check(os.WriteFile(state, r.files["timestamp.json"], 0o600))
	err = ask(t, r.provider(cache, true, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "the cached metadata has expired: run once without --offline") {
		t.Errorf("offline: got %v", err)
	}
}

func TestTUFRolledBack(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	old := r.files["timestamp.json"]
	r.update(future)
	cache := t.TempDir()
	if err := ask(t, r.provider(cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	r.publish("timestamp.json", old)
	err := ask(t, r.provider(cache, false, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "older metadata than it did before, which is refused") {
		t.Errorf("got %v", err)
	}
	if err := ask(t, r.provider(cache, true, &testClock{noon})); err != nil {
		t.Errorf("offline, with what was verified before: %v", err)
	}
}

func TestTUFForged(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	_, r.onlineKey, _ = ed25519.GenerateKey(nil) // not the one that the root names
	r.update(future)
	if err := ask(t, r.provider(t.TempDir(), false, &testClock{noon})); err == nil {
		t.Error("metadata of a stranger was accepted")
	}
	honest := newTUFRepository(t, withKeys(t))
	cache := t.TempDir()
	if err := ask(t, honest.provider(cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	// A cache that was tampered with proves nothing either.
	targets, err := filepath.Glob(filepath.Join(cache, "*", "targets", "*"))
	if err != nil || len(targets) == 0 {
		t.Fatal(targets, err)
	}
	for _, file := range targets {
		r.check(os.WriteFile(file, []byte(`{"mediaType":"forged"}`), 0o600))
	}
	if err := ask(t, honest.provider(cache, true, &testClock{noon})); err == nil {
		t.Error("a forged target was accepted")
	}
}

// A failure is everybody's answer for a while, and then tried again.
func TestTUFIsTriedAgain(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	r.set(true)
	clock := &testClock{noon}
	p := r.provider(t.TempDir(), false, clock)
	if err := ask(t, p); err == nil {
		t.Fatal("a repository that is down was read")
	}
	asked := r.requests()
	r.set(false)
	clock.at = noon.Add(failureKept - time.Second)
	if err := ask(t, p); err == nil || r.requests() != asked {
		t.Errorf("within the time: %v, %d requests", err, r.requests()-asked)
	}
	clock.at = noon.Add(failureKept)
	if err := ask(t, p); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestKeysAreTriedAgain(t *testing.T) {
	spki, id := newKey(t, elliptic.P256())
	clock := &testClock{noon}
	broken := errors.New("not now")
	p := provider(fakeTargets{trustedRootTarget: []byte(minimalRoot)}, func(context.Context, *url.URL) ([]byte, error) {
		return []byte(registryShape(id, spki, "ecdsa-sha2-nistp256", "null")), broken
	})
	p.options.Now = clock.now
	registry, _ := url.Parse("https://npm.example/")
	for _, step := range []struct {
		after time.Duration
		err   error
		keys  int
	}{{0, errors.New("not now"), 0}, {time.Second, nil, 0}, {failureKept, nil, 2}, {2 * failureKept, errors.New("again"), 2}} {
		broken, clock.at = step.err, noon.Add(step.after)
		got, err := p.For(t.Context(), verify.NPM, registry)
		if err != nil || len(got.Keys) != step.keys || (step.keys == 0) != (got.KeysError != "") {
			t.Errorf("after %v: %d keys, %q, %v", step.after, len(got.Keys), got.KeysError, err)
		}
	}
}

func TestExport(t *testing.T) {
	files := withKeys(t)
	r := newTUFRepository(t, files)
	registry, _ := url.Parse("https://" + npmHost + "/")
	root, keys, err := r.provider("", false, &testClock{noon}).Export(t.Context(), registry)
	if err != nil || string(root) != minimalRoot || string(keys) != files[npmHost+"/keys.json"] {
		t.Errorf("got %q, %q, %v", root, keys, err)
	}
	other, _ := url.Parse("https://other.example/")
	root, keys, err = r.provider("", false, &testClock{noon}).Export(t.Context(), other)
	if err != nil || string(root) != minimalRoot || keys != nil {
		t.Errorf("got %q, %q, %v", root, keys, err)
	}
	if _, _, err := New(Options{}).Export(t.Context(), nil); err == nil {
		t.Error("nothing was exported without an error")
	}
}
