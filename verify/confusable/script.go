package confusable

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// script is a script of Unicode and its characters.
type script struct {
	name  string
	table *unicode.RangeTable
}

// scripts are those that letters belong to, the most common first.
var scripts = sync.OnceValue(func() []script {
	first := []string{"Latin", "Cyrillic", "Greek", "Han", "Hiragana", "Katakana", "Hangul", "Arabic", "Hebrew"}
	var out []script
	for _, name := range first {
		out = append(out, script{name, unicode.Scripts[name]})
	}
	for name, table := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && !slices.Contains(first, name) {
			out = append(out, script{name, table})
		}
	}
	return out
})

// scriptOf returns the script of a character, "" if it is common to
// several.
func scriptOf(r rune) string {
	if ascii(r) {
		if 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return "Latin"
		}
		return ""
	}
	for _, s := range scripts() {
		if unicode.Is(s.table, r) {
			return strings.ReplaceAll(s.name, "_", " ")
		}
	}
	return ""
}

// Describe names a character by its number and script: "U+0430 (Cyrillic)".
func Describe(r rune) string {
	if script := scriptOf(r); script != "" {
		return fmt.Sprintf("U+%04X (%s)", r, script)
	}
	return fmt.Sprintf("U+%04X", r)
}

func ascii(r rune) bool { return r < utf8.RuneSelf }

func unique(runes []rune) (out []rune) {
	for _, r := range runes {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}
