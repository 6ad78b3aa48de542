package ui

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/ui/layout"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
)

// View is a look at the packages that a person has named. The presets' key goes
// through the views after the presets.
type View struct {
	Name    string
	Filter  string // as it is typed
	Sort    string // a column, after a minus in reverse; "" leaves the order as it is
	Columns string // "fitting", "few" or "many"; "" leaves them as they are
}

// maxViewName bounds the name of a view, in cells: the line that names it is short.
const maxViewName = 32

// arrangement is how rows are ordered and which columns are shown.
type arrangement struct {
	sort    store.Sort
	columns layout.Set
}

// CheckViews returns which of the views cannot be used, the field that is at fault, and
// why; or an error that is nil.
func CheckViews(views []View) (at int, field string, err error) {
	presets := store.New(nil)
	names := []string{presets.PresetName(store.All)}
	for _, q := range presets.Questions() {
		names = append(names, q.Name)
	}
	for i, v := range views {
		if slices.Contains(names, v.Name) {
			return i, "name", fmt.Errorf("%q is the name of another view or of a preset", v.Name)
		}
		names = append(names, v.Name)
		if _, field, err := v.read(arrangement{}); err != nil {
			return i, field, err
		}
	}
	return 0, "", nil
}

// read returns what the view asks for in place of what is.
func (v View) read(is arrangement) (a arrangement, field string, err error) {
	a = is
	if w := theme.Width(v.Name); strings.TrimSpace(v.Name) == "" || w > maxViewName {
		return a, "name", fmt.Errorf("expected a name of at most %d characters", maxViewName)
	}
	if _, problem := store.Match(v.Filter); problem != "" {
		return a, "filter", errors.New(problem)
	}
	if v.Sort != "" {
		name, reverse := strings.CutPrefix(v.Sort, "-")
		column := slices.Index(columnNames[:], name)
		if column < 0 {
			return a, "sort", fmt.Errorf("no column is called %q: expected one of %s", name, strings.Join(columnNames[:], ", "))
		}
		a.sort = store.Sort{Column: layout.Column(column), Reverse: reverse}
	}
	if v.Columns != "" {
		set := slices.Index(setNames[:], v.Columns)
		if set < 0 {
			return a, "columns", fmt.Errorf("expected one of %s, found %q", strings.Join(setNames[:], ", "), v.Columns)
		}
		a.columns = layout.Set(set)
	}
	return a, "", nil
}

// offer adds the views to the presets of the packages.
func (p *packages) offer(s *store.Store, views []View) {
	questions := s.Questions()
	p.first = store.Preset(len(questions) + 1)
	for _, v := range views {
		match, _ := store.Match(v.Filter)
		questions = append(questions, store.Question{Name: v.Name, Holds: match})
	}
	p.views = views
	s.Offer(questions...)
}

// view returns the view that a preset stands for.
func (p *packages) view(preset store.Preset) (v View, ok bool) {
	i := int(preset - p.first)
	if i < 0 || i >= len(p.views) {
		return View{}, false
	}
	return p.views[i], true
}

// choose shows a preset or a view. A view brings its order and its columns, and takes
// them away again unless a person has changed them since.
func (p *packages) choose(s *store.Store, preset store.Preset) {
	before := p.lasting(s)
	s.SetPreset(preset)
	after := before
	if v, ok := p.view(preset); ok {
		after, _, _ = v.read(before)
	}
	p.before, p.brought = before, after
	if after.sort != s.Sort() {
		s.SetSort(after.sort)
	}
	p.columns = after.columns
}

// lasting is how the table is arranged but for what a view brought.
func (p *packages) lasting(s *store.Store) arrangement {
	now := arrangement{s.Sort(), p.columns}
	if _, ok := p.view(s.Preset()); ok && now == p.brought {
		return p.before
	}
	return now
}
