package store

import (
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Shows reports whether a row is in the table: neither hidden nor gone.
func (s *Store) Shows(id int) bool { return s.shown(id) }

// At returns the row of the spec at a path, or nil if there is none.
func (s *Store) At(path untrusted.Text) *Row {
	i := slices.IndexFunc(s.rows, func(row *Row) bool { return row.Spec.Path == path })
	return s.Row(i)
}

// Match returns what a filter lets through, and what is wrong with it, as
// [Store.SetFilter] takes it and [Store.Problem] says it.
func Match(filter string) (match func(*Row) bool, problem string) {
	q := parse(filter)
	return q.match, q.problem
}

// About returns the row as it would be if a finding were its only one: a filter
// that lets it through is about the finding, whose words it finds, too.
func (r *Row) About(f verify.Finding) *Row {
	row := *r
	report := *r.Report
	report.Findings = []verify.Finding{f}
	row.Report = &report
	words := []string{row.haystack, row.Spec.Path.String(), f.Rule, f.Message, f.Expected, f.Observed}
	row.haystack = strings.ToLower(untrusted.Clean(strings.Join(words, "\n")))
	return &row
}
