package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// make install puts the program, a manual page for each command and the
// completions where systems look for them, and make uninstall takes all of it
// away and nothing else.
func TestInstall(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip(err)
	}
	bin, destination := t.TempDir(), filepath.Join(t.TempDir(), "a folder")
	run := func(target string) {
		t.Helper()
		command := exec.Command("make", "--no-print-directory", target, "BIN="+bin, "DESTDIR="+destination, "PREFIX=/opt/x")
		command.Dir = testfiles.Root(t)
		// A make that runs this test hands its own variables down.
		command.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("make %s: %v\n%s", target, err, out)
		}
	}
	testfiles.Write(t, filepath.Join(destination, "opt/x/share/man/man1/other.1"), "another's")
	testfiles.Write(t, filepath.Join(bin, "man/plimsoll-removed.1"), "a command that is no more")
	run("install")
	files := installed(t, filepath.Join(destination, "opt/x"))
	for _, want := range []string{"bin/plimsoll", "share/man/man1/plimsoll.1", "share/man/man1/plimsoll-report.1", "share/man/man5/plimsoll.yaml.5",
		"share/bash-completion/completions/plimsoll", "share/zsh/site-functions/_plimsoll", "share/fish/vendor_completions.d/plimsoll.fish"} {
		if !slices.Contains(files, want) {
			t.Errorf("there is no %s among %q", want, files)
		}
	}
	if slices.Contains(files, "share/man/man1/plimsoll-removed.1") {
		t.Error("a page of an earlier build was installed")
	}
	program := filepath.Join(destination, "opt/x/bin/plimsoll")
	if out, err := exec.Command(program, "version").Output(); err != nil || !strings.HasPrefix(string(out), "plimsoll ") {
		t.Errorf("plimsoll version: %q, %v", out, err)
	}
	run("uninstall")
	if left := installed(t, filepath.Join(destination, "opt/x")); !slices.Equal(left, []string{"share/man/man1/other.1"}) {
		t.Errorf("after make uninstall there are %q", left)
	}
}

// installed returns the names of the files below a folder.
func installed(t *testing.T, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		name, relErr := filepath.Rel(folder, path)
		if err == nil && !d.IsDir() {
			names = append(names, filepath.ToSlash(name))
		}
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
