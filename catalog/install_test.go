package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
)

const release = "metadata: {name: x}\nspec:\n  package: x\n  version: 1.0.0\n"

func TestInstall(t *testing.T) {
	t.Parallel()
	got := read(NPX, release+`  args: [start, "--port", 8080, --verbose, true]
  env:
    PYTHON_KEYRING_BACKEND: "keyrings.alt.file.PlaintextKeyring"
    DEBUG: true
    EMPTY: ""
  overrides:
    - package: "@modelcontextprotocol/sdk"
      version: "1.26.0"
      reason: |
        two
        lines
    - {package: minimatch, version: 10.2.6}
  constraints:
    - spec: "mcp[cli]>=1.28.1,<2"
      reason: a reason
`)
	if got.Err != nil {
		t.Fatal(got.Err)
	}
	want := Install{
		Args:        []untrusted.Text{"start", "--port", "8080", "--verbose", "true"},
		Env:         []EnvVar{{"PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring"}, {"DEBUG", "true"}, {"EMPTY", ""}},
		Overrides:   []Override{{"@modelcontextprotocol/sdk", "1.26.0", "two\nlines\n"}, {"minimatch", "10.2.6", ""}},
		Constraints: []Constraint{{"mcp[cli]>=1.28.1,<2", "a reason"}},
	}
	if !reflect.DeepEqual(got.Install, want) {
		t.Errorf("got %+v", got.Install)
	}
	if got := read(NPX, release).Install; !reflect.DeepEqual(got, Install{}) {
		t.Errorf("of a spec without them: %+v", got)
	}
}

func TestInstallFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"args as text", "  args: start\n", "spec.args: expected a list"},
		{"an argument that is a list", "  args: [[a]]\n", "spec.args[0]: expected text"},
		{"an argument that is nothing", "  args: [a, ]\n  env: {A: }\n", "spec.env.A: expected text"},
		{"env as a list", "  env: [A=b]\n", "spec.env: expected keys and values"},
		{"a variable named by a list", "  env: {[a]: b}\n", "spec.env: expected a word as the key, found a list"},
		{"an alias", "  args: &a [b]\n  overrides: *a\n", "spec.overrides: expected the value itself"},
		{"an alias within", "  args: [&a b, *a]\n", "spec.args[1]: expected text, found the alias"},
		{"an override without a version", "  overrides: [{package: a}]\n", "spec.overrides[0].version: expected a value"},
		{"an override as text", "  overrides: [a]\n", "spec.overrides[0]: expected keys and values"},
		{"a constraint without its text", "  constraints: [{reason: a}]\n", "spec.constraints[0].spec: expected a value"},
		{"merged keys", "  overrides: [{<<: {package: a}, version: b}]\n", "found \"<<\""},
		{"too many", "  args: [" + strings.Repeat("a, ", maxInstall) + "a]\n", "at most 1000 entries"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(NPX, release+tt.in)
			if got.Err == nil || !strings.Contains(got.Err.Message, tt.want) {
				t.Errorf("got %v, want %q", got.Err, tt.want)
			}
			if got.Package != "x" || got.Version != "1.0.0" {
				t.Errorf("the package is gone: %+v", got)
			}
		})
	}
}

// The forms that real catalogs use.
func TestInstallOfRealCatalogs(t *testing.T) {
	t.Parallel()
	const evidence = "../../shared/catalogs/2026-08"
	if _, err := os.Stat(evidence); err != nil {
		t.Skipf("no catalogs at %s", evidence)
	}
	source, closer, err := OpenDir(filepath.FromSlash(evidence))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	specs, err := Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	var args, env, overrides, constraints int
	for _, s := range specs {
		if s.Err != nil {
			t.Errorf("%v", s.Err)
		}
		args, env = args+len(s.Install.Args), env+len(s.Install.Env)
		overrides, constraints = overrides+len(s.Install.Overrides), constraints+len(s.Install.Constraints)
	}
	if args < 1 || env < 1 || overrides < 7 || constraints < 3 {
		t.Errorf("%d args, %d env, %d overrides, %d constraints", args, env, overrides, constraints)
	}
}

// A key that nobody reads is named: a real spec lost the version that it pinned
// that way.
func TestUnknownKeysAreNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, more, want string }{
		{"a pin of the build", "  build_with: [\"mcp<2\"]\n", "spec.build_with"},
		{"none", "", ""},
		{"known and passed over", "security: {insecure_ignore: true}\nx-other: {a: 1}\n", ""},
		{"any variable", "  env: {ANYTHING: x}\n", ""},
		{"a misspelt section", "provenence: {repository_uri: x}\n", "provenence"},
		{"a misspelt demand", "provenance: {repository_url: x, attestations: {availble: true, publisher: {repo: x}}}\n",
			"provenance.repository_url provenance.attestations.availble provenance.attestations.publisher.repo"},
		{"in a list", "  overrides: [{package: a, version: 1.0.0, hash: x}]\n  constraints: [{spec: a, extra: x}]\n", "spec.overrides[0].hash spec.constraints[0].extra"},
		{"no text", "  ? [a]\n  : b\n", "spec.a list"},
		{"another case", "  Args: [x]\n", "spec.Args"},
	} {
		got := read(NPX, release+tt.more)
		var names []string
		for _, key := range got.Unknown {
			names = append(names, string(key))
		}
		if got.Err != nil || strings.Join(names, " ") != tt.want {
			t.Errorf("%s: %q, %v", tt.name, names, got.Err)
		}
	}
	many := strings.Builder{}
	for i := range maxUnknown + 3 {
		fmt.Fprintf(&many, "  k%d: 1\n", i)
	}
	if got := read(NPX, release+many.String()); len(got.Unknown) != maxUnknown || got.MoreUnknown != 3 {
		t.Errorf("%d and %d more", len(got.Unknown), got.MoreUnknown)
	}
}

// The real catalog has no key that is not known.
func TestRealCatalogHasKnownKeysOnly(t *testing.T) {
	t.Parallel()
	for _, folder := range []string{"2025-10", "2026-08"} {
		specs, err := Load(t.Context(), Source{FS: os.DirFS(testfiles.Shared(t, "catalogs", folder))})
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs {
			if len(spec.Unknown) > 0 {
				t.Errorf("%v: %q", spec.Path, spec.Unknown)
			}
		}
	}
}

func TestTooManyVariables(t *testing.T) {
	t.Parallel()
	many := strings.Builder{}
	for i := range maxInstall + 1 {
		fmt.Fprintf(&many, "    V%d: x\n", i)
	}
	if got := read(NPX, release+"  env:\n"+many.String()); got.Err == nil || !strings.Contains(got.Err.Message, "spec.env: expected at most") {
		t.Errorf("%v", got.Err)
	}
}
