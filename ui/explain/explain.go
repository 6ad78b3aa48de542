// Package explain says what a word of the field, a status, a check or a finding's
// rule is, why it matters, and what to do about it. The screen, `plimsoll explain`
// and SARIF's rules take their sentences from here.
package explain

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/agext/levenshtein"
)

// Entry explains one word. Its sentences are whole, and ours; none names a key of
// the screen, which may be bound anew.
type Entry struct {
	Word    string   `json:"word"` // as it is written everywhere else: "SCT", "mismatch", "policy.slsa"
	Kind    Kind     `json:"kind"`
	Aliases []string `json:"aliases,omitempty"` // other ways to write it
	Short   string   `json:"short"`             // a few words
	Is      string   `json:"is"`
	Why     string   `json:"why"`
	Do      string   `json:"do,omitempty"`     // what to do now; "" if there is nothing to do
	Spec    string   `json:"spec,omitempty"`   // the address of the specification; "" if it is a word of ours
	Checks  []string `json:"checks,omitempty"` // the checks that show on a package what a term means
	See     []string `json:"see,omitempty"`    // words that explain more
}

// Text is all sentences.
func (e Entry) Text() string { return strings.TrimSpace(e.Is + " " + e.Why + " " + e.Do) }

// Kind is what a word names. Several entries may have one word, each of another kind:
// "statement" is a tab, a check and a term.
type Kind uint8

// The kinds, in the order in which they are listed.
const (
	Status   Kind = iota // of a package, or of a file of evidence
	Severity             // of a finding
	Check                // a link of the chain
	Result               // of a check, a comparison or a review
	Rule                 // of a finding
	Column               // of the table
	Place                // a screen or a tab
	Term                 // a word of the field
)

var kindNames = [...]string{
	Status: "status", Severity: "severity", Check: "check", Result: "result",
	Rule: "rule", Column: "column", Place: "screen", Term: "term",
}

// String returns the kind in a word.
func (k Kind) String() string { return kindNames[k] }

// Plural returns the kind as a heading.
func (k Kind) Plural() string {
	switch k {
	case Status, Place:
		return [...]string{Status: "Statuses", Place: "Screens and tabs"}[k]
	case Severity:
		return "Severities"
	}
	return strings.ToUpper(kindNames[k][:1]) + kindNames[k][1:] + "s"
}

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// all is every entry, by kind and then by word.
var all = sync.OnceValue(func() (entries []Entry) {
	rules := slices.Concat(packageRules, policyRules, pastRules, reviewRules)
	for kind, of := range [...][]Entry{
		Status: statuses, Severity: severities, Check: checks, Result: results,
		Rule: rules, Column: columns, Place: places, Term: terms,
	} {
		first := len(entries)
		for _, e := range of {
			e.Kind = Kind(kind)
			entries = append(entries, e)
		}
		if e := entries[first:]; Kind(kind) >= Rule { // the others have an order of their own
			slices.SortStableFunc(e, func(a, b Entry) int { return strings.Compare(fold(a.Word), fold(b.Word)) })
		}
	}
	return entries
})

// All returns every entry, by kind and then by word; they are not to be changed.
func All() []Entry { return all() }

// Kinds returns all entries, those of each kind together.
func Kinds() (kinds [][]Entry) {
	for rest := all(); len(rest) > 0; {
		n := slices.IndexFunc(rest, func(e Entry) bool { return e.Kind != rest[0].Kind })
		if n < 0 {
			n = len(rest)
		}
		kinds, rest = append(kinds, rest[:n]), rest[n:]
	}
	return kinds
}

// Find returns the entries of a word: those that are written so, those in another
// case, those that have it as an alias. There is none if nothing explains it.
func Find(word string) (found []Entry) {
	like := [3][]Entry{}
	folded := fold(word)
	for _, e := range all() {
		switch {
		case e.Word == word:
			like[0] = append(like[0], e)
		case fold(e.Word) == folded:
			like[1] = append(like[1], e)
		case slices.ContainsFunc(e.Aliases, func(a string) bool { return fold(a) == folded }):
			like[2] = append(like[2], e)
		}
	}
	return slices.Concat(like[:]...)
}

// Of returns the entry of a word and kind.
func Of(kind Kind, word string) (Entry, bool) {
	for _, e := range all() {
		if e.Kind == kind && e.Word == word {
			return e, true
		}
	}
	return Entry{}, false
}

// fold makes two ways to write a word equal: case, and what stands between its parts.
func fold(word string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(word), func(r rune) bool { return strings.ContainsRune(" -_'", r) }), " ")
}

// Near returns the words that somebody may have meant who wrote one that nothing
// explains, the likeliest first, at most five.
func Near(word string) (words []string) {
	word = fold(word)
	cost := map[string]int{}
	for _, e := range all() {
		best := unlike
		for _, name := range append([]string{e.Word}, e.Aliases...) {
			name = fold(name)
			switch d := levenshtein.Distance(word, name, nil); {
			case word != "" && strings.Contains(name, word):
				best = min(best, len(name)-len(word))
			case d <= 1+len(word)/4:
				best = min(best, d)
			}
		}
		if best == unlike {
			continue
		}
		if _, ok := cost[e.Word]; !ok {
			words = append(words, e.Word)
		}
		cost[e.Word] = min(best, cmp.Or(cost[e.Word], unlike))
	}
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(cost[a], cost[b]) })
	return words[:min(len(words), 5)]
}

// unlike is more than any two words that are like each other cost.
const unlike = 1 << 20
