package ui

import (
	"strings"
	"testing"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
)

// commanded types into the palette and runs what it finds first.
func commanded(m *Model, letters string) *Model {
	press(m, ":")
	for _, letter := range letters {
		press(m, string(letter))
	}
	return do(m, "enter")
}

// Every kind of action is found by a few of its letters.
func TestPaletteFindsEveryKindOfAction(t *testing.T) {
	t.Parallel()
	if m := commanded(checkedAt(full), "shfailing"); m.store.PresetName(m.store.Preset()) != "failing" {
		t.Errorf("a preset: %q is shown", m.store.PresetName(m.store.Preset()))
	}
	if m := commanded(checkedAt(full), "sortversion"); m.store.Sort() != (store.Sort{Column: layout.Version}) {
		t.Errorf("an order: %+v", m.store.Sort())
	}
	if m := commanded(checkedAt(full), "columns few"); m.home.columns != layout.Few {
		t.Errorf("columns: %v", m.home.columns)
	}
	if m := commanded(press(checkedAt(full), "j", "enter"), "certif"); m.top().(*detail).tab != view.Certificates {
		t.Errorf("a tab: %v", m.top().(*detail).tab)
	}
	o, _ := toolOptions()
	o.Views = []View{{Name: "of one's own", Filter: "p:npx"}}
	m := send(New(o), full, answers(upTo(len(samples))...))
	if commanded(m, "of one's own"); m.store.PresetName(m.store.Preset()) != "of one's own" {
		t.Errorf("a view: %q is shown", m.store.PresetName(m.store.Preset()))
	}
	if commanded(m, "expmark"); m.overlay == nil || m.overlay.(*exportPrompt).value() != "plimsoll.md" {
		t.Errorf("a form of export: %+v", m.overlay)
	}
	press(m, "esc")
	for letters, first := range map[string]string{"exp": "export as CSV", "sct": "explain SCT", "tria": "triage: decide about what was found"} {
		p := newPalette(m)
		if p.search(letters); p.names[p.shown[0]] != first {
			t.Errorf("%s finds %q first, want %q", letters, p.names[p.shown[0]], first)
		}
	}
	if commanded(m, "explain rekor"); !strings.Contains(frame(m), "Rekor") {
		t.Errorf("a word:\n%s", frame(m))
	}
}

// What cannot be done now comes last, says why, and stays.
func TestPaletteSaysWhyNot(t *testing.T) {
	t.Parallel()
	m := press(checkedAt(full), ":")
	p := m.overlay.(*palette)
	for _, letter := range "drop the marks" {
		press(m, string(letter))
	}
	if press(m, "enter"); m.overlay != p || !strings.Contains(m.toast, "nothing is marked or filtered") {
		t.Errorf("it says %q", m.toast)
	}
	p.search("e")
	dim := false
	for _, i := range p.shown {
		if dim = dim || p.items[i].why != ""; dim && p.items[i].why == "" {
			t.Fatalf("%q comes after what cannot be done", p.items[i].label)
		}
	}
	if press(m, "x", "q", "z", "enter"); m.overlay != p || !strings.Contains(m.toast, "no action has these letters") {
		t.Errorf("without a match it says %q", m.toast)
	}
	if press(m, "esc"); m.overlay != nil {
		t.Error("esc leaves the palette open")
	}
}
