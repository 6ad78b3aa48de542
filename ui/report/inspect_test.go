package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// unverified is a package that nothing could be verified against.
func unverified() Package {
	p := full()
	r := &p.Report
	r.Status, r.Reason, r.Unverified, r.Publisher, r.SLSA = verify.Unchecked, "no root\x1b[2J", "no root\x1b[2J", nil, verify.SLSA{Reason: "nothing was verified"}
	r.Findings, r.Comparison = nil, nil
	for i := range r.Artifacts {
		art := &r.Artifacts[i]
		art.Status = verify.Unchecked
		for j := range art.Attestations {
			a := &art.Attestations[j]
			a.Status, a.Reason, a.Publisher = verify.Unchecked, "not verified: no root", nil
			a.Checks = []verify.Check{{ID: verify.CheckTrust, Title: "known log", Status: verify.Blocked, Reason: "not verified: no root"}}
			a.Says = &verify.Says{Kind: a.Kind, KeyID: a.KeyID, Certificate: &verify.SaidCertificate{
				Leaf: verify.Leaf{Issuer: "CN=x"}, SHA256: "ab", Extensions: map[int]untrusted.Text{12: "https://github.com/acme/\x1b[31mx"}}}
		}
		for j := range art.Signatures {
			art.Signatures[j].Status, art.Signatures[j].Reason = verify.Unchecked, "not verified: no root"
		}
	}
	return p
}

func TestUnverifiedText(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	text := Text{Theme: theme.New(theme.Options{Color: true}), Verbose: true}
	if err := text.Package(&b, unverified(), Trust{Root: "TUF"}); err != nil {
		t.Fatal(err)
	}
	out := b.String()
	for _, want := range []string{"? unchecked", "not verified: the evidence was fetched and decoded, and nothing of it is proven", "? not verified",
		`https://github.com/acme/\x1b[31mx`, "it says, and nothing of it is proven:", "checked against nothing; the trust root should come from TUF"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not there:\n%s", want, out)
		}
	}
	if strings.Contains(out, "✓") || strings.Contains(out, "\x1b[32m") || strings.Contains(out, "\x1b[2J") || strings.Contains(out, "Publisher") {
		t.Errorf("something is proven, or raw:\n%q", out)
	}
}

func TestUnverifiedJSON(t *testing.T) {
	t.Parallel()
	data := packageJSON(t, unverified())
	d := decode[packageDocument](t, data)
	says := d.Artifacts[0].Attestations[0].Says
	if d.Unverified == "" || d.Publisher != nil || says == nil || says.Certificate == nil || says.Certificate.Extensions[12] != "https://github.com/acme/\x1b[31mx" ||
		len(says.Certificate.Extensions) != 1 {
		t.Errorf("%s", data)
	}
	results, err := ReadJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if r := results.Packages[0].Report; r.Unverified != `no root\x1b[2J` || r.Status != verify.Unchecked {
		t.Errorf("read back: %v, unverified %q", r.Status, r.Unverified)
	}
	// A verified package says nothing more than before.
	if data := packageJSON(t, full()); bytes.Contains(data, []byte(`"says"`)) || bytes.Contains(data, []byte(`"unverified"`)) || bytes.Contains(data, []byte(`"inspected"`)) {
		t.Errorf("%s", data)
	}
}

// Results that claim what no run can have said are refused.
func TestReadJSONRefusesUnverifiedClaims(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Package){
		"verified":       func(p *Package) { p.Report.Unverified = "no root" },
		"a publisher":    func(p *Package) { publisher := p.Report.Publisher; *p = unverified(); p.Report.Publisher = publisher },
		"a level":        func(p *Package) { *p = unverified(); p.Report.SLSA.Level = 1 },
		"unbound":        func(p *Package) { p.Report.Status = verify.Unbound },
		"bound":          func(p *Package) { p.Report.Status = verify.Bound },
		"a file as well": func(p *Package) { p.Report.Inspected = &verify.Inspected{File: "x"} },
	} {
		p := full()
		change(&p)
		if _, err := ReadJSON(bytes.NewReader(packageJSON(t, p))); err == nil {
			t.Errorf("%s: read without an error", name)
		}
	}
}

// What could not be verified is never settled, whatever was accepted about it.
func TestExitCodeOfTheUnverified(t *testing.T) {
	t.Parallel()
	p := with(verify.Unchecked, verify.Finding{Rule: "x", Severity: verify.Warning, Known: true})
	if got := ExitCode([]Package{p}, verify.Pending); got != ExitUnchecked {
		t.Errorf("accepted: %d, want %d", got, ExitUnchecked)
	}
	p.Report.Unverified = "no root"
	if got := ExitCode([]Package{p}, verify.Pending); got != ExitUnchecked {
		t.Errorf("unverified: %d, want %d", got, ExitUnchecked)
	}
}

func TestExitInspected(t *testing.T) {
	t.Parallel()
	for status, want := range map[verify.Status]int{
		verify.Unbound: ExitOK, verify.Bound: ExitOK, verify.Invalid: ExitFailed, verify.Unchecked: ExitUnchecked,
		verify.Pending: ExitUnchecked, verify.Verified: ExitUnchecked, verify.Signed: ExitUnchecked, verify.None: ExitUnchecked, verify.Status(99): ExitUnchecked,
	} {
		if got := ExitInspected(verify.Report{Status: status}); got != want {
			t.Errorf("%v: %d, want %d", status, got, want)
		}
	}
	if got := ExitInspected(verify.Report{Status: verify.Bound, Findings: []verify.Finding{severe}}); got != ExitFailed {
		t.Errorf("a severe finding: %d", got)
	}
	// A package with the status of a file of evidence was not checked.
	if got := ExitCode([]Package{with(verify.Bound), with(verify.Unbound)}, verify.Pending); got != ExitUnchecked {
		t.Errorf("packages: %d", got)
	}
	for _, require := range verify.Requirements() {
		if verify.Bound.Meets(require) || verify.Unbound.Meets(require) {
			t.Errorf("a file of evidence meets %v", require)
		}
	}
}

func TestAgeOfEvidence(t *testing.T) {
	t.Parallel()
	p := full()
	p.Report.Sources = []verify.Source{{What: "manifest", Time: evening.Add(-50 * time.Hour)}, {What: "attestations", Time: evening.Add(-time.Hour)}}
	for now, want := range map[time.Time]string{{}: " UTC\n", evening: " UTC (2 days ago)\n"} {
		var b bytes.Buffer
		if err := (Text{Theme: theme.New(theme.Options{Plain: true}), Now: now}).Package(&b, p, Trust{}); err != nil {
			t.Fatal(err)
		}
		if _, line, _ := strings.Cut(b.String(), "fetched "); !strings.Contains(strings.SplitAfter(line, "\n")[0], want) {
			t.Errorf("%v: %q", now, line)
		}
	}
}

// A summary of what nobody could check would say that somebody did.
func TestNoSummaryOfTheUnverified(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	without, err := VSA{VerifierID: "https://verifier.example"}.Write(&b, []Package{unverified()}, evening)
	if err != nil || len(without) != 1 || b.Len() != 0 {
		t.Errorf("%q, %v: %s", without, err, b.String())
	}
}
