package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// frame is what the screen shows, without its styles.
func frame(m *Model) string { return escape.ReplaceAllString(m.View(), "") }

func frameLine(m *Model, y int) string { return strings.Split(frame(m), "\n")[y] }

func wantFrame(t *testing.T, m *Model, when string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(frame(m), text) {
			t.Errorf("%s, the screen does not show %q:\n%s", when, text, frame(m))
		}
	}
}

func TestPresetsGoRound(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	for _, want := range []struct {
		crumb string
		shown int
	}{
		{"Packages › not proven", 9}, {"Packages › failing", 3}, {"Packages › could not be checked", 2},
		{"Packages › no evidence", 2}, {"Packages › verified", 2}, {"Packages › with warnings", 0},
	} {
		press(m, "f")
		wantFrame(t, m, "after f", want.crumb, fmt.Sprintf("%d of 11", want.shown))
		if m.store.Shown() != want.shown {
			t.Errorf("%s shows %d packages, want %d", want.crumb, m.store.Shown(), want.shown)
		}
	}
	if press(m, "f"); m.store.Preset() != store.All || m.store.Shown() != 11 {
		t.Errorf("after the last comes %v", m.store.Preset())
	}
	if press(m, "F", "F"); m.store.Preset() != store.Proven {
		t.Errorf("F twice from the first leads to %v", m.store.Preset())
	}
	wantFrame(t, press(m, "/", "clickhouse", "enter"), "with a filter as well", "Packages › verified › clickhouse", "1 of 11")
	wantFrame(t, press(m, "f", "f", "f"), "where nothing is left", "No package under “not proven” matches the filter.")
}

// The worst is on top of what is not proven, and the cursor is on it.
func TestNotProvenShowsTheWorstFirst(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "f")
	ids := m.store.Window(0, m.store.Shown())
	order := verify.Statuses()
	for i := 1; i < len(ids); i++ {
		before, after := m.store.Row(ids[i-1]).Status, m.store.Row(ids[i]).Status
		if slices.Index(order, before) > slices.Index(order, after) {
			t.Errorf("%v comes before %v", before, after)
		}
	}
	if m.store.Cursor().Status != verify.Invalid {
		t.Errorf("the cursor is on a package that is %v", m.store.Cursor().Status)
	}
}

func TestTheFooterNamesTheNextPreset(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	for _, want := range []string{"f not proven", "f failing", "f could not be checked", "f no evidence", "f verified", "f with warnings", "f all"} {
		wantFrame(t, m, "before the next f", want)
		press(m, "f")
	}
}

// Escape takes one thing back at a time, the last first.
func TestEscapeTakesBackOneThing(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "f", "/", "npx", "enter", "space", "space", "v", "j", "/")
	type left struct {
		prompt, ranging bool
		marks           int
		filter          string
		preset          store.Preset
	}
	state := func() left {
		marks, _ := m.store.MarkCount()
		return left{m.overlay != nil, m.store.Ranging(), marks, m.store.Filter(), m.store.Preset()}
	}
	if got := state(); !got.prompt || !got.ranging || got.marks != 4 || got.filter != "npx" {
		t.Fatalf("before Escape: %+v", got)
	}
	press(m, "enter")
	for _, want := range []left{
		{false, false, 2, "npx", store.NotProven},
		{false, false, 0, "npx", store.NotProven},
		{false, false, 0, "", store.NotProven},
		{false, false, 0, "", store.All},
		{false, false, 0, "", store.All},
	} {
		if press(m, "esc"); state() != want {
			t.Errorf("after Escape: %+v, want %+v", state(), want)
		}
	}
}

func TestMarksAreShownAndRechecked(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "space", "j", "space")
	wantFrame(t, m, "after marking two", "2 marked", "! invalid    • npx/yaml-tiny", "? unchecked  • uvx/日本語パッケージ")
	if line := frameLine(m, 4); strings.HasPrefix(line, "▌") {
		t.Errorf("the cursor did not move on: %q", line)
	}
	press(m, "g")
	if line := frameLine(m, 4); !strings.HasPrefix(line, "▌ ! invalid    • npx") {
		t.Errorf("the marked row under the cursor is %q", line)
	}
	wantFrame(t, press(m, "/", "clickhouse", "enter"), "with a filter that hides them", "2 marked (2 hidden)")
	press(m, "esc")
	if n, _ := m.store.MarkCount(); n != 0 {
		t.Fatal("Escape did not clear the marks before the filter")
	}

	press(m, "esc", "g", "v", "jj")
	wantFrame(t, m, "with an open range", "3 marked, v ends")
	ids := m.store.Marks()
	press(m, "r")
	if _, asked := m.store.Progress(); asked != 3 {
		t.Fatalf("r asked for %d packages, want the 3 that are marked", asked)
	}
	for _, id := range ids {
		send(m, eventsMsg{finished(id, 2)})
	}
	if want := "checked 3 packages again: 0 changed"; m.toast != want {
		t.Errorf("it says %q, want %q", m.toast, want)
	}
	if n, _ := m.store.MarkCount(); n != 3 {
		t.Errorf("%d are marked after the check, want 3", n)
	}
	press(m, "v", "*", "r")
	if _, asked := m.store.Progress(); asked != 11 {
		t.Errorf("after * and r %d packages were asked for, want all 11", asked)
	}
	if press(m, "*"); len(m.store.Marks()) != 0 {
		t.Error("* again does not unmark")
	}
}

func TestTheFilterSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), "/", "st:zz uvx")
	footer := frameLine(m, 39)
	if !strings.Contains(footer, "/st:zz uvx") || !strings.HasSuffix(footer, "no status zz ") {
		t.Errorf("the prompt is %q", footer)
	}
	if m.store.Shown() != 5 {
		t.Errorf("%d packages are shown, want the 5 that the rest of the filter lets through", m.store.Shown())
	}
	wantFrame(t, press(m, "enter"), "after Enter", "Packages › st:zz uvx  no status zz")

	small := press(checkedAt(tea.WindowSizeMsg{Width: 40, Height: 10}), "/", strings.Repeat("long ", 20), "foo:bar")
	if footer := frameLine(small, 9); !strings.Contains(footer, "foo:bar ") || !strings.HasSuffix(footer, "no field foo: ") {
		t.Errorf("on a small screen the prompt is %q", footer)
	}
	hostile := press(checkedAt(full), "/", "st:\u202e")
	if footer := frameLine(hostile, 39); !strings.Contains(footer, `no status \u202e`) {
		t.Errorf("the prompt is %q", footer)
	}
}

// What is in view is checked first, whatever brought it there.
func TestWhatComesIntoViewIsPromoted(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{
		"a filter": {"/", "p190", "enter"}, "an order": {"s", "S"}, "a preset": {"f", "F", "G"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			o.Specs = manySpecs(200)
			m := press(send(New(o), full), keys...)
			window := m.store.Window(m.home.top, m.frame(m.home).Body.H)
			if !slices.Equal(m.promoted, window) || slices.Contains(window, 0) {
				t.Errorf("%v are in view, %v were promoted", window, m.promoted)
			}
		})
	}
}

// The counts of the header add up to the catalog and can be read on every
// screen, also while packages are checked.
func TestTheHeaderCountsEverything(t *testing.T) {
	t.Parallel()
	o := options()
	o.Specs = manySpecs(130)
	m := send(New(o), full)
	var events eventsMsg
	for id := range 120 {
		event := finished(id, 1)
		event.Report = &verify.Report{Status: verify.Status(1 + id%7)}
		events = append(events, event)
	}
	for _, size := range []tea.WindowSizeMsg{{Width: 40, Height: 10}, {Width: 80, Height: 24}, {Width: 250, Height: 80}} {
		send(m, size, events)
		header := frameLine(m, 0) + frameLine(m, 1)
		sum := 0
		for _, share := range m.shares() {
			sum += share.n
			if !strings.Contains(header, fmt.Sprintf("%s%d", share.sign, share.n)) && !strings.Contains(header, fmt.Sprintf("%d %s %s", share.n, share.sign, share.word)) {
				t.Errorf("%d cells wide: %d %s are not in %q", size.Width, share.n, share.word, header)
			}
		}
		if sum != 130 || !strings.Contains(header, "120/130") {
			t.Errorf("%d cells wide: the counts add up to %d, and the header is %q", size.Width, sum, header)
		}
	}
}

func TestManyAreCountedInThousands(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1k", 12_999: "12k"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
}

// The end of a name tells packages apart; it is never cut off.
func TestTheEndOfANameStays(t *testing.T) {
	t.Parallel()
	o := options()
	o.Specs = manySpecs(2)
	o.Specs[0].Package = "@a-very-long-scope-of-a-publisher/and-a-long-name-that-differs-in-one"
	o.Specs[1].Package = "@a-very-long-scope-of-a-publisher/and-a-long-name-that-differs-in-two"
	for _, size := range []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 80, Height: 24}, {Width: 60, Height: 15}, {Width: 40, Height: 10}} {
		wantFrame(t, send(New(o), size), fmt.Sprint(size), "differs-in-one", "differs-in-two", "npx/@")
	}
}

func TestColumnsAreChosen(t *testing.T) {
	t.Parallel()
	m := checkedAt(tea.WindowSizeMsg{Width: 119, Height: 30})
	if strings.Contains(frame(m), "SLSA") || !strings.Contains(frame(m), "SOURCE") {
		t.Errorf("the columns at first: %s", frameLine(m, 2))
	}
	if press(m, "c"); strings.Contains(frame(m), "SOURCE") {
		t.Errorf("few columns: %s", frameLine(m, 2))
	}
	wantFrame(t, press(m, "c"), "with many columns", "SOURCE", "WHY", "EXPECTED", "as many as there is room for")
	if press(m, "c"); strings.Contains(frame(m), "SLSA") {
		t.Errorf("the columns in the end: %s", frameLine(m, 2))
	}
	wide := checkedAt(tea.WindowSizeMsg{Width: 250, Height: 40})
	press(wide, "p", "cc", "/", "acme", "enter")
	wantFrame(t, wide, "on a wide screen", "SLSA", "PUBLISHER", "GitHub", "WORKFLOW", "RUNNER")
	for _, heading := range []string{"SLSA ▴", "PUBLISHER ▴", "WORKFLOW (certificate) ▴", "RUNNER ▴"} {
		for range 9 {
			if press(wide, "s"); strings.Contains(frame(wide), heading) {
				break
			}
		}
		wantFrame(t, wide, "after s", heading)
	}
}

// What a certificate says of a package that did not verify is not shown as if
// it were proven.
func TestOnlyWhatIsProvenIsInTheTable(t *testing.T) {
	t.Parallel()
	publisher := &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/a/b", Workflow: ".github/workflows/release.yml", Runner: "github-hosted"}
	for _, status := range verify.Statuses() {
		texts := describe(options().Theme)(sampleSpecs()[0], &verify.Report{Status: status, Publisher: publisher, SLSA: verify.SLSA{Level: 2}})
		proven := status == verify.Verified || status == verify.Partial || status == verify.Mismatch
		shown := []string{texts[layout.SLSA], texts[layout.Publisher], texts[layout.Workflow], texts[layout.Runner]}
		want := []string{"–", "–", "–", "–"}
		if proven {
			want = []string{"L2", "GitHub", "release.yml", "github-hosted"}
		}
		if !slices.Equal(shown, want) {
			t.Errorf("%v: the texts are %q, want %q", status, shown, want)
		}
	}
}

func TestAMessageHidesNoRow(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(tea.WindowSizeMsg{Width: 80, Height: 12}), "G")
	before := strings.Split(frame(m), "\n")
	press(m, "r", "r")
	send(m, eventsMsg{{ID: m.store.Cursor().ID, Generation: 2, Kind: scan.Progress, Message: "x"}})
	m.say(strings.Repeat("a long message ", 20))
	after := strings.Split(frame(m), "\n")
	if len(before) != len(after) || before[8] != after[8] || !strings.Contains(after[10], "a long message") || after[11] != before[11] {
		t.Errorf("with a message:\n%s\nwithout:\n%s", strings.Join(after, "\n"), strings.Join(before, "\n"))
	}
}
