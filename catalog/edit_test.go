package catalog

import (
	"bytes"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/seeds"
	"plimsoll/testdata/testfiles"
)

const described = `# AWS diagram
metadata:
  name: aws-diagram # the server

spec:
  package: "aws-diagram"
  version: 1.10 # not 1.1

# where it comes from
provenance:
  # moved in 2025
  repository_uri: "https://github.com/old/mcp" # checked by hand
  repository_ref: 'refs/heads/main'
  attestations:
    available: false   # none then
    publisher:
      kind:   GitHub
      repository: old/mcp
      # the workflow is not known

# Security configuration
security:
  allowed_issues:
  - code: "A"
    reason: |
      # not a comment
      provenance: no key
`

// every sets all keys.
var every = []Change{
	{KeyPublisherWorkflow, ".github/workflows/release.yml"}, {KeyVerified, "true"}, {KeyRepositoryURI, "https://github.com/new/mcp"},
	{KeyAvailable, "true"}, {KeyPublisherRepository, "new/mcp"}, {KeyPublisherKind, "GitHub"}, {KeyRepositoryRef, "refs/tags/v1.10"},
}

func TestEditKeepsTheRest(t *testing.T) {
	t.Parallel()
	want := strings.NewReplacer(
		`"https://github.com/old/mcp" #`, `"https://github.com/new/mcp" #`, "'refs/heads/main'", "'refs/tags/v1.10'",
		"    available: false   # none then\n", "    available: true   # none then\n    verified: true\n",
		"repository: old/mcp\n", "repository: new/mcp\n      workflow: \".github/workflows/release.yml\"\n",
	).Replace(described)
	for name, dress := range map[string]func(string) string{
		"as it is":        func(s string) string { return s },
		"DOS":             func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"byte order mark": func(s string) string { return "\ufeff" + s },
		"mark and DOS":    func(s string) string { return "\ufeff" + strings.ReplaceAll(s, "\n", "\r\n") },
		"no last line":    func(s string) string { return strings.TrimSuffix(s, "\n") },
		"document marks":  func(s string) string { return "---\n" + s + "...\n" },
		"an end marker":   func(s string) string { return s + "---\n# the end\n" },
		"many markers":    func(s string) string { return s + "---\n--- # again\n...\n---" },
		"directives":      func(s string) string { return "%YAML 1.2\n%TAG !e! tag:example.com,2000:\n---\n" + s },
		"all of them": func(s string) string {
			return "\ufeff" + strings.ReplaceAll("# a\n%YAML 1.2\n---\n"+s+"---\n\n", "\n", "\r\n")
		},
		"wide characters": func(s string) string { return strings.ReplaceAll(s, "# AWS", "# 日本 é") },
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Edit([]byte(dress(described)), every)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != dress(want) {
				t.Errorf("the edit is wrong:\n%s", Diff("spec.yaml", []byte(dress(want)), got))
			}
		})
	}
}

func TestEditForms(t *testing.T) {
	t.Parallel()
	const head = "metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n"
	const uri = "https://github.com/new/mcp"
	set := []Change{{KeyRepositoryURI, uri}}
	for name, test := range map[string]struct {
		before, after string
		changes       []Change
	}{
		"plain stays plain":       {head + "provenance:\n  repository_uri: old\n", head + "provenance:\n  repository_uri: " + uri + "\n", set},
		"single stays single":     {head + "provenance:\n  repository_uri: 'it''s old'\n", head + "provenance:\n  repository_uri: '" + uri + "'\n", set},
		"double with escapes":     {head + "provenance:\n  repository_uri: \"a\\\"b\\\\\" # c\n", head + "provenance:\n  repository_uri: \"" + uri + "\" # c\n", set},
		"quoted key":              {head + "\"provenance\":\n  'repository_uri' :  old\n", head + "\"provenance\":\n  'repository_uri' :  " + uri + "\n", set},
		"missing value":           {head + "provenance:\n  repository_uri:  # none\n", head + "provenance:\n  repository_uri: " + uri + "  # none\n", set},
		"missing value at end":    {head + "provenance:\n  repository_uri:", head + "provenance:\n  repository_uri: " + uri, set},
		"null":                    {head + "provenance:\n  repository_uri: ~ # none\n", head + "provenance:\n  repository_uri: " + uri + " # none\n", set},
		"number":                  {head + "provenance:\n  repository_uri: 1.10\n", head + "provenance:\n  repository_uri: " + uri + "\n", set},
		"deeper indentation":      {strings.ReplaceAll(head, "  ", "    "), strings.ReplaceAll(head, "  ", "    ") + "provenance:\n    repository_uri: " + uri + "\n", set},
		"no provenance, packed":   {head + "security: {}\n", head + "provenance:\n  repository_uri: " + uri + "\nsecurity: {}\n", set},
		"no provenance, no end":   {strings.TrimSuffix(head, "\n"), head + "provenance:\n  repository_uri: " + uri, set},
		"empty provenance":        {head + "provenance: # none\n\nsecurity: {}\n", head + "provenance: # none\n  repository_uri: " + uri + "\n\nsecurity: {}\n", set},
		"provenance at the start": {"provenance:\n  repository_ref: 'main'\n" + head, "provenance:\n  repository_uri: '" + uri + "'\n  repository_ref: 'main'\n" + head, set},
		"comment of the first key": {head + "provenance:\n  # about ref\n  repository_ref: main\n",
			head + "provenance:\n  repository_uri: " + uri + "\n  # about ref\n  repository_ref: main\n", set},
		"sections with blank lines": {"metadata:\n  name: x\n\nspec:\n  package: \"x\"\n  version: \"1.0.0\"\n  # its end\n\n# Security\nsecurity: {}\n",
			"metadata:\n  name: x\n\nspec:\n  package: \"x\"\n  version: \"1.0.0\"\n  # its end\n\nprovenance:\n  repository_uri: \"" + uri + "\"\n\n# Security\nsecurity: {}\n", set},
		"behind a list and a literal": {"metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n  args:\n  - a\n  reason: |\n    b\n\n    # c\n\nmore: 1\n",
			"metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n  args:\n  - a\n  reason: |\n    b\n\n    # c\n\nprovenance:\n  repository_uri: " + uri + "\n\nmore: 1\n",
			set},
		"attestations": {head + "provenance:\n  repository_uri: 'a'\n  repository_ref: 'b'\n",
			head + "provenance:\n  repository_uri: 'a'\n  repository_ref: 'b'\n  attestations:\n    available: true\n    publisher:\n      kind: 'GitHub'\n",
			[]Change{{KeyPublisherKind, "GitHub"}, {KeyAvailable, "true"}}},
		"before an end marker":         {head + "---\n", head + "provenance:\n  repository_uri: " + uri + "\n---\n", set},
		"before an end marker, spaced": {head + "\nsecurity: {}\n\n---\n\n# end", head + "\nprovenance:\n  repository_uri: " + uri + "\n\nsecurity: {}\n\n---\n\n# end", set},
		"nothing to do":                {head + "provenance:\n  repository_uri: " + uri + "\n  attestations: {available: True}\n", head + "provenance:\n  repository_uri: " + uri + "\n  attestations: {available: True}\n", set},
		"no change":                    {head, head, nil},
		"true stays":                   {head + "provenance:\n  attestations:\n    available: True\n", head + "provenance:\n  attestations:\n    available: True\n", []Change{{KeyAvailable, "true"}}},
		"anchor elsewhere":             {head + "a: &a [1]\nb: *a\nprovenance:\n  repository_uri: old\n", head + "a: &a [1]\nb: *a\nprovenance:\n  repository_uri: " + uri + "\n", set},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Edit([]byte(test.before), test.changes)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.after {
				t.Errorf("got\n%s\nwant\n%s", got, test.after)
			}
		})
	}
}

func TestEditQuotesWhatNeedsQuotes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"owner/name": "owner/name", "a b": `"a b"`, "true": `"true"`, "no": `"no"`, "null": `"null"`, "1.0": `"1.0"`, "0x1f": `"0x1f"`,
		"12:30": `"12:30"`, "2025-01-02": `"2025-01-02"`, "a: b": `"a: b"`, "a:": `"a:"`, "# a": `"# a"`, "@a/b": `"@a/b"`, "*a": `"*a"`,
		`a"b\c`: `"a\"b\\c"`, "日本": `"日本"`, "{a}": `"{a}"`, "-": `"-"`, "~": `"~"`, ".inf": `".inf"`, "é": `"é"`, "[": `"["`,
	} {
		got, err := Edit([]byte("provenance:\n  repository_uri: old\n"), []Change{{KeyRepositoryURI, value}})
		if err != nil {
			t.Errorf("%q: %v", value, err)
		} else if string(got) != "provenance:\n  repository_uri: "+want+"\n" {
			t.Errorf("%q is written as %q", value, got)
		}
	}
}

func TestEditRefuses(t *testing.T) {
	t.Parallel()
	set := []Change{{KeyRepositoryURI, "new"}}
	for name, test := range map[string]struct {
		text    string
		changes []Change
		want    string
	}{
		"anchor":              {"provenance:\n  repository_uri: &a old\nb: *a\n", set, "without an anchor, found &a"},
		"alias":               {"a: &a old\nprovenance:\n  repository_uri: *a\n", set, "found the alias *a"},
		"tag":                 {"provenance:\n  repository_uri: !!str old\n", set, "without a tag"},
		"literal":             {"provenance:\n  repository_uri: |-\n    old\n", set, "on one line"},
		"folded":              {"provenance:\n  repository_uri: >-\n    old\n", set, "on one line"},
		"two plain lines":     {"provenance:\n  repository_uri: old\n    older\n", set, "on one line"},
		"two quoted lines":    {"provenance:\n  repository_uri: \"old\n    older\"\n", set, "on one line"},
		"two single lines":    {"provenance:\n  repository_uri: 'old\n    older'\n", set, "on one line"},
		"value below its key": {"provenance:\n  repository_uri:\n    old\n", set, "on one line"},
		"list":                {"provenance:\n  repository_uri: [a]\n", set, "found a list"},
		"flow root":           {"{provenance: {repository_uri: a}}\n", set, "found them in {}"},
		"flow section":        {"provenance: {repository_uri: a}\n", set, "found them in {}"},
		"empty flow section":  {"provenance: {}\n", set, "found them in {}"},
		"section is text":     {"provenance: x\n", set, `found "x"`},
		"section is null":     {"provenance: ~\n", set, "found nothing"},
		"section anchored":    {"provenance: &p\n  a: b\nc: *p\n", set, "found &p"},
		"section is an alias": {"a: &a {b: c}\nprovenance: *a\n", set, "found the alias *a"},
		"merged section":      {"a: &a {b: c}\nprovenance:\n  <<: *a\n", set, "expected a key"},
		"explicit key":        {"provenance:\n  ? repository_ref\n  : a\n", set, "start of its line"},
		"kept blank lines":    {"spec:\n  a: |+\n    b\n\n\n", set, "by hand"},
		"lines of old Macs":   {"provenance:\r  repository_uri: old\r", set, "LF or CR LF"},
		"a line separator":    {"# a\u2028# b\nprovenance:\n  repository_uri: old\n", set, "LF or CR LF"},
		"a next line":         {"provenance:\n  repository_uri: old\u0085\n", set, "LF or CR LF"},
		"repeated key":        {"provenance:\n  a: b\n  a: c\n", set, "once"},
		"two documents":       {"a: b\n---\nc: d\n", set, "found another"},
		"not UTF-8":           {"a: \xff\n", set, "UTF-8"},
		"JSON":                {"\ufeff{\"provenance\": {\"repository_uri\": \"a\"}}\n", set, "found them in {}"},
		"root on its marker":  {"--- {a: b}\n", set, "found them in {}"},
		"empty":               {"", set, "empty file"},
		"too large":           {"a: b\n#" + strings.Repeat("x", untrusted.MaxSpec), set, "at most 1048576 bytes"},
		"unknown key":         {"a: b\n", []Change{{"spec.package", "x"}}, `found "spec.package"`},
		"key twice":           {"a: b\n", append(set, set...), "found two"},
		"no value":            {"a: b\n", []Change{{KeyRepositoryURI, ""}}, "found nothing"},
		"long value":          {"a: b\n", []Change{{KeyRepositoryURI, strings.Repeat("x", untrusted.MaxSpecValue+1)}}, "at most 4096"},
		"neither":             {"a: b\n", []Change{{KeyAvailable, "yes"}}, `true or false, found "yes"`},
		"new line":            {"a: b\n", []Change{{KeyRepositoryURI, "a\nb: c"}}, `found "a\nb: c"`},
		"escape code":         {"a: b\n", []Change{{KeyRepositoryURI, "\x1b[2J"}}, `found "\x1b[2J"`},
		"right to left":       {"a: b\n", []Change{{KeyRepositoryURI, "a\u202eb"}}, `found "a\u202eb"`},
		"not UTF-8 value":     {"a: b\n", []Change{{KeyRepositoryURI, "\xff"}}, `found "\xff"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Edit([]byte(test.text), test.changes)
			if err == nil || got != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %q, %v; want an error with %q", untrusted.Excerpt(string(got)), err, test.want)
			}
		})
	}
}

// checkEdit holds an accepted edit against a second opinion: the library's own
// decoding into maps, and the lines of the two texts.
func checkEdit(t *testing.T, before, after []byte, changes []Change) {
	t.Helper()
	var want, got map[string]any
	if err := yaml.Unmarshal(before, &want); err != nil {
		return // values that do not decode, such as a list as a key
	}
	if err := yaml.Unmarshal(after, &got); err != nil {
		t.Fatalf("%q does not decode any more: %v", after, err)
	}
	for _, c := range changes {
		section, path := want, strings.Split(string(c.Key), ".")
		for _, name := range path[:len(path)-1] {
			inner, ok := section[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				section[name] = inner
			}
			section = inner
		}
		section[path[len(path)-1]] = c.Value
		if c.Key.boolean() {
			section[path[len(path)-1]] = c.Value == "true"
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the edit says\n%v\nwant\n%v\nbefore\n%q\nafter\n%q", got, want, before, after)
	}
	checkLines(t, before, after, changes)
}

// checkLines holds that, but for the lines of the changed keys and of their
// sections, the two texts have the same lines, to the byte.
func checkLines(t *testing.T, before, after []byte, changes []Change) {
	t.Helper()
	var names []string
	for _, c := range changes {
		names = append(names, strings.Split(string(c.Key), ".")...)
	}
	newSection := !bytes.Contains(before, []byte("provenance:")) // then a blank line may come with it
	rest := func(data []byte) string {
		var kept []byte
		for line := range bytes.SplitAfterSeq(data, []byte("\n")) {
			key, _, found := bytes.Cut(line, []byte(":"))
			if found && slices.Contains(names, string(bytes.TrimLeft(key, " \ufeff"))) || newSection && len(bytes.TrimSpace(line)) == 0 {
				continue
			}
			kept = append(kept, line...)
		}
		return strings.TrimRight(string(kept), "\r\n")
	}
	if got, want := rest(after), rest(before); got != want {
		t.Errorf("other lines changed\nbefore\n%q\nafter\n%q", want, got)
	}
	for _, mark := range []string{"#", "\ufeff"} {
		if bytes.Count(before, []byte(mark)) > bytes.Count(after, []byte(mark)) {
			t.Errorf("%q was lost\nbefore\n%q\nafter\n%q", mark, before, after)
		}
	}
	if len(after) > 0 && bytes.HasSuffix(before, []byte("\n")) != bytes.HasSuffix(after, []byte("\n")) ||
		bytes.Contains(before, []byte("\r\n")) && bytes.Count(after, []byte("\n")) != bytes.Count(after, []byte("\r\n")) {
		t.Errorf("the line ends changed\nbefore\n%q\nafter\n%q", before, after)
	}
}

func randomChanges(r *rand.Rand) []Change {
	values := []string{"https://github.com/o/r", "o/r", "GitHub", "a b", "true", "it's", `q"q\`, "日本", "1.0", "release.yml", "a # b", "x: y"}
	var changes []Change
	for _, i := range r.Perm(len(Keys()))[:1+r.IntN(len(Keys()))] {
		c := Change{Keys()[i], values[r.IntN(len(values))]}
		if c.Key.boolean() {
			c.Value = []string{"true", "false"}[r.IntN(2)]
		}
		changes = append(changes, c)
	}
	return changes
}

// randomSpec writes a spec in one of many hands.
func randomSpec(r *rand.Rand) []byte {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	in := strings.Repeat(" ", 1+r.IntN(4))
	value := func() string {
		return pick("old", `"old"`, "'old'", `"o\"ld"`, "'o''ld'", "", "~", "1.10", "true", "日本")
	}
	comment := func() string { return pick("", "", " # why", "  # é: \"x\"") }
	gap := func(indent string) string { return pick("", "", "\n", indent+"# note: x\n", "\n# note\n\n") }
	parts := []string{"metadata:\n" + in + "name: x" + comment() + "\n", "spec:\n" + in + "package: " + pick("x", `"x"`, "'x'") + "\n" + in + "version: 1.0.0\n"}
	if r.IntN(4) > 0 {
		p := "provenance:" + comment() + "\n"
		for _, key := range []string{"repository_uri", "repository_ref", "cert_issuer"} {
			if r.IntN(3) > 0 {
				p += gap(in) + in + key + ": " + value() + comment() + "\n"
			}
		}
		if r.IntN(3) > 0 {
			p += in + "attestations:" + comment() + "\n"
			for _, key := range []string{"available", "verified"} {
				if r.IntN(3) > 0 {
					p += gap(in+in) + in + in + key + ": " + pick("true", "False", "") + comment() + "\n"
				}
			}
			if r.IntN(2) > 0 {
				p += in + in + "publisher:\n"
				for _, key := range []string{"kind", "other", "repository", "workflow"} {
					if r.IntN(2) > 0 {
						p += gap(in+in+in) + in + in + in + key + ": " + value() + comment() + "\n"
					}
				}
			}
		}
		parts = append(parts, p)
	}
	parts = append(parts, "security:\n"+in+"reason: |\n"+in+in+"text: x\n"+in+in+"# no comment\n"+in+"list:\n"+in+"- a\n"+in+"- b: c\n")
	if r.IntN(3) == 0 {
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
	}
	text := pick("", "# head\n", "---\n", "\n") + strings.Join(parts, gap(""))
	if r.IntN(4) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	if r.IntN(3) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(pick("", "", "\ufeff") + text)
}

func TestEditProperty(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	r := rand.New(rand.NewPCG(7, 7))
	accepted := 0
	const runs = 1000
	for range runs {
		text, changes := randomSpec(r), randomChanges(r)
		got, err := Edit(text, changes)
		if err != nil {
			continue
		}
		accepted++
		checkEdit(t, text, got, changes)
		if again, err := Edit(got, changes); err != nil || !bytes.Equal(again, got) {
			t.Errorf("edited twice: %v\n%q\n%q", err, got, again)
		}
		if t.Failed() {
			return
		}
	}
	if accepted < runs*9/10 {
		t.Errorf("only %d of %d edits were accepted", accepted, runs)
	}
}

func TestEditOfRecordedCatalogs(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	files, err := filepath.Glob(filepath.Join(testfiles.Shared(t, "catalogs"), "*", "*", "*", specFile))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d recorded specs: %v", len(files), err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for _, file := range files {
		text := testfiles.Read(t, file)
		for range 4 {
			changes := randomChanges(r)
			got, err := Edit(text, changes)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			checkEdit(t, text, got, changes)
		}
	}
}

func FuzzEdit(f *testing.F) {
	f.Add([]byte(described), "https://github.com/a/b", "x", byte(0xff))
	f.Add([]byte("\ufeffspec:\r\n  a: |+\r\n\r\n  b\r\n"), "a: b", "'", byte(1))
	f.Add([]byte("provenance:\n  repository_uri: \"a\\\n    b\"\n"), "\\", "\"", byte(3))
	f.Add([]byte("? a\n: b\nprovenance:\n    attestations:\n    - a\n"), "no", "1", byte(8))
	f.Add([]byte("provenance:\u2028  repository_uri: a\u0085b: c"), "no", "1", byte(17))
	for i, spec := range seeds.Files(f, seeds.Specs) {
		f.Add(spec, "https://github.com/a/b", "release.yml", byte(i*37))
	}
	f.Fuzz(func(t *testing.T, text []byte, one, two string, which byte) {
		var changes []Change
		for i, key := range Keys() {
			if which>>i&1 == 0 {
				continue
			}
			c := Change{key, []string{one, two}[i%2]}
			if key.boolean() {
				c.Value = []string{"true", "false"}[which>>7&1]
			}
			changes = append(changes, c)
		}
		got, err := Edit(text, changes)
		if err != nil {
			return
		}
		for _, c := range changes {
			root, err := yamlfile.Document(got, untrusted.MaxSpec)
			if err != nil {
				t.Fatal(err)
			}
			value := root
			for _, name := range strings.Split(string(c.Key), ".") {
				if _, value = entry(value, name); value == nil {
					t.Fatalf("%s is missing in %q", c.Key, got)
				}
			}
			if !c.holds(value) {
				t.Errorf("%s is %q, want %q", c.Key, value.Value, c.Value)
			}
		}
		if again, err := Edit(got, changes); err != nil || !bytes.Equal(again, got) {
			t.Errorf("edited twice: %v\n%q\n%q", err, got, again)
		}
	})
}
