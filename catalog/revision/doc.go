// Package revision reads a catalog as it was committed: the tree of a git
// commit as an [fs.FS], of which [catalog.Source] is made as of a folder.
//
// git itself is asked, through its plumbing (rev-parse, merge-base, ls-tree,
// cat-file). The repository is untrusted: whatever of its settings runs a
// program, or makes an object another one, is switched off, and nothing is
// written to it. A name that a person gives reaches git behind
// --end-of-options, and nothing but full object names after that.
package revision
