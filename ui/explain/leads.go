package explain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Leads returns where the entries of a word lead on: to what they name, and to the
// words of the field that their sentences hold. Each word is there once.
func Leads(of ...Entry) (leads []Entry) {
	add := func(e Entry) {
		is := func(other Entry) bool { return other.Word == e.Word }
		if !slices.ContainsFunc(of, is) && !slices.ContainsFunc(leads, is) {
			leads = append(leads, e)
		}
	}
	for _, e := range of {
		for _, word := range slices.Concat(e.See, e.Checks) {
			add(Find(word)[0]) // a test holds that there is one
		}
	}
	for _, term := range all() {
		if term.Kind == Term && slices.ContainsFunc(of, func(e Entry) bool { return holds(e.Text(), term.Word) }) {
			add(term)
		}
	}
	return leads
}

// holds reports whether a text has a word, or its plural. An abbreviation is written
// in capitals.
func holds(text, word string) bool {
	if strings.ToUpper(word) != word {
		text, word = strings.ToLower(text), strings.ToLower(word)
	}
	for from := 0; ; {
		at := strings.Index(text[from:], word)
		if at < 0 {
			return false
		}
		at += from
		from = at + len(word)
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(strings.TrimPrefix(text[from:], "s"))
		if !joins(before) && !joins(after) {
			return true
		}
	}
}

// joins reports whether a letter makes one word with what is beside it.
func joins(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }
