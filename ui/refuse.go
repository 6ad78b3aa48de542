package ui

import (
	"cmp"
	"slices"

	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/ui/links"
	"plimsoll/ui/store"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/review"
)

// refuses says why a key of the screen on top cannot be used now, or "" if it can.
// Footer, help, palette and [Model.press] ask it, so that they never differ.
func (m *Model) refuses(b *key.Binding) string {
	e := m.here()
	if why := e.off[b]; why != "" {
		return why
	}
	if b == &m.keys.Coverage && e.review != nil {
		return "coverage counts the packages of a whole catalog, not those of a change"
	}
	return m.top().refuses(e, b)
}

// elsewhere says of a key that is not one of the screen on top which screens have it.
func (m *Model) elsewhere(msg tea.KeyMsg) string {
	help := "; " + short(m.keys.Help) + " shows the keys here"
	for _, l := range m.keys.on(anywhere) {
		if key.Matches(msg, *l.binding) {
			return msg.String() + " is a key of " + where(l.scope) + help
		}
	}
	return msg.String() + " does nothing here" + help
}

// off says of the keys that are of no use in the whole run why they are not.
func (o *Options) off(k *Keys) map[*key.Binding]string {
	off := map[*key.Binding]string{}
	if o.Review == nil {
		off[&k.Review] = "no change can be reviewed here: " + cmp.Or(o.ReviewOff, "nothing is known of what was before")
	}
	if o.Export == nil {
		off[&k.Export] = "files cannot be written here"
	}
	if o.File {
		off[&k.Coverage] = "coverage counts packages: a file of evidence has none"
	}
	return off
}

// readBack is why nothing can be checked again without an engine.
const readBack = "nothing can be checked again: these are results that were read from a file"

// refusesRow says why a key that does something with a row cannot be used, or "".
func (e *env) refusesRow(row *store.Row, b *key.Binding) string {
	switch b {
	case &e.keys.Undo, &e.keys.Redo:
		return e.triage.refuses(e.keys, b)
	case &e.keys.Open, &e.keys.Copy, &e.keys.CopyLink, &e.keys.Browse, &e.keys.Export, &e.keys.Recheck,
		&e.keys.Mark, &e.keys.Range, &e.keys.MarkAll:
		if row == nil {
			return "nothing is shown here"
		}
	}
	switch b {
	case &e.keys.CopyLink, &e.keys.Browse:
		if !e.linked(row) {
			return "nothing that is proven about " + row.Name() + " can be linked"
		}
	case &e.keys.Recheck:
		if !e.checks && e.review == nil {
			return readBack
		}
	}
	return ""
}

// linked reports whether there is any link to open or to copy.
func (e *env) linked(row *store.Row) bool {
	return e.links.get(linkedKey{row.ID, row.Report, e.review.change(row)}, func() bool {
		return e.review.link(row) != "" || row.Report != nil && len(links.Of(row.Report)) > 0
	})
}

// linkedKey is what links are made from.
type linkedKey struct {
	row    int
	report *verify.Report
	change *review.Change
}

func (p *packages) refuses(e *env, b *key.Binding) string {
	s := e.store
	switch b {
	case &e.keys.Back:
		if marked, _ := s.MarkCount(); marked == 0 && s.Filter() == "" && s.Preset() == store.All {
			return "nothing is marked or filtered; " + short(e.keys.Leave) + " quits"
		}
	case &e.keys.Preview, &e.keys.Columns:
		if s.Shown() == 0 {
			return "no row is shown"
		}
	case &e.keys.Smaller, &e.keys.Larger:
		if !p.preview {
			return "there is no preview: " + short(e.keys.Preview) + " shows it"
		}
	case &e.keys.Recheck:
		if p.state == failed {
			return ""
		}
	case &e.keys.RecheckFailed:
		switch {
		case !e.checks:
			return readBack
		case !e.keys.refreshes && s.Count(verify.Invalid)+s.Count(verify.Unchecked)+s.Count(verify.Mismatch) == 0:
			return "nothing failed, so there is nothing to check again"
		}
	}
	return e.refusesRow(s.Cursor(), b)
}

func (s *changes) refuses(e *env, b *key.Binding) string {
	r := e.review
	switch b {
	case &e.keys.Back, &e.keys.Recheck:
		return ""
	case &e.keys.Export:
		switch {
		case r.latest == nil || s.state == failed:
			return "nothing was reviewed, so there is nothing to write"
		case r.cancel != nil:
			return "wait: the change is being reviewed"
		}
		return ""
	}
	return s.packages.refuses(e, b)
}

func (d *detail) refuses(e *env, b *key.Binding) string {
	row := e.row(d.row)
	switch b {
	case &e.keys.NextMatch, &e.keys.PreviousMatch:
		if d.query == "" {
			return notSought(e)
		}
	case &e.keys.Next:
		return d.edge(e, 1)
	case &e.keys.Previous:
		return d.edge(e, -1)
	case &e.keys.Chains:
		if d.tab == view.Change {
			return "this is the change"
		}
	case &e.keys.Side:
		return d.oneSided(e)
	case &e.keys.Chains:
		if d.tab == view.Change {
			return "these are the chains of the change"
		}
	case &e.keys.Fold:
		if p := d.pagers[d.tab]; p != nil && p.foldAt() < 0 {
			return "there is no branch at the cursor to fold"
		}
	case &e.keys.Open:
		if p := d.pagers[d.tab]; p != nil && p.spotAt() == nil && d.tab == view.Overview {
			return "there is no link of a chain to follow"
		}
		return ""
	case &e.keys.Recheck:
		if row != nil && d.tab == view.History && e.histories.failed(row) {
			return ""
		}
	}
	return e.refusesRow(row, b)
}

// notSought says that no match can be gone to.
func notSought(e *env) string {
	return "nothing is searched for: " + short(e.keys.Search) + " asks what for"
}

// edge says that there is no package before, or after, the one that is open, or "".
func (d *detail) edge(e *env, delta int) string {
	row := e.store.Row(max(d.row, ^d.row))
	place := e.store.Place()
	if row == nil || !row.Gone { // else the cursor is on the next one already
		place += delta
	}
	what := "package"
	if e.review != nil {
		what = "change"
	}
	switch {
	case place >= 0 && place < e.store.Shown():
		return ""
	case delta > 0:
		return "this is the last " + what + " shown"
	default:
		return "this is the first " + what + " shown"
	}
}

// oneSided says why the package has no other side of a change, or "" if it has.
func (d *detail) oneSided(e *env) string {
	id := max(d.row, ^d.row)
	if d.tab != view.Change && d.row < 0 || e.review.before(id) != nil {
		return ""
	}
	switch c := e.review.change(e.row(id)); {
	case c == nil:
		return "wait: the change is being reviewed"
	case c.After == nil:
		return "the spec is gone: there is nothing after the change"
	}
	return "the spec is new: there is nothing before the change"
}

func (p *textScreen) refuses(e *env, b *key.Binding) string {
	if p.query == "" && (b == &e.keys.NextMatch || b == &e.keys.PreviousMatch) {
		return notSought(e)
	}
	if p.of != nil && b == p.of(e.keys) {
		return "this is " + p.title
	}
	if b == &e.keys.Open && len(p.leads) == 0 {
		return "no line here leads on"
	}
	return ""
}

func (b *triageScreen) refuses(e *env, k *key.Binding) string {
	queue, keys := b.settle(e), e.keys
	switch k {
	case &keys.Undo, &keys.Redo:
		return e.triage.refuses(keys, k)
	case &keys.Everywhere:
		if b.narrows == "" {
			return "the table shows all packages: there is nothing more to decide"
		}
		return ""
	case &keys.Filter:
		if len(e.triage.pending(e.store)) > 0 {
			return ""
		}
	}
	switch {
	case len(queue) > 0:
	case onlyFindings(keys, k):
		return "nothing is left to decide"
	default:
		return ""
	}
	switch k {
	case &keys.Accept, &keys.Known, &keys.Reject, &keys.Comment:
		return b.refusesDecision(e, k)
	case &keys.Down, &keys.Skip:
		if b.at == len(queue)-1 {
			return "this is the last finding"
		}
	case &keys.Up, &keys.SkipBack:
		if b.at == 0 {
			return "this is the first finding"
		}
	}
	return e.refusesRow(e.store.Row(b.current.ID), k)
}

// onlyFindings reports whether a key does something with findings, or with the
// package of one.
func onlyFindings(keys *Keys, k *key.Binding) bool {
	return slices.Contains([]*key.Binding{
		&keys.Accept, &keys.Known, &keys.Reject, &keys.Comment, &keys.Filter, &keys.Down, &keys.Up, &keys.Skip, &keys.SkipBack,
		&keys.Open, &keys.Copy, &keys.CopyLink, &keys.Browse, &keys.Export, &keys.Recheck,
	}, k)
}

// refusesDecision says why the current finding cannot be decided about as a key
// would, or "".
func (b *triageScreen) refusesDecision(e *env, k *key.Binding) string {
	row := e.store.Row(b.current.ID)
	switch {
	case e.triage.options == nil:
		return "decisions cannot be saved here: " + e.triage.off
	case row.Waiting:
		return "wait: the package is being checked"
	case k == &e.keys.Accept && e.review != nil:
		return "a spec is not changed in a review: what the change is judged by would change with it"
	case k == &e.keys.Accept:
		of := findingKey{row: row.ID, seen: e.triage.seen, finding: b.current.Finding}
		return b.unfit.get(of, func() string {
			_, why := acceptable(*row.Spec, row.Answer, b.current.Finding)
			return why
		})
	case k == &e.keys.Known && row.Status == verify.Invalid:
		return "evidence that does not verify cannot be marked as known"
	case k == &e.keys.Known && b.current.Finding.Operator:
		return "what the policy on the command line demands cannot be marked as known"
	}
	return ""
}
