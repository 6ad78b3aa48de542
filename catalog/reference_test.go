package catalog

import (
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
)

func TestParseReference(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, path string }{
		{"npm:x@1.2.3", "npm:x@1.2.3"},
		{"npm:@s/x@1.2.3", "npm:@s/x@1.2.3"},
		{"npm:JSONStream@1.0.0-rc.1+b.2", "npm:JSONStream@1.0.0-rc.1+b.2"},
		{"pypi:x==1.0", "pypi:x==1.0"},
		{"pypi:A_b.c==1!1.0rc1+local", "pypi:A_b.c==1!1.0rc1+local"},
		{"pkg:npm/x@1.2.3", "npm:x@1.2.3"},
		{"pkg:npm/%40s/x@1.2.3", "npm:@s/x@1.2.3"},
		{"pkg:npm/@s/x@1.2.3", "npm:@s/x@1.2.3"},
		{"pkg:npm/JSONStream@1.2.3%2Bb", "npm:JSONStream@1.2.3+b"},
		{"pkg:pypi/x@1.0", "pypi:x==1.0"},
		{"pkg:golang/github.com/acme/x@v1.2.3", "go:github.com/acme/x@v1.2.3"},
		{"pkg:golang/github.com/Acme/x/v2/cmd/Y@v2.0.0%2Bincompatible", "go:github.com/Acme/x/v2/cmd/Y@v2.0.0+incompatible"},
		{"pkg:pypi/A_b.c@1.0", "pypi:A_b.c==1.0"},
	} {
		spec, err := ParseReference(tt.in)
		if err != nil || string(spec.Path) != tt.path || !spec.Named() || spec.Err != nil {
			t.Errorf("%q: %q, named %t, %v; want %q", tt.in, spec.Path, spec.Named(), err, tt.path)
		}
		again, err := ParseReference(string(spec.Path))
		if err != nil || again.Path != spec.Path || again.Package != spec.Package || again.Version != spec.Version {
			t.Errorf("%q: its own reference gives %v %v, %v", tt.in, again.Package, again.Version, err)
		}
	}
	if (&Spec{Protocol: NPX, Package: "x", Version: "1.2.3", Path: "npx/x/spec.yaml"}).Named() {
		t.Error("a spec with a file is taken for a release that was only named")
	}
}

// What could be read as another release than its writer meant is refused, and the
// sentence says what to write.
func TestParseReferenceRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"npm:x", `expected an exact version, found none: write npm:x@1.2.3`},
		{"npm:@s/x", `found none: write npm:@s/x@1.2.3`},
		{"npm:x@", "found none"},
		{"npm:x@latest", `found the tag "latest": write npm:x@1.2.3`},
		{"npm:x@^1.2.3", `found the range or requirement "^1.2.3"`},
		{"npm:x@1.2", `found the range or requirement "1.2"`},
		{"npm:x@v1.2.3", `expected a`},
		{"npm:x@npm:y@1.2.3", `found the address or path`},
		{"npm:x@1.2.3@1.2.4", `expected an exact version`},
		{"npm:@1.2.3", "name of an npm package"},
		{"npm:", "name of an npm package"},
		{"npm:x==1.2.3", "name of an npm package"},
		{"npm:../x@1.2.3", "name of an npm package"},
		{"npm: x@1.2.3", "name of an npm package"},
		{"npm:x@1.2.3 ", "expected an exact version"},
		{"npm:x@1.2.3\n", "expected an exact version"},
		{"npm:\x1b[2J@1.2.3", "name of an npm package"},
		{"NPM:x@1.2.3", `"NPM" is no registry that is read`},
		{"pypi:x", "found none: write pypi:x==1.2.3"},
		{"pypi:x@1.0", "as pip writes it"},
		{"pypi:x>=1.0", "name of a PyPI project"},
		{"pypi:x~=1.0", "name of a PyPI project"},
		{"pypi:x===1.0", "expected an exact version"},
		{"pypi:x==1.*", "range or requirement"},
		{"pypi:x==1.0,<2", "range or requirement"},
		{"pypi:x[cli]==1.0", "no extras"},
		{"pypi:x == 1.0", "name of a PyPI project"},
		{"pypi:x==1.0; python_version<'3'", "expected an exact version"},
		{"nuget:X@1.0.0", `"nuget" is no registry that is read`},
		{"https://npm.example/x", `"https" is no registry that is read`},
		{"x@1.2.3", "expected npm:NAME@VERSION"},
		{"", "expected npm:NAME@VERSION"},
		{"pkg:npm/x", "found none: write npm:x@1.2.3"},
		{"pkg:pypi/x", "found none: write pypi:x==1.2.3"},
		{"pkg:npm/x@latest", "the tag"},
		{"go:go.example/x", "found none: write go:go.example/x@v1.2.3"},
		{"go:go.example/x@", "found none: write go:go.example/x@v1.2.3"},
		{"go:go.example/x@latest", `found the query "latest": it can mean another version tomorrow, and go list -m MODULE@QUERY says which it means now: write go:go.example/x@v1.2.3`},
		{"go:go.example/x@upgrade", "the query"},
		{"go:go.example/x@patch", "the query"},
		{"go:go.example/x@none", "the query"},
		{"go:go.example/x@main", "the query"},
		{"go:go.example/x@feature/x", "the query"},
		{"go:go.example/x@v1", "the query"},
		{"go:go.example/x@v1.2", "the query"},
		{"go:go.example/x@<v1.3.0", "the query"},
		{"go:go.example/x@v01.2.3", "the query"},
		{"go:go.example/x@V1.2.3", "the query"},
		{"go:go.example/x@v1.2.3@x", "the query"},
		{"go:go.example/x@0123456789ab", "the query"},
		{"go:go.example/x@1.2.3", `expected v1.2.3, found "1.2.3"`},
		{"go:go.example/x@v1.2.3+meta", "without build metadata"},
		{"go:https://go.example/x@v1.2.3", "path of a Go module"},
		{"go:./x@v1.2.3", "path of a Go module"},
		{"go:x@v1.2.3", "path of a Go module"},
		{"go:-x.example/y@v1.2.3", "path of a Go module"},
		{"pkg:golang/go.example/x@latest", "the query"},
		{"pkg:golang/go.example/x@v1.2.3#cmd/y", "subpaths"},
		{"pkg:npm/x@1.2.3?repository_url=https://npm.example", "qualifiers"},
		{"pkg:npm/x@1.2.3?", "qualifiers"},
		{"pkg:npm/x@1.2.3#package.json", "subpaths"},
		{"pkg:npm/x@1.2.3#", "subpaths"},
		{"pkg:pypi/x@1.0?file_name=x-1.0.tar.gz", "qualifiers"},
		{"pkg:pypi/acme/x@1.0", "expected a purl"},
		{"pkg:npm/s/x@1.2.3", "name of an npm package"},
		{"pkg:npm/%40s/y/x@1.2.3", "name of an npm package"},
		{"pkg:npm//x@1.2.3", "expected a purl"},
		{"pkg:npm/%40s//x@1.2.3", "expected a purl"},
		{"pkg:npm/x/@1.2.3", "expected a purl"},
		{"pkg:/npm/x@1.2.3", "expected a purl"},
		{"pkg://npm/x@1.2.3", "expected a purl"},
		{"pkg:NPM/x@1.2.3", "expected a purl"},
		{"PKG:npm/x@1.2.3", `"PKG" is no registry`},
		{"pkg:npm/x%2f..%2fy@1.2.3", "name of an npm package"},
		{"pkg:npm/x%00@1.2.3", "name of an npm package"},
		{"pkg:npm/x%@1.2.3", "expected a purl"},
		{"pkg:npm/%2540s/x@1.2.3", "name of an npm package"},
		{"pkg:npm/x@1.2.3@1.2.4", "name of an npm package"},
		{"pkg:gem/example@1.2.3", `"gem" is no registry`},
		{"pkg:npm", "expected a purl"},
		{"npm:" + strings.Repeat("a", 5000), "found 50"},
		{"npm:x@" + strings.Repeat("1", 300), "found 300 bytes"},
	} {
		spec, err := ParseReference(tt.in)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%q: %v, %v; want %q", tt.in, spec.Path, err, tt.want)
		} else if text := err.Error(); len(text) > 2*untrusted.MaxMessage || strings.ContainsAny(text, "\x1b\x00\n") {
			t.Errorf("%q: the error is long or not clean: %q", tt.in, text)
		}
	}
}

func TestIsReference(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]bool{
		"npm:x": true, "pkg:npm/x@1.2.3": true, "nuget:x": true, "https://a.example": true,
		"": false, ".": false, "npx/x/spec.yaml": false, "npm:a/npx/x/spec.yaml": false, `C:\catalog`: false, "x@1.2.3": false, "./npm:x": false,
	} {
		if IsReference(arg) != want {
			t.Errorf("%q: %t", arg, !want)
		}
	}
}

func FuzzParseReference(f *testing.F) {
	for _, s := range []string{"npm:@s/x@1.2.3", "pypi:x==1.0", "pkg:npm/%40s/x@1.2.3", "pkg:pypi/A_b@1.0", "pkg:npm/x@1?a=b#c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		spec, err := ParseReference(s)
		if err != nil {
			return
		}
		if checkName(spec.Protocol, string(spec.Package)) != nil || checkVersion(spec.Protocol, string(spec.Version)) != nil || !spec.Named() {
			t.Fatalf("%q: %+v", s, spec)
		}
		if again, err := ParseReference(string(spec.Path)); err != nil || again.Path != spec.Path {
			t.Fatalf("%q: its own reference %q gives %q, %v", s, spec.Path, again.Path, err)
		}
	})
}
