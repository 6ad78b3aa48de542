package cli

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/term"

	"plimsoll/testdata/testfiles"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"plimsoll": func() {
			os.Exit(Main(os.Args[1:], Env{
				Stdin:  os.Stdin,
				Stdout: os.Stdout,
				Stderr: os.Stderr,
				Getenv: os.Getenv, Environ: os.Environ,
				Now: func() time.Time { return time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC) },
				IsTerminal: func(stream any) bool {
					f, ok := stream.(*os.File)
					return ok && term.IsTerminal(int(f.Fd()))
				},
				Width: func(stream any) int {
					cells, _, _ := term.GetSize(int(stream.(*os.File).Fd()))
					return cells
				},
			}))
		},
	})
}

func TestScripts(t *testing.T) {
	t.Setenv("GOTMPDIR", t.TempDir()) // a run of some of the scripts would leave a folder
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		UpdateScripts:       *testfiles.Update,
		RequireExplicitExec: false,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ESC", "\x1b")
			env.Setenv("DEMO", filepath.Join(testfiles.Root(t), "testdata", "demo"))
			env.Setenv("ROOT", testfiles.Root(t))
			env.Setenv("ACTION", filepath.Join(testfiles.Root(t), ".github", "actions", "review"))
			env.Setenv("HOME", env.WorkDir+"/home")
			env.Setenv("XDG_CACHE_HOME", env.WorkDir+"/home/.cache")
			env.Setenv("GOPROXY", "off")                               // nothing leaves this machine
			env.Setenv("npm_config_globalconfig", env.WorkDir+"/none") // not this machine's
			env.Values[scriptRegistryKey{}] = &scriptRegistry{}
			return os.Mkdir(env.WorkDir+"/home", 0o755)
		},
		Condition: func(condition string) (bool, error) {
			if condition != "race" {
				return false, fmt.Errorf("unknown condition %q", condition)
			}
			return testfiles.Race, nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "registry": registryCommand, "decide": decideCommand},
	})
}

// exits CODE PROGRAM ARGUMENTS runs a program that must end with that code,
// and no other.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		got = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
