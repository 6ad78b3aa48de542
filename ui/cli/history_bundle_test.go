package cli

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog"
	"plimsoll/catalog/revision"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify/review"
)

// Every commit of the real catalog's history is reviewed: the specs that differ,
// their kinds and versions are those that git's own diff and a plain reading of
// the files give.
func TestEveryCommitOfTheHistory(t *testing.T) {
	t.Parallel()
	g := cloneHistory(t)
	commits := g.history(t)
	if len(commits) < 378 {
		t.Fatalf("only %d commits", len(commits))
	}
	repository, err := revision.Open(t.Context(), g.dir, g.env)
	if err != nil {
		t.Fatal(err)
	}
	defer repository.Close()
	e := &engine{env: Env{Stderr: io.Discard, Now: time.Now, Getenv: func(string) string { return "" }}}
	kinds := map[string]int{}
	for _, c := range commits[1:] { // before the first there is nothing
		base, err := repository.Tree(c.parent)
		if err != nil {
			t.Fatal(err)
		}
		head, err := repository.Tree(c.name)
		if err != nil {
			t.Fatal(err)
		}
		var found review.Review
		same := func(path string) bool { return base.Same(head, path) }
		if err := e.pair(t.Context(), &found, base, catalog.Source{FS: head, Skip: same}); err != nil {
			t.Fatalf("%.12s: %v", c.name, err)
		}
		var got []string
		for i := range found.Changes {
			got = append(got, described(&found.Changes[i]))
			kinds[found.Changes[i].Kind.String()]++
		}
		if want := c.changes(t); !slices.Equal(got, want) {
			t.Errorf("%.12s:\n got %q\nwant %q", c.name, got, want)
		}
	}
	if err := repository.Fault(); err != nil {
		t.Error(err)
	}
	if kinds["bumped"] != 309 {
		t.Errorf("%d bumps, want 309", kinds["bumped"])
	}
	t.Logf("%d commits: %v", len(commits), kinds)
}

// described is a change in one line.
func described(c *review.Change) string {
	side := func(s *review.Side) string {
		if s == nil {
			return "-"
		}
		return string(s.Spec.Package) + "@" + string(s.Spec.Version)
	}
	return fmt.Sprintf("%s %s %s %s %s", c.Kind, c.Path, c.From, side(c.Before), side(c.After))
}

// bareClone is a bare repository of a test.
type bareClone struct {
	dir string
	env []string
}

// cloneHistory clones the real catalog's history. It skips the test if that is not
// here, or git is not.
func cloneHistory(t testing.TB) *bareClone {
	t.Helper()
	bundle := testfiles.Shared(t, "catalogs", "history.bundle")
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	home := t.TempDir()
	g := &bareClone{filepath.Join(home, "history.git"), []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
	}}
	c := exec.Command("git", "clone", "-q", "--bare", "-b", "main", bundle, g.dir)
	c.Env = g.env
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return g
}

func (g *bareClone) git(t testing.TB, input string, args ...string) string {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env, c.Stdin = g.dir, g.env, strings.NewReader(input)
	out, err := c.Output()
	if err != nil {
		t.Fatalf("git %q: %v", args, err)
	}
	return string(out)
}

// plainSpec is what a plain reading of a spec gives.
type plainSpec struct {
	protocol string
	Metadata struct{ Name string }
	Spec     struct{ Package, Version string }
}

func (p *plainSpec) String() string {
	if p == nil {
		return "-"
	}
	return p.Spec.Package + "@" + p.Spec.Version
}

// plainCommit is a commit as git's own diff has it: of each spec that differs, what
// it was and is; and of all others what they are.
type plainCommit struct {
	name, parent string
	was, is      map[string]*plainSpec // by path; of those that differ
	others       map[string]*plainSpec // of the parent, by path
}

// history reads the commits from the first to the last, each against its first
// parent.
func (g *bareClone) history(t *testing.T) (commits []plainCommit) {
	t.Helper()
	specPath := regexp.MustCompile(`^(npx|uvx|go)/[^/]+/spec\.yaml$`)
	log := g.git(t, "", "log", "--reverse", "--first-parent", "-m", "--root", "--raw", "--no-abbrev", "--no-renames",
		"--format=commit %H %P", "main")
	var objects []string
	for line := range strings.Lines(log) {
		if f := strings.Fields(line); strings.HasPrefix(line, ":") {
			objects = append(objects, f[2], f[3])
		}
	}
	texts := g.blobs(t, objects)
	read := func(path, object string) *plainSpec {
		p := &plainSpec{protocol: path[:3]}
		if strings.Trim(object, "0") == "" {
			return nil
		}
		if err := yaml.Unmarshal(texts[object], p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		return p
	}
	now := map[string]*plainSpec{}
	for line := range strings.Lines(log) {
		f := strings.Fields(line)
		switch {
		case len(f) > 1 && f[0] == "commit":
			commits = append(commits, plainCommit{
				name: f[1], parent: strings.Join(f[2:min(3, len(f))], ""),
				was: map[string]*plainSpec{}, is: map[string]*plainSpec{}, others: maps.Clone(now),
			})
		case len(f) == 6 && specPath.MatchString(f[5]):
			c := &commits[len(commits)-1]
			delete(c.others, f[5])
			delete(now, f[5])
			if was := read(f[5], f[2]); was != nil {
				c.was[f[5]] = was
			}
			if is := read(f[5], f[3]); is != nil {
				c.is[f[5]], now[f[5]] = is, is
			}
		}
	}
	return commits
}

// blobs reads objects by their names.
func (g *bareClone) blobs(t *testing.T, names []string) map[string][]byte {
	t.Helper()
	out := []byte(g.git(t, strings.Join(names, "\n")+"\n", "cat-file", "--batch"))
	texts := map[string][]byte{}
	for len(out) > 0 {
		line, rest, _ := bytes.Cut(out, []byte("\n"))
		var name, kind string
		var size int
		if n, _ := fmt.Sscan(string(line), &name, &kind, &size); n != 3 { // "000… missing"
			out = rest
			continue
		}
		texts[name], out = rest[:size], rest[size+1:]
	}
	return texts
}

// changes describes the changes of a commit, by path.
func (c plainCommit) changes(t *testing.T) (out []string) {
	t.Helper()
	from := c.renamed()
	left := maps.Clone(c.was)
	for _, path := range slices.Sorted(maps.Keys(c.is)) {
		is, source := c.is[path], path
		if f, ok := from[path]; ok {
			source = f
		}
		was, kind := c.was[source], "edited"
		delete(left, source)
		switch {
		case was == nil:
			kind = "added"
			for _, at := range slices.Sorted(maps.Keys(c.others)) {
				if o := c.others[at]; o.protocol == is.protocol && o.Spec.Package == is.Spec.Package {
					t.Errorf("%.12s adds %s, whose package is at %s as well: teach the test to compare them", c.name, path, at)
				}
			}
		case was.protocol != is.protocol || was.Spec.Package != is.Spec.Package:
			kind = "replaced"
		case was.Spec.Version != is.Spec.Version:
			kind = "bumped"
		}
		if source == path {
			source = ""
		}
		out = append(out, fmt.Sprintf("%s %s %s %s %s", kind, path, source, was, is))
	}
	for path, was := range left {
		out = append(out, fmt.Sprintf("removed %s  %s -", path, was))
	}
	slices.SortFunc(out, func(a, b string) int { return strings.Compare(strings.Fields(a)[1], strings.Fields(b)[1]) })
	return out
}

// renamed returns the old path of each spec that is new and is of a package, or of
// a server, of which another went.
func (c plainCommit) renamed() map[string]string {
	from := map[string]string{}
	for path, is := range c.is {
		for old, was := range c.was {
			samePackage := was.protocol == is.protocol && was.Spec.Package == is.Spec.Package
			if c.was[path] == nil && c.is[old] == nil && (samePackage || was.Metadata.Name == is.Metadata.Name) {
				from[path] = old
			}
		}
	}
	return from
}
