// Package explain says what a word of the field, a status, a check or a finding's
// rule is, why it matters, and what to do about it. The screen, `plimsoll explain`
// and SARIF's rules take their sentences from here.
package explain

import (
	"slices"
	"strings"
)

// Entry explains one word. Its sentences are whole, and ours.
type Entry struct {
	Word    string   // as it is written everywhere else: "SCT", "mismatch", "policy.slsa"
	Kind    Kind     // what it names
	Aliases []string // other ways to write it
	Is      string   // what it is
	Why     string   // why it matters
	Do      string   // what to do now; "" if there is nothing to do
	Spec    string   // the address of the specification; "" if it is a word of ours
}

// Kind is what a word names.
type Kind uint8

// The kinds, in the order in which they are listed.
const (
	Status Kind = iota // of a package
	Check              // a link of the chain
	Rule               // of a finding
	Term               // a word of the field
	Place              // a screen or a tab
)

// Find returns the entry of a word, in any case; ok is false if nothing explains it.
func Find(word string) (entry Entry, ok bool) {
	same := func(name string) bool { return strings.EqualFold(name, strings.TrimSpace(word)) }
	i := slices.IndexFunc(entries, func(e Entry) bool { return same(e.Word) || slices.ContainsFunc(e.Aliases, same) })
	if i < 0 {
		return Entry{}, false
	}
	return entries[i], true
}

// All returns every entry, by kind and then by word.
func All() []Entry { return slices.Clone(entries) }

var entries = []Entry{
	{Word: "mismatch", Kind: Status, Is: "The evidence verifies and contradicts what the spec demands; or what the spec demands is not proven, or has gone.",
		Why: "Repositories are renamed, and packages are taken over: only a person can tell one from the other.",
		Do:  "Compare the four witnesses on the Publisher tab, then decide in triage."},
}
