// Package pyname holds the rules by which Python names packages, versions and
// distribution files: PEP 503 (project names), PEP 440 (versions), and the
// binary and source distribution format specifications (file names).
//
// Both the reading of an index and the binding of a statement to a file depend
// on them, and both compare by these rules, never by substring.
package pyname
