package ui

import (
	"plimsoll/ui/explain"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
)

// explainPage explains a word; without one that is known it lists all.
func explainPage(word string) *textScreen {
	return &textScreen{title: "Explain", text: func(e *env, d *view.Doc) {
		found := explain.Find(word)
		if len(found) == 0 {
			d.Para(theme.Strong, "Words that are explained")
			for _, entry := range explain.All() {
				d.Say(entry.Word, view.Span{Text: entry.Short})
			}
			return
		}
		for _, entry := range found {
			d.Heading(entry.Word + ", a " + entry.Kind.String())
			d.Para(theme.Plain, entry.Is)
			d.Para(theme.Plain, entry.Why)
			d.Para(theme.Plain, entry.Do)
		}
	}}
}
