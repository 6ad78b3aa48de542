package ui

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

// Changes is what happened in the catalog's folder since the last ones.
type Changes struct {
	Specs  []store.Change
	Policy bool     // other things are demanded of the packages than before
	Triage bool     // the file of decisions was written, perhaps by this program
	Notes  []string // what a person should know about the watching itself, cleaned
}

// changesMsg is what happened in the catalog's folder. Whoever watches it puts
// together what happens until a message is taken, so that there is never one a
// file.
type changesMsg Changes

// watches says that the screen is kept up to date by itself.
func (o Options) watches() bool { return o.Watch != nil || o.Every != nil }

// watchNote stands in the header, where there is room, while nothing is being
// checked.
func (m *Model) watchNote() line {
	switch {
	case m.options.Watch != nil:
		return line{{theme.Muted, "watching "}}
	case m.options.Every != nil:
		return line{{theme.Muted, "auto-refresh "}}
	}
	return nil
}

// watch begins to listen for changes and for the time.
func (m *Model) watch() tea.Cmd {
	return tea.Batch(listenChanges(m.ctx, m.options.Watch), follow(m.ctx, m.options.Every, (*Model).due), follow(m.ctx, m.options.Minutes, (*Model).minutePassed))
}

// listenChanges waits for the next changes; the model issues it again for each
// changesMsg.
func listenChanges(ctx context.Context, changes <-chan Changes) tea.Cmd {
	if changes == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case c, open := <-changes:
			if open {
				return changesMsg(c)
			}
		case <-ctx.Done():
		}
		return nil
	}
}

func (msg changesMsg) apply(m *Model) tea.Cmd {
	return tea.Batch(m.changed(Changes(msg)), listenChanges(m.ctx, m.options.Watch))
}

// due has everything checked again because it is time.
func (m *Model) due(time.Time) tea.Cmd {
	if m.store.Working() || m.home.state != ready {
		return nil // what is being checked is as new as it gets
	}
	return m.refresh()
}

// changed takes what happened in the catalog's folder. Until the catalog has
// been read, it waits: what is read may be older or newer, and the changes say
// what there is now.
func (m *Model) changed(c Changes) tea.Cmd {
	for _, note := range c.Notes {
		m.say(clip(m.theme, note))
	}
	if c.Triage && m.triage.options != nil && m.triage.options.Read != nil {
		m.triage.outdated = true
	}
	switch m.home.state {
	case loading:
		m.waitingChanges.Specs = append(m.waitingChanges.Specs, c.Specs...)
		return nil // the policy is in force, and everything is still to be checked
	case failed:
		return m.reload()
	}
	cmd := m.reloadSpecs(c.Specs)
	if c.Policy {
		m.say("policy.yaml changed: everything is checked again")
		return tea.Batch(cmd, m.refresh())
	}
	return cmd
}

// catchUp takes the changes that came while the catalog was read.
func (m *Model) catchUp() tea.Cmd {
	specs := m.waitingChanges.Specs
	m.waitingChanges = Changes{}
	return m.reloadSpecs(specs)
}

// reloadSpecs takes specs as they are on disk now, and has those checked that
// read otherwise than before.
func (m *Model) reloadSpecs(changes []store.Change) tea.Cmd {
	if len(changes) == 0 {
		return nil
	}
	if !m.store.Working() {
		m.store.Hold()
	}
	r := m.replaced(changes)
	if r.Empty() {
		return nil
	}
	cmd := m.ask(slices.Concat(r.Changed, r.Added), false)
	if m.round.was == nil {
		m.round.was = map[int]verify.Status{}
	}
	maps.Copy(m.round.was, r.Was)
	return cmd
}

// replaced puts specs as they are on disk now in the place of those before.
func (m *Model) replaced(changes []store.Change) store.Reloaded {
	r := m.store.Reload(changes)
	if r.Empty() {
		return r
	}
	m.triage.touch()
	m.say(m.reloadedText(r))
	return r
}

// reloadedText says which specs changed, or how many.
func (m *Model) reloadedText(r store.Reloaded) string {
	var parts []string
	for _, kind := range []struct {
		ids       []int
		one, many string
	}{
		{r.Changed, "changed", "changed"},
		{r.Added, "appeared", "appeared"},
		{r.Removed, "is gone", "are gone"},
	} {
		switch n := len(kind.ids); {
		case n == 1:
			parts = append(parts, clip(m.theme, string(m.store.Row(kind.ids[0]).Spec.Path))+" "+kind.one)
		case n > 1:
			parts = append(parts, fmt.Sprintf("%d specs %s", n, kind.many))
		}
	}
	return strings.Join(parts, ", ")
}

// refreshAll is what a person who asks for everything gets.
func (m *Model) refreshAll() tea.Cmd {
	if m.store.Working() && (m.round.first || m.round.refresh) {
		m.say("everything is being checked already")
		return nil
	}
	return m.refresh()
}

// refresh has every row checked again in the background, by a trust of now:
// neither the cursor nor the package that is being read moves.
func (m *Model) refresh() tea.Cmd {
	m.triage.outdated = m.triage.outdated || m.triage.options != nil && m.triage.options.Read != nil
	load, refresh := m.options.Load, m.options.RefreshTrust
	switch {
	case load == nil && refresh == nil:
		return m.askAll(nil)
	case m.rereading:
		return nil
	}
	m.rereading = true
	ctx := m.ctx
	return guard(func() tea.Msg {
		if refresh != nil {
			refresh(ctx, true)
		}
		msg := catalogMsg{read: load != nil}
		if msg.read {
			msg.err = load(ctx, func(specs []catalog.Spec) { msg.specs = append(msg.specs, specs...) })
		}
		return msg
	})
}

// askAll has every row checked, of which some hold another text than before.
func (m *Model) askAll(was map[int]verify.Status) tea.Cmd {
	m.store.Hold()
	cmd := m.ask(m.store.All(), false)
	m.round.refresh, m.round.was = true, was
	return cmd
}

// catalogMsg is the whole catalog as it is on disk now, where that was read.
type catalogMsg struct {
	read  bool
	specs []catalog.Spec
	err   error
}

// What is not among the specs is gone. A catalog that cannot be read leaves
// everything as it was: nothing is checked against less.
func (msg catalogMsg) apply(m *Model) tea.Cmd {
	m.rereading = false
	was, changed := m.newTrust()
	specs := map[int]verify.Status{}
	switch {
	case msg.err != nil:
		m.say("not refreshed: " + untrusted.Message(msg.err))
		if !changed {
			return nil
		}
	case msg.read:
		specs = m.replaced(m.differences(msg.specs)).Was
	}
	if changed {
		maps.Copy(was, specs)
		return m.again(was)
	}
	return m.askAll(specs)
}

// differences are the specs of a catalog, and which of those before are not
// among them.
func (m *Model) differences(specs []catalog.Spec) []store.Change {
	there := make(map[untrusted.Text]bool, len(specs))
	var changes []store.Change
	for _, spec := range specs {
		there[spec.Path] = true
		changes = append(changes, store.Change{Spec: spec})
	}
	for _, id := range m.store.All() {
		if path := m.store.Row(id).Spec.Path; !there[path] {
			changes = append(changes, store.Change{Spec: catalog.Spec{Path: path}, Gone: true})
		}
	}
	return changes
}

// confirm puts, in a refresh, the answer that a row has in the place of one
// that says the same, so that what is being read is not drawn anew, and what
// was looked up stays.
func (m *Model) confirm(events []scan.Event) []scan.Event {
	for i, event := range events {
		row := m.store.Row(event.ID)
		if m.round.refresh && event.Report != nil && row != nil && row.Answer != nil && sameAnswer(event.Report, row.Answer) {
			events[i].Report = row.Answer
		}
	}
	return events
}

// sameAnswer says whether two reports on a package say the same about the same
// evidence, whenever and from wherever that was fetched, and whether or not it
// was explained.
func sameAnswer(a, b *verify.Report) bool {
	return reflect.DeepEqual(essence(*a), essence(*b))
}

// essence leaves out of a report what two checks of one thing may differ in.
// What verified is known by the hash of its bytes.
func essence(r verify.Report) verify.Report {
	r.Sources, r.Brief = nil, true
	r.Artifacts = slices.Clone(r.Artifacts)
	for i := range r.Artifacts {
		artifact := &r.Artifacts[i]
		artifact.Attestations = slices.Clone(artifact.Attestations)
		for j := range artifact.Attestations {
			a := &artifact.Attestations[j]
			a.Source, a.Raw, a.Certificates, a.SCTs, a.Log, a.Statement = verify.Source{}, nil, nil, nil, nil, nil
			if a.Status == verify.Verified {
				a.Checks = nil
			}
		}
	}
	return r
}

// refreshed says what a refresh brought.
func (m *Model) refreshed() string {
	r := m.round
	text := fmt.Sprintf("refreshed %s: ", untrusted.Plural(r.checked, "package"))
	switch {
	case r.changed == 0:
		return text + "nothing changed"
	case r.changed > 1:
		return text + fmt.Sprintf("%d changed", r.changed)
	case r.different.Was == r.different.Is:
		return text + fmt.Sprintf("1 changed: what was found about %s", m.store.Row(r.different.ID).Cells.Package)
	default:
		return text + fmt.Sprintf("1 changed: %s is %v, was %v", m.store.Row(r.different.ID).Cells.Package, r.different.Is, r.different.Was)
	}
}

// gone says that a row's spec is no longer in the catalog.
func (m *Model) gone(ids []int) bool {
	return len(ids) > 0 && !slices.ContainsFunc(ids, func(id int) bool { row := m.store.Row(id); return row != nil && !row.Gone })
}

// reread reads the decisions again after their file was written; not while this
// program writes them itself.
func (m *Model) reread() tea.Cmd {
	d := m.triage
	if !d.outdated || d.busy || d.reading {
		return nil
	}
	d.outdated, d.reading = false, true
	before, read := d.decisions, d.options.Read
	return guard(func() tea.Msg {
		now, err := read()
		return rereadMsg{before, now, err}
	})
}

// rereadMsg is what the file of decisions says now.
type rereadMsg struct {
	before *triage.Decisions // what stood when it was read
	now    *triage.Decisions
	err    error
}

func (msg rereadMsg) apply(m *Model) tea.Cmd {
	d := m.triage
	d.reading = false
	switch {
	case d.busy || d.decisions != msg.before:
		d.outdated = true // decided meanwhile: what was read is old
	case msg.err != nil:
		m.say("triage.yaml cannot be read; the decisions before hold: " + untrusted.Message(msg.err))
	case msg.now.SameFile(msg.before):
	default:
		d.steps = undoStack{}
		d.decide(m.store, msg.now)
		m.say(fmt.Sprintf("triage.yaml was changed by somebody else; decisions that hold now: %d", msg.now.Len()))
	}
	return nil
}
