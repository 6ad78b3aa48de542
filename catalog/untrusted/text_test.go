package untrusted

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"plimsoll/testdata/hostile"
	"plimsoll/testdata/seeds"
)

// dangerous says, apart from the code under test, what must never reach a
// terminal: what it obeys, what reorders text, and what cannot be seen.
func dangerous(r rune) bool {
	return r != ' ' && unicode.Is(unicode.Zs, r) ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp) ||
		unicode.In(r, unicode.Bidi_Control, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point,
			unicode.Noncharacter_Code_Point, unicode.Join_Control) ||
		r == 0x2800 || r == 0x1d159
}

// checkClean fails when s could harm a terminal.
func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) {
		t.Errorf("invalid UTF-8 in %q", s)
	}
	marks := 0
	for i, r := range s {
		if dangerous(r) {
			t.Errorf("%U survives at %d in %q", r, i, short(s))
		}
		if !unicode.Is(unicode.M, r) {
			marks = 0
		} else if marks++; marks > maxMarks || i == 0 {
			t.Errorf("mark %d in a row survives at %d in %q", marks, i, short(s))
			return
		}
	}
}

func short(s string) string { return s[:min(len(s), 200)] }

func TestClean(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ in, want string }{
		"plain":                {`@acme/x 1.0 ~\"`, `@acme/x 1.0 ~\"`},
		"empty":                {"", ""},
		"ESC":                  {"a\x1b[2Jb", `a\x1b[2Jb`},
		"NUL and BEL":          {"\x00\a", `\x00\x07`},
		"line ends":            {"a\r\nb\tc", `a\r\nb\tc`},
		"DEL":                  {"a\x7f", `a\x7f`},
		"C1 as UTF-8":          {"\u009b2J", `\x9b2J`},
		"C1 as a byte":         {"\x9b2J", `\x9b2J`},
		"invalid UTF-8":        {"a\xff\xc3(", `a\xff\xc3(`},
		"surrogate in UTF-8":   {"\xed\xa0\x80", `\xed\xa0\x80`},
		"replacement":          {"\ufffd", "\ufffd"},
		"right to left":        {"a\u202egnp.exe", `a\u202egnp.exe`},
		"isolate":              {"\u2066\u2069", `\u2066\u2069`},
		"zero width":           {"a\u200b\u200d\u2060\ufeffb", `a\u200b\u200d\u2060\ufeffb`},
		"line separator":       {"a\u2028\u2029\u0085", `a\u2028\u2029\x85`},
		"spaces":               {"a\u00a0\u2003\u3000", `a\xa0\u2003\u3000`},
		"soft hyphen":          {"a\u00adb", `a\xadb`},
		"tags":                 {"a\U000e0001\U000e0061", `a\U000e0001\U000e0061`},
		"Hangul filler":        {"\u3164\u115f\uffa0", `\u3164\u115f\uffa0`},
		"blank letters":        {"\u2800\U0001d159", `\u2800\U0001d159`},
		"variation selectors":  {"\u2713\ufe0f\U000e0100", `✓\ufe0f\U000e0100`},
		"grapheme joiner":      {"a\u034fb", `a\u034fb`},
		"private":              {"\ue000\U000f0000", `\ue000\U000f0000`},
		"no character":         {"\ufffe\U0010ffff", `\ufffe\U0010ffff`},
		"accent":               {"e\u0301", "e\u0301"},
		"accent at the start":  {"\u0338a", `\u0338a`},
		"two at the start":     {"\u0338\u0301a", `\u0338` + "\u0301a"},
		"accent after escape":  {"\x1b\u0301", `\x1b` + "\u0301"},
		"four marks":           {"a\u0301\u0302\u0303\u0304b", "a\u0301\u0302\u0303\u0304b"},
		"five marks":           {"a\u0301\u0302\u0303\u0304\u0305b", "a\u0301\u0302\u0303\u0304…b"},
		"100,000 marks":        {"a" + strings.Repeat("\u0301", 100_000) + "b", "a\u0301\u0301\u0301\u0301…b"},
		"marks and a selector": {"a\u0301\ufe0f\u0301\u0301\u0301", "a\u0301\\ufe0f\u0301\u0301…"},
		"wide":                 {"日本語 한국어 😀", "日本語 한국어 😀"},
		"Hebrew, Devanagari":   {"שלום क्षि", "שלום क्षि"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Clean(test.in)
			if got != test.want {
				t.Errorf("Clean(%q) = %q, want %q", short(test.in), short(got), short(test.want))
			}
			checkClean(t, got)
			if again := Clean(got); again != got {
				t.Errorf("cleaned twice it is %q", short(again))
			}
		})
	}
}

func TestCleanOfEveryRune(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	for r := rune(0); r <= unicode.MaxRune; r++ {
		in := "a" + string(r) + "b"
		got := Clean(in)
		if dangerous(r) == (got == in) && utf8.ValidRune(r) && unicode.IsPrint(r) != (got == in) {
			t.Errorf("%U becomes %q", r, got)
		}
		if dangerous(r) && utf8.ValidRune(r) && (got == in || strings.ContainsRune(got, r)) {
			t.Errorf("%U survives", r)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b]8;;\x07", "\u202e\ufe0f\u0301", "\xff\u0301\u0301\u0301\u0301\u0301", "a\u0301\ufe0f\u0302\u0303\u0304\u0305", "日\u3164"} {
		f.Add(s, 8)
	}
	for _, s := range seeds.Hostile(f) {
		f.Add(s, 40)
	}
	f.Fuzz(func(t *testing.T, s string, limit int) {
		clean := Clean(s)
		checkClean(t, clean)
		if again := Clean(clean); again != clean {
			t.Errorf("Clean(%q) = %q, and of that %q", s, clean, again)
		}
		limit %= 200
		cut := Shorten(s, limit)
		checkClean(t, cut)
		if len(cut) > max(limit, 0) {
			t.Errorf("Shorten(%q, %d) = %q is %d bytes", s, limit, cut, len(cut))
		}
		for _, form := range []string{"%s", "%v", "%q", "%+v", "%#v", "%x", "%10.3s"} {
			checkClean(t, fmt.Sprintf(form, Text(s)))
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		checkJSON(t, quoted)
	})
}

func TestTextInEveryVerb(t *testing.T) {
	t.Parallel()
	const raw = "a\x1b[2J\u202e\xff\n"
	const clean = `a\x1b[2J\u202e\xff\n`
	type outer struct {
		Name Text
		List []Text
		Map  map[Text]Text
		Ptr  *Text
	}
	text := Text(raw)
	values := map[string]any{
		"text":      text,
		"slice":     []Text{text, text},
		"array":     [1]Text{text},
		"map":       map[Text]Text{text: text},
		"struct":    outer{text, []Text{text}, map[Text]Text{text: text}, nil},
		"pointer":   &outer{Name: text},
		"interface": []any{text},
		"error":     fmt.Errorf("found %q and %w", text, fmt.Errorf("inner %v", text)),
	}
	for name, value := range values {
		for _, verb := range []string{"%s", "%v", "%q", "%+v", "%#v", "%x", "%X", "%#x", "%+q", "%#q", "% x", "%d", "%20s", "%-20.5v", "%c", "%!"} {
			got := fmt.Sprintf(verb, value)
			for _, r := range got {
				if dangerous(r) || r == utf8.RuneError {
					t.Errorf("%s with %s: %U in %q", name, verb, r, got)
				}
			}
		}
	}
	for verb, want := range map[string]string{
		"%s": clean, "%v": clean, "%+v": clean, "%x": clean, "%d": clean,
		"%q": `"a\x1b[2J\u202e\xff\n"`, "%#v": `"a\x1b[2J\u202e\xff\n"`,
		"%24s": "    " + clean, "%-24v": clean + "    ", "%.5s": clean[:5],
	} {
		if got := fmt.Sprintf(verb, text); got != want {
			t.Errorf("%s gives %q, want %q", verb, got, want)
		}
	}
	if got := fmt.Sprint(text, " ", text); got != clean+" "+clean {
		t.Errorf("Sprint gives %q", got)
	}
	if text.String() != clean || string(text) != raw {
		t.Errorf("String %q, raw %q", text.String(), string(text))
	}
}

func TestShorten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in    string
		limit int
		want  string
	}{
		"short":                {"abc", 3, "abc"},
		"one too long":         {"abcd", 3, "…"},
		"cut":                  {"abcdefgh", 6, "abc…"},
		"never within a rune":  {"日本語", 8, "日…"},
		"exactly":              {"日本語", 9, "日本語"},
		"white space":          {" a\n\n b\t\u2028c ", 20, "a b c"},
		"cleaned":              {"a\x1bb", 20, `a\x1bb`},
		"cleaned and cut":      {"\x1b\x1b\x1b", 9, `\x1b\x…`},
		"long white space":     {"a" + strings.Repeat(" ", 10_000) + "b", 10, "a…"},
		"long marks":           {"a" + strings.Repeat("\u0301", 10_000) + "b", 20, "a\u0301\u0301\u0301\u0301…"},
		"a rune at the border": {strings.Repeat(" ", 16*10-1) + "日本", 10, "…"},
		"only stray bytes":     {strings.Repeat("\x80", 10_000), 10, `\x80\x8…`},
		"no room":              {"abc", 2, ""},
		"nothing":              {"abc", 0, ""},
		"below nothing":        {"abc", -5, ""},
		"empty":                {"", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := Shorten(test.in, test.limit)
			if got != test.want {
				t.Errorf("Shorten(%q, %d) = %q, want %q", short(test.in), test.limit, got, test.want)
			}
			checkClean(t, got)
		})
	}
}

func TestMessage(t *testing.T) {
	t.Parallel()
	if got := Message(nil); got != "" {
		t.Errorf("of no error: %q", got)
	}
	if got := Message(errors.New("bad\ncert \x1b[31m")); got != `bad cert \x1b[31m` {
		t.Errorf("got %q", got)
	}
	got := Message(errors.New(strings.Repeat("é", 10_000)))
	if len(got) > MaxMessage || len(got) < MaxMessage-4 || !strings.HasSuffix(got, "é…") {
		t.Errorf("%d bytes, ending in %q", len(got), got[max(0, len(got)-8):])
	}
}

// checkJSON checks EscapeJSON on a JSON text.
func checkJSON(t *testing.T, data []byte) {
	t.Helper()
	got := EscapeJSON(data)
	for _, r := range string(got) {
		if r != '\n' && (dangerous(r) || unicode.Is(unicode.M, r)) {
			t.Errorf("%U survives in %q", r, short(string(got)))
		}
	}
	var before, after any
	if err := json.Unmarshal(data, &before); err != nil {
		t.Fatalf("%q is no JSON: %v", data, err)
	}
	if err := json.Unmarshal(got, &after); err != nil {
		t.Errorf("%q is no JSON any more: %v", got, err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Errorf("%q decodes to %#v, was %#v", got, after, before)
	}
	if again := EscapeJSON(got); string(again) != string(got) {
		t.Errorf("escaped twice: %q", again)
	}
}

func TestEscapeJSON(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	for name, test := range map[string]struct{ in, want string }{
		"plain":             {`{"a": [1, true, null, "b"]}`, `{"a": [1, true, null, "b"]}`},
		"line feeds":        {"{\n  \"a\": 1\n}\n", "{\n  \"a\": 1\n}\n"},
		"tabs and returns":  {"{\r\n\t\"a\":\t1}", "{ \n \"a\": 1}"},
		"escapes stay":      {`"\u001b\n\\\u202e"`, `"\u001b\n\\\u202e"`},
		"DEL and C1":        {"\"\x7f\u009b\"", `"\u007f\u009b"`},
		"bidi in a name":    {"{\"\u202ea\": 1}", `{"\u202ea": 1}`},
		"tags":              {"\"\U000e0001\"", `"\udb40\udc01"`},
		"highest":           {"\"\U0010ffff\"", `"\udbff\udfff"`},
		"filler":            {"\"\u3164\ufe0f\"", `"\u3164\ufe0f"`},
		"mark":              {"\"e\u0301\"", `"e\u0301"`},
		"wide":              {`"日本😀"`, `"日本😀"`},
		"separators":        {"\"\u2028\u2029\"", `"\u2028\u2029"`},
		"after a backslash": {"\"\\\\\u202e\"", `"\\\u202e"`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := string(EscapeJSON([]byte(test.in))); got != test.want {
				t.Errorf("EscapeJSON(%q) = %q, want %q", test.in, got, test.want)
			}
			checkJSON(t, []byte(test.in))
		})
	}
	if got := string(EscapeJSON([]byte("\"\xff\""))); got != `"\ufffd"` {
		t.Errorf("invalid UTF-8 becomes %q", got)
	}
	checkJSON(t, []byte(`"`+strings.Repeat("\u0301", 100_000)+`"`))
}
