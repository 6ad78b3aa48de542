package report

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// ruleNoHistory is the finding that the versions before a package's could not be
// looked at.
const ruleNoHistory = "history.unchecked"

// ofHistory reports whether a finding is about the versions before a package's.
func ofHistory(f verify.Finding) bool { return strings.HasPrefix(f.Rule, "history.") }

// historyFindings adds a line for each finding about the versions before a package's,
// whatever its verdict, unless its own line says it already, and one for each reason
// why they could not be looked at.
func (t Text) historyFindings(d *view.Doc, packages []Package) {
	d.Blank()
	for _, p := range packages {
		_, said := p.judge(t.Require)
		for _, f := range p.Report.Findings {
			if !ofHistory(f) || f.Rule == ruleNoHistory || f.Waived() || strings.Contains(said, f.Message) {
				continue
			}
			glyph, token := t.Theme.Severity(f.Severity)
			d.Flow(view.Span{Token: token, Text: glyph}, plain(" "), plain(t.name(p)+": "+untrusted.Clean(findingText(f))))
		}
	}
	for _, line := range historyProblems(packages) {
		glyph, token := t.Theme.Severity(verify.Info)
		d.Flow(view.Span{Token: token, Text: glyph}, plain(" "), plain(line))
	}
}

// historyProblems returns a sentence for each reason why the versions before some
// packages could not be looked at, with how many they are. A verdict that rests on
// it has said so.
func historyProblems(packages []Package) []string {
	of := map[string]int{}
	var reasons []string
	for _, p := range packages {
		for _, f := range p.Report.Findings {
			if _, why, _ := strings.Cut(f.Message, ": "); f.Rule == ruleNoHistory && (why == "" || !strings.Contains(p.Report.Reason, why)) {
				if of[f.Message]++; of[f.Message] == 1 {
					reasons = append(reasons, f.Message)
				}
			}
		}
	}
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s: %s", untrusted.Plural(of[why], "package"), untrusted.Clean(why))
	}
	if more := len(reasons) - maxReasons; more > 0 {
		reasons = append(slices.Clip(reasons[:maxReasons]), fmt.Sprintf("and %s", untrusted.Plural(more, "other reason")))
	}
	return reasons
}

// maxReasons bounds the reasons that are listed: each may name its package.
const maxReasons = 20
