package ui

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/theme"
	"plimsoll/verify/scan"
)

// scene is a state of the screen whose frames are held.
type scene struct {
	name string
	make func(tea.WindowSizeMsg) *Model
}

// gallery is the scenes of each screen, one golden file for each of its sizes.
var gallery = []struct {
	screen string
	scenes []scene
	sizes  []tea.WindowSizeMsg
}{
	{"packages", packagesScenes, wideSizes},
	{"package", packageScenes, wideSizes},
	{"review", reviewScenes, frameSizes},
	{"triage", triageScenes, frameSizes},
	{"coverage", coverageScenes, frameSizes},
	{"trust", trustScenes, frameSizes},
	{"pages", pageScenes, frameSizes},
	{"explain", explainScenes, frameSizes},
	{"menus", menuScenes, frameSizes},
	{"failed", failedScenes, frameSizes},
	{"looks", looksScenes, frameSizes[:3]},
}

var (
	frameSizes = []tea.WindowSizeMsg{{Width: 140, Height: 40}, {Width: 100, Height: 30}, {Width: 80, Height: 24}, {Width: 60, Height: 15}, {Width: 40, Height: 10}}
	wideSizes  = append(slices.Clone(frameSizes), tea.WindowSizeMsg{Width: 200, Height: 50})
)

// TestGolden holds the frames of every screen: as they are read, and below each
// the styles of its lines.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, g := range gallery {
		for _, size := range g.sizes {
			name := fmt.Sprintf("%s-%dx%d", g.screen, size.Width, size.Height)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var b strings.Builder
				for _, scene := range g.scenes {
					m := scene.make(size)
					checkFrame(t, m, scene.name)
					fmt.Fprintf(&b, "=== %s\n%s\n", scene.name, legible(m.View()))
				}
				testfiles.Golden(t, "frames/"+name+".golden", b.String())
			})
		}
	}
}

// Every kind of screen, and of what lies over one, is in the gallery, and each name
// once.
func TestGalleryIsWhole(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	missing := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && f.Recv != nil && (f.Name.Name == "scope" || f.Name.Name == "footer") {
				if star, ok := f.Recv.List[0].Type.(*ast.StarExpr); ok {
					missing["*ui."+star.X.(*ast.Ident).Name] = true
				}
			}
			return true
		})
	}
	delete(missing, "*ui.Model")
	if len(missing) < 8 {
		t.Fatalf("only %d kinds of screens were found", len(missing))
	}
	for _, g := range gallery {
		seen := map[string]bool{}
		for _, scene := range g.scenes {
			if seen[scene.name] {
				t.Errorf("%s has two scenes %q", g.screen, scene.name)
			}
			seen[scene.name] = true
			m := scene.make(frameSizes[1])
			checkWord(t, m, g.screen+", "+scene.name)
			delete(missing, fmt.Sprintf("%T", m.top()))
			delete(missing, fmt.Sprintf("%T", m.overlay))
		}
	}
	for kind := range missing {
		t.Errorf("no scene shows a %s", kind)
	}
}

var escape = regexp.MustCompile(`\x1b\[[0-9;]*m|\x1b\]8;[^\x1b\a]*(\x1b\\|\a)`)

// legible is a frame as it is read and, below it, the styles and links of its lines:
// "~3-5 1:0-9 2:40-52" says that of the lines 3 to 5, counted from 0, the first nine
// cells are bold, and twelve cells from cell 40 on faint.
func legible(frame string) string {
	var text, styles strings.Builder
	first, last := 0, ""
	lines := strings.Split(frame, "\n")
	for y := range len(lines) + 1 {
		runs := ""
		if y < len(lines) {
			var plain string
			plain, runs = apart(lines[y])
			text.WriteString(strings.TrimRight(visible(plain), " ") + "\n")
		}
		if runs == last && y < len(lines) {
			continue
		}
		if last != "" && first == y-1 {
			fmt.Fprintf(&styles, "~%d%s\n", first, last)
		} else if last != "" {
			fmt.Fprintf(&styles, "~%d-%d%s\n", first, y-1, last)
		}
		first, last = y, runs
	}
	return text.String() + styles.String()
}

// apart is a line without its styles and links, and where they are.
func apart(line string) (plain, runs string) {
	style, from, at := "", 0, 0
	for line != "" {
		code := escape.FindStringIndex(line)
		if code == nil {
			return plain + line, runs
		}
		plain += line[:code[0]]
		at += theme.Width(line[:code[0]])
		if style != "" && at > from {
			runs += fmt.Sprintf(" %s:%d-%d", style, from, at)
		}
		style, from, line = restyle(style, line[code[0]:code[1]]), at, line[code[1]:]
	}
	return plain, runs
}

// restyle is the style in force behind an escape code.
func restyle(style, code string) string {
	sgr, link, _ := strings.Cut(style, "@")
	switch {
	case strings.HasPrefix(code, "\x1b]8;"):
		_, link, _ = strings.Cut(strings.TrimRight(code[len("\x1b]8;"):], "\x1b\\\a"), ";")
	case code == "\x1b[0m" || code == "\x1b[m":
		sgr = ""
	default:
		sgr = strings.TrimPrefix(sgr+"+"+code[2:len(code)-1], "+")
	}
	if link != "" {
		return sgr + "@" + link
	}
	return sgr
}

func TestLegible(t *testing.T) {
	t.Parallel()
	frame := "\x1b[1mbold\x1b[0m \x1b]8;;https://x.example\x1b\\\x1b[2m\x1b[31mlink\x1b[0m\x1b]8;;\x1b\\  \n日\x1b[7m本\x1b[0m\n日\x1b[7m本\x1b[0m\x01"
	want := "bold link\n日本\n日本\x01\n~0 1:0-4 2+31@https://x.example:5-9\n~1-2 7:2-4\n"
	if got := legible(frame); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func checkedAt(size tea.WindowSizeMsg) *Model {
	return send(New(options()), size, answers(upTo(11)...))
}

func loadOptions() Options {
	o := options()
	o.Specs, o.Load = nil, noLoad
	return o
}

// pressed is the scene that keys lead to.
func pressed(name string, from func(tea.WindowSizeMsg) *Model, keys ...string) scene {
	return scene{name, func(size tea.WindowSizeMsg) *Model { return do(from(size), keys...) }}
}

var packagesScenes = []scene{
	{"start", func(size tea.WindowSizeMsg) *Model { return send(New(options()), size) }},
	{"checking", func(size tea.WindowSizeMsg) *Model {
		return send(New(options()), size, answers(1, 5), eventsMsg{
			{ID: 0, Generation: 1, Kind: scan.Progress, Message: "fetching attestations"},
		}, tickMsg{})
	}},
	{"packages", checkedAt},
	{"cursor", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "jjj") }},
	{"end", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "G") }},
	{"filter", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "mis", "match") }},
	{"filtered", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "uvx", "enter", "s", "S") }},
	{"preset", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "f") }},
	{"marks", func(size tea.WindowSizeMsg) *Model {
		return press(checkedAt(size), "space", "j", "v", "jj", "/", "!st:ver", "enter")
	}},
	{"range", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "j", "v", "jjj") }},
	{"prompt", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/") }},
	{"wrong-filter", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "f", "/", "npx st:mos") }},
	{"few-columns", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "c") }},
	{"many-columns", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "cc", "p") }},
	{"no-preview", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "p") }},
	{"larger-preview", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), ">>") }},
	{"smaller-preview", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "<<") }},
	{"dead-key", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "b") }},
	{"demo", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Trust = "demo trust root: proves nothing outside the demo"
		return send(New(o), size, answers(upTo(11)...))
	}},
	{"warned", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		return send(New(o), size, events)
	}},
	{"results", func(size tea.WindowSizeMsg) *Model { return press(resultsScreen(size), "r") }},
	{"plain", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Theme = theme.New(theme.Options{})
		return press(send(New(o), size, answers(upTo(11)...)), "j")
	}},
	{"ascii", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Theme = theme.New(theme.Options{ASCII: true})
		return press(send(New(o), size, answers(upTo(11)...)), "j")
	}},
}

// pageScenes are the pages of text: help, messages.
var pageScenes = []scene{
	pressed("help", checkedAt, "?"),
	pressed("help-below", checkedAt, "?", "pgdown"),
	pressed("help-end", checkedAt, "?", "G"),
	pressed("help-package", openedAt, "?"),
	pressed("help-review", reviewAt, "?"),
	pressed("help-triage", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return m }, "?"),
	pressed("messages-none", checkedAt, "M"),
	{"messages", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return do(m, "n", "!", "a fork", "enter", "z", "M")
	}},
}

// explainScenes are what words mean.
var explainScenes = []scene{
	pressed("status", checkedAt, "i"),
	pressed("tab", openedAt, "3", "i"),
	pressed("led", openedAt, "3", "i", "enter"),
	pressed("page", checkedAt, "T", "i"),
	pressed("all", checkedAt, "i", "i"),
	pressed("all-below", checkedAt, "i", "i", "G"),
	pressed("words", checkedAt, "i", "/", "proof"),
	{"check", func(size tea.WindowSizeMsg) *Model { m := openedAt(size); m.explain("signature"); return m }},
	{"rule", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "n", "i") }},
	pressed("change", reviewAt, "i"),
}

// menuScenes are what lies over a screen: menus, prompts, questions.
var menuScenes = []scene{
	pressed("palette", checkedAt, ":"),
	pressed("palette-narrowed", checkedAt, ":", "copy"),
	pressed("palette-nothing", checkedAt, ":", "nosuch"),
	pressed("palette-package", openedAt, ":"),
	pressed("copy", openedAt, "y"),
	pressed("copy-value", openedAt, "4", "y", "y", "j"),
	pressed("copy-value-narrowed", openedAt, "5", "y", "y", "/", "sha"),
	pressed("links", openedAt, "o"),
	pressed("links-none", openedAt, "esc", "j", "o"),
	pressed("review-links", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "mooring") }, "o"),
	pressed("review-copy", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "mooring") }, "y"),
	pressed("export", openedAt, "E"),
	pressed("export-shown", checkedAt, "E"),
	pressed("export-unknown-form", checkedAt, "E", "backspace"),
	{"overwrite", func(size tea.WindowSizeMsg) *Model {
		o, used := toolOptions()
		used.fileErr = func(_ string, overwrite bool) error {
			if !overwrite {
				return fs.ErrExist
			}
			return nil
		}
		return do(send(New(o), size, toolEvents()), "E", "enter")
	}},
	{"diff", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return do(m, "n", "a") }},
	{"reason", func(size tea.WindowSizeMsg) *Model { m, _ := triageAt(size); return press(m, "n", "x", "it moved") }},
	{"until", func(size tea.WindowSizeMsg) *Model {
		m, _ := triageAt(size)
		return press(m, "n", "x", "it moved", "enter", "2027-01")
	}},
	pressed("search", openedAt, "5", "/", "Release.yml"),
	pressed("search-nothing", openedAt, "/", "no such thing"),
}

// failedScenes are what is there if something is not.
var failedScenes = []scene{
	{"loading", func(size tea.WindowSizeMsg) *Model { return send(New(loadOptions()), size) }},
	{"load-error", func(size tea.WindowSizeMsg) *Model {
		return send(New(loadOptions()), size, batchMsg(batch{last: true, err: errors.New("open cata\x1blog: no such file\nor directory")}))
	}},
	{"no-specs", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Specs = []catalog.Spec{}
		return send(New(o), size)
	}},
	{"no-match", func(size tea.WindowSizeMsg) *Model { return press(checkedAt(size), "/", "nosuch\x1b", "enter") }},
	{"engine-ended", func(size tea.WindowSizeMsg) *Model {
		return send(New(options()), size, answers(0, 1), action((*Model).closed))
	}},
	pressed("nothing-to-decide", openedAt, "esc", "t"),
	{"no-triage", func(size tea.WindowSizeMsg) *Model {
		o, _, events := triageOptions()
		o.Triage = nil
		return press(send(New(o), size, events), "t", "n")
	}},
	{"not-written", func(size tea.WindowSizeMsg) *Model {
		m, used := triageAt(size)
		used.fail = errDisk
		return do(m, "n", "!", "a fork", "enter")
	}},
	{"not-exported", func(size tea.WindowSizeMsg) *Model {
		o, used := toolOptions()
		used.fileErr = func(string, bool) error { return errDisk }
		return do(send(New(o), size, toolEvents()), "E", "enter")
	}},
	{"no-evidence", func(size tea.WindowSizeMsg) *Model {
		o, _ := toolOptions()
		return do(send(New(o), size, toolEvents()), "enter", "3")
	}},
	pressed("no-history", openedAt, "7"),
	pressed("no-review", func(size tea.WindowSizeMsg) *Model { return resultsScreen(size) }, "V"),
	pressed("results-tab", func(size tea.WindowSizeMsg) *Model { return resultsScreen(size) }, "enter", "2"),
}
