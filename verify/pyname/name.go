package pyname

import (
	"strings"

	"plimsoll/catalog/untrusted"
)

// NormalizeName returns the PEP 503 form of a project name: ASCII letters in
// lower case, every run of "-", "_" and "." as one "-". Other bytes stay, so
// that no two names fall together through Unicode case folding.
func NormalizeName(name string) string {
	var b strings.Builder
	b.Grow(len(name))
	separator := false
	for i := 0; i < len(name); i++ {
		c := name[i]
		if isSeparator(c) {
			separator = true
			continue
		}
		if separator {
			b.WriteByte('-')
			separator = false
		}
		b.WriteByte(lower(c))
	}
	if separator {
		b.WriteByte('-')
	}
	return b.String()
}

// ValidName reports whether name is a project name as PEP 508 allows it: ASCII
// letters, digits, "-", "_" and ".", with a letter or digit at both ends.
func ValidName(name string) bool {
	if name == "" || len(name) > untrusted.MaxPackageName {
		return false
	}
	for i := 0; i < len(name); i++ {
		if !isAlphanumeric(name[i]) && !isSeparator(name[i]) {
			return false
		}
	}
	return isAlphanumeric(name[0]) && isAlphanumeric(name[len(name)-1])
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlphanumeric(c byte) bool {
	c = lower(c)
	return isDigit(c) || 'a' <= c && c <= 'z'
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// lowerASCII is strings.ToLower without Unicode folding: the Kelvin sign is
// not a k.
func lowerASCII(s string) string {
	b := []byte(s)
	for i := range b {
		b[i] = lower(b[i])
	}
	return string(b)
}
