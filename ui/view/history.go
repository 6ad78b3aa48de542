package view

import (
	"fmt"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
)

// HistoryState says how far the history of a package is known.
type HistoryState uint8

// The states.
const (
	HistoryUnavailable HistoryState = iota // nothing can be asked for it
	HistoryLoading
	HistoryFailed
	HistoryKnown
)

// Past is what is known of the versions before the one that was checked. The
// zero value says that histories are not available.
type Past struct {
	State   HistoryState
	History *history.History // when it is known
	Problem string           // why it is not, and what to do
}

// maxVersions bounds the versions of a history that are listed.
const maxVersions = 2000

// history shows what the registry offers for each version. None of it is
// verified, so nothing of it is drawn as proven.
func (p *page) history(in Input) {
	switch past := in.Past; {
	case p.inspected != nil:
		p.para(theme.Muted, "A file of evidence has no history: no registry was asked.")
	case in.Spec.Err != nil:
		p.para(theme.Strong, "The spec cannot be read, so there is no package whose history could be shown.")
	case past.State == HistoryLoading:
		p.para(theme.Muted, "Asking the registry for the earlier versions…")
	case past.State == HistoryFailed:
		glyph, token := p.th.Severity(verify.Warning)
		p.flow([]span{{token, glyph + " "}}, nil, theme.Strong, "The history could not be had.", 0)
		p.item(theme.Plain, capital(stop(p.clean(past.Problem, maxValue))))
		p.item(theme.Muted, "Press r to try again. The verdict on this package does not depend on it.")
	case past.State != HistoryKnown || past.History == nil:
		p.para(theme.Muted, "The history is not available here: these are results without a registry that could be asked.")
	default:
		p.pastWarnings(past.History)
		p.pastVersions(past.History)
	}
}

func (p *page) pastWarnings(h *history.History) {
	p.heading("Compared with the versions before")
	p.item(theme.Plain, capital(stop(h.Summary())))
	if h.Source.URL != "" {
		p.field("from", span{theme.Plain, p.text(h.Source.URL)})
		p.field("fetched", span{theme.Plain, when(h.Source.Time)})
	}
	if len(h.Findings) == 0 && h.Current() != nil {
		p.item(theme.Muted, "Nothing was lost or changed in what is known of them.")
	}
	for _, f := range h.Findings {
		glyph, token := p.th.Severity(f.Severity)
		p.flow([]span{{theme.Plain, indent}, {token, pad(glyph+" "+f.Severity.String(), 11)}}, nil,
			theme.Plain, capital(stop(f.Message)), 0)
		p.expectation(f.Expected, f.Observed, theme.Plain)
		p.detail("rule", f.Rule, theme.Muted)
	}
}

// versionColumns is the width from which a version takes one line.
const versionColumns = 72

func (p *page) pastVersions(h *history.History) {
	p.heading("Versions", muted("  the newest first; what the registry offers, not verified"))
	if len(h.Versions) == 0 {
		p.item(theme.Muted, "The registry lists none.")
		return
	}
	from := 0
	for i := range h.Versions {
		if h.Versions[i].Current && i >= maxVersions { // the current one is always shown
			from = i + 1 - maxVersions
		}
	}
	to := min(len(h.Versions), from+maxVersions)
	if from > 0 {
		p.item(theme.Muted, untrusted.Plural(from, "newer version")+" not shown.")
	}
	for i := from; i < to; i++ {
		p.pastVersion(&h.Versions[i])
	}
	if left := len(h.Versions) - to; left > 0 {
		p.item(theme.Muted, untrusted.Plural(left, "older version")+" not shown.")
	}
}

func (p *page) pastVersion(v *history.Version) {
	mark, token := "  ", theme.Plain
	if v.Current {
		mark, token = p.glyph(theme.GlyphCursor)+" ", theme.Strong
	}
	version := p.text(v.Version)
	p.values.add("version", version)
	day := "no date"
	if !v.Time.IsZero() {
		day = v.Time.UTC().Format(dayLayout)
	}
	if theme.Width(day) > len(dayLayout) || v.Time.Year() > 9999 || v.Time.Year() < 0 {
		day = "odd date"
	}
	offer := span{theme.Plain, offered(v)}
	if v.Lost {
		offer.token = theme.Warn
	}
	if p.width >= versionColumns {
		p.flow([]span{{theme.Strong, mark}, {token, pad(theme.Cut(version, 20), 21)}, muted(pad(day, 12))}, nil, offer.token, offer.text, 0)
	} else {
		p.flow([]span{{theme.Strong, mark}}, nil, token, version, maxValueRows)
		p.flow([]span{{theme.Plain, indent + indent}, muted(pad(day, 11))}, nil, offer.token, offer.text, 0)
	}
	p.versionNotes(v)
}

// offered says in a few words what a version has, and what it has lost.
func offered(v *history.Version) string {
	text := v.Offer.String()
	switch {
	case v.Files > 0 && v.Offer == history.Nothing:
		text = fmt.Sprintf("nothing (%s)", untrusted.Plural(v.Files, "file"))
	case v.Files > 0:
		text = fmt.Sprintf("attestations of %d of %s", v.Attested, untrusted.Plural(v.Files, "file"))
	}
	if v.Prerelease {
		text += ", pre-release"
	}
	if v.Lost {
		text += ", less than " + untrusted.Shorten(string(v.Before), 64)
	}
	if v.Withdrawn {
		text += ", withdrawn"
	}
	if v.Current {
		text += ", this one"
	}
	return text
}

// versionNotes says what belongs to a version and has no column.
func (p *page) versionNotes(v *history.Version) {
	note := func(label string, token theme.Token, value string) {
		if value != "" {
			p.values.put(label, value)
			p.flow([]span{{theme.Plain, indent + indent}, muted(label + " ")}, nil, token, p.clean(value, 300), 2)
		}
	}
	if v.Problem != "" {
		note("cannot be read:", theme.Warn, v.Problem)
	}
	if v.PredicateType != "" && (v.Current || v.Lost) {
		note("predicate type", theme.Plain, string(v.PredicateType))
	}
	if v.Reason != "" {
		note("withdrawn:", theme.Plain, string(v.Reason))
	}
	if v.Publisher != nil && v.Publisher.Repository != "" {
		note("verified, from", theme.Plain, string(v.Publisher.Repository))
	}
}
