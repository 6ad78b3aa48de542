package untrusted

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a string that came from outside, unchanged. Compare it raw (==, or
// string(t)); printing it with any fmt verb gives its cleaned form, so that a
// forgotten conversion shows an escape and never obeys one. That holds in
// slices, maps and structs as well, except for unexported fields: fmt cannot
// call their methods and prints them raw.
type Text string

// String returns t cleaned by [Clean].
func (t Text) String() string { return Clean(string(t)) }

// GoString returns t quoted, so that %#v is safe as well.
func (t Text) GoString() string { return strconv.QuoteToASCII(string(t)) }

// Format prints the cleaned text for every verb; %q and %x would otherwise
// bypass String with the raw bytes.
func (t Text) Format(f fmt.State, verb rune) {
	switch verb {
	case 'q':
		fmt.Fprint(f, strconv.QuoteToASCII(string(t)))
	case 'v':
		if f.Flag('#') {
			fmt.Fprint(f, t.GoString())
			return
		}
		fallthrough
	default:
		fmt.Fprintf(f, fmt.FormatString(f, 's'), Clean(string(t)))
	}
}

// maxMarks is how many combining marks in a row are shown as they are. No
// living script needs more; stacks of thousands stall terminals.
const maxMarks = 4

// Clean returns s in a form that is safe to write to a terminal as part of one
// line. ESC, the C0 and C1 controls, DEL, line and paragraph separators,
// unusual spaces, bidirectional and zero-width characters, invisible fillers,
// variation selectors, private and unassigned code points and invalid UTF-8
// become visible escapes such as \x1b, \u202e or \xff, and so does a combining
// mark at the start, which would change the character before the text; a run of
// combining marks is cut. Everything else, wide characters included, stays.
// Clean(Clean(s)) == Clean(s).
func Clean(s string) string {
	if i := firstUnsafe(s); i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	marks := 0
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if unicode.Is(unicode.M, r) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case r == utf8.RuneError && size <= 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case marks > maxMarks:
			if marks == maxMarks+1 {
				b.WriteRune('…')
			}
		case safe(r) && (i > 0 || marks == 0):
			b.WriteRune(r)
		default:
			writeEscape(&b, r)
		}
		i += size
	}
	return b.String()
}

// firstUnsafe returns the index of the first byte that Clean may change, or
// -1. Plain ASCII, by far the most common text, is decided without decoding.
func firstUnsafe(s string) int {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return i
		}
	}
	return -1
}

func safe(r rune) bool {
	if r < 0x7f {
		return r >= 0x20
	}
	return unicode.IsPrint(r) &&
		r != 0x2800 && r != 0x1d159 && // blank braille pattern, null notehead: invisible letters
		!unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) &&
		!unicode.Is(unicode.Variation_Selector, r)
}

func writeEscape(b *strings.Builder, r rune) {
	switch {
	case r == '\n':
		b.WriteString(`\n`)
	case r == '\r':
		b.WriteString(`\r`)
	case r == '\t':
		b.WriteString(`\t`)
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// MaxMessage bounds, in bytes, an error text from a library or a server that
// is shown to a person.
const MaxMessage = 400

// Message returns err's text cleaned, on one line, at most [MaxMessage] bytes:
// the error texts of sigstore-go hold raw certificate bytes and newlines.
// Message(nil) is "".
func Message(err error) string {
	if err == nil {
		return ""
	}
	return Shorten(err.Error(), MaxMessage)
}

// Shorten cleans s, makes every run of white space one space, and cuts it to at
// most limit bytes, on a rune boundary, ending in … if something was cut. A
// limit that does not hold … gives "".
func Shorten(s string, limit int) string {
	const more = "…"
	whole := true
	// Cleaning can shrink a text only by its white space and its marks: what
	// lies beyond some lengths of the limit is not worth reading.
	if long := 16 * max(limit, len(more)); len(s) > long {
		s, whole = Cut(s, long), false
	}
	s = Clean(strings.Join(strings.Fields(s), " "))
	if whole && len(s) <= limit {
		return s
	}
	cut := limit - len(more)
	if cut < 0 {
		return ""
	}
	return strings.TrimSuffix(Cut(s, cut), more) + more
}

// EscapeJSON rewrites valid JSON so that no byte of it can act on a terminal:
// every character that [Clean] would change becomes a \u escape inside its
// string, which leaves the decoded value the same. Between tokens, wherever JSON
// allows them, tabs and carriage returns become spaces.
func EscapeJSON(data []byte) []byte {
	s := string(data)
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError: // of the text, or for a byte that is no UTF-8
			b.WriteString(`\ufffd`)
		case r == '\t' || r == '\r': // never within a string of valid JSON
			b.WriteByte(' ')
		case r == '\n' || safe(r) && !unicode.Is(unicode.M, r):
			b.WriteString(s[i : i+size])
		case r >= 0x10000:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r>>10), 0xdc00+(r&0x3ff))
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return []byte(b.String())
}

// ASCII writes every character of s outside ASCII as an escape, \u or \U and
// its code in hex. What is ASCII stays, cleaned or not.
func ASCII(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}
