package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// What CONTRIBUTING.md names is there: every file, folder, test and target of
// make; and it names every room of the product.
func TestContributingNamesWhatIsThere(t *testing.T) {
	t.Parallel()
	root := testfiles.Root(t)
	read := func(name string) string {
		data := testfiles.Read(t, root, filepath.FromSlash(name))
		return string(data)
	}
	text, makefile := read(".github/CONTRIBUTING.md"), read("Makefile")
	paths, tests, targets := 0, 0, 0
	for _, named := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(text, -1) {
		word := named[1]
		if target, ok := strings.CutPrefix(word, "make "); ok {
			targets++
			if !strings.Contains(makefile, "\n"+target+":") {
				t.Errorf("there is no make %s", target)
			}
			continue
		}
		if folder, test, ok := strings.Cut(word, ".Test"); ok {
			tests++
			if !hasTest(t, filepath.Join(root, filepath.FromSlash(folder)), "Test"+test) {
				t.Errorf("there is no Test%s in %s", test, folder)
			}
			continue
		}
		if strings.Contains(word, "/") && !strings.Contains(word, " ") {
			paths++
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(word))); err != nil {
				t.Error(err)
			}
		}
	}
	if paths < 50 || tests < 4 || targets < 6 {
		t.Errorf("only %d paths, %d tests and %d targets are named", paths, tests, targets)
	}
	for room := range rooms {
		room = strings.TrimSuffix(room, "/...")
		if room != "." && !regexp.MustCompile(`(^|[^\w/])`+room+`\b`).MatchString(text) {
			t.Errorf("CONTRIBUTING.md does not name the room %s", room)
		}
	}
}
