// Package history compares a release with the versions before it. A release
// with weaker evidence than the versions before it is how stolen tokens show:
// whoever has the token can publish, and cannot make the project's workflow
// attest to it.
//
// It ranks what the registry offers, which is not what verifies: nothing here
// is proof, every finding is a warning or less, and no status follows from it.
// Versions are compared within their major line, since a backport to an old
// line is often built as that line always was.
package history
