package pyname

import (
	"regexp"

	"plimsoll/catalog/untrusted"
)

// NormalizeName returns the PEP 503 form of a project name: ASCII letters in
// lower case, every run of "-", "_" and "." as one "-". Other bytes stay, so
// that no two names fall together through Unicode case folding.
func NormalizeName(name string) string {
	return separators.ReplaceAllLiteralString(untrusted.LowerASCII(name), "-")
}

var separators = regexp.MustCompile(`[-_.]+`)

var nameForm = regexp.MustCompile(`^[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?$`)

// ValidName reports whether name is a project name as PEP 508 allows it: ASCII
// letters, digits, "-", "_" and ".", with a letter or digit at both ends.
func ValidName(name string) bool {
	return len(name) <= untrusted.MaxPackageName && nameForm.MatchString(name)
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}
