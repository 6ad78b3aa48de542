package cache

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"plimsoll/verify/registry"
)

// get asks a registry for evidence as npm and PyPI do: an answer is usable if it holds
// the word "good".
func get(t *testing.T, transport http.RoundTripper, o *origin, record *[]string) (string, error) {
	t.Helper()
	at, err := url.Parse(o.URL + "/evidence")
	if err != nil {
		t.Fatal(err)
	}
	client := registry.New(registry.Options{Transport: transport, Retries: -1, Record: func(e registry.Exchange) error {
		*record = append(*record, string(e.Body))
		return nil
	}})
	usable := func(body []byte) bool { return strings.Contains(string(body), "good") }
	body, _, err := client.Get(t.Context(), registry.Request{URL: at, Accept: "application/json", Limit: 1000, What: "evidence", Immutable: true, Usable: usable})
	return string(body), err
}

// One bad answer is not kept for a day, and one that was kept is asked for again.
func TestUnusableAnswersAreNotKept(t *testing.T) {
	t.Parallel()
	const good, bad = `{"attestations":["good"]}`, `{"error":"try again"}`
	answers := []string{bad, bad, good, good}
	tag := `"always the same"` // as of a proxy that breaks the body and leaves the header
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, answers[0])
		answers = answers[1:]
	})
	c := &clock{noon}
	transport := open(t, Options{Dir: t.TempDir(), Now: c.now})
	var recorded []string
	for i, want := range []string{bad, bad, good, good} { // the fourth is of the cache
		if got, err := get(t, transport, o, &recorded); err != nil || got != want {
			t.Errorf("%d: got %q, %v", i+1, got, err)
		}
	}
	if o.asked() != 3 || !slices.Equal(recorded, []string{bad, bad, good, good}) {
		t.Errorf("asked %d times, recorded %q", o.asked(), recorded)
	}
}

func TestUnusableEntries(t *testing.T) {
	t.Parallel()
	const good, bad = `{"attestations":["good"]}`, `{"error":"try again"}`
	for _, test := range []struct {
		name    string
		offline bool
		later   bool // the entry is too old to be used without asking: the server confirms it
		asked   int
	}{
		{"used without asking", false, false, 1},
		{"confirmed by the server", false, true, 2},
		{"offline", true, false, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer, c := bad, &clock{noon}
			o := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("ETag", `"1"`)
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(http.StatusNotModified)
					return
				}
				io.WriteString(w, answer)
			})
			dir := t.TempDir()
			if got, _, err := ask(t, open(t, Options{Dir: dir, Now: c.now}), o.URL+"/evidence", "", true); err != nil || got != bad {
				t.Fatalf("got %q, %v", got, err) // kept by a client that judges no answer
			}
			before := o.asked()
			if answer = good; test.later {
				c.at = noon.Add(2 * immutableTTL)
			}
			var recorded []string
			got, err := get(t, open(t, Options{Dir: dir, Now: c.now, Offline: test.offline}), o, &recorded)
			if test.offline {
				if !errors.Is(err, registry.ErrOffline) || len(recorded) != 0 {
					t.Errorf("got %q, %v, recorded %q", got, err, recorded)
				}
			} else if err != nil || got != good || !slices.Equal(recorded, []string{good}) {
				t.Errorf("got %q, %v, recorded %q", got, err, recorded)
			}
			if asked := o.asked() - before; asked != test.asked {
				t.Errorf("asked %d times, want %d", asked, test.asked)
			}
			if temporary, entries := count(t, dir); temporary != 0 || (entries == 0) != test.offline {
				t.Errorf("left %d temporary files, %d entries", temporary, entries)
			}
		})
	}
}

// What is no whole JSON is not kept even if nobody judges it otherwise: its server would
// confirm it for ever.
func TestCutJSONIsNotKept(t *testing.T) {
	t.Parallel()
	whole := `{"versions":{"1.0":{"text":"` + "\xff" + `","text":"twice"}}}`
	for n := range len(whole) + 1 {
		body := whole[:n]
		dir := t.TempDir()
		client := registry.New(registry.Options{Transport: open(t, Options{Dir: dir, Next: network{http.Header{}, func() io.Reader { return strings.NewReader(body) }}})})
		at := &url.URL{Scheme: "https", Host: "registry.example", Path: "/x"}
		client.Get(t.Context(), registry.Request{URL: at, Limit: 1000, What: "manifest"})
		if _, entries := count(t, dir); (entries == 1) != (n == len(whole)) {
			t.Errorf("%q: %d entries", body, entries)
		}
	}
}
