package review

import (
	"cmp"
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

var kindNames = [...]string{KindUnknown: "unknown", Added: "added", Removed: "removed", Edited: "edited", Bumped: "bumped", Replaced: "replaced"}

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

// Side is one spec before or after a change, and the verdict on its package.
type Side struct {
	Spec   catalog.Spec
	Report *verify.Report // nil until it is verified
}

// Change is what happened to one spec. Judge fills what follows Kind.
type Change struct {
	Path   untrusted.Text // of the spec at the head; of a removed one at the base
	From   untrusted.Text // its path at the base, if the folder has another name now; else ""
	Kind   Kind
	Before *Side // nil if the spec was added
	After  *Side // nil if it was removed

	Publisher history.PublisherChange
	Evidence  Evidence
	// Findings are what the change brings: of the comparison, and those of the head's
	// report that the base's did not have.
	Findings []verify.Finding
	Verdict  verify.Verdict
}

// Judged reports whether both sides were verified and the change has a verdict.
func (c *Change) Judged() bool {
	return (c.Before == nil || c.Before.Report != nil) && (c.After == nil || c.After.Report != nil)
}

// Review is what a change of a catalog does.
type Review struct {
	Base    string // full name of the commit
	Head    string // likewise, or "worktree"
	Changes []Change
	// Findings are about the change as a whole: the policy or the decisions that
	// it is judged by are part of it.
	Findings []verify.Finding
}

// WorkTree stands for the files as they lie in the folder, in [Review.Head].
const WorkTree = "worktree"

// Pair returns the specs that differ between two revisions of a catalog, by
// path. A spec whose folder was renamed is one change, if it still names the
// same package.
func Pair(base, head []catalog.Spec) []Change {
	before := map[untrusted.Text]*catalog.Spec{}
	for i := range base {
		before[base[i].Path] = &base[i]
	}
	var out []Change
	for i := range head {
		after := &head[i]
		was := before[after.Path]
		delete(before, after.Path)
		switch {
		case was == nil:
			out = append(out, Change{Path: after.Path, Kind: Added, After: &Side{Spec: *after}})
		case was.SHA256 != after.SHA256 || was.Err != nil || after.Err != nil:
			out = append(out, Change{Path: after.Path, Kind: kindOf(was, after), Before: &Side{Spec: *was}, After: &Side{Spec: *after}})
		}
	}
	for path, was := range before {
		out = append(out, Change{Path: path, Kind: Removed, Before: &Side{Spec: *was}})
	}
	slices.SortFunc(out, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return out
}

func kindOf(was, is *catalog.Spec) Kind {
	switch {
	case was.Protocol != is.Protocol || was.Package != is.Package:
		return Replaced
	case was.Version != is.Version:
		return Bumped
	}
	return Edited
}
