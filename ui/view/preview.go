package view

import (
	"fmt"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/confusable"
)

// maxPreviewFindings bounds the findings of a preview.
const maxPreviewFindings = 3

// Preview renders the package in short, for the pane beside the table: the
// verdict, each link of the chain of custody, the first findings.
func Preview(in Input, th *theme.Theme) []string {
	if in.Width < 1 {
		return nil
	}
	p := newPage(in, th)
	p.flow(nil, nil, Span{theme.Title, p.packageName(in)}, 3)
	if p.pending(in) {
		return p.Lines()
	}
	r := in.Report
	p.Flow(p.verdictOf(r), plain(""))
	p.Para(theme.Plain, Sentence(r.Reason))
	p.onlyLooked(r)
	p.Blank()
	_, links := custody(p, r)
	for _, l := range links {
		p.previewLink(l)
	}
	p.previewFindings(r)
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

func (p *Doc) previewLink(l link) {
	glyph, token := p.Theme.Check(l.state)
	first := []Span{{token, glyph + " "}, {theme.Strong, theme.Fit(l.name, 13)}}
	if l.edge {
		first[1].Token = theme.Muted
	}
	value := l.shown()
	if l.brief != "" {
		value.Text = l.brief
	}
	p.flow(first, nil, value, 3)
	if l.state == verify.Pass {
		return
	}
	p.Flow(plain("               "), Span{token, l.says + p.brokenMark(l)})
	if (l.state == verify.Fail || l.broken) && l.why != "" {
		p.flow([]Span{{theme.Plain, indent}}, nil, plain(Sentence(l.why)), 6)
	}
}

func (p *Doc) previewFindings(r *verify.Report) {
	if len(r.Findings) == 0 {
		return
	}
	p.Blank()
	for i, f := range r.Findings {
		if i == maxPreviewFindings {
			p.Para(theme.Muted, fmt.Sprintf("%d more on the Overview tab", len(r.Findings)-i))
			return
		}
		glyph, token := p.Theme.Severity(f.Severity)
		p.flow([]Span{{token, glyph + " "}}, nil, plain(Sentence(f.Message)), maxValueRows)
	}
}
