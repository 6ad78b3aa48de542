package npm

import (
	"errors"
	"strings"
	"testing"

	"plimsoll/testdata/seeds"
	"plimsoll/verify/registry"
)

const history = `{"name":"@s/x","readme":{"of":["any",1]},"versions":{
	"1.0.0":{"name":"@s/x","version":"1.0.0","dist":{"signatures":[{"keyid":"k","sig":"s"}]}},
	"1.1.0":{"name":"@s/x","version":"1.1.0","deprecated":"use 2","license":7,"dist":{"signatures":[{"keyid":"k","sig":"s"},{"keyid":"l","sig":"s"}],
		"attestations":{"url":"/a","provenance":{"predicateType":"https://slsa.dev/provenance/v1"}}}},
	"1.2.0":{"name":"@s/x","version":"1.2.0","dist":{"attestations":{}}},
	"1.3.0":{"version":"9.9.9"},
	"1.4.0":{"version":"1.4.0","dist":7},
	"0.0.1":{"version":"0.0.1"}
},"time":{"created":"2020-01-01T00:00:00Z","1.0.0":"2023-02-03T04:05:06.789Z","1.1.0":"yesterday","1.2.0":5}}`

func TestVersions(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/@s%2fx": ok(history)})
	versions, source, err := New(client(), Config{Base: f.url}).Versions(t.Context(), "@s/x", nil)
	if err != nil || len(versions) != 6 || source.What != "packument" || source.Size == 0 {
		t.Fatalf("%d versions, source %+v, %v", len(versions), source, err)
	}
	if len(f.asked) != 1 {
		t.Errorf("asked %q", f.asked)
	}
	first, second := versions[0], versions[1]
	if first.Version != "1.0.0" || first.Signatures != 1 || first.Attested || first.Published.Format("2006-01-02") != "2023-02-03" || first.Deprecated != "" {
		t.Errorf("%+v", first)
	}
	if second.Signatures != 2 || !second.Attested || second.PredicateType != "https://slsa.dev/provenance/v1" || second.Deprecated != "use 2" || !second.Published.IsZero() {
		t.Errorf("%+v", second)
	}
	if v := versions[2]; !v.Attested || v.PredicateType != "" || !v.Published.IsZero() {
		t.Errorf("%+v", v)
	}
	if !strings.Contains(versions[3].Problem, "9.9.9") || versions[4].Problem == "" || versions[5].Problem != "" || versions[5].Attested {
		t.Errorf("%+v", versions[3:])
	}
}

func TestVersionsWrongAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer answer
		want   string
	}{
		{"404", answer{404, ""}, "version not found"},
		{"another package", ok(`{"name":"y","versions":{}}`), "found the one of"},
		{"a list", ok(`[]`), "expected the document"},
		{"versions as a list", ok(`{"name":"@s/x","versions":[]}`), "expected an object"},
		{"a version twice", ok(`{"name":"@s/x","versions":{"1.0.0":{},"1.0.0":{}}}`), "twice"},
		{"cut short", ok(history[:len(history)/2]), "expected the document"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/@s%2fx": tt.answer})
			versions, _, err := New(client(), Config{Base: f.url}).Versions(t.Context(), "@s/x", nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || len(versions) != 0 {
				t.Errorf("%d versions, %v; want an error with %q", len(versions), err, tt.want)
			}
			if errors.Is(err, registry.ErrVersionNotFound) != (tt.answer.status == 404) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, _, err := New(client(), Config{}).Versions(t.Context(), "../x", nil); err == nil {
		t.Error("a path was taken for a name")
	}
}

func FuzzDecodeVersions(f *testing.F) {
	f.Add([]byte(history))
	for _, data := range seeds.Files(f, seeds.Packuments) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		versions, err := decodeVersions(data, "@s/x")
		if err != nil && (versions != nil || strings.ContainsAny(err.Error(), "\x1b\n")) {
			t.Fatalf("%d versions, %q", len(versions), err)
		}
		for _, v := range versions {
			if v.Problem != "" && (v.Attested || v.Signatures > 0) {
				t.Fatalf("%+v", v)
			}
		}
	})
}
