package ui

import (
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/links"
	"plimsoll/ui/store"
	"plimsoll/verify"
)

// linkKeys choose in the menu of links.
var linkKeys = map[links.Kind]string{
	links.Source: "s", links.Workflow: "w", links.Signer: "g", links.Run: "r", links.Entry: "l", links.Project: "p", links.Named: "n",
}

// openMenu offers the links that are made from what is proven.
func openMenu(e *env, row *store.Row) *menu {
	found := map[links.Kind]string{}
	for _, l := range links.Of(row.Report) {
		found[l.Kind] = l.URL
	}
	var items []item
	if e.review != nil {
		address, why := e.review.link(row), ""
		if address == "" {
			why = "nothing proves two commits of one repository"
		}
		items = append(items, item{key: "c", label: commits, value: clip(e.theme, address), why: why,
			do: func(m *Model) tea.Cmd { return m.browse(commits, address) }})
	}
	for _, kind := range links.Kinds() {
		address := found[kind]
		if kind == links.Named && row.Spec.Protocol != catalog.Go {
			continue
		}
		items = append(items, item{
			key: linkKeys[kind], label: kind.String(), value: clip(e.theme, address), why: noLink(kind, address, row.Report),
			do: func(m *Model) tea.Cmd { return m.browse(kind.String(), address) },
		})
	}
	return newMenu("Open: "+row.Release(), "open", items)
}

// noLink returns why there is no link of a kind, or "" if there is one.
func noLink(kind links.Kind, address string, r *verify.Report) string {
	switch {
	case address != "":
		return ""
	case r == nil:
		return unchecked(r)
	case kind == links.Project:
		return "its registry names no page"
	case kind == links.Named:
		return "it names none that can be linked"
	case kind == links.Entry:
		return "no proven entry in the public log"
	case r.Publisher == nil:
		return "nothing proves it"
	case kind == links.Signer:
		return "the same as the workflow file"
	default:
		return "the certificate names none that can be linked"
	}
}

// browse opens a link. If there is no browser, as over ssh, it is copied
// and shown instead.
func (m *Model) browse(what, address string) tea.Cmd {
	c := &copying{what: "the link to the " + what, text: address}
	if m.options.Open == nil {
		m.say("no browser here: " + address)
		c.why = "no browser here"
		return m.copy(c)
	}
	ctx, open := m.ctx, m.options.Open
	return func() tea.Msg {
		if err := open(ctx, address); err != nil {
			return action(func(m *Model) tea.Cmd {
				m.say("the browser was not started: " + untrusted.Message(err) + ": " + address)
				c.why = "the browser was not started"
				return m.copy(c)
			})
		}
		return says("opened " + address)
	}
}
