package yamlfile

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
)

// readAll reads the one shape that the tests use.
func readAll(text string) (name string, n int, day time.Time, words []string, inner []string, err error) {
	f, m := Parse([]byte(text), "x.yaml", 10_000)
	m.Only("name", "n", "day", "words", "list", "map")
	m.Required("name")
	name, n, day, words = m.Text("name"), m.Int("n", 1, 9), m.Date("day"), m.Texts("words")
	for _, item := range append(m.Maps("list"), m.Map("map")) {
		item.Only("a")
		inner = append(inner, item.Text("a"))
	}
	return name, n, day, words, inner, f.Err()
}

func TestRead(t *testing.T) {
	t.Parallel()
	name, n, day, words, inner, err := readAll("name: 1.10 # a\nn: 3\nday: 2026-02-28\nwords: [a, 'b c', 日本]\nlist:\n  - a: x\nmap: {a: \"y\"}\n")
	if err != nil || name != "1.10" || n != 3 || day.Format(time.DateOnly) != "2026-02-28" ||
		!slices.Equal(words, []string{"a", "b c", "日本"}) || !slices.Equal(inner, []string{"x", "y"}) {
		t.Errorf("read %q %d %v %q %q %v", name, n, day, words, inner, err)
	}
	_, n, day, words, inner, err = readAll("name: x\n")
	if err != nil || n != 1 || !day.IsZero() || words != nil || !slices.Equal(inner, []string{""}) {
		t.Errorf("absent keys read as %d %v %q %q %v", n, day, words, inner, err)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"words: [" + strings.Repeat("{a},", 100) + "]": "x.yaml: too large: more than 156 lines, keys and values",
		"":                                   "x.yaml: expected keys and values, found an empty file",
		"# only\n":                           "x.yaml: expected keys and values, found an empty file",
		"- a\n":                              "x.yaml:1: expected keys and values, found a list",
		"name: [\n":                          "x.yaml:1: expected YAML",
		"name: x\n---\na: b\n":               "x.yaml:2: expected one YAML document",
		"name: \xff\n":                       "x.yaml: expected UTF-8 text, found other bytes",
		"\xff\xfen\x00a\x00":                 "x.yaml: expected UTF-8 text, found UTF-16 or UTF-32: save the file as UTF-8",
		"n\x00a\x00m\x00e\x00:\x00":          "x.yaml: expected UTF-8 text, found UTF-16",
		"name: x\x00\n":                      "x.yaml:1: expected YAML: control characters",
		"---\n...\n# only marks\n":           "x.yaml: expected keys and values, found an empty file",
		"name: x\n---\n~\n":                  "x.yaml:2: expected one YAML document, found another",
		"name: x\n---\n---\nn: 1\n":          "x.yaml:3: expected one YAML document, found another",
		"name: x\n--- ''\n":                  "x.yaml:2: expected one YAML document, found another",
		"name: x\n--- !!null\n":              "x.yaml:2: expected one YAML document, found another",
		"name: x\n--- &a\n":                  "x.yaml:2: expected one YAML document, found another",
		"name: x\n--- |\n":                   "x.yaml:2: expected one YAML document, found another",
		"%YAML 2.0\n---\nname: x\n":          "x.yaml: expected YAML 1.1 or 1.2, found a directive of another version",
		"%YAML 1.3\n---\nname: x\n":          "x.yaml: expected YAML 1.1 or 1.2",
		"%YAML 1.2\n%YAML 1.2\n---\nname: x": "x.yaml:2: expected YAML: found duplicate",
		"%YAML 1.2\nname: x\n":               "x.yaml:2: expected YAML",
		"%YAML 1.2\n---\nname: [\n":          "x.yaml:3: expected YAML",
		"%YAML 1.2\n---\nname: x\nn: y\n":    `x.yaml:4: n: expected a number`,
		"\ufeff# a\r\nname: x\r\nn: y\r\n":   `x.yaml:3: n: expected a number`,
		strings.Repeat("#", 10_001):          "x.yaml: expected at most 10000 bytes, found 10001",
		"name: x\nnam: y\n":                  `x.yaml:2: unknown key "nam": expected one of name, n,`,
		"name: x\n\"\\e\": y\n":              `x.yaml:2: unknown key "\x1b"`,
		"name: x\nname: y\n":                 `x.yaml:2: expected each key once, found "name" again (first on line 1)`,
		"name: x\nlist:\n- {a: 1, a: 2}\n":   `x.yaml:3: expected each key once, found "a" again`,
		"name: x\nlist:\n- {a: 1, b: 2}\n":   `x.yaml:3: unknown key "b"`,
		"name: x\nmap:\n  b: 2\n":            `x.yaml:3: unknown key "b"`,
		"n: 1\n":                             "x.yaml:1: name: expected a value, found nothing",
		"name:\n":                            "x.yaml:1: name: expected a value, found nothing",
		"name: ''\n":                         "x.yaml:1: name: expected a value, found nothing",
		"name: true\n":                       "x.yaml:1: name: expected text, found true or false (true)",
		"name: [x]\n":                        "x.yaml:1: name: expected text, found a list",
		"name: \"a\\u202eb\"\n":              `found "a\u202eb"`,
		"name: \"a\\nb\"\n":                  `found "a\nb"`,
		"name: " + strings.Repeat("x", 5000): "x.yaml:1: name: expected at most 4096 bytes, found 5000",
		"name: &a x\n":                       "x.yaml:1: expected a value without an anchor, found &a",
		"name: !!str x\n":                    "x.yaml:1: expected a value without a tag, found !!str",
		"name: x\n<<: {n: 3}\n":              `x.yaml:2: expected a word as the key, found "<<"`,
		"name: x\n1: 3\n":                    `x.yaml:2: expected a word as the key, found "1"`,
		"name: x\n[a]: 3\n":                  "x.yaml:2: expected a word as the key, found a list",
		"name: x\nn: 10\n":                   `x.yaml:2: n: expected a number from 1 to 9, found "10"`,
		"name: x\nn: 1.5\n":                  `x.yaml:2: n: expected a number from 1 to 9`,
		"name: x\nn: '3'\n":                  `x.yaml:2: n: expected a number from 1 to 9`,
		"name: x\nn: 0x3\n":                  `x.yaml:2: n: expected a number from 1 to 9`,
		"name: x\nn: {}\n":                   `x.yaml:2: n: expected a number`,
		"name: x\nday: 2026-02-30\n":         `x.yaml:2: day: expected a date such as 2026-12-31, found "2026-02-30"`,
		"name: x\nday: 2026-02-03T00:00:00Z": `x.yaml:2: day: expected a date`,
		"name: x\nwords: []\n":               "x.yaml:2: words: expected at least one value",
		"name: x\nwords: a\n":                `x.yaml:2: words: expected a list, found "a"`,
		"name: x\nwords:\n- a\n- a\n":        `x.yaml:4: words[1]: expected each value once, found "a" again`,
		"name: x\nwords:\n- a\n-\n":          "x.yaml:4: words[1]: expected text, found nothing",
		"name: x\nlist: {}\n":                "x.yaml:2: list: expected a list, found keys and values",
		"name: x\nlist:\n- a\n":              `x.yaml:3: list[0]: expected keys and values, found "a"`,
		"name: x\nmap: []\n":                 "x.yaml:2: map: expected keys and values, found a list",
		"name: x\nmap:\n":                    "x.yaml:2: map: expected a value, found nothing",
		"a: &a [x]\nname: *a\n":              "x.yaml:1: expected a value without an anchor",
	} {
		_, _, _, _, _, err := readAll(text)
		var located *Error
		if !errors.As(err, &located) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", untrusted.Excerpt(text), err, want)
		} else if untrusted.Clean(err.Error()) != err.Error() {
			t.Errorf("%q: the error is not fit to be shown: %q", untrusted.Excerpt(text), err)
		}
	}
}

// A fault has the line on which it is, not that of the block around it.
func TestLines(t *testing.T) {
	t.Parallel()
	const head = "# c\n# d\nmetadata:\n  name: x\nspec:\n  package: x\n"
	for text, want := range map[string]string{
		" - a\n": "did not find expected key", "- a\n": "did not find expected key", "}\n": "did not find expected key", " x: y\n": "did not find expected key",
		"   x: y\n": "mapping values are not allowed", "  a: [a, b\nb:\n  c: d\n": "did not find expected ',' or ']'", "  a: {b: c\n": "did not find expected ',' or '}'",
		"  a: 'it\nb: c\n": "unexpected end of stream", "  a: *b\nc: d\n": "unknown anchor", "a: \x07\nb: c\n": "control characters", "foo\nbar: x\n": "could not find expected ':'",
		"\ta: b\n": "a tab character", "  a: \"\\q\"\n": "unknown escape", "? a\nb\n": "could not find expected ':'",
	} {
		for dress, before := range map[string]int{"": 0, "%YAML 1.2\n---\n": 2, "\ufeff# e\n": 1} {
			_, err := Document([]byte(dress+head+text), 10_000)
			at := 7 + before
			if text[0] == '?' {
				at++
			}
			var located *Error
			if !errors.As(err, &located) || located.Line != at || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: %v, want line %d and %q", dress+head+text, err, at, want)
			}
			_, err = Document([]byte(strings.ReplaceAll(dress+head+text, "\n", "\r\n")), 10_000)
			if !errors.As(err, &located) || located.Line != at {
				t.Errorf("%q, DOS: %v, want line %d", dress+head+text, err, at)
			}
		}
	}
	// A large file keeps the library's number: nobody wrote it by hand.
	large := head + strings.Repeat("#"+strings.Repeat("x", 99)+"\n", 1000) + " - a\n"
	if _, err := Document([]byte(large), 1<<20); err == nil || !strings.HasPrefix(err.Error(), "line 2: ") {
		t.Errorf("a large file: %v", err)
	}
}

// What begins and ends a document is no part of what it says.
func TestMarksAndDirectives(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"---\nname: x\n", "name: x\n---\n", "name: x\n---", "name: x\n...\n", "name: x\n...\n---\n", "name: x\n--- # the end\n\n# of it\n",
		"name: x\n---\n---\n...\n---\n", "---\n---\nname: x\n", "--- {name: x}\n---\n", "%YAML 1.2\n---\nname: x\n", "%YAML 1.1\n---\nname: x\n...\n",
		"# a\n\n%TAG !e! tag:example.com,2000:\n%YAML 1.2 # b\n---\nname: x\n", "\ufeff%YAML\t1.2\r\n---\r\nname: x\r\n---\r\n",
		"\ufeffname: x\n", "\ufeff---\nname: x\n---\n", "\ufeff{\"name\": \"x\"}", "\ufeff\r\n{\r\n\t\"name\": \"x\"\r\n}\r\n", "{\"name\":\"x\"}\n...\n",
	} {
		if name, _, _, _, _, err := readAll(text); err != nil || name != "x" {
			t.Errorf("%q: name %q, %v", text, name, err)
		}
	}
	for text, want := range map[string]string{
		`{"name": "a\/b"}`: "a/b", `{"name": "\ud83d\uDE00 \u00e9"}`: "😀 é", "\ufeff\n{\"name\": \"a\\\\/b\"}": `a\/b`, `{"name": "a\\ud83d\\ude00"}`: `a\ud83d\ude00`,
		`{"name": "%YAML 1.2 a\/b"}`: "%YAML 1.2 a/b",
		"{name: 'a\\/b'}":            `a\/b`, // no JSON
	} {
		if name, _, _, _, _, err := readAll(text); err != nil || name != want {
			t.Errorf("%s: name %q, %v, want %q", text, name, err, want)
		}
	}
	for _, text := range []string{`{"name": "\ud83d"}`, `{"name": "\ude00\ud83d"}`, `{"name": "a\/b", }`, "name: \"a\\/b\""} {
		if name, _, _, _, _, err := readAll(text); err == nil {
			t.Errorf("%s: name %q", text, name)
		}
	}
	// Nothing is replaced but the directive.
	if name, _, _, _, _, err := readAll("# c\nname: '%YAML 1.2'\n"); err != nil || name != "%YAML 1.2" {
		t.Errorf("a text that looks like a directive: %q, %v", name, err)
	}
}

func TestComment(t *testing.T) {
	t.Parallel()
	f, m := Parse([]byte("list:\n  # one\n  # more\n  - a: x\n  - a: y\n  # three\n  - a: z\n"), "x.yaml", 1000)
	var got []string
	for _, item := range m.Maps("list") {
		got = append(got, item.Comment())
	}
	if f.Err() != nil || !slices.Equal(got, []string{"# one\n# more", "", "# three"}) {
		t.Errorf("comments %q, %v", got, f.Err())
	}
}
