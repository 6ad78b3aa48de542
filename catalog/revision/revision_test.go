package revision

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommit(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	one, two := s.two()
	s.git("tag", "v1", one)
	s.git("tag", "-a", "-m", "x", "annotated", one)
	s.git("branch", "topic", one)
	for _, ref := range []string{
		"refs/heads/-x", "refs/heads/--output=x", "refs/heads/ü", "refs/heads/@x/y", "refs/tags/HEAD",
		"refs/remotes/origin/main", "refs/remotes/origin/HEAD",
	} {
		s.git("update-ref", ref, one)
	}
	s.git("update-ref", "refs/tags/main", one) // a tag that somebody pushed
	s.git("update-ref", "refs/tags/origin/main", two)
	s.git("update-ref", "refs/heads/"+two[:7], one)
	s.git("update-ref", "refs/tags/refs/heads/main", one)
	s.git("branch", "facade", one) // of hexadecimal digits
	r := s.open()
	for revision, want := range map[string]string{
		"HEAD": two, "HEAD^": one, "HEAD~1": one, "HEAD^0": two, "@": two, "@{0}": two, "HEAD@{1}": one, "HEAD^{/x}": two,
		two: two, two + "^": one, one[:9]: one, "v1": one, "annotated": one, "topic": one, "topic~0": one, "heads/topic": one,
		"-x": one, "--output=x": one, "ü": one, "@x/y": one, "facade": one, "facade~0": one, "origin": one, "origin/HEAD": one,
		"refs/heads/main": two, "refs/tags/main": one,
	} {
		if got, err := r.Commit(revision); err != nil || got != want {
			t.Errorf("%q is %.7s, %v; want %.7s", revision, got, err, want)
		}
	}
	for revision, want := range map[string]string{
		"main":                     `expected one commit, found that "main" may be refs/tags/main or refs/heads/main: write the full name`,
		"main~0":                   `"main" may be`,
		"origin/main":              `refs/tags/origin/main or refs/remotes/origin/main`,
		two[:7]:                    "refs/heads/" + two[:7] + " or a commit whose name begins so",
		"":                         `expected a commit, found ""`,
		"none":                     `expected a commit, found "none": git knows none of that name`,
		"HEAD~9":                   "git knows none",
		"HEAD:npx":                 "git knows none",
		"HEAD^{tree}":              "git knows none",
		":/x":                      "git knows none",
		"--all":                    "git knows none",
		"HEAD\nHEAD":               "expected a commit",
		"HEAD\x00":                 "expected a commit",
		"\xff\x1b[2J":              `found "\xff\x1b[2J"`,
		"HEAD..main":               "git knows none",
		strings.Repeat("7", 40):    "git fetch origin 7777777777",
		strings.Repeat("x", 1<<20): "expected a commit",
	} {
		_, err := r.Commit(revision)
		fails(t, revision[:min(len(revision), 50)], err, want)
	}
}

// Where a change began, as its repository lies.
func TestBase(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.git("config", "receive.shallowUpdate", "true")
	s.write("npx/x/spec.yaml", "first")
	first := s.commit()
	fork := s.commit()
	main := s.commit()
	s.git("checkout", "-q", "-b", "topic", fork)
	s.commit()
	topic := s.commit()
	s.git("checkout", "-q", "--detach", main)
	s.git("merge", "-q", "--no-ff", "-m", "x", topic)
	merge := s.git("rev-parse", "HEAD")
	s.git("update-ref", "refs/pull/7/merge", merge)
	s.git("checkout", "-q", "--detach", topic)
	s.git("merge", "-q", "--no-ff", "-m", "x", main)
	s.git("update-ref", "refs/heads/merged-into", "HEAD")
	s.git("branch", "crossed", s.git("commit-tree", "-m", "x", "-p", main, "-p", topic, "HEAD^{tree}"))
	// sideways and later parted at main; by the shorter ways of both at first.
	made := func(parents ...string) string {
		args := []string{"commit-tree", "-m", strings.Join(parents, " "), main + "^{tree}"}
		for _, parent := range parents {
			args = append(args, "-p", parent)
		}
		return s.git(args...)
	}
	s.git("branch", "sideways", made(made(first), main))
	s.git("branch", "later", made(made(made(main)), first))
	orphan := s.git("commit-tree", "-m", "x", merge+"^{tree}")
	s.git("update-ref", "refs/heads/orphan", orphan)

	clone := func(name string, options ...string) *sandbox {
		c := &sandbox{s.TB, t.TempDir(), s.env}
		c.git(append(append([]string{"clone", "-q"}, options...), "file://"+filepath.ToSlash(s.dir), name)...)
		return c.at(name)
	}
	fetched := func(name, what string, options ...string) *sandbox { // as a workflow does
		c := &sandbox{s.TB, filepath.Join(t.TempDir(), name), s.env}
		if err := os.Mkdir(c.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		c.git("init", "-q")
		c.git("remote", "add", "origin", "file://"+filepath.ToSlash(s.dir))
		c.git(append(append([]string{"fetch", "-q"}, options...), "origin", what)...)
		c.git("checkout", "-q", "--detach", strings.TrimPrefix(what[strings.Index(what, ":")+1:], "+"))
		return c
	}
	s.git("checkout", "-q", "main")
	const pull, noHead = "+refs/pull/7/merge:refs/remotes/pull/7/merge", "found no origin/HEAD: name the base, or git remote set-head origin --auto"
	const shallow = "this clone is shallow: git fetch --unshallow"
	mergedInto := "+refs/heads/merged-into:refs/remotes/origin/topic"
	whole := clone("whole", "-b", "topic")
	onMain := clone("main", "-b", "main")
	crossed := clone("crossed")
	crossed.git("update-ref", "refs/remotes/origin/HEAD", "origin/merged-into")
	towards := func(name, depth string) *sandbox {
		c := clone(name, "--depth="+depth, "--no-single-branch", "-b", "sideways")
		c.git("update-ref", "refs/remotes/origin/HEAD", "origin/later")
		return c
	}
	cutOff, deeper := towards("cut-off", "3"), towards("deeper", "4")
	for name, c := range map[string]struct {
		at   *sandbox
		head string
		want string
		err  string
	}{
		"a branch":                            {whole, "", fork, ""},
		"a branch, by name":                   {onMain, "origin/topic", fork, ""},
		"on the main branch":                  {onMain, "", fork, ""},
		"merged into the main branch":         {onMain, fork, first, ""},
		"no remote":                           {s, "topic", s.git("rev-parse", "topic^"), ""},
		"no remote, a merge":                  {s, merge, main, ""},
		"no remote, the first commit":         {s, first, "", "it is the first; --base HEAD reviews what is not committed"},
		"merged into each other":              {crossed, "origin/crossed", "", "found several: name the base"},
		"where they parted is cut off":        {cutOff, "", "", "shallow and may end before: git fetch --unshallow"},
		"where they parted is there":          {deeper, "", main, ""},
		"nothing in common":                   {whole, orphan, "", "have in common, found none: name the base"},
		"no such head":                        {s, "none", "", `found "none"`},
		"a pull request's merge":              {fetched("pull", pull, "--depth=2"), "", main, ""},
		"a pull request's merge, alone":       {fetched("alone", pull, "--depth=1"), "", "", "fetch-depth: 2 of actions/checkout"},
		"a branch of which origin has others": {fetched("push", "+refs/heads/topic:refs/remotes/origin/topic"), "", "", noHead},
		"a pull request's head":               {fetched("head", "+refs/heads/topic:refs/pulled/head", "--depth=3"), "", "", noHead},
		"the main branch merged into it":      {fetched("merged", mergedInto, "--depth=3"), "", "", noHead},
		"the main branch, shallow":            {clone("shallow", "--depth=1"), "", "", "git fetch --deepen=1"},
		"a branch, shallow":                   {clone("branches", "--depth=1", "--no-single-branch", "-b", "topic"), "", "", shallow},
		"the commit is not fetched":           {clone("unfetched", "--depth=1"), fork, "", shallow},
		"no commit":                           {newSandbox(t), "", "", "the repository has no commit yet"},
	} {
		got, err := c.at.open().Base(c.head)
		switch {
		case c.err != "":
			fails(t, name, err, c.err)
		case err != nil || got != c.want:
			t.Errorf("%s: %.7s, %v; want %.7s", name, got, err, c.want)
		}
	}
}

// The ways in which a repository may lie about a catalog.
func TestPlaces(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("-a\nb ü \xff/npx/x/spec.yaml", "below")
	_, two := s.two()
	s.git("clone", "-q", "--bare", ".", "../bare.git")
	s.git("worktree", "add", "-q", "../linked", two)
	s.at("..", "bare.git").git("worktree", "add", "-q", "../of-bare", two)
	s.git("init", "-q", "--separate-git-dir", "../separate", ".")
	if err := os.Symlink(filepath.Join(s.dir, "npx"), filepath.Join(s.dir, "link")); err != nil {
		t.Skip(err)
	}
	for name, c := range map[string]struct {
		at         *sandbox
		file, want string
	}{
		"a .git file":                 {s, "npx/x/spec.yaml", "two"},
		"a linked work tree":          {s.at("..", "linked"), "npx/x/spec.yaml", "two"},
		"a folder of it":              {s.at("..", "linked", "npx"), "x/spec.yaml", "two"},
		"a work tree of a bare one":   {s.at("..", "of-bare"), "npx/x/spec.yaml", "two"},
		"a bare repository":           {s.at("..", "bare.git"), "npx/x/spec.yaml", "two"},
		"a folder with an odd name":   {s.at("-a\nb ü \xff"), "npx/x/spec.yaml", "below"},
		"a link to a folder":          {s.at("link"), "x/spec.yaml", "two"},
		"a folder that is new":        {s.at("later"), ".", ""},
		"a folder of the bare inside": {s.at("-a\nb ü \xff", "npx"), "x/spec.yaml", "below"},
	} {
		if err := os.MkdirAll(c.at.dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if c.file == "." {
			if entries, err := c.at.tree(two).ReadDir("."); err != nil || len(entries) != 0 {
				t.Errorf("%s: %v, %v", name, entries, err)
			}
			continue
		}
		c.at.holds(two, c.file, c.want)
	}
	fails(t, "a bare repository", s.at("..", "bare.git").open().CheckedOut(), "is bare: it has no files")
	for name, dir := range map[string]string{
		"no repository": t.TempDir(), "a folder of a bare one": filepath.Join(s.dir, "..", "bare.git", "refs"),
	} {
		_, err := Open(t.Context(), dir, s.env)
		fails(t, name, err, "expected a catalog in a git repository, found none at or above")
	}
	_, err := Open(t.Context(), filepath.Join(s.dir, "none"), s.env)
	fails(t, "no folder", err, "open catalog")
}

// What a sparse work tree leaves out is not gone.
// A catalog's folder may be a link, which a change points elsewhere.
func TestCatalogIsLink(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.write("v1/npx/x/spec.yaml", "one")
	s.write("v2/npx/x/spec.yaml", "another")
	s.write("npx/x/spec.yaml", "root")
	point := func(target string) string {
		t.Helper()
		_ = os.Remove(filepath.Join(s.dir, "cat"))
		if err := os.Symlink(target, filepath.Join(s.dir, "cat")); err != nil {
			t.Skip(err)
		}
		return s.commit()
	}
	one, two, root := point("v1"), point("v2"), point(".")
	for at, where := range map[string]string{"v2": "v2", ".": ""} {
		point(at)
		c := s.at("cat")
		c.holds(one, "npx/x/spec.yaml", "one")
		c.holds(two, "npx/x/spec.yaml", "another")
		c.holds(root, "npx/x/spec.yaml", "root")
		if got := c.open().Folder(); got != where {
			t.Errorf("the catalog lies in %q, want %q", got, where)
		}
	}
}

func TestSparseWorkTree(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	s.two()
	if err := s.open().CheckedOut(); err != nil {
		t.Error(err)
	}
	s.git("sparse-checkout", "set", "uvx")
	fails(t, "a sparse work tree", s.open().CheckedOut(), "since the work tree is sparse")
}

func TestSubmodule(t *testing.T) {
	t.Parallel()
	inner := newSandbox(t)
	_, two := inner.two()
	s := newSandbox(t)
	s.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, "npx/sub")
	commit := s.commit()
	sub := s.at("npx", "sub")
	_, err := Open(t.Context(), sub.dir, s.env)
	fails(t, "a submodule, from elsewhere", err, `"npx/sub" leads to another one`)
	if err := os.Symlink(inner.dir, filepath.Join(s.dir, "link")); err == nil {
		linked := s.at("link")
		linked.holds(two, "npx/x/spec.yaml", "two") // nobody committed the link
		s.commit()
		_, err := Open(t.Context(), linked.at("npx").dir, s.env)
		fails(t, "a link to another repository", err, `"link/npx" leads to another one`)
	}
	_, err = s.tree(commit).Open("npx/sub/npx/x/spec.yaml")
	fails(t, "a file of a submodule", err, "found a submodule, whose files are not in this repository's commits")
	s.git("submodule", "--quiet", "deinit", "-f", "npx/sub")
	r := s.at("npx", "sub").open()
	_, err = r.Tree(commit)
	fails(t, "a catalog that is a submodule", err, "found a submodule")
}

// Whoever stands in a submodule means its repository.
func TestInSubmodule(t *testing.T) {
	inner, s := newSandbox(t), newSandbox(t)
	_, two := inner.two()
	s.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.dir, "sub")
	s.commit()
	sub := s.at("sub")
	t.Chdir(sub.at("npx").dir)
	sub.holds(two, "npx/x/spec.yaml", "two")
}

// Repositories may name their objects by SHA-256.
func TestSHA256(t *testing.T) {
	t.Parallel()
	s := newSandbox(t, "--object-format=sha256")
	one, two := s.two()
	s.holds(two, "npx/x/spec.yaml", "two")
	if base, err := s.open().Base(""); err != nil || base != one || len(base) != 64 {
		t.Errorf("the base is %q, %v", base, err)
	}
}

func TestGitIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if err := os.Mkdir(filepath.Join(os.Getenv("PATH"), ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), os.Getenv("PATH"), os.Environ())
	fails(t, "no git", err, "expected the program git, which knows what was committed, found none: install it")
}
