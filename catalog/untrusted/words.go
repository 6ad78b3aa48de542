package untrusted

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// Plural returns "1 key" or "2 keys", "2 entries" for "entry".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok && strings.TrimRight(stem, "aeiou") == stem {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// List returns "a, b and 3 more": at most so many of the items, cleaned, and how
// many others there are, those included that are not among the items.
func List[T ~string](items []T, most, others int) string {
	var b strings.Builder
	for i, item := range items[:min(most, len(items))] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(Clean(string(item)))
	}
	if others += max(0, len(items)-most); others > 0 {
		fmt.Fprintf(&b, " and %d more", others)
	}
	return b.String()
}

// Cut returns the beginning of s, at most limit bytes, without dividing a
// character.
func Cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	end := limit
	for end > 0 && end > limit-utf8.UTFMax && !utf8.RuneStart(s[end]) { // further back it is no UTF-8
		end--
	}
	return s[:end]
}

// Excerpt bounds a text that goes into an error with %q: its beginning, raw,
// and "..." if there is more.
func Excerpt(s string) Text {
	const limit = 120
	if len(s) > limit {
		s = Cut(s, limit) + "..."
	}
	return Text(s)
}

// LowerASCII folds A to Z only. Unicode folding would make the Kelvin sign a k,
// and a look-alike owner the real one.
func LowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// IsASCII reports whether s holds nothing but ASCII.
func IsASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Earlier returns the earlier of two times. A zero time is not known and does
// not count.
func Earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Ended reports whether a last day, given by its beginning in UTC, is over. The
// zero time is none.
func Ended(last, now time.Time) bool { return !last.IsZero() && !now.Before(last.AddDate(0, 0, 1)) }

// Base64Fault says what is wrong with a text that should be base64 on one line,
// for people, and never more of the text than an excerpt.
func Base64Fault(text string) string {
	switch {
	case strings.HasPrefix(strings.TrimSpace(text), "-----BEGIN"):
		return "expected base64 of DER, found PEM"
	case strings.ContainsAny(text, "\r\n"):
		return "expected base64 on one line, found base64 with line breaks, as MIME writes it: join its lines"
	}
	return fmt.Sprintf("expected base64, found %q", Excerpt(text))
}
