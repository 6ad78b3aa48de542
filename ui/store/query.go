package store

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// query is a filter: terms that must all hold. The zero value lets every row
// through.
//
//	word      occurs in the package, the server, the source, the reason or the status
//	"a word"  the same, with spaces or signs in it
//	~word     its letters occur in the package or the server, in that order
//	st:inv,mis p:npx src:word exp:word rule:word sev:warning slsa:>=2 pub:github
//	!term     does not hold
type query struct {
	text    string
	terms   []term
	problem string
}

// term is one condition of a query.
type term func(*Row) bool

// parse reads a filter as a person writes it. Every text is a query: a term
// that is not finished yet, or that makes no sense, is left out, and
// [Query.Problem] says so.
func parse(text string) query {
	q := query{text: text}
	for rest := text; ; {
		var w word
		var more bool
		if w, rest, more = nextWord(rest); !more {
			return q
		}
		t, problem := w.term()
		if q.problem == "" {
			q.problem = problem
		}
		if t != nil {
			q.terms = append(q.terms, t)
		}
	}
}

// String returns the filter as it was written.
func (q query) String() string { return q.text }

// Problem says in a few words what is wrong with the first term that is, ""
// when all is well. It may hold what was written, uncleaned.
func (q query) Problem() string { return q.problem }

// match reports whether every term holds for a row.
func (q query) match(row *Row) bool {
	for _, holds := range q.terms {
		if !holds(row) {
			return false
		}
	}
	return true
}

// word is a term as it was written.
type word struct {
	not, fuzzy bool
	field      string // what stands before the colon; "" if there is none
	value      string // without its quotes
	open       bool   // a quote was not closed
}

// nextWord splits the first word off a text.
func nextWord(text string) (w word, rest string, ok bool) {
	text = strings.TrimLeftFunc(text, unicode.IsSpace)
	if text == "" {
		return word{}, "", false
	}
	for strings.HasPrefix(text, "!") {
		w.not = !w.not
		text = text[1:]
	}
	if text, w.fuzzy = strings.CutPrefix(text, "~"); !w.fuzzy {
		w.field, text = cutField(text)
	}
	var value strings.Builder
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		if r == '"' {
			w.open = !w.open
		} else if unicode.IsSpace(r) && !w.open {
			break
		} else {
			value.WriteString(text[:size])
		}
		text = text[size:]
	}
	w.value = strings.ToLower(value.String())
	return w, text, true
}

// cutField cuts a field's name and its colon off a word. An address is not a
// field, though it has a colon.
func cutField(text string) (field, rest string) {
	letters := len(text) - len(strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
	after, colon := strings.CutPrefix(text[letters:], ":")
	if letters == 0 || !colon || strings.HasPrefix(after, "//") {
		return "", text
	}
	return strings.ToLower(text[:letters]), after
}

// term makes the condition of the word, or nil if it makes none.
func (w word) term() (t term, problem string) {
	switch {
	case w.field != "":
		t, problem = w.fieldTerm()
	case w.value == "" && w.fuzzy:
		problem = "~ needs letters"
	case w.value == "" && !w.open:
		problem = "a word is missing"
	case w.value == "":
	case w.fuzzy:
		t = fuzzyTerm(w.value)
	default:
		t = func(row *Row) bool { return strings.Contains(row.haystack, w.value) }
	}
	if w.open && problem == "" {
		problem = "the quote is open"
	}
	if t != nil && w.not {
		holds := t
		t = func(row *Row) bool { return !holds(row) }
	}
	return t, problem
}
