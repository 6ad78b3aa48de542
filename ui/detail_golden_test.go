package ui

import (
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/testdata/testfiles"
)

// detailScenes are the states of the package screen, and what lies over it.
var detailScenes = []struct {
	name string
	keys []string
}{
	{"overview", nil},
	{"statement", []string{"5"}},
	{"branch-folded", []string{"5", "jjjjjjjjjjjjj", "enter"}},
	{"all-folded", []string{"5", "-"}},
	{"raw", []string{"6"}},
	{"search", []string{"5", "/", "Release.yml"}},
	{"search-kept", []string{"5", "/", "acme", "enter", "n"}},
	{"search-nothing", []string{"/", "no such thing"}},
	{"copy", []string{"y"}},
	{"copy-value", []string{"4", "y", "y", "j"}},
	{"copy-value-narrowed", []string{"5", "y", "y", "/", "sha"}},
	{"open", []string{"o"}},
	{"export", []string{"E"}},
	{"mouse", []string{"m"}},
	{"unchecked", []string{"esc", "j", "o"}},
	{"hostile", []string{"esc", "jj", "enter", "5", "y", "y"}},
}

func TestGoldenDetail(t *testing.T) {
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 100, Height: 30}, {Width: 80, Height: 24}, {Width: 40, Height: 10}} {
		name := fmt.Sprintf("package-%dx%d", size.Width, size.Height)
		t.Run(name, func(t *testing.T) {
			var b strings.Builder
			for _, scene := range detailScenes {
				fmt.Fprintf(&b, "=== %s\n%s\n", scene.name, visible(do(openedAt(size), scene.keys...).View()))
			}
			testfiles.Golden(t, name+".golden", b.String())
		})
	}
}
