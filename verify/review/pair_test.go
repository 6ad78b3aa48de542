package review

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// specs loads a catalog that holds a spec under each path: "package@version",
// what follows a blank being appended to the file.
func specs(t *testing.T, paths map[string]string) []catalog.Spec {
	t.Helper()
	fsys := fstest.MapFS{"npx": {Mode: 0o755 | 1<<31}, "uvx": {Mode: 0o755 | 1<<31}}
	for path, text := range paths {
		protocol, _, _ := strings.Cut(path, "/")
		fsys[path+"/spec.yaml"] = &fstest.MapFile{Data: []byte(specText(protocol, text))}
	}
	found, err := catalog.Load(t.Context(), catalog.Source{FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// specText is a spec of "package@version rest".
func specText(protocol, text string) string {
	if text == "unreadable" {
		return "{"
	}
	head, rest, _ := strings.Cut(text, " ")
	at := strings.LastIndexByte(head, '@')
	name, server := head[:at], ""
	if i := strings.IndexByte(name, ':'); i > 0 {
		server, name = name[:i], name[i+1:]
	}
	text = fmt.Sprintf("spec:\n  package: %q\n  version: %q\n%s\n", name, head[at+1:], rest)
	if server == "" {
		return "metadata: {name: server, protocol: " + protocol + "}\n" + text
	}
	return "metadata: {name: " + server + ", protocol: " + protocol + "}\n" + text
}

func TestPair(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		base, head map[string]string
		want       []string // "kind path <from"
	}{
		{"nothing differs", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0"}, nil},
		{"added", nil, map[string]string{"npx/a": "a:x@1.0.0"}, []string{"added npx/a"}},
		{"removed", map[string]string{"npx/a": "a:x@1.0.0"}, nil, []string{"removed npx/a"}},
		{"edited", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0 # word"}, []string{"edited npx/a"}},
		{"bumped", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.1"}, []string{"bumped npx/a"}},
		{"replaced", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:y@1.0.0"}, []string{"replaced npx/a"}},
		{"another case is another npm package", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:X@1.0.0"},
			[]string{"replaced npx/a"}},
		{"two changes, by path", map[string]string{"npx/b": "b:y@1.0.0", "npx/a": "a:x@1.0.0"},
			map[string]string{"npx/b": "b:y@1.0.1", "npx/a": "a:x@1.0.1"},
			[]string{"bumped npx/a", "bumped npx/b"}},

		{"PyPI name in another spelling", map[string]string{"uvx/a": "a:Foo_Bar@1.0"}, map[string]string{"uvx/a": "a:foo-bar@1.0"},
			[]string{"edited uvx/a"}},
		{"PyPI version in another spelling", map[string]string{"uvx/a": "a:x@1.0"}, map[string]string{"uvx/a": "a:x@1.0.0"},
			[]string{"edited uvx/a"}},
		{"PyPI pre-release in another spelling", map[string]string{"uvx/a": "a:x@1.0rc1"},
			map[string]string{"uvx/a": "a:x@1.0.RC1"}, []string{"edited uvx/a"}},
		{"PyPI local version is another", map[string]string{"uvx/a": "a:x@1.0"}, map[string]string{"uvx/a": "a:x@1.0+1"},
			[]string{"bumped uvx/a"}},
		{"npm build metadata is another", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0+1"},
			[]string{"bumped npx/a"}},

		{"Go, another version", map[string]string{"go/a": "a:github.com/x/y@v1.0.0"}, map[string]string{"go/a": "a:github.com/x/y@v1.0.1"},
			[]string{"bumped go/a"}},
		{"Go, the path of the next major version", map[string]string{"go/a": "a:github.com/x/y@v1.0.0"}, map[string]string{"go/a": "a:github.com/x/y/v2@v2.0.0"},
			[]string{"bumped go/a"}},
		{"Go, the next major version of a command", map[string]string{"go/a": "a:github.com/x/y/v2/cmd/z@v2.1.0"},
			map[string]string{"go/a": "a:github.com/x/y/v3/cmd/z@v3.0.0"}, []string{"bumped go/a"}},
		{"Go, a repository that is called v2", map[string]string{"go/a": "a:github.com/x/v2@v1.0.0"}, map[string]string{"go/a": "a:github.com/x/v3@v1.0.1"},
			[]string{"replaced go/a"}},
		{"Go, another command", map[string]string{"go/a": "a:github.com/x/y/cmd/a@v1.0.0"}, map[string]string{"go/a": "a:github.com/x/y/cmd/b@v1.0.0"},
			[]string{"replaced go/a"}},
		{"Go, another owner", map[string]string{"go/a": "a:github.com/x/y@v1.0.0"}, map[string]string{"go/a": "a:github.com/z/y@v1.0.1"},
			[]string{"replaced go/a"}},
		{"Go, another case is another module", map[string]string{"go/a": "a:github.com/x/y@v1.0.0"}, map[string]string{"go/a": "a:github.com/X/y@v1.0.0"},
			[]string{"replaced go/a"}},

		{"folder renamed", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/b": "a:x@1.0.0"},
			[]string{"edited npx/b <npx/a"}},
		{"folder renamed and bumped", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/b": "b:x@1.0.1"},
			[]string{"bumped npx/b <npx/a"}},
		{"folder renamed with another spelling", map[string]string{"uvx/a": "a:Foo_Bar@1.0"},
			map[string]string{"uvx/b": "b:foo-bar@1.1"}, []string{"bumped uvx/b <uvx/a"}},
		{"folder renamed, and another package for the same server", map[string]string{"npx/a": "a:x@1.0.0"},
			map[string]string{"npx/b": "a:y@1.0.0"},
			[]string{"replaced npx/b <npx/a"}},
		{"back under another protocol", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"uvx/a": "a:x@1.0.0"},
			[]string{"replaced uvx/a <npx/a"}},
		{"moved away, and another package in its place", map[string]string{"npx/a": "a:x@1.0.0"},
			map[string]string{"npx/a": "a:y@1.0.0", "npx/b": "b:x@1.0.1"},
			[]string{"replaced npx/a", "added npx/b <npx/a"}},
		{"two folders change places", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:y@1.0.0"},
			map[string]string{"npx/a": "a:y@1.0.0", "npx/b": "b:x@1.0.0"},
			[]string{"replaced npx/a", "replaced npx/b"}},
		{"gone and others come", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/b": "b:y@1.0.0"},
			[]string{"removed npx/a", "added npx/b"}},

		{"a second spec of a package", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "a:x@1.0.0",
			"npx/b": "b:x@1.0.1"},
			[]string{"added npx/b <npx/a"}},
		{"a second spec is compared with the highest version", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:x@1.10.0",
			"npx/c": "c:x@1.9.0"},
			map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:x@1.10.0", "npx/c": "c:x@1.9.0", "npx/d": "d:x@2.0.0"},
			[]string{"added npx/d <npx/b"}},
		{"two specs of a package move: each to what it was", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:x@2.0.0"},
			map[string]string{"npx/c": "c:x@2.0.0", "npx/d": "d:x@1.0.0"}, []string{"edited npx/c <npx/b", "edited npx/d <npx/a"}},
		{"two specs of a package move: by the server first", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:x@2.0.0"},
			map[string]string{"npx/c": "a:x@2.0.0", "npx/d": "b:x@3.0.0"}, []string{"bumped npx/c <npx/a", "bumped npx/d <npx/b"}},
		{"two specs of a package become one", map[string]string{"npx/a": "a:x@1.0.0", "npx/b": "b:x@2.0.0"},
			map[string]string{"npx/c": "c:x@2.0.0"},
			[]string{"removed npx/a", "edited npx/c <npx/b"}},

		{"unreadable at the base", map[string]string{"npx/a": "unreadable"}, map[string]string{"npx/a": "a:x@1.0.0"},
			[]string{"edited npx/a"}},
		{"unreadable at the head", map[string]string{"npx/a": "a:x@1.0.0"}, map[string]string{"npx/a": "unreadable"},
			[]string{"edited npx/a"}},
		{"unreadable as before", map[string]string{"npx/a": "unreadable"}, map[string]string{"npx/a": "unreadable"}, nil},
		{"unreadable and new", nil, map[string]string{"npx/a": "unreadable", "npx/b": "unreadable"}, []string{"added npx/a",
			"added npx/b"}},
		{"unreadable and gone, another comes", map[string]string{"npx/a": "unreadable"}, map[string]string{"npx/b": "unreadable"},
			[]string{"removed npx/a", "added npx/b"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range Pair(specs(t, tt.base), specs(t, tt.head)) {
				line := c.Kind.String() + " " + strings.TrimSuffix(string(c.Path), "/spec.yaml")
				if c.From != "" {
					line += " <" + strings.TrimSuffix(string(c.From), "/spec.yaml")
				}
				got = append(got, line)
				if (c.Before == nil) != (c.Kind == Added && c.From == "") || (c.After == nil) != (c.Kind == Removed) {
					t.Errorf("%s: has the sides before %v, after %v", line, c.Before != nil, c.After != nil)
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestPairWithoutBytes holds that two files that could not be read are no equal
// ones.
func TestPairWithoutBytes(t *testing.T) {
	t.Parallel()
	spec := catalog.Spec{Protocol: catalog.NPX, Path: "npx/a/spec.yaml", Server: "a",
		Err: &catalog.SpecError{Message: "the file is too large"}}
	changes := Pair([]catalog.Spec{spec}, []catalog.Spec{spec})
	if len(changes) != 1 || changes[0].Kind != Edited {
		t.Errorf("got %+v, want one that is edited", changes)
	}
}

// TestPairMany holds that a catalog of which every folder was renamed is paired
// at once, and each spec with itself.
func TestPairMany(t *testing.T) {
	t.Parallel()
	const n = 5000
	base, head := make([]catalog.Spec, n), make([]catalog.Spec, n)
	for i := range base {
		name := untrusted.Text(fmt.Sprintf("Package_%04d", i))
		base[i] = catalog.Spec{Protocol: catalog.UVX, Path: "uvx/a-" + name + "/spec.yaml", Server: "a-" + name, Package: name,
			Version: "1.0", SHA256: [32]byte{1}}
		head[i] = base[i]
		head[i].Path, head[i].Server, head[i].Version, head[i].SHA256 = "uvx/b-"+name+"/spec.yaml", "b-"+name, "1.1", [32]byte{2}
	}
	changes := Pair(base, head)
	if len(changes) != n {
		t.Fatalf("got %d changes, want %d", len(changes), n)
	}
	for _, c := range changes {
		if c.Kind != Bumped || c.Before.Spec.Package != c.After.Spec.Package {
			t.Fatalf("%s is %s, from %s", c.Path, c.Kind, c.From)
		}
	}
}
