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
	p.flow(nil, nil, theme.Title, p.packageName(in), 3)
	if p.pending(in) {
		return p.done().text()
	}
	r := in.Report
	p.flow([]span{p.verdictOf(r)}, nil, theme.Plain, "", 0)
	p.para(theme.Plain, capital(stop(r.Reason)))
	p.onlyLooked(r)
	p.blank()
	_, links := custody(p, r)
	for _, l := range links {
		p.previewLink(l)
	}
	p.previewFindings(r)
	return p.done().text()
}

func (p *page) packageName(in Input) string {
	name, version := in.Spec.Package, in.Spec.Version
	if name == "" {
		name = in.Spec.Server
	}
	s := p.text(untrusted.Text(confusable.Reveal(bounded(string(name)))))
	if version != "" {
		s += " " + p.text(version)
	}
	if s == "" {
		return "unnamed package"
	}
	return s
}

func (p *page) previewLink(l link) {
	glyph, token := p.th.Check(l.state)
	first := []span{{token, glyph + " "}, {theme.Strong, theme.Fit(l.name, 13)}}
	if l.edge {
		first[1].token = theme.Muted
	}
	value := l.value
	if l.brief != "" {
		value = l.brief
	}
	p.flow(first, nil, l.valueToken(), value, 3)
	if l.state == verify.Pass {
		return
	}
	p.flow([]span{{theme.Plain, "               "}}, nil, token, l.says+p.brokenMark(l), 0)
	if (l.state == verify.Fail || l.broken) && l.why != "" {
		p.flow([]span{{theme.Plain, indent}}, nil, theme.Plain, capital(stop(l.why)), 6)
	}
}

func (p *page) previewFindings(r *verify.Report) {
	if len(r.Findings) == 0 {
		return
	}
	p.blank()
	for i, f := range r.Findings {
		if i == maxPreviewFindings {
			p.para(theme.Muted, fmt.Sprintf("%d more on the Overview tab", len(r.Findings)-i))
			return
		}
		glyph, token := p.th.Severity(f.Severity)
		p.flow([]span{{token, glyph + " "}}, nil, theme.Plain, capital(stop(f.Message)), maxValueRows)
	}
}
