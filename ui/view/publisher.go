package view

import (
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

func (p *Doc) publisher(in Input) {
	r := in.Report
	if r.Publisher == nil {
		p.Para(theme.Strong, "No publisher of the release is proven.")
		if !p.unverified { // the tab's head has said why
			p.Para(theme.Plain, Sentence(r.Reason))
		}
	}
	p.comparison(in)
	p.differences(r)
	p.claimedPublishers(r)
	p.provenPublisher(r.Publisher)
	if isGo(r) {
		p.origin(r)
		return
	}
	p.metadata(r)
}

// columnsFrom is the width from which the four witnesses stand side by side: that of
// a tab on a screen of 110 columns.
const columnsFrom = 108

// comparison shows the four witnesses side by side; if there is not enough
// room, who says what of each field.
func (p *Doc) comparison(in Input) {
	r := in.Report
	end := p.here(placeComparison, "publisher")
	p.Heading("Comparison")
	end()
	if len(r.Comparison) == 0 && p.inspected != nil {
		p.Item(theme.Muted, "There is nothing to compare the certificate with: a file of evidence has no spec and no registry.")
		return
	}
	if len(r.Comparison) == 0 {
		p.Item(theme.Muted, "There is no verified certificate to compare with. This is what the others say:")
		p.field("spec expects", in.Spec.Provenance.RepositoryURI)
		p.field("registry says", r.Claims.Repository)
		return
	}
	p.compared(r)
	rows := r.Comparison
	if r.Publisher != nil { // what the certificate alone says stands below
		rows = slices.DeleteFunc(slices.Clone(rows), func(c verify.Comparison) bool {
			return c.Result == verify.ResultOnly && c.Spec+c.Statement+c.Registry == "" && c.Certificate != ""
		})
	}
	if len(rows) == 0 {
		p.Item(theme.Muted, "Nobody but the certificate says anything of the publisher.")
		return
	}
	if p.Width >= columnsFrom {
		p.comparisonTable(rows)
	} else {
		for i := range rows {
			p.comparisonStack(&rows[i])
		}
	}
	p.Blank()
	note := "The certificate is proven. "
	verified := slices.ContainsFunc(r.Comparison, func(c verify.Comparison) bool { return c.Certificate != "" })
	switch {
	case !verified:
		note = "No certificate was verified, so none is shown. "
	case r.Publisher == nil:
		note = "The certificate is that of a file whose evidence verifies; other evidence of the release does not. "
	}
	note += "The statement is written by the job that signed it. The spec is what the maintainers expect. " +
		"The registry's metadata is an unsigned claim. "
	if p.Width >= columnsFrom {
		note += p.Theme.Glyph(theme.GlyphAbsent) + " says nothing; the same are the bytes of the certificate."
	} else {
		note += "A source without a line says nothing."
	}
	p.Item(theme.Muted, note)
}

// compared keeps the values of the comparison for copying, without those of
// the certificate, which the publisher's fields have.
func (p *Doc) compared(r *verify.Report) {
	for i := range r.Comparison {
		for _, w := range p.witnesses(&r.Comparison[i]) {
			if r.Publisher == nil || !strings.HasPrefix(w.name, "certificate") {
				p.values.put(r.Comparison[i].Field+" ("+w.name+")", string(w.value))
			}
		}
	}
}

// comparisonTable gives each column the room that its values need, as far as there
// is any. Who says the very bytes of the certificate is told to say the same.
func (p *Doc) comparisonTable(rows []verify.Comparison) {
	const columns, least = 6, 12
	table := [][columns]Span{
		{muted("field"), muted("spec"), muted("certificate"), muted("statement"), muted("registry"), muted("result")},
		{muted(""), muted("expected"), muted("proven"), muted("signed"), muted("claimed"), muted("")},
	}
	heads := len(table)
	for i := range rows {
		c := &rows[i]
		table = append(table, [columns]Span{{theme.Strong, p.clean(c.Field, 64)}, p.beside(c.Spec, c), p.witness(c.Certificate),
			p.beside(c.Statement, c), p.beside(c.Registry, c), p.result(c.Result)})
	}
	var widths [columns]int
	left := p.Width - len(indent)*columns
	for i := range widths {
		for _, row := range table {
			widths[i] = max(widths[i], theme.Width(row[i].Text))
		}
		left -= widths[i]
	}
	for ; left < 0; left++ { // the widest gives way
		widest := 0
		for i := range widths {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widths[widest] = max(widths[widest]-1, least); widths[widest] == least {
			break
		}
	}
	for y, row := range table {
		end := func() {}
		if y >= heads {
			end = p.spot(fieldSpot(&rows[y-heads]))
		}
		cells := make([]cell, columns)
		for i := range row {
			cells[i] = cell{widths[i], row[i]}
		}
		p.columns([]Span{plain(indent)}, []Span{plain(indent)}, cells...)
		end()
	}
}

// beside is what a witness says beside the certificate.
func (p *Doc) beside(t untrusted.Text, c *verify.Comparison) Span {
	if t != "" && t == c.Certificate {
		return muted("the same")
	}
	return p.witness(t)
}

// named is a value from outside, and what it is or who says it.
type named struct {
	name  string
	value untrusted.Text
}

// witnesses lists what is said of a field, the proven first. Those that say
// the same share a line.
func (p *Doc) witnesses(c *verify.Comparison) (out []named) {
	for _, w := range []named{{"certificate", c.Certificate}, {"spec", c.Spec}, {"statement", c.Statement}, {"registry", c.Registry}} {
		if w.value == "" {
			continue
		}
		same := slices.IndexFunc(out, func(t named) bool { return t.value == w.value })
		if same < 0 {
			out = append(out, w)
		} else {
			out[same].name += ", " + w.name
		}
	}
	return out
}

// comparisonStack shows one field: its result, and below it who says what.
func (p *Doc) comparisonStack(c *verify.Comparison) {
	defer p.spot(fieldSpot(c))()
	fields, names := 21, 29 // "publisher repository", "certificate, spec, statement"
	if p.Width < 60 {
		p.Blank()
		fields, names = 0, 0
	}
	result := p.result(c.Result)
	p.Flow(plain(indent), Span{theme.Strong, pad(p.clean(c.Field, 64), fields) + " "}, Span{result.Token, result.Text})
	for i, w := range p.witnesses(c) {
		token := theme.Plain
		if i > 0 && (c.Result == verify.ResultMismatch || c.Result == verify.ResultDiffers) {
			token = result.Token
		}
		p.flow([]Span{muted(indent + indent + pad(w.name, names) + " ")}, nil, Span{token, p.Text(w.value)}, maxValueRows)
	}
}

func (p *Doc) witness(t untrusted.Text) Span {
	if t == "" {
		return p.silent()
	}
	return plain(p.Text(t))
}

func (p *Doc) result(r verify.Result) Span {
	glyph, token := p.Theme.Result(r)
	return Span{token, glyph + " " + r.Word()}
}

func (p *Doc) differences(r *verify.Report) {
	first := true
	for i := range r.Comparison {
		c := &r.Comparison[i]
		if c.Result != verify.ResultMismatch && c.Result != verify.ResultDiffers && c.Reason == "" {
			continue
		}
		if first {
			p.Heading("Explained")
			first = false
		}
		glyph, token := p.Theme.Result(c.Result)
		reason := c.Reason
		if reason == "" {
			reason = "the witnesses disagree"
		}
		p.Flow(plain(indent), Span{token, glyph + " "}, plain(p.clean(c.Field, 64)+": "+stop(reason)))
	}
}

// claimedPublishers shows what the index says of the publisher, as a claim.
func (p *Doc) claimedPublishers(r *verify.Report) {
	first := true
	if p.saved && r.Release.Ecosystem == verify.PyPI && attestationCount(r) > 0 {
		p.Heading("Claimed by the index", muted("  not signed"))
		p.Item(theme.Muted, "What the index says of each file's publisher is "+notInFile+".")
		return
	}
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if a.Claimed == nil {
				continue
			}
			if first {
				p.Heading("Claimed by the index", muted("  not signed"))
				first = false
			}
			p.claimed(&r.Artifacts[i], a)
		}
	}
}

func (p *Doc) claimed(art *verify.ArtifactReport, a *verify.Attestation) {
	p.Blank()
	p.Item(theme.Strong, p.name(art))
	c := a.Claimed
	p.optional(named{"kind", c.Kind}, named{"repository", c.Repository}, named{"workflow", c.Workflow},
		named{"email", c.Email}, named{"environment", c.Environment})
	switch {
	case p.unverified:
		p.Say("so", Span{theme.Warn, "nothing proves it: it is " + notVerified})
	case a.Status.Holds():
		p.Say("so", plain("the verified certificate does not contradict it"))
	default:
		p.Say("so", Span{theme.Warn, "nothing proves it: the attestation is " + a.Status.String()})
	}
}

// optional adds the fields that have a value.
func (p *Doc) optional(fields ...named) {
	for _, f := range fields {
		if f.value != "" {
			p.field(f.name, f.value)
		}
	}
}

func (p *Doc) provenPublisher(pub *verify.Publisher) {
	if pub == nil {
		return
	}
	p.Heading("Publisher", muted("  from the verified certificate"))
	if pub.Deprecated {
		p.Item(theme.Warn, "The certificate is an old one: it has only the deprecated extensions 1 to 6.")
	}
	for _, f := range []named{{"kind", untrusted.Text(pub.Kind)}, {"repository", pub.Repository},
		{"repository id", pub.RepositoryID}, {"owner", pub.OwnerURI}, {"owner id", pub.OwnerID},
		{"visibility", pub.Visibility}, {"workflow", pub.Workflow}, {"workflow URI", pub.WorkflowURI},
		{"ref", pub.Ref}, {"commit", pub.Commit}, {"trigger", pub.Trigger}, {"runner", pub.Runner},
		{"environment", pub.Environment}, {"run", pub.Run}, {"issuer", pub.Issuer},
		{"signer", pub.Signer}, {"signer URI", pub.SignerURI}, {"signer digest", pub.SignerDigest},
		{"email", pub.Email}} {
		end := p.here(fieldPlace(f.name), "certificate extensions")
		p.optional(f)
		end()
	}
}

// Published says for people how npm's registry claims that a release was
// published, and who approved it; "" for what it does not say.
func Published(u verify.NPMUser) (through, approved untrusted.Text) {
	if u.TrustedPublisher != "" {
		through = "the trusted publisher " + u.TrustedPublisher
	}
	if u.Approver != "" {
		approved = u.Approver + " (a staged publish)"
	}
	return through, approved
}

func (p *Doc) metadata(r *verify.Report) {
	c := r.Claims
	if c == (verify.Claims{}) {
		return
	}
	defer p.here(placeMetadata, "witness")()
	p.Heading("Registry metadata", muted("  not signed"))
	u := c.NPMUser
	through, approved := Published(u)
	p.optional(named{"repository", c.Repository}, named{"homepage", c.Homepage}, named{"license", c.License},
		named{"deprecated", c.Deprecated}, named{"published by", u.Name}, named{"through", through},
		named{"configuration", u.TrustedPublisherConfig}, named{"approved by", approved})
	if u != (verify.NPMUser{}) {
		p.Item(theme.Muted, "Who published and who approved are claims of the registry: nothing proves them, and they change no verdict.")
	}
}
