package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/theme"
	"plimsoll/verify/review"
)

// reviewScenes are the states of a review.
var reviewScenes = []scene{
	{"start", func(size tea.WindowSizeMsg) *Model { return reviewWith(size, reviewed{}) }},
	{"running", func(size tea.WindowSizeMsg) *Model { return reviewWith(size, reviewed{review: reviewOf(4)}) }},
	{"running-change", func(size tea.WindowSizeMsg) *Model {
		return onChangeOf(reviewWith(size, reviewed{review: reviewOf(4)}), "sextant")
	}},
	{"table", reviewAt},
	{"cursor", func(size tea.WindowSizeMsg) *Model { return press(reviewAt(size), "jj") }},
	{"filtered", func(size tea.WindowSizeMsg) *Model { return press(reviewAt(size), "/", "bumped", "enter", "s", "S") }},
	{"no-match", func(size tea.WindowSizeMsg) *Model { return press(reviewAt(size), "/", "nosuch", "enter") }},
	{"lost", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "rudder") }},
	{"publisher", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "sextant") }},
	{"renamed", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "mooring") }},
	{"edited", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "tide") }},
	{"added", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "anchor") }},
	{"removed", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "cleat") }},
	{"unreadable", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "broken") }},
	{"unchecked", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "buoy") }},
	{"hostile", func(size tea.WindowSizeMsg) *Model { return onChangeOf(reviewAt(size), "evil") }},
	{"warned", func(size tea.WindowSizeMsg) *Model { return press(onChangeOf(reviewAt(size), "topsail"), "G") }},
	{"below", func(size tea.WindowSizeMsg) *Model { return press(onChangeOf(reviewAt(size), "sextant"), "G") }},
	{"before", func(size tea.WindowSizeMsg) *Model { return press(onChangeOf(reviewAt(size), "sextant"), "b") }},
	{"after", func(size tea.WindowSizeMsg) *Model {
		return press(onChangeOf(reviewAt(size), "sextant"), "b", "b", "4")
	}},
	{"nothing-before", func(size tea.WindowSizeMsg) *Model { return press(onChangeOf(reviewAt(size), "anchor"), "b") }},
	{"triage", func(size tea.WindowSizeMsg) *Model {
		return press(reviewWith(size, reviewed{review: reviewOf(1000), ended: true}), "t")
	}},
	{"decided", func(size tea.WindowSizeMsg) *Model {
		m := onChangeOf(reviewWith(size, reviewed{review: reviewOf(1000), ended: true}), "sextant")
		return do(m, "t", "x", "the project moved", "enter", "enter", "esc")
	}},
	{"whole", func(size tea.WindowSizeMsg) *Model {
		return reviewWith(size, reviewed{review: wholeFinding(), ended: true})
	}},
	{"nothing-differs", func(size tea.WindowSizeMsg) *Model {
		return reviewWith(size, reviewed{review: &review.Review{Base: baseID, Head: review.WorkTree}, ended: true})
	}},
	{"no-git", func(size tea.WindowSizeMsg) *Model { return reviewWith(size, reviewed{ended: true, err: errNoGit}) }},
	{"interrupted", func(size tea.WindowSizeMsg) *Model {
		return reviewWith(size, reviewed{review: reviewOf(4), ended: true, err: errNoGit})
	}},
	{"not-here", func(size tea.WindowSizeMsg) *Model { return press(resultsScreen(size), "V") }},
	{"ascii", func(size tea.WindowSizeMsg) *Model {
		o := options()
		o.Theme = theme.New(theme.Options{ASCII: true})
		return onChangeOf(do(send(New(o), size), "V"), "sextant")
	}},
}
