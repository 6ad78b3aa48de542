package review

import "io/fs"

// CompareRules holds the policy and the decisions of both revisions against each
// other: what a change is judged by must not be part of it. base and head are the
// root folders of the catalog. To be called before the changes are judged.
func (r *Review) CompareRules(base, head fs.FS) {}
