package theme

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"

	"plimsoll/catalog/untrusted"
)

// Look is the colours of a theme: one that is built in, or that with colours of a
// person's own. The zero Look is the terminal's own sixteen.
type Look struct {
	base    string
	own     [tokens]string
	colours [tokens]string // "#rrggbb", or a number of the terminal's 256; "" for none
	strict  bool           // Bad is bold and Muted has a colour: neither hue nor faintness must be seen
}

// The looks that are built in. Those in true colour can be read on the usual
// backgrounds, and what is proven is told from what is not whatever cones somebody
// has: TestContrast measures both. Hence no amber: to many it is green.
var builtIn = []Look{
	{base: "ansi", colours: [tokens]string{
		// Neither cyan nor blue can be read on both light and dark, nor yellow on white.
		Good: "2", Bad: "1", Warn: "5",
	}},
	{base: "dark", strict: true, colours: [tokens]string{
		Good: "#87ff87", Bad: "#ff8787", Warn: "#d7afff", Muted: "#a8b0ba", Border: "#a8b0ba",
		Accent: "#9cc7ff", Title: "#9cc7ff", Key: "#9cc7ff", Link: "#9cc7ff",
	}},
	{base: "light", strict: true, colours: [tokens]string{
		Good: "#005f00", Bad: "#c2185b", Warn: "#7b1fa2", Muted: "#5c636b", Border: "#5c636b",
		Accent: "#0b4fa8", Title: "#0b4fa8", Key: "#0b4fa8", Link: "#0b4fa8",
	}},
}

// tokenNames are the tokens whose colour can be chosen.
var tokenNames = [tokens]string{
	Good: "good", Bad: "bad", Warn: "warn", Muted: "muted", Accent: "accent", Title: "title", Strong: "strong", Key: "key",
	Selected: "selected", Border: "border", Link: "link", Match: "match", Found: "found",
}

// Looks lists the names of the looks that are built in, the default first.
func Looks() (names []string) {
	for _, l := range builtIn {
		names = append(names, l.base)
	}
	return names
}

// Tokens lists the names of what a look can colour.
func Tokens() []string { return slices.Clone(tokenNames[Good:]) }

// ParseLook reads a look: the name of one that is built in, and after it, each
// behind a comma, the colours in which another differs: "dark,good=#87ff87".
func ParseLook(text string) (Look, error) {
	parts := strings.Split(text, ",")
	i := slices.Index(Looks(), parts[0])
	if i < 0 {
		return Look{}, fmt.Errorf("expected one of %s, found %q", strings.Join(Looks(), ", "), untrusted.Excerpt(parts[0]))
	}
	look := builtIn[i]
	for _, part := range parts[1:] {
		name, colour, _ := strings.Cut(strings.ToLower(part), "=")
		token := slices.Index(tokenNames[:], name)
		if token <= 0 {
			return Look{}, fmt.Errorf("unknown colour %q: expected one of %s", untrusted.Excerpt(name), strings.Join(Tokens(), ", "))
		}
		if err := checkColour(colour); err != nil {
			return Look{}, fmt.Errorf("%s: %w", name, err)
		}
		look.own[token], look.colours[token] = colour, colour
	}
	return look, look.checkGood()
}

// checkGood refuses a look in which something else may be taken for proven, on
// whatever terminal: it has nearly its colour, a hue of that, or is green.
func (l Look) checkGood() error {
	green := termenv.ConvertToRGB(termenv.RGBColor("#00ff00"))
	const distinct = 0.1 // CIEDE2000 by hundredths: below it, they are shades of one
	for depth := Sixteen; depth <= True; depth++ {
		colours := l.at(depth)
		shown := depth.profile().Color
		good := termenv.ConvertToRGB(shown(colours[Good]))
		for token, colour := range colours {
			if Token(token) == Good || colour == "" {
				continue
			}
			c := termenv.ConvertToRGB(shown(colour))
			from := ""
			switch {
			case c.DistanceCIEDE2000(good) < distinct, near(c, good, 20):
				from = colours[Good]
			case near(c, green, 30):
				from = "green"
			default:
				continue
			}
			return fmt.Errorf("%s: expected a colour that is told from %s, which is for what is proven, found %s", tokenNames[token], from, colour)
		}
	}
	return nil
}

// hued is a colour by hue, chroma and luminance.
type hued interface{ Hcl() (h, c, l float64) }

// near reports whether two colours that are no greys differ in hue by less than some
// degrees.
func near(a, b hued, degrees float64) bool {
	const grey = 0.15
	hueA, chromaA, _ := a.Hcl()
	hueB, chromaB, _ := b.Hcl()
	apart := math.Abs(hueA - hueB)
	return chromaA > grey && chromaB > grey && min(apart, 360-apart) < degrees
}

// at returns the colours that a terminal of a depth is asked for. One of sixteen
// shows its own: the nearest of a true colour may be any colour there.
func (l Look) at(depth Depth) [tokens]string {
	for token, colour := range l.colours {
		if n, err := strconv.Atoi(colour); depth == Sixteen && colour != "" && (err != nil || n >= 16) {
			l.colours[token] = builtIn[0].colours[token]
		}
	}
	return l.colours
}

// checkColour refuses what is no colour of a look.
func checkColour(s string) error {
	if len(s) == len("#rrggbb") && s[0] == '#' && strings.Trim(s[1:], "0123456789abcdef") == "" {
		return nil
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 0 && n <= 255 && s == strconv.Itoa(n) {
		return nil
	}
	return fmt.Errorf(`expected a colour such as "#87ff87" or a number from 0 to 255, found %q`, untrusted.Excerpt(s))
}

// String is the look as [ParseLook] reads it.
func (l Look) String() string {
	text := l.base
	if text == "" {
		text = builtIn[0].base
	}
	for token, colour := range l.own {
		if colour != "" {
			text += "," + tokenNames[token] + "=" + colour
		}
	}
	return text
}

// styles returns the style of each token. Without colours only what an
// attribute says is left.
func (l Look) styles(color bool, depth Depth) (styles [tokens]lipgloss.Style) {
	if l.base == "" {
		l = builtIn[0]
	}
	renderer := lipgloss.NewRenderer(io.Discard)
	renderer.SetColorProfile(depth.profile()) // never asked of the terminal: not all answer
	plain := renderer.NewStyle()
	for token := range styles {
		styles[token] = plain
	}
	for _, token := range []Token{Accent, Title, Strong, Key} {
		styles[token] = plain.Bold(true)
	}
	styles[Selected], styles[Found] = plain.Reverse(true), plain.Reverse(true)
	styles[Link] = plain.Underline(true)
	styles[Match] = plain.Bold(true).Underline(true)
	if !color {
		return styles
	}
	if l.strict {
		styles[Bad] = plain.Bold(true)
	}
	for token, colour := range l.at(depth) {
		switch {
		case colour != "":
			styles[token] = styles[token].Foreground(lipgloss.Color(colour))
		case Token(token) == Muted, Token(token) == Border:
			styles[token] = plain.Faint(true)
		}
	}
	return styles
}
