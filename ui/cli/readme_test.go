package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"plimsoll/testdata/demo"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// documents are what is read of the project: paths from its root, and texts.
func documents(t *testing.T) map[string]string {
	t.Helper()
	root := testfiles.Root(t)
	texts := map[string]string{}
	for _, pattern := range []string{"README.md", ".github/*.md", ".github/docs/*.md", "testdata/bench/README.md"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			name, err := filepath.Rel(root, file)
			if err != nil {
				t.Fatal(err)
			}
			texts[filepath.ToSlash(name)] = string(testfiles.Read(t, file))
		}
	}
	return texts
}

// Who never heard of it reads the README, and reads it whole. No line of a document is
// too wide, but those of tables beside the README.
func TestReadmeIsShort(t *testing.T) {
	t.Parallel()
	const most, widest = 180, 140
	texts := documents(t)
	if lines := strings.Count(texts["README.md"], "\n"); lines > most {
		t.Errorf("README.md has %d lines, more than %d", lines, most)
	}
	for name, text := range texts {
		for i, line := range strings.Split(text, "\n") {
			if columns := utf8.RuneCountInString(line); columns > widest && (name == "README.md" || !strings.HasPrefix(line, "|")) {
				t.Errorf("%s:%d has %d columns, more than %d", name, i+1, columns, widest)
			}
		}
	}
}

// What the README says of the product in a second place is what the first says: the
// version of Go, the size of the demo, the meaning of each status.
func TestReadmeAgrees(t *testing.T) {
	t.Parallel()
	readme := documents(t)["README.md"]
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(testfiles.Read(t, testfiles.Root(t), "go.mod")))
	if version == nil || !strings.Contains(readme, "Go "+version[1]+" or newer") {
		t.Errorf("README.md does not name the version of Go in go.mod, %q", version)
	}
	for _, c := range demo.Catalogs() {
		specs, err := fs.Glob(c.FS, "*/*/spec.yaml")
		if want := fmt.Sprintf(" %d packages", len(specs)); err != nil || !strings.Contains(readme, want) {
			t.Errorf("README.md does not say that %s has%s: %v", c.Name, want, err)
		}
	}
	var table strings.Builder
	drawn := theme.New(theme.Options{})
	for _, e := range explain.Kinds()[explain.Status] {
		status, err := verify.ParseStatus(e.Word)
		if err != nil {
			t.Fatal(err)
		}
		glyph, _ := drawn.Status(status)
		fmt.Fprintf(&table, "| `%s` | %s | %s |\n", glyph, e.Word, e.Short)
		if status == verify.Pending { // the last of a package; the others are those of inspect
			break
		}
	}
	if !strings.Contains(readme, table.String()) {
		t.Errorf("README.md does not list the statuses as plimsoll explain does:\n%s", table.String())
	}
}

// Every command is in the README, and a script runs it.
func TestEveryCommandIsNamedAndRun(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var scripts strings.Builder
	for _, file := range files {
		scripts.Write(testfiles.Read(t, file))
	}
	readme := documents(t)["README.md"]
	for _, c := range Command(Env{}).Commands() {
		if !strings.Contains(readme, "`plimsoll "+c.Name()) {
			t.Errorf("README.md does not name plimsoll %s", c.Name())
		}
		if !strings.Contains(scripts.String(), "plimsoll "+c.Name()) {
			t.Errorf("no script in testdata/script runs plimsoll %s", c.Name())
		}
	}
}

// Every command line that a document shows is one: the command is there, and so are
// its flags; and what it has explained is explained.
func TestDocumentsShowCommandLines(t *testing.T) {
	t.Parallel()
	lines := regexp.MustCompile("(?m)`plimsoll ([^`\n]+)`|^ *(?:- run: |\\$ )(?:bin/)?plimsoll ([^\n|;>#]+)")
	shown := 0
	for name, text := range documents(t) {
		for _, match := range lines.FindAllStringSubmatch(text, -1) {
			shown++
			args := strings.Fields(match[1] + match[2])
			root := Command(Env{})
			root.InitDefaultHelpCmd()
			root.InitDefaultCompletionCmd(args...)
			c, rest, err := root.Find(args)
			if err == nil && !c.HasParent() && regexp.MustCompile(`^[a-z][a-z-]*$`).MatchString(args[0]) {
				err = errors.New("there is no such command")
			}
			if err == nil {
				c.InitDefaultHelpFlag()
				err = c.ParseFlags(slices.DeleteFunc(rest, func(arg string) bool { return arg == "…" }))
			}
			if err != nil {
				t.Errorf("%s: plimsoll %s: %v", name, strings.Join(args, " "), err)
				continue
			}
			if word := strings.Join(c.Flags().Args(), " "); c.Name() == "explain" && word != "WORD" && word != "" && len(explain.Find(word)) == 0 {
				t.Errorf("%s: nothing explains %q", name, word)
			}
		}
	}
	if shown < 40 {
		t.Errorf("only %d command lines are shown", shown)
	}
}

// Links within the repository lead somewhere.
func TestDocumentsLink(t *testing.T) {
	t.Parallel()
	root, links := testfiles.Root(t), 0
	for name, text := range documents(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(text, -1) {
			target, _, _ := strings.Cut(link[1], "#")
			if strings.HasPrefix(target, "https://") || target == "" {
				continue
			}
			links++
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(filepath.FromSlash(name)), filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links lead to files", links)
	}
}

// Workflows that a document shows can be read; what they use is named by a commit, by
// the one that the workflows and actions of this repository name.
func TestDocumentsShowWorkflows(t *testing.T) {
	t.Parallel()
	root := testfiles.Root(t)
	var own strings.Builder
	for _, pattern := range []string{".github/workflows/*.yml", ".github/actions/*/action.yml"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			own.Write(testfiles.Read(t, file))
		}
	}
	uses := regexp.MustCompile(`(?m)uses: +(\S+)@(\S+)`)
	for name, text := range documents(t) {
		for _, block := range fenced(text, "yaml") {
			var any any
			if err := yaml.Unmarshal([]byte(block), &any); err != nil {
				t.Errorf("%s: %v in\n%s", name, err, block)
			}
			for _, use := range uses.FindAllStringSubmatch(block, -1) {
				pinned := regexp.MustCompile(`uses: +` + regexp.QuoteMeta(use[1]) + `@(\S+)`).FindStringSubmatch(own.String())
				switch {
				case pinned != nil && pinned[1] != use[2]:
					t.Errorf("%s uses %s at %s, which is pinned to %s here", name, use[1], use[2], pinned[1])
				case !regexp.MustCompile(`^([0-9a-f]{40}|COMMIT)$`).MatchString(use[2]):
					t.Errorf("%s uses %s at %s, which is no commit", name, use[1], use[2])
				}
			}
		}
	}
}

// fenced returns the blocks of a language in a Markdown text.
func fenced(text, language string) (blocks []string) {
	for _, block := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		if block[1] == language {
			blocks = append(blocks, block[2])
		}
	}
	return blocks
}

// What a document shows of a console is what the program prints. A line "…" stands for
// lines that are left out; a command that nothing follows prints something, and works.
// The catalog in the README is real: its evidence was recorded of the real registries.
func TestDocumentsShowRealOutput(t *testing.T) {
	t.Parallel()
	commands := 0
	for name, text := range documents(t) {
		folder := t.TempDir()
		home := filepath.Join(folder, "home")
		env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "npm_config_globalconfig=" + folder + "/none"} // nothing of this machine's
		recorded := recordedCatalog(t, folder, home, fenced(text, "yaml"))
		for _, block := range fenced(text, "console") {
			for _, shown := range strings.Split("\n"+block, "\n$ ")[1:] {
				line, want, _ := strings.Cut(shown, "\n")
				if needs := strings.Contains(line, "my-catalog"); needs && !recorded || strings.HasPrefix(line, "jq ") && !installed("jq") {
					t.Logf("%s: what it needs is not here: %s", name, line)
					continue
				}
				commands++
				c := exec.CommandContext(t.Context(), "sh", "-c", line)
				c.Dir, c.Env = folder, env
				out, err := c.Output()
				want = strings.TrimRight(want, "\n")
				switch {
				case strings.Contains(line, " > "): // what follows reads it
				case want == "" && (err != nil || len(out) == 0):
					t.Errorf("%s: %s: %v, prints %q", name, line, err, out)
				case want != "" && !shows(want, string(out)):
					t.Errorf("%s: %s prints\n%s\nand not\n%s", name, line, out, want)
				}
			}
		}
	}
	if commands == 0 {
		t.Error("no command was run")
	}
}

func installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// recordedCatalog makes my-catalog of the specs that a document shows and of two more,
// has plimsoll ask the recorded registries, and reports whether they are here.
func recordedCatalog(t *testing.T, folder, home string, blocks []string) bool {
	t.Helper()
	if _, err := os.Stat(filepath.Join(testfiles.Root(t), "..", "shared", "realworld")); err != nil {
		return false
	}
	for _, block := range blocks {
		if file, _, ok := strings.Cut(strings.TrimPrefix(block, "# "), "\n"); ok && strings.HasPrefix(file, "my-catalog/") {
			testfiles.Write(t, filepath.Join(folder, filepath.FromSlash(file)), block)
		}
	}
	testfiles.Write(t, filepath.Join(folder, "my-catalog/npx/kms-demo/spec.yaml"),
		"metadata: {name: kms-demo, protocol: npx}\nspec: {package: kms-demo, version: 1.0.0}\n")
	testfiles.Write(t, filepath.Join(folder, "my-catalog/npx/sigstore/spec.yaml"), "metadata: {name: sigstore, protocol: npx}\n"+
		"spec: {package: sigstore, version: 1.0.0}\nprovenance: {repository_uri: https://github.com/sigstore/sigstore-js}\n")
	address, trust := testfiles.RealRegistries(t), testfiles.Shared(t, "realworld", "trust")
	testfiles.Write(t, filepath.Join(home, ".config/plimsoll/plimsoll.yaml"), fmt.Sprintf(
		"npm-registry: %s/npm/\npypi-index: %[1]s/simple/\ntrusted-root: %s/trusted_root.json\nnpm-keys: %[2]s/npm-keys.json\n", address, trust))
	return true
}

// shows reports whether a text with lines "…" for what is left out shows an output.
func shows(want, out string) bool {
	var pattern strings.Builder
	for _, line := range strings.Split(want, "\n") {
		if line == "…" {
			pattern.WriteString(`(?:.*\n)+`)
			continue
		}
		pattern.WriteString(regexp.QuoteMeta(strings.TrimRight(line, " ")) + ` *\n`)
	}
	return regexp.MustCompile(`^` + pattern.String() + `$`).MatchString(out)
}
