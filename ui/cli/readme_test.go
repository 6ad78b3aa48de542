package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// Every command is in the README's table, and a script runs it.
func TestEveryCommandIsNamedAndRun(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(testfiles.Root(t), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var scripts strings.Builder
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		scripts.Write(data)
	}
	for _, c := range Command(Env{}).Commands() {
		if !strings.Contains(string(readme), "`plimsoll "+c.Name()) {
			t.Errorf("README.md does not name plimsoll %s", c.Name())
		}
		if !strings.Contains(scripts.String(), "plimsoll "+c.Name()) {
			t.Errorf("no script in testdata/script runs plimsoll %s", c.Name())
		}
	}
}
