// Package review says what a change of a catalog does: for each spec that
// differs between two revisions, what it was before and what it is after, both
// verified in full, each against its own spec.
//
//	base specs ┐                  ┌ before: Report ┐
//	           ├ Pair → []Change ─┤                ├ Change.Judge → Findings, Verdict
//	head specs ┘                  └ after:  Report ┘
//
// A change is judged by what the base demands: its policy and its decisions. It
// fails if evidence was lost, if another publishes than before, if it edits what
// it is judged by together with the version, and if the head itself fails
// ([verify.Judge]). Nothing passes of which either side could not be checked.
package review
