package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

var csvHeader = []string{
	"purl", "protocol", "package", "version", "server", "spec", "status", "reason",
	"source_repository", "workflow", "ref", "commit", "issuer", "signer", "runner", "expected_repository",
	"slsa_build_level", "artifacts", "artifacts_verified", "errors", "warnings", "rules", "standing",
	"verdict", "verdict_reason", "decisions", "verified_now",
}

// WriteCSV writes a header and one record a package (RFC 4180, CRLF, UTF-8).
// Cells are cleaned to one line. A cell that a spreadsheet would take for a
// formula (it begins with = + - @, a tab or a carriage return) has an
// apostrophe before it: so has every scoped npm name, for which programs use
// the column purl. require is that of [ExitCode], for the column verdict.
func WriteCSV(w io.Writer, packages []Package, require verify.Status) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(csvHeader); err != nil {
		return err
	}
	for _, p := range packages {
		record := csvRecord(p, require)
		for i := range record {
			record[i] = csvCell(record[i])
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRecord(p Package, require verify.Status) []string {
	r := p.Report
	publisher := r.Publisher
	if publisher == nil {
		publisher = &verify.Publisher{}
	}
	verified := 0
	for _, a := range r.Artifacts {
		if a.Status == verify.Verified {
			verified++
		}
	}
	var found [verify.SeverityError + 1]int
	var rules []string
	for _, f := range r.Findings {
		if int(f.Severity) < len(found) {
			found[f.Severity]++
		}
		rules = append(rules, f.Rule)
	}
	standing := ""
	if worst, stands := r.Outstanding(); stands {
		standing = worst.String()
	}
	verdict, why := p.judge(require)
	var decisions []string
	for _, f := range decided(p) {
		decisions = append(decisions, f.Rule+": "+f.Decision)
	}
	return []string{
		purl(p.Spec), string(p.Spec.Protocol), string(p.Spec.Package), string(p.Spec.Version), string(p.Spec.Server), string(p.Spec.Path),
		r.Status.String(), p.reason(),
		string(publisher.Repository), string(publisher.Workflow), string(publisher.Ref), string(publisher.Commit),
		string(publisher.Issuer), string(publisher.Signer), string(publisher.Runner), string(p.Spec.Provenance.RepositoryURI),
		strconv.Itoa(r.SLSA.Level), strconv.Itoa(len(r.Artifacts)), strconv.Itoa(verified),
		strconv.Itoa(found[verify.SeverityError]), strconv.Itoa(found[verify.Warning]), strings.Join(rules, " "), standing,
		verdict.String(), why, strings.Join(decisions, "; "), strconv.FormatBool(verifiedNow(p)),
	}
}

// formulaMarks are the characters with which a formula begins.
const formulaMarks = "=+-@\t\r＝＋－＠"

// csvCell cleans a cell and takes from it the power to be a formula. Blanks
// before the sign do not help: some spreadsheets drop them.
func csvCell(raw string) string {
	cell := untrusted.Clean(raw)
	for _, s := range []string{raw, cell} {
		if strings.IndexAny(strings.TrimLeft(s, " "), formulaMarks) == 0 {
			return "'" + cell
		}
	}
	return cell
}
