// Package links builds the addresses that plimsoll offers to open or to copy.
//
// An address is made from a template of ours and from values that a verified
// certificate or a verified log entry holds, or the name in a spec; nothing is opened
// because a package's metadata says so. Each value must have the form that the template
// expects, part by part, and what does not gives no link: there is no cleaning
// up. So every link is https, goes to a host that stands in this file, and has
// neither user, port nor fragment.
package links

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
)

// The hosts that links go to.
const (
	gitHub    = "https://github.com/"
	gitLab    = "https://gitlab.com/"
	logSearch = "https://search.sigstore.dev/?logIndex="
	pyPI      = "https://pypi.org/project/"

	pyPIIndex = "https://pypi.org/simple"
)

// publicLog is the address of the public-good transparency log, the only one
// that the search page knows.
const publicLog = "rekor.sigstore.dev"

// Kind says what a link shows.
type Kind uint8

// The kinds of links, in the order in which they are offered.
const (
	Source   Kind = iota // the source code at the commit
	Workflow             // the workflow file that was started, at the commit
	Signer               // the reusable workflow that signed, at its commit
	Run                  // the run that built and published
	Entry                // the entry in the transparency log
	Project              // the package's page at the registry
	Named                // the repository that a Go module's path names
	kinds
)

var titles = [kinds]string{
	Source: "source at the commit", Workflow: "workflow file at the commit", Signer: "workflow that signed",
	Run: "run", Entry: "transparency-log entry", Project: "package page", Named: "repository that the module's path names",
}

// String says in a few words what the link shows.
func (k Kind) String() string {
	if k >= kinds {
		return "link"
	}
	return titles[k]
}

// Kinds lists the kinds in their order.
func Kinds() []Kind { return []Kind{Source, Workflow, Signer, Run, Entry, Project, Named} }

// Link is an address and what it shows.
type Link struct {
	Kind Kind
	URL  string
}

// Of returns the links of a report, in the order of [Kinds]: those of the
// publisher that verified, of the entry of the attestation that proves it, and
// of the package. A page of the package is known of PyPI itself only: what a
// private index serves under a name may be another package, and no answer of an
// npm registry names a page of its own.
func Of(r *verify.Report) []Link {
	if r == nil {
		return nil
	}
	var out []Link
	add := func(k Kind, address string) {
		if address != "" {
			out = append(out, Link{k, address})
		}
	}
	if p := r.Publisher; p != nil {
		add(Source, sourceAt(p.Repository, p.Commit))
		add(Workflow, fileAt(p.Repository, p.Commit, p.Workflow))
		add(Signer, signer(p))
		add(Run, runOf(p.Repository, p.Run))
	}
	add(Entry, entry(r))
	if r.Release.Ecosystem == verify.PyPI && strings.TrimSuffix(string(r.Registry), "/") == pyPIIndex {
		add(Project, projectAt(r.Release.Name, r.Release.Version))
	}
	if r.Release.Ecosystem == verify.Go {
		add(Named, namedBy(r.Release.Name))
	}
	return out
}

// namedBy is the repository on GitHub that the path of a Go module or package begins
// with.
func namedBy(path untrusted.Text) string {
	below, ok := strings.CutPrefix(string(verify.PathRepository(path)), gitHub)
	owner, name, _ := strings.Cut(below, "/")
	if !ok || !plain(owner) || !plain(name) {
		return ""
	}
	return gitHub + owner + "/" + name
}

// entry is the log entry of an attestation that verified: of the first
// provenance, else of what only the registry says.
func entry(r *verify.Report) (found string) {
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			a := &r.Artifacts[i].Attestations[j]
			if !a.Status.Holds() || len(a.Log) == 0 {
				continue
			}
			address := EntryAt(&a.Log[0])
			if address != "" && a.Kind == verify.KindProvenance {
				return address
			}
			if found == "" {
				found = address
			}
		}
	}
	return found
}

// signer is the file of a reusable workflow, if that signed.
func signer(p *verify.Publisher) string {
	uri, _, _ := strings.Cut(string(p.SignerURI), "@")
	if p.SignerURI == p.WorkflowURI {
		return ""
	}
	for _, host := range []string{gitHub, gitLab} {
		rest, ok := strings.CutPrefix(uri, host)
		if !ok {
			continue
		}
		separator := "/.github/"
		if host == gitLab {
			separator = "//"
		}
		at := strings.Index(rest, separator)
		if at < 0 {
			return ""
		}
		return fileAt(untrusted.Text(host+rest[:at]), p.SignerDigest, untrusted.Text(strings.TrimLeft(rest[at:], "/")))
	}
	return ""
}

const maxPath = 1024 // bytes of a file's path

// Compiled on first use: the counted repetitions were the longest part of our
// own of the start of the program.
var (
	segment   = form(`^[A-Za-z0-9_.-]{1,100}$`)
	commitID  = form(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	gitHubRun = form(`^/actions/runs/[0-9]{1,20}(?:/attempts/[0-9]{1,5})?$`)
	gitLabRun = form(`^/-/(?:jobs|pipelines)/[0-9]{1,20}$`)
)

func form(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}

// repository checks the address of a repository and returns its host's
// template.
func repository(address untrusted.Text) (host string, ok bool) {
	for _, host := range []string{gitHub, gitLab} {
		rest, found := strings.CutPrefix(string(address), host)
		if !found {
			continue
		}
		parts := strings.Split(rest, "/")
		if len(parts) < 2 || host == gitHub && len(parts) != 2 || len(parts) > 20 {
			return "", false
		}
		for _, part := range parts {
			if !plain(part) || part == "-" {
				return "", false
			}
		}
		return host, true
	}
	return "", false
}

// plain reports whether a part of a path is an ordinary name.
func plain(part string) bool {
	return segment().MatchString(part) && part != "." && part != ".."
}

// sourceAt is the source tree of a repository at a commit.
func sourceAt(repo, commit untrusted.Text) string {
	host, ok := repository(repo)
	if !ok || !commitID().MatchString(string(commit)) {
		return ""
	}
	return string(repo) + infix(host) + "tree/" + string(commit)
}

// fileAt is a file of a repository at a commit.
func fileAt(repo, commit, path untrusted.Text) string {
	host, ok := repository(repo)
	if !ok || !commitID().MatchString(string(commit)) || path == "" || len(path) > maxPath {
		return ""
	}
	var escaped []string
	for part := range strings.SplitSeq(string(path), "/") {
		if part == "" || part == "." || part == ".." || untrusted.Clean(part) != part || strings.Contains(part, `\`) {
			return ""
		}
		escaped = append(escaped, url.PathEscape(part))
	}
	return string(repo) + infix(host) + "blob/" + string(commit) + "/" + strings.Join(escaped, "/")
}

// infix stands between a repository and what is shown of it.
func infix(host string) string {
	if host == gitLab {
		return "/-/"
	}
	return "/"
}

// Commits returns the page of the host that lists the commits from the release
// before a change to the one after it, and what they change, or "" if there is
// none.
func Commits(c *review.Change) string {
	if c.Before == nil || c.After == nil || !c.Judged() {
		return ""
	}
	return compare(c.Before.Report.Publisher, c.After.Report.Publisher)
}

// compare is the page that compares two commits. Certificates name both, and both
// lie in one repository, which may have another name now: one that was made anew
// does not hold the old commit. Three dots show the commits; two, on GitHub, only
// what the ends differ in.
func compare(then, now *verify.Publisher) string {
	if then == nil || now == nil || then.Commit == now.Commit || len(then.Commit) != len(now.Commit) {
		return ""
	}
	change, _ := history.ComparePublishers(then, now)
	host, ok := repository(now.Repository)
	if !ok || change < history.PublisherSame || change > history.PublisherTransferred ||
		!commitID().MatchString(string(then.Commit)) || !commitID().MatchString(string(now.Commit)) {
		return ""
	}
	return string(now.Repository) + infix(host) + "compare/" + string(then.Commit) + "..." + string(now.Commit)
}

// runOf is the run of a workflow, which must be one of the repository.
func runOf(repo, run untrusted.Text) string {
	host, ok := repository(repo)
	if !ok {
		return ""
	}
	rest, ok := strings.CutPrefix(string(run), string(repo))
	runs := gitHubRun
	if host == gitLab {
		runs = gitLabRun
	}
	if !ok || !runs().MatchString(rest) {
		return ""
	}
	return string(run)
}

// EntryAt is the entry's page of the public log's search: only if the log
// is that one and its signature covers the index.
func EntryAt(e *verify.LogEntry) string {
	u, err := url.Parse(string(e.KnownLog))
	if err != nil || u.Scheme != "https" || u.Host != publicLog || !e.IndexSigned || e.Index < 0 {
		return ""
	}
	return logSearch + strconv.FormatInt(e.Index, 10)
}

// projectAt is the page of a release on PyPI.
func projectAt(name, version untrusted.Text) string {
	if !plain(string(name)) || len(name) > untrusted.MaxPackageName || version == "" || len(version) > untrusted.MaxVersion {
		return ""
	}
	for _, r := range string(version) {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+!", r) {
			return ""
		}
	}
	if strings.Trim(string(version), ".") == "" {
		return ""
	}
	return pyPI + string(name) + "/" + url.PathEscape(string(version)) + "/"
}
