package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"plimsoll/testdata/testfiles"
)

// program writes a script that the test starts in place of a browser.
func program(t *testing.T, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs a Unix shell for its fake browser")
	}
	path := filepath.Join(t.TempDir(), "fake-browser")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestBrowserIsStartedWithoutAShell(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	l := launcher{path: program(t, `printf '%s\n' "$#" "$1" >"`+out+`"; echo noise; echo noise >&2`), wait: launchTime}
	const address = "https://github.com/acme/x/tree/abc?a=$(id)&b=;c"
	if err := l.open(t.Context(), address); err != nil {
		t.Fatal(err)
	}
	if data, _ := os.ReadFile(out); string(data) != "1\n"+address+"\n" {
		t.Errorf("the browser got %q", data)
	}
}

func TestBrowserRefusesOtherAddresses(t *testing.T) {
	t.Parallel()
	l := launcher{path: program(t, "exit 0"), wait: launchTime}
	for _, address := range []string{"", "http://x.example", "javascript:alert(1)", "file:///etc/passwd", "-a https://x.example",
		"https://x.example/\n", "https://x.example/\x1b[2J", "https://x.example/a b", "https://x.example/\u202e", `https://x.example/"`} {
		if err := l.open(t.Context(), address); err == nil {
			t.Errorf("%q was opened", address)
		}
	}
}

func TestBrowserThatFails(t *testing.T) {
	t.Parallel()
	l := launcher{path: program(t, "exit 3"), wait: launchTime}
	if err := l.open(t.Context(), "https://x.example/"); err == nil || !strings.Contains(err.Error(), "fake-browser ended with exit status 3") {
		t.Errorf("open: %v", err)
	}
	l.path = filepath.Join(t.TempDir(), "none")
	if err := l.open(t.Context(), "https://x.example/"); err == nil {
		t.Error("a browser that is not there was started")
	}
}

func TestBrowserIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	l := launcher{path: program(t, "exec sleep 30"), wait: time.Millisecond}
	if err := l.open(t.Context(), "https://x.example/"); err != nil {
		t.Errorf("a launcher that stays: %v", err)
	}
	l.wait = time.Hour
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.open(ctx, "https://x.example/"); !errors.Is(err, context.Canceled) {
		t.Errorf("a program that is left: %v", err)
	}
}

func TestNoBrowserCanBeSeen(t *testing.T) {
	t.Parallel()
	for name, vars := range map[string]map[string]string{
		"over ssh":           {"DISPLAY": ":0", "SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"},
		"on an ssh terminal": {"WAYLAND_DISPLAY": "wayland-0", "SSH_TTY": "/dev/pts/0"},
	} {
		if browser(Env{Getenv: func(key string) string { return vars[key] }}) != nil {
			t.Errorf("%s there is a browser", name)
		}
	}
	if runtime.GOOS == "linux" && browser(Env{Getenv: func(string) string { return "" }}) != nil {
		t.Error("without a display there is a browser")
	}
}

func TestClipboard(t *testing.T) {
	t.Parallel()
	var got string
	c := nativeClipboard{func(s string) error { got = s; return nil }, copyTime}
	if err := c.Write(t.Context(), "x"); err != nil || got != "x" {
		t.Errorf("the clipboard has %q: %v", got, err)
	}
	c.write = func(string) error { return errors.New("exit status 1") }
	if err := c.Write(t.Context(), "x"); err == nil {
		t.Error("a clipboard that fails went well")
	}
	never := make(chan struct{})
	defer close(never)
	c.write = func(string) error { <-never; return nil }
	c.limit = time.Millisecond
	if err := c.Write(t.Context(), "x"); err == nil {
		t.Error("a clipboard that does not answer was waited for")
	}
}

func TestExportFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "a.json")
	if err := exportFile(name, []byte("one"), false); err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(name); info.Mode().Perm()&^0o644 != 0 {
		t.Errorf("the file's mode is %v", info.Mode())
	}
	if err := exportFile(name, []byte("two"), false); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file that is there: %v, want that it exists", err)
	}
	if data, _ := os.ReadFile(name); string(data) != "one" {
		t.Errorf("the file holds %q", data)
	}
	if err := exportFile(name, []byte("three"), true); err != nil {
		t.Error(err)
	}
	if data, _ := os.ReadFile(name); string(data) != "three" {
		t.Errorf("the file holds %q after overwriting", data)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("the folder has %d files", len(files))
	}
}

func TestExportFileRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{dir, filepath.Join(dir, "none", "a.json"), filepath.Join(dir, "a\n.json"), ""} {
		for _, overwrite := range []bool{false, true} {
			if err := exportFile(name, []byte("x"), overwrite); err == nil || errors.Is(err, fs.ErrExist) {
				t.Errorf("%q, overwrite %v: %v", name, overwrite, err)
			}
		}
	}
	if err := exportFile(os.DevNull, []byte("x"), true); err == nil {
		t.Error("a device was written to")
	}
}

func TestExportFileAtHome(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	if err := exportFile("~/a.json", []byte("x"), false); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(home, "a.json")); err != nil {
		t.Error(err)
	}
}

// A link may lead anywhere: nothing is written through it, whether its target is
// there or not, and to write into a pipe would be to wait.
func TestExportFileDoesNotFollowLinks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	victim, link, nowhere, pipe := filepath.Join(dir, "victim"), filepath.Join(dir, "link"), filepath.Join(dir, "nowhere"), filepath.Join(dir, "pipe")
	testfiles.NamedPipe(t, pipe)
	if err := errors.Join(os.WriteFile(victim, []byte("mine"), 0o600), os.Symlink(victim, link), os.Symlink(filepath.Join(dir, "new"), nowhere)); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{link: "is a symbolic link", nowhere: "is a symbolic link", pipe: "is no ordinary file"} {
		for _, overwrite := range []bool{false, true} {
			if err := exportFile(name, []byte("x"), overwrite); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, overwrite %v: %v", name, overwrite, err)
			}
		}
	}
	if data, _ := os.ReadFile(victim); string(data) != "mine" {
		t.Errorf("the link's target holds %q", data)
	}
	if files, _ := os.ReadDir(dir); len(files) != 4 {
		t.Errorf("%d files", len(files))
	}
}
