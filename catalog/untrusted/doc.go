// Package untrusted is the border between plimsoll and everything that other
// people wrote: spec files, registry answers, certificates, log entries, error
// texts of libraries and servers.
//
// Two rules live here. What comes from outside is compared raw and shown
// cleaned: a [Text] keeps its bytes, and every fmt verb prints its cleaned
// form. And nothing is read without a bound: each limit on bytes is a named
// constant in limits.go, which [ReadAll] and others hold, and JSON is bounded by
// the number of its values as well, before it is decoded ([Shape]).
//
// Beside them stand the small helpers that all packages need: words (Plural, List,
// Cut) and files (ReadFile, ReplaceFile, RemoveTemporary).
//
// The package is a leaf: it imports nothing of plimsoll.
package untrusted
