package ui

import (
	"fmt"
	"strings"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// sample is a small catalog and what the engine says of it.
type sample struct {
	name, version, repository string
	protocol                  catalog.Protocol
	status                    verify.Status
	reason, proven            string
}

var samples = []sample{
	{"@acme/http-client", "2.4.1", "https://github.com/acme/http-client", catalog.NPX, verify.Mismatch,
		"the certificate names another repository than the spec", "https://github.com/acme-fork/http"},
	{"context7-mcp", "1.0.14", "https://github.com/upstash/context7", catalog.NPX, verify.Signed, "only the registry's signature verifies", ""},
	{"@modelcontextprotocol/server-sequential-thinking", "2025.7.1", "", catalog.NPX, verify.None, "the registry offers no evidence", ""},
	{"yaml-tiny", "0.9.9", "https://github.com/sgr/yaml-tiny", catalog.NPX, verify.Invalid, "the inclusion proof leads to another root", ""},
	{"evil\x1b[2J\u202ename\r\n", "0.0.1\x07", "https://github.com/evil/\x9b31mname", catalog.NPX, verify.Invalid, "the statement was altered", ""},
	{"aws-diagram-mcp-server", "1.0.0", "https://github.com/awslabs/mcp", catalog.UVX, verify.Verified, "every artifact carries verified provenance", "https://github.com/awslabs/mcp"},
	{"mcp-clickhouse", "0.1.11", "https://github.com/ClickHouse/mcp-clickhouse", catalog.UVX, verify.Verified, "every artifact carries verified provenance", "https://github.com/ClickHouse/mcp-clickhouse"},
	{"left-padder", "1.3.0", "https://github.com/leftpad/left-padder", catalog.UVX, verify.Partial, "1 of 2 files carries verified provenance", "https://github.com/leftpad/left-padder"},
	{"日本語パッケージ", "3.1.4", "https://gitlab.com/例/パッケージ", catalog.UVX, verify.Unchecked, "the index does not list version 3.1.4", ""},
	{"mcp-server-fetch", "2025.4.7", "", catalog.UVX, verify.None, "the index offers no evidence", ""},
}

func sampleSpecs() []catalog.Spec {
	var specs []catalog.Spec
	for i, s := range samples {
		server := fmt.Sprintf("server-%02d", i)
		specs = append(specs, catalog.Spec{
			Path:     untrusted.Text(string(s.protocol) + "/" + server + "/spec.yaml"),
			Protocol: s.protocol, Server: untrusted.Text(server),
			Package: untrusted.Text(s.name), Version: untrusted.Text(s.version),
			Provenance: catalog.Provenance{RepositoryURI: untrusted.Text(s.repository)},
		})
	}
	return append(specs, catalog.Spec{
		Path: "npx/broken/spec.yaml", Protocol: catalog.NPX, Server: "broken",
		Err: &catalog.SpecError{Path: "npx/broken/spec.yaml", Line: 3, Message: "spec.package: expected a text, found a list"},
	})
}

// report is the engine's answer for a spec.
func report(id int) *verify.Report {
	if id >= len(samples) {
		return &verify.Report{Status: verify.Unchecked, Reason: "the spec could not be read"}
	}
	s := samples[id]
	r := &verify.Report{
		Release: verify.Release{Ecosystem: verify.NPM, Name: untrusted.Text(s.name), Version: untrusted.Text(s.version)},
		Status:  s.status, Reason: s.reason,
	}
	if s.proven != "" {
		r.Publisher = &verify.Publisher{Kind: "GitHub", Repository: untrusted.Text(s.proven), Ref: "refs/tags/v1", Commit: "3f9ac1e",
			Workflow: ".github/workflows/release.yml", Runner: "github-hosted"}
		r.SLSA = verify.SLSA{Level: 2, Reason: "built on a runner hosted by GitHub"}
	}
	return r
}

// clock gives one fixed time.
func clock() time.Time { return time.Date(2026, 4, 2, 10, 11, 12, 0, time.UTC) }

// fakeEngine records what it is asked for. When answer is set, it answers each
// task at once.
type fakeEngine struct {
	answer bool

	mu       sync.Mutex
	tasks    []scan.Task
	promoted [][]int
	events   chan scan.Event
}

func newEngine(answer bool) *fakeEngine {
	return &fakeEngine{answer: answer, events: make(chan scan.Event, 100_000)}
}

func (e *fakeEngine) Submit(tasks ...scan.Task) {
	e.mu.Lock()
	e.tasks = append(e.tasks, tasks...)
	e.mu.Unlock()
	if e.answer {
		for _, t := range tasks {
			e.events <- scan.Event{ID: t.ID, Generation: t.Generation, Kind: scan.Started}
			e.events <- finished(t.ID, t.Generation)
		}
	}
}

func (e *fakeEngine) Promote(ids ...int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.promoted = append(e.promoted, ids)
}

func (e *fakeEngine) Events() <-chan scan.Event { return e.events }

func finished(id, generation int) scan.Event {
	return scan.Event{ID: id, Generation: generation, Kind: scan.Finished, Report: report(id)}
}

// answers are the engine's answers to the first question about each spec.
func answers(ids ...int) eventsMsg {
	var events eventsMsg
	for _, id := range ids {
		events = append(events, finished(id, 1))
	}
	return events
}

func upTo(n int) []int {
	ids := make([]int, n)
	for i := range ids {
		ids[i] = i
	}
	return ids
}

func options() Options {
	return Options{
		Specs: sampleSpecs(), Engine: newEngine(false), Theme: theme.New(theme.Options{Color: true}),
		Title: "testdata/demo", Now: clock, Review: reviewedChange(1000),
	}
}

// send updates the model without running any command.
func send(m *Model, msgs ...tea.Msg) *Model {
	for _, msg := range msgs {
		m.Update(msg)
	}
	return m
}

var special = map[string]tea.KeyType{
	"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift+tab": tea.KeyShiftTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"home": tea.KeyHome, "end": tea.KeyEnd, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "ctrl+d": tea.KeyCtrlD, "ctrl+u": tea.KeyCtrlU,
	"ctrl+l": tea.KeyCtrlL, "ctrl+z": tea.KeyCtrlZ, "ctrl+c": tea.KeyCtrlC, "backspace": tea.KeyBackspace, "space": tea.KeySpace, " ": tea.KeySpace,
}

// typed makes a key message of a key's name, or of letters typed at once.
func typed(name string) tea.KeyMsg {
	if t, ok := special[name]; ok {
		if t == tea.KeySpace {
			return tea.KeyMsg{Type: t, Runes: []rune{' '}}
		}
		return tea.KeyMsg{Type: t}
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(name)}
}

func press(m *Model, keys ...string) *Model {
	for _, k := range keys {
		m.Update(typed(k))
	}
	return m
}

// visible makes escape codes readable.
func visible(frame string) string { return strings.ReplaceAll(frame, "\x1b", "␛") }
