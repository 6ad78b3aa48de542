package report

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// ExitInspected says how the inspection of a file ends: [ExitOK] only where
// every attestation in it verifies, and names the artifact where one was given.
func ExitInspected(r verify.Report) int {
	switch {
	case r.Status == verify.Invalid || slices.ContainsFunc(r.Findings, verify.Finding.Open):
		return ExitFailed
	case r.Status == verify.Bound || r.Status == verify.Unbound:
		return ExitOK
	default:
		return ExitUnchecked
	}
}

// Inspection writes what was found of a file of evidence.
func (t Text) Inspection(w io.Writer, r verify.Report, trust Trust) error {
	out := bufio.NewWriter(w)
	t.unverified = r.Unverified != ""
	fmt.Fprintf(out, "%s  %s\n", t.status(r.Status), t.text(string(r.Inspected.File)))
	fmt.Fprintf(out, "  %s\n", t.sentence(r.Reason))
	with := untrusted.Text("nothing: no artifact was given")
	if g := r.Inspected.Given; g != nil {
		with = g.Name
	}
	t.fields(out, []field{{"kind", untrusted.Text(r.Inspected.Kind)}, {"sha256", untrusted.Text(hex.EncodeToString(r.Inspected.SHA256[:]))}, {"compared with", with}})
	for _, art := range r.Artifacts {
		for i := range art.Attestations {
			a := &art.Attestations[i]
			t.section(out, fmt.Sprintf("Attestation %d of %d", i+1, len(art.Attestations)))
			what := strings.TrimRight(a.Kind.String()+" "+t.text(string(a.PredicateType)), " ")
			fmt.Fprintf(out, "  %s  %s\n", t.evidenceStatus(a.Status), what)
			t.evidenceReason(out, a.Reason)
			t.says(out, a)
			t.logLines(out, a.Log)
			t.checks(out, a.Checks)
		}
	}
	t.comparison(out, r.Comparison)
	t.findings(out, r.Findings)
	fmt.Fprintln(out)
	t.rest(out, r, trust)
	return out.Flush()
}

// rest says what the verdict rests on, or that it rests on nothing.
func (t Text) rest(w io.Writer, r verify.Report, trust Trust) {
	if r.Unverified == "" {
		t.trust(w, trust, r.ReadBack)
		return
	}
	fmt.Fprintf(w, "checked against nothing; the trust root should come from %s\n", t.sentence(trust.Root))
}

// evidenceStatus is status, which says of evidence that nobody could verify
// just that.
func (t Text) evidenceStatus(s verify.Status) string {
	if t.unverified && s == verify.Unchecked {
		glyph, token := t.Theme.Status(s)
		return t.Theme.Paint(token, glyph+" not verified")
	}
	return t.status(s)
}

// evidenceReason writes a reason, unless it is that of the whole package.
func (t Text) evidenceReason(w io.Writer, reason string) {
	if !t.unverified || strings.Contains(reason, "; and it cannot be decoded") {
		t.reasonLine(w, reason)
	}
}

func (t Text) unsigned() string {
	if t.unverified {
		return "not verified"
	}
	return "not signed"
}

// says writes what an attestation states, and whether it is proven.
func (t Text) says(w io.Writer, a *verify.Attestation) {
	if a.Says == nil {
		return
	}
	head := t.Theme.Paint(theme.Warn, "it says, and nothing of it is proven:")
	if a.Status.Holds() {
		by, seen := "a certificate", "a signed timestamp" // of a private instance, which has no log
		if a.KeyID != "" || a.Kind == verify.KindPublish {
			by = "a registry's key"
		}
		for i := range a.Log {
			if a.Log[i].KnownLog != "" {
				seen = "a log"
			}
		}
		head = t.sentence("it says, by " + by + " and " + seen + " that verify:")
	}
	const most = 10
	fields := []field{{"signs", untrusted.Text(a.Says.Digest.String())}}
	for i, s := range a.Says.Subjects {
		if i == most {
			fields = append(fields, field{"names", untrusted.Text(fmt.Sprintf("and %d more", len(a.Says.Subjects)-most))})
			break
		}
		fields = append(fields, field{"names", s.Name})
		for _, algorithm := range slices.Sorted(maps.Keys(s.Digest)) {
			fields = append(fields, field{"", untrusted.Text(algorithm) + ":" + s.Digest[algorithm]})
		}
	}
	if a.Says.Certificate != nil {
		fields = append(fields, certificateFields(a.Says.Certificate)...)
	}
	fields = append(fields, field{"key", a.KeyID})
	if !slices.ContainsFunc(fields, func(f field) bool { return f.value != "" }) {
		return
	}
	fmt.Fprintf(w, "      %s\n", head)
	for _, f := range fields {
		if f.value != "" {
			fmt.Fprintf(w, "        %s %s\n", t.label(f.name), t.text(untrusted.Shorten(string(f.value), 1024)))
		}
	}
}

// certificateFields are those of a Fulcio certificate that people ask for.
func certificateFields(c *verify.SaidCertificate) []field {
	var fields []field
	for _, san := range c.Names {
		fields = append(fields, field{"signer", san})
	}
	for _, want := range []struct {
		number int
		name   string
	}{{8, "issuer"}, {12, "source"}, {13, "commit"}, {14, "ref"}, {18, "workflow"}, {21, "run"}} {
		fields = append(fields, field{want.name, c.Extensions[want.number]})
	}
	return append(fields, field{"certificate", untrusted.Text(string(c.Issuer) + ", " + timestamp(c.NotBefore) + " to " + timestamp(c.NotAfter))})
}
