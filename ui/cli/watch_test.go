package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui/report"
)

// The real program, which does not watch: a round reads the policy and the
// decisions again, as another process would.
func TestARoundReadsThePolicyAgain(t *testing.T) {
	t.Parallel()
	demo := filepath.Join(testfiles.Root(t), "testdata", "demo")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(demo, "dockyard"))); err != nil {
		t.Fatal(err)
	}
	term := openTerminal(t, "--replay", filepath.Join(demo, "recording"), "--every", "1h", dir)
	term.until("checked 29 packages")
	for _, step := range []struct{ policy, says string }{
		{"version: 1\nrules:\n  - match: {protocol: uvx}\n    status: verified\n", "refreshed 29 packages: 9 changed"},
		{"version: [", "policy.yaml cannot be read; what it demanded before holds"},
	} {
		testfiles.Write(t, filepath.Join(dir, "policy.yaml"), step.policy)
		if _, err := term.tty.WriteString("R"); err != nil {
			t.Fatal(err)
		}
		term.until(step.says)
	}
	if _, err := term.tty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	term.wait()
}

// The real program: a spec is edited while the screen is open, and its row
// changes.
func TestTheScreenFollowsTheDisk(t *testing.T) {
	t.Parallel()
	demo := filepath.Join(testfiles.Root(t), "testdata", "demo")
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(demo, "dockyard"))); err != nil {
		t.Fatal(err)
	}
	term := openTerminal(t, "--replay", filepath.Join(demo, "recording"), "--watch", "--every", "1h", dir)
	term.until("checked 29 packages")
	spec := filepath.Join(dir, "uvx/blender-mcp/spec.yaml")
	text := testfiles.Read(t, spec)
	testfiles.Write(t, filepath.Join(dir, "uvx/blender-mcp/spec.yaml"), strings.Replace(string(text), "1.2.1", "9.9.9", 1))
	term.until("checked uvx/blender-mcp again: unchecked, was none")
	testfiles.Write(t, filepath.Join(dir, "uvx/blender-mcp/spec.yaml"), string(text))
	term.until("checked uvx/blender-mcp again: none, was unchecked")
	testfiles.Write(t, filepath.Join(dir, "npx/newcomer/spec.yaml"), string(text))
	term.until("30 specs")
	if err := os.RemoveAll(filepath.Join(dir, "npx/newcomer")); err != nil {
		t.Fatal(err)
	}
	term.until("npx/newcomer/spec.yaml is gone")
	testfiles.Write(t, filepath.Join(dir, "policy.yaml"), "version: 1\nrules:\n  - match: {protocol: uvx}\n    status: verified\n")
	term.until("refreshed 29 packages: 9 changed")
	if _, err := term.tty.WriteString("R"); err != nil {
		t.Fatal(err)
	}
	term.until("refreshed 29 packages: nothing changed")
	servers, err := filepath.Glob(filepath.Join(dir, "[nu][pv]x", "*"))
	if err != nil || len(servers) != 29 {
		t.Fatal(servers, err)
	}
	for _, server := range servers { // a catalog that lost its last spec proves nothing
		if err := os.RemoveAll(server); err != nil {
			t.Fatal(err)
		}
	}
	term.until("0 specs")
	if _, err := term.tty.WriteString("q"); err != nil {
		t.Fatal(err)
	}
	if code := term.wait(); code != report.ExitOK {
		t.Errorf("exit code %d, want 0\n%q", code, term.output.String())
	}
}
