package report

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func csvOf(t *testing.T, packages []Package) []map[string]string {
	t.Helper()
	return csvOfRequired(t, packages, verify.Pending)
}

func csvOfRequired(t *testing.T, packages []Package, require verify.Status) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteCSV(&b, packages, require); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n != len(packages)+1 || strings.Count(b.String(), "\r\n") != n {
		t.Errorf("%d lines of %d packages, want each to end in CRLF", n, len(packages))
	}
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := map[string]string{}
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestCSV(t *testing.T) {
	t.Parallel()
	row := csvOf(t, []Package{full(), unreadable})[0]
	for name, want := range map[string]string{
		"purl": "pkg:npm/%40acme/http-client@2.4.1", "protocol": "npx", "package": "'@acme/http-client", "version": "2.4.1",
		"spec": "npx/http/spec.yaml", "status": "mismatch", "reason": "the certificate names another repository than the spec",
		"source_repository": "https://github.com/acme-fork/http", "workflow": ".github/workflows/release.yml",
		"expected_repository": "https://github.com/acme/http", "slsa_build_level": "2", "artifacts": "1", "artifacts_verified": "1",
		"errors": "1", "warnings": "0", "rules": "publisher.repository",
	} {
		if row[name] != want {
			t.Errorf("%s = %q, want %q", name, row[name], want)
		}
	}
	if row := csvOf(t, []Package{unreadable})[0]; row["status"] != "unchecked" || !strings.Contains(row["reason"], "expected a string") || row["purl"] != "" {
		t.Errorf("%v", row)
	}
}

func TestCSVCell(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, want string }{
		{"", ""}, {"plain", "plain"}, {"a=1", "a=1"}, {"1-2", "1-2"},
		{"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"},
		{"\t=1", `'\t=1`}, {"\r=1", `'\r=1`}, {"\tx", `'\tx`}, {"  =1", "'  =1"},
		{"＝1", "'＝1"}, {"＠x", "'＠x"}, {"a\nb", `a\nb`}, {"\x1b[2J", `\x1b[2J`}, {"'=1", "'=1"},
		{"\n=1", `\n=1`}, {"\u200b=1", `\u200b=1`}, {`"=1`, `"=1`},
	} {
		if got := csvCell(tt.in); got != tt.want {
			t.Errorf("csvCell(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

// No text, in no column, begins a formula or a second line.
func TestCSVHoldsNoFormula(t *testing.T) {
	t.Parallel()
	for _, sign := range []string{"=", "+", "-", "@", "\t", "\r", " =", "\n="} {
		hostile := untrusted.Text(sign + `cmd|'/c calc'!A1,"` + "\n\x1b[2J")
		p := full()
		p.Spec.Package, p.Spec.Version, p.Spec.Server, p.Spec.Path = hostile, hostile, hostile, hostile
		p.Spec.Provenance.RepositoryURI = hostile
		*p.Report.Publisher = verify.Publisher{Repository: hostile, Workflow: hostile, Ref: hostile, Commit: hostile, Issuer: hostile, Signer: hostile, Runner: hostile}
		p.Report.Reason, p.Report.Findings[0].Rule = string(hostile), string(hostile)
		for name, cell := range csvOf(t, []Package{p})[0] {
			if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r") == 0 || untrusted.Clean(cell) != cell {
				t.Errorf("%q in %s: %q", sign, name, cell)
			}
		}
	}
}
