package coverage

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/testfiles"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
)

func run(day int, packages ...report.Package) Run {
	return NewRun(time.Date(2026, 1, day, 12, 0, 0, 0, time.UTC), "c", report.Each(packages))
}

func mustAppend(t *testing.T, path string, r Run) {
	t.Helper()
	if err := Append(path, r); err != nil {
		t.Fatal(err)
	}
}

func TestAppendAndRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	if runs, notes, err := Read(path); err != nil || len(runs)+len(notes) != 0 {
		t.Fatalf("no file: %v %v %v", runs, notes, err)
	}
	want := []Run{run(1, made("npx/a", verify.Signed)), run(2, made("npx/a", verify.Verified), made("uvx/b", verify.None))}
	for _, r := range want {
		mustAppend(t, path, r)
	}
	runs, notes, err := Read(path)
	if err != nil || len(notes) != 0 || !reflect.DeepEqual(runs, want) {
		t.Errorf("read %+v, notes %q, %v", runs, notes, err)
	}
	if err := Append(path, Run{}); err == nil {
		t.Error("a run without a time was written")
	}
}

// Runs that were kept before the classes of evidence became statuses are compared with
// those of now: what was attested then and is a mismatch, or partial, now lost nothing.
func TestRunsOfBefore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	old := `{"schema":"plimsoll/coverage-run/v1","time":"2026-01-01T12:00:00Z","catalog":"c","coverage":{"total":5,"by_protocol":` +
		`{"npx":{"total":4,"evidence":{"attestations":2,"signature_only":1,"nothing":1,"refused":0,"unchecked":0},"percent":{}}}},` +
		`"packages":{"npx/a":{"version":"1.0.0","evidence":"attestations"},"npx/b":{"version":"1.0.0","evidence":"attestations"},` +
		`"npx/c":{"version":"1.0.0","evidence":"signature_only"},"npx/d":{"version":"1.0.0","evidence":"nothing"},"uvx/e":{"version":"1","evidence":"unchecked"}}}`
	if err := os.WriteFile(path, []byte(old+"\n"+old+"\n"+strings.Replace(old, `"nothing"}`, `"shiny"}`, 1)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mustAppend(t, path, run(2, made("npx/a", verify.Signed), made("npx/b", verify.Partial), made("npx/c", verify.Verified), made("npx/d", verify.Invalid),
		made("uvx/e", verify.None)))
	runs, notes, err := Read(path)
	if err != nil || len(runs) != 3 || len(notes) != 1 || !strings.Contains(notes[0], `unknown evidence "shiny"`) {
		t.Fatalf("%d runs, %q, %v", len(runs), notes, err)
	}
	trend := Since(runs, time.Time{})
	if got := trend.Points[0].Attested[catalog.NPX]; got != 50 {
		t.Errorf("%v%% attested then, want 50%%", got)
	}
	if got := fmt.Sprint(trend.Lost, trend.Gained); got != "[{npx/a verified signed 1.0.0 1.0.0}] [{npx/c signed verified 1.0.0 1.0.0}]" {
		t.Errorf("lost and gained: %s", got)
	}
}

func TestTornLastLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	mustAppend(t, path, run(1, made("npx/a", verify.Signed)))
	mustAppend(t, path, run(2, made("npx/a", verify.Verified)))
	data := testfiles.Read(t, path)
	first := strings.Index(string(data), "\n") + 1
	for cut := first + 1; cut < len(data)-1; cut += 17 {
		if err := os.WriteFile(path, data[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		runs, notes, err := Read(path)
		if err != nil || len(runs) != 1 || len(notes) != 1 || !strings.Contains(notes[0], "left out") {
			t.Fatalf("cut at %d: %d runs, %q, %v", cut, len(runs), notes, err)
		}
		// The next run is not lost in the torn line.
		mustAppend(t, path, run(3, made("npx/a", verify.None)))
		runs, notes, err = Read(path)
		if err != nil || len(runs) != 2 || runs[1].Time.Day() != 3 || len(notes) != 1 {
			t.Fatalf("cut at %d, after another run: %d runs, %q, %v", cut, len(runs), notes, err)
		}
	}
}

// What a killed writer left of a run is said once, wherever it ends, and no run is lost.
func TestMend(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	mustAppend(t, path, run(1, made("npx/a", verify.Signed)))
	one := string(testfiles.Read(t, path))
	step := 7
	if hostile.Sample(t) {
		step = 61
	}
	zeros := strings.Repeat("\x00", 40)
	for cut := 1; cut < len(one)-1; cut += step {
		for name, text := range map[string]string{
			"at the end":        one + one[:cut],
			"at the beginning":  one[:cut],
			"with zeros":        one + one[:cut] + zeros,
			"in the middle":     one + one[:min(cut+len(runBegin), len(one)-2)] + "\n" + one,
			"zeros in between":  one + zeros + "\n" + one,
			"twice":             one + one[:cut] + zeros + "\n" + one[:cut],
			"before what stays": one + "mine\n" + one[:cut],
		} {
			testfiles.Write(t, path, text)
			runs, before, err := Read(path)
			if err != nil || len(before) == 0 {
				t.Fatalf("%s, cut at %d: %q, %v", name, cut, before, err)
			}
			stays := strings.Count(text, "mine")
			if notes := Mend(path); len(notes) != len(before)-stays || !strings.Contains(notes[0], "not written to its end") {
				t.Fatalf("%s, cut at %d: %q, said before %q", name, cut, notes, before)
			}
			mustAppend(t, path, run(2))
			again := Mend(path)
			after, notes, err := Read(path)
			if err != nil || len(again) > 0 || len(notes) != stays || len(after) != len(runs)+1 {
				t.Fatalf("%s, cut at %d: said again %q, %q, %v; %d runs of %d", name, cut, again, notes, err, len(after), len(runs)+1)
			}
		}
	}
}

// appender names, in the environment of another process of this test, the history to
// which that process appends without end.
const appender = "PLIMSOLL_TEST_APPENDS"

func TestAppendingProcess(t *testing.T) {
	t.Parallel()
	path := os.Getenv(appender)
	if path == "" {
		t.Skip("this is another process of TestKilledWhileAppending")
	}
	r := run(1)
	for i := range 5_000 { // a line that takes some time to write
		r.Packages[fmt.Sprint("npx/", i)] = State{"1.0.0", verify.Signed}
	}
	for {
		mustAppend(t, path, r)
		fmt.Println("appended")
	}
}

// Two programs append at once and are killed within: what they said they had appended is
// there, and what they left of a run is said once.
func TestKilledWhileAppending(t *testing.T) {
	t.Parallel()
	kills := 50
	if hostile.Sample(t) {
		kills = 5
	}
	random := rand.New(rand.NewPCG(5, 6))
	path := filepath.Join(t.TempDir(), "history.jsonl")
	left := 0
	for kill := range kills { // of two
		appended := 0
		var processes [2]*exec.Cmd
		var said [2]*bufio.Scanner
		for i := range processes {
			processes[i] = exec.Command(os.Args[0], "-test.run=^TestAppendingProcess$", "-test.v")
			processes[i].Env = append(os.Environ(), appender+"="+path)
			out, err := processes[i].StdoutPipe()
			if err = errors.Join(err, processes[i].Start()); err != nil {
				t.Fatal(err)
			}
			said[i] = bufio.NewScanner(out)
		}
		for i := range processes {
			for n := random.IntN(3); n > 0 && said[i].Scan(); {
				if said[i].Text() == "appended" {
					n, appended = n-1, appended+1
				}
			}
			for spin := random.IntN(1_000_000); spin > 0; spin-- {
			}
			_ = processes[i].Process.Kill()
		}
		for i := range processes {
			_ = processes[i].Wait() // it was killed
		}
		if _, err := os.Stat(path); err != nil {
			continue // killed before it began
		}
		left += len(Mend(path))
		runs, notes, err := Read(path)
		if err != nil || len(notes) > 0 || len(runs) < appended {
			t.Fatalf("kill %d: %d runs of %d, %q, %v", kill+1, len(runs), appended, notes, err)
		}
		if again := Mend(path); len(again) > 0 {
			t.Fatalf("kill %d: said again %q", kill+1, again)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d runs were left torn by %d kills", left, 2*kills)
}

// A file that is no history, or holds what no run begins as, stays as it is.
func TestMendLeavesWhatIsNotOurs(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	for _, text := range []string{"", "\n", "a line\nwithout an end", "{\n  \"schema\": 1\n}", "\x00\x00", "\x7fELF\x00\x00\n{",
		runBegin + `v9","time":"2026-01-01T12:00:00Z"}`, runBegin + "v2\"}\n{\n[1\nx"} {
		testfiles.Write(t, path, text)
		if notes := Mend(path); len(notes) > 0 || string(testfiles.Read(t, path)) != text {
			t.Errorf("%q is now %q: %q", text, testfiles.Read(t, path), notes)
		}
	}
	for _, name := range []string{"missing", "."} {
		if notes := Mend(filepath.Join(filepath.Dir(path), name)); len(notes) > 0 {
			t.Errorf("%s: %q", name, notes)
		}
	}
}

func TestBrokenLinesAreNoted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	mustAppend(t, path, run(1, made("npx/a", verify.Signed)))
	good := testfiles.Read(t, path)
	broken := []string{"{", "\x1b[2J", "[]", "null", `{"schema":"other"}`, strings.Replace(string(good), `"evidence":"signed"`, `"evidence":"shiny"`, -1),
		strings.Replace(string(good), `"time":"2026-01-01T12:00:00Z"`, `"time":"0001-01-01T00:00:00Z"`, 1)}
	text := ""
	for _, line := range broken {
		text += strings.TrimSpace(line) + "\n"
	}
	if err := os.WriteFile(path, []byte(text+"\n"+string(good)), 0o600); err != nil {
		t.Fatal(err)
	}
	runs, notes, err := Read(path)
	if err != nil || len(runs) != 1 || len(notes) != len(broken) {
		t.Fatalf("%d runs, %d notes of %d, %v: %q", len(runs), len(notes), len(broken), err, notes)
	}
	if strings.ContainsAny(strings.Join(notes, ""), "\x1b\n") {
		t.Errorf("raw bytes in %q", notes)
	}
}

func TestConcurrentAppend(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "history.jsonl")
	var group sync.WaitGroup
	for day := 1; day <= 20; day++ {
		group.Go(func() {
			if err := Append(path, run(day, made("npx/a", verify.Signed))); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if runs, notes, err := Read(path); err != nil || len(runs) != 20 || len(notes) != 0 {
		t.Errorf("%d runs, %q, %v", len(runs), notes, err)
	}
}

func TestHistoryIsAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, _, err := Read(dir); err == nil {
		t.Error("a folder was read")
	}
	if err := Append(dir, run(1)); err == nil {
		t.Error("a folder was written to")
	}
	if err := Append(filepath.Join(dir, "no", "such", "folder"), run(1)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func sampleTrend() *Trend {
	before := run(1, made("npx/gains", verify.Signed), made("npx/loses", verify.Verified), made("npx/same", verify.Signed),
		made("npx/fails", verify.Verified), made("npx/goes", verify.None), made("uvx/broken", verify.Verified))
	after := run(9, made("npx/gains", verify.Verified), made("npx/loses", verify.Signed), made("npx/same", verify.Signed),
		made("npx/fails", verify.Unchecked), made("npx/comes", verify.None), made("uvx/broken", verify.Invalid))
	other := NewRun(time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), "another catalog", report.Each([]report.Package{made("npx/x", verify.Verified)}))
	return Since([]Run{before, other, after}, time.Time{})
}

func TestSince(t *testing.T) {
	t.Parallel()
	trend := sampleTrend()
	if len(trend.Points) != 2 {
		t.Fatalf("%d points: runs of another catalog count", len(trend.Points))
	}
	names := func(changes []Change) (out []string) {
		for _, c := range changes {
			out = append(out, fmt.Sprintf("%s %s→%s", c.Spec, c.From, c.To))
		}
		return out
	}
	if got := names(trend.Gained); !reflect.DeepEqual(got, []string{"npx/gains signed→verified"}) {
		t.Errorf("gained %q", got)
	}
	if got := names(trend.Lost); !reflect.DeepEqual(got, []string{"npx/loses verified→signed", "uvx/broken verified→invalid"}) {
		t.Errorf("lost %q", got)
	}
	if !reflect.DeepEqual(trend.Added, []string{"npx/comes"}) || !reflect.DeepEqual(trend.Removed, []string{"npx/goes"}) {
		t.Errorf("added %q, removed %q", trend.Added, trend.Removed)
	}
	if got := trend.Points[0].Attested[catalog.NPX]; got != 40 {
		t.Errorf("%v%%, want 40%%", got)
	}
	runs := []Run{run(1), run(2), run(3)}
	for _, tt := range []struct{ day, want int }{{1, 3}, {2, 2}, {3, 1}} {
		if got := Since(runs, time.Date(2026, 1, tt.day, 12, 0, 0, 0, time.UTC)); len(got.Points) != tt.want {
			t.Errorf("since day %d: %d points, want %d", tt.day, len(got.Points), tt.want)
		}
	}
	if Since(nil, time.Time{}) != nil || Since(runs, morning.AddDate(9, 0, 0)) != nil {
		t.Error("a trend of no runs")
	}
}

func TestTrendText(t *testing.T) {
	t.Parallel()
	trend := &Trend{}
	for i, v := range []float64{0, 10, 20, 30, 40, 50} {
		trend.Points = append(trend.Points, Point{
			Time: time.Date(2026, 1, 1+i, 0, 0, 0, 0, time.UTC), Attested: map[catalog.Protocol]float64{catalog.NPX: v, catalog.UVX: 2},
		})
	}
	trend.Lost = []Change{{"npx/loses", verify.Verified, verify.None, "1.0.0", "1.0.1"}}
	unicode := drawn(theme.New(theme.Options{Plain: true}), 60, trend)
	want := `npx attested, 6 runs: from 0.0% to 50.0%
   50% │     █
       │    ██
       │   ███
       │  ████
    0% │ █████
        2026-01-01  2026-01-06
`
	if !strings.HasPrefix(unicode, want) {
		t.Errorf("got\n%s\nwant\n%s", unicode, want)
	}
	if !strings.Contains(unicode, "npx/loses  1.0.0 → 1.0.1  verified → none") {
		t.Errorf("%s", unicode)
	}
	ascii := drawn(theme.New(theme.Options{Plain: true, ASCII: true}), 60, trend)
	if !strings.Contains(ascii, "0% | #####\n") || !strings.Contains(ascii, "verified > none") {
		t.Errorf("%s", ascii)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"schema":"plimsoll/coverage-run/v2","time":"2026-01-01T00:00:00Z","packages":{"a":{"evidence":"none"}}}` + "\n"))
	f.Add([]byte(`{"schema":"plimsoll/coverage-run/v1","time":"2026-01-01T00:00:00Z","packages":{"a":{"evidence":"nothing"}}}` + "\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, notes := parse(data)
		for _, note := range notes {
			if strings.ContainsAny(note, "\x1b\n\r") {
				t.Fatalf("raw bytes in %q", note)
			}
		}
		if trend := Since(runs, time.Time{}); trend != nil {
			trend.Draw(view.NewDoc(theme.New(theme.Options{}), 80))
		}
	})
}
