package ui

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"

	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// toolEngine answers as toolEvents does, and the second package with nothing.
type toolEngine struct{ *fakeEngine }

func (e *toolEngine) Submit(tasks ...scan.Task) {
	reports := []*verify.Report{proven(), {Status: verify.None, Reason: "the index offers no evidence"}, &hostileValues().Report}
	for _, t := range tasks {
		e.events <- scan.Event{ID: t.ID, Generation: t.Generation, Kind: scan.Finished, Report: reports[t.ID]}
	}
}

// times is how often the program has written something.
func (x *terminal) times(text string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return bytes.Count(x.written, []byte(text))
}

func TestTerminalCopyExportSearch(t *testing.T) {
	o, used := toolOptions()
	o.Engine, o.Examine = &toolEngine{newEngine(false)}, examineTools
	x := run(t, o)
	x.waitFor("checked 3 packages")
	x.typeKeys("y")
	x.waitFor("Copy: npx/@acme/http-client 2.4.1")
	x.typeKeys("d")
	x.waitFor("copied the digest")
	if want := "\x1b]52;c;" + base64.StdEncoding.EncodeToString([]byte("sha512:"+sha512)) + "\x07"; x.times(want) != 1 {
		t.Error("the terminal was not asked to copy the digest")
	}
	x.typeKeys("\r5/")
	x.waitFor("enter keep")
	x.typeKeys("payload")
	x.waitFor("/payload not found")
	x.typeKeys("\r6")
	x.waitFor("/payload 1 of 1")
	x.typeKeys("E")
	x.waitFor("write to: acme-http-client-2.4.1.json")
	x.typeKeys("\r")
	x.waitFor("wrote 1 package to acme-http-client-2.4.1.json")
	x.typeKeys("o")
	x.waitFor("Open: npx/@acme/http-client")
	x.typeKeys("s")
	x.waitFor("opened https://github.com/acme/http-client/tree/")
	x.typeKeys("m")
	x.waitFor("mouse on (m)")
	if x.times("\x1b[?1002h") != 1 {
		t.Error("the terminal was not asked for the mouse")
	}
	x.typeKeys("\x1b[<0;3;3M\x1b[<0;3;3m") // on the first tab
	x.waitFor("Chain of custody")
	x.typeKeys("qq")
	if err := x.end(); err != nil {
		t.Errorf("Run: %v", err)
	}
	used.mu.Lock()
	defer used.mu.Unlock()
	if len(used.clip) != 1 || used.clip[0] != "sha512:"+sha512 {
		t.Errorf("the clipboard has %q", used.clip)
	}
	if !strings.Contains(used.files["acme-http-client-2.4.1.json"], `"name": "@acme/http-client"`) {
		t.Errorf("the files are %q", used.files)
	}
}

const runScreen = "PLIMSOLL_TEST_RUN_SCREEN"

// screenProgram is what the test binary does when it stands for the program.
func screenProgram() {
	o, _ := toolOptions()
	o.Engine = &toolEngine{newEngine(false)}
	if err := Run(context.Background(), o, os.Stdin, os.Stdout); err != nil {
		fmt.Println("Run:", err)
	}
	fmt.Println("the end")
}
