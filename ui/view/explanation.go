package view

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// maxMeant bounds what an explanation shows of a package.
const maxMeant = 5

// Explain adds what a word means, and what it is on the package of in if one is
// known: each entry has a heading of its own.
func (p *Doc) Explain(entries []explain.Entry, in Input) {
	if in.Report != nil {
		p.About(in.Report)
	}
	p.Labels = 5
	for _, e := range entries {
		sign, kind := p.sign(e), e.Kind.String()+": "+e.Short
		if heading := []Span{sign, muted("  " + kind)}; width(heading)+theme.Width(e.Word) <= p.Width {
			p.Heading(e.Word, heading...)
		} else {
			p.Heading(e.Word, muted(strings.TrimLeft(sign.Text+"  "+kind, " ")))
		}
		p.Item(theme.Plain, e.Is)
		p.Say("why", plain(e.Why))
		if e.Do != "" {
			p.Say("now", plain(e.Do))
		}
		if e.Spec != "" {
			p.specification(e.Spec)
		}
	}
	if in.Report != nil {
		p.onPackage(entries, in)
	}
}

// specification adds an address, whole if it fits on a line of its own.
func (p *Doc) specification(address string) {
	if label := indent + pad("spec", p.Labels) + " "; theme.Width(label)+theme.Width(address) > p.Width {
		p.Item(theme.Muted, "spec")
		p.Flow(plain(indent), p.Link(address))
		return
	}
	p.Say("spec", p.Link(address))
}

// sign is how the table shows a status or a finding's severity.
func (p *Doc) sign(e explain.Entry) Span {
	glyph, token := "", theme.Plain
	switch e.Kind {
	case explain.Status:
		if status, err := verify.ParseStatus(e.Word); err == nil {
			glyph, token = p.Theme.Status(status)
		}
	case explain.Severity:
		severities := map[string]verify.Severity{"info": verify.Info, "warning": verify.Warning, "error": verify.SeverityError}
		glyph, token = p.Theme.Severity(severities[e.Word])
	}
	if glyph != "" {
		glyph = "  " + glyph
	}
	return Span{token, glyph}
}

// onPackage adds what the words are on a package.
func (p *Doc) onPackage(entries []explain.Entry, in Input) {
	before := len(p.lines)
	p.Heading(p.packageName(in), p.readBack()...)
	head := len(p.lines)
	if in.Dossier != nil {
		report := *in.Report
		report.Artifacts = in.Dossier.Artifacts
		in.Report = &report
	}
	var checks []string
	for _, e := range entries {
		p.ofReport(e, in)
		if e.Kind == explain.Check {
			checks = append(checks, e.Word)
		}
		checks = append(checks, e.Checks...)
	}
	p.ofChecks(checks, in.Report)
	if len(p.lines) == head {
		p.lines = p.lines[:before]
	}
}

// readBack says of a package that nothing of it was verified now.
func (p *Doc) readBack() []Span {
	if !p.saved {
		return nil
	}
	return []Span{muted("  from a file of results: not verified now")}
}

// ofReport adds what the report says of a word.
func (p *Doc) ofReport(e explain.Entry, in Input) {
	r := in.Report
	findings := 0
	for _, f := range r.Findings {
		if e.Kind == explain.Rule && f.Rule == e.Word || e.Kind == explain.Severity && f.Severity.String() == e.Word {
			if findings++; findings <= maxMeant {
				p.finding(f)
			}
		}
	}
	p.more(findings)
	if e.Kind == explain.Status && e.Word == r.Status.String() || e.Kind == explain.Column && (e.Word == "status" || e.Word == "why") {
		s := p.verdictOf(r)
		p.Flow(plain(indent), s, plain("  "), plain(Sentence(r.Reason)))
	}
	word := e.Word
	if word == "provenance" {
		word = verify.KindProvenance.Noun()
	}
	p.ofEvidence(word, r)
	said := map[string]bool{}
	for _, value := range ofWord(p, e.Word, in) {
		if value != "" && !said[value] && len(said) < maxMeant {
			said[value] = true
			p.flow([]Span{plain(indent)}, nil, plain(value), maxValueRows)
		}
	}
}

// ofEvidence adds the evidence that is of the kind that a word names, each with its
// verdict and why.
func (p *Doc) ofEvidence(word string, r *verify.Report) {
	n := 0
	add := func(s verify.Status, what, reason string) {
		if n++; n <= maxMeant {
			p.evidenceLine(s, what, reason)
		}
	}
	for _, art := range arrange(r) {
		for _, a := range attestations(art) {
			switch noun := a.Kind.Noun(); word {
			case "attestation", "bundle", noun:
				add(a.Status, noun+" of "+p.name(art), a.Reason)
			}
		}
		for i := range art.Signatures {
			if s := &art.Signatures[i]; word == "registry signature" || word == "key" {
				add(s.Status, "signature "+p.Text(s.KeyID), s.Reason)
			}
		}
	}
	p.more(n)
}

// more says how many are left out.
func (p *Doc) more(n int) {
	if n > maxMeant {
		p.Item(theme.Muted, fmt.Sprintf("%d more on the Overview tab", n-maxMeant))
	}
}

// ofWord returns the cleaned values that a word has on a package. Those of the
// publisher are from a certificate that verified.
func ofWord(p *Doc, word string, in Input) (values []string) {
	r := in.Report
	if r.Publisher != nil {
		who := r.Publisher
		of := map[string]untrusted.Text{
			"source": who.Repository, "commit": who.Commit, "ref": who.Ref, "repository number": who.RepositoryID,
			"publisher": untrusted.Text(who.Kind), "OIDC issuer": who.Issuer, "signer identity": who.Signer,
			"workflow": who.Workflow, "trigger": who.Trigger, "runner": who.Runner,
		}
		if value := of[word]; value != "" {
			return []string{p.Text(value)}
		}
	}
	switch word {
	case "SLSA level", "slsa":
		return []string{Sentence(fmt.Sprintf("level %d: %s", r.SLSA.Level, r.SLSA.Reason))}
	case "expected":
		return []string{p.Text(in.Spec.Provenance.RepositoryURI)}
	case "version":
		return []string{p.Text(in.Spec.Version)}
	}
	for i := range r.Artifacts {
		art := &r.Artifacts[i]
		switch {
		case art.Record != nil && slices.Contains([]string{"h1", "go.sum", "digest", "artifact"}, word):
			values = append(values, p.name(art)+": "+p.Text(art.Record.Zip))
		case art.Record != nil && (word == "checksum database" || word == "tree head"):
			values = append(values, fmt.Sprintf("%s, a tree of %d records", p.Text(art.Record.Database), art.Record.Size))
		case word == "GONOSUMDB":
			values = append(values, p.clean(art.Excluded, maxValue))
		case word == "digest", word == "artifact":
			values = append(values, p.name(art)+": "+p.clean(orNoDigest(art.Digest), maxValue))
		}
		for j := range art.Attestations {
			values = append(values, p.ofAttestation(word, &art.Attestations[j])...)
		}
	}
	return values
}

func (p *Doc) ofAttestation(word string, a *verify.Attestation) (values []string) {
	switch word {
	case "predicate":
		values = append(values, p.Text(a.PredicateType))
	case "subject":
		for _, s := range a.Subjects {
			values = append(values, p.Text(s))
		}
	case "certificate", "Fulcio":
		if leaf := a.Leaf; leaf != nil && !leaf.NotBefore.IsZero() {
			values = append(values, p.Text(leaf.Issuer)+", "+duration(leaf.NotAfter.Sub(leaf.NotBefore))+" from "+when(leaf.NotBefore))
		}
	case "log entry", "log index", "integrated time", "Rekor", "transparency log":
		for i := range a.Log {
			values = append(values, p.entryName(&a.Log[i]))
		}
	}
	return values
}

// ofChecks adds how the checks that show a word came out. Of an attestation whose
// checks are not listed, its verdict says it.
func (p *Doc) ofChecks(ids []string, r *verify.Report) {
	if len(ids) == 0 {
		return
	}
	several, shown := attestationCount(r), 0
	for _, art := range arrange(r) {
		for i := range checksOf(art.Record) {
			if k := &art.Record.Checks[i]; slices.Contains(ids, string(k.ID)) {
				p.checkLine(k)
			}
		}
		for _, a := range attestations(art) {
			var checks []*verify.Check
			for i := range a.Checks {
				if slices.Contains(ids, string(a.Checks[i].ID)) {
					checks = append(checks, &a.Checks[i])
				}
			}
			if len(checks) == 0 && len(a.Checks) > 0 {
				continue // another kind of attestation
			}
			if shown++; shown > maxMeant {
				continue
			}
			if several > 1 || len(checks) == 0 {
				s := p.Status(a.Status)
				p.Flow(plain(indent), Span{s.Token, s.Text + "  "}, plain(a.Kind.Noun()+" of "+p.name(art)))
			}
			for _, k := range checks {
				p.checkLine(k)
			}
			switch {
			case len(checks) > 0:
			case p.saved:
				p.Item(theme.Muted, "The single checks are "+notInFile+".")
			default:
				p.Item(theme.Muted, "The single checks are listed once the evidence is read again.")
			}
		}
	}
	p.more(shown)
}

// checksOf are those of a record, or none if r is nil.
func checksOf(r *verify.Record) []verify.Check {
	if r == nil {
		return nil
	}
	return r.Checks
}
