package catalog

import (
	"reflect"
	"runtime"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
)

// read parses text as npx/folder/spec.yaml or uvx/folder/spec.yaml.
func read(protocol Protocol, text string) Spec {
	spec := Spec{Path: untrusted.Text(protocol) + "/folder/spec.yaml", Protocol: protocol, Server: "folder"}
	parse(&spec, []byte(text))
	return spec
}

func TestWholeSpec(t *testing.T) {
	t.Parallel()
	got := read(UVX, `# a comment
metadata:
  name: aws-diagram
  description: >-
    two
    lines
  protocol: uvx # as the folder
  owner: [unknown, keys, {are: tolerated}]
spec:
  package: "awslabs.aws-diagram-mcp-server"
  version: 1.10
  args: &args [--quiet]
provenance:
  repository_uri: "https://github.com/awslabs/mcp"
  repository_ref: refs/heads/main
  sigstore_url: https://sigstore.example
  signer_identity: "bot\u202e@example.test"
  runner_environment: github-hosted
  cert_issuer: https://issuer.example
  attestations:
    available: true
    verified: True
    publisher:
      kind: GitHub
      repository: awslabs/mcp
      workflow: .github/workflows/publish.yml
security:
  again: *args
x-plimsoll: {expect: mismatch}
`)
	want := Spec{
		Path: "uvx/folder/spec.yaml", Protocol: UVX, Server: "aws-diagram", Description: "two lines",
		Package: "awslabs.aws-diagram-mcp-server", Version: "1.10", Install: Install{Args: []untrusted.Text{"--quiet"}},
		Provenance: Provenance{
			RepositoryURI: "https://github.com/awslabs/mcp", RepositoryRef: "refs/heads/main",
			SigstoreURL: "https://sigstore.example", SignerIdentity: "bot\u202e@example.test",
			RunnerEnvironment: "github-hosted", CertIssuer: "https://issuer.example",
			Attestations: &Attestations{Available: true, Verified: true, Publisher: &Publisher{
				Kind: "GitHub", Repository: "awslabs/mcp", Workflow: ".github/workflows/publish.yml",
			}},
		},
		Expect: "mismatch",
	}
	lines := got.Lines
	got.Lines = Lines{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	for key, line := range map[string]int{
		"metadata.name": 3, "spec.package": 10, "spec.version": 11, "provenance.repository_uri": 14, "provenance.cert_issuer": 19,
		"provenance.attestations.available": 21, "provenance.attestations.publisher.workflow": 26,
	} {
		if lines.Of(key) != line {
			t.Errorf("%s is on line %d, want %d", key, lines.Of(key), line)
		}
	}
}

func TestSpecsThatAreFine(t *testing.T) {
	t.Parallel()
	const head = "metadata: {name: x}\nspec: {package: x, version: 1.0.0}\n"
	for name, text := range map[string]string{
		"minimal":                  head,
		"with a byte order mark":   "\ufeff" + head,
		"with document marks":      "---\n" + head + "...\n",
		"with line ends of DOS":    strings.ReplaceAll(head, "\n", "\r\n"),
		"as JSON":                  `{"metadata":{"name":"x"},"spec":{"package":"x","version":"1.0.0"}}`,
		"with empty sections":      head + "provenance:\nx-plimsoll: ~\n",
		"with empty values":        head + "provenance: {repository_uri: , attestations: {available: , publisher: }}\n",
		"with aliases elsewhere":   head + "a: &a [1]\nb: [*a, *a]\nc: {<<: {d: 1}}\n",
		"with an anchor on a name": "metadata: &m {name: x}\nspec: {package: &p x, version: 1.0.0}\nmore: [*m, *p]\n",
		"with a list as a key":     head + "? [a, b]\n: c\n",
	} {
		t.Run(name, func(t *testing.T) {
			s := read(NPX, text)
			if s.Err != nil || s.Server != "x" || s.Package != "x" || s.Version != "1.0.0" {
				t.Errorf("%+v, %v", s, s.Err)
			}
		})
	}
}

func TestSpecsThatAreBroken(t *testing.T) {
	t.Parallel()
	const good = "metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n"
	for name, test := range map[string]struct {
		text string
		line int
		want string
	}{
		"empty":                  {"", 0, "expected metadata, spec and provenance, found an empty file"},
		"only a comment":         {"# nothing\n", 0, "expected metadata, spec and provenance, found an empty file"},
		"null":                   {"~\n", 1, "expected keys and values, found nothing"},
		"a text":                 {"hello\n", 1, `expected keys and values, found "hello"`},
		"a list":                 {"- metadata\n", 1, "found a list"},
		"not YAML":               {good + "a: [\n", 6, "expected YAML: did not find expected node"},
		"a tab":                  {good + "provenance:\n\ta: b\n", 7, "expected YAML"},
		"not UTF-8":              {good + "a: \xff\n", 0, "expected UTF-8"},
		"UTF-16":                 {"\xff\xfea\x00:\x00", 0, "expected UTF-8"},
		"a control character":    {good + "a: \x1b[2J\n", 6, "expected YAML"},
		"two documents":          {good + "---\n" + good, 6, "expected one YAML document, found another"},
		"a second broken one":    {good + "---\na: [\n", 7, "expected YAML"},
		"unknown alias":          {good + "a: *nowhere\n", 6, "unknown anchor"},
		"repeated key":           {good + "spec:\n  version: 2.0.0\n", 6, `expected each key once, found "spec" again (first on line 3)`},
		"repeated quoted":        {good + "  \"version\": 2.0.0\n", 6, `found "version" again (first on line 5)`},
		"repeated elsewhere":     {good + "security:\n  - {a: 1, a: 2}\n", 7, `found "a" again`},
		"no metadata":            {"spec: {package: x, version: 1.0.0}\n", 1, "metadata.name: expected a value, found nothing"},
		"no name":                {"metadata:\n  protocol: npx\nspec: {package: x, version: 1.0.0}\n", 2, "metadata.name: expected a value"},
		"no spec":                {"metadata: {name: x}\n", 1, "spec.package: expected a value, found nothing"},
		"no package":             {"metadata: {name: x}\nspec: {version: 1.0.0}\n", 2, "spec.package: expected a value"},
		"no version":             {"metadata: {name: x}\nspec: {package: x}\n", 2, "spec.version: expected a value"},
		"empty version":          {"metadata: {name: x}\nspec:\n  package: x\n  version: ''\n", 4, "spec.version: expected a value"},
		"null version":           {"metadata: {name: x}\nspec:\n  package: x\n  version: null\n", 4, "spec.version: expected a value"},
		"metadata is text":       {"metadata: x\nspec: {package: x, version: 1.0.0}\n", 1, `metadata: expected keys and values, found "x"`},
		"spec is a list":         {"metadata: {name: x}\nspec:\n  - package: x\n", 3, "spec: expected keys and values, found a list"},
		"name is true":           {"metadata: {name: true}\nspec: {package: x, version: 1.0.0}\n", 1, "metadata.name: expected text, found true or false (true)"},
		"name is binary":         {"metadata: {name: !!binary eA==}\nspec: {package: x, version: 1.0.0}\n", 1, "metadata.name: expected text"},
		"name of another tag":    {"metadata: {name: !secret x}\nspec: {package: x, version: 1.0.0}\n", 1, `expected text, found !secret "x"`},
		"version is a list":      {"metadata: {name: x}\nspec: {package: x, version: [1.0.0]}\n", 2, "spec.version: expected text, found a list"},
		"version is an alias":    {"metadata: {name: &v 1.0.0}\nspec: {package: x, version: *v}\n", 2, "spec.version: expected the value itself, found the alias *v"},
		"section is an alias":    {"a: &a {name: x}\nmetadata: *a\nspec: {package: x, version: 1.0.0}\n", 2, "metadata: expected the value itself"},
		"merged section":         {"a: &a {name: y}\nmetadata: {<<: *a, name: x}\nspec: {package: x, version: 1.0.0}\n", 2, `expected a key, found "<<"`},
		"merged root":            {"<<: {metadata: {name: y}}\n" + good, 1, `expected a key, found "<<"`},
		"alias as a key":         {"metadata: {name: &n name}\nspec: {package: x, version: 1.0.0, *n : y}\n", 2, "expected a key, found the alias *n"},
		"protocol contradicts":   {"metadata:\n  name: x\n  protocol: uvx\nspec: {package: x, version: 1.0.0}\n", 3, `metadata.protocol: expected "npx", as the folder says, found "uvx"`},
		"available is text":      {good + "provenance:\n  attestations:\n    available: \"true\"\n", 8, `provenance.attestations.available: expected true or false, found "true"`},
		"available is yes":       {good + "provenance:\n  attestations:\n    available: yes\n", 8, `expected true or false, found "yes"`},
		"attestations is text":   {good + "provenance:\n  attestations: none\n", 7, "provenance.attestations: expected keys and values"},
		"repository is a map":    {good + "provenance:\n  repository_uri: {a: b}\n", 7, "provenance.repository_uri: expected text, found keys and values"},
		"escape code in a value": {"metadata: {name: x}\nspec: {package: \"\\e[2J\", version: 1.0.0}\n", 2, `found "\x1b[2J"`},
		"escape code in a key":   {good + "\"\\e\": 1\n\"\\e\": 2\n", 7, `found "\x1b" again`},
		"long key":               {good + strings.Repeat("k", 900) + ": 1\n" + strings.Repeat("k", 900) + ": 2\n", 7, `kkk..." again`},
		"deep":                   {good + "a: " + strings.Repeat("[", 12_000), 6, "exceeded max depth"},
	} {
		t.Run(name, func(t *testing.T) {
			s := read(NPX, test.text)
			if s.Err == nil {
				t.Fatalf("read as %+v", s)
			}
			if !strings.Contains(s.Err.Message, test.want) {
				t.Errorf("message %q does not say %q", s.Err.Message, test.want)
			}
			if s.Err.Line != test.line {
				t.Errorf("line %d, want %d (%s)", s.Err.Line, test.line, s.Err.Message)
			}
			holds(t, s)
		})
	}
}

// holds checks what is true of every spec, broken or not.
func holds(t *testing.T, s Spec) {
	t.Helper()
	if s.Path == "" || s.Server == "" || s.Protocol != NPX && s.Protocol != UVX {
		t.Errorf("incomplete row: %+v", s)
	}
	if s.Err != nil {
		if s.Err.Path != s.Path || s.Err.Message == "" || s.Err.Line < 0 {
			t.Errorf("incomplete error: %+v", s.Err)
		}
		if text := s.Err.Error(); untrusted.Clean(text) != text || len(text) > untrusted.MaxMessage+100 {
			t.Errorf("the error is not fit to be shown: %q", text)
		}
		return
	}
	if checkName(s.Protocol, string(s.Package)) != nil || checkVersion(s.Protocol, string(s.Version)) != nil {
		t.Errorf("package %q, version %q came through", s.Package, s.Version)
	}
}

func TestAliasBomb(t *testing.T) {
	t.Parallel()
	text := "metadata: {name: x}\nspec: {package: x, version: 1.0.0}\na0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		a, b := string(rune('0'+i)), string(rune('1'+i))
		text += "a" + b + ": &a" + b + " [" + strings.TrimSuffix(strings.Repeat("*a"+a+",", 9), ",") + "]\n"
	}
	if s := read(NPX, text); s.Err != nil {
		t.Errorf("a bomb in a section that is not read: %v", s.Err)
	}
	s := read(NPX, text+"provenance: *a9\n")
	if s.Err == nil || !strings.Contains(s.Err.Message, "provenance: expected the value itself, found the alias *a9") {
		t.Errorf("a bomb as provenance: %v", s.Err)
	}
}

// A spec of many values is refused before the library makes nodes of them.
func TestBombOfValues(t *testing.T) {
	text := "metadata: [" + strings.Repeat("{a},", (untrusted.MaxSpec-20)/4) + "]\n"
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	s := read(NPX, text)
	runtime.ReadMemStats(&after)
	if s.Err == nil || !strings.Contains(s.Err.Message, "too large: more than") {
		t.Errorf("found %v", s.Err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 4*untrusted.MaxSpec {
		t.Errorf("%d bytes were allocated", allocated)
	}
}

func FuzzSpec(f *testing.F) {
	f.Add(minimal, false)
	f.Add("metadata: {name: x, protocol: uvx}\nspec: {package: a.b, version: 1!1.0rc1}\nprovenance: {attestations: {available: true}}\n", true)
	f.Add("a: &a [*a]\n", false)
	f.Add("<<: {a: b}\n? [a]\n: b\n", true)
	f.Add("--- !!binary |\n eA==\n--- 1\n", false)
	f.Add("\"\\e\": \"\\u202e\"\n\"\\e\": 1", false)
	for i, spec := range seeds.Files(f, seeds.Specs) {
		f.Add(string(spec), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, text string, uvx bool) {
		protocol := NPX
		if uvx {
			protocol = UVX
		}
		holds(t, read(protocol, text))
	})
}
