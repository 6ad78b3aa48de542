package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/catalog/untrusted"
)

var (
	versionNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)
	preRelease    = regexp.MustCompile(`^(a|alpha|b|beta|c|rc|pre|preview|dev|next|canary|nightly|snapshot)[0-9]*$`)
)

// otherVersion reports whether a tag names a version, and none of those that
// it names is the given one: "v1.0.17" of 4.0.0, "pkg-v0.2.0" of 0.4.5. What
// stands before the number is the project's habit; behind it, only the words
// for a release before the release make another version.
func otherVersion(tag, version string) bool {
	if len(tag) > untrusted.MaxVersion || len(version) > untrusted.MaxVersion {
		return false
	}
	own := versionNumber.FindStringIndex(version)
	named := versionNumber.FindAllStringIndex(tag, -1)
	if own == nil || len(named) == 0 {
		return false
	}
	ownRest := joined(version[own[1]:])
	for _, at := range named {
		rest := joined(tag[at[1]:])
		same := slices.Equal(numbers(version[own[0]:own[1]]), numbers(tag[at[0]:at[1]]))
		if same && (rest == ownRest || !preRelease.MatchString(rest) && !preRelease.MatchString(ownRest)) {
			return false
		}
	}
	return true
}

// joined is a text without the separators of versions, in lower case.
func joined(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("-._", r) {
			return -1
		}
		return r
	}, untrusted.LowerASCII(s))
}

// numbers returns the parts of a dotted number without the zeros that mean
// nothing: 1.0 is 1.0.0, and 2026.07 is 2026.7.
func numbers(s string) []string {
	parts := strings.Split(s, ".")
	for i, part := range parts {
		if n, err := strconv.ParseUint(part, 10, 64); err == nil {
			parts[i] = strconv.FormatUint(n, 10)
		}
	}
	for len(parts) > 1 && parts[len(parts)-1] == "0" {
		parts = parts[:len(parts)-1]
	}
	return parts
}
