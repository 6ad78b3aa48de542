package cli

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"plimsoll/testdata/testfiles"
)

// No expression of the action stands in a shell's script, where a branch's name would
// be code; what it uses is named by commits; and its inputs are those of the script.
func TestActionRunsNoExpression(t *testing.T) {
	t.Parallel()
	var action struct {
		Inputs map[string]struct{ Description string }
		Runs   struct {
			Using string
			Steps []struct {
				Uses, Run, Shell string
				Env              map[string]string
			}
		}
	}
	dir := filepath.Join(testfiles.Root(t), ".github", "actions", "review")
	if err := yaml.Unmarshal(testfiles.Read(t, dir, "action.yml"), &action); err != nil {
		t.Fatal(err)
	}
	script := string(testfiles.Read(t, dir, "review.sh"))
	pinned, expression := regexp.MustCompile(`^[a-z/-]+@[0-9a-f]{40}$`), regexp.MustCompile(`^\$\{\{ inputs\.([a-z-]+) \}\}$`)
	ran, given := 0, 0
	for _, step := range action.Runs.Steps {
		switch {
		case step.Uses != "" && !pinned.MatchString(step.Uses):
			t.Errorf("%s is not named by a commit", step.Uses)
		case step.Run != "" && (strings.Contains(step.Run, "${{") || step.Shell != "bash"):
			t.Errorf("%s is run by %q", step.Run, step.Shell)
		case step.Run != "":
			ran++
		}
		for name, value := range step.Env {
			given++
			if input := expression.FindStringSubmatch(value); input == nil || action.Inputs[input[1]].Description == "" {
				t.Errorf("%s is %s, which is no input", name, value)
			}
			if !strings.Contains(script, "$"+name) && !strings.Contains(script, "${"+name) {
				t.Errorf("the script does not use %s", name)
			}
		}
	}
	if action.Runs.Using != "composite" || ran != 1 || given != len(action.Inputs) {
		t.Errorf("%s: %d scripts, %d of %d inputs", action.Runs.Using, ran, given, len(action.Inputs))
	}
}

// The scripts pass shellcheck, if that is here.
func TestShellScripts(t *testing.T) {
	t.Parallel()
	shellcheck, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Skip("shellcheck is not here")
	}
	for _, script := range []string{".ci/run", ".github/actions/review/review.sh"} {
		if out, err := exec.CommandContext(t.Context(), shellcheck, filepath.Join(testfiles.Root(t), script)).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", script, err, out)
		}
	}
}

// The hook for pre-commit runs a command that is there, for the files that are specs.
func TestPreCommitHook(t *testing.T) {
	t.Parallel()
	var hooks []struct{ ID, Entry, Files string }
	if err := yaml.Unmarshal(testfiles.Read(t, testfiles.Root(t), ".pre-commit-hooks.yaml"), &hooks); err != nil || len(hooks) != 1 {
		t.Fatalf("%d hooks: %v", len(hooks), err)
	}
	entry := strings.Fields(hooks[0].Entry)
	c, rest, err := Command(Env{}).Find(entry[1:])
	if err != nil || entry[0] != "plimsoll" || c.Name() != "document" || c.ParseFlags(rest) != nil {
		t.Errorf("%q is no command: %v", hooks[0].Entry, err)
	}
	files := regexp.MustCompile(hooks[0].Files)
	for name, want := range map[string]bool{
		"npx/x/spec.yaml": true, "catalog/uvx/@a/spec.yaml": true,
		"npx/x/y/spec.yaml": false, "xnpx/x/spec.yaml": false, "npx/x/spec.yml": false,
	} {
		if files.MatchString(name) != want {
			t.Errorf("%s: expected %t", name, want)
		}
	}
	if !strings.Contains(documents(t)[".github/docs/ci.md"], "id: "+hooks[0].ID) {
		t.Errorf("ci.md does not name the hook %s", hooks[0].ID)
	}
}

// What a workflow runs of others is named by a whole commit, with its version beside it.
func TestWorkflowsPinWhatTheyUse(t *testing.T) {
	t.Parallel()
	root := testfiles.Root(t)
	var files []string
	for _, pattern := range []string{".github/workflows/*.yml", ".github/actions/*/action.yml"} {
		found, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	used, pinned := 0, regexp.MustCompile(`uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)
	for _, file := range files {
		for line := range strings.Lines(string(testfiles.Read(t, file))) {
			if !strings.Contains(line, "uses: ") {
				continue
			}
			if used++; !pinned.MatchString(strings.TrimSpace(line)) {
				t.Errorf("%s: %s", file, strings.TrimSpace(line))
			}
		}
	}
	if used < 8 {
		t.Errorf("only %d were found", used)
	}
}
