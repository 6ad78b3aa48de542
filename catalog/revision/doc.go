// Package revision reads a catalog as it was committed: the tree of a git
// commit as an [fs.FS], of which a catalog is loaded as of a folder.
//
//	Open ─► Commit, Base: the name of a commit ─► Tree: its files ─► Same: which need not be read
//
// The repository is untrusted. git is asked by its plumbing: whether there is a
// repository and what of it is not here (rev-parse, config, for-each-ref), what a
// name means (cat-file --batch-check), where two histories parted (merge-base), and
// an object's bytes (cat-file --batch). No text of a person or of the repository is
// ever an argument. Whatever setting runs a program, reaches the network or makes one object
// another is switched off, and nothing is written. Since an object's name is the
// digest of its bytes, what is read is checked against it, from the commit's
// name down to the file: neither replace refs nor grafts, alternates or altered
// files below .git change what a commit holds.
package revision
