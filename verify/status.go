package verify

import (
	"fmt"
	"slices"

	"plimsoll/catalog/untrusted"
)

// Status is the verdict on a package, an artifact, an attestation or a
// signature. The zero value is [Pending]: nothing is good that was not proven.
type Status uint8

// The verdicts. Of those that apply to a release the first in this order wins:
// Invalid, Unchecked, Mismatch, Partial, Verified, Signed, None.
const (
	// Pending: not checked yet.
	Pending Status = iota
	// Verified: every artifact carries provenance that verifies and is bound
	// to it, and everything that the spec demands is proven.
	Verified
	// Signed: only the registry's signature or publish attestation verifies.
	// It proves integrity, not origin.
	Signed
	// None: the registry offers no evidence, or none that counts.
	None
	// Partial: some artifacts of the release carry verified provenance, others
	// none.
	Partial
	// Mismatch: the evidence verifies and contradicts what the spec demands,
	// or what the spec demands is not proven, or has gone.
	Mismatch
	// Invalid: evidence was offered and does not verify, or names another
	// artifact, or contradicts its certificate.
	Invalid
	// Unchecked: it could not be checked.
	Unchecked
	// Unbound: every link of the evidence verifies, and it was compared with no
	// file. Only evidence has it that was inspected apart from any package; no
	// package does.
	Unbound
	// Bound: every link of the evidence verifies, and it names the file that
	// was given. Likewise no verdict on a package: nobody said which one it
	// should be, nor from where.
	Bound
)

// Statuses lists every status of a package, the worst first, in the order of
// precedence.
func Statuses() []Status {
	return []Status{Invalid, Unchecked, Mismatch, Partial, Verified, Signed, None, Pending}
}

var statusNames = [...]string{
	Pending: "pending", Verified: "verified", Signed: "signed", None: "none",
	Partial: "partial", Mismatch: "mismatch", Invalid: "invalid", Unchecked: "unchecked",
	Unbound: "unbound", Bound: "bound",
}

// Holds reports whether every link of the evidence verifies: if it was
// inspected apart from a package, bound to a file or not.
func (s Status) Holds() bool { return s == Verified || s == Bound || s == Unbound }

// String returns the status as JSON and the command line spell it.
func (s Status) String() string { return nameOf(statusNames[:], s) }

// ParseStatus is the inverse of [Status.String].
func ParseStatus(s string) (Status, error) { return parseName[Status](statusNames[:], "status", s) }

// MarshalText implements encoding.TextMarshaler.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Status) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStatus(string(text))
	return err
}

// CheckStatus is the result of one [Check].
type CheckStatus uint8

// The results of a check.
const (
	NotRun        CheckStatus = iota // not reached, or not asked for
	Pass                             // proven
	Fail                             // disproven
	Blocked                          // a check that it needs did not pass
	NotApplicable                    // this evidence has no such link
)

var checkStatusNames = [...]string{
	NotRun: "not run", Pass: "pass", Fail: "fail", Blocked: "blocked", NotApplicable: "not applicable",
}

// String returns the result as JSON spells it.
func (s CheckStatus) String() string { return nameOf(checkStatusNames[:], s) }

// Word is the result as people read it, in the words of [Status] if it is one.
func (s CheckStatus) Word() string {
	switch s {
	case Blocked:
		return Unchecked.String()
	case NotApplicable:
		return "no need"
	}
	return s.String()
}

// MarshalText implements encoding.TextMarshaler.
func (s CheckStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *CheckStatus) UnmarshalText(text []byte) (err error) {
	*s, err = parseName[CheckStatus](checkStatusNames[:], "result of a check", string(text))
	return err
}

// Severity ranks a [Finding].
type Severity uint8

// The severities. An error makes the exit code 1.
const (
	Info Severity = iota
	Warning
	SeverityError
)

var severityNames = [...]string{Info: "info", Warning: "warning", SeverityError: "error"}

// String returns the severity as JSON spells it.
func (s Severity) String() string { return nameOf(severityNames[:], s) }

// MarshalText implements encoding.TextMarshaler.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Severity) UnmarshalText(text []byte) (err error) {
	*s, err = parseName[Severity](severityNames[:], "severity", string(text))
	return err
}

// nameOf is the name of v, that of the zero value if v has none.
func nameOf[T ~uint8](names []string, v T) string {
	if int(v) < len(names) {
		return names[v]
	}
	return names[0]
}

// parseName is the inverse of nameOf; what is the noun for the error.
func parseName[T ~uint8](names []string, what, name string) (T, error) {
	if i := slices.Index(names, name); i >= 0 {
		return T(i), nil
	}
	return 0, fmt.Errorf("unknown %s %q", what, untrusted.Text(name))
}
