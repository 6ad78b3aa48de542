package trust

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/theupdateframework/go-tuf/v2/metadata"
	"github.com/theupdateframework/go-tuf/v2/metadata/trustedmetadata"
	"golang.org/x/crypto/ssh"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
)

func newKey(t testing.TB, curve elliptic.Curve) (spki, id string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	wire, err := ssh.NewPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der), ssh.FingerprintSHA256(wire)
}

func tufShape(id, usage, spki, details, validFor string) string {
	return fmt.Sprintf(`{"keys":[{"keyId":%q,"keyUsage":%q,"publicKey":{"rawBytes":%q,"keyDetails":%q,"validFor":{%s}}}]}`,
		id, usage, spki, details, validFor)
}

func registryShape(id, spki, scheme, expires string) string {
	return fmt.Sprintf(`{"keys":[{"expires":%s,"keyid":%q,"keytype":%q,"scheme":%q,"key":%q}]}`, expires, id, scheme, scheme, spki)
}

// element is the one key of such a file.
func element(file string) string {
	return strings.TrimSuffix(strings.TrimPrefix(file, `{"keys":[`), "]}")
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	const p256, ssh256 = "PKIX_ECDSA_P256_SHA_256", "ecdsa-sha2-nistp256"
	spki, id := newKey(t, elliptic.P256())
	_, otherID := newKey(t, elliptic.P256())
	big, bigID := newKey(t, elliptic.P384())
	for _, tc := range []struct {
		name, in, wantErr string
		wantKeys          int
	}{
		{"TUF shape", tufShape(id, verify.UsageSignatures, spki, p256, `"start":"1999-01-01T00:00:00.000Z"`), "", 1},
		{"TUF shape with an end", tufShape(id, verify.UsageSignatures, spki, p256, `"start":"1999-01-01T00:00:00.000Z","end":"2025-01-29T00:00:00.000Z"`), "", 1},
		{"registry shape serves both usages", registryShape(id, spki, ssh256, "null"), "", 2},
		{"registry shape with an end", registryShape(id, spki, ssh256, `"2025-01-29T00:00:00.000Z"`), "", 2},
		{"byte order mark", "\ufeff" + registryShape(id, spki, ssh256, "null"), "", 2},
		{"private registry's own label", registryShape("key-1", spki, ssh256, "null"), "", 2},
		{"label of another key", tufShape(otherID, verify.UsageSignatures, spki, p256, ""), "labelled", 0},
		{"label of another key, registry shape", registryShape(otherID, spki, ssh256, "null"), "labelled", 0},
		{"P-384", tufShape(bigID, verify.UsageSignatures, big, p256, ""), "expected an ECDSA P-256 key", 0},
		{"unknown scheme", registryShape(id, spki, "rsa", "null"), "expected an ECDSA P-256 key", 0},
		{"not a key", tufShape(id, verify.UsageSignatures, "AAAA", p256, ""), "PKIX", 0},
		{"no keys", `{"keys":[]}`, "expected 1 to", 0},
		{"a second that is not a key", `{"keys":[` + element(registryShape(id, spki, ssh256, "null")) + "," + element(registryShape(id, "AAAA", ssh256, "null")) + "]}", `keys: key 2 ("` + id + `"): expected a PKIX public key`, 0},
		{"a second with another's label", `{"keys":[` + element(registryShape(id, spki, ssh256, "null")) + "," + element(registryShape(otherID, spki, ssh256, "null")) + "]}", "keys: key 2: the key is labelled", 0},
		{"not an object", `[]`, "expected a JSON object", 0},
		{"not JSON", `<html>`, "expected a JSON object", 0},
		{"empty", ``, "expected a JSON object", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			keys, err := ParseKeys([]byte(tc.in), "test")
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Fatalf("got %v, want an error with %q", err, tc.wantErr)
				}
				return
			}
			if err != nil || len(keys) != tc.wantKeys {
				t.Fatalf("got %d keys, %v", len(keys), err)
			}
			for _, key := range keys {
				if key.ID != id && key.ID != "key-1" {
					t.Errorf("key id %q, want %q", key.ID, id)
				}
				if strings.Contains(tc.name, "end") != !key.End.IsZero() {
					t.Errorf("end %v", key.End)
				}
			}
		})
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	one := registryShape(id, spki, "ecdsa-sha2-nistp256", "null")
	many := func(n int) string { return `{"keys":[` + strings.Repeat(element(one)+",", n-1) + element(one) + "]}" }
	padded := func(s string, size int) string { return s + strings.Repeat(" ", size-len(s)) }
	root := func(s string) error { _, err := ParseRoot([]byte(s)); return err }
	keys := func(s string) error { _, err := ParseKeys([]byte(s), "test"); return err }
	const tooLarge = "too large: more than 8388608 bytes"
	for name, tc := range map[string]struct {
		parse    func(string) error
		in, want string
	}{
		"a root of the largest size": {root, padded(minimalRoot, untrusted.MaxTrustFile), ""},
		"a root one byte larger":     {root, padded(minimalRoot, untrusted.MaxTrustFile+1), tooLarge},
		"keys of the largest size":   {keys, padded(one, untrusted.MaxTrustFile), ""},
		"keys one byte larger":       {keys, padded(one, untrusted.MaxTrustFile+1), tooLarge},
		"as many keys as may be":     {keys, many(maxKeys), ""},
		"one key more":               {keys, many(maxKeys + 1), "expected 1 to 256 keys, found 257"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := tc.parse(tc.in); (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func realTrust(t testing.TB, name string) []byte {
	t.Helper()
	data := testfiles.Read(t, testfiles.Shared(t, "realworld", "trust"), name)
	return data
}

func TestRealTrust(t *testing.T) {
	t.Parallel()
	keys, err := ParseKeys(realTrust(t, "npm-keys.json"), "test")
	if err != nil || len(keys) != 4 {
		t.Fatalf("got %d keys, %v; want 4", len(keys), err)
	}
	trusted, err := ParseRoot(realTrust(t, "trusted_root.json"))
	if err != nil || len(trusted.RekorLogs()) == 0 {
		t.Fatalf("got %v, %v", trusted, err)
	}
}

// fakeTargets is a TUF repository in memory.
type fakeTargets map[string][]byte

func (f fakeTargets) open() *repository {
	return &repository{
		get: func(name string) ([]byte, error) {
			if data, ok := f[name]; ok {
				return data, nil
			}
			return nil, fmt.Errorf("target %s not found", name)
		},
		now: time.Now, fetched: &fetcher{}, got: map[string][]byte{},
		trusted: func() trustedmetadata.TrustedMetadata {
			later := time.Now().Add(time.Hour)
			return trustedmetadata.TrustedMetadata{
				Root: metadata.Root(later), Timestamp: metadata.Timestamp(later), Snapshot: metadata.Snapshot(later),
				Targets: map[string]*metadata.Metadata[metadata.TargetsType]{metadata.TARGETS: metadata.Targets(later)},
			}
		},
	}
}

const minimalRoot = `{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`

func provider(files fakeTargets, fetch func(context.Context, *url.URL) ([]byte, error)) *Provider {
	p := New(Options{TUF: &TUF{Mirror: "https://tuf.example"}, FetchKeys: fetch})
	p.repository = files.open()
	return p
}

// Editors put a byte order mark before a file.
func TestParseRootWithAMark(t *testing.T) {
	t.Parallel()
	if _, err := ParseRoot([]byte("\ufeff" + minimalRoot)); err != nil {
		t.Error(err)
	}
	if _, err := ParseRoot([]byte("\ufeff\ufeff" + minimalRoot)); err == nil {
		t.Error("two marks were taken for none")
	}
}

func TestKeysComeFromTUFBeforeTheRegistry(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	registry, _ := url.Parse("https://npm.example/")
	served := func(context.Context, *url.URL) ([]byte, error) {
		return []byte(registryShape(id, spki, "ecdsa-sha2-nistp256", "null")), nil
	}
	refused := func(context.Context, *url.URL) ([]byte, error) { return nil, errors.New("refused") }
	tuf := tufShape(id, verify.UsageSignatures, spki, "PKIX_ECDSA_P256_SHA_256", "")
	for _, tc := range []struct {
		name    string
		files   fakeTargets
		fetch   func(context.Context, *url.URL) ([]byte, error)
		weak    bool
		keys    int
		wantErr string
	}{
		{"target", fakeTargets{trustedRootTarget: []byte(minimalRoot), "npm.example/keys.json": []byte(tuf)}, refused, false, 1, ""},
		{"no target: the registry itself, weaker", fakeTargets{trustedRootTarget: []byte(minimalRoot)}, served, true, 2, ""},
		{"no target and no answer", fakeTargets{trustedRootTarget: []byte(minimalRoot)}, refused, false, 0, "refused"},
		{"a broken target does not fall back", fakeTargets{trustedRootTarget: []byte(minimalRoot), "npm.example/keys.json": []byte("{}")}, served, false, 0, "expected 1 to"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := provider(tc.files, tc.fetch).For(t.Context(), verify.NPM, registry)
			if err != nil || len(got.Keys) != tc.keys || !strings.Contains(got.KeysError, tc.wantErr) || (tc.wantErr == "") != (got.KeysError == "") {
				t.Fatalf("got %d keys, %q, %v", len(got.Keys), got.KeysError, err)
			}
			for _, key := range got.Keys {
				if key.Weak != tc.weak {
					t.Errorf("weak %v, want %v", key.Weak, tc.weak)
				}
			}
		})
	}
}

// Two registries on one host are two registries: the keys that one serves are
// not used for the other.
func TestKeysOfOneBaseAreNotAnothers(t *testing.T) {
	t.Parallel()
	first, firstID := newKey(t, elliptic.P256())
	second, secondID := newKey(t, elliptic.P256())
	asked := 0
	p := provider(fakeTargets{trustedRootTarget: []byte(minimalRoot)}, func(_ context.Context, base *url.URL) ([]byte, error) {
		asked++
		if strings.HasPrefix(base.Path, "/first") {
			return []byte(registryShape(firstID, first, "ecdsa-sha2-nistp256", "null")), nil
		}
		return []byte(registryShape(secondID, second, "ecdsa-sha2-nistp256", "null")), nil
	})
	for _, tc := range []struct{ base, id string }{
		{"https://npm.example/first/", firstID}, {"https://npm.example/second/", secondID},
		{"https://npm.example/first", firstID}, {"http://npm.example/first/", firstID}, {"https://npm.example/", secondID}, {"https://npm.example:8443/second/", secondID},
	} {
		base, err := url.Parse(tc.base)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.For(t.Context(), verify.NPM, base)
		if err != nil || len(got.Keys) != 2 || got.Keys[0].ID != tc.id {
			t.Errorf("%s: %v, %v", tc.base, got.Keys, err)
		}
	}
	if asked != 5 {
		t.Errorf("asked %d times, want once for each of 5 registries", asked)
	}
	var names []string
	for _, set := range p.Describe().KeySets {
		names = append(names, set.Registry)
	}
	if got := strings.Join(names, " "); got != "http://npm.example/first npm.example npm.example/first npm.example/second npm.example:8443/second" {
		t.Errorf("described as %s", got)
	}
}

func TestNoTrustRootIsAnError(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		p    *Provider
		want string
	}{
		{"nothing given, no network", New(Options{}), "no Sigstore trust root"},
		{"not a root", New(Options{Material: Material{TrustedRoot: []byte("{}")}}), "trust root"},
		{"TUF has none", provider(fakeTargets{}, nil), "not found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for range 2 { // the second answer must not be an empty success
				got, err := tc.p.For(t.Context(), verify.PyPI, nil)
				if err == nil || !strings.Contains(err.Error(), tc.want) || got.Root != nil {
					t.Errorf("got %+v, %v", got, err)
				}
			}
		})
	}
}

func TestFilesNeedNoNetwork(t *testing.T) {
	t.Parallel()
	spki, id := newKey(t, elliptic.P256())
	p := New(Options{Material: Material{
		Origin: OriginFile, TrustedRoot: []byte(minimalRoot), RootName: "root.json", KeysName: "keys.json",
		NPMKeys: []byte(tufShape(id, verify.UsageSignatures, spki, "PKIX_ECDSA_P256_SHA_256", "")),
	}})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			got, err := p.For(t.Context(), verify.NPM, nil)
			if err != nil || len(got.Keys) != 1 || got.Keys[0].Source != "keys.json" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	group.Wait()
	if info := p.Describe(); info.Origin != OriginFile || info.Root != "root.json" || len(info.RootSHA256) != 64 || info.Demo {
		t.Errorf("got %+v", info)
	}
}

func TestForGivesUpWithItsContext(t *testing.T) {
	t.Parallel()
	hanging := make(chan struct{})
	defer close(hanging)
	p := provider(fakeTargets{trustedRootTarget: []byte(minimalRoot)}, func(context.Context, *url.URL) ([]byte, error) {
		<-hanging
		return nil, errors.New("late")
	})
	registry, _ := url.Parse("https://npm.example/")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.For(ctx, verify.NPM, registry); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A panic on the way to the trust is an error of whoever asked, again and
// again, and its stack is in the log only.
func TestPanicWhileLoading(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := New(Options{TUF: &TUF{Mirror: "https://tuf.example"}, Log: slog.New(slog.NewJSONHandler(&log, nil)),
		FetchKeys: func(context.Context, *url.URL) ([]byte, error) { panic("boom") }})
	p.repository = fakeTargets{trustedRootTarget: []byte(minimalRoot)}.open()
	registry, _ := url.Parse("https://npm.example/")
	for range 2 {
		got, err := p.For(t.Context(), verify.NPM, registry)
		if err == nil || got.Root != nil || err.Error() != "internal error while loading the trust: boom" {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	if n := strings.Count(log.String(), `"stack":"goroutine`); n != 2 {
		t.Errorf("the log holds %d stacks: %s", n, log.String())
	}
	if got, err := p.For(t.Context(), verify.PyPI, nil); err != nil || got.Root == nil {
		t.Errorf("others are affected: %+v, %v", got, err)
	}
}

func TestDescribeBeforeAnythingIsLoaded(t *testing.T) {
	t.Parallel()
	if got := New(Options{}).Describe(); got.Origin != OriginNone {
		t.Errorf("got %+v", got)
	}
	if got := New(Options{TUF: &TUF{}}).Describe(); got.Origin != OriginTUF || !strings.Contains(got.Root, "TUF") {
		t.Errorf("got %+v", got)
	}
	for want, options := range map[string]Options{
		"none":                               {},
		"the public-good Sigstore, by TUF":   {TUF: &TUF{}},
		"TUF repository https://tuf.example": {TUF: &TUF{Mirror: "https://tuf.example"}},
		"keys.json":                          {TUF: &TUF{}, Material: Material{NPMKeys: []byte("{}"), KeysName: "keys.json"}},
	} {
		if got := New(options).Describe(); got.Keys != want {
			t.Errorf("the keys come from %q, want %q", got.Keys, want)
		}
	}
	if _, err := json.Marshal(New(Options{}).Describe()); err != nil {
		t.Error(err)
	}
}

// While something is being loaded, Describe says what is known and waits for
// nothing; afterwards it says which keys there are, and why others are not.
func TestDescribeWhileLoading(t *testing.T) {
	t.Parallel()
	asked, answer := make(chan struct{}), make(chan struct{})
	p := provider(fakeTargets{trustedRootTarget: []byte(minimalRoot)}, func(context.Context, *url.URL) ([]byte, error) {
		close(asked)
		<-answer
		return nil, errors.New("refused\x1b[2J")
	})
	if info := p.Describe(); info.Loading || info.RootSHA256 != "" || info.RootError != "" || len(info.KeySets) != 0 {
		t.Errorf("before: %+v", info)
	}
	if _, err := p.For(t.Context(), verify.PyPI, nil); err != nil {
		t.Fatal(err)
	}
	registry, _ := url.Parse("https://npm.example/")
	done := make(chan error, 1)
	go func() {
		_, err := p.For(t.Context(), verify.NPM, registry)
		done <- err
	}()
	<-asked
	if info := p.Describe(); !info.Loading || len(info.RootSHA256) != 64 {
		t.Errorf("while loading: %+v", info)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	info := p.Describe()
	if info.Loading || len(info.KeySets) != 1 || info.KeySets[0].Registry != "npm.example" || info.KeySets[0].Count != 0 ||
		!strings.Contains(info.KeySets[0].Error, `refused\x1b[2J`) {
		t.Errorf("after: %+v", info)
	}
}

func TestDescribeSaysWhyThereIsNoRoot(t *testing.T) {
	t.Parallel()
	p := New(Options{})
	if _, err := p.For(t.Context(), verify.PyPI, nil); err == nil {
		t.Fatal("there is a root")
	}
	if info := p.Describe(); !strings.Contains(info.RootError, "there is no Sigstore trust root") || info.RootSHA256 != "" {
		t.Errorf("got %+v", info)
	}
}
