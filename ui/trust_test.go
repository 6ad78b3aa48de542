package ui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

var (
	fromTUF = scan.TrustInfo{Origin: trust.OriginTUF, Root: "the public-good Sigstore, by TUF", Keys: "the public-good Sigstore, by TUF", Mirror: "https://tuf.example"}
	loaded  = func() scan.TrustInfo {
		info := fromTUF
		info.RootSHA256, info.RootVersion, info.Version = strings.Repeat("ab", 32), 12, 345
		info.Expires, info.Checked, info.Age = clock().Add(72*time.Hour), clock().Add(-5*time.Hour), 5*time.Hour
		info.KeySets = []trust.KeySet{
			{Registry: "npm.example", Source: "TUF", Count: 4},
			{Registry: "private.example", Source: "the registry itself", Count: 1, Weak: true},
			{Registry: "gone.example", Error: "registry keys: \x1b[2Jdial tcp: refused"},
		}
		return info
	}()
)

// trustStates are what the trust page can say.
var trustStates = []struct {
	name string
	info func() scan.TrustInfo
	aged bool
}{
	{"not-loaded", func() scan.TrustInfo { return fromTUF }, false},
	{"loading", func() scan.TrustInfo { info := fromTUF; info.Loading = true; return info }, false},
	{"loaded", func() scan.TrustInfo { return loaded }, false},
	{"offline", func() scan.TrustInfo { return loaded }, true},
	{"expired", func() scan.TrustInfo { info := loaded; info.Expires = clock().Add(-time.Second); return info }, false},
	{"none", func() scan.TrustInfo {
		info := fromTUF
		info.Mirror, info.RootError = "https://tuf.example/\x1b]52;c;x\x07", "no trust root from TUF: \x1b[31mdial tcp: connection refused"
		return info
	}, false},
	{"demo", func() scan.TrustInfo {
		return scan.TrustInfo{Origin: trust.OriginDemo, Root: "the demo's own trust root", RootSHA256: strings.Repeat("cd", 32), Keys: "the demo's own keys", Demo: true,
			KeySets: []trust.KeySet{{Source: "the demo's own keys", Count: 4}}}
	}, false},
	{"results", nil, false},
}

func trustAt(size tea.WindowSizeMsg, info func() scan.TrustInfo, aged bool) *Model {
	o := options()
	o.TrustInfo, o.Aged = info, aged
	events := answers(upTo(11)...)
	for i := range events {
		if r := events[i].Report; r != nil {
			r.Sources = []verify.Source{{What: "manifest", Time: clock().Add(-time.Duration(i+1) * 24 * time.Hour)}}
		}
	}
	return press(send(New(o), size, events), "T")
}

// trustScenes are the states of the trust page.
var trustScenes = func() (scenes []scene) {
	for _, state := range trustStates {
		scenes = append(scenes, scene{state.name, func(size tea.WindowSizeMsg) *Model { return trustAt(size, state.info, state.aged) }})
	}
	return scenes
}()

// The page says that trust is loading until it is there, and then what it is,
// without a key being pressed.
func TestTrustPageFollows(t *testing.T) {
	t.Parallel()
	size := tea.WindowSizeMsg{Width: 120, Height: 40}
	info := fromTUF
	info.Loading = true
	m := trustAt(size, func() scan.TrustInfo { return info }, false)
	if text := m.View(); !strings.Contains(text, "loading…") || strings.Contains(text, "abab") {
		t.Errorf("before:\n%s", text)
	}
	info = loaded
	m = send(m, tickMsg{})
	text := m.View()
	for _, want := range []string{strings.Repeat("ab", 32), "root 12, timestamp 345", "2026-04-05 10:11:12 UTC", "(5 hours ago)", "4 keys from TUF",
		"1 key from the registry itself: weaker, nobody else vouches for them", `could not be fetched: registry keys: \x1b[2Jdial tcp: refused`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not there:\n%s", want, text)
		}
	}
	if strings.Contains(text, "loading") {
		t.Errorf("it is still loading:\n%s", text)
	}
	m = press(m, "esc")
	if text := m.View(); !strings.Contains(text, "Packages") {
		t.Errorf("esc does not lead back:\n%s", text)
	}
}

// Nothing on the page is green: trust is not proven, it is given.
func TestTrustPageIsNotGreen(t *testing.T) {
	t.Parallel()
	for _, scene := range trustStates {
		o := options()
		o.Theme, o.TrustInfo = theme.New(theme.Options{Color: true}), scene.info
		m := press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}), "T")
		_, body, _ := strings.Cut(m.View(), "Trust")
		if strings.Contains(body, "\x1b[32m") || strings.Contains(body, "✓") {
			t.Errorf("%s:\n%s", scene.name, body)
		}
	}
}

// A file of evidence is alone on the screen: there is no table behind it.
func TestFileOfEvidence(t *testing.T) {
	t.Parallel()
	o, _ := toolOptions()
	o.File = true
	o.Specs = []catalog.Spec{{Server: "evidence", Package: "bundle.json"}}
	r := proven()
	r.Inspected, r.Status = &verify.Inspected{File: "x/bundle.json", Kind: "Sigstore bundle v0.3"}, verify.Unbound
	r.Artifacts[0].Attestations[0].Status = verify.Unbound
	m := send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40})
	if text := m.View(); !strings.Contains(text, "bundle.json") || !strings.Contains(text, "Not checked yet.") || strings.Contains(text, "package ") {
		t.Errorf("before:\n%s", text)
	}
	m = send(m, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}})
	text := m.View()
	if !strings.Contains(text, "unbound") || !strings.Contains(text, "checked the file") || strings.Contains(text, "1 package") || strings.Contains(text, "Packages") {
		t.Errorf("checked:\n%s", text)
	}
	m = press(m, "esc", "h")
	if len(m.stack) != 1 {
		t.Errorf("%d screens are on the stack", len(m.stack))
	}
	if text := press(send(m, tea.WindowSizeMsg{Width: 99, Height: 250}), "?").View(); !strings.Contains(text, "it names the artifact") || strings.Contains(text, "✓ verified") {
		t.Errorf("the help is that of a catalog:\n%s", text)
	}
	m = press(m, "esc")
	for _, k := range []string{"T", "D", "M", "?"} {
		m = press(m, k, "esc")
	}
	if _, ok := m.top().(*detail); !ok {
		t.Errorf("the file is not on the screen: %T", m.top())
	}
	if _, cmd := m.Update(typed("q")); cmd == nil || cmd() != tea.Quit() {
		t.Error("q does not quit")
	}
}

// The attestations of one file are a list, the worst first, and enter opens one.
func TestFileOfSeveral(t *testing.T) {
	t.Parallel()
	o, _ := toolOptions()
	o.File = true
	o.Specs = []catalog.Spec{{Server: "evidence", Package: "attestation 1 of 2", Path: "a"}, {Server: "evidence", Package: "attestation 2 of 2", Path: "b"}}
	m := send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40})
	for id, status := range []verify.Status{verify.Unbound, verify.Invalid} {
		r := proven()
		r.Inspected, r.Status = &verify.Inspected{File: "x.jsonl", Kind: "JSON lines"}, status
		r.Artifacts = r.Artifacts[:1]
		r.Artifacts[0].Attestations = r.Artifacts[0].Attestations[:1]
		r.Artifacts[0].Attestations[0].Status = status
		m = send(m, eventsMsg{{ID: id, Generation: 1, Kind: scan.Finished, Report: r}})
	}
	text := m.View()
	for _, want := range []string{"In the file", "IN THE FILE", "KIND", "1 ✗! failing", "1 ◇ unbound", "provenance"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
	if strings.Index(text, "attestation 2 of 2") > strings.Index(text, "attestation 1 of 2") || strings.Contains(text, "Packages") {
		t.Errorf("the worst is not the first, or they are packages:\n%s", text)
	}
	if m = press(m, "D"); len(m.stack) != 1 || !strings.Contains(m.View(), "coverage counts packages") {
		t.Errorf("coverage of a file:\n%s", m.View())
	}
	if m = press(m, "enter"); len(m.stack) != 2 || !strings.Contains(m.View(), "1 of 2") {
		t.Errorf("enter opens nothing:\n%s", m.View())
	}
	if m = press(m, "esc"); len(m.stack) != 1 {
		t.Error("esc does not lead back")
	}
}

// With --offline the package screen says how old the evidence is, and follows
// the clock.
func TestAgeOnThePackageScreen(t *testing.T) {
	t.Parallel()
	o, _ := toolOptions()
	now := clock()
	o.Now, o.Aged = func() time.Time { return now }, true
	r := proven()
	r.Sources = []verify.Source{{What: "manifest", Time: clock().Add(-72 * time.Hour)}}
	m := press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}}), "enter")
	if text := m.View(); !strings.Contains(text, "fetched 2026-03-30 10:11:12 UTC (2 days ago)") && !strings.Contains(text, "(3 days ago)") {
		t.Errorf("the age is not there:\n%s", text)
	}
	now = now.Add(240 * time.Hour)
	if text := m.View(); !strings.Contains(text, "(12 days ago)") && !strings.Contains(text, "(13 days ago)") {
		t.Errorf("the age does not follow the clock:\n%s", text)
	}
	o.Aged = false
	m = press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}}), "enter")
	if text := m.View(); strings.Contains(text, "ago)") {
		t.Errorf("evidence that was fetched now has an age:\n%s", text)
	}
}

// A recording that was made a moment ago is not from the future: its age is
// taken by the clock, not by the clock's minute.
func TestAFreshRecordingIsOfNow(t *testing.T) {
	o, _ := toolOptions()
	o.Now, o.Aged = clock, true
	r := proven()
	r.Sources = []verify.Source{{What: "manifest", Time: clock().Add(-2 * time.Second)}}
	m := press(send(New(o), tea.WindowSizeMsg{Width: 120, Height: 40}, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}}), "enter")
	if text := m.View(); !strings.Contains(text, "(just now)") || strings.Contains(text, "future") {
		t.Errorf("the age is wrong:\n%s", text)
	}
}

// A missing trust root is one line over the table, and goes when there is one.
func TestAMissingTrustRootIsOneLine(t *testing.T) {
	const why = "TUF cannot be reached"
	r := &verify.Report{Status: verify.Unchecked, Unverified: why, Reason: why + "; and the evidence could not be fetched: no route"}
	m := send(New(options()), tea.WindowSizeMsg{Width: 160, Height: 40}, eventsMsg{
		{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}, {ID: 1, Generation: 1, Kind: scan.Finished, Report: r},
	})
	press(m, "p")
	if text := frame(m); strings.Count(text, why) != 1 || !strings.Contains(text, "nothing is verified: "+why) || strings.Count(text, "no trust root") != 2 {
		t.Errorf("the screen says:\n%s", text)
	}
	m.noRoot = strings.Repeat("the mirror answers 503; ", 9)
	if text := frame(m); !strings.Contains(text, "…   T says the rest") {
		t.Errorf("a reason that is cut does not say where the rest is:\n%s", text)
	}
	whole := proven()
	m.noteTrust(whole)
	if text := frame(m); len(whole.Artifacts) > 0 && strings.Contains(text, why) {
		t.Errorf("with a trust root it still says:\n%s", text)
	}
}

// The header and the coverage say which specs were not read.
func TestSpecsThatAreNotReadAreSaid(t *testing.T) {
	m := send(checkedAt(tea.WindowSizeMsg{Width: 200, Height: 50}), action(func(m *Model) tea.Cmd {
		m.unread = catalog.UnreadSpecs{{Folder: "skills", Specs: 189}, {Folder: "go", Specs: 1}}
		return nil
	}))
	const left = "189 under skills/, 1 under go/"
	if text := frame(m); !strings.Contains(text, left+" not read") {
		t.Errorf("the header:\n%s", text)
	}
	if text := frame(press(m, "D")); !strings.Contains(text, "not read, and not counted") || strings.Count(text, left) != 2 {
		t.Errorf("the coverage:\n%s", text)
	}
}

// A warning stands beside its verdict, in the row and in its reason.
func TestAWarningIsMarked(t *testing.T) {
	r := proven()
	r.Findings = []verify.Finding{{Rule: "provenance.repository_ref", Severity: verify.Warning, Message: "the ref is not what the spec expects"}}
	m := send(New(options()), tea.WindowSizeMsg{Width: 160, Height: 40}, eventsMsg{{ID: 0, Generation: 1, Kind: scan.Finished, Report: r}})
	press(m, "p")
	wantFrame(t, m, "in the table", "✓ verified ▲", "another ref than the spec's")
	press(m, "/", "sev:warning", "enter")
	if m.store.Shown() != 1 {
		t.Errorf("sev:warning shows %d rows", m.store.Shown())
	}
}
