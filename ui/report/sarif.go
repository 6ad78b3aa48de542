package report

import (
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/explain"
	"plimsoll/verify"
)

// SARIF writes the findings as SARIF 2.1.0, for code scanning: each is a
// result at the line of the spec that it is about. What has no finding and is
// yet not fine (a spec that cannot be read, a release that could not be
// checked) is a result too, so that an empty list means that nothing is wrong.
type SARIF struct {
	Version string // plimsoll's own; "" if unknown
	// Base stands before the path of each spec: the catalog's folder as the
	// repository sees it, with slashes; "" if the catalog is its root.
	Base string
	// Require is that of [ExitCode].
	Require verify.Status
}

const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	maxSARIFText = 2000 // bytes of one message
)

// What follows is the part of SARIF that is written; the names are the
// specification's. Results is sarifResults, or read back a list.
type (
	sarifLog[Results any] struct {
		Schema  string              `json:"$schema"`
		Version string              `json:"version"`
		Runs    []sarifRun[Results] `json:"runs"`
	}
	sarifRun[Results any] struct {
		Tool        sarifTool         `json:"tool"`
		Automation  *sarifAutomation  `json:"automationDetails,omitempty"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     Results           `json:"results"`
		Properties  map[string]any    `json:"properties"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		EndTimeUTC          string              `json:"endTimeUtc,omitempty"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
	sarifRule struct {
		ID                   string         `json:"id"`
		ShortDescription     sarifText      `json:"shortDescription"`
		FullDescription      sarifText      `json:"fullDescription"`
		Help                 sarifText      `json:"help"`
		DefaultConfiguration sarifLevel     `json:"defaultConfiguration"`
		Properties           map[string]any `json:"properties"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResults iter.Seq[sarifResult] // each is made when it is written
	sarifResult  struct {
		RuleID              string             `json:"ruleId"`
		RuleIndex           int                `json:"ruleIndex"`
		Level               string             `json:"level"`
		Message             sarifText          `json:"message"`
		Locations           []sarifLocation    `json:"locations"`
		PartialFingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions        []sarifSuppression `json:"suppressions,omitempty"`
		Properties          map[string]any     `json:"properties"`
	}
	sarifLocation struct {
		PhysicalLocation sarifPhysical  `json:"physicalLocation"`
		LogicalLocations []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		ArtifactLocation sarifArtifact `json:"artifactLocation"`
		Region           sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		Name               string `json:"name"`
		FullyQualifiedName string `json:"fullyQualifiedName"`
		Kind               string `json:"kind"`
	}
)

// Write writes one log with one run.
func (s SARIF) Write(w io.Writer, packages []Package, trust Trust, generated time.Time) error {
	a := newAlerts(s)
	for i := range packages {
		a.add(&packages[i], s.sarifFindings(packages[i]), nil)
	}
	var notes []sarifNotification
	if readBack(packages) {
		notes = []sarifNotification{{"warning", sarifText{notNow}}}
	}
	return a.write(w, generated, notes, map[string]any{
		"total": len(packages), "by_status": countStatuses(packages), "trust": trust,
		"verified_now": slices.ContainsFunc(packages, verifiedNow), "verdict": verdicts(packages, s.Require),
	})
}

// alerts collects the results of a run and the rules that they are of.
type alerts struct {
	SARIF
	category string // under which code scanning keeps the results, or "" for the default
	rules    []sarifRule
	index    map[string]int // of a rule
	of       []found
}

// found is the findings of one package, and how their lines are found.
type found struct {
	p        *Package
	findings []verify.Finding
	line     func(verify.Finding) int
}

func newAlerts(s SARIF) *alerts {
	return &alerts{SARIF: s, rules: []sarifRule{}, index: map[string]int{}}
}

// add adds a result for each finding of a package, at the line that line returns;
// nil is [Line].
func (a *alerts) add(p *Package, findings []verify.Finding, line func(verify.Finding) int) {
	for _, f := range findings {
		id := untrusted.Clean(f.Rule)
		if _, ok := a.index[id]; !ok {
			a.index[id] = len(a.rules)
			a.rules = append(a.rules, sarifRuleOf(id, f.Severity))
		}
	}
	if len(findings) > 0 {
		a.of = append(a.of, found{p, findings, line})
	}
}

// results yields the results of all findings.
func (a *alerts) results(yield func(sarifResult) bool) {
	for _, of := range a.of {
		seen := map[string]int{}
		for _, f := range of.findings {
			id := untrusted.Clean(f.Rule)
			seen[id]++
			line := Line(&of.p.Spec, f.Rule)
			if of.line != nil {
				line = of.line(f)
			}
			if !yield(a.result(*of.p, f, id, a.index[id], seen[id], line)) {
				return
			}
		}
	}
}

func (a *alerts) write(w io.Writer, generated time.Time, notes []sarifNotification, properties map[string]any) error {
	run := sarifRun[sarifResults]{
		Tool: sarifTool{sarifDriver{Name: "plimsoll", Version: a.Version, Rules: a.rules}}, ColumnKind: "unicodeCodePoints", Results: a.results,
		Invocations: []sarifInvocation{{ExecutionSuccessful: true, EndTimeUTC: timestamp(generated), Notifications: notes}},
		Properties:  properties,
	}
	if a.category != "" {
		run.Automation = &sarifAutomation{a.category}
	}
	return write(w, sarifLog[sarifResults]{Schema: sarifSchema, Version: sarifVersion, Runs: []sarifRun[sarifResults]{run}})
}

// sarifFindings returns the findings of p, and one for its verdict if no finding
// tells it. One has the level error if and only if p does not pass.
func (s SARIF) sarifFindings(p Package) []verify.Finding {
	if p.Spec.Err != nil {
		return []verify.Finding{{Rule: ruleUnreadable, Severity: verify.SeverityError, Message: p.Spec.Err.Message}}
	}
	verdict, why := p.judge(s.Require)
	f := verify.Finding{Severity: verify.SeverityError, Message: why}
	said := verdict == verify.VerdictPass || slices.ContainsFunc(p.Report.Findings, verify.Finding.Open)
	switch p.Report.Status {
	case verify.Invalid, verify.Mismatch:
		f.Rule = ruleRefused
	case verify.Verified, verify.Signed, verify.None:
		f.Rule = ruleRequired
	case verify.Partial:
		f.Rule = rulePartial
		if said {
			f.Severity, f.Message = verify.Warning, p.reason()
		}
		said = false
	case verify.Pending:
		f.Rule, f.Message, said = ruleUnchecked, "the package was not checked", false
	default:
		f.Rule, f.Message, said = ruleUnchecked, p.reason(), false
	}
	if said {
		return p.Report.Findings
	}
	return append([]verify.Finding{f}, p.Report.Findings...)
}

// sarifLevelOf is error only for what makes the package fail: what was accepted
// is a note, and its suppression holds the decision.
func sarifLevelOf(s verify.Severity, waived bool) string {
	if waived || s != verify.Warning && s != verify.SeverityError {
		return "note"
	}
	return s.String()
}

// suppressions returns the decision that waives a finding.
func suppressions(f verify.Finding) []sarifSuppression {
	if !f.Waived() {
		return nil
	}
	return []sarifSuppression{{"external", "accepted", untrusted.Clean(f.Decision)}}
}

// result is one finding. Its fingerprint does not change with the version of
// the package nor with the words of the message: the nth finding of a rule in
// a spec stays the same alert.
func (s SARIF) result(p Package, f verify.Finding, id string, rule, nth, line int) sarifResult {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %d", string(p.Spec.Path), id, nth))
	location := sarifLocation{PhysicalLocation: sarifPhysical{
		sarifArtifact{relativeURI(path.Join(s.Base, string(p.Spec.Path)))}, sarifRegion{max(line, 1)},
	}}
	if name := purl(p.Spec); name != "" {
		location.LogicalLocations = []sarifLogical{{untrusted.Clean(displayName(p)), name, "package"}}
	}
	properties := map[string]any{}
	if p.Spec.Protocol != "" { // else it is a file of the catalog
		properties["status"] = p.Report.Status
	}
	for name, value := range map[string]string{"expected": f.Expected, "observed": f.Observed, "decision": f.Decision} {
		if value != "" {
			properties[name] = untrusted.Clean(value)
		}
	}
	text := displayName(p) + ": " + findingText(f)
	return sarifResult{
		RuleID: id, RuleIndex: rule, Level: sarifLevelOf(f.Severity, f.Waived()), Suppressions: suppressions(f), Message: sarifText{sarifMessage(text)},
		Locations: []sarifLocation{location}, Properties: properties,
		PartialFingerprints: map[string]string{"plimsollFinding/v1": hash(sum)},
	}
}

var placeholder = regexp.MustCompile(`\{([0-9]+)\}`)

// sarifMessage cleans a text for a plain text message, in which {0} stands for
// an argument and [text](target) is a link (SARIF 2.1.0, 3.11.5 and 3.11.6).
func sarifMessage(s string) string {
	s = untrusted.Shorten(s, maxSARIFText)
	s = placeholder.ReplaceAllString(s, "{{$1}}")
	return strings.ReplaceAll(s, "](", `\](`)
}

// Line returns the line of a spec that a rule is about, or 0 if it is not known.
func Line(spec *catalog.Spec, rule string) int {
	if spec.Err != nil {
		return spec.Err.Line
	}
	for _, key := range slices.Concat(ruleKeys[rule], packageKeys) {
		if line := spec.Lines.Of(key); line > 0 {
			return line
		}
	}
	return 0
}

func sarifRuleOf(id string, severity verify.Severity) sarifRule {
	r, ok := explained(id)
	if !ok { // results that were read from a file of a later version
		r = explain.Entry{Short: "a finding of plimsoll", Is: "This version of plimsoll does not know the rule."}
	}
	level := sarifLevelOf(severity, false)
	problem := level
	if level == "note" {
		problem = "recommendation"
	}
	return sarifRule{
		ID: id, ShortDescription: sarifText{r.Short}, FullDescription: sarifText{r.Is}, Help: sarifText{r.Text()},
		DefaultConfiguration: sarifLevel{level},
		Properties: map[string]any{
			"tags": []string{"security", "supply-chain", "provenance"}, "precision": "high", "problem.severity": problem,
		},
	}
}
