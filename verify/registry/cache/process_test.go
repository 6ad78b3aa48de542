package cache

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path"
	"strconv"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/verify/registry"
)

// The environment of a second process of this test: which role it plays, and
// its folder and server.
const (
	roleVariable   = "PLIMSOLL_TEST_CACHE_ROLE"
	folderVariable = "PLIMSOLL_TEST_CACHE_FOLDER"
	serverVariable = "PLIMSOLL_TEST_CACHE_SERVER"
)

// answerTo is the answer to every request for a path. It is long enough that
// writing it takes several steps, and no two are alike.
func answerTo(urlPath string) string {
	name := path.Base(urlPath)
	return fmt.Sprintf(`{"of":%q,"words":%q}`, name, strings.Repeat(name+" ", 4_000))
}

// signalling is a network whose answers say through stdout how far they have
// been read, and then either wait for ever or go on into what follows: the
// entry's hash, synchronisation and renaming.
type signalling struct{ wait bool }

func (s signalling) RoundTrip(req *http.Request) (*http.Response, error) {
	body := answerTo(req.URL.Path)
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: req,
		Body: io.NopCloser(io.MultiReader(strings.NewReader(body[:len(body)/2]), s, strings.NewReader(body[len(body)/2:])))}, nil
}

// Read is the middle of every body.
func (s signalling) Read([]byte) (int, error) {
	fmt.Println("middle")
	if s.wait {
		io.Copy(io.Discard, os.Stdin) // until it is killed
	}
	return 0, io.EOF
}

// TestOtherProcess is the second process of the tests below.
func TestOtherProcess(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(folderVariable)
	switch os.Getenv(roleVariable) {
	case "waits in the middle":
		writeForEver(t, dir, signalling{wait: true})
	case "goes on":
		writeForEver(t, dir, signalling{})
	case "everything":
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadString('\n') // both begin at once
		everythingAtOnce(t, dir, os.Getenv(serverVariable))
	default:
		t.Skip("this is the second process of other tests")
	}
}

func writeForEver(t *testing.T, dir string, network http.RoundTripper) {
	transport := open(t, Options{Dir: dir, Next: network})
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 1))
	for {
		url := fmt.Sprintf("https://registry.example/%d", random.IntN(20))
		if got, _, err := ask(t, transport, url, "", false); err != nil || got != answerTo(url) {
			t.Fatalf("%s: got %d bytes, %v", url, len(got), err)
		}
	}
}

// other starts a second process.
func other(t *testing.T, role, dir, server string) (_ *exec.Cmd, in io.WriteCloser, out *bufio.Scanner, errs *bytes.Buffer) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOtherProcess$", "-test.v")
	cmd.Env = append(os.Environ(), roleVariable+"="+role, folderVariable+"="+dir, serverVariable+"="+server)
	errs = &bytes.Buffer{}
	cmd.Stderr = errs
	in, errIn := cmd.StdinPipe()
	stdout, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, in, bufio.NewScanner(stdout), errs
}

// await reads what a process says until it has said a line that often.
func await(t *testing.T, out *bufio.Scanner, line string, times int) {
	t.Helper()
	for times > 0 {
		if !out.Scan() {
			t.Fatalf("the other process ended before it said %q", line)
		}
		if out.Text() == line {
			times--
		}
	}
}

// A program that is killed while it writes leaves no entry that is not whole,
// and the cache goes on working with what it left.
func TestKillDuringWrite(t *testing.T) {
	kills := 50
	if hostile.Sample(t) {
		kills = 8
	}
	dir, left := t.TempDir(), 0
	random := rand.New(rand.NewPCG(1, 2))
	for i := range kills {
		role := "waits in the middle"
		if i%2 == 1 {
			role = "goes on"
		}
		cmd, _, out, _ := other(t, role, dir, "")
		times := 1
		if role == "goes on" { // past some whole entries, and then anywhere in the next
			times += random.IntN(4)
		}
		await(t, out, "middle", times)
		for spin := random.IntN(400_000); role == "goes on" && spin > 0; spin-- {
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil {
			t.Fatalf("kill %d: the process ended by itself", i+1)
		}
		wholeEntries(t, dir)
		now, _ := count(t, dir) // the one before has removed what was left then
		if left += now; now > 1 {
			t.Errorf("%d temporary files", now)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}

	_, whole := count(t, dir)
	t.Logf("%d kills left %d temporary files and %d whole entries", kills, left, whole)
	if left < kills/2 || whole == 0 {
		t.Errorf("%d temporary files and %d entries: the processes were not killed in the middle of writes", left, whole)
	}
	// Nobody offline is served anything else.
	offline := open(t, Options{Dir: dir, Offline: true, Next: registry.Offline{}})
	served := 0
	for i := range 20 {
		url := fmt.Sprintf("https://registry.example/%d", i)
		got, _, err := ask(t, offline, url, "", false)
		switch {
		case errors.Is(err, registry.ErrOffline):
		case err != nil || got != answerTo(url):
			t.Errorf("%s: got %d bytes, %v", url, len(got), err)
		default:
			served++
		}
	}
	if served != whole {
		t.Errorf("%d of %d entries were served", served, whole)
	}
	open(t, Options{Dir: dir})
	if now, _ := count(t, dir); now != 0 {
		t.Errorf("the next program left %d temporary files", now)
	}
	wholeEntries(t, dir)
}

// wholeEntries fails for every entry that is not what was answered.
func wholeEntries(t *testing.T, dir string) {
	t.Helper()
	for _, f := range listed(t, dir) {
		e, err := openEntry(f.path)
		if err != nil {
			t.Errorf("%s: %v", f.path, err)
			continue
		}
		body, err := io.ReadAll(e)
		if err != nil || string(body) != answerTo(e.meta.URL) || e.size != int64(len(body)) {
			t.Errorf("%s: %d bytes for %s, %v", f.path, len(body), e.meta.URL, err)
		}
		e.Close()
	}
}

func listed(t *testing.T, dir string) []file {
	t.Helper()
	files, err := list(dir)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func count(t *testing.T, dir string) (temporary, entries int) {
	t.Helper()
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		if untrusted.IsTemporary(n.Name()) {
			temporary++
		}
	}
	return temporary, len(listed(t, dir))
}

// everythingAtOnce reads, revalidates, writes, trims and clears, and takes no
// answer that is not the server's.
func everythingAtOnce(t *testing.T, dir, server string) {
	network := registry.NewTransport(registry.TransportOptions{})
	limit := int64(20 * len(answerTo("00"))) // less than all answers: it is trimmed all the time
	random := rand.New(rand.NewPCG(uint64(os.Getpid()), 3))
	for i := range 100 {
		transport := open(t, Options{Dir: dir, Next: network, Limit: limit})
		for range 4 { // the later ones go by a size that the other process has changed
			url := server + "/" + strconv.Itoa(10+random.IntN(30))
			if got, _, err := ask(t, transport, url, "", random.IntN(2) == 0); err != nil || got != answerTo(url) {
				t.Fatalf("%s: got %d bytes, %v", url, len(got), err)
			}
		}
		if i%20 == 19 {
			if _, err := Clear(dir); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := StatsOf(dir); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println("all right")
}

// Two programs on one cache: neither is ever given an answer that is not the
// server's, whatever the other does to the folder.
func TestTwoProcesses(t *testing.T) {
	o := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("If-None-Match") == `"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		io.WriteString(w, answerTo(r.URL.Path))
	})
	dir := t.TempDir()
	type process struct {
		cmd  *exec.Cmd
		in   io.WriteCloser
		out  *bufio.Scanner
		errs *bytes.Buffer
	}
	var both []process
	for range 2 {
		cmd, in, out, errs := other(t, "everything", dir, o.URL)
		await(t, out, "ready", 1)
		both = append(both, process{cmd, in, out, errs})
	}
	for _, p := range both {
		if _, err := io.WriteString(p.in, "go\n"); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range both {
		said, right := "", false
		for p.out.Scan() {
			said += p.out.Text() + "\n"
			right = right || p.out.Text() == "all right"
		}
		if err := p.cmd.Wait(); err != nil || !right {
			t.Errorf("process %d: %v\n%s%s", i+1, err, said, p.errs)
		}
	}
	wholeEntries(t, dir)
	stats, err := StatsOf(dir)
	left, _ := count(t, dir)
	if err != nil || left != 0 {
		t.Errorf("left %d temporary files, %v", left, err)
	}
	t.Logf("%d requests reached the server; %d entries of %d bytes are left", o.asked(), stats.Entries, stats.Bytes)
}
