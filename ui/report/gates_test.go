package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"plimsoll/ui/build"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/policy"
	"plimsoll/verify/triage"
)

// judged is a report that went through policy and decisions, and what must
// come out.
type judged struct {
	Package
	require verify.Status
	never   string // why it must not pass; "" where nobody said
	what    string
}

// drawn draws a report, a policy of the catalog or of the operator, decisions
// and a requirement.
func drawn(t *testing.T, r *rand.Rand) judged {
	t.Helper()
	p := full()
	p.Report.Publisher.Kind = []string{"GitHub", "GitLab"}[r.IntN(2)]
	p.Report.Artifacts[0].Attestations[0].Publisher = p.Report.Publisher
	p.Report.Status = verify.Statuses()[r.IntN(len(verify.Statuses()))]
	p.Report.Findings = nil
	contradiction := verify.Finding{Rule: "publisher.repository", Severity: verify.SeverityError, Message: "another repository", Expected: "a", Observed: "b"}
	if p.Report.Status == verify.Mismatch || p.Report.Status != verify.Verified && r.IntN(4) == 0 {
		p.Report.Findings = append(p.Report.Findings, contradiction)
	}
	if r.IntN(2) == 0 {
		p.Report.Findings = append(p.Report.Findings, verify.Finding{Rule: "metadata.repository", Severity: verify.Warning, Message: "m", Observed: "c"})
	}
	if r.IntN(9) == 0 {
		p.Report.Unverified, p.Report.Status = "there is no trust root", verify.Unchecked
	}
	j := judged{Package: p, require: append(verify.Requirements(), verify.Pending)[r.IntN(5)]}
	j.demand(t, r)
	j.decide(t, r)
	switch s := j.Report.Status; {
	case s == verify.Invalid || s == verify.Unchecked || s == verify.Pending:
		j.never = "the status is " + s.String()
	case !s.Meets(j.require):
		j.never = "it does not meet what is required"
	}
	j.what += fmt.Sprintf("; %v, %d findings, require %v", j.Report.Status, len(j.Report.Findings), j.require)
	return j
}

// demand adds what a policy finds.
func (j *judged) demand(t *testing.T, r *rand.Rand) {
	text := []string{"", "status: verified", "status: signed", "publisher_kinds: [GitHub]", "slsa: 3"}[r.IntN(5)]
	if text == "" {
		return
	}
	text = "version: 1\nrules: [{" + text + "}]\n"
	if r.IntN(4) == 0 {
		text += "exceptions: [{package: '@acme/*', rule: policy.status, reason: agreed}]\n"
	}
	p, err := policy.Parse([]byte(text), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p.Operator = r.IntN(2) == 0
	found := p.Check(j.Spec, &j.Report, evening)
	j.Report.Findings = append(j.Report.Findings, found...)
	j.what += fmt.Sprintf("policy %q, the operator's: %v", text, p.Operator)
	for _, f := range found {
		if p.Operator && f.Severity == verify.SeverityError {
			j.never = "the operator's policy demands more"
		}
	}
}

// decide writes decisions about some of the findings into the report.
func (j *judged) decide(t *testing.T, r *rand.Rand) {
	var d *triage.Decisions
	for _, f := range append(j.Report.Findings[:len(j.Report.Findings):len(j.Report.Findings)],
		verify.Finding{Rule: triage.RuleInvalid, Message: j.Report.Reason, Observed: j.Report.Reason},
		verify.Finding{Rule: triage.RuleUnchecked, Message: j.Report.Reason, Observed: j.Report.Reason}) {
		kind := []triage.Kind{triage.Known, triage.Known, triage.Rejected, triage.Note, ""}[r.IntN(5)]
		if kind == "" {
			continue
		}
		var err error
		if d, err = d.With(triage.Decide(j.Spec, &j.Report, f, kind, "so it is")); err != nil {
			t.Fatal(err)
		}
		j.what += fmt.Sprintf("; %s: %s", f.Rule, kind)
	}
	never := j.never
	d.Review(j.Spec, &j.Report, evening)
	if j.never = never; j.never == "" {
		for _, f := range j.Report.Findings {
			if strings.HasPrefix(f.Decision, "rejected") {
				j.never = f.Rule + " was rejected"
			}
		}
	}
}

// Over any report, policy, decisions and requirement all gates say the same,
// and none says yes to what nobody may accept.
func TestGatesAgree(t *testing.T) {
	t.Parallel()
	const runs = 600
	r := rand.New(rand.NewPCG(7, 11))
	passed := map[verify.Status]int{}
	for range runs {
		j := drawn(t, r)
		one := []Package{j.Package}
		code := ExitCode(one, j.require)
		if j.never != "" && code == ExitOK {
			t.Fatalf("%s: exit code 0, and %s", j.what, j.never)
		}
		if code == ExitOK {
			passed[j.Report.Status]++
		}
		says := map[string]bool{
			"the judge": passesJudge(j),
			"SARIF":     !sarifFails(t, j),
			"Markdown":  strings.Contains(markdownWith(t, j), "Verdict: 1 pass, 0 fail, 0 unchecked"),
			"text":      strings.Contains(textWith(t, j), "\n1 pass, 0 fail, 0 unchecked"),
			"CSV":       csvWith(t, j)["verdict"] == "pass",
		}
		if j.Report.Status == verify.Verified {
			says["the colour"] = strings.Contains(textWith(t, j), green)
		} else if strings.Contains(textWith(t, j), green) {
			t.Fatalf("%s: green", j.what)
		}
		if j.require == verify.Pending {
			_, err := build.Generate(j.Spec, &j.Report, build.Options{})
			says["build"] = err == nil
		}
		if j.require != verify.Pending && j.Report.Unverified == "" {
			statements, _ := vsaOf(t, VSA{Require: j.require}, one)
			says["VSA"] = statements[0].Predicate.VerificationResult == "PASSED"
		}
		for gate, yes := range says {
			if yes != (code == ExitOK) {
				t.Fatalf("%s: exit code %d, and %s says %v", j.what, code, gate, yes)
			}
		}
		j.listsDecisions(t)
	}
	for _, s := range []verify.Status{verify.Verified, verify.Partial, verify.Signed, verify.None, verify.Mismatch} {
		if passed[s] == 0 {
			t.Errorf("nothing that is %v passed: the test tries too little", s)
		}
	}
}

const green = "\x1b[32m"

func passesJudge(j judged) bool {
	verdict, why := verify.Judge(&j.Report, j.require)
	return verdict == verify.VerdictPass && why == ""
}

func sarifFails(t *testing.T, j judged) bool {
	log := decode[readLog](t, sarifBytes(t, SARIF{Require: j.require}, []Package{j.Package}))
	for _, r := range log.Runs[0].Results {
		if r.Level == "error" && len(r.Suppressions) == 0 {
			return true
		}
		if r.Level == "error" {
			t.Fatalf("%s: a suppressed error", j.what)
		}
	}
	return false
}

func markdownWith(t *testing.T, j judged) string {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, []Package{j.Package}, j.require, Trust{}, evening); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func textWith(t *testing.T, j judged) string {
	var b bytes.Buffer
	if err := (Text{Theme: theme.New(theme.Options{Color: true}), Require: j.require}).Table(&b, []Package{j.Package}, Trust{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func csvWith(t *testing.T, j judged) map[string]string {
	return csvOfRequired(t, []Package{j.Package}, j.require)[0]
}

// listsDecisions holds that no format leaves out a decision that counted.
func (j judged) listsDecisions(t *testing.T) {
	t.Helper()
	outs := map[string]string{
		"text": textWith(t, j), "Markdown": strings.ReplaceAll(markdownWith(t, j), `\`, ""), "CSV": csvWith(t, j)["decisions"],
		"SARIF": string(sarifBytes(t, SARIF{Require: j.require}, []Package{j.Package})), "JSON": string(packageJSON(t, j.Package)),
	}
	if j.Report.Unverified == "" {
		statements, _ := vsaOf(t, VSA{}, []Package{j.Package})
		text, err := json.Marshal(statements[0].Predicate)
		if err != nil {
			t.Fatal(err)
		}
		outs["VSA"] = string(text)
	}
	for _, f := range decided(j.Package) {
		for format, out := range outs {
			if !strings.Contains(out, f.Rule) || !strings.Contains(out, f.Decision) {
				t.Fatalf("%s: %s does not hold the decision %q about %s:\n%s", j.what, format, f.Decision, f.Rule, out)
			}
		}
	}
}

// What an unreadable spec, or nothing at all, ends with is a failure of SARIF
// as well.
func TestGatesOfUnreadableSpecs(t *testing.T) {
	t.Parallel()
	j := judged{Package: unreadable}
	if ExitCode([]Package{unreadable}, verify.Pending) != ExitUsage || !sarifFails(t, j) || csvWith(t, j)["verdict"] != "unchecked" {
		t.Error("an unreadable spec passes somewhere")
	}
}
