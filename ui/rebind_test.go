package ui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll/ui/theme"
)

func TestCheckKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		about string
		own   []Binding
		name  string
		says  string
	}{
		{"nothing", nil, "", ""},
		{"other keys", []Binding{{"open", []string{"enter", "o"}}, {"browse", []string{"O"}}}, "", ""},
		{"two change places", []Binding{{"down", []string{"k"}}, {"up", []string{"j"}}}, "", ""},
		{"named keys", []Binding{{"page-down", []string{"pgdn", "ctrl+e"}}, {"mark", []string{"insert"}}, {"skip", []string{"n", "space"}}}, "", ""},
		{"a letter of elsewhere", []Binding{{"redraw", []string{"é"}}}, "", ""},
		{"no such action", []Binding{{"explode", []string{"x"}}}, "explode", "no key has this name: expected one of accept, back, bottom"},
		{"no such key", []Binding{{"open", []string{"entre"}}}, "open", `no key is called "entre"`},
		{"two characters", []Binding{{"open", []string{"gg"}}}, "open", `no key is called "gg"`},
		{"a mark without a letter", []Binding{{"open", []string{"\u0301"}}}, "open", "no key is called"},
		{"a character that is not seen", []Binding{{"open", []string{"\u200b"}}}, "open", "no key is called"},
		{"a clash with a usual key", []Binding{{"open", []string{"q"}}}, "open", "q is also the key of leave (packages): give that one another"},
		{"a clash on one screen alone", []Binding{{"accept", []string{"t", "E"}}}, "accept", "E is also the key of export (triage)"},
		{"a clash of two own ones", []Binding{{"sort", []string{"x"}}, {"filter", []string{"x"}}}, "filter", "x is also the key of sort (packages)"},
		{"the same key on other screens", []Binding{{"accept", []string{"s"}}}, "", ""},
		{"text would quit", []Binding{{"quit", []string{"Q"}}}, "quit", "expected ctrl and a letter"},
		{"typing would quit", []Binding{{"quit", []string{"backspace"}}}, "quit", "expected ctrl and a letter"},
		{"an answer would quit", []Binding{{"quit", []string{"enter"}}, {"open", []string{"l"}}, {"fold", []string{"l"}}}, "quit", "expected ctrl and a letter"},
		{"another way to quit", []Binding{{"quit", []string{"ctrl+x", "f10"}}}, "", ""},
		{"too few tabs", []Binding{{"tab", []string{"1", "2"}}}, "tab", "expected 7 keys, one a tab, found 2"},
	} {
		name, err := CheckKeys(tt.own)
		if name != tt.name || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %q, %v; want %q, %q", tt.about, name, err, tt.name, tt.says)
		}
	}
}

// What a person bound works and is named everywhere: in the footer, the help, the
// palette, in sentences; and the usual key is dead.
func TestKeysFollowARebinding(t *testing.T) {
	t.Parallel()
	o := options()
	o.Keys = []Binding{{"help", []string{"H"}}, {"commands", []string{"ctrl+p"}}, {"open", []string{"O"}}, {"filter", []string{"L"}},
		{"tab", strings.Split("!@%&(){", "")}, {"down", []string{"ctrl+n"}}, {"back", []string{"esc", "left"}}, {"search", []string{"L"}}}
	if name, err := CheckKeys(o.Keys); err != nil {
		t.Fatal(name, err)
	}
	m := send(New(o), full, answers(upTo(len(samples))...))
	typing := func(names ...string) *Model {
		for _, name := range names {
			send(m, keyOf(name))
		}
		return m
	}
	wantFrame(t, m, "the footer", "ctrl+n/k move  O open  L filter")
	if typing("?"); m.toast != "? does nothing here; H shows the keys here" {
		t.Errorf("the usual key says %q", m.toast)
	}
	wantFrame(t, typing("H"), "the help", "Help", "ctrl+n")
	typing("left", "O", "%")
	if d, ok := m.top().(*detail); !ok || d.tab != 2 {
		t.Errorf("the third tab's key leads to %T %+v", m.top(), m.top())
	}
	wantFrame(t, typing("ctrl+p", "t", "a", "b", ":"), "the palette", "tab: Certificates", "  @")
}

// A terminal without signs gets words for the arrows: a v would be the key of marks.
func TestKeysWithoutSigns(t *testing.T) {
	t.Parallel()
	o := options()
	o.Theme = theme.New(theme.Options{ASCII: true})
	if got := New(o).keys.Down.Help().Key; got != "j/down" {
		t.Errorf("down is named %q", got)
	}
}

// Every key that the library can send, and that is not text, has a name that leads
// back to it.
func TestKeyNames(t *testing.T) {
	t.Parallel()
	for name := range specialKeys {
		if got := keyOf(name).String(); got != name {
			t.Errorf("%q leads to %q", name, got)
		}
		if got, err := keyNamed(shown(name)); got != name || err != nil {
			t.Errorf("%q is shown as %q, which is %q, %v", name, shown(name), got, err)
		}
	}
}

// No sentence of the screen names a key itself: it would go on naming it after a
// rebinding. Prompts and menus have keys of their own, which hint names.
func TestSentencesTakeTheirKeysFromTheTable(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?i)\b(press|pressing) ([a-z?/:<>!*+-]|esc|enter|tab|space)[ .,;"]|\b(esc|[b-hj-z?]) (shows|clears|ends|opens|takes|quits|leads)\b`)
	for _, folder := range []string{".", "view", "coverage", "explain"} {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
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
				if text, ok := n.(*ast.BasicLit); ok && text.Kind == token.STRING && named.MatchString(text.Value) {
					t.Errorf("%s: %s", name, text.Value)
				}
				return true
			})
		}
	}
}
