package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// What SECURITY.md names is there: every test, script and package of the demo;
// and it names every package of the demo that must not pass.
func TestSecurityNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	root := testfiles.Root(t)
	data := testfiles.Read(t, root, ".github", "SECURITY.md")
	text := string(data)
	tests := 0
	for _, named := range regexp.MustCompile("`([a-z/]+)\\.((?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(text, -1) {
		tests++
		if !hasTest(t, filepath.Join(root, filepath.FromSlash(named[1])), named[2]) {
			t.Errorf("there is no %s in %s", named[2], named[1])
		}
	}
	scripts := 0
	for _, named := range regexp.MustCompile("`([\\w/-]+\\.txtar)`").FindAllStringSubmatch(text, -1) {
		scripts++
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(named[1]))); err != nil {
			t.Error(err)
		}
	}
	attacks := map[string]bool{}
	_, table, _ := strings.Cut(text, "| attack | packages in `testdata/demo/attacks` |")
	table, _, _ = strings.Cut(table, "\n\n")
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, "|")
		for name := range strings.SplitSeq(cells[2], ",") {
			name = strings.TrimSpace(name)
			attacks[name] = true
			if found, err := filepath.Glob(filepath.Join(root, "testdata", "demo", "attacks", "*", name, "spec.yaml")); err != nil || len(found) != 1 {
				t.Errorf("the demo has no attack %q", name)
			}
		}
	}
	if tests < 60 || scripts < 4 || len(attacks) < 55 {
		t.Errorf("only %d tests, %d scripts and %d attacks are named", tests, scripts, len(attacks))
	}
	specs, err := filepath.Glob(filepath.Join(root, "testdata", "demo", "attacks", "*", "*", "spec.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, spec := range specs {
		data := testfiles.Read(t, spec)
		bad := regexp.MustCompile(`expect: "(invalid|unchecked|mismatch)"`).Match(data)
		if name := filepath.Base(filepath.Dir(spec)); bad && !attacks[name] {
			t.Errorf("SECURITY.md does not name the attack %s", name)
		}
	}
}

// hasTest reports whether a test file in a folder has a function.
func hasTest(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data := testfiles.Read(t, file)
		if strings.Contains(string(data), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
