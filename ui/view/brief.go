package view

import (
	"cmp"
	"path"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify/confusable"
)

// briefs are the table's words for a reason that holds others: a row has the room of
// a few words, the preview and the Overview tab say the rest.
//
// A reason begins as they say, since what it quotes comes from outside. "…" stands for
// any text; what begins with a name of a file must end as they say.
var briefs = []struct{ begins, brief string }{
	{"the signature does not match the statement", "the signature does not match"},
	{"the signature does not match name, version", "the registry's signature does not match"},
	{"the log's signature over entry, index", "the log's signature does not verify"},
	{"the path of hashes leads to another root", "the inclusion proof leads to another root"},
	{"the signed checkpoint does not vouch for this root: the log signed root", "the checkpoint is of another root"},
	{"the signed checkpoint does not vouch for this root", "no checkpoint vouches for the root"},
	{"expected an entry in a transparency log, found none", "no entry in a transparency log"},
	{"the log entry records another signature", "the log entry is of another signature"},
	{"the log entry is of Rekor v2, which carries no time", "a Rekor v2 entry, and no signed time"},
	{"the entry names a log that the trust root does not hold", "the entry is of an unknown log"},
	{"the entry's kind is not the kind", "the entry's kind contradicts its body"},
	{"the registry's key was not valid at the signing time", "the registry's key was not valid then"},
	{"the certificate carries no signed certificate timestamp", "the certificate carries no SCT"},
	{"no certificate log of the trust root vouches", "no known log vouches for the certificate"},
	{"the certificate was issued by an authority that the trust root does not hold", "the certificate's issuer is unknown"},
	{"the certificate's source does not lie where its issuer vouches", "the issuer does not vouch for the source"},
	{"the certificate has an issuer of another kind", "the index names another kind of publisher"},
	{"the signature was logged outside the certificate's validity", "logged outside the certificate's validity"},
	{"timestamp …: it lies outside the ", "a timestamp lies outside the validity"},
	{"timestamp ", "a signed timestamp does not verify"},
	{"the statement is about other bytes", "the statement is about other bytes"},
	{"the predicate was made for another release", "the predicate is of another release"},
	{"this kind of attestation may not carry this predicate type", "a predicate type that may not stand here"},
	{"the wrapper names another predicate type", "the wrapper names another predicate type"},
	{"the index names another workflow", "the index names another workflow"},
	{"the index names another repository", "the index names another repository"},
	{"the index names another deployment environment", "the index names another environment"},
	{"provenance is advertised, but the registry answers 404", "advertised provenance is missing"},
	{"attestations are advertised, but the registry answers 404", "advertised attestations are missing"},
	{"provenance is advertised, but the object holds no attestations", "advertised provenance is empty"},
	{"attestations are advertised, but the registry's list of them is empty", "advertised attestations are missing"},
	{"provenance is advertised at an address that is refused", "advertised at an address that is refused"},
	{"expected version 1 of the provenance object", "a provenance object of unknown version"},
	{"there is no provenance among the attestations", "no provenance among the attestations"},
	{"signed with the registry's key ", "signed with a key for something else"},
	{"signed with a key that had ended", "signed with a key that had ended"},
	{"signed with a key that counts from ", "signed with a key before its start"},
	{"…which is not among the registry's keys", "signed with an unknown key"},
	{"file …\" is listed twice, ", "a file is listed twice"},
	{"the repository in the registry's metadata holds characters that cannot be seen", "the metadata hold invisible characters"},
	{"the repository in the registry's metadata is not the certificate's source", "the metadata name another repository"},
	{"plimsoll does not know these keys of the spec", "unknown keys of the spec"},
	{"the spec's repository cannot be read as a repository", "the spec's repository cannot be read"},
	{"the spec's ref is a tag of another version", "the spec's tag is of another version"},
	{"documented evidence has gone: ", "documented evidence has gone"},
	{"the index also lists what no rule places", "more files are listed, and not checked"},
	{"… was yanked from the index", "a file was yanked from the index"},
	{"record: the record is about something else", "the record is about something else"},
	{"signed tree head: the tree head is not signed", "the tree head is signed by somebody else"},
	{"inclusion in the tree: the record does not lead", "the record is not in the signed tree"},
	{"inclusion in the tree: record … is not in a tree", "the record lies beyond the signed tree"},
	{"consistency: a fork", "the checksum database has forked"},
	{"the module's bytes: the proxy serves another go.mod", "another go.mod than the record names"},
	{"the module's bytes: the proxy serves another zip", "another zip than the record names"},
	{"the module's path names another repository", "the path names another repository"},
	{"the module proxy says that the module was made", "the proxy names another repository"},
	{"tile/… was not fetched", "a tile of the database was not fetched"},
	{"a record of the checksum database is needed", "the record could not be fetched"},
	{"the .info of …: expected the version", "the proxy answers with another version"},
	{"version not found: no module proxy has", "no module proxy has this version"},
	{"the newest version's go.mod calls the module deprecated", "the module is deprecated"},
	{"the newest version's go.mod retracts the version", "the version is retracted"},
	{"… timestamps, by an authority that …, not used", "timestamps were not used"},
}

// brief is a reason in the table's words, and then the values that were compared, if
// it has them.
func brief(reason, expected, found string) string {
	reason, _ = inWords(reason)
	if field, ok := strings.CutSuffix(reason, " is not what the spec expects"); ok {
		reason = "another " + strings.TrimPrefix(field, "the ") + " than the spec's"
	}
	if field, ok := strings.CutSuffix(reason, " that the spec expects"); ok {
		reason = strings.Replace(field, "proves the ", "proves the spec's ", 1)
	}
	const hashes = 120 // two of them tell nobody anything
	if expected != "" && found != "" && len(expected)+len(found) < hashes && !strings.Contains(reason, expected) {
		if e, f := briefValue(expected), briefValue(found); e != f {
			expected, found = e, f
		}
		reason += ": expected " + confusable.Reveal(expected) + ", found " + confusable.Reveal(found)
	}
	return untrusted.Shorten(reason, maxWhy)
}

// inWords is a reason in the table's words, and whether there are any for it.
func inWords(reason string) (string, bool) {
	reason = strings.TrimSuffix(strings.TrimSpace(reason), ".")
	if fetched, ok := strings.CutPrefix(reason, "fetch the "); ok {
		if _, why, ok := strings.Cut(fetched, ": "); ok { // an address has no blank
			return why, true
		}
	}
	for _, b := range briefs {
		if says(reason, b.begins) {
			return b.brief, true
		}
	}
	if files, ok := strings.CutPrefix(reason, "documented evidence has gone for "); ok {
		files, _, _ = strings.Cut(files, ":")
		return "evidence has gone for " + files, true
	}
	return reason, false
}

// says reports whether a reason is one that the table has words for.
func says(reason, begins string) bool {
	first, rest, any := strings.Cut(begins, theme.Ellipsis)
	switch {
	case !any || !strings.HasPrefix(reason, first):
		return !any && strings.HasPrefix(reason, first)
	case first != "":
		return strings.Contains(reason[len(first):], rest)
	}
	rest, end, _ := strings.Cut(rest, theme.Ellipsis)
	return strings.Contains(reason, rest) && strings.HasSuffix(reason, cmp.Or(end, rest))
}

// briefValue is a value without what the values of its kind have in common.
func briefValue(s string) string {
	if strings.HasPrefix(s, ".github/workflows/") {
		return path.Base(s)
	}
	for _, prefix := range []string{"https://github.com/", "https://", "pkg:npm/%40", "pkg:npm/", "refs/tags/", "refs/heads/"} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && (prefix != "https://" || hasHost(rest)) {
			return map[string]string{"pkg:npm/%40": "@", "refs/tags/": "the tag ", "refs/heads/": "the branch "}[prefix] + rest
		}
	}
	return s
}

// hasHost reports whether an address without its scheme begins with a host that is no
// owner on GitHub.
func hasHost(address string) bool {
	host, _, _ := strings.Cut(address, "/")
	return strings.Contains(host, ".")
}

// changeBriefs are the table's words for what a change does.
var changeBriefs = []struct{ begins, brief string }{
	{"the release has less evidence than the one before", "less evidence than before"},
	{"a repository of the same name, with another number", "the repository was made anew"},
	{"the same repository, and it belongs to another owner", "the repository has another owner"},
	{"the version is lower than the one before", "a lower version than before"},
	{"another package takes the place of the one before", "another package than before"},
	{"the change no longer demands attestations", "attestations no longer demanded"},
}

// BriefChange is the reason of a change's verdict in the table's words.
func BriefChange(why string) string {
	for _, b := range changeBriefs {
		if values, ok := strings.CutPrefix(why, b.begins); ok {
			return b.brief + values
		}
	}
	return why
}
