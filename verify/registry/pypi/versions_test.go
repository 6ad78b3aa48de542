package pypi

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/testdata/seeds"
	"plimsoll/verify/registry"
)

func TestVersionsOfTheProject(t *testing.T) {
	t.Parallel()
	f := serve(t, map[string]answer{"/simple/foo-bar/": ok(pageJSON("Foo.Bar",
		entry("foo_bar-1.10-py3-none-any.whl", `,"provenance":"/p","upload-time":"2025-03-01T00:00:00.5Z"`),
		entry("foo_bar-1.10.0.tar.gz", `,"upload-time":"2025-02-01T00:00:00Z","yanked":"broken"`),
		entry("foo_bar-1.9.tar.gz", `,"provenance":null,"yanked":true,"upload-time":7`),
		entry("foo_bar-2.0rc1.tar.gz", `,"provenance":"/p"`),
		entry("foo_bar-1!0.1.tar.gz", ""),
		entry("foo_bar-1.9.egg", ""), entry("other-1.0.tar.gz", ""), entry("foo_bar-2004d.tar.gz", ""),
		`7`,
	))})
	versions, source, err := New(client(), Config{Indexes: []Index{{URL: f.index}}}).Versions(t.Context(), "foo.bar", nil)
	if err != nil || source.What != "simple index" || len(f.asked) != 1 {
		t.Fatalf("source %+v, asked %q, %v", source, f.asked, err)
	}
	got := ""
	for _, v := range versions {
		uploaded := ""
		if !v.Uploaded.IsZero() {
			uploaded = v.Uploaded.Format("2006-01-02")
		}
		got += fmt.Sprintf("%v files %d attested %d yanked %d %v %s\n", v.Version, v.Files, v.Attested, v.Yanked, v.Reason, uploaded)
	}
	want := `1.9 files 1 attested 0 yanked 1  
1.10 files 2 attested 1 yanked 1 broken 2025-02-01
2.0rc1 files 1 attested 1 yanked 0  
1!0.1 files 1 attested 0 yanked 0  
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestVersionsOfWrongAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer answer
		want   string
	}{
		{"404", answer{404, ""}, "no project"},
		{"another project", ok(pageJSON("bar")), "found the one of"},
		{"another version of the index", ok(`{"meta":{"api-version":"2.0"},"name":"foo","files":[]}`), "api-version"},
		{"files as an object", ok(`{"meta":{"api-version":"1.0"},"name":"foo","files":{}}`), "simple index"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := serve(t, map[string]answer{"/simple/foo/": tt.answer})
			versions, _, err := New(client(), Config{Indexes: []Index{{URL: f.index}}}).Versions(t.Context(), "foo", nil)
			if err == nil || !strings.Contains(err.Error(), tt.want) || len(versions) != 0 {
				t.Errorf("%d versions, %v; want an error with %q", len(versions), err, tt.want)
			}
			if errors.Is(err, registry.ErrVersionNotFound) != (tt.answer.status == 404) {
				t.Errorf("%v", err)
			}
		})
	}
	if _, _, err := New(client(), Config{}).Versions(t.Context(), "../foo", nil); err == nil {
		t.Error("a path was taken for a name")
	}
}

func FuzzDecodeVersions(f *testing.F) {
	f.Add([]byte(pageJSON("foo", entry("foo-1.0.tar.gz", `,"provenance":"/p","yanked":"x"`), entry("foo-1-py3-none-any.whl", ""))))
	for _, data := range seeds.Files(f, seeds.Indexes) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		versions, err := decodeVersions(data, "foo")
		if err != nil && (versions != nil || strings.ContainsAny(err.Error(), "\x1b\n")) {
			t.Fatalf("%d versions, %q", len(versions), err)
		}
		for _, v := range versions {
			if v.Files < 1 || v.Attested > v.Files || v.Yanked > v.Files {
				t.Fatalf("%+v", v)
			}
		}
	})
}
