package demo

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"

	"gopkg.in/yaml.v3"
)

type spec struct {
	Metadata struct{ Name, Protocol string }
	Spec     struct{ Package, Version string }
	Plimsoll struct{ Expect string } `yaml:"x-plimsoll"`
}

// specs decodes every spec of the demo but the broken ones, by the path as
// the demo shows it.
func specs(t *testing.T) map[string]spec {
	t.Helper()
	all := map[string]spec{}
	for _, c := range Catalogs() {
		err := fs.WalkDir(c.FS, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(c.FS, name)
			if err != nil {
				return err
			}
			full := c.Name + "/" + name
			var s spec
			err = yaml.Unmarshal(data, &s)
			if _, ok := broken[full]; ok {
				if err == nil && s.Spec.Version != "" {
					t.Errorf("%s: is said to be broken and is not", full)
				}
				return nil
			}
			if err != nil {
				t.Errorf("%s: %v", full, err)
			}
			all[full] = s
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func TestSpecs(t *testing.T) {
	t.Parallel()
	statuses := []string{"invalid", "unchecked", "mismatch", "partial", "verified", "signed", "none"}
	seen := map[string]int{}
	attacks := 0
	for name, s := range specs(t) {
		if !slices.Contains(statuses, s.Plimsoll.Expect) {
			t.Errorf("%s: expects the status %q", name, s.Plimsoll.Expect)
		}
		parts := strings.Split(name, "/")
		if len(parts) != 4 || parts[1] != s.Metadata.Protocol || parts[3] != "spec.yaml" {
			t.Errorf("%s: lies elsewhere than its protocol %q says", name, s.Metadata.Protocol)
		}
		if s.Spec.Package == "" || s.Spec.Version == "" || s.Metadata.Name == "" {
			t.Errorf("%s: name, package or version is missing", name)
		}
		if parts[0] == "attacks" {
			attacks++
			seen[s.Plimsoll.Expect]++
		}
	}
	if attacks < 30 {
		t.Errorf("expected at least 30 attacks, found %d", attacks)
	}
	for _, status := range statuses {
		if seen[status] == 0 {
			t.Errorf("no attack has the status %q", status)
		}
	}
}

// TestDockyard holds what was measured in October 2025.
func TestDockyard(t *testing.T) {
	t.Parallel()
	got := map[string]int{}
	for name, s := range specs(t) {
		if strings.HasPrefix(name, "dockyard/") {
			got[s.Metadata.Protocol+" "+s.Plimsoll.Expect]++
		}
	}
	want := map[string]int{"npx signed": 16, "npx verified": 1, "uvx verified": 3, "uvx none": 9}
	for what, n := range want {
		if got[what] != n {
			t.Errorf("%s: expected %d, found %d", what, n, got[what])
		}
	}
	if len(got) != len(want) {
		t.Errorf("expected %v, found %v", want, got)
	}
}

// TestEveryPackageHasAStory holds that a reader learns from the spec what is
// wrong and what must be seen.
func TestEveryPackageHasAStory(t *testing.T) {
	t.Parallel()
	base, head := Review()
	for _, c := range append(Catalogs(), Catalog{"review/base", base}, Catalog{"review/head", head}) {
		files, err := fs.Glob(c.FS, "*/*/spec.yaml")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: no specs (%v)", c.Name, err)
		}
		for _, name := range files {
			data, err := fs.ReadFile(c.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			if first, _, _ := strings.Cut(string(data), "\n"); len(first) < 20 || !strings.HasPrefix(first, "# ") {
				t.Errorf("%s/%s: begins with %q, expected a comment", c.Name, name, first)
			}
			if strings.ContainsAny(string(data), "\x1b\x07\r\u202e\u200b") {
				t.Errorf("%s/%s: holds a raw control character", c.Name, name)
			}
		}
	}
}

func TestRecordingIsComplete(t *testing.T) {
	t.Parallel()
	data, err := fs.ReadFile(Recording(), "recording.json")
	if err != nil {
		t.Fatal(err)
	}
	var index struct {
		Recorded  time.Time
		Responses []struct{ URL, Body string }
	}
	if err := json.Unmarshal(data, &index); err != nil {
		t.Fatal(err)
	}
	if !index.Recorded.Equal(Recorded) {
		t.Errorf("the registries were asked at %v, and Recorded is %v", index.Recorded, Recorded)
	}
	listed := map[string]bool{}
	for _, r := range index.Responses {
		if r.Body == "" { // of an answer that has none
			continue
		}
		listed[r.Body] = true
		if _, err := fs.Stat(Recording(), r.Body); err != nil {
			t.Errorf("%s: %v", r.URL, err)
		}
	}
	for _, name := range []string{"trusted_root.json", "npm-keys.json"} {
		if _, err := fs.Stat(Recording(), name); err != nil {
			t.Error(err)
		}
	}
	err = fs.WalkDir(Recording(), "bodies", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !listed[name] {
			t.Errorf("%s: no response of the recording needs it", name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// broken are the specs that cannot be read, on purpose, with what is wrong. What
// is expected of them they cannot say themselves.
var broken = map[string]string{
	"attacks/npx/broken-yaml/spec.yaml":     "expected YAML",
	"attacks/uvx/version-missing/spec.yaml": "spec.version: expected a value",
}

func TestBrokenSpecs(t *testing.T) {
	t.Parallel()
	found := 0
	for _, c := range Catalogs() {
		specs, err := catalog.Load(t.Context(), catalog.Source{Name: c.Name, FS: c.FS})
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs {
			if spec.Err == nil {
				continue
			}
			found++
			if reason := broken[string(spec.Path)]; reason == "" || !strings.Contains(spec.Err.Message, reason) {
				t.Errorf("%v, want %q", spec.Err, reason)
			}
		}
	}
	if found != len(broken) {
		t.Errorf("%d specs cannot be read, want %d", found, len(broken))
	}
}
