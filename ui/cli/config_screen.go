package cli

import (
	"cmp"
	"fmt"
	"strings"

	"plimsoll/catalog/yamlfile"
	"plimsoll/ui"
)

// screenConfig is what plimsoll.yaml says of the screen and no flag can.
type screenConfig struct {
	keys  []ui.Binding
	views []ui.View
	rows  []setting // of the config command; Source is the line
}

// maxViews bounds the views: one key goes through them.
const maxViews = 50

// readScreen reads the sections keys and views.
func readScreen(m yamlfile.Map) (c screenConfig) {
	row := func(line int, name, value string) {
		c.rows = append(c.rows, setting{Name: name, Value: value, Source: fmt.Sprint(line)})
	}
	section := m.Map("keys")
	for _, name := range section.Keys() {
		b := ui.Binding{Name: name, Keys: section.Texts(name)}
		c.keys = append(c.keys, b)
		row(section.Line(name), "key "+name, strings.Join(b.Keys, ", "))
	}
	if name, err := ui.CheckKeys(c.keys); err != nil {
		section.Fail(name, "%v", err)
	}
	views := m.Maps("views")
	if len(views) > maxViews {
		m.Fail("views", "expected at most %d views, found %d", maxViews, len(views))
		return c
	}
	for _, v := range views {
		v.Only("name", "filter", "sort", "columns")
		v.Required("name")
		view := ui.View{Name: v.Text("name"), Filter: v.Text("filter"), Sort: v.Text("sort"), Columns: v.Text("columns")}
		c.views = append(c.views, view)
		value := cmp.Or(view.Filter, "everything")
		if view.Sort != "" {
			value += ", sort " + view.Sort
		}
		if view.Columns != "" {
			value += ", columns " + view.Columns
		}
		row(v.Line("name"), "view "+view.Name, value)
	}
	if at, field, err := ui.CheckViews(c.views); err != nil {
		views[at].Fail(field, "%v", err)
	}
	return c
}
