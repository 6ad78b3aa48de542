package confusable

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mtibben/confusables"

	"plimsoll/catalog/untrusted"
)

// Kind is what is remarkable about a name, the worst last.
type Kind uint8

// The kinds of names.
const (
	Plain   Kind = iota // ASCII, or Latin with accents
	Foreign             // one script that is not Latin: remarkable only where ASCII is the rule
	Twin                // looks like an ASCII name, and is none
	Mixed               // scripts that no language writes together
	Hidden              // characters that cannot be seen
)

// Name is one part of a name, and what is remarkable about it.
type Name struct {
	Text    string   // as it was received
	Kind    Kind     // Plain: the other fields are empty
	Scripts []string // of its letters, sorted: "Cyrillic", "Latin"
	Strange []rune   // the characters that make it remarkable, each once, in order
	Like    string   // the ASCII name that it looks like; "" for none
}

// maxBytes is how much of a text is looked at. No registry and no host of
// repositories takes names as long.
const maxBytes = 4096

// separators divide a text into the parts that are names on their own: a host,
// an owner, a repository, a file. A hyphen does not: "mcp-сервер" is one name.
const separators = `/@:.?#&=\ `

// Names returns the remarkable parts of a text that holds names: a package, an
// address, a path. Each part comes once. Texts in ASCII have none.
func Names(s string) []Name {
	if untrusted.IsASCII(s) {
		return nil
	}
	var names []Name
	for _, part := range strings.FieldsFunc(untrusted.Cut(s, maxBytes), isSeparator) {
		known := func(n Name) bool { return n.Text == part }
		if n := judge(part); n.Kind != Plain && !slices.ContainsFunc(names, known) {
			names = append(names, n)
		}
	}
	return names
}

func isSeparator(r rune) bool { return strings.ContainsRune(separators, r) }

// judge looks at one part.
func judge(part string) Name {
	n := Name{Text: part}
	if untrusted.IsASCII(part) {
		return n
	}
	var others, unseen, foreign []rune
	scripts := map[string]bool{}
	for _, r := range part {
		script := scriptOf(r)
		if script != "" {
			scripts[script] = true
		}
		switch {
		case ascii(r):
			continue
		case hidden(r):
			unseen = append(unseen, r)
		case script != "" && script != "Latin":
			foreign = append(foreign, r)
		}
		others = append(others, r)
	}
	for script := range scripts {
		n.Scripts = append(n.Scripts, script)
	}
	slices.Sort(n.Scripts)
	if len(unseen) == 0 {
		n.Like = like(part)
	}
	switch {
	case len(unseen) > 0:
		n.Kind, n.Strange = Hidden, unseen
	case !together(n.Scripts):
		n.Kind, n.Strange = Mixed, strangers(n.Scripts, part)
	case n.Like != "":
		n.Kind, n.Strange = Twin, others
	case len(foreign) > 0:
		n.Kind, n.Strange = Foreign, foreign
	default:
		return Name{Text: part} // Latin with accents, or signs
	}
	n.Strange = unique(n.Strange)
	return n
}

// strangers are the letters outside ASCII of the scripts that are not the
// name's own: Latin if it has Latin letters.
func strangers(scripts []string, part string) (out []rune) {
	latin := slices.Contains(scripts, "Latin")
	for _, r := range part {
		if script := scriptOf(r); !ascii(r) && script != "" && !(latin && script == "Latin") {
			out = append(out, r)
		}
	}
	return out
}

// together reports whether names may mix these scripts (UTS #39, section 5.2,
// "highly restrictive").
func together(scripts []string) bool {
	if len(scripts) < 2 {
		return true
	}
	for _, allowed := range [][]string{
		{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"},
	} {
		if !slices.ContainsFunc(scripts, func(s string) bool { return !slices.Contains(allowed, s) }) {
			return true
		}
	}
	return false
}

// like returns the ASCII name that s looks like, "" if it looks like none.
func like(s string) string {
	var b strings.Builder
	for _, r := range s {
		if ascii(r) {
			b.WriteRune(r) // its own skeleton may be another letter, as m is rn
			continue
		}
		prototype := confusables.Skeleton(string(r))
		if prototype == "" || !untrusted.IsASCII(prototype) {
			return ""
		}
		b.WriteString(prototype)
	}
	return b.String()
}

// hidden reports whether a character cannot be seen, or acts on others.
func hidden(r rune) bool {
	beside := "a" + string(r)
	return r == utf8.RuneError || untrusted.Clean(beside) != beside
}

// Alike reports whether two different texts look the same to a person: their
// skeletons are equal (UTS #39, section 4), with or without regard to case.
func Alike(a, b string) bool {
	if a == b || len(a) > maxBytes || len(b) > maxBytes {
		return false
	}
	lowerA, lowerB := strings.ToLower(a), strings.ToLower(b)
	if lowerA == lowerB {
		return false // they are the same to whoever does not care about case
	}
	return confusables.Skeleton(a) == confusables.Skeleton(b) || confusables.Skeleton(lowerA) == confusables.Skeleton(lowerB)
}

// Reveal cleans s, which holds names, for one line, and writes escapes for the
// characters outside ASCII of every part that can be taken for another. All
// other names stay readable: those of a whole script as well. A text too long
// to be looked at as a whole is escaped as a whole.
func Reveal(s string) string {
	if len(s) > maxBytes {
		return Escape(s)
	}
	names := Names(s)
	names = slices.DeleteFunc(names, func(n Name) bool { return n.Kind == Foreign })
	if len(names) == 0 {
		return untrusted.Clean(s)
	}
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, isSeparator)
		if end < 0 {
			end = len(s)
		}
		part := s[:end]
		if slices.ContainsFunc(names, func(n Name) bool { return n.Text == part }) {
			part = Escape(part)
		}
		b.WriteString(part)
		s = s[end:]
		if s != "" { // every separator is one byte
			b.WriteByte(s[0])
			s = s[1:]
		}
	}
	return untrusted.Clean(b.String())
}

// Escape cleans s for one line and writes every character outside ASCII as an
// escape, \u or \U and its code.
func Escape(s string) string { return untrusted.ASCII(untrusted.Clean(s)) }
