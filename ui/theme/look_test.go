package theme

import (
	"math"
	"strings"
	"testing"

	"github.com/muesli/termenv"
)

// The usual backgrounds of terminals, by the look that is for them.
var backgrounds = map[string]map[string]string{
	"dark": {
		"black": "#000000", "Windows": "#0c0c0c", "GitHub": "#0d1117", "VS Code": "#1e1e1e", "Tomorrow Night": "#1d1f21", "Tokyo Night": "#1a1b26",
		"Monokai": "#272822", "Gruvbox": "#282828", "Dracula": "#282a36", "One Dark": "#282c34", "Solarized": "#002b36", "Ubuntu": "#300a24",
		"Catppuccin Mocha": "#1e1e2e", "Catppuccin Frappé": "#303446", "Nord": "#2e3440", "GNOME": "#171421",
	},
	"light": {
		"white": "#ffffff", "xterm-like grey": "#f2f2f2", "VS Code": "#f8f8f8", "One Light": "#fafafa", "Solarized": "#fdf6e3", "Gruvbox": "#fbf1c7",
		"Catppuccin Latte": "#eff1f5", "GitHub": "#f6f8fa", "Rosé Pine Dawn": "#faf4ed", "Tango": "#eeeeec",
	},
}

type rgb [3]float64 // linear light

func linear(t *testing.T, c termenv.Color) rgb {
	t.Helper()
	r, g, b := termenv.ConvertToRGB(c).LinearRgb()
	return rgb{r, g, b}
}

// contrast is that of WCAG 2.
func contrast(a, b rgb) float64 {
	luminance := func(c rgb) float64 { return 0.2126*c[0] + 0.7152*c[1] + 0.0722*c[2] }
	high, low := max(luminance(a), luminance(b)), min(luminance(a), luminance(b))
	return (high + 0.05) / (low + 0.05)
}

// How colours are seen (Machado, Oliveira and Fernandes 2009, severity 1).
var sights = map[string][3]rgb{
	"every cone":   {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

func (c rgb) seen(by [3]rgb) (out rgb) {
	for i, row := range by {
		out[i] = min(max(row[0]*c[0]+row[1]*c[1]+row[2]*c[2], 0), 1)
	}
	return out
}

// lab is CIE L*a*b* under D65.
func (c rgb) lab() rgb {
	f := func(v float64) float64 {
		if v > 216.0/24389 {
			return math.Cbrt(v)
		}
		return (24389.0/27*v + 16) / 116
	}
	x := f((0.4124564*c[0] + 0.3575761*c[1] + 0.1804375*c[2]) / 0.95047)
	y := f(0.2126729*c[0] + 0.7151522*c[1] + 0.0721750*c[2])
	z := f((0.0193339*c[0] + 0.1191920*c[1] + 0.9503041*c[2]) / 1.08883)
	return rgb{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

// apart is how different two colours look (CIE 1976: about 2.3 can just be told apart).
func apart(a, b rgb) float64 {
	p, q := a.lab(), b.lab()
	return math.Sqrt((p[0]-q[0])*(p[0]-q[0]) + (p[1]-q[1])*(p[1]-q[1]) + (p[2]-q[2])*(p[2]-q[2]))
}

// shown returns the colours of a look's tokens as a terminal of a depth shows them.
func shown(t *testing.T, l Look, depth Depth) map[string]rgb {
	t.Helper()
	colours := map[string]rgb{}
	for token, colour := range l.colours {
		if colour != "" {
			colours[tokenNames[token]] = linear(t, depth.profile().Color(colour))
		}
	}
	return colours
}

// What is written can be read on the usual backgrounds, and what is proven is told
// from everything else whatever cones somebody's eyes have; also if only 256
// colours can be shown.
func TestContrast(t *testing.T) {
	t.Parallel()
	const readable, distinct = 4.5, 16.0
	for _, look := range builtIn[1:] {
		for depth, name := range map[Depth]string{Indexed: "256 colours", True: "true colour"} {
			colours := shown(t, look, depth)
			least := math.Inf(1)
			for token, c := range colours {
				for on, background := range backgrounds[look.base] {
					ratio := contrast(c, linear(t, termenv.RGBColor(background)))
					least = min(least, ratio)
					if ratio < readable {
						t.Errorf("%s, %s: %s on %s has a contrast of %.2f, below %.1f", look.base, name, token, on, ratio, readable)
					}
				}
			}
			for sight, by := range sights {
				good, closest := colours["good"].seen(by), ""
				nearest := math.Inf(1)
				for token, c := range colours {
					d := apart(good, c.seen(by))
					if token != "good" && d < nearest {
						nearest, closest = d, token
					}
				}
				if nearest < distinct {
					t.Errorf("%s, %s, %s: good and %s are only %.1f apart, below %.0f", look.base, name, sight, closest, nearest, distinct)
				}
				t.Logf("%s, %s, %s: good is %.1f from bad, %.1f from %s", look.base, name, sight, apart(good, colours["bad"].seen(by)), nearest, closest)
			}
			t.Logf("%s, %s: the least contrast is %.2f", look.base, name, least)
		}
	}
}

func TestParseLook(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ansi": "ansi", "dark": "dark", "light,bad=1": "light,bad=1", "dark,bad=#FFAF00": "dark,bad=#ffaf00", "dark,warn=#ffaa00,good=121": "dark,good=121,warn=#ffaa00",
		"ansi,good=12": "ansi,good=12", "ansi,warn=11,accent=14": "ansi,warn=11,accent=14",
	} {
		if l, err := ParseLook(text); err != nil || l.String() != want {
			t.Errorf("%s: got %s, %v", text, l, err)
		}
	}
	for text, want := range map[string]string{
		"":                      `expected one of ansi, dark, light, found ""`,
		"Dark":                  `found "Dark"`,
		"dark,":                 `unknown colour "": expected one of good, bad`,
		"dark,plain=1":          `unknown colour "plain"`,
		"dark,good":             `good: expected a colour such as "#87ff87" or a number from 0 to 255, found ""`,
		"dark,good=256":         `found "256"`,
		"dark,good=+1":          `found "+1"`,
		"dark,good=007":         `found "007"`,
		"dark,good=#FFF":        `found "#fff"`,
		"dark,bad=\x1b[2j":      `found "\x1b[2j"`,
		"ansi,warn=2":           "warn: expected a colour that is told from 2, which is for what is proven, found 2",
		"dark,good=#ff8787":     "bad: expected a colour that is told from #ff8787, which is for what is proven, found #ff8787",
		"dark,bad=120":          "bad: expected a colour that is told from #87ff87",
		"dark,link=#80f57f":     "link: expected",
		"dark,warn=2":           "warn: expected a colour that is told from 2,",
		"dark,good=1":           "bad: expected a colour that is told from 1,",
		"dark,good=#a3c8ff":     "accent: expected",
		"ansi,bad=10":           "bad: expected a colour that is told from 2, which is for what is proven, found 10",
		"light,bad=#00aa00":     "bad: expected",
		"light,warn=46":         "warn: expected",
		"dark,muted=#228b22":    "muted: expected",
		"ansi,selected=10":      "selected: expected",
		"ansi,good=1,bad=2":     "bad: expected a colour that is told from green, which is for what is proven, found 2",
		"ansi,good=12,accent=4": "accent: expected",
	} {
		if l, err := ParseLook(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %s, %v", text, l, err)
		}
	}
	if got := (Look{}).String(); got != "ansi" {
		t.Errorf("the zero Look is %s", got)
	}
}

// A terminal of sixteen colours shows its own: the nearest of a true colour may be
// any colour there.
func TestDepths(t *testing.T) {
	t.Parallel()
	paint := func(look string, depth Depth, token Token) string {
		l, err := ParseLook(look)
		if err != nil {
			t.Fatal(err)
		}
		return New(Options{Color: true, Look: l, Terminal: Terminal{Depth: depth}}).Paint(token, "x")
	}
	for _, tt := range []struct {
		look  string
		depth Depth
		token Token
		want  string
	}{
		{"ansi", True, Good, "\x1b[32mx\x1b[0m"},
		{"dark", True, Good, "\x1b[38;2;135;255;135mx\x1b[0m"},
		{"dark", True, Bad, "\x1b[1;38;2;255;135;135mx\x1b[0m"},
		{"dark", Indexed, Good, "\x1b[38;5;120mx\x1b[0m"},
		{"dark", Sixteen, Good, "\x1b[32mx\x1b[0m"},
		{"dark", Sixteen, Bad, "\x1b[1;31mx\x1b[0m"},
		{"dark", Sixteen, Muted, "\x1b[2mx\x1b[0m"},
		{"dark,bad=9", Sixteen, Bad, "\x1b[1;91mx\x1b[0m"},
		{"dark,bad=200", Sixteen, Bad, "\x1b[1;31mx\x1b[0m"},
		{"ansi,bad=200", Indexed, Bad, "\x1b[38;5;200mx\x1b[0m"},
		{"light,found=#000000", True, Found, "\x1b[7;38;2;0;0;0mx\x1b[0m"},
		{"dark,link=#000004", True, Link, "\x1b[4;38;2;0;0;4mx\x1b[0m"},
		{"dark", True, Match, "\x1b[1;4mx\x1b[0m"},
		{"dark", True, Selected, "\x1b[7mx\x1b[0m"},
	} {
		if got := paint(tt.look, tt.depth, tt.token); got != tt.want {
			t.Errorf("%s, %d: got %q, want %q", tt.look, tt.depth, got, tt.want)
		}
	}
	mono := New(Options{Look: builtIn[1], Terminal: Terminal{Depth: True}})
	if got := mono.Paint(Bad, "x") + mono.Paint(Title, "x"); got != "x\x1b[1mx\x1b[0m" {
		t.Errorf("without colours: %q", got)
	}
}

func TestTerminalOf(t *testing.T) {
	t.Parallel()
	for vars, want := range map[string]Terminal{
		"": {},
		"TERM=dumb COLORTERM=truecolor VTE_VERSION=7000": {Depth: True},
		"TERM=linux":                           {},
		"TERM=xterm":                           {},
		"TERM=xterm-256color":                  {Depth: Indexed},
		"TERM=xterm-256color VTE_VERSION=5001": {Depth: Indexed},
		"TERM=xterm-256color VTE_VERSION=7600 COLORTERM=truecolor": {True, true},
		"TERM=xterm-kitty":                                {True, true},
		"TERM=foot COLORTERM=truecolor":                   {True, true},
		"TERM=xterm-256color TERM_PROGRAM=Apple_Terminal": {Depth: Indexed},
		"TERM=xterm-256color TERM_PROGRAM=iTerm.app TERM_PROGRAM_VERSION=3.5.0 COLORTERM=truecolor":   {True, true},
		"TERM=xterm-256color TERM_PROGRAM=iTerm.app TERM_PROGRAM_VERSION=2.9":                         {Depth: Indexed},
		"TERM=xterm-256color TERM_PROGRAM=vscode TERM_PROGRAM_VERSION=1.104.1":                        {Indexed, true},
		"TERM=xterm-256color KONSOLE_VERSION=220401":                                                  {Indexed, true},
		"TERM=tmux-256color TMUX=/t,1,0 TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.4":                   {Indexed, true},
		"TERM=tmux-256color TMUX=/t,1,0 TERM_PROGRAM=tmux TERM_PROGRAM_VERSION=3.3a VTE_VERSION=7600": {Depth: Indexed},
		"TERM=screen-256color VTE_VERSION=7600 COLORTERM=truecolor":                                   {Depth: Indexed},
		"TERM=xterm FORCE_HYPERLINK=1":                                                                {Links: true},
		"TERM=xterm-kitty FORCE_HYPERLINK=0":                                                          {Depth: True},
		"TERM=eterm-color VTE_VERSION=7600":                                                           {},
		"WT_SESSION=1":                                                                                {Links: true},
	} {
		getenv := func(name string) string {
			for _, v := range strings.Fields(vars) {
				if value, ok := strings.CutPrefix(v, name+"="); ok {
					return value
				}
			}
			return ""
		}
		if got := TerminalOf(getenv); got != want {
			t.Errorf("%s: got %+v, want %+v", vars, got, want)
		}
	}
}

func TestLink(t *testing.T) {
	t.Parallel()
	th := New(Options{Color: true, Terminal: Terminal{Links: true}})
	const address = "https://github.com/acme/x"
	want := "\x1b]8;;" + address + "\x1b\\\x1b[32mx\x1b[0m\x1b]8;;\x1b\\"
	if got := th.Link(address, th.Paint(Good, "x")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []string{"", "https://x\x1b\\", "https://x\a", "https://x y", "https://x\u009c", "https://x/ä"} {
		if got := th.Link(bad, "x"); got != "x" {
			t.Errorf("%q: got %q", bad, got)
		}
	}
	for name, o := range map[string]Options{"none": {}, "plain": {Plain: true, Terminal: Terminal{Links: true}}} {
		if got := New(o).Link(address, "x"); got != "x" {
			t.Errorf("%s: got %q", name, got)
		}
	}
	line := "a " + want + " b"
	if got, want := th.Highlight(line, []Span{{Found, 1, 4}}), "a\x1b[7m \x1b[0m"+strings.Replace(want, "\x1b[32m", "\x1b[7m", 1)+"\x1b[7m \x1b[0mb"; got != want {
		t.Errorf("highlighted: got %q, want %q", got, want)
	}
}
