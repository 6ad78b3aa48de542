package view

import (
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/confusable"
)

const (
	timeLayout  = "2006-01-02 15:04:05 UTC"
	clockLayout = "15:04:05"
	dayLayout   = "2006-01-02"
	year        = 8766 * time.Hour
)

// The words for evidence that has no verdict of its own: nothing was verified,
// or it was compared with no artifact.
const (
	notVerified = "not verified"
	notCompared = "not compared with any file"
	notKnown    = "not known"
	notChecked  = "could not be checked"
	looksOnly   = "Not verified: the evidence below was decoded, to be looked at. Nothing of it is proven."
)

func when(t time.Time) string {
	if t.IsZero() {
		return "not given"
	}
	return t.UTC().Format(timeLayout)
}

// When writes a time, and how long ago it was unless now is zero.
func When(t, now time.Time) string {
	if t.IsZero() || now.IsZero() {
		return when(t)
	}
	return when(t) + " (" + Ago(now.Sub(t)) + ")"
}

// repository writes a repository's address short: owner/name on GitHub, with
// its host anywhere else, so that two hosts never look alike. An address that
// is not understood stays as it is.
func repository(t untrusted.Text) string {
	raw := strings.TrimSpace(string(t))
	if len(raw) > maxValue {
		return untrusted.Shorten(raw, maxValue)
	}
	switch repo, ok := verify.ParseRepository(raw); {
	case !ok:
		return confusable.Reveal(raw)
	case repo.Host == "github.com":
		return confusable.Reveal(repo.Path)
	default:
		return confusable.Reveal(repo.String())
	}
}

// address drops the scheme of a web address that stands in a sentence.
func address(s string) string {
	return strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
}

// commit writes a commit id short.
func commit(s string) string {
	if len(s) == 40 && strings.Trim(s, "0123456789abcdef") == "" {
		return s[:7]
	}
	return s
}

// duration writes how long a certificate is valid in a person's units.
func duration(d time.Duration) string {
	switch {
	case d < 0:
		return "ends before it starts"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d seconds", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 72*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case d < 2*year:
		return fmt.Sprintf("%d days", int(d.Hours()/24))
	default:
		return fmt.Sprintf("%d years", int(d/year))
	}
}

// moment is when without the zone, for lines that have little room.
func moment(t time.Time) string { return strings.TrimSuffix(when(t), " UTC") }

// name is what to call an artifact in a heading.
func (p *Doc) name(a *verify.ArtifactReport) string {
	if p.inspected != nil {
		return p.Text(p.inspected.File)
	}
	if a.Filename == "" {
		return "unnamed artifact"
	}
	return p.Text(a.Filename)
}

// predicate is the statement's predicate type without its scheme.
func (p *Doc) predicate(a *verify.Attestation) string {
	if a.PredicateType == "" {
		return "no predicate type"
	}
	return address(p.clean(string(a.PredicateType), 300))
}

// Sentence makes a sentence of a text: a full stop, and a capital unless its
// first word is the name of a file or a tool.
func Sentence(s string) string { return capital(stop(s)) }

func capital(s string) string {
	word, _, _ := strings.Cut(s, " ")
	if word == "" || strings.Trim(strings.TrimRight(word, ",:"), "abcdefghijklmnopqrstuvwxyz'") != "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func stop(s string) string {
	if s == "" || strings.HasSuffix(s, ".") || strings.HasSuffix(s, "…") {
		return s
	}
	return s + "."
}

// Unsigned says of an index or a time that nobody vouches for it.
func (p *Doc) Unsigned() string {
	if p.unverified {
		return notVerified
	}
	return "not signed"
}

// reasoned adds to a result why it is so, once.
func reasoned(result Span, reason string) Span {
	if strings.HasSuffix(result.Text, notVerified) {
		reason = strings.TrimPrefix(reason, notVerified+": ")
	}
	if reason != "" {
		result.Text += ": " + reason
	}
	return result
}

// column pads the word of a result to the width of the column of results.
func (p *Doc) column(text string) string {
	if p.unverified {
		return pad(text, 16)
	}
	return pad(text, len("? unchecked  "))
}

// Ago writes how long ago something was, as exactly as a person asks for.
func Ago(d time.Duration) string {
	unit := func(n int, what string) string { return untrusted.Plural(n, what) + " ago" }
	switch {
	case d < 0:
		return "by this machine's clock in the future"
	case d < time.Minute:
		return "just now"
	case d < 2*time.Hour:
		return unit(int(d.Minutes()), "minute")
	case d < 48*time.Hour:
		return unit(int(d.Hours()), "hour")
	default:
		return unit(int(d.Hours()/24), "day")
	}
}

// DiffToken is the style of a line of a unified diff. What is added is not green:
// nothing proves it.
func DiffToken(line string) theme.Token {
	switch {
	case strings.HasPrefix(line, "+"):
		return theme.Accent
	case strings.HasPrefix(line, "-"):
		return theme.Bad
	case strings.HasPrefix(line, "@"), strings.HasPrefix(line, "diff "):
		return theme.Muted
	}
	return theme.Plain
}
