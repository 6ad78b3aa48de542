package pypi

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
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

func TestTheLongestName(t *testing.T) {
	t.Parallel()
	name := "foo-1.0-" + strings.Repeat("x", untrusted.MaxFilename-len("foo-1.0-")-len("-py3-none-any.whl"))
	for _, c := range []struct{ filename, address string }{
		{name + "-py3-none-any.whl", ""}, {"", "https://h.example/" + name + "-py3-none-any.whl"}, {"", "https://h.example/x#egg=" + name + "-py3-none-any.whl"},
	} {
		if _, _, err := place(c.filename, c.address, "foo", "1.0"); err != nil {
			t.Errorf("%d and %d bytes: %v", len(c.filename), len(c.address), err)
		}
		grow := func(s string) string { return strings.Replace(s, "foo-1.0-", "foo-1.0-1", 1) }
		if name, where, err := place(grow(c.filename), grow(c.address), "foo", "1.0"); err == nil || where != nowhere || name != "" {
			t.Errorf("one byte longer: %q is %v", name, where)
		}
	}
}
