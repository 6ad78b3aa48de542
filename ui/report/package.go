package report

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

// Package writes one package: the verdict, the publisher, the artifacts with
// their evidence, the comparison and the findings. With [Text.Verbose] it
// writes every check as well, and every field that the witnesses mention.
func (t Text) Package(w io.Writer, p Package, trust Trust) error {
	d := view.NewDoc(t.Theme, 0)
	t.onePackage(d, p)
	restsOf(d, &p.Report, trust)
	return d.Write(w)
}

// Packages writes several packages one after another as [Text.Package] does, then
// the counts and, once, what all verdicts rest on.
func (t Text) Packages(w io.Writer, packages []Package, trust Trust) error {
	d := view.NewDoc(t.Theme, 0)
	for _, p := range packages {
		t.onePackage(d, p)
		d.Blank()
	}
	t.conclude(d, packages, trust)
	return d.Write(w)
}

// onePackage adds what was found of one package.
func (t Text) onePackage(d *view.Doc, p Package) {
	d.About(&p.Report)
	if p.Report.ReadBack {
		d.Para(theme.Warn, notNow)
	}
	title := "  " + t.name(p)
	if p.Spec.Version != "" {
		title += " " + d.Text(p.Spec.Version)
	}
	first := []view.Span{t.verdict(p)}
	if mark := t.mark(p); mark.Text != "" {
		first = append(first, plain(" "), mark)
	}
	d.Row(append(first, plain(title))...)
	if reason := p.reason(); reason != "" {
		d.Row(plain("  " + reason))
	}
	fetched := ""
	if at := verify.Oldest(p.Report.Sources); !at.IsZero() {
		fetched = view.When(at, t.Now)
	}
	spec := p.Spec.Path
	if p.Spec.Named() {
		spec = "none: nothing says what is expected of this release"
	}
	fields(d, "  ", []field{{"spec", spec}, {"registry", p.Report.Registry}, {"fetched", untrusted.Text(fetched)}})
	if p.Report.Unverified != "" && len(p.Report.Artifacts) > 0 {
		d.Item(theme.Warn, "not verified: the evidence was fetched and decoded, and nothing of it is proven")
	}
	publisher(d, &p.Report)
	claimed(d, p.Report.Claims.NPMUser)
	t.artifacts(d, &p.Report)
	t.compared(d, &p.Report)
}

// Inspection writes what was found of a file of evidence.
func (t Text) Inspection(w io.Writer, r verify.Report, trust Trust) error {
	d := view.NewDoc(t.Theme, 0)
	d.About(&r)
	glyph, token := t.Theme.Status(r.Status)
	d.Row(view.Span{Token: token, Text: glyph + " " + r.Status.String()}, plain("  "+d.Text(r.Inspected.File)))
	d.Row(plain("  " + r.Reason))
	with := untrusted.Text("nothing: no artifact was given")
	if g := r.Inspected.Given; g != nil {
		with = g.Name
	}
	fields(d, "  ", []field{{"kind", untrusted.Text(r.Inspected.Kind)},
		{"sha256", untrusted.Text(hex.EncodeToString(r.Inspected.SHA256[:]))}, {"compared with", with}})
	t.Verbose = true
	for _, art := range r.Artifacts {
		t.record(d, art.Record)
		for i := range art.Attestations {
			d.Heading(fmt.Sprintf("Attestation %d of %d", i+1, len(art.Attestations)))
			t.attestation(d, "  ", &r, &art.Attestations[i])
		}
	}
	t.compared(d, &r)
	restsOf(d, &r, trust)
	return d.Write(w)
}

func publisher(d *view.Doc, r *verify.Report) {
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
	d.Heading("Publisher, " + source)
	level := ""
	if r.SLSA.Reason != "" {
		level = fmt.Sprintf("level %d: %s", r.SLSA.Level, r.SLSA.Reason)
	}
	fields(d, "  ", []field{
		{"kind", untrusted.Text(p.Kind)}, {"repository", p.Repository}, {"workflow", p.Workflow},
		{"ref", p.Ref}, {"commit", p.Commit}, {"issuer", p.Issuer}, {"signer", p.Signer},
		{"runner", p.Runner}, {"trigger", p.Trigger}, {"run", p.Run}, {"email", p.Email},
		{"repository id", p.RepositoryID}, {"owner id", p.OwnerID}, {"SLSA build", untrusted.Text(level)},
	})
}

// claimed adds who npm's registry says published the release, and how.
func claimed(d *view.Doc, u verify.NPMUser) {
	if u == (verify.NPMUser{}) {
		return
	}
	through, approved := view.Published(u)
	if through != "" && u.TrustedPublisherConfig != "" {
		through += ", configuration " + u.TrustedPublisherConfig
	}
	d.Heading("Claimed by the registry, and proven by nothing")
	fields(d, "  ", []field{{"published by", u.Name}, {"through", through}, {"approved by", approved}})
}

func (t Text) artifacts(d *view.Doc, r *verify.Report) {
	if len(r.Artifacts) > 0 {
		d.Heading("Artifacts")
	}
	for _, a := range r.Artifacts {
		name := "  " + d.Text(a.Filename)
		if a.Yanked {
			name += " (yanked)"
		}
		d.Row(plain("  "), d.Status(a.Status), plain(name))
		if digest := a.Digest.String(); digest != "" {
			d.Row(muted("    " + d.Text(untrusted.Text(digest))))
		}
		t.record(d, a.Record)
		if len(a.Attestations)+len(a.Signatures) == 0 && a.Record == nil && a.Reason != "" {
			d.Row(plain("    " + a.Reason))
		}
		for i := range a.Attestations {
			t.attestation(d, "    ", r, &a.Attestations[i])
		}
		for _, s := range a.Signatures {
			d.Row(plain("    "), d.Status(s.Status), plain("  registry signature, key "+d.Text(s.KeyID)))
			reason(d, r, s.Reason)
		}
	}
}

func (t Text) attestation(d *view.Doc, indent string, r *verify.Report, a *verify.Attestation) {
	d.Row(plain(indent), d.Status(a.Status), plain(strings.TrimRight("  "+a.Kind.String()+" "+d.Text(a.PredicateType), " ")))
	reason(d, r, a.Reason)
	if a.Says != nil && (r.Inspected != nil || t.Verbose && r.Unverified != "") {
		says(d, a)
	}
	for _, l := range a.Log {
		// Only the log's own signature vouches for the index and the time.
		unsigned := ""
		if !l.IndexSigned {
			unsigned = " (index and time " + d.Unsigned() + ")"
		}
		at := timestamp(l.Time)
		if at == "" {
			at = "no time"
		}
		d.Row(plain(fmt.Sprintf("      log #%d, %s, %s%s", l.Index, at, d.Text(l.Kind), unsigned)))
	}
	if t.Verbose {
		t.checks(d, a.Checks)
	}
}

// record adds what the checksum database has of a Go module, or nothing if r is nil.
func (t Text) record(d *view.Doc, r *verify.Record) {
	if r == nil {
		return
	}
	d.Row(plain("    "), d.Status(r.Status), plain("  record of the checksum database "+d.Text(r.Database)))
	d.Row(plain("      " + r.Reason))
	if r.Zip != "" {
		at := fmt.Sprintf("record #%d", r.Number)
		if r.Size > 0 {
			at += fmt.Sprintf(" of a tree of %d", r.Size)
		}
		if r.Status != verify.Signed {
			at += " (not proven)"
		}
		d.Row(plain("      " + at))
		fields(d, "      ", []field{{"zip", r.Zip}, {"go.mod", r.Mod}})
	}
	if t.Verbose {
		t.checks(d, r.Checks)
	}
}

// checks adds every check with its result.
func (t Text) checks(d *view.Doc, checks []verify.Check) {
	var rows [][]view.Span
	for _, c := range checks {
		glyph, token := t.Theme.Check(c.Result())
		rows = append(rows, []view.Span{{Token: token, Text: "      " + glyph + " " + string(c.ID)},
			{Token: token, Text: c.Result().Word()}, plain(c.Reason + difference(c))})
	}
	d.Table(rows...)
}

// reason adds the reason of a result, unless it is that of the whole package.
func reason(d *view.Doc, r *verify.Report, text string) {
	if text != "" && (r.Unverified == "" || strings.Contains(text, "; and it cannot be decoded")) {
		d.Row(plain("      " + text))
	}
}

// difference is what a check that failed compared.
func difference(c verify.Check) string {
	if c.Status != verify.Fail || c.Expected == "" && c.Observed == "" {
		return ""
	}
	return fmt.Sprintf(": expected %s, found %s", cmp.Or(c.Expected, "nothing"), cmp.Or(c.Observed, "nothing"))
}

// compared adds the comparison and the findings.
func (t Text) compared(d *view.Doc, r *verify.Report) {
	first := true
	for _, c := range r.Comparison {
		if c.Result == verify.ResultOnly && (!t.Verbose || r.Inspected != nil) { // only one witness mentions it: that is no comparison
			continue
		}
		if first {
			d.Heading("Comparison")
			first = false
		}
		glyph, token := t.Theme.Result(c.Result)
		d.Row(plain("  "), view.Span{Token: token, Text: glyph}, plain(fmt.Sprintf(" %s: %s", d.Text(untrusted.Text(c.Field)), c.Result.Word())))
		fields(d, "    ", []field{{"spec", c.Spec}, {"certificate", c.Certificate}, {"statement", c.Statement}, {"registry", c.Registry}})
		if c.Certificate == "" && c.Reason != "" {
			d.Row(plain("      " + c.Reason))
		}
	}
	if len(r.Findings) > 0 {
		d.Heading("Findings")
	}
	for _, f := range r.Findings {
		glyph, token := t.Theme.Severity(f.Severity)
		d.Row(plain("  "), view.Span{Token: token, Text: glyph + " " + f.Severity.String()}, plain(" "+d.Text(untrusted.Text(f.Rule))+": "+f.Message))
		fields(d, "    ", []field{{"expected", untrusted.Text(f.Expected)}, {"observed", untrusted.Text(f.Observed)},
			{"decision", untrusted.Text(f.Decision)}})
	}
}

// restsOf adds what the verdict of one report rests on, or that it rests on
// nothing.
func restsOf(d *view.Doc, r *verify.Report, trust Trust) {
	d.Blank()
	if r.Unverified == "" {
		rests(d, trust.over(r), r.ReadBack)
		return
	}
	d.Row(plain("checked against nothing; the trust root should come from " + trust.Root))
}

// field is a labelled value from outside.
type field struct {
	name  string
	value untrusted.Text
}

// fields adds the fields that have a value.
func fields(d *view.Doc, indent string, fields []field) {
	for _, f := range fields {
		if f.value != "" {
			d.Row(plain(indent), muted(theme.Fit(f.name, 14)), plain(" "+d.Text(f.value)))
		}
	}
}

// says adds what an attestation states of itself, and whether it is proven.
func says(d *view.Doc, a *verify.Attestation) {
	head := view.Span{Token: theme.Warn, Text: "it says, and nothing of it is proven:"}
	if a.Status.Holds() {
		by, seen := "a certificate", "a signed timestamp" // of a private instance, which has no log
		if a.KeyID != "" || a.Kind == verify.KindPublish {
			by = "a registry's key"
		}
		if slices.ContainsFunc(a.Log, func(e verify.LogEntry) bool { return e.KnownLog != "" }) {
			seen = "a log"
		}
		head = plain("it says, by " + by + " and " + seen + " that verify:")
	}
	const most = 10
	said := []field{{"signs", untrusted.Text(a.Says.Digest.String())}}
	for i, s := range a.Says.Subjects {
		if i == most {
			said = append(said, field{"names", untrusted.Text(fmt.Sprintf("and %d more", len(a.Says.Subjects)-most))})
			break
		}
		said = append(said, field{"names", s.Name})
		for _, algorithm := range slices.Sorted(maps.Keys(s.Digest)) {
			said = append(said, field{"", untrusted.Text(algorithm) + ":" + s.Digest[algorithm]})
		}
	}
	if c := a.Says.Certificate; c != nil {
		for _, san := range c.Names {
			said = append(said, field{"signer", san})
		}
		said = append(said, field{"issuer", c.Extensions[8]}, field{"source", c.Extensions[12]}, field{"commit", c.Extensions[13]},
			field{"ref", c.Extensions[14]}, field{"workflow", c.Extensions[18]}, field{"run", c.Extensions[21]},
			field{"certificate", untrusted.Text(string(c.Issuer) + ", " + timestamp(c.NotBefore) + " to " + timestamp(c.NotAfter))})
	}
	said = append(said, field{"key", a.KeyID})
	if slices.ContainsFunc(said, func(f field) bool { return f.value != "" }) {
		d.Row(plain("      "), head)
		fields(d, "        ", said)
	}
}
