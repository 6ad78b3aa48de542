package revision

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// sandbox is a repository that a test makes.
type sandbox struct {
	testing.TB
	dir string
	env []string
}

// newSandbox makes an empty repository. It skips the test without git.
func newSandbox(t testing.TB, options ...string) *sandbox {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not here")
	}
	home := t.TempDir()
	s := &sandbox{t, filepath.Join(home, "repository"), []string{
		"PATH=" + os.Getenv("PATH"), "SYSTEMROOT=" + os.Getenv("SYSTEMROOT"), "HOME=" + home,
		"GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b.test", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b.test",
		"GIT_AUTHOR_DATE=1700000000 +0000", "GIT_COMMITTER_DATE=1700000000 +0000",
	}}
	if err := os.Mkdir(s.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	s.git(append([]string{"init", "-q"}, options...)...)
	s.git("symbolic-ref", "HEAD", "refs/heads/main")
	return s
}

// at is the sandbox with another folder.
func (s *sandbox) at(elements ...string) *sandbox {
	return &sandbox{s.TB, filepath.Join(append([]string{s.dir}, elements...)...), s.env}
}

func (s *sandbox) git(args ...string) string {
	s.Helper()
	return s.feed("", args...)
}

// feed is git with an input.
func (s *sandbox) feed(input string, args ...string) string {
	s.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Env, c.Stdin = s.dir, s.env, strings.NewReader(input)
	out, err := c.CombinedOutput()
	if err != nil {
		s.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return strings.TrimSuffix(string(out), "\n")
}

func (s *sandbox) write(name, text string) {
	s.Helper()
	testfiles.Write(s, filepath.Join(s.dir, name), text)
}

// commit commits all files, and returns the commit's name.
func (s *sandbox) commit() string {
	s.Helper()
	s.git("add", "-A")
	s.git("commit", "-q", "--allow-empty", "-m", "x"+s.git("rev-list", "--all", "--count"))
	return s.git("rev-parse", "HEAD")
}

// two makes two commits of a catalog, in which npx/x/spec.yaml is "one" and "two".
func (s *sandbox) two() (one, two string) {
	s.Helper()
	s.write("npx/x/spec.yaml", "one")
	s.write("uvx/y/spec.yaml", "y")
	one = s.commit()
	s.write("npx/x/spec.yaml", "two")
	return one, s.commit()
}

// object writes an object of any bytes, and returns its name.
func (s *sandbox) object(kind, data string) string {
	s.Helper()
	return s.feed(data, "hash-object", "-t", kind, "-w", "--stdin", "--literally")
}

func (s *sandbox) open() *Repository {
	s.Helper()
	r, err := Open(s.Context(), s.dir, s.env)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(r.Close)
	return r
}

func (s *sandbox) tree(commit string) *Tree {
	s.Helper()
	tree, err := s.open().Tree(commit)
	if err != nil {
		s.Fatal(err)
	}
	return tree
}

// holds fails the test unless a file of a commit has a text.
func (s *sandbox) holds(commit, name, want string) {
	s.Helper()
	file, err := s.tree(commit).Open(name)
	if err != nil {
		s.Fatal(err)
	}
	got := make([]byte, len(want)+1)
	n, _ := file.Read(got)
	if string(got[:n]) != want {
		s.Errorf("%s of %.7s is %q, want %q", name, commit, got[:n], want)
	}
}

// fails fails the test unless an error is there and has a text.
func fails(t testing.TB, what string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want an error with %q", what, err, want)
	}
}
