package main

import (
	"fmt"
	"html"
	"strings"

	"github.com/hinshun/vt10x"
)

// The size of one cell, and the margin, in the picture's units.
const cellWidth, cellHeight, margin = 8.4, 18, 14

// The terminal's attributes, as vt10x numbers them.
const (
	attrUnderline = 1 << 1
	attrBold      = 1 << 2
	attrItalic    = 1 << 4
)

// palette is how the sixteen colours look on the picture's dark ground.
var palette = []string{
	"#3b4252", "#e5707a", "#8fce7e", "#e8c06a", "#7aa2f7", "#d08ae0", "#7cc8d8", "#d8dee9",
	"#7b8496", "#f08a92", "#a8e09a", "#f2d08a", "#9ab8fa", "#e0a8ec", "#9adbe8", "#ffffff",
}

const ground, ink = "#101418", "#d8dee9"

func colour(c vt10x.Color) string {
	switch {
	case c == vt10x.DefaultBG:
		return ground
	case int(c) < len(palette):
		return palette[c]
	}
	return ink
}

// look is how a run of cells is drawn.
type look struct {
	fore, back string
	bold       bool
	italic     bool
	underline  bool
}

// lookOf reads a cell. vt10x has swapped the colours of reversed cells.
func lookOf(g vt10x.Glyph) look {
	return look{fore: colour(g.FG), back: colour(g.BG),
		bold: g.Mode&attrBold != 0, italic: g.Mode&attrItalic != 0, underline: g.Mode&attrUnderline != 0}
}

// svg draws a screen. Every run of cells of one look is one text element of a
// stated length, so that the columns stand where the terminal puts them,
// whatever font the reader has.
func svg(screen [][]vt10x.Glyph) string {
	width := float64(len(screen[0]))*cellWidth + 2*margin
	height := float64(len(screen))*cellHeight + 2*margin
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.1f %.1f" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", ground)
	for y, line := range screen {
		for x := 0; x < len(line); {
			end := x + 1
			for end < len(line) && lookOf(line[end]) == lookOf(line[x]) {
				end++
			}
			drawRun(&b, line[x:end], x, y)
			x = end
		}
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func drawRun(b *strings.Builder, cells []vt10x.Glyph, x, y int) {
	l := lookOf(cells[0])
	left, top := margin+float64(x)*cellWidth, margin+float64(y)*cellHeight
	if l.back != ground {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, float64(len(cells))*cellWidth, cellHeight, l.back)
	}
	text := strings.Builder{}
	for _, c := range cells {
		text.WriteRune(c.Char)
	}
	trimmed := strings.TrimRight(text.String(), " \x00")
	if strings.TrimSpace(trimmed) == "" {
		return
	}
	style := ""
	if l.bold {
		style += ` font-weight="bold"`
	}
	if l.italic {
		style += ` font-style="italic"`
	}
	if l.underline {
		style += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" textLength="%.1f" xml:space="preserve" fill="%s"%s>%s</text>`+"\n",
		left, top+cellHeight-5, float64(len([]rune(trimmed)))*cellWidth, l.fore, style, html.EscapeString(trimmed))
}
