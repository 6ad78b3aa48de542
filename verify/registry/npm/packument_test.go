package npm

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/testdata/seeds"
	"plimsoll/verify/registry"
)

func TestPublishTime(t *testing.T) {
	t.Parallel()
	manifest := manifestJSON("@s/x", "1.0.0", `,"signatures":[{"keyid":"old","sig":"s"}]`)
	for _, tt := range []struct {
		name      string
		packument answer
		want      string // RFC 3339, or "" and
		wantError string
	}{
		{"there", ok(`{"name":"@s/x","time":{"created":"2020-01-01T00:00:00Z","1.0.0":"2023-02-03T04:05:06.789Z"},"versions":{}}`), "2023-02-03T04:05:06.789Z", ""},
		{"not of this version", ok(`{"name":"@s/x","time":{"1.0.1":"2023-02-03T04:05:06Z"}}`), "", ""},
		{"no times", ok(`{"name":"@s/x","time":null}`), "", ""},
		{"no time", ok(`{"name":"@s/x","time":{"1.0.0":"yesterday"}}`), "", `RFC 3339, found "yesterday"`},
		{"a number", ok(`{"name":"@s/x","time":{"1.0.0":5}}`), "", "RFC 3339, found 5 (a number)"},
		{"an object", ok(`{"name":"@s/x","time":{"1.0.0":{"at":5}}}`), "", `found {"at":5} (an object)`},
		{"null", ok(`{"name":"@s/x","time":{"1.0.0":null}}`), "", ""},
		{"times as a number", ok(`{"name":"@s/x","time":7}`), "", "found 7 (a number)"},
		{"times as a list", ok(`{"name":"@s/x","time":[]}`), "", "found [] (a list)"},
		{"of another package", ok(`{"name":"y","time":{"1.0.0":"2023-02-03T04:05:06Z"}}`), "", "could not be fetched"},
		{"twice", ok(`{"name":"@s/x","time":{"1.0.0":"2023-02-03T04:05:06Z","1.0.0":"2013-02-03T04:05:06Z"}}`), "", "could not be fetched"},
		{"404", answer{404, ""}, "", "could not be fetched"},
		{"400", answer{400, ""}, "", "could not be fetched"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/@s%2fx/1.0.0": ok(manifest), "/@s%2fx": tt.packument})
			e, err := f.fetch("@s/x", "1.0.0", func(id string) bool { return id == "old" }, nil)
			one(t, e, err)
			got := ""
			if !e.PublishTime.IsZero() {
				got = e.PublishTime.Format("2006-01-02T15:04:05.999Z07:00")
			}
			if got != tt.want || !strings.Contains(e.PublishTimeError, tt.wantError) || (tt.wantError == "") != (e.PublishTimeError == "") {
				t.Errorf("got %q and %q", got, e.PublishTimeError)
			}
			if want := []string{"/@s%2fx/1.0.0", "/@s%2fx"}; !slices.Equal(slices.Compact(f.asked), want) {
				t.Errorf("asked %q", f.asked)
			}
		})
	}
	t.Run("not needed", func(t *testing.T) {
		f := serve(t, map[string]answer{"/@s%2fx/1.0.0": ok(manifest)})
		e, err := f.fetch("@s/x", "1.0.0", func(id string) bool { return id != "old" }, nil)
		one(t, e, err)
		if len(f.asked) != 1 || e.PublishTimeError != "" {
			t.Errorf("asked %q, %q", f.asked, e.PublishTimeError)
		}
	})
}

// A private registry that strips the evidence from the version endpoint.
func TestStrippedManifest(t *testing.T) {
	t.Parallel()
	full := manifestJSON("x", "1.0.0", `,"signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"{{BASE}}/a"}`)
	for _, tt := range []struct {
		name      string
		packument answer
		want      string
	}{
		{"in the packument", ok(`{"name":"x","versions":{"0.9.0":{"dist":7},"1.0.0":` + full + `},"time":{"1.0.0":"2023-02-03T04:05:06Z"}}`), ""},
		{"the packument fails", answer{500, ""}, "is not known"},
		{"of another package", ok(`{"name":"y","versions":{"1.0.0":` + full + `}}`), "is not known"},
		{"of another version under its name", ok(`{"name":"x","versions":{"1.0.0":` + strings.Replace(full, `"version":"1.0.0"`, `"version":"2.0.0"`, 1) + `}}`), "is not known"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/x/1.0.0": ok(manifestJSON("x", "1.0.0", "")), "/x": tt.packument, "/a": ok(bundles)})
			e, err := f.private("x", "1.0.0", func(string) bool { return true })
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v: a release without known evidence must not look like one without evidence", err)
				}
				return
			}
			a := one(t, e, err)
			if len(a.Signatures) != 1 || len(a.Attestations) != 2 || e.PublishTime.IsZero() {
				t.Errorf("signatures %v, attestations %d, time %v", a.Signatures, len(a.Attestations), e.PublishTime)
			}
			if want := []string{"/x/1.0.0", "/x", "/a"}; !slices.Equal(f.asked, want) {
				t.Errorf("asked %q, want the packument once", f.asked)
			}
		})
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The public registry serves whole manifests: what they do not hold is not
// there, and a release without evidence costs one request.
func TestPublicRegistryIsNotAskedAgain(t *testing.T) {
	asked := 0
	c := registry.New(registry.Options{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if asked++; asked > 1 {
			return nil, errors.New("a second request")
		}
		return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r,
			Body: io.NopCloser(strings.NewReader(manifestJSON("x", "1.0.0", "")))}, nil
	})})
	e, err := New(c, Config{}).Fetch(context.Background(), release2("x", "1.0.0"), nil, nil)
	if a := one(t, e, err); asked != 1 || a.Missing != "" {
		t.Errorf("%d requests, missing %q", asked, a.Missing)
	}
}

func FuzzDecodeManifest(f *testing.F) {
	f.Add([]byte(manifestJSON("x", "1.0.0", `,"signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"/a"}`)))
	f.Add([]byte(`{"repository":"o/r","license":{"type":"MIT"},"dist":{"shasum":"12"}}`))
	for _, data := range seeds.Files(f, seeds.Manifests) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := decodeManifest(data)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Fatalf("raw bytes in %q", err)
			}
			return
		}
		m.claims()
		if _, digest := m.Dist.integrity(); digest.Hex != "" && len(digest.Hex) != 128 {
			t.Fatalf("digest %q", digest.Hex)
		}
		lastSegment(m.Dist.Tarball)
	})
}

func FuzzDecodePackument(f *testing.F) {
	f.Add([]byte(`{"name":"x","versions":{"1.0.0":{"name":"x","version":"1.0.0","dist":{}}},"time":{"1.0.0":"2023-02-03T04:05:06Z"}}`))
	for _, data := range seeds.Files(f, seeds.Packuments) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decodePackument(data, "x", "1.0.0")
		if err != nil && (p.manifest != nil || !p.published.IsZero()) {
			t.Fatal("an error and a result")
		}
	})
}
