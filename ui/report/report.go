// Package report writes the results of a scan for people without a screen and
// for programs: a table or one package as text, and JSON with a schema. It
// knows no terminal, and only turns values into bytes.
//
// Three rules hold for everything it writes. What comes from outside is
// cleaned before it reaches a stream: text by [untrusted.Text], JSON by
// [untrusted.EscapeJSON]. Colours are written only when they were asked for.
// And the words, the glyphs and the exit code all follow from
// [verify.Report.Status] and the findings; nothing is judged here again.
package report

import (
	"slices"

	"plimsoll/catalog"
	"plimsoll/verify"
)

// Package is one row of the results: what the maintainers wrote, and what was
// found. The zero Report is pending.
type Package struct {
	Spec   catalog.Spec
	Report verify.Report
}

// reason is the sentence behind the status.
func (p Package) reason() string {
	if p.Spec.Err != nil {
		return p.Spec.Err.Error()
	}
	return p.Report.Reason
}

// Exit codes of the program.
const (
	ExitOK        = 0 // nothing is wrong
	ExitFailed    = 1 // invalid, mismatch, a finding with severity error, or a requirement not met
	ExitUsage     = 2 // usage, or a spec that cannot be read
	ExitUnchecked = 3 // something could not be checked
)

// ExitCode says how the program ends. It follows from statuses and findings
// alone; when several codes apply, [ExitUsage] wins over [ExitFailed], and
// that over [ExitUnchecked]. No packages at all is [ExitUsage]: an empty list
// proves nothing.
//
// require is the least that every package must have, see [Meets];
// [verify.Pending] requires nothing.
func ExitCode(packages []Package, require verify.Status) int {
	if len(packages) == 0 {
		return ExitUsage
	}
	var unreadable, failed, unchecked bool
	for _, p := range packages {
		if p.Spec.Err != nil {
			unreadable = true
			continue
		}
		switch p.Report.Status {
		case verify.Invalid:
			failed = true
		case verify.Mismatch:
			failed = failed || !settled(p.Report.Findings, verify.SeverityError)
		case verify.Unchecked:
			// What nobody could verify, nobody can have accepted.
			unchecked = unchecked || p.Report.Unverified != "" || !settled(p.Report.Findings, verify.Warning)
		case verify.Pending:
			unchecked = true
		case verify.Verified, verify.Partial, verify.Signed, verify.None:
		default:
			unchecked = true
		}
		failed = failed || hasError(p.Report.Findings) || !Meets(p.Report.Status, require)
	}
	switch {
	case unreadable:
		return ExitUsage
	case failed:
		return ExitFailed
	case unchecked:
		return ExitUnchecked
	default:
		return ExitOK
	}
}

// Meets says whether a package with status has at least what is required:
// verified is met by verified only, partial also by partial, signed also by
// signed, none also by none. What could not be checked, is invalid or
// contradicts its spec meets nothing. [verify.Pending] requires nothing.
func Meets(status, require verify.Status) bool {
	switch require {
	case verify.Pending:
		return true
	case verify.Verified:
		return status == verify.Verified
	case verify.Partial, verify.Signed:
		return status == verify.Verified || status == require
	case verify.None:
		switch status {
		case verify.Verified, verify.Partial, verify.Signed, verify.None:
			return true
		}
	}
	return false
}

// Requirements lists the statuses that can be required, the strictest first.
func Requirements() []verify.Status {
	return []verify.Status{verify.Verified, verify.Partial, verify.Signed, verify.None}
}

func hasError(findings []verify.Finding) bool {
	return slices.ContainsFunc(findings, func(f verify.Finding) bool {
		return f.Severity == verify.SeverityError && !f.Known
	})
}

// settled reports whether people looked at the findings that are at least so
// severe and accepted all of them. Where there is none, nothing was accepted.
func settled(findings []verify.Finding, least verify.Severity) bool {
	known := 0
	for _, f := range findings {
		switch {
		case f.Severity < least:
		case !f.Known:
			return false
		default:
			known++
		}
	}
	return known > 0
}

// Count is how many packages have each status, by the status' name; every
// status is there, with 0 where no package has it.
type Count map[string]int

// CountStatuses counts packages by status.
func CountStatuses(packages []Package) Count {
	count := make(Count)
	for _, s := range verify.Statuses() {
		count[s.String()] = 0
	}
	for _, p := range packages {
		count[p.Report.Status.String()]++
	}
	return count
}
