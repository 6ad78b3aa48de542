package scan_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/cache"
)

// breaking are the demo's registries, with a tag on every answer that is the whole
// one's, and something on the way that breaks answers and leaves the tag.
type breaking struct {
	t      *testing.T
	answer func(*http.Request) (int, string, []byte, bool)

	mu     sync.Mutex
	damage func(path string, body []byte) []byte // nil for none
}

func (b *breaking) set(damage func(string, []byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.damage = damage
}

func (b *breaking) RoundTrip(req *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := httptest.NewRecorder()
	status, contentType, body, ok := b.answer(req)
	switch tag := fmt.Sprintf("%q", req.URL.Path); {
	case !ok:
		http.NotFound(w, req)
	case req.Header.Get("If-None-Match") == tag:
		w.WriteHeader(http.StatusNotModified)
	default:
		if b.damage != nil && status == http.StatusOK {
			body = b.damage(req.URL.Path, bytes.Clone(body))
		}
		w.Header().Set("ETag", tag)
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write(body)
	}
	resp := w.Result()
	resp.Request = req
	return resp, nil
}

// Whatever broke an answer on its way into the cache, the next run says what the
// registry has; and nobody is told meanwhile that something holds which does not.
func TestBrokenAnswersAreNotKept(t *testing.T) {
	t.Parallel()
	bits := 60
	if hostile.Sample(t) {
		bits = 4
	}
	wanted := []string{"dockyard/npx/mcp-jetbrains", "dockyard/uvx/mcp-clickhouse", "attacks/go/honest-package"}
	specs := slices.DeleteFunc(lab.Specs(t), func(s catalog.Spec) bool { return !slices.Contains(wanted, path.Dir(string(s.Path))) })
	answers, material := lab.Recording(t)
	evidence := func(path string) bool {
		return strings.Contains(path, "/attestations/") || strings.HasPrefix(path, "/integrity/") || strings.HasPrefix(path, "/go/")
	}
	faults := map[string]func(string, []byte) []byte{}
	for _, at := range []float64{0, 0.01, 0.3, 0.9, 0.999} {
		cut := func(_ string, body []byte) []byte { return body[:int(float64(len(body))*at)] }
		faults[fmt.Sprintf("everything cut at %v", at)] = cut
		faults[fmt.Sprintf("evidence cut at %v", at)] = func(path string, body []byte) []byte {
			if evidence(path) {
				return cut(path, body)
			}
			return body
		}
	}
	for _, text := range []string{"", "{}", "[]", "null", `{"error":"try again"}`, `{"attestations":[]}`, `{"attestations":[{}]}`,
		`{"version":1,"attestation_bundles":[]}`, `{"version":1,"attestation_bundles":[]}x`, "<html>", "Bad gateway", "\x00\x00"} {
		faults[fmt.Sprintf("in the place of evidence, %q", text)] = func(path string, body []byte) []byte {
			if evidence(path) {
				return []byte(text)
			}
			return body
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range bits {
		at := random.IntN(1 << 30)
		faults[fmt.Sprintf("bit %d of the evidence", at)] = func(path string, body []byte) []byte {
			if evidence(path) {
				body[at/8%len(body)] ^= 1 << (at % 8)
			}
			return body
		}
	}
	b := &breaking{t: t, answer: func(r *http.Request) (int, string, []byte, bool) {
		r = r.Clone(r.Context())
		r.Host = r.URL.Host
		r.TLS = httptest.NewRequest(http.MethodGet, "https://x.example/", nil).TLS
		return lab.Answer(answers, r)
	}}
	check := func(dir string) (all []verify.Status) {
		kept, err := cache.New(cache.Options{Dir: dir, Next: b})
		if err != nil {
			t.Fatal(err)
		}
		from := lab.Asked(t, registry.Options{Transport: kept, Retries: -1}, "https://r.example/", "https://r.example/simple/", material)
		for _, report := range lab.Check(t, specs, from, false) {
			all = append(all, report.Status)
		}
		return all
	}
	healthy := check(t.TempDir())
	for name, damage := range faults {
		dir := t.TempDir()
		b.set(damage)
		for i, status := range check(dir) {
			if status.Holds() && status != healthy[i] {
				t.Errorf("%s: %s is %v, and %v of whole answers", name, specs[i].Path, status, healthy[i])
			}
		}
		b.set(nil)
		if after := check(dir); fmt.Sprint(after) != fmt.Sprint(healthy) {
			t.Errorf("%s: then %v, want %v", name, after, healthy)
		}
	}
	t.Logf("%d faults, %v of whole answers", len(faults), healthy)
}
