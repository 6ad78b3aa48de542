package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/report"
)

// person is somebody before the real program in a terminal, who presses keys and
// reads what is on the screen.
type person struct {
	*terminal
	screen vt10x.Terminal
	opened string // the file of the addresses that the browser was given
	keys   int    // that were pressed, a name that was typed not counted
}

func sit(t *testing.T, columns, rows uint16, args ...string) *person {
	t.Helper()
	dir := t.TempDir()
	p := &person{screen: vt10x.New(vt10x.WithSize(int(columns), int(rows))), opened: filepath.Join(dir, "opened")}
	browser := "#!/bin/sh\necho \"$1\" >>" + p.opened + "\n"
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte(browser), 0o755); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + dir, "XDG_STATE_HOME=" + dir, "DISPLAY=:0", "SSH_CONNECTION=", "SSH_TTY=",
		"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH")}
	p.terminal = startTerminal(t, pty.Winsize{Cols: columns, Rows: rows}, env, args...)
	return p
}

// types writes a name, which is not counted.
func (p *person) types(name string) {
	p.t.Helper()
	if _, err := p.tty.WriteString(name); err != nil {
		p.t.Fatal(err)
	}
}

// presses presses keys, each of one byte, and reads on until text is on the screen.
func (p *person) presses(keys, text string) {
	p.t.Helper()
	p.keys += len(keys)
	p.types(keys)
	p.reads(text)
}

// reads reads on until what is on the screen matches.
func (p *person) reads(pattern string) {
	p.t.Helper()
	wanted := regexp.MustCompile(pattern)
	buffer := make([]byte, 1<<16)
	for !wanted.MatchString(p.screen.String()) {
		n, err := p.tty.Read(buffer)
		_, _ = p.screen.Write(buffer[:n])
		if err != nil {
			p.t.Fatalf("the program ended before it showed %q: %v\n%s", pattern, err, p.screen.String())
		}
	}
}

// took checks how many keys it took.
func (p *person) took(most int) {
	p.t.Helper()
	if p.keys > most {
		p.t.Errorf("it took %d keys, at most %d are promised", p.keys, most)
	}
}

// leaves quits the program.
func (p *person) leaves(code int) {
	p.t.Helper()
	p.types("\x03")
	if got := p.wait(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
}

// rows are the lines of the table on the screen.
func (p *person) rows() (rows []string) {
	row := regexp.MustCompile(`^(▌| ).{1,24}(npx|uvx)/`)
	for line := range strings.SplitSeq(p.screen.String(), "\n") {
		if row.MatchString(line) {
			rows = append(rows, strings.TrimRight(line, " "))
		}
	}
	return rows
}

// What is not proven, and why: one key, and no reason is cut at 120 columns.
func TestJobWhatIsNotProven(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	p := sit(t, 120, 36, "--demo")
	p.reads(`checked [0-9]+ packages`)
	p.presses("f", `Packages › not proven`)
	p.reads(`WHY`)
	rows := p.rows()
	if len(rows) < 10 {
		t.Fatalf("%d rows are shown:\n%s", len(rows), p.screen.String())
	}
	for _, row := range rows {
		if strings.Contains(row, "✓ ") || strings.HasSuffix(row, "…") || strings.HasSuffix(row, "–") {
			t.Errorf("proven, cut, or without a reason: %s", row)
		}
	}
	p.took(1)
	p.leaves(report.ExitOK)
}

// Who built a package, of which commit, by which workflow, in the browser: four keys
// and the name.
func TestJobWhoBuiltIt(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	p := sit(t, 120, 36, "--demo=attacks")
	p.reads(`npx/@drydock`)
	p.presses("/", `enter keep`)
	p.types("drydock/reusable")
	p.reads(`1 of \d+`)
	p.presses("\r", `npx/@drydock/reusable-workflow`)
	p.reads(`drydock-demo/reusable-workflow @ [0-9a-f]{7}`) // who, and which commit
	p.reads(`\.github/workflows/release\.yml`)              // which workflow
	p.presses("o", `w workflow file at the commit`)
	p.presses("w", `opened`)
	p.took(4)
	opened, err := os.ReadFile(p.opened)
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^https://github\.com/drydock-demo/reusable-workflow/blob/[0-9a-f]{40}/\.github/workflows/release\.yml\n$`); !want.Match(opened) {
		t.Errorf("the browser was given %q", opened)
	}
	p.leaves(report.ExitOK)
}

// A renamed repository decided about, written and undone: five keys.
func TestJobRenamedRepository(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	p := sit(t, 120, 36, "--demo=attacks")
	p.reads(`npx/@drydock`)
	p.presses("/", `enter keep`)
	p.types("renamed-repository")
	p.reads(`1 of \d+`)
	p.presses("\r", `▌ . mismatch .*npx/@drydock/renamed-repository`)
	p.keys = 0 // the package was found
	p.presses("t", `Triage.*renamed-repository`)
	p.presses("a", `(?s)-.*repository_uri.*\+.*repository_uri.*Write`)
	p.presses("\r", `(wrote|changed) .*renamed-repository/spec.yaml.*z takes it back`)
	p.presses("z", `renamed-repository.*mismatch`)
	p.took(5)
	p.leaves(report.ExitOK)
}
