package theme

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestHighlight(t *testing.T) {
	t.Parallel()
	th := New(Options{Color: true})
	line := "a " + th.Paint(Good, "green") + " b " + th.Paint(Muted, "dim")
	tests := []struct {
		name  string
		parts []Span
		want  string
	}{
		{"nothing", nil, line},
		{"plain", []Span{{Match, 0, 1}}, "\x1b[1;4ma\x1b[0m \x1b[32mgreen\x1b[0m b \x1b[2mdim\x1b[0m"},
		{"inside a style", []Span{{Found, 3, 5}}, "a \x1b[32mg\x1b[0m\x1b[7mre\x1b[0m\x1b[32men\x1b[0m b \x1b[2mdim\x1b[0m"},
		{"over three styles", []Span{{Match, 5, 12}}, "a \x1b[32mgre\x1b[0m\x1b[1;4men\x1b[0m\x1b[1;4m b \x1b[0m\x1b[1;4mdi\x1b[0m\x1b[2mm\x1b[0m"},
		{"two", []Span{{Found, 0, 1}, {Match, 12, 13}}, "\x1b[7ma\x1b[0m \x1b[32mgreen\x1b[0m b \x1b[2mdi\x1b[0m\x1b[1;4mm\x1b[0m"},
		{"beyond the end", []Span{{Match, 12, 99}}, "a \x1b[32mgreen\x1b[0m b \x1b[2mdi\x1b[0m\x1b[1;4mm\x1b[0m"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := th.Highlight(line, tt.parts); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	if got := ansi.Strip(line); got != "a green b dim" {
		t.Errorf("ansi.Strip = %q", got)
	}
}

// Whatever is highlighted, the text stays and no style is left on.
func TestHighlightKeepsTheText(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	th := New(Options{Color: true})
	for range 500 {
		var line strings.Builder
		for range r.IntN(5) {
			line.WriteString(th.Paint(Token(r.IntN(int(tokens))), strings.Repeat("x", r.IntN(4))))
		}
		var parts []Span
		for at := 0; at < 12; {
			from := at + r.IntN(4)
			at = from + 1 + r.IntN(4)
			parts = append(parts, Span{Match, from, at})
		}
		got := th.Highlight(line.String(), parts)
		if ansi.Strip(got) != ansi.Strip(line.String()) {
			t.Fatalf("%q became %q", line.String(), got)
		}
		if i := strings.LastIndex(got, "\x1b["); i >= 0 && !strings.HasPrefix(got[i:], reset) {
			t.Fatalf("%q leaves a style on", got)
		}
	}
}
