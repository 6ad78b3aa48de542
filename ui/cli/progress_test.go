package cli

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hinshun/vt10x"

	"plimsoll/ui/report"
	"plimsoll/ui/theme"
)

// watching is an environment whose stderr is a terminal of some width; ticks are what
// its clock says, and shown is what stands on the terminal.
func watching(width int, vars map[string]string) (env Env, ticks chan time.Time, shown func() string) {
	screen := vt10x.New(vt10x.WithSize(width, 12))
	env = bare(&strings.Builder{}, screen, vars)
	ticks = make(chan time.Time)
	env.progress, env.ticks = &progress{}, ticks
	env.IsTerminal = func(stream any) bool { return stream == env.Stderr }
	env.Width = func(any) int { return width }
	return env, ticks, func() string {
		var lines []string
		for line := range strings.SplitSeq(screen.String(), "\n") {
			lines = append(lines, strings.TrimRight(line, " "))
		}
		return strings.TrimRight(strings.Join(lines, "\n"), "\n")
	}
}

// What the line says follows from the ticks and from what was counted, and nothing
// else; an estimate is given only from a pace that was seen and goes on.
func TestProgressLine(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{ASCII: true, Plain: true})
	start := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	type step struct {
		ms, done int
		doing    string
		want     string
	}
	for name, test := range map[string]struct {
		total, cells int
		steps        []step
	}{
		"soon over": {100, 60, []step{{0, 0, "", ""}, {100, 40, "", ""}, {200, 90, "", ""}}},
		"a pace": {100, 60, []step{
			{0, 0, "", ""}, {300, 0, "", "0 of 100 checked"}, {1000, 10, "", "10 of 100 checked"},
			{2000, 15, "", "15 of 100 checked"}, // too few, too soon
			{3000, 30, "", "30 of 100 checked, 10 s left at this pace"},
			{5000, 31, "", "31 of 100 checked, 15 s left at this pace"},
			{5900, 31, "", "31 of 100 checked, 20 s left at this pace"},
			{8000, 31, "waiting 8 s: too many requests", "31 of 100 checked, nothing new for 3 s (waiting 8 s: too many requests)"},
			{9000, 99, "", "99 of 100 checked, 5 s left at this pace"},
			{9100, 100, "", "100 of 100 checked"},
			{19100, 100, "", "100 of 100 checked"},
		}},
		"hours": {100_000, 60, []step{{0, 0, "", ""}, {1000, 1, "", "1 of 100000 checked"},
			{61_000, 601, "", "601 of 100000 checked, 3 h left at this pace"}, {600_000, 50_000, "", "50000 of 100000 checked, 10 min left at this pace"}}},
		"from a cache at first": {1000, 60, []step{{0, 900, "", ""}, {4000, 901, "", "901 of 1000 checked"}, {6000, 905, "", "905 of 1000 checked"}}},
		"one":                   {1, 60, []step{{0, 0, "", ""}, {400, 0, "fetching attestations", "0 of 1 checked, fetching attestations"}}},
		"not known how many":    {0, 60, []step{{0, 0, "", ""}, {400, 1200, "", "1200 checked"}}},
		"a bar":                 {4, 80, []step{{0, 0, "", ""}, {400, 1, "", "#####...............  1 of 4 checked"}, {500, 4, "", "####################  4 of 4 checked"}}},
	} {
		t.Run(name, func(t *testing.T) {
			ph := &phase{did: "checked", total: test.total}
			for _, s := range test.steps {
				ph.done, ph.doing = s.done, s.doing
				if got := ph.line(th, test.cells, start.Add(time.Duration(s.ms)*time.Millisecond)); got != s.want {
					t.Errorf("after %d ms with %d done: %q, want %q", s.ms, s.done, got, s.want)
				}
			}
		})
	}
}

// The line is taken away before anything else is written, stays within the terminal,
// and leaves nothing behind.
func TestProgressGivesWay(t *testing.T) {
	t.Parallel()
	for _, width := range []int{12, 30, 60, 80, 200} {
		env, ticks, shown := watching(width, nil)
		stop := env.begin(t.Context(), options{}, "checked", 29)
		tick := func(second int) { // the second is taken when the first was painted
			ticks <- time.Unix(int64(second), 0)
			ticks <- time.Unix(int64(second), 0)
		}
		tick(1)
		tick(2)
		env.progress.doing("a host that takes very long to answer and has a very long name\r\n\x1b[2J, 世界世界世界世界")
		tick(9)
		if got := shown(); !strings.Contains(got, "0 of 29") || strings.Contains(got, "\n") {
			t.Errorf("width %d: the terminal shows %q", width, got)
		}
		env.say("first")
		if got := shown(); got != "plimsoll: first"[:min(width, 15)]+strings.TrimSuffix("\n"+"plimsoll: first"[min(width, 15):], "\n") {
			t.Errorf("width %d: after a sentence the terminal shows %q", width, got)
		}
		env.progress.did(1)
		tick(10)
		if got := shown(); !strings.Contains(got, "1 of 29") {
			t.Errorf("width %d: the terminal shows %q", width, got)
		}
		stop()
		stop()
		env.say("second")
		if got := strings.ReplaceAll(shown(), "\n", ""); got != "plimsoll: firstplimsoll: second" {
			t.Errorf("width %d: at the end the terminal shows %q", width, got)
		}
	}
}

// A terminal that became narrower gets no line that is wider.
func TestProgressInANarrowerTerminal(t *testing.T) {
	t.Parallel()
	var out lines
	p := &progress{now: &phase{did: "checked", total: 29}, theme: theme.New(theme.Options{Plain: true})}
	width := 100
	p.env = Env{Stderr: &out, Width: func(any) int { return width }}
	p.paint(t.Context(), p.now, time.Unix(1, 0))
	p.paint(t.Context(), p.now, time.Unix(2, 0))
	wide := len(out.String())
	width = 10
	p.now.done++
	p.paint(t.Context(), p.now, time.Unix(3, 0))
	p.write(func() {})
	for part := range strings.SplitSeq(out.String()[wide:], "\r") {
		if theme.Width(part) >= width {
			t.Errorf("%q is wider than the terminal", part)
		}
	}
}

// Nobody is bothered who does not watch: no terminal, one that cannot, a machine.
func TestNoProgressUnlessWatched(t *testing.T) {
	t.Parallel()
	for name, vars := range map[string]map[string]string{
		"a pipe": {"pipe": "yes"}, "TERM=dumb": {"TERM": "dumb"}, "CI": {"CI": "true"},
	} {
		env, _, _ := watching(80, vars)
		if vars["pipe"] != "" {
			env.IsTerminal = func(any) bool { return false }
		}
		stop := env.begin(t.Context(), options{}, "checked", 2)
		env.progress.did(1)
		if env.progress.now != nil {
			t.Errorf("%s: there is a line", name)
		}
		stop()
	}
}

// What a run was told to end leaves no line, and paints none after that.
func TestProgressEndsWithTheRun(t *testing.T) {
	t.Parallel()
	env, ticks, shown := watching(80, nil)
	ctx, cancel := context.WithCancel(t.Context())
	env.begin(ctx, options{}, "checked", 2)
	for second := range int64(3) {
		ticks <- time.Unix(second, 0)
	}
	under := env.progress.now // what the goroutine that paints holds as well
	cancel()
	env.say("%v", errInterrupted)
	env.progress.paint(ctx, under, time.Unix(9, 0))
	if got := shown(); got != "plimsoll: interrupted before everything was checked" {
		t.Errorf("the terminal shows %q", got)
	}
}

// On a real terminal every command that takes long says how far it is, and its result
// stands there alone in the end.
func TestProgressInATerminal(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "testdata", "demo")
	recording := filepath.Join(dir, "recording")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"report":   {[]string{"report", filepath.Join(dir, "dockyard")}, "29 packages: "},
		"coverage": {[]string{"coverage", filepath.Join(dir, "dockyard")}, "unchecked"},
		"document": {[]string{"document", filepath.Join(dir, "dockyard")}, "29 specs"},
		"verify":   {[]string{"verify-provenance", "-c", filepath.Join(dir, "dockyard", "npx", "context7", "spec.yaml")}, "unchecked"},
	} {
		t.Run(name, func(t *testing.T) {
			watched := make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				select {
				case <-watched:
				case <-r.Context().Done():
				}
				http.NotFound(w, r)
			}))
			t.Cleanup(server.Close)
			term := openTerminal(t, append(c.args, "--trusted-root", filepath.Join(recording, "trusted_root.json"), "--npm-keys",
				filepath.Join(recording, "npm-keys.json"), "--npm-registry", server.URL, "--pypi-index", server.URL+"/simple", "--cache-size", "0")...)
			term.until(" checked")
			close(watched)
			if code := term.wait(); code != report.ExitUnchecked {
				t.Errorf("exit code %d, want %d", code, report.ExitUnchecked)
			}
			screen := vt10x.New(vt10x.WithSize(120, 400))
			_, _ = screen.Write(term.output.Bytes())
			if shown := screen.String(); strings.Contains(shown, " checked") || !strings.Contains(shown, c.want) {
				t.Errorf("in the end the terminal shows\n%s", strings.TrimSpace(shown))
			}
			if strings.Contains(term.output.String(), "\x1b[?25") {
				t.Error("the cursor was hidden")
			}
		})
	}
}

// ctrl+c ends a run that shows how far it is with a sentence that stands alone.
func TestInterruptedUnderProgress(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "testdata", "demo")
	address := silent(t, func() {})
	term := openTerminal(t, "report", filepath.Join(dir, "dockyard"), "--trusted-root", filepath.Join(dir, "recording", "trusted_root.json"),
		"--npm-keys", filepath.Join(dir, "recording", "npm-keys.json"), "--npm-registry", address, "--pypi-index", address+"/simple", "--cache-size", "0")
	term.until("0 of 29 checked")
	if _, err := term.tty.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	if code := term.wait(); code != report.ExitUnchecked {
		t.Errorf("exit code %d, want %d", code, report.ExitUnchecked)
	}
	screen := vt10x.New(vt10x.WithSize(120, 10))
	_, _ = screen.Write(term.output.Bytes())
	if shown := strings.TrimSpace(screen.String()); shown != "plimsoll: interrupted before everything was checked" {
		t.Errorf("in the end the terminal shows %q", shown)
	}
}
