// Package history compares a release with the versions before it. A release
// with weaker evidence than the versions before it is how stolen tokens show:
// whoever has the token can publish, and cannot make the project's workflow
// attest to it.
//
//	what the registry lists ─► Rung offered ┐
//	                                        ├ by time, in their lines ─► findings, and the Past that a policy decides by
//	reports on versions ──────► Rung proven ┘
//
// What is listed is not what verifies: every finding is a warning or less, and no
// status follows from it; a policy may demand more ([History.Past]). A release is
// held against every earlier one of its major line, so that nothing hides behind
// its own next release, and against the line before if its own never had more. A
// backport to an old line is held against that line, which began before.
//
// [RungOf] and [CompareReleases] compare two reports wherever that is asked: here,
// in a review, and for whoever shows it.
package history
