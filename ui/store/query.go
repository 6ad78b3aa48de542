package store

import "strings"

// Query is a filter: words that must all occur in a row's package, server,
// source or status. The zero value lets every row through.
type Query struct {
	text  string
	terms []term
}

// term is one condition of a query.
type term interface{ match(*Row) bool }

// Parse reads a filter as a person writes it. Every text is a query: there is
// nothing that could be wrong with one.
func Parse(text string) Query {
	q := Query{text: text}
	for _, word := range strings.Fields(text) {
		q.terms = append(q.terms, substring(strings.ToLower(word)))
	}
	return q
}

// String returns the filter as it was written.
func (q Query) String() string { return q.text }

// Match says whether every term holds for a row.
func (q Query) Match(row *Row) bool {
	for _, t := range q.terms {
		if !t.match(row) {
			return false
		}
	}
	return true
}

// substring is a word that must occur, in either case.
type substring string

func (s substring) match(row *Row) bool { return strings.Contains(row.haystack, string(s)) }
