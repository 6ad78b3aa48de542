package view

import (
	"cmp"
	"strings"

	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
)

// differences says of each link what differs between both chains, by glyph and
// word. What another version always has, a commit, an entry of the log, a digest,
// is no difference.
func differences(th *theme.Theme, c *review.Change, before, after side) []Span {
	marks := make([]Span, len(after.links))
	for i := range marks {
		marks[i] = difference(th, c, before, after, i)
	}
	return marks
}

func difference(th *theme.Theme, c *review.Change, before, after side, i int) Span {
	b, a := before.links[i], after.links[i]
	switch held, holds := b.holds(), a.holds(); {
	case held && !holds && (a.says == notKnown || after.Report.Status == verify.Unchecked),
		!held && holds && (b.says == notKnown || before.Report.Status == verify.Unchecked):
		glyph, token := th.Status(verify.Unchecked)
		return Span{token, glyph + " not known of one"}
	case held && !holds:
		return Span{theme.Bad, th.Glyph(theme.GlyphDown) + " lost"}
	case !held && holds:
		return Span{theme.Plain, th.Glyph(theme.GlyphUp) + " gained"}
	case !held:
		return muted("")
	}
	severity, what := verify.Warning, ""
	switch a.name {
	case "source":
		severity, what = otherSource(before.chain.publisher(), after.chain.publisher())
	case "names":
		if c.Kind == review.Replaced {
			severity, what = verify.SeverityError, "another package"
		}
	case "artifact":
		if c.Kind == review.Edited && before.chain.art.Digest != after.chain.art.Digest {
			what = "other bytes"
		}
	default:
		what = otherwise(before.chain, after.chain, b, a)
	}
	switch {
	case what != "":
		glyph, token := th.Severity(severity)
		return Span{token, glyph + " " + what}
	case b.value != a.value:
		return muted(cmp.Or(renewed[a.name], "same"))
	}
	return muted("same")
}

// renewed says what is the same of a link whose value every version has anew.
var renewed = map[string]string{
	"source": "same repository", "certificate": "same authority", "log": "same log, new entry",
	"names": "new, as expected", "artifact": "new, as expected",
}

// holds reports whether a link is proven.
func (l link) holds() bool { return l.state == verify.Pass || l.vouch }

var otherSources = map[history.PublisherChange]string{
	history.PublisherRenamed: "renamed", history.PublisherTransferred: "another owner",
	history.PublisherRecreated: "another number", history.PublisherChanged: "another publisher",
	history.PublisherSameName: "same by name alone",
}

// otherSource says how the repository of one publisher relates to that of
// another, or "" if it is the same.
func otherSource(then, now *verify.Publisher) (severity verify.Severity, what string) {
	if then == nil || now == nil {
		return verify.Warning, ""
	}
	change, _ := history.ComparePublishers(then, now)
	switch {
	case change.Changed():
		return verify.SeverityError, otherSources[change]
	case change == history.PublisherRenamed, change == history.PublisherSameName:
		return verify.Info, otherSources[change]
	}
	return verify.Warning, ""
}

// otherwise names what differs of a link that is not the source, or "".
func otherwise(before, after chain, b, a link) string {
	switch a.name {
	case "built by", "published by", "signed by":
		then, now := before.publisher(), after.publisher()
		if then == nil || now == nil || b.name != a.name {
			break
		}
		var what []string
		_, differences := history.ComparePublishers(then, now)
		for _, d := range differences {
			what = append(what, d.What)
		}
		if len(what) > 0 {
			return "another " + strings.Join(what, ", ")
		}
		return ""
	case "certificate":
		if b.name == a.name && b.brief != a.brief {
			return "another authority"
		}
	case "signed":
		if b.value != a.value {
			return "another statement"
		}
	case "log":
		if before.entry().KnownLog != after.entry().KnownLog {
			return "another log"
		}
	case "key", "registry":
		if b.name == a.name && b.value != a.value {
			return "another key"
		}
	}
	if b.name != a.name {
		return a.name + ", was " + b.name
	}
	return ""
}

// entry is the log entry that is drawn, or the zero one.
func (c *chain) entry() (e verify.LogEntry) {
	if c.att != nil && len(c.att.Log) > 0 {
		e = c.att.Log[0]
	}
	return e
}
