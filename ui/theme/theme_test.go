package theme

import (
	"strings"
	"testing"
	"testing/quick"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func TestPaint(t *testing.T) {
	t.Parallel()
	colour, mono := New(Options{Color: true}), New(Options{})
	ascii := New(Options{Color: true, ASCII: true})
	tests := []struct {
		name  string
		theme *Theme
		token Token
		text  string
		want  string
	}{
		{"a colour", colour, Good, "ok", "\x1b[32mok\x1b[0m"},
		{"nothing to paint", colour, Good, "", ""},
		{"plain", colour, Plain, "ok", "ok"},
		{"no colour", mono, Good, "ok", "ok"},
		{"the cursor stays visible without colour", mono, Selected, "row", "\x1b[7mrow\x1b[0m"},
		{"bold stays without colour", mono, Title, "plimsoll", "\x1b[1mplimsoll\x1b[0m"},
		{"glyphs of ours fall back", ascii, Plain, "a → b…", "a > b~"},
		{"other characters keep their width", ascii, Plain, "日本", "????"},
		{"no escape code, whatever else is asked for", New(Options{Color: true, Plain: true}), Selected, "row", "row"},
		{"a token that is not one", colour, tokens + 1, "x", "x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.theme.Paint(tt.token, tt.text); got != tt.want {
				t.Errorf("Paint = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextCleansAndKeepsNamesApart(t *testing.T) {
	t.Parallel()
	ascii := New(Options{ASCII: true})
	if got, want := New(Options{}).Text("evil\x1b[2Jname"), `evil\x1b[2Jname`; got != want {
		t.Errorf("Text = %q, want %q", got, want)
	}
	latin, cyrillic := ascii.Text("paypal"), ascii.Text("pаypal")
	if latin == cyrillic || cyrillic != `p\u0430ypal` {
		t.Errorf("Text = %q and %q, want the Cyrillic letter as an escape", latin, cyrillic)
	}
}

func TestOnlyWhatIsProvenIsGreen(t *testing.T) {
	t.Parallel()
	th := New(Options{Color: true})
	for _, s := range verify.Statuses() {
		if _, token := th.Status(s); (token == Good) != (s == verify.Verified) {
			t.Errorf("status %v is painted %d", s, token)
		}
	}
	if _, token := th.Status(verify.Status(200)); token == Good {
		t.Error("an unknown status is green")
	}
	for s := verify.NotRun; s <= verify.NotApplicable+1; s++ {
		if _, token := th.Check(s); (token == Good) != (s == verify.Pass) {
			t.Errorf("check %v is painted %d", s, token)
		}
	}
	for _, r := range []verify.Result{verify.ResultMatch, verify.ResultMismatch, verify.ResultDiffers, verify.ResultOnly, ""} {
		if _, token := th.Result(r); (token == Good) != (r == verify.ResultMatch) {
			t.Errorf("result %q is painted %d", r, token)
		}
	}
	if _, token := th.Severity(verify.SeverityError); token != Bad {
		t.Error("an error is not red")
	}
}

func TestStatusesHaveDifferentGlyphs(t *testing.T) {
	t.Parallel()
	for _, th := range []*Theme{New(Options{}), New(Options{ASCII: true})} {
		seen := map[string]verify.Status{}
		for _, s := range verify.Statuses() {
			glyph, _ := th.Status(s)
			if other, taken := seen[glyph]; taken {
				t.Errorf("ascii %v: %v and %v share %q", th.ASCII(), s, other, glyph)
			}
			seen[glyph] = s
		}
	}
}

func TestGlyphsAreOneCell(t *testing.T) {
	t.Parallel()
	unicodeTheme, asciiTheme := New(Options{}), New(Options{ASCII: true})
	for g := range glyphs {
		if w := ansi.StringWidth(unicodeTheme.Glyph(g)); w != 1 {
			t.Errorf("glyph %d %q is %d cells", g, unicodeTheme.Glyph(g), w)
		}
		if a := asciiTheme.Glyph(g); len(a) != 1 || a[0] < ' ' || a[0] > '~' {
			t.Errorf("glyph %d has the fallback %q", g, a)
		}
	}
	for tick := range 9 {
		if w := Width(unicodeTheme.Spinner(tick)); w != 1 {
			t.Errorf("spinner frame %d is %d cells", tick, w)
		}
		if len(asciiTheme.Spinner(tick)) != 1 {
			t.Errorf("spinner frame %d has no fallback", tick)
		}
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, got, want string }{
		{"fits", Cut("abc", 3), "abc"},
		{"cut", Cut("abcd", 3), "ab…"},
		{"cut to nothing", Cut("abcd", 0), ""},
		{"a wide character is not halved", Cut("日本語", 4), "日…"},
		{"padded after a wide character", Fit("日本語", 4), "日… "},
		{"fit pads", Fit("ab", 4), "ab  "},
		{"the end stays", CutLeft("npx/context7/spec.yaml", 10), "…spec.yaml"},
		{"cut left of what fits", CutLeft("abc", 3), "abc"},
		{"wrap between words", strings.Join(Wrap("one two three", 7), "|"), "one two|three"},
		{"wrap inside a word", strings.Join(Wrap("abcdefgh ij", 3), "|"), "abc|def|gh|ij"},
		{"wrap keeps an indent", strings.Join(Wrap("  a b", 9), "|"), "  a b"},
		{"wrap of nothing", strings.Join(Wrap("", 9), "|"), ""},
		{"wrap of what can never fit", strings.Join(Wrap("日x", 1), "|"), "?|x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if tt.got != tt.want {
				t.Errorf("got %q, want %q", tt.got, tt.want)
			}
		})
	}
}

func TestWrap(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{"between words", "one two three", "one two|three"},
		{"at a joint of a path", "abc/defgh/i", "abc/|defgh/i"},
		{"at the joint nearest to the end", "abcdef/ghijk", "abcdef/|ghijk"},
		{"anywhere", "abcdefghijk", "abcdefgh|ijk"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		if got := strings.Join(Wrap(tt.text, 8), "|"); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// Terminals that join clusters and those that do not must both be satisfied.
func TestWidthsHold(t *testing.T) {
	t.Parallel()
	perRune := func(s string) (n int) {
		for _, r := range s {
			n += ansi.StringWidth(string(r))
		}
		return n
	}
	hold := func(raw string, width uint8) bool {
		s, w := untrusted.Clean(raw), int(width%60)
		for _, text := range append(Wrap(s, w+1), Cut(s, w), CutLeft(s, w)) {
			if !utf8.ValidString(text) || ansi.StringWidth(text) > w+1 || perRune(text) > w+1 {
				t.Logf("%q is wider than %d", text, w+1)
				return false
			}
		}
		return Width(Cut(s, w)) <= w && Width(Fit(s, w)) == w &&
			strings.ReplaceAll(strings.Join(Wrap(s, 200), ""), " ", "") == strings.ReplaceAll(s, " ", "")
	}
	if err := quick.Check(hold, nil); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"👍🏽👍🏽", "🇩🇪🇫🇷x", "1⃣2⃣", "각각", "é́́", "क्षि", "👩‍🚀"} {
		for w := range uint8(12) {
			if !hold(s, w) {
				t.Errorf("%q at %d", s, w)
			}
		}
	}
}

// A glyph means one thing: no two lines of the legend share one, and whatever is
// shown beside a word has its line, with that word.
func TestEverySignMeansOneThing(t *testing.T) {
	t.Parallel()
	for _, th := range []*Theme{New(Options{}), New(Options{ASCII: true})} {
		of := map[string]string{}
		for _, s := range th.Signs() {
			if s.Means == "" {
				t.Errorf("%q means nothing", s.Glyph)
			}
			if _, taken := of[s.Glyph]; taken && (!th.ASCII() || s.Names != "") { // arrows may share their ASCII
				t.Errorf("ascii %v: %q is in the legend twice", th.ASCII(), s.Glyph)
			}
			of[s.Glyph] = ", " + s.Names + ","
		}
		expect := func(glyph, word string) {
			t.Helper()
			if !strings.Contains(of[glyph], ", "+word+",") {
				t.Errorf("ascii %v: %q stands beside %q, and the legend names %q", th.ASCII(), glyph, word, of[glyph])
			}
		}
		for _, s := range append(verify.Statuses(), verify.Bound, verify.Unbound) {
			glyph, _ := th.Status(s)
			expect(glyph, s.String())
		}
		for s := verify.NotRun; s <= verify.NotApplicable; s++ {
			glyph, _ := th.Check(s)
			expect(glyph, s.Word())
		}
		for s := verify.Info; s <= verify.SeverityError; s++ {
			glyph, _ := th.Severity(s)
			expect(glyph, s.String())
		}
		for _, r := range []verify.Result{verify.ResultMatch, verify.ResultMismatch, verify.ResultDiffers, verify.ResultOnly} {
			glyph, _ := th.Result(r)
			expect(glyph, r.Word())
		}
	}
}
