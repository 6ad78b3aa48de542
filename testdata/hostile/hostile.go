// Package hostile holds texts that try to act on whatever shows them, and puts
// them into every text field of a value. Tests use it; the program does not.
package hostile

import (
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// Text is one hostile text.
type Text struct{ Name, Value string }

// Texts returns the hostile texts, each of which tries one thing, and the last
// all of them at once.
func Texts() []Text {
	texts := []Text{
		{"CSI", "a\x1b[2J\x1b[Hb\x1b[31mc"},
		{"CSI that asks", "\x1b[6n\x1b[c\x1b[>q"},
		{"OSC title", "\x1b]0;owned\a"},
		{"OSC 8 link", "\x1b]8;;https://elsewhere.example/\x1b\\click\x1b]8;;\x1b\\"},
		{"OSC 52 clipboard", "\x1b]52;c;cm0gLXJmIC8=\a"},
		{"DCS", "\x1bP+q544e\x1b\\"},
		{"APC", "\x1b_Gf=24;AAAA\x1b\\"},
		{"PM and SOS", "\x1b^x\x1b\\\x1bXy\x1b\\"},
		{"ESC alone", "\x1b"},
		{"ESC c", "\x1bc"},
		{"C1 in UTF-8", "\u009b2J\u009d0;owned\u009c\u0090x"},
		{"C1 in bytes", "\x9b2J\x9d0;owned\x9c\x90x"},
		{"CR", "bad\rgood"},
		{"LF", "one\ntwo\r\n\n✓ verified"},
		{"line separators", "one\u2028two\u2029three\u0085four"},
		{"BEL and backspace", "\a\b\b\b\bxx"},
		{"tab, vertical tab, form feed", "a\tb\vc\fd"},
		{"NUL and DEL", "a\x00b\x7fc"},
		{"shift out", "\x0elqqk\x0f"},
		{"bidi overrides", "safe\u202egnp.exe\u202c\u202d"},
		{"bidi isolates", "\u2066a\u2067b\u2068c\u2069\u200e\u200f\u061c"},
		{"zero width", "a\u200b\u200c\u200d\u2060\ufeffb"},
		{"variation selectors", "✓\ufe0f\u2713\ufe0e\U000e0100"},
		{"tags", "a\U000e0001\U000e0061\U000e007f"},
		{"invisible letters", "\u3164\u115f\uffa0\u2800\u00ad\u034f\u180e"},
		{"private and unassigned", "\ue000\U000f0000\u0378\U000e1000\ufffe\U0010ffff"},
		{"invalid UTF-8", "a\xff\xfe\xc3(\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf"},
		{"marks at the start", "\u0338\u0301x"},
		{"marks without end", "a" + strings.Repeat("\u0301\u0322", 50_000)},
		{"one long line", strings.Repeat("long ", 1<<20/5)},
		{"one long word", strings.Repeat("漢x", 1<<18)},
		{"wide", "日本語パッケージ한국어ＡＢＣ"},
		{"emoji", "👩‍👩‍👧‍👦👍🏽🇩🇪1️⃣🏴󠁧󠁢󠁥󠁮󠁧󠁿"},
		{"Indic and Arabic", "क्षि ﷺ שלום"},
		{"homoglyphs", "https://github.com/\u0430cme/\u0445"},
		{"markup", "a|b`c` ``` <script>alert(1)</script> <img src=x> [x](https://elsewhere.example) ![x](y) **b** @everyone #1 www.elsewhere.example"},
		{"formula", "=cmd|'/c calc'!A1"},
		{"formula after blanks", " \t\r+1+1"},
		{"shell and Dockerfile", "x\nRUN evil\\\n${HOME} $(id) `id` \"'; \\"},
		{"YAML and JSON", "\"}\n- x: [*a, &b]\n{\"status\":\"verified\"}"},
		{"format verbs", "%s%d%!v(MISSING)%%\\x1b\\u202e"},
		{"path", "../../../etc/passwd"},
		{"blank", "   "},
	}
	var all strings.Builder
	for _, t := range texts {
		if len(t.Value) < 1000 {
			all.WriteString(t.Value)
		}
	}
	return append(texts, Text{"all at once", all.String()})
}

// Long says whether the text is one of those whose length is the attack.
func (t Text) Long() bool { return len(t.Value) > 10_000 }

// Sample reports whether a test that tries very many inputs is to try a sample
// of them, as in make test (go test -short), and says so in the test's log. A
// sample is always the same and has every kind of input. make check tries all.
func Sample(t testing.TB) bool {
	t.Helper()
	if testing.Short() {
		t.Log("a sample of the inputs; make check tries all of them")
	}
	return testing.Short()
}

// WithoutRace skips a test that tries very many inputs one after the other
// under the race detector, which makes it several times as slow and has little
// to look for in it: make check runs it without.
func WithoutRace(t testing.TB) {
	t.Helper()
	if testfiles.Race {
		t.Skip("make check runs this without the race detector")
	}
}
