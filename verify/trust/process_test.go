package trust

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/tuftest"
)

// The environment of another process of these tests: how often it loads the trust, the
// repository and the folder.
const (
	timesVariable  = "PLIMSOLL_TEST_TRUST_TIMES"
	mirrorVariable = "PLIMSOLL_TEST_TRUST_MIRROR"
	rootVariable   = "PLIMSOLL_TEST_TRUST_ROOT"
	folderVariable = "PLIMSOLL_TEST_TRUST_FOLDER"
)

// TestOtherProcess is the other process of the tests below. It says how each load
// ended.
func TestOtherProcess(t *testing.T) {
	times, err := strconv.Atoi(os.Getenv(timesVariable))
	if err != nil {
		t.Skip("this is another process of other tests")
	}
	root, err := os.ReadFile(os.Getenv(rootVariable))
	if err != nil {
		t.Fatal(err)
	}
	lockPatience *= 100 // what is tested is not how busy the machine is
	r := &tuftest.Repository{URL: os.Getenv(mirrorVariable), Root: root}
	for range times {
		p := providerOf(r, os.Getenv(folderVariable), false, &testClock{noon})
		if err := all(t, p); err != nil {
			fmt.Println("wrong:", err)
		} else if said := p.Describe().Kept; said != "" {
			fmt.Println("said:", said)
		} else {
			fmt.Println("right")
		}
	}
}

// otherProcess is one that loads the trust that often.
func otherProcess(t *testing.T, r *tuftest.Repository, cache string, times int) *exec.Cmd {
	t.Helper()
	root := filepath.Join(t.TempDir(), "root.json")
	if err := os.WriteFile(root, r.Root, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOtherProcess$")
	cmd.Env = append(os.Environ(), timesVariable+"="+strconv.Itoa(times), mirrorVariable+"="+r.URL, rootVariable+"="+root, folderVariable+"="+cache)
	cmd.Stderr = os.Stderr
	return cmd
}

// answers runs a process and counts what it says.
func answers(t *testing.T, cmd *exec.Cmd) (right int, others []string) {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(out)) {
		switch line = strings.TrimSpace(line); {
		case line == "right":
			right++
		case strings.HasPrefix(line, "wrong:"), strings.HasPrefix(line, "said:"):
			others = append(others, line)
		}
	}
	return right, others
}

// Several programs load the trust from one folder, the first time and while the
// repository goes on: each of them has it.
func TestProgramsShareTheFolder(t *testing.T) {
	t.Parallel()
	rounds, programs, times := 10, 7, 10
	if testing.Short() {
		rounds, programs, times = 1, 4, 5
	}
	total := 0
	for range rounds {
		r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
		var group sync.WaitGroup
		var mu sync.Mutex
		for range programs {
			cmd := otherProcess(t, r, cache, times)
			group.Go(func() {
				right, others := answers(t, cmd)
				mu.Lock()
				defer mu.Unlock()
				if total += right; right != times {
					t.Errorf("%d of %d loads are right: %q", right, times, others)
				}
			})
		}
		ended, end := context.WithCancel(t.Context())
		go func() {
			defer end()
			group.Wait()
		}()
		for asked := 0; asked < programs*times/2 && r.Await(ended, asked+9); asked = r.Requests() { // they are loading
			r.Update(future)
		}
		<-ended.Done()
	}
	t.Logf("%d loads", total)
}

// A program that is killed while it keeps what it fetched leaves one whole state, and
// nothing of what it was writing beyond the next run.
func TestKilledWhileKeeping(t *testing.T) {
	t.Parallel()
	kills := 100
	if testing.Short() {
		kills = 5
	}
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	if err := all(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	left := 0
	for kill := range kills {
		cmd := otherProcess(t, r, cache, 1_000_000)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		scanner := bufio.NewScanner(out)
		for n := 0; n < 1+kill%3 && scanner.Scan(); n++ { // it has something to keep each time
			if text := scanner.Text(); text != "right" {
				t.Error(text)
			}
			r.Update(future)
		}
		r.Await(t.Context(), r.Requests()+kill%7) // and is at any of its steps
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		for _, name := range keptFiles(t, folderOf(r, cache)) {
			if untrusted.IsTemporary(name) {
				left++
			}
		}
		if err := all(t, providerOf(r, cache, true, &testClock{noon})); err != nil {
			t.Errorf("offline, after kill %d: %v", kill+1, err)
		}
	}
	r.Update(future)
	p := providerOf(r, cache, false, &testClock{noon})
	if err := all(t, p); err != nil || p.Describe().Kept != "" {
		t.Errorf("%v; said %q", err, p.Describe().Kept)
	}
	for _, name := range keptFiles(t, folderOf(r, cache)) {
		if untrusted.IsTemporary(name) {
			t.Errorf("left is %s", name)
		}
	}
	t.Logf("%d kills left %d files", kills, left)
}

// A folder that may not be written serves, offline and online, and goes on protecting
// from what is older.
func TestAFolderThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	old := r.Save()
	r.Update(future)
	if err := all(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	said := unwritable(t, folderOf(r, cache))
	load := func(offline bool) (string, error) {
		p := providerOf(r, cache, offline, &testClock{noon})
		err := all(t, p)
		return p.Describe().Kept, err
	}
	for _, offline := range []bool{true, false} {
		if kept, err := load(offline); err != nil || kept != "" {
			t.Errorf("offline %v: %v; said %q", offline, err, kept)
		}
	}
	r.Update(future)
	if kept, err := load(false); err != nil || said && !strings.Contains(kept, "cannot be kept") {
		t.Errorf("a newer repository: %v; said %q", err, kept)
	}
	r.Restore(old)
	if _, err := load(false); err == nil {
		t.Error("an older repository was taken")
	}
}

// unwritable takes the right to write below a folder, and reports whether that counts
// for this user.
func unwritable(t *testing.T, folder string) bool {
	t.Helper()
	set := func(mode os.FileMode) error {
		return errors.Join(os.Chmod(folder, mode), os.Chmod(filepath.Join(folder, targetFolder), mode))
	}
	if err := set(0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set(0o700) })
	probe := filepath.Join(folder, "probe")
	err := os.WriteFile(probe, nil, 0o600)
	_ = os.Remove(probe)
	return err != nil
}
