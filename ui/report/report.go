// Package report writes the results of a scan for people without a screen and
// for programs: a table or one package as text, and JSON with a schema. It
// knows no terminal, and only turns values into bytes.
//
// Three rules hold for everything it writes. What comes from outside is
// cleaned before it reaches a stream: text by [untrusted.Text], JSON by
// [untrusted.EscapeJSON]. Colours are written only when they were asked for.
// And the words, the glyphs and the exit code all follow from
// [verify.Report.Status] and from [verify.Judge]; nothing is judged here again.
package report

import (
	"fmt"
	"iter"
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

// Each ranges over packages.
func Each(packages []Package) iter.Seq2[*catalog.Spec, *verify.Report] {
	return func(yield func(*catalog.Spec, *verify.Report) bool) {
		for i := range packages {
			if !yield(&packages[i].Spec, &packages[i].Report) {
				return
			}
		}
	}
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

// ExitCode returns the exit code of the program. It follows from [verify.Judge]
// for each package; when several codes apply, it is the [Worst]. No
// packages at all is [ExitUsage]: an empty list proves nothing.
//
// require is the least that every package must have, see
// [verify.Status.Meets]; [verify.Pending] requires nothing.
func ExitCode(packages []Package, require verify.Status) int {
	if len(packages) == 0 {
		return ExitUsage
	}
	code := ExitOK
	for _, p := range packages {
		verdict, _ := p.judge(require)
		switch {
		case p.Spec.Err != nil:
			code = Worst(code, ExitUsage)
		case verdict == verify.VerdictFail:
			code = Worst(code, ExitFailed)
		case verdict != verify.VerdictPass:
			code = Worst(code, ExitUnchecked)
		}
	}
	return code
}

// Worst returns the exit code of a run to which several apply: [ExitUsage], then
// [ExitFailed], then [ExitUnchecked].
func Worst(codes ...int) int {
	for _, code := range []int{ExitUsage, ExitFailed, ExitUnchecked} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return ExitOK
}

// judge is [verify.Judge] for a package whose spec may be unreadable.
func (p Package) judge(require verify.Status) (verify.Verdict, string) {
	if p.Spec.Err != nil {
		return verify.VerdictUnchecked, p.Spec.Err.Error()
	}
	return verify.Judge(&p.Report, require)
}

// passes reports whether verify.Judge lets a package pass.
func (p Package) passes(require verify.Status) bool {
	verdict, _ := p.judge(require)
	return verdict == verify.VerdictPass
}

// verdicts returns "90 pass, 30 fail, 8 unchecked", and what was required.
func verdicts(packages []Package, require verify.Status) string {
	var n [verify.VerdictFail + 1]int
	for _, p := range packages {
		verdict, _ := p.judge(require)
		n[verdict]++
	}
	text := fmt.Sprintf("%d pass, %d fail, %d unchecked", n[verify.VerdictPass], n[verify.VerdictFail], n[verify.VerdictUnchecked])
	if require != verify.Pending {
		text += ", with at least " + require.String() + " required"
	}
	return text
}

// decided returns the findings about which people decided, and the exceptions
// of the policy that were used: no format leaves one out.
func decided(p Package) []verify.Finding {
	return slices.DeleteFunc(slices.Clone(p.Report.Findings), func(f verify.Finding) bool { return f.Decision == "" })
}

// readBack reports whether any of the packages was read from a file.
func readBack(packages []Package) bool {
	return slices.ContainsFunc(packages, func(p Package) bool { return p.Report.ReadBack })
}

// notNow is in every format if results were read back.
const notNow = "nothing was verified now: these results were read back from a file"

// statusCount is the number of packages of each status, by its name. Every status
// is there.
type statusCount map[string]int

// countStatuses counts packages by status.
func countStatuses(packages []Package) statusCount {
	count := make(statusCount)
	for _, s := range verify.Statuses() {
		count[s.String()] = 0
	}
	for _, p := range packages {
		count[p.Report.Status.String()]++
	}
	return count
}

// countProtocols counts the packages of each protocol.
func countProtocols(packages []Package) map[string]statusCount {
	counts := map[string]statusCount{}
	for _, protocol := range catalog.Protocols() {
		counts[string(protocol)] = countStatuses(nil)
	}
	for _, p := range packages {
		protocol := string(p.Spec.Protocol)
		if counts[protocol] == nil {
			counts[protocol] = countStatuses(nil)
		}
		counts[protocol][p.Report.Status.String()]++
	}
	return counts
}
