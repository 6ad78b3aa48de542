package state

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// writer is, in the environment of another process of this test, its folder and its
// name: it decides there as fast as it can, and says so after each decision.
const writer = "PLIMSOLL_TEST_DECIDES"

// each is how many decisions a writer makes. It takes each tenth back.
const each = 50

// decide makes one decision of a writer in the catalog of a folder, or takes it back.
func decide(dir, name string, n int, back bool) error {
	unlock, err := LockCatalog(filepath.Join(dir, "state"), filepath.Join(dir, "catalog"))
	for errors.Is(err, untrusted.ErrLocked) { // others may have it again and again on a busy machine
		unlock, err = LockCatalog(filepath.Join(dir, "state"), filepath.Join(dir, "catalog"))
	}
	if err != nil {
		return err
	}
	defer unlock()
	held, err := triage.Load(os.DirFS(filepath.Join(dir, "catalog")))
	if err != nil {
		return err
	}
	spec := catalog.Spec{Protocol: catalog.NPX, Package: "x", Version: "1"}
	finding := verify.Finding{Rule: "publisher.repository", Severity: verify.SeverityError, Message: fmt.Sprint(name, n)}
	change := held.Deciding(triage.Decide(spec, &verify.Report{}, finding, triage.Rejected, fmt.Sprint(name, " ", n)))
	if back {
		change = triage.Change{From: change.To}
	}
	_, err = held.Update(filepath.Join(dir, "catalog"), change)
	return err
}

func TestDecidingProcess(t *testing.T) {
	t.Parallel()
	dir, name, found := strings.Cut(os.Getenv(writer), "|")
	if !found {
		t.Skip("this is another process of the tests below")
	}
	for n := range each {
		if err := decide(dir, name, n, false); err != nil {
			t.Fatal(err)
		}
		if n%10 == 9 { // its own step, whatever others did since
			if err := decide(dir, name, n-1, true); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Printf("decided %d\n", n)
	}
}

// startDeciding starts another process that decides, and returns what it says.
func startDeciding(t *testing.T, dir, name string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	process := exec.Command(os.Args[0], "-test.run=^TestDecidingProcess$", "-test.v")
	process.Env = append(os.Environ(), writer+"="+dir+"|"+name)
	out, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return process, bufio.NewScanner(out)
}

// decided returns the reasons of all decisions in the catalog of a folder.
func decided(t *testing.T, dir string) map[string]bool {
	t.Helper()
	decisions, err := triage.Load(os.DirFS(filepath.Join(dir, "catalog")))
	if err != nil {
		t.Fatal(err)
	}
	reasons := map[string]bool{}
	for _, d := range decisions.All() {
		reasons[d.Reason] = true
	}
	return reasons
}

func newCatalog(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "catalog"), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Programs that decide about one catalog at the same moment lose nothing of each other:
// each makes some and takes others of its own back.
func TestProcessesDecideAtOnce(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c"}
	if hostile.Sample(t) {
		names = names[:2]
	}
	dir := newCatalog(t)
	var processes []*exec.Cmd
	for _, name := range names {
		process, said := startDeciding(t, dir, name)
		processes = append(processes, process)
		go func() {
			for said.Scan() {
			}
		}()
	}
	for _, process := range processes {
		if err := process.Wait(); err != nil {
			t.Error(err)
		}
	}
	reasons := decided(t, dir)
	for _, name := range names {
		for n := range each {
			if reason := fmt.Sprint(name, " ", n); reasons[reason] == (n%10 == 8) {
				t.Errorf("%s: decided %t", reason, reasons[reason])
			}
		}
	}
}

// A program that is killed while it decides leaves what it said it had decided, and no
// lock.
func TestKilledWhileDeciding(t *testing.T) {
	t.Parallel()
	kills := 100
	if hostile.Sample(t) {
		kills = 10
	}
	random := rand.New(rand.NewPCG(3, 4))
	var dir string
	for i := range kills {
		if i%10 == 0 { // the file is read and written as a whole
			dir = newCatalog(t)
		}
		name := fmt.Sprint("k", i)
		process, said := startDeciding(t, dir, name)
		last := -1
		for until := random.IntN(8); last < until && said.Scan(); {
			_, _ = fmt.Sscanf(said.Text(), "decided %d", &last)
		}
		for spin := random.IntN(200_000); spin > 0; spin-- {
		}
		if err := process.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = process.Wait() // it was killed
		reasons := decided(t, dir)
		for n := range last + 1 {
			if !reasons[fmt.Sprint(name, " ", n)] {
				t.Fatalf("kill %d: decision %d of %d is lost", i+1, n, last)
			}
		}
	}
}
