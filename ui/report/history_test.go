package report

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// What the versions before say of a package stands in the text, however good or
// bad its verdict is; why they could not be looked at stands there once.
func TestTextOfThePast(t *testing.T) {
	t.Parallel()
	of := func(name string, status verify.Status, findings ...verify.Finding) Package {
		return Package{Spec: catalog.Spec{Protocol: catalog.NPX, Package: untrusted.Text(name), Path: untrusted.Text("npx/" + name + "/spec.yaml")},
			Report: verify.Report{Status: status, Reason: "for a reason", Findings: findings}}
	}
	lost := verify.Finding{Rule: "history.lost", Severity: verify.Warning, Message: "less than 1.0.0\x1b[2J", Expected: "provenance", Observed: "none"}
	renamed := verify.Finding{Rule: "history.renamed", Severity: verify.Info, Message: "renamed since 1.0.0"}
	other := verify.Finding{Rule: "release.yanked", Severity: verify.Warning, Message: "yanked"}
	unlooked := verify.Finding{Rule: "history.unchecked", Severity: verify.Info, Message: "could not be looked at: 503"}
	known := lost
	known.Known, known.Decision = true, "known: by marina"
	demanded := verify.Finding{Rule: "policy.no_downgrade", Severity: verify.SeverityError, Message: "the policy: less than 1.0.0"}
	withheld := of("withheld", verify.Unchecked, verify.Finding{Rule: "history.unchecked", Message: "could not be looked at: 404"})
	withheld.Report.Reason = "the policy demands it, and that could not be checked: 404; try again"
	packages := []Package{
		withheld,
		of("good", verify.Signed, lost, other, renamed), of("bad", verify.Mismatch, lost), of("waived", verify.Signed, known), of("silent", verify.Verified),
		of("a", verify.Verified, unlooked), of("b", verify.Verified, unlooked), of("twice", verify.Signed, verify.Finding{Rule: "history.lost", Severity: verify.Warning, Message: "less than 1.0.0"}, demanded),
	}
	var out strings.Builder
	if err := (Text{Theme: theme.New(theme.Options{Plain: true})}).Table(&out, packages, Trust{}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "▲ ") || strings.HasPrefix(line, "· ") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		"▲ npx/good: yanked",
		`▲ npx/good: less than 1.0.0\x1b[2J: expected provenance, found none`,
		"· npx/good: renamed since 1.0.0",
		`▲ npx/bad: less than 1.0.0\x1b[2J: expected provenance, found none`,
		"· 2 packages: could not be looked at: 503",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReasonsOfThePastAreBounded(t *testing.T) {
	t.Parallel()
	var packages []Package
	for i := range 3 * maxReasons {
		packages = append(packages, Package{Report: verify.Report{Findings: []verify.Finding{{Rule: "history.unchecked", Message: fmt.Sprint(i)}}}})
	}
	got := historyProblems(packages)
	if len(got) != maxReasons+1 || got[maxReasons] != fmt.Sprintf("and %d other reasons", 2*maxReasons) {
		t.Errorf("%q", got)
	}
}
