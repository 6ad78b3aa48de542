package view

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/confusable"
)

// maxPreviewFindings bounds the findings of a preview.
const maxPreviewFindings = 3

// Said is what the row beside a preview already says, and says whole.
type Said struct {
	Name bool // the package and its version
	Why  bool // [Why], or there is nothing to say
}

// Preview renders the package in short, for the pane beside or below the table:
// the chain of custody and the first findings, without what the row says.
func Preview(in Input, th *theme.Theme) []string {
	if in.Width < 1 {
		return nil
	}
	p := newPage(in, th)
	if !in.Said.Name {
		p.flow(nil, nil, Span{theme.Title, p.packageName(in)}, 3)
	}
	if p.pending(in) {
		return p.Lines()
	}
	r := in.Report
	if !in.Said.Why {
		p.Flow(p.verdictOf(r), plain(""))
		p.Para(theme.Plain, Sentence(r.Reason))
	}
	p.onlyLooked(r)
	p.Blank()
	c, links := custody(p, r)
	links = c.inBrief(links)
	for i := range links {
		if in.Said.Why && mentions(r.Reason, links[i].why) {
			links[i].why = ""
		}
	}
	if of := p.chainOf(&c); of != nil {
		p.Flow(muted("Chain of custody" + of[0].Text))
	}
	if p.Width >= wide {
		p.drawChain(links)
	} else {
		for _, l := range links {
			p.drawLink(l)
		}
	}
	p.previewFindings(r, links, in.Said)
	return p.Lines()
}

func (p *Doc) packageName(in Input) string {
	name, version := in.Spec.Package, in.Spec.Version
	if name == "" {
		name = in.Spec.Server
	}
	s := p.Text(untrusted.Text(confusable.Reveal(bounded(string(name)))))
	if version != "" {
		s += " " + p.Text(version)
	}
	if s == "" {
		return "unnamed package"
	}
	return s
}

// previewFindings lists the findings that neither the row nor a link tells.
func (p *Doc) previewFindings(r *verify.Report, links []link, said Said) {
	told := func(f verify.Finding) bool {
		if said.Why && (inBrief(&f) == Why(r) || mentions(f.Message, r.Reason) || mentions(r.Reason, f.Message)) {
			return true
		}
		return slices.ContainsFunc(links, func(l link) bool {
			return l.state != verify.Pass &&
				(mentions(f.Message, l.why) || mentions(l.why, f.Expected) || mentions(l.says, address(f.Expected)))
		})
	}
	shown := 0
	for i, f := range r.Findings {
		if told(f) {
			continue
		}
		if shown == 0 {
			p.Blank()
		}
		if shown++; shown > maxPreviewFindings {
			p.Para(theme.Muted, fmt.Sprintf("%d more on the Overview tab", len(r.Findings)-i))
			return
		}
		glyph, token := p.Theme.Severity(f.Severity)
		p.flow([]Span{{token, glyph + " "}}, nil, plain(Sentence(f.Message)), maxValueRows)
	}
}

// mentions reports whether a text says a part, in any case.
func mentions(text, part string) bool {
	return part != "" && strings.Contains(strings.ToLower(text), strings.ToLower(part))
}
