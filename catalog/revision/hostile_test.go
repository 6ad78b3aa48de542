package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"plimsoll/testdata/testfiles"
)

// Whatever the repository's settings would run stays where it is.
func TestNothingOfTheRepositoryRuns(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("its programs are shell scripts")
	}
	s := newSandbox(t)
	s.write(".gitattributes", "* filter=evil diff=evil merge=evil text\n")
	one, two := s.two()
	s.git("update-ref", "refs/remotes/origin/HEAD", one)
	marker := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n: >'"+marker+"'\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	hooks := filepath.Dir(program)
	for _, hook := range []string{
		"reference-transaction", "post-index-change", "fsmonitor-watchman", "post-checkout", "pre-auto-gc", "query-watchman",
	} {
		if err := os.Link(program, filepath.Join(hooks, hook)); err != nil {
			t.Fatal(err)
		}
	}
	var config strings.Builder
	for section, keys := range map[string]string{
		"core":  "fsmonitor hooksPath=" + hooks + " pager sshCommand gitProxy editor askPass alternateRefsCommand",
		"pager": "rev-parse cat-file merge-base rev-list for-each-ref config", "alias": "rev-parse cat-file merge-base rev-list config",
		"credential": "helper", "uploadpack": "packObjectsHook", "gpg": "program", `filter "evil"`: "clean smudge process required=true",
		`diff "evil"`: "textconv command external", `merge "evil"`: "driver", "diff": "external", "interactive": "diffFilter",
		`remote "origin"`: "promisor=true uploadpack url=ext::" + program, "extensions": "partialClone=origin", "trace2": "eventTarget",
	} {
		fmt.Fprintf(&config, "[%s]\n", section)
		for key := range strings.FieldsSeq(keys) {
			name, value, given := strings.Cut(key, "=")
			if !given {
				value = program
			}
			fmt.Fprintf(&config, "%s = %s\n", name, value)
		}
	}
	testfiles.Write(t, filepath.Join(s.dir, ".git", "evil"), config.String())
	s.write(".git/config", string(testfiles.Read(t, s.dir, ".git", "config"))+"[include]\npath = evil\n")

	r := s.open()
	if base, err := r.Base(""); err != nil || base != one {
		t.Errorf("the base is %q: %v", base, err)
	}
	s.holds(two, "npx/x/spec.yaml", "two")
	if _, err := r.Commit(strings.Repeat("7", 40)); err == nil { // which a promisor may have
		t.Error("a commit that nobody has was found")
	}
	fails(t, "an object that a promisor may have", func() error { _, err := r.Tree(strings.Repeat("7", 40)); return err }(), "")
	_ = r.Fault()
	if _, err := os.Stat(marker); err == nil {
		t.Error("a program of the repository's choice ran")
	}
	control := exec.Command("git", "status")
	control.Dir, control.Env = s.dir, s.env
	_ = control.Run()
	if _, err := os.Stat(marker); err != nil {
		t.Error("the programs run by nothing, not even git status")
	}
}

// What a clone left with its promisor is not fetched, and is not a file that is
// not there.
func TestPartialClone(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	_, two := s.two()
	s.git("config", "uploadpack.allowFilter", "true")
	s.git("clone", "-q", "--bare", "--filter=blob:none", "file://"+filepath.ToSlash(s.dir), "partial")
	partial := s.at("partial")
	if err := os.RemoveAll(filepath.Join(s.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	r := partial.open()
	tree, err := r.Tree(two)
	if err != nil {
		t.Fatal(err)
	}
	if entries, err := tree.ReadDir("npx"); err != nil || len(entries) != 1 {
		t.Errorf("folders are there: %v, %v", entries, err)
	}
	if _, err := tree.Open("npx/x/spec.yaml"); err == nil || isNotExist(err) {
		t.Errorf("a file that was left behind: %v", err)
	}
	fails(t, "the fault", r.Fault(), "this clone is partial, and a review fetches nothing: git fetch --refetch --no-filter")
}

func isNotExist(err error) bool {
	return err != nil && strings.Contains(err.Error(), fs.ErrNotExist.Error())
}

// A commit holds what its name stands for, whatever else the repository says.
func TestOtherObjectsInTheirPlace(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	one, two := s.two()
	s.git("config", "advice.graftFileDeprecated", "false")
	s.git("replace", two, one)
	s.git("replace", s.git("--no-replace-objects", "rev-parse", two+"^{tree}"), s.git("rev-parse", one+"^{tree}"))
	s.write(".git/info/grafts", two+"\n")
	s.holds(two, "npx/x/spec.yaml", "two")
	if base, err := s.open().Base(two); err != nil || base != one {
		t.Errorf("before the second commit is %q, %v; want the first", base, err)
	}
	alien := s.git("commit-tree", "-m", "alien", two+"^{tree}")
	s.git("update-ref", "refs/remotes/origin/HEAD", alien)
	s.git("replace", "-f", "--graft", two, alien)
	s.write(".git/info/grafts", two+" "+alien+"\n")
	_, err := s.open().Base(two)
	fails(t, "a base that replaced history brings", err, "have in common, found none")
}

// An object store may hold other bytes than an object's name stands for: git
// checks that when it fetches, not when it reads.
func TestAlteredObjects(t *testing.T) {
	t.Parallel()
	for kind, object := range map[string]string{"blob": ":npx/x/spec.yaml", "tree": "^{tree}", "commit": ""} {
		s := newSandbox(t)
		one, two := s.two()
		right, wrong := s.git("rev-parse", two+object), s.git("rev-parse", one+object)
		elsewhere := filepath.Join(t.TempDir(), "objects")
		if err := os.Rename(filepath.Join(s.dir, ".git", "objects"), elsewhere); err != nil {
			t.Fatal(err)
		}
		file := func(name string) string { return filepath.Join(elsewhere, name[:2], name[2:]) }
		if err := os.Remove(file(right)); err != nil {
			t.Fatal(err)
		}
		testfiles.Write(t, file(right), string(testfiles.Read(t, file(wrong))))
		s.write(".git/objects/info/alternates", elsewhere+"\n")
		r := s.open()
		tree, err := r.Tree(two)
		if err == nil {
			_, err = tree.Open("npx/x/spec.yaml")
		}
		fails(t, kind, err, "expected the bytes of "+kind+" "+right+", found others")
		fails(t, kind, r.Fault(), "found others")
		if _, err := r.Tree(one); err == nil {
			t.Errorf("%s: the repository was read on", kind)
		}
	}
}

// A change may bring a whole repository as files, whose history is its own.
func TestRepositoryWithinTheCatalog(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{
		"bare": "[core]\nbare = true\n", "with files": "[core]\nworktree = .\n", "with the catalog's": "[core]\nworktree = ..\nbare = false\n",
	} {
		s := newSandbox(t)
		s.write("catalog/npx/x/spec.yaml", "genuine")
		commit := s.commit()
		evil := newSandbox(t)
		evil.write("npx/x/spec.yaml", "forged")
		forged := evil.commit()
		if err := os.CopyFS(filepath.Join(s.dir, "catalog"), os.DirFS(filepath.Join(evil.dir, ".git"))); err != nil {
			t.Fatal(err)
		}
		s.write("catalog/config", config)
		r, err := Open(t.Context(), filepath.Join(s.dir, "catalog"), s.env)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		defer r.Close()
		if head, err := r.Commit("HEAD"); err != nil || head != commit || r.bare {
			t.Errorf("%s: HEAD is %.7s, %v; want %.7s, not %.7s", name, head, err, commit, forged)
		}
		s.at("catalog").holds(commit, "npx/x/spec.yaml", "genuine")
	}
}

// Neither the environment nor the repository's own settings lead elsewhere.
func TestLedElsewhere(t *testing.T) {
	t.Parallel()
	evil := newSandbox(t)
	evil.two()
	s := newSandbox(t)
	_, two := s.two()
	dir := filepath.Join(evil.dir, ".git")
	for _, variable := range []string{
		"GIT_DIR=" + dir, "GIT_COMMON_DIR=" + dir, "GIT_WORK_TREE=" + evil.dir, "GIT_OBJECT_DIRECTORY=" + filepath.Join(dir, "objects"),
		"GIT_CEILING_DIRECTORIES=" + s.dir, "GIT_INDEX_FILE=/none", "GIT_NAMESPACE=evil", "GIT_PREFIX=npx/", "GIT_SHALLOW_FILE=" + os.DevNull,
		"GIT_LITERAL_PATHSPECS=1", "GIT_TRACE=1", "GIT_TRACE2_EVENT=1", "GIT_IMPLICIT_WORK_TREE=0", "GIT_ALTERNATE_OBJECT_DIRECTORIES=" + dir,
		"GIT_REPLACE_REF_BASE=refs/heads/",
	} {
		other := &sandbox{s.TB, s.dir, append(s.env[:len(s.env):len(s.env)], variable)}
		other.holds(two, "npx/x/spec.yaml", "two")
	}
	config := string(testfiles.Read(t, s.dir, ".git", "config"))
	for _, setting := range []string{"worktree = " + evil.dir, "worktree = ..", "worktree = npx", "worktree = /none/at/all", "bare = true"} {
		s.write(".git/config", config+"[core]\n"+setting+"\n")
		s.holds(two, "npx/x/spec.yaml", "two")
		s.at("npx").holds(two, "x/spec.yaml", "two")
	}
}

// Git is waited for within bounds: a setting may be a pipe that nobody writes to.
func TestGitThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	testfiles.NamedPipe(t, filepath.Join(s.dir, ".git", "pipe"))
	s.write(".git/config", "[include]\npath = pipe\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Open(ctx, s.dir, s.env); err == nil {
		t.Error("a repository that cannot be read was opened")
	}
}

// A review that is given up ends git, and says so.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	_, two := s.two()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := Open(ctx, s.dir, s.env)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	tree, err := r.Tree(two)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	for range 100 { // git may answer until the signal reaches it
		if _, err = tree.Open("npx/x/spec.yaml"); err != nil {
			break
		}
		r.folders.read = nil
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("a file: %v", err)
	}
	if _, err := r.Commit("HEAD"); !errors.Is(err, context.Canceled) {
		t.Errorf("a commit: %v", err)
	}
}

// Another user's repository is refused by git itself, in words that say what to do.
func TestRepositoryOfAnother(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	_, two := s.two()
	for _, name := range []string{".", ".git"} {
		if err := os.Chown(filepath.Join(s.dir, name), 12345, -1); err != nil {
			t.Skip("only the superuser can give folders away")
		}
	}
	_, err := Open(t.Context(), s.dir, s.env)
	fails(t, "a repository of another user", err, "git config --global --add safe.directory "+s.dir)
	s.env = append(s.env, "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0="+s.dir)
	s.holds(two, "npx/x/spec.yaml", "two")
}
