package catalog

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

func TestCountUnread(t *testing.T) {
	files := map[string]string{
		"npx/a/spec.yaml": "x", "uvx/b/spec.yaml": "x", "skills/README.md": "x", "docs/page/readme.md": "x",
		"npx/c/spec.yml": "x", "npx/d/spec.yml": "x", "npx/a/spec.yml": "x", "uvx/e/Spec.yaml": "x", "npx/@acme/x/spec.yaml": "x",
		".git/hooks/spec.yaml": "x", "deno/osv/spec.yaml": "x", "skills/empty/other.yaml": "x", "\x1b[31m/x/spec.yaml": "x",
	}
	for i := range 189 {
		files[fmt.Sprintf("skills/skill-%d/spec.yaml", i)] = "x"
	}
	found := CountUnread(context.Background(), Source{FS: tree(files)})
	if got, want := found.String(), `189 under skills/, 2 named spec.yml, not spec.yaml, under npx/, 1 under \x1b[31m/, more under 3 other folders`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fmt.Sprint(found[3:]); got != "1 under deno/, 1 under npx/@acme/, 1 named Spec.yaml, not spec.yaml, under uvx/" {
		t.Errorf("the others are %q", got)
	}
	if found := CountUnread(context.Background(), Source{FS: tree(map[string]string{"npx/a/spec.yaml": "x"})}); found.String() != "" {
		t.Errorf("nothing is left out, and it says %q", found)
	}
	named := CountUnread(context.Background(), Source{Name: "attacks", FS: tree(files)})
	if named[0].Folder != "attacks/skills" {
		t.Errorf("a catalog among several: %q", named[0].Folder)
	}
}

// A folder of any size costs no more than a bounded number of entries, and the
// count then says that there may be more.
func TestCountUnreadIsBounded(t *testing.T) {
	many := fstest.MapFS{}
	for i := range maxUnreadEntries + 10 {
		many[fmt.Sprintf("modules/m%d/spec.yaml", i)] = &fstest.MapFile{}
	}
	found := CountUnread(context.Background(), Source{FS: many})
	if len(found) != 1 || !found[0].AtLeast || found[0].Specs >= maxUnreadEntries || !strings.HasPrefix(found.String(), "at least ") {
		t.Errorf("got %+v", found)
	}
}
