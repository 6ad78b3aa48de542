package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Package writes one package: the verdict, the publisher, the artifacts with
// their evidence, the comparison and the findings. With [Text.Verbose] it
// writes every check as well, and every field that the witnesses mention.
func (t Text) Package(w io.Writer, p Package, trust Trust) error {
	out := bufio.NewWriter(w)
	if p.Report.ReadBack {
		fmt.Fprintf(out, "%s\n", t.Theme.Paint(theme.Warn, notNow))
	}
	t.verdict(out, p)
	if p.Report.Unverified != "" && len(p.Report.Artifacts) > 0 {
		fmt.Fprintf(out, "  %s\n", t.Theme.Paint(theme.Warn, "not verified: the evidence was fetched and decoded, and nothing of it is proven"))
	}
	t.publisher(out, p.Report)
	t.unverified = p.Report.Unverified != ""
	t.artifacts(out, p.Report.Artifacts)
	t.comparison(out, p.Report.Comparison)
	t.findings(out, p.Report.Findings)
	fmt.Fprintln(out)
	t.rest(out, p.Report, trust)
	return out.Flush()
}

func (t Text) verdict(w io.Writer, p Package) {
	version := ""
	if p.Spec.Version != "" {
		version = " " + t.text(string(p.Spec.Version))
	}
	glyph, token := view.Status(t.Theme, p.Report.Status, &p.Report, t.Require)
	fmt.Fprintf(w, "%s  %s%s\n", t.Theme.Paint(token, glyph+" "+p.Report.Status.String()), t.name(p), version)
	if reason := p.reason(); reason != "" {
		fmt.Fprintf(w, "  %s\n", t.sentence(reason))
	}
	t.fields(w, []field{{"spec", p.Spec.Path}, {"registry", p.Report.Registry}, {"fetched", untrusted.Text(t.fetched(p.Report.Sources))}})
}

// fetched says when the oldest piece of the evidence was fetched or recorded,
// and how long ago where [Text.Now] is set; "" where nothing was.
func (t Text) fetched(sources []verify.Source) string {
	oldest := verify.Oldest(sources)
	if oldest.IsZero() {
		return ""
	}
	at := oldest.UTC().Format("2006-01-02 15:04:05") + " UTC"
	if t.Now.IsZero() {
		return at
	}
	return at + " (" + view.Ago(t.Now.Sub(oldest)) + ")"
}

func (t Text) publisher(w io.Writer, r verify.Report) {
	p := r.Publisher
	if p == nil {
		return
	}
	source := "from the certificate"
	if p.Deprecated {
		source = "from the certificate's deprecated extensions"
	}
	switch r.Status {
	case verify.Invalid, verify.Unchecked: // some other evidence did not
		source += ", of the evidence that verifies"
	}
	t.section(w, "Publisher, "+source)
	fields := []field{
		{"kind", untrusted.Text(p.Kind)}, {"repository", p.Repository}, {"workflow", p.Workflow},
		{"ref", p.Ref}, {"commit", p.Commit}, {"issuer", p.Issuer}, {"signer", p.Signer},
		{"runner", p.Runner}, {"trigger", p.Trigger}, {"run", p.Run}, {"email", p.Email},
		{"repository id", p.RepositoryID}, {"owner id", p.OwnerID},
	}
	t.fields(w, fields)
	if r.SLSA.Reason != "" {
		fmt.Fprintf(w, "  %s %s\n", t.label("SLSA build"),
			t.sentence(fmt.Sprintf("level %d: %s", r.SLSA.Level, r.SLSA.Reason)))
	}
}

func (t Text) artifacts(w io.Writer, artifacts []verify.ArtifactReport) {
	if len(artifacts) == 0 {
		return
	}
	t.section(w, "Artifacts")
	for _, a := range artifacts {
		yanked := ""
		if a.Yanked {
			yanked = " (yanked)"
		}
		fmt.Fprintf(w, "  %s  %s%s\n", t.evidenceStatus(a.Status), t.text(string(a.Filename)), yanked)
		if digest := a.Digest.String(); digest != "" {
			fmt.Fprintf(w, "    %s\n", t.Theme.Paint(theme.Muted, t.text(digest)))
		}
		if len(a.Attestations)+len(a.Signatures) == 0 && a.Reason != "" {
			fmt.Fprintf(w, "    %s\n", t.sentence(a.Reason))
		}
		for _, attestation := range a.Attestations {
			t.attestation(w, attestation)
		}
		for _, s := range a.Signatures {
			fmt.Fprintf(w, "    %s  registry signature, key %s\n", t.evidenceStatus(s.Status), t.text(string(s.KeyID)))
			t.evidenceReason(w, s.Reason)
		}
	}
}

func (t Text) attestation(w io.Writer, a verify.Attestation) {
	fmt.Fprintf(w, "    %s  %v %s\n", t.evidenceStatus(a.Status), a.Kind, t.text(string(a.PredicateType)))
	t.evidenceReason(w, a.Reason)
	t.logLines(w, a.Log)
	if t.unverified && t.Verbose {
		t.says(w, &a)
	}
	if t.Verbose {
		t.checks(w, a.Checks)
	}
}

func (t Text) logLines(w io.Writer, entries []verify.LogEntry) {
	for _, l := range entries {
		// Only the log's own signature vouches for the index and the time.
		unsigned := ""
		if !l.IndexSigned {
			unsigned = " (index and time " + t.unsigned() + ")"
		}
		at := timestamp(l.Time)
		if at == "" {
			at = "no time"
		}
		fmt.Fprintf(w, "      log #%d, %s, %s%s\n", l.Index, at, t.text(string(l.Kind)), unsigned)
	}
}

func (t Text) checks(w io.Writer, checks []verify.Check) {
	rows := make([][]cell, 0, len(checks))
	for _, c := range checks {
		glyph, token := t.Theme.Check(c.Status)
		rows = append(rows, []cell{
			{"      " + glyph, token}, {t.text(string(c.ID)), theme.Plain}, {c.Status.String(), token},
			{t.sentence(c.Reason + difference(c)), theme.Plain},
		})
	}
	t.align(w, rows)
}

// difference is what a check that failed compared.
func difference(c verify.Check) string {
	if c.Status != verify.Fail || c.Expected == "" && c.Observed == "" {
		return ""
	}
	return fmt.Sprintf(": expected %s, found %s", orNothing(c.Expected), orNothing(c.Observed))
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// comparison writes what the witnesses say of each field. A field that only
// one of them mentions is no comparison, and is written with Verbose.
func (t Text) comparison(w io.Writer, rows []verify.Comparison) {
	if !t.Verbose {
		rows = slices.DeleteFunc(slices.Clone(rows), func(c verify.Comparison) bool { return c.Result == verify.ResultOnly })
	}
	if len(rows) == 0 {
		return
	}
	t.section(w, "Comparison")
	for _, c := range rows {
		glyph, token := t.Theme.Result(c.Result)
		fmt.Fprintf(w, "  %s %s: %s\n", t.Theme.Paint(token, glyph), t.text(c.Field), t.text(string(c.Result)))
		for _, witness := range []field{
			{"spec", c.Spec}, {"certificate", c.Certificate}, {"statement", c.Statement}, {"registry", c.Registry},
		} {
			if witness.value != "" {
				fmt.Fprintf(w, "    %s %s\n", t.label(witness.name), t.text(string(witness.value)))
			}
		}
		if c.Certificate == "" {
			t.reasonLine(w, c.Reason)
		}
	}
}

func (t Text) findings(w io.Writer, findings []verify.Finding) {
	if len(findings) == 0 {
		return
	}
	t.section(w, "Findings")
	for _, f := range findings {
		glyph, token := t.Theme.Severity(f.Severity)
		fmt.Fprintf(w, "  %s %s: %s\n", t.Theme.Paint(token, glyph+" "+f.Severity.String()),
			t.text(f.Rule), t.sentence(f.Message))
		if f.Expected != "" {
			fmt.Fprintf(w, "    %s %s\n", t.label("expected"), t.text(f.Expected))
		}
		if f.Observed != "" {
			fmt.Fprintf(w, "    %s %s\n", t.label("observed"), t.text(f.Observed))
		}
		if f.Decision != "" {
			fmt.Fprintf(w, "    %s %s\n", t.label("decision"), t.text(f.Decision))
		}
	}
}

// field is a labelled value from outside.
type field struct {
	name  string
	value untrusted.Text
}

// fields writes the fields that have a value.
func (t Text) fields(w io.Writer, fields []field) {
	for _, f := range fields {
		if f.value != "" {
			fmt.Fprintf(w, "  %s %s\n", t.label(f.name), t.text(string(f.value)))
		}
	}
}

const labelCells = 14

func (t Text) label(name string) string {
	return t.Theme.Paint(theme.Muted, theme.Fit(name, labelCells))
}

func (t Text) section(w io.Writer, title string) {
	fmt.Fprintf(w, "\n%s\n", t.Theme.Paint(theme.Accent, title))
}

func (t Text) reasonLine(w io.Writer, reason string) {
	if reason != "" {
		fmt.Fprintf(w, "      %s\n", t.sentence(reason))
	}
}

// status is the glyph and the word, in the style of the verdict.
func (t Text) status(s verify.Status) string {
	glyph, token := t.Theme.Status(s)
	return t.Theme.Paint(token, glyph+" "+s.String())
}
