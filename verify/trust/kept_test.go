package trust

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/tuftest"
	"plimsoll/verify"
)

// damages are what becomes of a kept file.
var damages = map[string]func(name string) error{
	"torn":           func(name string) error { return os.Truncate(name, 20) },
	"empty":          func(name string) error { return os.Truncate(name, 0) },
	"garbled":        func(name string) error { return os.WriteFile(name, []byte("\x00\x1b[2J"), 0o600) },
	"null":           func(name string) error { return os.WriteFile(name, []byte("null"), 0o600) },
	"another object": func(name string) error { return os.WriteFile(name, []byte(`{"signed":{},"signatures":[]}`), 0o600) },
	"too large":      func(name string) error { return os.Truncate(name, untrusted.MaxTrustFile+1) },
	"another text": func(name string) error { // decodes, and is signed no more
		data, err := os.ReadFile(name)
		return errors.Join(err, os.WriteFile(name, bytes.Replace(data, []byte(`"spec_version":"1.0.31"`), []byte(`"spec_version":"1.0.30"`), 1), 0o600))
	},
	"a folder": func(name string) error {
		return errors.Join(os.Remove(name), os.MkdirAll(filepath.Join(name, "in the way"), 0o700))
	},
	"a link to nothing":  func(name string) error { return errors.Join(os.Remove(name), os.Symlink("nothing", name)) },
	"a link to a device": func(name string) error { return errors.Join(os.Remove(name), os.Symlink(os.DevNull, name)) },
	"gone":               os.Remove,
}

// kindsOf are all damages, or under -short a few.
func kindsOf() []string {
	if testing.Short() {
		return []string{"torn", "another text", "a folder", "gone"}
	}
	return slices.Sorted(maps.Keys(damages))
}

// keptFiles are those that a run keeps, and what it does not miss.
func keptFiles(t *testing.T, folder string) (names []string) {
	t.Helper()
	for _, below := range []string{".", targetFolder} {
		entries, err := os.ReadDir(filepath.Join(folder, below))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if name := filepath.Join(below, e.Name()); name != targetFolder {
				names = append(names, name)
			}
		}
	}
	return names
}

// Whatever has become of a file that is kept, the next run online has it again, says
// so once, and loses nothing else. Offline it says what to do, and takes nothing older.
func TestDamagedFilesAreFetchedAgain(t *testing.T) {
	t.Parallel()
	r := newTUFRepository(t, withKeys(t))
	r.Rotate()
	r.Delegate("keysofnpm", npmHost+"/keys.json", future)
	model := t.TempDir()
	if err := ask(t, providerOf(r, model, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	names := keptFiles(t, folderOf(r, model))
	if len(names) != 9 {
		t.Fatalf("kept are %q", names)
	}
	tries := 0
	for _, kind := range kindsOf() {
		damage := damages[kind]
		for _, name := range names {
			tries++
			cache := t.TempDir()
			folder := folderOf(r, cache)
			if err := errors.Join(os.CopyFS(folder, os.DirFS(folderOf(r, model))), damage(filepath.Join(folder, name))); err != nil {
				t.Fatal(err)
			}
			err := all(t, providerOf(r, cache, true, &testClock{noon}))
			needless := name == lockFile || name == checkedFile || bytes.Equal(read(folder, name), read(folderOf(r, model), name))
			if (err == nil) != needless || err != nil && !strings.Contains(err.Error(), "run once without --offline") {
				t.Errorf("%s, %s: offline: %v", name, kind, err)
			}
			for run := range 3 {
				p := providerOf(r, cache, run == 2, &testClock{noon})
				if err := all(t, p); err != nil {
					t.Errorf("%s, %s: run %d: %v", name, kind, run, err)
				}
				if said := p.Describe().Kept; (said != "") != (run == 0 && !needless && kind != "gone") || said != "" && !strings.Contains(said, filepath.Base(name)+damagedSuffix) {
					t.Errorf("%s, %s: run %d says %q", name, kind, run, said)
				}
			}
			now := keptFiles(t, folder)
			for _, name := range names {
				if name != lockFile && !slices.Contains(now, name) {
					t.Errorf("%s: %s is missing", kind, name)
				}
			}
			if len(now) > len(names)+1 {
				t.Errorf("%s, %s: left is %q", name, kind, now)
			}
		}
	}
	t.Logf("%d tries", tries)
}

// all asks for everything that there is.
func all(t *testing.T, p *Provider) error {
	t.Helper()
	got, err := p.For(t.Context(), verify.NPM, mustParse(t, "https://"+npmHost+"/"))
	if err == nil && len(got.Keys) != 1 {
		err = errors.New(got.KeysError)
	}
	return err
}

func read(folder, name string) []byte {
	data, _ := os.ReadFile(filepath.Join(folder, name))
	return data
}

// A file that is damaged is no way back: an older copy of the repository is refused, by
// the name that the file had, and so is one without the root that revoked its keys.
func TestDamageIsNoWayBack(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		damaged []string
		happens func(r *tuftest.Repository, old map[string][]byte)
	}{
		{"the timestamp", []string{"2.timestamp.json"}, func(r *tuftest.Repository, old map[string][]byte) { r.Restore(old) }},
		{"the snapshot", []string{"2.snapshot.json"}, func(r *tuftest.Repository, old map[string][]byte) { r.Restore(old) }},
		{"both", []string{"2.timestamp.json", "2.snapshot.json"}, func(r *tuftest.Repository, old map[string][]byte) { r.Restore(old) }},
		{"all", []string{"2.timestamp.json", "2.snapshot.json", "2.targets.json"}, func(r *tuftest.Repository, old map[string][]byte) { r.Restore(old) }},
		{"the root", []string{"2.root.json"}, func(r *tuftest.Repository, _ map[string][]byte) { r.Steal() }},
		{"the root and the timestamp", []string{"2.root.json", "2.timestamp.json"}, func(r *tuftest.Repository, _ map[string][]byte) { r.Steal() }},
	} {
		for _, kind := range kindsOf() {
			damage := damages[kind]
			if kind == "gone" {
				continue // who may write to the user's files is trusted
			}
			r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
			old := r.Save()
			if strings.Contains(tt.name, "root") {
				r.Rotate()
			} else {
				r.Update(future)
			}
			if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
				t.Fatal(err)
			}
			for _, name := range tt.damaged {
				if err := damage(filepath.Join(folderOf(r, cache), name)); err != nil {
					t.Fatal(err)
				}
			}
			now := r.Save()
			tt.happens(r, old)
			for range 2 { // and stays so
				if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err == nil {
					t.Errorf("%s, %s: the older copy was taken", tt.name, kind)
				}
			}
			r.Restore(now) // and what is not older is taken
			if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
				t.Errorf("%s, %s: %v", tt.name, kind, err)
			}
		}
	}
}

// A repository that signed too high a version recovers with other keys (TUF
// specification, section 5.3.11), and what it kept aside does not hold it off.
func TestOtherKeysMayBeginAnew(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	old := r.Save()
	for range 3 {
		r.Update(future)
	}
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	r.Restore(old)
	r.BeginAnew()
	for _, offline := range []bool{false, false, true} {
		p := providerOf(r, cache, offline, &testClock{noon})
		if err := ask(t, p); err != nil || p.Describe().Version != 1 {
			t.Errorf("offline %v: version %d, %v", offline, p.Describe().Version, err)
		}
	}
}

// Without a folder of its own nothing is read of whatever lies in the current one.
func TestNothingIsReadOfTheCurrentFolder(t *testing.T) {
	r := newTUFRepository(t, withKeys(t))
	dir := t.TempDir()
	for _, role := range []string{timestampFile, snapshotFile, targetsFile} {
		if err := os.WriteFile(filepath.Join(dir, role), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	if err := ask(t, providerOf(r, "", false, &testClock{noon})); err != nil {
		t.Error(err)
	}
}

// What is there is not asked for, and not written.
func TestNothingIsWrittenThatIsThere(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	stamps := func() (s []string) {
		for _, name := range keptFiles(t, folderOf(r, cache)) {
			info, err := os.Stat(filepath.Join(folderOf(r, cache), name))
			if err != nil {
				t.Fatal(err)
			}
			if name != checkedFile {
				s = append(s, fmt.Sprint(name, info.ModTime()))
			}
		}
		return s
	}
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	before, asked := stamps(), r.Requests()
	if err := ask(t, providerOf(r, cache, false, &testClock{noon})); err != nil || !slices.Equal(before, stamps()) || r.Requests() != asked+2 {
		t.Errorf("%d requests, %v", r.Requests()-asked, err)
	}
	if err := ask(t, providerOf(r, filepath.Join(cache, "other"), true, &testClock{noon})); err == nil || len(keptFiles(t, folderOf(r, cache))) != len(before)+1 {
		t.Errorf("offline: %v", err)
	}
	if _, err := os.Stat(filepath.Join(cache, "other")); err == nil {
		t.Error("offline a folder was made")
	}
}

// A repository whose files have no versions in their names is kept and held on to as
// any other.
func TestRepositoryWithoutVersionsInNames(t *testing.T) {
	t.Parallel()
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	r.Flatten()
	old := r.Save()
	r.Flatten()
	for _, offline := range []bool{false, false, true} {
		p := providerOf(r, cache, offline, &testClock{noon})
		if err := all(t, p); err != nil || p.Describe().Kept != "" {
			t.Errorf("offline %v: %v, said %q", offline, err, p.Describe().Kept)
		}
	}
	r.Restore(old)
	if err := all(t, providerOf(r, cache, false, &testClock{noon})); err == nil {
		t.Error("an older copy was taken")
	}
}

// A program that was stopped while it wrote holds nobody up.
func TestAStoppedWriterIsNotWaitedFor(t *testing.T) {
	r, cache := newTUFRepository(t, withKeys(t)), t.TempDir()
	if err := all(t, providerOf(r, cache, false, &testClock{noon})); err != nil {
		t.Fatal(err)
	}
	unlock, err := untrusted.Lock(filepath.Join(folderOf(r, cache), lockFile), lockPatience)
	if err != nil {
		t.Fatal(err)
	}
	patience := lockPatience
	lockPatience = 0
	t.Cleanup(func() { lockPatience = patience })
	r.Update(future)
	p := providerOf(r, cache, false, &testClock{noon})
	if err := all(t, p); err != nil || p.Describe().Version != 2 || !strings.Contains(p.Describe().Kept, untrusted.ErrLocked.Error()) {
		t.Errorf("%v; said %q", err, p.Describe().Kept)
	}
	unlock()
}
