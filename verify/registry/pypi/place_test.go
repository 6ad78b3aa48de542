package pypi

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"
)

// testdata/installers.jsonl holds what pip 23.2.1 answers (LinkEvaluator over
// Link.from_json, any tags, SpecifierSet("==WANTED")): for each entry of a page
// whether it takes the file. "here" is plimsoll's answer. It may be yes where
// pip's is no, for another installer or another pip; never the other way round.
func TestEveryFileThatPipTakesIsOfTheRelease(t *testing.T) {
	t.Parallel()
	file, err := os.Open("testdata/installers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, more := 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); rows++ {
		var row struct {
			Filename, URL, Project, Wanted string
			Pip, Here                      bool
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		name, where, err := place(row.Filename, row.URL, row.Project, row.Wanted)
		if err != nil {
			t.Errorf("%q at %q: %v", row.Filename, row.URL, err)
		}
		if (where == here) != row.Here || name == "" {
			t.Errorf("%q at %q for %s==%s: %v as %q, want here %v", row.Filename, row.URL, row.Project, row.Wanted, where, name, row.Here)
		}
		if row.Pip && !row.Here {
			t.Errorf("%q at %q: the table lets a file go that pip takes", row.Filename, row.URL)
		}
		if row.Here && !row.Pip {
			more++
		}
	}
	if rows < 170 || more > 30 {
		t.Errorf("%d rows, %d of them beyond pip", rows, more)
	}
}
