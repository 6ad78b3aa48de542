package store

import (
	"slices"

	"plimsoll/verify"
)

// Preset is a place in the list of questions that a store offers. It holds
// together with the typed filter. The zero value shows everything.
type Preset int

// The presets of a catalog's packages, in the order in which they follow each other.
const (
	Led Preset = iota - 1 // rows that somebody chose, see [Store.Lead]
	All
	NotProven  // everything that is not verified, or does not pass
	Failing    // the evidence is wrong, or contradicts the spec or the policy
	Unchecked  // it could not be checked
	NoEvidence // the registry offers nothing
	Proven     // verified, and nothing contradicts it
	Warned     // the verdict is not bad, and a warning or worse stands beside it
)

// Question chooses rows of the whole table.
type Question struct {
	Name  string
	Holds func(*Row) bool
}

// questions are those of a catalog's packages, without the first, which every store has.
var questions = []Question{
	{"not proven", func(row *Row) bool { return row.Status != verify.Verified || row.fails }},
	{"failing", func(row *Row) bool { return row.fails }},
	{"could not be checked", func(row *Row) bool { return row.Status == verify.Unchecked }},
	{"no evidence", func(row *Row) bool { return row.Status == verify.None }},
	{"verified", func(row *Row) bool { return row.Status == verify.Verified && !row.fails }},
	{"with warnings", func(row *Row) bool {
		_, stands := row.Report.Outstanding()
		return stands
	}},
}

// Offer replaces the questions that the presets ask.
func (s *Store) Offer(questions ...Question) {
	s.questions = questions
	s.SetPreset(All)
}

// Questions are those that the presets ask; the first preset, [All], asks none.
func (s *Store) Questions() []Question { return slices.Clone(s.questions) }

// PresetName returns a preset's name as the screen shows it.
func (s *Store) PresetName(p Preset) string {
	switch p {
	case Led:
		return s.led.Name
	case All:
		return "all"
	}
	return s.questions[p-1].Name
}

// NextPreset returns the preset delta places after the one that is on, round and round.
func (s *Store) NextPreset(delta int) Preset {
	n := len(s.questions) + 1
	return Preset(((int(s.preset)+delta)%n + n) % n)
}

// Preset returns which of the presets is on.
func (s *Store) Preset() Preset { return s.preset }

// SetPreset shows only the rows of a preset that the filter lets through.
func (s *Store) SetPreset(p Preset) {
	if p < All || int(p) > len(s.questions) {
		p = All
	}
	s.narrow(s.query, p)
}

// Lead shows only the rows that a question chooses, until another preset is on.
func (s *Store) Lead(q Question) {
	s.led = q
	s.narrow(s.query, Led)
}

// shows is what the preset and the filter ask of a row.
func (s *Store) shows() query {
	q := query{terms: s.query.terms}
	switch s.preset {
	case All:
	case Led:
		q.terms = append([]term{s.led.Holds}, q.terms...)
	default:
		q.terms = append([]term{s.questions[s.preset-1].Holds}, q.terms...)
	}
	return q
}
