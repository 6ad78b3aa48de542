package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
)

// rooms lists, for every folder, the folders of this project that its files (not
// its tests) import. "x/..." stands for x and everything below it; the
// longest entry that fits a folder is the one that counts.
var rooms = map[string][]string{
	"catalog/untrusted":   {},
	"catalog":             {"catalog/untrusted", "catalog/yamlfile"},
	"verify/statement":    {"catalog/untrusted"},
	"verify/pyname":       {"catalog/untrusted"},
	"verify/confusable":   {"catalog/untrusted"},
	"verify":              {"catalog/untrusted", "catalog", "verify/statement", "verify/pyname", "verify/confusable"},
	"verify/registry/...": {"catalog/untrusted", "verify/pyname", "verify", "verify/registry/..."},
	"verify/trust":        {"catalog/untrusted", "verify", "verify/registry"},
	"catalog/yamlfile":    {"catalog/untrusted"},
	"catalog/watch":       {"catalog/untrusted", "catalog"},
	"catalog/revision":    {"catalog/untrusted"},
	"verify/triage":       {"catalog/untrusted", "verify", "catalog/yamlfile", "catalog"},
	"verify/policy":       {"catalog/untrusted", "verify", "verify/pyname", "catalog/yamlfile", "catalog"},
	"verify/evidencefile": {"catalog/untrusted", "verify", "verify/registry/..."},
	"verify/history":      {"catalog/untrusted", "verify", "verify/statement", "verify/pyname", "verify/registry/goproxy", "verify/registry/npm", "verify/registry/pypi"},
	"verify/review":       {"catalog/untrusted", "verify", "verify/pyname", "verify/history", "verify/policy", "verify/triage", "catalog"},
	"verify/document":     {"catalog/untrusted", "verify", "verify/triage", "catalog"},
	"verify/scan":         {"catalog/untrusted", "verify", "verify/history", "verify/registry/...", "verify/trust", "catalog"},
	"verify/e2e":          {}, // tests only
	"ui/termguard":        {},
	"ui/theme":            {"catalog/untrusted", "verify/confusable", "verify"},
	"ui/layout":           {},
	"ui/state":            {"catalog/untrusted"},
	"ui/explain":          {},
	"ui/store":            {"catalog/untrusted", "verify", "verify/scan", "verify/triage", "catalog", "ui/theme", "ui/layout"},
	"ui/links":            {"catalog/untrusted", "verify", "verify/history", "verify/review"},
	"ui/view": {"catalog/untrusted", "verify/confusable", "verify", "verify/statement", "verify/history", "verify/review", "catalog",
		"ui/theme", "ui/links", "ui/explain"},
	"ui/report": {"catalog/untrusted", "verify", "verify/review", "verify/document", "verify/pyname", "catalog", "ui/theme", "ui/view", "ui/links",
		"ui/explain"},
	"ui/coverage": {"catalog/untrusted", "verify", "catalog", "ui/theme", "ui/view"},
	"ui/build":    {"catalog/untrusted", "verify/pyname", "verify", "catalog"},
	"ui": {"catalog/untrusted", "verify", "verify/scan", "verify/history", "verify/review", "verify/triage", "verify/document", "catalog", "catalog/watch", "ui/coverage",
		"ui/theme", "ui/layout", "ui/state", "ui/store", "ui/links", "ui/view", "ui/report", "ui/explain", "ui/termguard"},
	"ui/cli":                {"verify/...", "catalog/...", "ui/...", "testdata/demo"},
	".":                     {"ui/cli", "ui/termguard"},
	"testdata/demo":         {},
	"testdata/forge":        {"verify/...", "catalog/..."},
	"testdata/bench":        {"testdata/many"},
	"testdata/bench/beside": {"testdata/demo", "verify", "verify/trust"},
	"testdata/lab":          {"verify/...", "catalog/...", "testdata/demo"},
	"testdata/many":         {"catalog/...", "testdata/demo"},

	"testdata/tuftest":   {},
	"testdata/testfiles": {},
}

// reserved lists the folders that may import a module or a package from outside.
var reserved = map[string][]string{
	"github.com/sigstore/sigstore-go":    {"verify", "verify/trust", "testdata/forge", "testdata/bench/beside"},
	"os/exec":                            {"catalog/revision", "ui/cli", "testdata/pictures", "testdata/bench"},
	"net/http":                           {"verify/registry/...", "verify/trust", "ui/cli", "testdata/tuftest", "testdata/lab", "testdata/testfiles"},
	"github.com/charmbracelet/bubbletea": {"ui"},
	"github.com/charmbracelet/lipgloss":  {"ui/theme"},
	"github.com/muesli/termenv":          {"ui/theme"},
	"github.com/spf13/cobra":             {"ui/cli"},
}

const module = "plimsoll"

// listed is one package of go list.
type listed struct {
	Dir, ImportPath string
	GoFiles         []string
	Imports         []string
}

func TestArchitectureImports(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	used, imported := map[string]bool{}, map[string][]string{}
	for _, p := range packages {
		room := roomOf(p.ImportPath)
		entry, ok := longest(rooms, room)
		if !ok {
			t.Errorf("%s has no place in the order of imports: add it to rooms", p.ImportPath)
			continue
		}
		used[entry] = true
		for _, path := range p.Imports {
			if path == module || strings.HasPrefix(path, module+"/") {
				imported[entry] = append(imported[entry], roomOf(path))
				if !matches(rooms[entry], roomOf(path)) {
					t.Errorf("%s imports %s, which it may not", room, roomOf(path))
				}
				continue
			}
			for outside, allowed := range reserved {
				if within(path, outside) && !matches(allowed, room) {
					t.Errorf("%s imports %s, which only %s may", room, path, strings.Join(allowed, ", "))
				}
			}
		}
	}
	for entry, allowed := range rooms {
		if !used[entry] {
			t.Errorf("rooms has %q, and there is no such package", entry)
		}
		for _, pattern := range allowed {
			if !slices.ContainsFunc(imported[entry], func(room string) bool { return fits(pattern, room) }) {
				t.Errorf("%s may import %s, and does not", entry, pattern)
			}
		}
	}
}

// ui/termguard must be initialised before the terminal libraries, which only holds
// while it needs nothing but os.
func TestArchitectureTermguardNeedsOnlyOS(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		if roomOf(p.ImportPath) == "ui/termguard" && !slices.Equal(p.Imports, []string{"os"}) {
			t.Errorf("ui/termguard imports %q, want only os", p.Imports)
		}
	}
}

// Time is injected: time.Now may stand as a value, the default of a clock that
// is given, and is called nowhere.
func TestArchitectureClock(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, p := range listPackages(t) {
		room := roomOf(p.ImportPath)
		if !matches([]string{"ui/...", "verify/...", "catalog"}, room) {
			continue
		}
		for _, name := range p.GoFiles {
			checked++
			file := room + "/" + name
			if line := clockCall(t, filepath.Join(p.Dir, name)); line > 0 {
				t.Errorf("%s:%d asks for the time; it must be given it", file, line)
			}
		}
	}
	if checked < 40 {
		t.Errorf("only %d files were read", checked)
	}
}

// clockCall returns the line of the first call of time.Now, Since or Until, or 0
// if there is none.
func clockCall(t *testing.T, file string) int {
	t.Helper()
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	line := 0
	ast.Inspect(parsed, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || line > 0 {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := selector.X.(*ast.Ident)
		if ok && x.Name == "time" && slices.Contains([]string{"Now", "Since", "Until"}, selector.Sel.Name) {
			line = set.Position(call.Pos()).Line
		}
		return true
	})
	return line
}

// What starts goroutines is tested under the race detector, which make check
// spares the packages that only compute.
func TestArchitectureRaced(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile(filepath.Join(testfiles.Root(t), "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	_, raced, _ := strings.Cut(string(makefile), "\nRACED := ")
	raced, _, _ = strings.Cut(raced, "\n")
	patterns := strings.Fields(strings.ReplaceAll(raced, "./", ""))
	started := 0
	for _, p := range listPackages(t) {
		room := roomOf(p.ImportPath)
		if !matches([]string{"ui/...", "verify/...", "catalog/..."}, room) {
			continue
		}
		for _, name := range p.GoFiles {
			if !startsGoroutine(t, filepath.Join(p.Dir, name)) {
				continue
			}
			if started++; !matches(patterns, room) {
				t.Errorf("%s/%s starts a goroutine, and RACED in the Makefile does not name %s", room, name, room)
			}
		}
	}
	if started < 10 {
		t.Errorf("only %d files that start goroutines were found", started)
	}
}

// startsGoroutine reports whether a file has a go statement or a call of a method
// Go, as those of sync.WaitGroup and errgroup.Group.
func startsGoroutine(t *testing.T, file string) (found bool) {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.CallExpr:
			selector, ok := n.Fun.(*ast.SelectorExpr)
			found = found || ok && selector.Sel.Name == "Go"
		}
		return !found
	})
	return found
}

// npm's default address comes from npm's own configuration at run time; a
// copy of it here would be used where a private registry was meant.
func TestArchitectureNamesNoRegistry(t *testing.T) {
	t.Parallel()
	hosts := [][]byte{[]byte("registry.npm" + "js.org"), []byte("registry.yarn" + "pkg.com")}
	read := 0
	root := testfiles.Root(t)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" || path == filepath.Join(root, "bin") {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		for _, host := range hosts {
			if bytes.Contains(bytes.ToLower(data), host) {
				t.Errorf("%s names the registry %s", path, host)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 100 {
		t.Errorf("only %d files were read", read)
	}
}

func listPackages(t *testing.T) []listed {
	t.Helper()
	// The pattern ./... leaves out every folder named testdata.
	command := exec.Command("go", "list", "-json=Dir,ImportPath,GoFiles,Imports",
		"./...", "./testdata/demo", "./testdata/forge", "./testdata/tuftest", "./testdata/many", "./testdata/lab", "./testdata/testfiles", "./testdata/bench/...")
	command.Dir = testfiles.Root(t)
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < len(rooms) {
		t.Fatalf("go list named only %d packages", len(packages))
	}
	return packages
}

// roomOf is the folder of a package of this module: "." for its root.
func roomOf(importPath string) string {
	if importPath == module {
		return "."
	}
	return strings.TrimPrefix(importPath, module+"/")
}

// within reports whether path is folder or lies below it.
func within(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, folder+"/")
}

func fits(pattern, room string) bool {
	if folder, ok := strings.CutSuffix(pattern, "/..."); ok {
		return within(room, folder)
	}
	return pattern == room
}

func matches(patterns []string, room string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return fits(p, room) })
}

func longest(entries map[string][]string, room string) (entry string, ok bool) {
	for pattern := range entries {
		if fits(pattern, room) && (!ok || len(pattern) > len(entry)) {
			entry, ok = pattern, true
		}
	}
	return entry, ok
}
