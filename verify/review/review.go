package review

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// Kind is what a change does to a spec.
type Kind uint8

// The kinds. The zero value is none.
const (
	KindUnknown Kind = iota
	Added            // the spec is new
	Removed          // the spec is gone
	Edited           // the same package and version, and another text
	Bumped           // another version of the same package
	Replaced         // another package, or from another registry
)

var kindNames = [...]string{
	KindUnknown: "unknown", Added: "added", Removed: "removed", Edited: "edited", Bumped: "bumped", Replaced: "replaced",
}

// String returns the kind as JSON spells it.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return kindNames[KindUnknown]
}

// Evidence is how the evidence after a change relates to that before it.
type Evidence uint8

// The relations.
const (
	EvidenceUnknown Evidence = iota // one of the two could not be checked, or there is only one
	EvidenceSame
	EvidenceGained
	EvidenceLost
)

var evidenceNames = [...]string{EvidenceUnknown: "unknown", EvidenceSame: "same", EvidenceGained: "gained", EvidenceLost: "lost"}

// String returns the relation as JSON spells it.
func (e Evidence) String() string {
	if int(e) < len(evidenceNames) {
		return evidenceNames[e]
	}
	return evidenceNames[EvidenceUnknown]
}

// Side is one spec before or after a change, and the verdict on its package. It
// does not change once it is made.
type Side struct {
	Spec catalog.Spec
	// Report is nil until the side is verified. [Change.Judge] replaces it by one
	// with what is demanded and decided, and at the head with what it found.
	Report *verify.Report
}

// Change is what happened to one spec. [Pair] fills the fields down to After,
// [Change.Judge] the others.
type Change struct {
	Path untrusted.Text // of the spec at the head; of a removed one at the base
	// From is the path at the base of what the spec is compared with, or "" if
	// that is Path.
	From   untrusted.Text
	Kind   Kind
	Before *Side // nil if the spec was added, unless the base has its package in another spec
	After  *Side // nil if it was removed

	Publisher history.PublisherChange
	Evidence  Evidence
	// Findings are what the change brings, the worst first: what the comparison
	// found, and the findings of the head's report that the base's did not have.
	// All of them are in the head's report, too.
	Findings []verify.Finding
	Verdict  verify.Verdict
	Why      string // why the change does not pass, in one cleaned sentence; or ""

	goalposts     []verify.Finding // what the change edits of the decisions about it
	before, after judged
}

// judged is a report as it was verified, and what became of it.
type judged struct{ verified, report *verify.Report }

// Judged reports whether the sides that there are were verified.
func (c *Change) Judged() bool {
	return (c.Before == nil || c.Before.Report != nil) && (c.After == nil || c.After.Report != nil)
}

// Standing returns the findings of the head's report that stood at the base
// already: no news.
func (c *Change) Standing() []verify.Finding {
	if c.After == nil || c.After.Report == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(c.After.Report.Findings), func(f verify.Finding) bool { return slices.Contains(c.Findings, f) })
}

// Review is what a change of a catalog does.
type Review struct {
	Base    string // full name of the commit
	Head    string // likewise, or "worktree"
	Folder  string // of the catalog within its repository, with slashes; "" for the root
	Changes []Change
	// NotRead are the specs that differ and that plimsoll does not read.
	NotRead catalog.UnreadSpecs
	// Findings are about the change as a whole: the policy or the decisions that
	// it is judged by are part of it. No decision waives them.
	Findings []verify.Finding
}

// WorkTree is the [Review.Head] that stands for the files in the folder.
const WorkTree = "worktree"

// Clone returns a copy that does not change when r does.
func (r *Review) Clone() *Review {
	copied := *r
	copied.Changes, copied.Findings = slices.Clone(r.Changes), slices.Clone(r.Findings)
	return &copied
}

// Verdict returns that of the whole: it fails if one change or a finding about
// the whole does, and passes if all pass.
func (r *Review) Verdict() verify.Verdict {
	verdict := verify.VerdictPass
	for i := range r.Findings {
		if r.Findings[i].Open() {
			return verify.VerdictFail
		}
	}
	for i := range r.Changes {
		switch r.Changes[i].Verdict {
		case verify.VerdictPass:
		case verify.VerdictFail:
			return verify.VerdictFail
		default:
			verdict = verify.VerdictUnchecked
		}
	}
	return verdict
}
