package store

import (
	"slices"

	"plimsoll/verify"
)

// Preset is one of the questions that a maintainer asks of the whole catalog.
// It holds together with the typed filter. The zero value shows everything.
type Preset uint8

// The presets, in the order in which they follow each other.
const (
	All        Preset = iota
	NotProven         // everything that is not verified
	Failing           // the evidence is wrong, or contradicts the spec
	Unchecked         // it could not be checked
	NoEvidence        // the registry offers nothing
	Proven            // verified
	Warned            // the verdict is not bad, and a warning or worse stands beside it
	presets
)

var presetNames = [presets]string{"all", "not proven", "failing", "could not be checked", "no evidence", "verified", "with warnings"}

// String returns the preset's name as the screen shows it.
func (p Preset) String() string { return presetNames[p%presets] }

// ParsePreset is the inverse of [Preset.String].
func ParsePreset(name string) (Preset, bool) {
	i := slices.Index(presetNames[:], name)
	return Preset(max(i, 0)), i >= 0
}

// Next returns the preset delta places further on, round and round.
func (p Preset) Next(delta int) Preset {
	n := int(presets)
	return Preset(((int(p)+delta)%n + n) % n)
}

// match reports whether the preset shows a row.
func (p Preset) match(row *Row) bool {
	s := row.Status
	switch p {
	case NotProven:
		return s != verify.Verified
	case Failing:
		return s == verify.Invalid || s == verify.Mismatch
	case Unchecked:
		return s == verify.Unchecked
	case NoEvidence:
		return s == verify.None
	case Proven:
		return s == verify.Verified
	case Warned:
		_, stands := row.Report.Outstanding()
		return stands
	default:
		return true
	}
}
