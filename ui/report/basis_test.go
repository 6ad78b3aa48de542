package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// What a run rests on is what it had, not what it should have had.
func TestAgainst(t *testing.T) {
	for _, tt := range []struct {
		name  string
		trust Trust
		want  string
	}{
		{"a trust root", Trust{Root: "the public-good Sigstore, by TUF", RootSHA256: "00ff", Keys: "the public-good Sigstore, by TUF"},
			"checked against the public-good Sigstore, by TUF"},
		{"other keys", Trust{Root: "root.json", RootSHA256: "00ff", Keys: "keys.json"}, "checked against root.json; npm keys: keys.json"},
		{"none could be fetched", Trust{Root: "the public-good Sigstore, by TUF", Keys: "TUF", Problem: "no network"},
			"nothing was verified: no network"},
		{"nothing needed it", Trust{Root: "root.json"}, "nothing was checked against the trust root: root.json"},
		{"a registry's own keys", Trust{Root: "TUF", RootSHA256: "00ff", OwnKeys: true},
			"checked against TUF; keys that a registry serves itself, for which nobody else vouches"},
		{"one part of several had none", Trust{Root: "TUF", RootSHA256: "00ff", Keys: "TUF", Problem: "no network"},
			"checked against TUF; not all: no network"},
	} {
		if got := tt.trust.against("", strings.Clone); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

// withoutRoot are three packages of a run that had no trust root.
func withoutRoot() []Package {
	var packages []Package
	for _, name := range []string{"a", "b", "c"} {
		packages = append(packages, Package{
			Spec: catalog.Spec{Protocol: catalog.NPX, Package: "", Server: "", Path: "npx/x/spec.yaml"},
			Report: verify.Report{Status: verify.Unchecked, Unverified: "TUF cannot be reached",
				Reason: "TUF cannot be reached; and the evidence could not be fetched: " + name},
		})
	}
	return packages
}

// A missing trust root is one line, not one a package, and no cell that should
// hold a source holds a reason.
func TestAMissingTrustRootIsSaidOnce(t *testing.T) {
	trust := Trust{Root: "the public-good Sigstore, by TUF", Keys: "x", Problem: "TUF cannot be reached"}
	var b bytes.Buffer
	if err := (Text{Theme: theme.New(theme.Options{Plain: true})}).Table(&b, withoutRoot(), trust); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if !strings.Contains(text, "? no trust root, 3 packages not verified: TUF cannot be reached\n") {
		t.Errorf("the line for all is not there:\n%s", text)
	}
	if n := strings.Count(text, "TUF cannot be reached"); n != 1 || !strings.Contains(text, "\nnothing was verified: no trust root\n") {
		t.Errorf("the reason stands there %d times:\n%s", n, text)
	}
	if strings.Contains(text, "checked against") {
		t.Errorf("something was checked:\n%s", text)
	}
	b.Reset()
	if err := WriteMarkdown(&b, withoutRoot(), verify.Pending, trust, evening); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "hecked at") || !strings.Contains(b.String(), "Nothing was verified: `TUF cannot be reached`.") {
		t.Errorf("Markdown:\n%s", b.String())
	}
	if n := strings.Count(b.String(), "TUF cannot be reached"); n != 1 || strings.Count(b.String(), "no trust root; and the evidence could not be fetched") != 3 {
		t.Errorf("Markdown says the reason %d times:\n%s", n, b.String())
	}
}

// Warnings stand in every format, and specs that were not read are said.
func TestWarningsStand(t *testing.T) {
	p := Package{Spec: catalog.Spec{Protocol: catalog.UVX, Package: "x", Version: "1", Path: "uvx/x/spec.yaml"}, Report: verify.Report{
		Status: verify.Verified, Publisher: &verify.Publisher{Repository: "https://github.com/acme/x"},
		Findings: []verify.Finding{{Rule: "provenance.repository_ref", Severity: verify.Warning, Message: "the ref is not what the spec expects", Expected: "refs/tags/v1"}},
	}}
	trust := Trust{Root: "r", RootSHA256: "00ff", Keys: "r", NotRead: catalog.UnreadSpecs{{Folder: "skills", Specs: 189}, {Folder: "deno", Specs: 1}}}
	const left = "not read: the specs 189 under skills/, 1 under deno/; plimsoll reads npx/, uvx/ and go/"
	var text, markdown, csv, document, sarif bytes.Buffer
	for _, err := range []error{
		(Text{Theme: theme.New(theme.Options{Plain: true})}).Table(&text, []Package{p}, trust), WriteMarkdown(&markdown, []Package{p}, verify.Pending, trust, evening),
		WriteCSV(&csv, []Package{p}, verify.Pending), WriteCatalogJSON(&document, []Package{p}, trust, evening), SARIF{}.Write(&sarif, []Package{p}, trust, evening),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct{ name, text, want string }{
		{"text: the mark", text.String(), "✓ verified  ▲"},
		{"text: the warning", text.String(), "▲ uvx/x: the ref is not what the spec expects: expected refs/tags/v1"},
		{"text: not read", text.String(), left},
		{"Markdown: the mark", markdown.String(), "| ✓ verified ▲ |"},
		{"Markdown: not read", markdown.String(), escapeMarkdown(left)},
		{"CSV", csv.String(), "provenance.repository_ref,warning"},
		{"JSON: not read", document.String(), `"specs": 189`},
		{"SARIF: not read", sarif.String(), `"specs": 189`},
	} {
		if !strings.Contains(tt.text, tt.want) {
			t.Errorf("%s: no %q in\n%s", tt.name, tt.want, tt.text)
		}
	}
}

// A Go module rests on its checksum database and on no trust root: the last line says
// what was checked against what.
func TestAgainstTheChecksumDatabase(t *testing.T) {
	t.Parallel()
	for want, trust := range map[string]Trust{
		"checked against the checksum database sum.example":                                                     {Root: "TUF", SumDB: "sum.example"},
		"checked against TUF; npm keys: k; Go modules: the checksum database sum.example":                       {Root: "TUF", RootSHA256: "00", Keys: "k", SumDB: "sum.example"},
		"only Go modules were checked, against the checksum database sum.example: the host does not answer":     {Root: "TUF", Problem: "the host does not answer", SumDB: "sum.example"},
		"nothing was verified: the host does not answer":                                                        {Root: "TUF", Problem: "the host does not answer"},
		"checked against TUF; Go modules: the checksum database sum.example; not all: the host does not answer": {Root: "TUF", RootSHA256: "00", Problem: "the host does not answer", SumDB: "sum.example"},
	} {
		if got := trust.against("", func(s string) string { return s }); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

// A database that judged no record is not what anything was checked against, though it
// is in force: the modules are kept from it, or nothing answered.
func TestADatabaseThatJudgedNothingIsNotNamed(t *testing.T) {
	t.Parallel()
	trust := Trust{Root: "TUF", Problem: "no network", SumDB: "sum.example"}
	for status, judged := range map[verify.Status]bool{verify.Signed: true, verify.Invalid: true, verify.Unchecked: false} {
		p := Package{Spec: catalog.Spec{Protocol: catalog.Go, Package: "example.com/m", Version: "v1.0.0"}, Report: verify.Report{Status: status,
			Artifacts: []verify.ArtifactReport{{Status: status, Record: &verify.Record{Status: status}}}}}
		kept := Package{Spec: p.Spec, Report: verify.Report{Status: verify.None, Artifacts: []verify.ArtifactReport{{Status: verify.None}}}}
		packages := []Package{kept, p}
		var asText, asMarkdown, asJSON bytes.Buffer
		text := Text{Theme: theme.New(theme.Options{})}
		for _, err := range []error{text.Table(&asText, packages, trust), WriteCatalogJSON(&asJSON, packages, trust, time.Time{}),
			WriteMarkdown(&asMarkdown, packages, verify.Pending, trust, time.Time{})} {
			if err != nil {
				t.Fatal(err)
			}
		}
		for name, written := range map[string]string{"text": asText.String(), "markdown": asMarkdown.String(), "JSON": asJSON.String()} {
			if strings.Contains(written, "sum.example") != judged {
				t.Errorf("%v as %s: %s", status, name, written)
			}
		}
	}
}
