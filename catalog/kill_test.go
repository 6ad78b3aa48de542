package catalog

import (
	"bufio"
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
)

// writerFolder names, in the environment of a second process of this test,
// the folder in which that process writes without end.
const writerFolder = "PLIMSOLL_TEST_WRITER"

// oldText and newText are long enough that a write can be interrupted.
var (
	oldText = bytes.Repeat([]byte("old: 1\n"), 1<<16)
	newText = bytes.Repeat([]byte("new: 2\n"), 1<<16)
)

// TestWriterProcess is the second process: it replaces one file again and
// again, and says so after each.
func TestWriterProcess(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(writerFolder)
	if folder == "" {
		t.Skip("this is the second process of TestKillDuringWrite")
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		text := oldText
		if i%2 == 0 {
			text = newText
		}
		if err := untrusted.ReplaceBelow(root, "spec.yaml", text, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stdout.WriteString("written\n"); err != nil {
			return
		}
	}
}

// A program that is killed while it writes leaves the old file or the new one.
func TestKillDuringWrite(t *testing.T) {
	kills := 50
	if hostile.Sample(t) {
		kills = 8
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range kills {
		folder := t.TempDir()
		file := filepath.Join(folder, "spec.yaml")
		if err := os.WriteFile(file, oldText, 0o644); err != nil {
			t.Fatal(err)
		}
		writer := exec.Command(os.Args[0], "-test.run=^TestWriterProcess$", "-test.v")
		writer.Env = append(os.Environ(), writerFolder+"="+folder)
		output, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		// Some writes, and then into the middle of the next: how far it is when
		// the signal comes, nobody decides.
		lines := bufio.NewScanner(output)
		for writes := 1 + random.IntN(4); writes > 0 && lines.Scan(); {
			if lines.Text() == "written" {
				writes--
			}
		}
		for spin := random.IntN(200_000); spin > 0; spin-- {
		}
		if err := writer.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = writer.Wait() // it was killed
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatalf("kill %d: %v", i+1, err)
		}
		if !bytes.Equal(got, oldText) && !bytes.Equal(got, newText) {
			t.Fatalf("kill %d: the file is neither the old nor the new one: %d bytes", i+1, len(got))
		}
	}
}
