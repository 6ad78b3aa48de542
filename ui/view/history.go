package view

import (
	"fmt"
	"strings"

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
	Problem string           // why it is not
	Final   bool             // asking again gives the same problem
}

// maxVersions bounds the versions of a history that are listed.
const maxVersions = 2000

// history shows what the registry offers for each version. None of it is
// verified, so nothing of it is drawn as proven.
func (p *Doc) history(in Input) {
	switch past := in.Past; {
	case p.inspected != nil:
		p.Para(theme.Muted, "A file of evidence has no history: no registry was asked.")
	case in.Spec.Err != nil:
		p.Para(theme.Strong, "The spec cannot be read, so there is no package whose history could be shown.")
	case past.State == HistoryLoading:
		p.Para(theme.Muted, "Asking the registry for the earlier versions…")
	case past.State == HistoryFailed:
		glyph, token := p.Theme.Status(verify.Unchecked)
		p.Flow(Span{token, glyph + " "}, Span{theme.Strong, "The history could not be fetched."})
		p.Item(theme.Plain, Sentence(p.clean(past.Problem, maxValue)))
		if !past.Final {
			p.Item(theme.Muted, "Recheck the package to try again.")
		}
		p.Item(theme.Muted, "The verdict does not depend on this.")
	case past.State != HistoryKnown || past.History == nil:
		p.Para(theme.Muted, "The history is not available here: these are results without a registry that could be asked.")
	default:
		p.pastWarnings(past.History)
		p.pastVersions(past.History)
	}
}

func (p *Doc) pastWarnings(h *history.History) {
	p.Heading("Compared with the versions before")
	p.Item(theme.Plain, Sentence(h.Summary()))
	if h.Source.URL != "" {
		p.field("from", h.Source.URL)
		p.Field("fetched", plain(when(h.Source.Time)))
	}
	if len(h.Findings) == 0 && h.Current() != nil {
		p.Item(theme.Muted, "Nothing was lost or changed in what is known of them.")
	}
	for _, f := range h.Findings {
		p.finding(f)
	}
}

// versionColumns is the width from which a version takes one line.
const versionColumns = 72

func (p *Doc) pastVersions(h *history.History) {
	said := "  the newest first; what the registry offers, not verified"
	if h.Release.Ecosystem == verify.Go {
		said = "  the newest first; what the module proxy lists and says of them, not verified"
	}
	p.Heading("Versions", muted(said))
	if len(h.Versions) == 0 {
		p.Item(theme.Muted, "The registry lists none.")
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
		p.Item(theme.Muted, untrusted.Plural(from, "newer version")+" not shown.")
	}
	for i := from; i < to; i++ {
		p.pastVersion(&h.Versions[i], h.Release.Ecosystem)
	}
	if left := len(h.Versions) - to; left > 0 {
		p.Item(theme.Muted, untrusted.Plural(left, "older version")+" not shown.")
	}
}

func (p *Doc) pastVersion(v *history.Version, of verify.Ecosystem) {
	token := theme.Plain
	if v.Current {
		token = theme.Strong
	}
	version := p.Text(v.Version)
	p.values.put("version", string(v.Version))
	day := "no date"
	if !v.Time.IsZero() {
		day = v.Time.UTC().Format(dayLayout)
	}
	switch {
	case v.TimeProblem != "" && of == verify.Go: // its .info could not be fetched, or read
		day = "not known"
	case v.TimeProblem != "" || theme.Width(day) > len(dayLayout) || v.Time.Year() > 9999 || v.Time.Year() < 0:
		day = "odd date"
	}
	offer := plain(offered(v, of) + claimed(v.Claimed))
	if v.Lost {
		offer.Token = theme.Warn
	}
	if p.Width >= versionColumns {
		p.Flow(plain(indent), Span{token, pad(theme.Cut(version, 20), 21)}, muted(pad(day, 12)), offer)
	} else {
		p.flow([]Span{plain(indent)}, nil, Span{token, version}, maxValueRows)
		p.Flow(plain(indent+indent), muted(pad(day, 11)), offer)
	}
	p.versionNotes(v)
}

// offered says in a few words what a version has, and what it has lost.
func offered(v *history.Version, of verify.Ecosystem) string {
	text := v.Offered.String()
	switch {
	case of == verify.Go && v.Offered == history.RungSignature:
		text = "its record was not asked for"
		if v.Current {
			text = "a record of the checksum database"
		}
	case of == verify.Go && v.Offered == history.RungNone:
		text = "kept from the checksum database"
	case v.Files > 0 && v.Offered == history.RungNone:
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

// claimed says who the registry says published a version, and how.
func claimed(u verify.NPMUser) string {
	var said []string
	if u.Name != "" {
		said = append(said, "by "+untrusted.Shorten(string(u.Name), 40))
	}
	if u.TrustedPublisher != "" {
		said = append(said, "trusted publisher "+untrusted.Shorten(string(u.TrustedPublisher), 24))
	}
	if u.Approver != "" {
		said = append(said, "staged and approved by "+untrusted.Shorten(string(u.Approver), 40))
	}
	if len(said) == 0 {
		return ""
	}
	return "; claimed: " + strings.Join(said, ", ")
}

// versionNotes says what belongs to a version and has no column.
func (p *Doc) versionNotes(v *history.Version) {
	note := func(label string, token theme.Token, value string) {
		if value != "" {
			p.values.put(label, value)
			p.flow([]Span{{theme.Plain, indent + indent}, muted(label + " ")}, nil, Span{token, p.clean(value, 300)}, 2)
		}
	}
	if v.Problem != "" {
		note("cannot be read:", theme.Warn, v.Problem)
	}
	if v.PredicateType != "" && (v.Current || v.Lost) {
		note("predicate type", theme.Plain, string(v.PredicateType))
	}
	if v.TimeProblem != "" {
		note("date:", theme.Warn, v.TimeProblem)
	}
	if v.Reason != "" {
		note("withdrawn:", theme.Plain, string(v.Reason))
	}
	if v.Publisher != nil && v.Publisher.Repository != "" {
		note("verified, from", theme.Plain, string(v.Publisher.Repository))
	}
}
