package ui

import (
	"strings"
	"testing"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
)

func TestCheckViews(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		about       string
		views       []View
		at          int
		field, says string
	}{
		{"none", nil, 0, "", ""},
		{"a whole one", []View{{"renamed", "st:mismatch rule:repository", "-version", "many"}, {Name: "everything"}}, 0, "", ""},
		{"without a name", []View{{Filter: "x"}}, 0, "name", "expected a name"},
		{"a blank name", []View{{Name: "  "}}, 0, "name", "expected a name"},
		{"the first preset's name", []View{{Name: "all"}}, 0, "name", "of a preset"},
		{"a long name", []View{{Name: strings.Repeat("漢", 17)}}, 0, "name", "at most 32"},
		{"a name twice", []View{{Name: "a"}, {Name: "a"}}, 1, "name", `"a" is the name of another view or of a preset`},
		{"a preset's name", []View{{Name: "failing"}}, 0, "name", "of a preset"},
		{"no such field", []View{{Name: "a", Filter: "stat:x"}}, 0, "filter", "no field stat:"},
		{"an open quote", []View{{Name: "a", Filter: `"x`}}, 0, "filter", "the quote is open"},
		{"no such column", []View{{Name: "a", Sort: "size"}}, 0, "sort", `no column is called "size": expected one of status, package`},
		{"no such columns", []View{{Name: "a", Columns: "all"}}, 0, "columns", `expected one of fitting, few, many, found "all"`},
	} {
		at, field, err := CheckViews(tt.views)
		if at != tt.at || field != tt.field || (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %d, %q, %v; want %d, %q, %q", tt.about, at, field, err, tt.at, tt.field, tt.says)
		}
	}
}

// The views follow the presets. One brings its order and columns and takes them away
// again, unless they were changed in the meantime; what it brought is not kept.
func TestViews(t *testing.T) {
	t.Parallel()
	o := options()
	o.Views = []View{{"by version", "p:npx", "-version", "few"}, {Name: "plain"}}
	m := send(New(o), full, answers(upTo(len(samples))...))
	press(m, "s", "F", "F")
	byVersion := store.Sort{Column: layout.Version, Reverse: true}
	if m.store.Sort() != byVersion || m.home.columns != layout.Few {
		t.Errorf("the view leaves the order %+v and the columns %v", m.store.Sort(), m.home.columns)
	}
	wantFrame(t, m, "a view", "Packages › by version")
	for id := range m.store.Len() {
		if row := m.store.Row(id); row.Spec.Protocol != "npx" && strings.Contains(frame(m), row.Name()) {
			t.Errorf("%s is shown by p:npx", row.Name())
		}
	}
	if left := m.tables().Packages; left.Sort != "package" || left.Columns != "fitting" {
		t.Errorf("what a view brought is kept: %+v", left)
	}
	if press(m, "f"); m.store.Sort().Column != layout.Package || m.home.columns != layout.Fitting {
		t.Errorf("the next view leaves the order %+v and the columns %v", m.store.Sort(), m.home.columns)
	}
	if press(m, "F", "S", "esc"); m.store.Sort() != (store.Sort{Column: layout.Version}) || m.store.Preset() != store.All {
		t.Errorf("what was changed in a view is lost: %+v", m.store.Sort())
	}
}
