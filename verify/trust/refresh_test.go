package trust

import (
	"context"
	"crypto/elliptic"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/testdata/tuftest"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

const otherRoot = `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1","tlogs":[]}`

// TestRefresh says what becomes of a trust that was loaded, when what it was
// loaded from has changed and it is refreshed an hour later.
func TestRefresh(t *testing.T) {
	t.Parallel()
	keysTarget := npmHost + "/keys.json"
	spki, id := newKey(t, elliptic.P256())
	shape := func(usage, validFor string) string {
		return tufShape(id, usage, spki, "PKIX_ECDSA_P256_SHA_256", validFor)
	}
	at := func(when string) string { return `"` + when + `":"2026-01-01T00:00:00.000Z"` }
	files := map[string]string{trustedRootTarget: minimalRoot, keysTarget: shape(verify.UsageSignatures, "")}
	const changed = "the keys of npm.example changed: 1 no longer hold as before, 1 are new"
	for _, tt := range []struct {
		name    string
		happens func(*tuftest.Repository)
		after   time.Duration // 0: an hour
		want    string        // the error of whoever asks then
		change  string        // "": the same trust
		stale   string        // why it could not be refreshed
		keys    int
	}{
		{name: "nothing", keys: 1},
		{name: "an update that changes nothing", happens: func(r *tuftest.Repository) { r.Update(future) }, keys: 1},
		{name: "other TUF keys, the same trust root", happens: func(r *tuftest.Repository) { r.Rotate() }, keys: 1},
		{name: "another trust root", happens: func(r *tuftest.Repository) { r.SetTarget(trustedRootTarget, otherRoot) }, keys: 1,
			change: "the trust root was replaced: SHA-256 "},
		{name: "no trust root", happens: func(r *tuftest.Repository) { r.SetTarget(trustedRootTarget, "") },
			change: "nothing can be verified any more: target trusted_root.json not found", want: "not found"},
		{name: "a trust root that is none", happens: func(r *tuftest.Repository) { r.SetTarget(trustedRootTarget, "[]") },
			change: "nothing can be verified any more: trust root: ", want: "trust root: "},
		{name: "another key", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, withKeys(t)[keysTarget]) }, keys: 1, change: changed},
		{name: "a key that has ended", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, shape(verify.UsageSignatures, at("end"))) }, keys: 1, change: changed},
		{name: "a key that has a start", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, shape(verify.UsageSignatures, at("start"))) }, keys: 1, change: changed},
		{name: "a key of another use", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, shape(verify.UsageAttestations, "")) }, keys: 1, change: changed},
		{name: "the same key, written otherwise", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, " "+shape(verify.UsageSignatures, "")) }, keys: 1},
		{name: "no keys", happens: func(r *tuftest.Repository) { r.SetTarget(keysTarget, "") },
			change: "the keys of npm.example can no longer be fetched: registry keys: "},
		{name: "the mirror is away", happens: func(r *tuftest.Repository) { r.SetDown(true) }, keys: 1, stale: "503"},
		{name: "the mirror is away until the trust ends", happens: func(r *tuftest.Repository) { r.SetDown(true) }, after: future.Sub(noon),
			change: "nothing can be verified any more: the trust from TUF repository http", want: "could not be refreshed: no trust root from"},
		{name: "a mirror that stands still until the trust ends", after: future.Sub(noon),
			change: "nothing can be verified any more: the trust from TUF repository http", want: "the repository's metadata has expired"},
		{name: "a mirror that has expired", happens: func(r *tuftest.Repository) { r.Update(past) }, keys: 1, stale: "the repository's metadata has expired"},
		{name: "a stranger's metadata", happens: func(r *tuftest.Repository) { r.Forge() }, keys: 1, stale: "no trust root from TUF repository http"},
	} {
		for _, cached := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, cached %v", tt.name, cached), func(t *testing.T) {
				r, clock, cache := newTUFRepository(t, files), &testClock{noon}, ""
				if cached {
					cache = t.TempDir()
				}
				p := providerOf(r, cache, false, clock)
				if err := ask(t, p); err != nil {
					t.Fatal(err)
				}
				if tt.happens != nil {
					tt.happens(r)
				}
				if clock.at = noon.Add(time.Hour); tt.after > 0 {
					clock.at = noon.Add(tt.after)
				}
				info := p.Refresh(t.Context(), time.Hour)
				if (info.Generation > 1) != (tt.change != "") || !strings.Contains(info.Change, tt.change) || !strings.Contains(info.Stale, tt.stale) || (info.Stale == "") != (tt.stale == "") {
					t.Errorf("generation %d: %q; stale: %q", info.Generation, info.Change, info.Stale)
				}
				if info.StaleSince.IsZero() != (tt.stale == "") || strings.Contains(info.Change+info.Stale, "\n") {
					t.Errorf("stale since %v", info.StaleSince)
				}
				got, err := p.For(t.Context(), verify.NPM, mustParse(t, "https://"+npmHost+"/"))
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) || len(got.Keys) != tt.keys || got.Generation != info.Generation {
					t.Errorf("got %d keys, generation %d, %v", len(got.Keys), got.Generation, err)
				}
			})
		}
	}
}

func mustParse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// An old copy of the repository is refused, also one without the root that
// revoked its keys, by the same process and by the next.
func TestRefreshGoesBackToNothingOlder(t *testing.T) {
	t.Parallel()
	for _, rotate := range []bool{false, true} {
		for _, cached := range []bool{false, true} {
			t.Run(fmt.Sprintf("rotated %v, cached %v", rotate, cached), func(t *testing.T) {
				r, clock, cache := newTUFRepository(t, withKeys(t)), &testClock{noon}, ""
				if cached {
					cache = t.TempDir()
				}
				old := r.Save()
				if r.Update(future); rotate {
					r.Rotate()
				}
				p := providerOf(r, cache, false, clock)
				if err := ask(t, p); err != nil {
					t.Fatal(err)
				}
				r.Restore(old)
				clock.at = noon.Add(time.Hour)
				if info := p.Refresh(t.Context(), 0); info.Stale == "" || info.Generation != 1 || ask(t, p) != nil {
					t.Errorf("got %+v", info)
				}
				if err := ask(t, providerOf(r, cache, false, clock)); cached && err == nil {
					t.Error("another process takes the old copy")
				}
			})
		}
	}
}

// A key that was revoked stays so, though whoever has it signs what is newer
// than anything before and hides the root that revoked it.
func TestARevokedKeySignsNothing(t *testing.T) {
	t.Parallel()
	for _, cached := range []bool{false, true} {
		r, clock, cache := newTUFRepository(t, withKeys(t)), &testClock{noon}, ""
		if cached {
			cache = t.TempDir()
		}
		r.Rotate()
		p := providerOf(r, cache, false, clock)
		if err := ask(t, p); err != nil {
			t.Fatal(err)
		}
		r.Steal()
		if info := p.Refresh(t.Context(), 0); info.Stale == "" || info.Generation != 1 || info.Version != 2 || ask(t, p) != nil {
			t.Errorf("cached %v: got %+v", cached, info)
		}
		if err := ask(t, providerOf(r, cache, false, clock)); cached && err == nil {
			t.Error("another process takes what the revoked key signed")
		}
	}
}

// Nothing is loaded that nobody asked for, nor twice at one time.
func TestRefreshOfNothing(t *testing.T) {
	t.Parallel()
	r, clock := newTUFRepository(t, withKeys(t)), &testClock{noon}
	p := providerOf(r, "", false, clock)
	if info := p.Refresh(t.Context(), 0); info.Generation != 0 || info.RootSHA256 != "" || r.Requests() != 0 {
		t.Errorf("%d requests, %+v", r.Requests(), info)
	}
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	asked := r.Requests()
	if info := p.Refresh(t.Context(), time.Second); info.Generation != 1 || r.Requests() != asked {
		t.Errorf("%d requests, %+v", r.Requests()-asked, info)
	}
}

// A mirror that is away and comes back, before and after the end of what it
// gave; nobody but the clock has to ask.
func TestMirrorAwayAndBack(t *testing.T) {
	t.Parallel()
	r, clock := newTUFRepository(t, withKeys(t)), &testClock{noon}
	p := providerOf(r, t.TempDir(), false, clock)
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	r.SetDown(true)
	for _, step := range []struct {
		after      time.Duration
		up         bool
		generation int
		stale      bool
		lost       bool
	}{
		{time.Hour - time.Second, false, 1, false, false}, // not due
		{time.Hour, false, 1, true, false},
		{time.Hour + staleKept - time.Second, true, 1, true, false},
		{time.Hour + staleKept, true, 1, false, false},
		{2*time.Hour + staleKept, false, 1, true, false},
		{future.Sub(noon) - time.Second, false, 1, true, false},
		{future.Sub(noon), false, 2, false, true}, // a second later, because it has ended
		{future.Sub(noon) + failureKept, false, 2, false, true},
		{future.Sub(noon) + 2*failureKept, true, 3, false, false},
	} {
		clock.at = noon.Add(step.after)
		if r.SetDown(!step.up); step.lost || step.generation == 3 {
			r.SetExpires(future.Add(240 * time.Hour))
		}
		info := p.Refresh(t.Context(), time.Hour)
		if info.Generation != step.generation || (info.Stale != "") != step.stale || (info.RootError != "") != step.lost || (ask(t, p) != nil) != step.lost {
			t.Errorf("after %v: %+v", step.after, info)
		}
		if step.lost && !strings.HasPrefix(info.RootError, "the trust from TUF repository "+r.URL+" ended on "+future.Format("2006-01-02 15:04 UTC")+" and could not be refreshed: ") {
			t.Errorf("it says %q", info.RootError)
		}
	}
}

// A clock that was set back does not hold a refresh off.
func TestRefreshAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	r, clock := newTUFRepository(t, withKeys(t)), &testClock{noon}
	p := providerOf(r, "", false, clock)
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	asked := r.Requests()
	clock.at = noon.Add(-time.Hour)
	if p.Refresh(t.Context(), time.Hour); r.Requests() == asked {
		t.Error("nobody was asked")
	}
}

// Whoever asks for trust whose time has ended gets it anew, or nothing.
func TestTrustEndsWithoutARefresh(t *testing.T) {
	t.Parallel()
	r, clock := newTUFRepository(t, withKeys(t)), &testClock{noon}
	p := providerOf(r, t.TempDir(), false, clock)
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	clock.at = future
	for range 2 { // the second asks nobody
		if err := ask(t, p); err == nil || !strings.Contains(err.Error(), "ended on ") {
			t.Errorf("got %v", err)
		}
	}
	clock.at = future.Add(failureKept)
	r.SetExpires(future.Add(time.Hour))
	if err := ask(t, p); err != nil {
		t.Error(err)
	}
}

// Metadata ends wherever the repository lies: a folder of its address may have
// the name of the one that targets are in.
func TestTrustOfAnyAddressEnds(t *testing.T) {
	t.Parallel()
	r, clock := newTUFRepository(t, withKeys(t)), &testClock{noon}
	inner, err := url.Parse(r.URL)
	if err != nil {
		t.Fatal(err)
	}
	below := httptest.NewServer(http.StripPrefix("/targets/tuf", httputil.NewSingleHostReverseProxy(inner)))
	t.Cleanup(below.Close)
	r.URL = below.URL + "/targets/tuf"
	ends := future.Add(-time.Hour)
	r.Update(ends)
	p := providerOf(r, "", false, clock)
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	if got := p.Describe().Expires; !got.Equal(ends) {
		t.Errorf("it holds until %v, want %v", got, ends)
	}
}

// Keys that a delegated role signs for end with its metadata; the trust root
// does not.
func TestDelegatedKeysEnd(t *testing.T) {
	t.Parallel()
	ends := future.Add(-24 * time.Hour)
	for _, cached := range []bool{false, true} {
		r, clock, cache := newTUFRepository(t, withKeys(t)), &testClock{noon}, ""
		if cached {
			cache = t.TempDir()
		}
		r.Delegate("keysofnpm", npmHost+"/keys.json", ends)
		for range 2 { // the second finds a cache
			p := providerOf(r, cache, false, clock)
			if err := ask(t, p); err != nil {
				t.Fatal(err)
			}
			if info := p.Describe(); !info.Expires.Equal(ends) {
				t.Errorf("it expires on %v, want %v", info.Expires, ends)
			}
			clock.at = ends
			got, err := p.For(t.Context(), verify.NPM, mustParse(t, "https://"+npmHost+"/"))
			if err != nil || len(got.Keys) != 0 || !strings.Contains(got.KeysError, "ended on "+ends.Format(time.RFC3339)) || got.Generation != 2 {
				t.Errorf("got %d keys, %q, generation %d, %v", len(got.Keys), got.KeysError, got.Generation, err)
			}
			clock.at = noon
		}
	}
}

// Offline, the folder is read anew: another process may have filled it.
func TestRefreshOffline(t *testing.T) {
	t.Parallel()
	r, clock, cache := newTUFRepository(t, withKeys(t)), &testClock{noon}, t.TempDir()
	if err := ask(t, providerOf(r, cache, false, clock)); err != nil {
		t.Fatal(err)
	}
	p := providerOf(r, cache, true, clock)
	if err := ask(t, p); err != nil {
		t.Fatal(err)
	}
	clock.at = future
	if info := p.Refresh(t.Context(), time.Hour); info.Generation != 2 || !strings.Contains(info.RootError, "run once without --offline") || ask(t, p) == nil {
		t.Errorf("got %+v", info)
	}
	r.SetExpires(future.Add(time.Hour))
	asked := r.Requests()
	if err := ask(t, providerOf(r, cache, false, clock)); err != nil || r.Requests() == asked {
		t.Fatal(err)
	}
	clock.at = future.Add(failureKept)
	asked = r.Requests()
	if info := p.Refresh(t.Context(), time.Hour); info.Generation != 3 || ask(t, p) != nil || r.Requests() != asked {
		t.Errorf("got %+v, %d requests", info, r.Requests()-asked)
	}
}

// Files are read again; one that is gone or broken is no trust.
func TestRefreshFiles(t *testing.T) {
	t.Parallel()
	m, fault := Material{Origin: OriginFile, TrustedRoot: []byte(minimalRoot)}, error(nil)
	p := New(Options{Material: m, Reread: func() (Material, error) { return m, fault }})
	if _, err := p.For(t.Context(), verify.PyPI, nil); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		root, want string
		fault      error
	}{{otherRoot, "", nil}, {otherRoot, "gone", errors.New("gone")}, {"{}", "trust root", nil}, {otherRoot, "", nil}} {
		m.TrustedRoot, fault = []byte(step.root), step.fault
		info := p.Refresh(t.Context(), 0)
		_, err := p.For(t.Context(), verify.PyPI, nil)
		if (err == nil) != (step.want == "") || !strings.Contains(info.RootError, step.want) || info.Generation != []int{2, 3, 3, 4}[i] {
			t.Errorf("%d: %+v, %v", i, info, err)
		}
	}
}

// The keys of a registry that vouches for itself are asked for again: what it
// says counts, and where it says nothing, what it said before, for a day.
func TestRefreshOfARegistrysOwnKeys(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	spki2, id2 := newKey(t, elliptic.P256())
	r, clock := newTUFRepository(t, map[string]string{trustedRootTarget: minimalRoot}), &testClock{noon}
	answer, fault := "", error(nil)
	p := providerOf(r, "", false, clock)
	p.options.FetchKeys = func(context.Context, *url.URL) ([]byte, error) { return []byte(answer), fault }
	away := errors.New("connection refused")
	for i, step := range []struct {
		after      time.Duration
		answer     string
		fault      error
		keys       int
		generation int
		stale      bool
	}{
		{0, registryShape(id, spki, "ecdsa-sha2-nistp256", "null"), nil, 2, 1, false},
		{time.Hour, registryShape(id, spki, "ecdsa-sha2-nistp256", "null"), nil, 2, 1, false},
		{2 * time.Hour, registryShape(id2, spki2, "ecdsa-sha2-nistp256", "null"), nil, 2, 2, false},
		{26*time.Hour - time.Second, "", away, 2, 2, true},
		{26 * time.Hour, "", away, 0, 3, false},
		{26*time.Hour + failureKept, registryShape(id, spki, "ecdsa-sha2-nistp256", "null"), nil, 2, 4, false},
		{50 * time.Hour, "", fmt.Errorf("keys: %w", registry.ErrNotFound), 0, 5, false},
		{60 * time.Hour, "{}", nil, 0, 5, false},
	} {
		answer, fault, clock.at = step.answer, step.fault, noon.Add(step.after)
		info := p.Refresh(t.Context(), time.Second)
		got, err := p.For(t.Context(), verify.NPM, mustParse(t, "https://private.example/"))
		if err != nil || len(got.Keys) != step.keys || got.Generation != step.generation || (info.Stale != "") != step.stale {
			t.Errorf("%d: %d keys, generation %d, %v: %+v", i, len(got.Keys), got.Generation, err, info)
		}
	}
}

// The day for which the keys of a registry that is away hold is not made longer by a
// clock that is set back.
func TestKeysAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	r, clock := newTUFRepository(t, map[string]string{trustedRootTarget: minimalRoot}), &testClock{noon}
	fault := error(nil)
	p := providerOf(r, "", false, clock)
	p.options.FetchKeys = func(context.Context, *url.URL) ([]byte, error) {
		return []byte(registryShape(id, spki, "ecdsa-sha2-nistp256", "null")), fault
	}
	for _, step := range []struct {
		after time.Duration
		fault error
		keys  int
	}{{0, nil, 2}, {time.Hour, errors.New("connection refused"), 2}, {-time.Second, errors.New("connection refused"), 0}, {time.Minute, nil, 2}} {
		fault, clock.at = step.fault, noon.Add(step.after)
		p.Refresh(t.Context(), time.Second)
		if got, err := p.For(t.Context(), verify.NPM, mustParse(t, "https://private.example/")); err != nil || len(got.Keys) != step.keys {
			t.Errorf("after %v: %d keys, %v", step.after, len(got.Keys), err)
		}
	}
}
