package goproxy_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
)

// What doctor asks names no module, and a head counts only with its signature.
func TestProbe(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		kind     string
		other    bool   // the settings have another key of the same name
		latest   string // is answered, unless it is ""
		notFound bool   // the proxy does not pass the database on
		want     string // of the database's error
	}{
		"all answers":         {kind: "proxy"},
		"no database there":   {kind: "nodb", notFound: true},
		"another key":         {kind: "proxy", other: true, want: "not signed by the checksum database"},
		"no tree head":        {kind: "proxy", latest: "<html>", want: "found a web page"},
		"a head of no number": {kind: "proxy", latest: "go.sum database tree\n-1\nAA==\n\n— x y\n", want: "not signed by the checksum database"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			settings := w.settings(tt.kind)
			if tt.other {
				_, settings["GOSUMDB"], _ = note.GenerateKey(rand.Reader, strings.TrimPrefix(w.URL, "https://"))
			}
			if tt.latest != "" {
				w.change = func(out http.ResponseWriter, _ *http.Request, _, path string) bool {
					if strings.HasSuffix(path, "latest") {
						_, _ = out.Write([]byte(tt.latest))
						return true
					}
					return false
				}
			}
			r := w.registry(settings, &goproxy.Heads{})
			bases := r.Config().Proxies()
			if len(bases) != 1 {
				t.Fatalf("%d proxies", len(bases))
			}
			if err := r.Probe(t.Context(), bases[0]); errors.Is(err, registry.ErrNotFound) != tt.notFound || err != nil && !tt.notFound {
				t.Errorf("the proxy: %v", err)
			}
			records, at, err := r.ProbeDatabase(t.Context())
			switch {
			case tt.want != "":
				if err == nil || !strings.Contains(err.Error(), tt.want) || records != 0 {
					t.Errorf("%d records, %v, want %q", records, err, tt.want)
				}
			case err != nil || records < 300 || !strings.HasPrefix(string(at), w.URL):
				t.Errorf("%d records at %q, %v", records, at, err)
			}
			for _, asked := range w.take() {
				if strings.Contains(asked, "example.com") || strings.Contains(asked, "lookup") {
					t.Errorf("asked for %q", asked)
				}
			}
		})
	}
}

// Settings are shown as they are in force, without credentials.
func TestSettingsAreShown(t *testing.T) {
	t.Parallel()
	c := goproxy.Load(goproxy.Sources{
		Getenv: func(name string) string {
			return map[string]string{"GOENV": "off", "GOPROXY": "https://u:hunter2@a.example/x|b.example,off", "GOSUMDB": "bad", "GOPRIVATE": "*.corp.example", "GOAUTH": "off"}[name]
		},
		GoEnv: func(...string) (map[string]string, error) { return nil, errors.New("no go command") },
	})
	got := map[string]registry.Setting{}
	for _, s := range c.Settings() {
		got[s.Name] = s
		if strings.Contains(s.Value+s.Why+s.From, "hunter2") {
			t.Errorf("credentials in %+v", s)
		}
	}
	if s := got["GOPROXY"]; s.Value != "https://a.example/x/|https://b.example/,off" || !s.Credentials || s.From != "GOPROXY" {
		t.Errorf("%+v", s)
	}
	if s := got["GOSUMDB"]; !strings.Contains(s.Value, "expected the name of the public database") {
		t.Errorf("%+v", s)
	}
	if s := got["GONOSUMDB"]; s.Value != "*.corp.example" || s.From != "GOPRIVATE" {
		t.Errorf("%+v", s)
	}
}
