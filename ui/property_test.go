package ui

import (
	"context"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/layout"
	"plimsoll/ui/state"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
)

// hostileStrings try to leave their cell.
var hostileStrings = func() (out []string) {
	for _, text := range hostile.Texts() {
		if !text.Long() {
			out = append(out, text.Value)
		}
	}
	return append(out, "", strings.Repeat("x", 3000), strings.Repeat("漢", 300), "\u115f\u1160", "…–✓", "1⃣2⃣", "각힣")
}()

func hostileText(r *rand.Rand) untrusted.Text {
	var b strings.Builder
	for range 1 + r.IntN(3) {
		b.WriteString(hostileStrings[r.IntN(len(hostileStrings))])
		if r.IntN(2) == 0 {
			b.WriteString("name/x")
		}
	}
	return untrusted.Text(b.String())
}

func hostileSpecs(r *rand.Rand, n int) []catalog.Spec {
	var specs []catalog.Spec
	for i := range n {
		s := catalog.Spec{
			Path: untrusted.Text(fmt.Sprintf("npx/%d/", i)) + hostileText(r), Protocol: catalog.NPX,
			Server: hostileText(r), Package: hostileText(r), Version: hostileText(r), Description: hostileText(r),
			Provenance: catalog.Provenance{RepositoryURI: "https://github.com/" + hostileText(r), RepositoryRef: hostileText(r), CertIssuer: hostileText(r)},
		}
		if r.IntN(6) == 0 {
			s.Provenance.Attestations = &catalog.Attestations{Available: true, Publisher: &catalog.Publisher{
				Kind: hostileText(r), Repository: hostileText(r), Workflow: hostileText(r)}}
		}
		if r.IntN(12) == 0 {
			s.Err = &catalog.SpecError{Path: s.Path, Line: 1, Message: s.Package.String()}
		}
		specs = append(specs, s)
	}
	return specs
}

func hostileReport(r *rand.Rand) *verify.Dossier {
	text := func() untrusted.Text { return hostileText(r) }
	status := verify.Status(r.IntN(int(verify.Unchecked) + 1))
	publisher := &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/" + text(), Workflow: text(), WorkflowURI: text(),
		Ref: text(), Commit: text(), Issuer: text(), Signer: text(), Runner: text(), Trigger: text(), Run: text(), Email: text()}
	attestation := verify.Attestation{
		Kind: verify.Kind(r.IntN(3)), PredicateType: text(), MediaType: text(), Status: status, Reason: text().String(), Publisher: publisher,
		Checks: []verify.Check{{ID: verify.CheckInclusion, Title: "inclusion proof", Status: verify.CheckStatus(r.IntN(5)), Reason: text().String()}},
		Log:    []verify.LogEntry{{Origin: text(), KnownLog: text(), Kind: text()}}, Leaf: &verify.Leaf{Issuer: text()},
		Subjects: []untrusted.Text{text()}, Source: verify.Source{URL: text()},
	}
	bundle := verify.Bundle{
		Certificates: []verify.Certificate{{Role: "leaf", Subject: text(), Issuer: text(), SANs: []untrusted.Text{text()},
			Extensions: []verify.Extension{{OID: "1.2.3", Number: r.IntN(25), Name: "x", Value: text()}}}},
		Log: []verify.BundleEntry{{LogEntry: attestation.Log[0], BodyKind: text(), Note: text(), Body: []byte(text())}},
		Raw: []byte(text()),
	}
	return dossierOf(&verify.Report{
		Release: verify.Release{Name: text(), Version: text()}, Status: status, Reason: text().String(), Publisher: publisher, SLSA: verify.SLSA{Level: r.IntN(4)},
		Artifacts: []verify.ArtifactReport{{Filename: text(), Integrity: text(), Status: status, Reason: "because",
			Attestations: []verify.Attestation{attestation}, Signatures: []verify.Signature{{KeyID: text(), Sig: text(), Status: status}}}},
		Comparison: []verify.Comparison{{Field: "repository", Spec: text(), Certificate: text(), Statement: text(), Registry: text(), Result: verify.ResultMismatch}},
		Findings:   []verify.Finding{{Rule: "a.b", Severity: verify.Severity(r.IntN(3)), Message: text().String(), Expected: text().String()}},
		Claims: verify.Claims{Repository: text(), Homepage: text(), License: text(), Deprecated: text(),
			NPMUser: verify.NPMUser{Name: text(), TrustedPublisher: text(), TrustedPublisherConfig: text(), Approver: text()}},
	}, bundle)
}

// What a line may hold of ours: styles, which it leaves off at its end, and links to
// https addresses, which it ends.
var (
	style = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	link  = regexp.MustCompile(`\x1b\]8;[^;\x1b]*;https://[!-~]+\x1b\\(.*?)\x1b\]8;;\x1b\\`)
)

// checkFrame holds what is true of every frame.
func checkFrame(t *testing.T, m *Model, when string) {
	t.Helper()
	lineWidths{}.check(t, m, when)
}

// lineWidths are lines that were found good, and their widths: most lines of a
// frame were in the one before.
type lineWidths map[string]int

const manyLines = 200_000

func (good lineWidths) check(t *testing.T, m *Model, when string) {
	t.Helper()
	frame := m.View()
	lines := strings.Split(frame, "\n")
	if len(lines) != max(m.height, 1) {
		t.Fatalf("%s: %d lines on a screen of %d\n%q", when, len(lines), m.height, frame)
	}
	if !utf8.ValidString(frame) {
		t.Fatalf("%s: invalid UTF-8", when)
	}
	for y, line := range lines {
		if w, known := good[line]; known && w <= m.width {
			continue
		}
		plain := style.ReplaceAllString(link.ReplaceAllString(line, "$1"), "")
		w := max(theme.Width(plain), ansi.StringWidth(line))
		if w > m.width {
			t.Fatalf("%s: line %d is %d cells wide on a screen of %d:\n%q", when, y, w, m.width, line)
		}
		if untrusted.Clean(plain) != plain {
			t.Fatalf("%s: line %d holds what no line of ours may:\n%q", when, y, line)
		}
		if codes := style.FindAllString(line, -1); len(codes) > 0 && codes[len(codes)-1] != "\x1b[0m" {
			t.Fatalf("%s: line %d leaves its style on:\n%q", when, y, line)
		}
		if m.theme.ASCII() && ansi.Strip(line) != strings.Map(asciiOnly, plain) {
			t.Fatalf("%s: line %d is not ASCII: %q", when, y, line)
		}
		if len(good) < manyLines {
			good[line] = w
		}
	}
}

func asciiOnly(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	return -1
}

// TestScreenHolds presses more than 20,000 keys.
func TestScreenHolds(t *testing.T) {
	t.Parallel()
	presses := 7000
	if hostile.Sample(t) {
		presses = 300
	}
	for name, o := range map[string]theme.Options{"colour": {Color: true}, "plain": {}, "ascii": {ASCII: true}, "links": {Color: true, Terminal: theme.Terminal{Links: true}}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			walk(t, rand.New(rand.NewPCG(uint64(len(name)), 7)), o, presses)
		})
	}
}

// frameEvery is how many steps of a walk lie between two frames that are drawn;
// what must hold of the model is checked at each.
const frameEvery = 5

// walk presses random keys on a random catalog while answers arrive.
func walk(t *testing.T, r *rand.Rand, o theme.Options, presses int) {
	keys := allKeys()
	specs := hostileSpecs(r, 60)
	examine := func(context.Context, catalog.Spec) (*verify.Dossier, error) { return nil, nil } // answered below
	unused := func(context.Context, func(*review.Review)) error { return nil }                  // answered below
	m := New(Options{Specs: specs, Engine: newEngine(false), Examine: examine, Review: unused, Theme: theme.New(o), Now: clock, State: &fakeState{}, Triage: newOffice().options(),
		Title: string(hostileText(r)), Trust: string(hostileText(r))})
	good := lineWidths{}
	good.check(t, m, "before any size")
	m.recalled(state.Tables{}, false, nil)
	send(m, tea.WindowSizeMsg{Width: 120, Height: 40})
	for step := 0; presses > 0; step++ {
		var msg tea.Msg
		before, marks, results := onto(m), m.store.Marks(), false
		switch n := r.IntN(20); {
		case n == 0:
			msg = tea.WindowSizeMsg{Width: 1 + r.IntN(250), Height: 1 + r.IntN(80)}
		case n == 1:
			msg = tea.WindowSizeMsg{Width: layout.MinWidth + r.IntN(100), Height: layout.MinHeight + r.IntN(30)}
		case n < 4:
			msg, results = randomEvents(r, m), true
		case n == 4:
			msg, results = []tea.Msg{tickMsg{}, action((*Model).save)}[r.IntN(2)], true
		case n == 5 && m.review.cancel != nil:
			msg, results = action(func(m *Model) tea.Cmd { m.hostileReview(r); return nil }), true
		case n < 7 && m.dossiers.asked != nil:
			asked := m.dossiers.asked
			msg, results = action(func(m *Model) tea.Cmd {
				m.dossiers.stop()
				if row := m.store.Row(asked.row); row != nil && !row.Waiting && asked.about(row) {
					return m.tookDossier(row, hostileReport(r))
				}
				return nil
			}), true
		case n == 5:
			msg = tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(string(hostileText(r))), Paste: r.IntN(2) == 0}
		default:
			msg = typed(keys[r.IntN(len(keys))])
			presses--
		}
		held, change := m.store.Place() > 0, m.review.env.store.Cursor()
		m.Update(msg)
		when := fmt.Sprintf("step %d, %dx%d, after %T %v", step, m.width, m.height, msg, summary(msg))
		if _, resized := msg.(tea.WindowSizeMsg); resized || step%frameEvery == 0 {
			good.check(t, m, when)
		}
		if results && held && onto(m) != before {
			t.Fatalf("%s: results moved the cursor from %q to %q", when, before, onto(m))
		}
		if now := m.review.env.store.Cursor(); results && m.review.env.store.Place() > 0 && change != nil && !change.Gone && now != change {
			t.Fatalf("%s: results moved the cursor of the review from %q to %q", when, change.Name(), now.Name())
		}
		if results && !slices.Equal(marks, m.store.Marks()) {
			t.Fatalf("%s: results changed the marks from %v to %v", when, marks, m.store.Marks())
		}
		checkModel(t, m, when)
	}
}

// allKeys are the keys of the table, and what may be typed into a prompt.
func allKeys() []string {
	keys := []string{"/", "?", "M", "enter", "esc", "backspace", "tab", "é", "日", "😀", "jjj", "/aq", "x", "e", "space",
		"st:inv", "!~a", "slsa:>", `"x`, "f", "f", "v", "*"}
	table := newKeys(false)
	for _, g := range table.groups {
		for _, e := range g.keys {
			if name := e.binding.Keys(); name[0] != "ctrl+c" {
				keys = append(keys, name...)
			}
		}
	}
	return keys
}

// checkModel holds what is true between two frames.
func checkModel(t *testing.T, m *Model, when string) {
	t.Helper()
	if h := m.frame(m.home).Body.H; h > 0 && m.store.Shown() > 0 {
		if line := m.store.Place() - m.home.top; line < 0 || line >= h {
			t.Fatalf("%s: the cursor is on line %d of %d", when, line, h)
		}
	}
	sum := 0
	for _, status := range verify.Statuses() {
		sum += m.store.Count(status)
	}
	if sum != m.store.Len() {
		t.Fatalf("%s: the counts add up to %d of %d", when, sum, m.store.Len())
	}
	if len(m.stack) == 0 || m.stack[0] != screen(m.home) && !m.file && !m.review.alone {
		t.Fatalf("%s: the table is not below the other screens", when)
	}
}

func summary(msg tea.Msg) string {
	if key, ok := msg.(tea.KeyMsg); ok {
		return fmt.Sprintf("%q", key.String())
	}
	return ""
}

// hostileReview gives the review some answers, or all of them.
func (m *Model) hostileReview(r *rand.Rand) {
	now := m.review.latest
	if now == nil {
		now = &review.Review{Base: string(hostileText(r)), Head: string(hostileText(r))}
		specs := hostileSpecs(r, 24)
		for i := range specs[:12] {
			c := review.Change{Path: specs[i].Path, Kind: review.Kind(1 + r.IntN(5)), Before: &review.Side{Spec: specs[12+i]}, After: &review.Side{Spec: specs[i]}}
			switch c.Kind {
			case review.Added:
				c.Before = nil
			case review.Removed:
				c.After, c.Before.Spec.Path = nil, c.Path
			}
			now.Changes = append(now.Changes, c)
		}
	}
	now = now.Clone()
	for i := range now.Changes {
		c := &now.Changes[i]
		if c.Judged() || r.IntN(2) == 0 {
			continue
		}
		for _, side := range []**review.Side{&c.Before, &c.After} {
			if *side != nil {
				*side = &review.Side{Spec: (*side).Spec, Report: &hostileReport(r).Report}
			}
		}
		c.Judge(nil)
	}
	now.Findings = []verify.Finding{{Rule: "review.policy", Severity: verify.SeverityError, Message: hostileText(r).String()}}
	m.tookReview(reviewed{run: m.review.run, review: now, ended: r.IntN(4) == 0})
}

// randomEvents are answers of which some were asked for.
func randomEvents(r *rand.Rand, m *Model) tea.Msg {
	var events eventsMsg
	for range r.IntN(5) {
		id, generation := r.IntN(m.store.Len()+1), r.IntN(4)
		if tasks := m.store.Ask(id); len(tasks) > 0 && r.IntN(2) == 0 {
			generation = tasks[0].Generation
		}
		events = append(events,
			scan.Event{ID: id, Generation: generation, Kind: scan.Progress, Message: hostileText(r).String()},
			scan.Event{ID: id, Generation: generation, Kind: scan.Finished, Report: &hostileReport(r).Report})
	}
	return events
}

// On 10,000 packages only what is on the screen is drawn: a frame costs about
// as much as one of 100.
func TestFramesCostWhatIsOnTheScreen(t *testing.T) {
	allocations := func(n int) float64 {
		o := options()
		o.Specs = manySpecs(n)
		m := send(New(o), full)
		return testing.AllocsPerRun(20, func() {
			press(m, "j")
			m.View()
		})
	}
	few, many := allocations(100), allocations(10_000)
	if many > few*1.2 {
		t.Errorf("a key and its frame take %.0f allocations with 10,000 packages, %.0f with 100", many, few)
	}
}

// Of a review likewise.
func TestFramesOfAReviewCostWhatIsOnTheScreen(t *testing.T) {
	allocations := func(n int) float64 {
		many := reviewOf(1000)
		pattern := many.Changes
		for i := len(pattern); i < n; i++ {
			c := pattern[i%len(pattern)]
			path := untrusted.Text(fmt.Sprintf("npx/%06d/spec.yaml", i))
			side := *shownSide(&c)
			if side.Spec.Path, c.Path = path, path; c.After == nil {
				c.Before = &side
			} else {
				c.After = &side
			}
			many.Changes = append(many.Changes, c)
		}
		m := reviewWith(full, reviewed{review: many, ended: true})
		return testing.AllocsPerRun(20, func() {
			press(m, "j")
			m.View()
		})
	}
	few, many := allocations(100), allocations(5000)
	if many > few*1.2 {
		t.Errorf("a key and its frame take %.0f allocations with 5,000 changes, %.0f with 100", many, few)
	}
}

func BenchmarkKeyToFrame10000(b *testing.B) {
	o := options()
	o.Specs = manySpecs(10_000)
	m := send(New(o), full)
	for _, k := range []string{"j", "G", "s"} {
		b.Run(k, func(b *testing.B) {
			for b.Loop() {
				press(m, k)
				m.View()
			}
		})
	}
	b.Run("results", func(b *testing.B) {
		for b.Loop() {
			send(m, answers(1, 2, 3), tickMsg{})
			m.View()
		}
	})
}
