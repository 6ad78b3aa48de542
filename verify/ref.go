package verify

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

var (
	wholeCommit   = regexp.MustCompile(`^(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$`)
	shortCommit   = regexp.MustCompile(`^[0-9A-Fa-f]{7,63}$`) // git abbreviates to no less
	versionNumber = regexp.MustCompile(`[0-9]+(\.[0-9]+)+`)
	preRelease    = regexp.MustCompile(`^(a|alpha|b|beta|c|rc|pre|preview|dev|next|canary|nightly|snapshot)[0-9]*$`)
)

// refRow is the row of the spec's ref. A commit stands beside the certificate's
// commit, anything else beside the ref that it was built from.
func (w witnesses) refRow(p *Publisher, s *statement.Provenance) row {
	r := row{Comparison{Field: "ref", Spec: w.want.RepositoryRef, Certificate: p.Ref, Statement: s.Ref},
		"provenance.repository_ref", hint, p.sameRef, nil}
	if wholeCommit.MatchString(string(r.Spec)) {
		r.Certificate, r.Statement, r.equal = p.Commit, s.Commit, strings.EqualFold
	}
	return r
}

// sameRef compares refs; a bare name is taken for a tag, and the certificate's
// commit is what its ref pointed to.
func (p *Publisher) sameRef(said, proven string) bool {
	return said == proven || "refs/"+said == proven || "refs/tags/"+said == proven || p.Commit != "" && said == string(p.Commit)
}

// RefFor returns the ref that a spec of a version should name in place of said, or
// "" if said may stay or the certificate proves nothing better: the tag of that
// version or, in place of a commit, the commit. A branch may stay. It demands
// nothing, and people choose it.
func (p *Publisher) RefFor(said, version untrusted.Text) untrusted.Text {
	ref, commit := string(said), string(p.Commit)
	tag, isTag := strings.CutPrefix(string(p.Ref), "refs/tags/")
	switch {
	case ref != "" && (p.sameRef(ref, string(p.Ref)) || isBranch(ref, string(p.Ref))):
		return ""
	case wholeCommit.MatchString(commit) && (wholeCommit.MatchString(ref) || witnesses{publisher: p}.abbreviates(ref)):
		if strings.EqualFold(ref, commit) {
			return ""
		}
		return p.Commit
	case isTag && versionNumber.MatchString(tag) && !otherVersion(tag, string(version)):
		return p.Ref
	}
	return ""
}

// StaleRef returns the finding that a spec's ref is a tag of another version than
// the spec's own, which nobody needs a certificate to see.
func StaleRef(want catalog.Provenance, version untrusted.Text) (f Finding, stale bool) {
	w := witnesses{want: want, version: version}
	_, findings := w.judge(w.refRow(&Publisher{}, &statement.Provenance{}))
	if len(findings) == 0 {
		return Finding{}, false
	}
	return findings[0], true
}

// isBranch reports whether a ref is a branch, by its own form, by a name that is
// nobody's tag, or because the certificate has a branch of that name. A name that
// has a version in it was meant for a tag: whoever made a branch of it is told.
func isBranch(ref, proven string) bool {
	for _, prefix := range []string{"refs/heads/", "heads/", "refs/remotes/"} {
		if strings.HasPrefix(ref, prefix) {
			return true
		}
	}
	return slices.Contains([]string{"HEAD", "main", "master", "trunk", "develop"}, ref) ||
		"refs/heads/"+ref == proven && !versionNumber.MatchString(ref)
}

// abbreviates reports whether a ref begins as the certificate's commit does.
// That is no match: a commit that begins so can be made.
func (w witnesses) abbreviates(ref string) bool {
	return w.publisher != nil && shortCommit.MatchString(ref) && strings.HasPrefix(string(w.publisher.Commit), untrusted.LowerASCII(ref))
}

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
