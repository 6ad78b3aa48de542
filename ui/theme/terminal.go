package theme

import (
	"cmp"
	"io"
	"strconv"
	"strings"

	"github.com/muesli/termenv"
)

// Depth is how many colours a terminal can show.
type Depth uint8

// The depths.
const (
	Sixteen Depth = iota // its own sixteen
	Indexed              // 256
	True                 // 24 bits each
)

func (d Depth) profile() termenv.Profile {
	return [...]termenv.Profile{Sixteen: termenv.ANSI, Indexed: termenv.ANSI256, True: termenv.TrueColor}[min(d, True)]
}

// Terminal is what the terminal can show beside text. The zero Terminal has
// sixteen colours and no links.
type Terminal struct {
	Depth Depth
	Links bool // OSC 8; others may show what they do not know
}

// TerminalOf tells from the environment what the terminal can show. The terminal
// itself is not asked: not all answer.
func TerminalOf(getenv func(string) string) Terminal {
	depth := Sixteen
	switch termenv.NewOutput(io.Discard, termenv.WithEnvironment(environ(getenv)), termenv.WithTTY(true)).ColorProfile() {
	case termenv.TrueColor:
		depth = True
	case termenv.ANSI256:
		depth = Indexed
	}
	return Terminal{depth, links(getenv)}
}

// environ is an environment for termenv, which asks only for single variables.
type environ func(string) string

func (e environ) Getenv(key string) string { return e(key) }
func (e environ) Environ() []string        { return nil }

// links reports whether the terminal is known to have OSC 8 links: a console or
// an old emulator may print the address instead. FORCE_HYPERLINK, which other
// programs obey, too, says otherwise.
func links(getenv func(string) string) bool {
	term := getenv("TERM")
	switch forced := getenv("FORCE_HYPERLINK"); {
	case forced != "":
		return forced != "0" && forced != "false"
	case term == "dumb", term == "linux", term == "":
		return term == "" && getenv("WT_SESSION") != ""
	case getenv("TMUX") != "": // it passes links on to terminals that have them
		return getenv("TERM_PROGRAM") == "tmux" && atLeast(getenv("TERM_PROGRAM_VERSION"), 3, 4)
	case strings.HasPrefix(term, "screen"), strings.HasPrefix(term, "eterm"): // in whatever terminal they run
		return false
	}
	for _, name := range []string{"alacritty", "contour", "foot", "ghostty", "kitty", "rio", "wezterm"} {
		if strings.Contains(term, name) {
			return true
		}
	}
	switch version := getenv("TERM_PROGRAM_VERSION"); getenv("TERM_PROGRAM") {
	case "ghostty", "rio", "WezTerm":
		return true
	case "iTerm.app":
		return atLeast(version, 3, 1)
	case "vscode":
		return atLeast(version, 1, 72)
	}
	vte, _ := strconv.Atoi(getenv("VTE_VERSION"))         // of GNOME's terminal and its relatives
	konsole, _ := strconv.Atoi(getenv("KONSOLE_VERSION")) // which then asks before it opens one
	return vte >= 5002 || konsole >= 201200 || getenv("WT_SESSION") != ""
}

// atLeast reports whether a version, "3.4a", is not before major.minor.
func atLeast(version string, major, minor int) bool {
	number := func(s string) int {
		end := strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' })
		if end >= 0 {
			s = s[:end]
		}
		n, err := strconv.Atoi(s)
		if err != nil {
			return -1
		}
		return n
	}
	first, rest, _ := strings.Cut(version, ".")
	return cmp.Or(cmp.Compare(number(first), major), cmp.Compare(number(rest), minor)) >= 0
}
