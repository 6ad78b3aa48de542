package trust

import (
	"context"
	"crypto/elliptic"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"

	"plimsoll/testdata/tuftest"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

var (
	past   = time.Now().Add(-24 * time.Hour).UTC().Truncate(time.Second)
	future = time.Now().Add(240 * time.Hour).UTC().Truncate(time.Second)
)

func newTUFRepository(t *testing.T, files map[string]string) *tuftest.Repository {
	t.Helper()
	return tuftest.New(t, files, future)
}

// testClock is a clock that a test sets; it begins at noon.
type testClock struct{ at time.Time }

func (c *testClock) now() time.Time { return c.at }

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func providerOf(r *tuftest.Repository, cache string, offline bool, clock *testClock) *Provider {
	return New(Options{
		TUF: &TUF{Mirror: r.URL, Root: r.Root, CachePath: cache, Offline: offline},
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
	at, _ := url.Parse("https://" + npmHost + "/")
	got, err := p.For(t.Context(), verify.NPM, at)
	if err == nil && (got.Root == nil || len(got.Keys) != 1 || got.Keys[0].Weak || got.KeysError != "") {
		t.Errorf("got %+v", got)
	}
	return err
}

func TestTUFFresh(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	for _, cache := range []string{"", t.TempDir()} {
		clock := &testClock{noon}
		p := providerOf(r, cache, false, clock)
		if info := p.Describe(); info.Mirror != r.URL || info.Version != 0 {
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
		asked := r.Requests()
		if err := ask(t, p); err != nil || r.Requests() != asked {
			t.Errorf("%v; asked %d times more: trust is loaded once", err, r.Requests()-asked)
		}
	}
}

// What one run fetched serves another without a connection, root rotations
// included.
func TestTUFCached(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	r.Rotate()
	cache := t.TempDir()
	for range 2 { // the second finds a cache
		if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
			t.Fatal(err)
		}
	}
	asked := r.Requests()
	p := providerOf(r, cache, true, &testClock{noon.Add(48 * time.Hour)})
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	info := p.Describe()
	if info.RootVersion != 2 || info.Version != 2 || !info.Checked.Equal(noon) || info.Age != 48*time.Hour {
		t.Errorf("got %+v", info)
	}
	if r.Requests() != asked {
		t.Errorf("offline, %d requests were made", r.Requests()-asked)
	}
	// A key target that was never fetched is not invented.
	other, _ := url.Parse("https://other.example/")
	if got, err := p.For(t.Context(), verify.NPM, other); err != nil || len(got.Keys) != 0 || got.KeysError == "" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestTUFOfflineWithoutCache(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	for _, cache := range []string{"", t.TempDir()} {
		err := ask(t, providerOf(r, cache, true, &testClock{noon}))
		if err == nil || !strings.Contains(err.Error(), "the cache holds no usable TUF metadata") || r.Requests() != 0 {
			t.Errorf("got %v; %d requests", err, r.Requests())
		}
	}
}

func TestTUFExpired(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	cache := t.TempDir()
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	// The repository stands still: a copy of it that an attacker froze.
	r.Update(past)
	err := ask(t, providerOf(r, cache, false, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "the repository's metadata has expired") {
		t.Errorf("online: got %v", err)
	}
	// What was kept before still holds: the expired version was not taken over.
	if err := ask(t, providerOf(r, cache, true, &testClock{noon})); err != nil {
		t.Errorf("offline: got %v", err)
	}
	// The cached timestamp itself has expired.
	if err := os.WriteFile(filepath.Join(folderOf(r, cache), "2.timestamp.json"), r.File("timestamp.json"), 0o600); err != nil {
		t.Fatal(err)
	}
	err = ask(t, providerOf(r, cache, true, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "the cached metadata has expired: run once without --offline") {
		t.Errorf("offline: got %v", err)
	}
}

// folderOf is where a repository's files are kept.
func folderOf(r *tuftest.Repository, cache string) string {
	return filepath.Join(cache, strings.NewReplacer("http://", "", ":", "-").Replace(r.URL))
}

// Trust ends with the first of the roles it came through, whichever that is. A
// delegated role counts only for what it lists.
func TestEveryRoleExpires(t *testing.T) {
	t.Parallel()
	first, last := noon.Add(time.Hour), noon.Add(48*time.Hour)
	for _, role := range []string{metadata.ROOT, metadata.TIMESTAMP, metadata.SNAPSHOT, metadata.TARGETS, "keysofnpm"} {
		clock, r := &testClock{first.Add(-time.Second)}, fakeTargets{trustedRootTarget: []byte(minimalRoot)}.open()
		of := func(name string) time.Time {
			if name == role {
				return first
			}
			return last
		}
		targets := metadata.Targets(of(metadata.TARGETS))
		targets.Signed.Targets[trustedRootTarget] = metadata.TargetFile()
		r.now = clock.now
		r.trusted = func() trustedmetadata.TrustedMetadata {
			return trustedmetadata.TrustedMetadata{
				Root: metadata.Root(of(metadata.ROOT)), Timestamp: metadata.Timestamp(of(metadata.TIMESTAMP)), Snapshot: metadata.Snapshot(of(metadata.SNAPSHOT)),
				Targets: map[string]*metadata.Metadata[metadata.TargetsType]{metadata.TARGETS: targets, "keysofnpm": metadata.Targets(of("keysofnpm"))},
			}
		}
		ends := first
		if role == "keysofnpm" {
			ends = last
		}
		if err := r.checkExpiry(trustedRootTarget); err != nil || !r.expires.Equal(ends) {
			t.Errorf("%s, before its end: until %v, %v", role, r.expires, err)
		}
		clock.at = ends
		if _, err := r.target(trustedRootTarget); !errors.Is(err, &metadata.ErrExpiredMetadata{}) {
			t.Errorf("%s, at its end: %v", role, err)
		}
	}
}

func TestTUFRolledBack(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	old := r.File("timestamp.json")
	r.Update(future)
	cache := t.TempDir()
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	r.Publish("timestamp.json", old)
	err := ask(t, providerOf(r, cache, false, &testClock{noon}))
	if err == nil || !strings.Contains(err.Error(), "older metadata than it did before, which is refused") {
		t.Errorf("got %v", err)
	}
	if err := ask(t, providerOf(r, cache, true, &testClock{noon})); err != nil {
		t.Errorf("offline, with what was verified before: %v", err)
	}
}

func TestTUFForged(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	r.Forge()
	if err := ask(t, providerOf(r, t.TempDir(), false, &testClock{noon})); err == nil {
		t.Error("metadata of a stranger was accepted")
	}
	honest := newTUFRepository(t, withKeys(t))
	cache := t.TempDir()
	if err := ask(t, providerOf(honest, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	// A cache that was tampered with proves nothing either.
	targets, err := filepath.Glob(filepath.Join(cache, "*", "targets", "*"))
	if err != nil || len(targets) == 0 {
		t.Fatal(targets, err)
	}
	for _, file := range targets {
		if err := os.WriteFile(file, []byte(`{"mediaType":"forged"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := ask(t, providerOf(honest, cache, true, &testClock{noon})); err == nil {
		t.Error("a forged target was accepted")
	}
}

// A repository that cannot be reached is an error, whatever was kept: nobody
// online is given what may have been revoked since. Offline, what was kept
// serves within its time.
func TestTUFUnreachable(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	cache := t.TempDir()
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	r.SetDown(true)
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err == nil || !strings.Contains(err.Error(), "no trust root from TUF repository "+r.URL) {
		t.Errorf("it answers 503: %v", err)
	}
	r.Close()
	for _, folder := range []string{"", cache} {
		err := ask(t, providerOf(r, folder, false, &testClock{noon}))
		if err == nil || !strings.Contains(err.Error(), "no trust root from TUF repository "+r.URL) || !strings.Contains(err.Error(), "nothing answers at") {
			t.Errorf("nobody is there: %v", err)
		}
	}
	if err := ask(t, providerOf(r, cache, true, &testClock{noon})); err != nil {
		t.Errorf("offline: %v", err)
	}
}

// A failure is everybody's answer for a while, and then tried again; the one of a
// repository that does not answer for a moment only.
func TestTUFIsTriedAgain(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	r.SetDown(true)
	clock := &testClock{noon}
	p := providerOf(r, t.TempDir(), false, clock)
	if err := ask(t, p); err == nil {
		t.Fatal("a repository that is down was read")
	}
	asked := r.Requests()
	r.SetDown(false)
	for _, age := range []time.Duration{0, passingKept - 1} {
		clock.at = noon.Add(age)
		if err := ask(t, p); err == nil || r.Requests() != asked {
			t.Errorf("after %v: %v, %d requests", age, err, r.Requests()-asked)
		}
	}
	clock.at = noon.Add(passingKept)
	if err := ask(t, p); err != nil {
		t.Errorf("after it: %v", err)
	}
	// One that answers, and with what is refused, is not asked by every package.
	r.Forge()
	p = providerOf(r, t.TempDir(), false, clock)
	if err := ask(t, p); err == nil {
		t.Fatal("a stranger's metadata was taken")
	}
	asked = r.Requests()
	for _, age := range []time.Duration{passingKept, failureKept - 1} {
		clock.at = noon.Add(passingKept).Add(age)
		if err := ask(t, p); err == nil || r.Requests() != asked {
			t.Errorf("after %v: %v, %d requests", age, err, r.Requests()-asked)
		}
	}
}

func TestKeysAreTriedAgain(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	clock := &testClock{noon}
	broken := errors.New("not now")
	p := provider(fakeTargets{trustedRootTarget: []byte(minimalRoot)}, func(context.Context, *url.URL) ([]byte, error) {
		return []byte(registryShape(id, spki, "ecdsa-sha2-nistp256", "null")), broken
	})
	p.options.Now = clock.now
	registry, _ := url.Parse("https://npm.example/")
	for _, step := range []struct {
		after      time.Duration
		err        error
		keys       int
		generation int
	}{{0, errors.New("not now"), 0, 1}, {passingKept - 1, nil, 0, 1}, {passingKept, errors.New("not yet"), 0, 1}, {2 * passingKept, nil, 2, 2}, {3 * passingKept, errors.New("again"), 2, 2}} {
		broken, clock.at = step.err, noon.Add(step.after)
		got, err := p.For(t.Context(), verify.NPM, registry)
		if err != nil || len(got.Keys) != step.keys || (step.keys == 0) != (got.KeysError != "") || got.Generation != step.generation {
			t.Errorf("after %v: %d keys, %q, generation %d, %v", step.after, len(got.Keys), got.KeysError, got.Generation, err)
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	files := withKeys(t)
	r := newTUFRepository(t, files)
	registry, _ := url.Parse("https://" + npmHost + "/")
	root, keys, err := providerOf(r, "", false, &testClock{noon}).Export(t.Context(), registry)
	if err != nil || string(root) != minimalRoot || string(keys) != files[npmHost+"/keys.json"] {
		t.Errorf("got %q, %q, %v", root, keys, err)
	}
	other, _ := url.Parse("https://other.example/")
	root, keys, err = providerOf(r, "", false, &testClock{noon}).Export(t.Context(), other)
	if err != nil || string(root) != minimalRoot || keys != nil {
		t.Errorf("got %q, %q, %v", root, keys, err)
	}
	given := New(Options{Material: Material{TrustedRoot: []byte(minimalRoot), NPMKeys: []byte(files[npmHost+"/keys.json"])}})
	root, keys, err = given.Export(t.Context(), nil)
	if err != nil || string(root) != minimalRoot || string(keys) != files[npmHost+"/keys.json"] {
		t.Errorf("of files: %q, %q, %v", root, keys, err)
	}
	root, keys, err = providerOf(r, "", false, &testClock{noon}).Export(t.Context(), nil)
	if err != nil || string(root) != minimalRoot || keys != nil {
		t.Errorf("of no registry: %q, %q, %v", root, keys, err)
	}
	if _, _, err := New(Options{}).Export(t.Context(), nil); err == nil {
		t.Error("nothing was exported without an error")
	}
}

// A cache that is not there to be written is no reason to check without what
// protects from an older repository, and the message says what to do.
func TestACacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	for name, in := range map[string]func(folder string) error{
		"a file in its place": func(folder string) error { return os.WriteFile(folder, nil, 0o600) },
		"a file in the place of targets": func(folder string) error {
			return errors.Join(os.MkdirAll(folder, 0o700), os.WriteFile(filepath.Join(folder, targetFolder), nil, 0o600))
		},
	} {
		cache := t.TempDir()
		if err := in(folderOf(r, cache)); err != nil {
			t.Fatal(err)
		}
		err := ask(t, providerOf(r, cache, false, &testClock{noon}))
		if err == nil || !strings.Contains(err.Error(), "an older repository would not be noticed") || !strings.Contains(err.Error(), "--cache-dir") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// agents notes the User-Agent of each request, and how many may take for ever.
type agents struct {
	seen    []string
	endless int
}

func (a *agents) RoundTrip(req *http.Request) (*http.Response, error) {
	if _, ok := req.Context().Deadline(); !ok {
		a.endless++
	}
	a.seen = append(a.seen, strings.Join(req.Header.Values("User-Agent"), ","))
	return http.DefaultTransport.RoundTrip(req)
}

func TestTUFRequests(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	for _, name := range []string{"", "plimsoll/1"} {
		var a agents
		p := providerOf(r, "", false, &testClock{noon})
		p.options.TUF.Client = registry.New(registry.Options{UserAgent: name, Transport: &a})
		if err := ask(t, p); err != nil {
			t.Fatal(err)
		}
		if len(a.seen) == 0 || slices.ContainsFunc(a.seen, func(seen string) bool { return seen != name }) {
			t.Errorf("asked as %q, want %q", a.seen, name)
		}
		if a.endless > 0 {
			t.Errorf("%d of %d requests may take for ever", a.endless, len(a.seen))
		}
	}
}
