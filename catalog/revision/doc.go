// Package revision reads a catalog as it was committed: the tree of a git
// commit as an [fs.FS], of which a catalog is loaded as of a folder.
//
//	Open ─► Commit, Base: the name of a commit ─► Tree: its files ─► Same: which need not be read
//
// The repository is untrusted. git is asked by its plumbing: what kind of repository
// it is and what of it is not here (rev-parse, config, for-each-ref), what a name
// means (cat-file --batch-check), the last commit that two histories share
// (merge-base, rev-list), and an object's bytes (cat-file --batch). Of what people or the
// repository write only hexadecimal digits are ever an argument. Every setting that
// runs a program, reaches the network or makes one object another is switched off,
// and nothing is written. An object's name is the digest of its bytes, and what is
// read is checked against it, from the commit down to the file: neither replace refs
// nor grafts, alternates or altered files below .git change what a commit holds.
package revision
