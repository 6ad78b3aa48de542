package revision

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
)

var (
	// objectName is the full name of an object, of either hash function.
	objectName = regexp.MustCompile(`^(?:[0-9a-f]{40}|[0-9a-f]{64})$`)
	// abbreviation is what may be the beginning of one.
	abbreviation = regexp.MustCompile(`^[0-9a-f]{4,64}$`)
	// operator begins what follows the name in a revision: HEAD~2, v1^, main@{1}.
	operator = regexp.MustCompile(`[\^~:]|@\{`)
)

const maxRevision = 4 << 10

// originHead is the branch that the remote repository has for its main one.
const originHead = "refs/remotes/origin/HEAD"

// Commit returns the full name of the commit that a revision names. It refuses a
// name that two commits have: a tag that somebody pushed must not stand for a branch.
func (r *Repository) Commit(revision string) (string, error) {
	if revision == "" || len(revision) > maxRevision || strings.ContainsAny(revision, "\n\x00") {
		return "", fmt.Errorf("expected a commit, found %q", untrusted.Excerpt(revision))
	}
	name := revision
	if at := operator.FindStringIndex(revision); at != nil {
		name = revision[:at[0]]
	}
	places := []string{"refs/" + name, "refs/tags/" + name, "refs/heads/" + name, "refs/remotes/" + name, "refs/remotes/" + name + "/HEAD"}
	if name == "HEAD" || name == "" || strings.HasPrefix(name, "refs/") {
		places = nil // nothing else is meant by it
	}
	commits, err := r.commits(append(places, revision)...)
	if err != nil {
		return "", err
	}
	commit, commits := commits[len(places)], commits[:len(places)]
	if commit == "" {
		return "", r.unknown(revision)
	}
	if commit == name {
		return commit, nil
	}
	var meanings []string
	for i, c := range commits {
		if c != "" && !slices.Contains(commits[:i], c) {
			meanings = append(meanings, places[i])
		}
	}
	if len(meanings) > 0 && abbreviation.MatchString(name) {
		objects, err := r.ask("", "rev-parse", "--disambiguate="+name)
		if err != nil {
			return "", err
		}
		if objects != "" {
			meanings = append(meanings, "a commit whose name begins so")
		}
	}
	if len(meanings) > 1 {
		return "", fmt.Errorf("expected one commit, found that %q may be %s: write the full name",
			untrusted.Excerpt(name), strings.Join(meanings, " or "))
	}
	return commit, nil
}

// unknown returns the error of a revision that names no commit, and what may help.
func (r *Repository) unknown(revision string) error {
	help := "git knows none of that name"
	switch {
	case revision == "HEAD":
		help = "the repository has no commit yet"
	case r.shallow:
		help += ", and this clone is shallow: " + unshallow
	case objectName.MatchString(revision):
		help += ": git fetch origin " + revision
	}
	return fmt.Errorf("expected a commit, found %q: %s", untrusted.Excerpt(revision), help)
}

// What to do about a clone that ends too early.
const (
	unshallow = "git fetch --unshallow (in a workflow fetch-depth: 0 of actions/checkout)"
	deepen    = "git fetch --deepen=1 (in a workflow fetch-depth: 2 of actions/checkout)"
)

// commits returns the full name of the commit that each revision names, "" if
// none.
func (r *Repository) commits(revisions ...string) ([]string, error) {
	out, err := r.ask(strings.Join(revisions, "^{commit}\n")+"^{commit}\n", "cat-file", "--batch-check")
	if err != nil {
		return nil, err
	}
	lines := strings.Split(out, "\n")
	if len(lines) != len(revisions) {
		return nil, fmt.Errorf("git: expected %s, found %d", untrusted.Plural(len(revisions), "answer"), len(lines))
	}
	for i, line := range lines {
		name, kind, _ := strings.Cut(line, " ")
		if lines[i] = ""; strings.HasPrefix(kind, "commit ") && objectName.MatchString(name) {
			lines[i] = name
		}
	}
	return lines, nil
}

// Base returns the commit to compare a change with that ends in head, "" for HEAD:
// the last that head shares with origin/HEAD, else the commit before head, of a merge
// the one into which it merged. If neither can be told, the error says what to fetch
// or to name.
func (r *Repository) Base(head string) (string, error) {
	if head == "" {
		head = "HEAD"
	}
	tip, err := r.Commit(head)
	if err != nil {
		return "", err
	}
	found, err := r.commits(originHead)
	if err != nil {
		return "", err
	}
	if origin := found[0]; origin != "" {
		base, err := r.mergeBase(tip, origin)
		if err != nil || base != tip {
			return base, err
		}
		// On the main branch itself, or merged into it.
	} else if err := r.wholeChange(tip); err != nil {
		return "", err
	}
	_, parents, err := r.commit(tip)
	if err != nil {
		return "", err
	}
	if len(parents) == 0 {
		return "", fmt.Errorf("expected a commit before %.12s, found none: it is the first; --base HEAD reviews what is not committed", tip)
	}
	found, err = r.commits(parents[0])
	if err == nil && found[0] == "" {
		err = fmt.Errorf("expected the commit before %.12s, found that this clone ends there: %s", tip, deepen)
	}
	return parents[0], err
}

// wholeChange returns nil if tip alone is known to be the change, though there is no
// origin/HEAD: nothing came from elsewhere, or tip is the merge that GitHub makes of
// a pull request. Else tip may be the last and harmless one of several commits, or a
// merge of the main branch into those.
func (r *Repository) wholeChange(tip string) error {
	remotes, err := r.ask("", "config", "--get-regexp", `^remote\..*\.url$`)
	if err != nil || remotes == "" {
		return err
	}
	merges, err := r.ask("", "for-each-ref", "--points-at="+tip, "refs/remotes/pull/*/merge")
	if err == nil && merges == "" {
		err = errors.New("expected to see where the change left origin/HEAD, found no origin/HEAD: " +
			"name the base, or git remote set-head origin --auto")
	}
	return err
}

// CheckedOut returns an error if the folder may lack files of the head: what a bare
// repository or a sparse work tree leaves out was not removed.
func (r *Repository) CheckedOut() error {
	if r.bare {
		return fmt.Errorf("expected the name of a commit, since the repository at %q is bare: it has no files", untrusted.Text(r.dir))
	}
	sparse, err := r.ask("", "config", "--type=bool", "--default=false", "--get", "core.sparseCheckout")
	if err == nil && sparse == "true" {
		err = errors.New("expected the name of a commit, since the work tree is sparse: some of its files are left out")
	}
	return err
}

// mergeBase returns the newest commit that two others have in common. If each was
// merged into the other there are several, and whoever dates the commits would
// choose by which of them the change is judged.
func (r *Repository) mergeBase(tip, origin string) (string, error) {
	base, err := r.ask("", "merge-base", "--all", tip, origin)
	if err != nil {
		return "", err
	}
	if strings.Contains(base, "\n") {
		return "", fmt.Errorf("expected one commit at which %.12s left origin/HEAD, found several: name the base", tip)
	}
	if base == "" {
		help := "name the base"
		if r.shallow {
			help = "this clone is shallow: " + unshallow
		}
		return "", fmt.Errorf("expected a commit that %.12s and origin/HEAD have in common, found none: %s", tip, help)
	}
	if !objectName.MatchString(base) {
		return "", fmt.Errorf("git: expected a commit, found %q", untrusted.Excerpt(base))
	}
	if r.shallow { // what was cut off may hold a newer one, whose policy demands more
		ends, err := r.ask("", "rev-list", "--max-parents=0", "--max-count=1", tip, origin, "^"+base)
		if err != nil {
			return "", err
		}
		if ends != "" {
			return "", fmt.Errorf("expected to see where %.12s left origin/HEAD, found that this clone is shallow and may end before: %s",
				tip, unshallow)
		}
	}
	return base, nil
}

// commit returns the tree and the parents of a commit.
func (r *Repository) commit(name string) (tree string, parents []string, err error) {
	data, err := r.objects.read(name, "commit", maxCommit)
	if err != nil {
		return "", nil, err
	}
	for line := range strings.SplitSeq(string(data), "\n") {
		key, value, _ := strings.Cut(line, " ")
		switch {
		case key == "tree" && tree == "" && objectName.MatchString(value):
			tree = value
		case key == "parent" && tree != "" && objectName.MatchString(value):
			parents = append(parents, value)
		case tree == "":
			return "", nil, fmt.Errorf("git: expected a tree in commit %.12s, found %q", name, untrusted.Excerpt(line))
		default:
			return tree, parents, nil
		}
	}
	return tree, parents, nil
}
