package confusable

import (
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
)

func TestNames(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in      string
		kind    Kind
		scripts string
		strange string // as escapes
		like    string
	}{
		"ASCII":                       {"@acme/http-client_2.0~x", Plain, "", "", ""},
		"nothing":                     {"", Plain, "", "", ""},
		"accents":                     {"café-żółw", Plain, "", "", ""},
		"accents, decomposed":         {"cafe\u0301", Plain, "", "", ""},
		"a sign":                      {"👍-bot", Plain, "", "", ""},
		"Cyrillic a in Latin":         {"@\u0430cme/x", Mixed, "Cyrillic Latin", `\u0430`, "acme"},
		"two of them":                 {"p\u0430yp\u0430l", Mixed, "Cyrillic Latin", `\u0430`, "paypal"},
		"Greek omicron":               {"micr\u03bfsoft", Mixed, "Greek Latin", `\u03bf`, "microsoft"},
		"Cherokee":                    {"\u13aacme", Mixed, "Cherokee Latin", `\u13aa`, "Acme"},
		"a whole word of Cyrillic":    {"mcp-\u0441\u0435\u0440\u0432\u0435\u0440", Mixed, "Cyrillic Latin", `\u0441\u0435\u0440\u0432`, ""},
		"Cyrillic alone, like Latin":  {"https://gitlab.com/\u0441\u043e\u0441/x", Twin, "Cyrillic", `\u0441\u043e`, "coc"},
		"Cyrillic alone":              {"\u0441\u0435\u0440\u0432\u0435\u0440", Foreign, "Cyrillic", `\u0441\u0435\u0440\u0432`, ""},
		"Hebrew alone":                {"שלום", Foreign, "Hebrew", `\u05e9\u05dc\u05d5\u05dd`, ""},
		"Hebrew and Arabic":           {"\u05e9\u0634", Mixed, "Arabic Hebrew", `\u05e9\u0634`, ""},
		"Japanese":                    {"日本語パッケージ", Foreign, "Han Katakana", `\u65e5\u672c\u8a9e\u30d1\u30c3\u30b1\u30b8`, ""},
		"Japanese with Latin":         {"mcp日本", Foreign, "Han Latin", `\u65e5\u672c`, ""},
		"Korean with Latin":           {"mcp한국", Foreign, "Hangul Latin", `\ud55c\uad6d`, ""},
		"Korean with Japanese":        {"한かな", Mixed, "Hangul Hiragana", `\ud55c\u304b\u306a`, ""},
		"a Latin letter that is none": {"\u0251cme", Twin, "Latin", `\u0251`, "acme"},
		"dotless i":                   {"g\u0131thub", Twin, "Latin", `\u0131`, "github"},
		"mathematical letters":        {"\U0001d41a\U0001d41cme", Twin, "Latin", `\U0001d41a\U0001d41c`, "acme"},
		"another hyphen":              {"left\u2010pad", Twin, "Latin", `\u2010`, "left-pad"},
		"another slash":               {"github.com\u2215evil", Twin, "Latin", `\u2215`, "com/evil"},
		"zero width":                  {"ac\u200bme", Hidden, "Latin", `\u200b`, ""},
		"reversed":                    {"a\u202eexe", Hidden, "Latin", `\u202e`, ""},
		"variation selector":          {"acme\ufe0f", Hidden, "Latin", `\ufe0f`, ""},
		"tags":                        {"acme\U000e0061", Hidden, "Latin", `\U000e0061`, ""},
		"no text":                     {"acme\xff", Hidden, "Latin", `\ufffd`, ""},
		"no text, by one byte":        {"acme\x80", Hidden, "Latin", `\ufffd`, ""},
		"only the parts count":        {"gitlab.com/例え/テスト", Foreign, "Han Hiragana", `\u4f8b\u3048`, ""},
		"the host":                    {"https://g\u0456thub.com/acme/x", Mixed, "Cyrillic Latin", `\u0456`, "github"},
	} {
		t.Run(name, func(t *testing.T) {
			names := Names(test.in)
			if test.kind == Plain {
				if len(names) != 0 {
					t.Errorf("Names(%q) = %+v, want none", test.in, names)
				}
				return
			}
			if len(names) == 0 {
				t.Fatalf("Names(%q) finds nothing", test.in)
			}
			n := names[0]
			if n.Kind != test.kind || strings.Join(n.Scripts, " ") != test.scripts || n.Like != test.like {
				t.Errorf("Names(%q) = %+v", test.in, n)
			}
			var strange strings.Builder
			for _, r := range n.Strange {
				strange.WriteString(escapeOf(r))
			}
			if strange.String() != test.strange {
				t.Errorf("strange in %q: %s, want %s", test.in, strange.String(), test.strange)
			}
		})
	}
}

func escapeOf(r rune) string { return strings.TrimPrefix(Escape("a"+string(r)), "a") }

func TestNamesAreEachOnceAndBounded(t *testing.T) {
	t.Parallel()
	if got := Names("\u0430cme/\u0430cme"); len(got) != 1 {
		t.Errorf("%d names, want one", len(got))
	}
	if got := Names(strings.Repeat("\u0430cme", 1<<18)); len(got) != 1 || len(got[0].Text) > maxBytes {
		t.Errorf("%d names of a long text", len(got))
	}
	if got := Names(strings.Repeat("a", maxBytes-2) + "\u0430"); len(got) != 1 {
		t.Errorf("%d names of a text as long as the bound", len(got))
	}
	if got := Names(strings.Repeat("a", maxBytes-1) + "é"); len(got) != 0 {
		t.Errorf("a letter was cut in two: %+v", got)
	}
	if got := Names(strings.Repeat("\x80", maxBytes+1)); len(got) != 1 || len(got[0].Text) > maxBytes {
		t.Errorf("%d names where no letter begins, want one as for a shorter text", len(got))
	}
	if got := Names("\x80"); len(got) != 1 {
		t.Errorf("%d names where no letter begins", len(got))
	}
	if got := Names(strings.Repeat("a", maxBytes) + "\u0430"); len(got) != 0 {
		t.Errorf("what lies beyond the bound was looked at: %+v", got)
	}
}

func TestAlike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"acme", "acme", false},
		{"acme", "Acme", false},
		{"acme", "acne", false},
		{"acme", "\u0430cme", true},
		{"Acme", "\u0430cme", true},
		{"\u0410CME", "acme", true},
		{"paypal", "paypa1", true},
		{"paypal", "paypaI", true},
		{"model", "rnodel", true},
		{"https://github.com/acme/x", "https://github.com/\u0430cme/x", true},
		{"", "", false},
		{"", "a", false},
		{strings.Repeat("a", maxBytes-1) + "l", strings.Repeat("a", maxBytes-1) + "1", true},
		{strings.Repeat("a", maxBytes-1) + "m", strings.Repeat("a", maxBytes-1) + "rn", false},
		{strings.Repeat("a", maxBytes+1), strings.Repeat("\u0430", maxBytes+1), false},
	} {
		if got := Alike(test.a, test.b); got != test.want {
			t.Errorf("Alike(%q, %q) = %v", test.a, test.b, got)
		}
		if got := Alike(test.b, test.a); got != test.want {
			t.Errorf("Alike(%q, %q) = %v", test.b, test.a, got)
		}
	}
}

func TestReveal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"@acme/x":                           "@acme/x",
		"日本語パッケージ":                          "日本語パッケージ",
		"@\u0430cme/日本":                     `@\u0430cme/日本`,
		"https://gitlab.com/\u0441\u043e/é": `https://gitlab.com/\u0441\u043e/é`,
		"a\x1b[2J\u0430":                    `a\x1b[2J\u0430`,
		"ac\u200bmeé":                       `ac\u200bme\u00e9`,
		"\u0430\xff":                        `\u0430\xff`,
		"\u0430/" + "\r\n" + "é":            `\u0430/\r\né`,
	} {
		got := Reveal(in)
		if got != want {
			t.Errorf("Reveal(%q) = %q, want %q", in, got, want)
		}
		if again := Reveal(got); again != got {
			t.Errorf("revealed twice it is %q", again)
		}
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for r, want := range map[rune]string{
		'a': "Latin", 'z': "Latin", 'A': "Latin", 'Z': "Latin", '@': "", '[': "", '`': "", '{': "", '0': "",
		'é': "Latin", '\u0430': "Cyrillic", '\u0301': "", '\U00016fe4': "Khitan Small Script",
	} {
		if got := scriptOf(r); got != want {
			t.Errorf("%q is %q, want %q", r, got, want)
		}
	}
	if !ascii(0x7f) || ascii(0x80) {
		t.Error("ASCII ends at U+007F")
	}
	for r, want := range map[rune]string{'\u0430': "U+0430 (Cyrillic)", '-': "U+002D"} {
		if got := Describe(r); got != want {
			t.Errorf("%q is described as %q, want %q", r, got, want)
		}
	}
}

func TestRevealOfALongText(t *testing.T) {
	t.Parallel()
	if long := strings.Repeat("x", maxBytes-7) + "/日本"; Reveal(long) != long {
		t.Error("a text as long as the bound is escaped as a whole")
	}
	if got := Reveal(strings.Repeat("x", maxBytes) + "\u0430"); !strings.HasSuffix(got, `x\u0430`) {
		t.Errorf("it ends in %q", got[len(got)-10:])
	}
}

func FuzzNames(f *testing.F) {
	for _, s := range []string{"", "@\u0430cme/x", "\u0301\u0430", "\xff/\u202e", "日本/テ", "a\u200d\U000e0061"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		shown := Reveal(s)
		if untrusted.Clean(shown) != shown {
			t.Errorf("Reveal(%q) = %q is not clean", s, shown)
		}
		for _, n := range Names(s) {
			if n.Kind == Plain || !strings.Contains(s, n.Text) || len(n.Strange) == 0 {
				t.Errorf("of %q: %+v", s, n)
			}
			if !untrusted.IsASCII(n.Like) || !untrusted.IsASCII(Escape(n.Text)) {
				t.Errorf("of %q: %+v, escaped %q", s, n, Escape(n.Text))
			}
		}
	})
}
