package ui

import (
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/key"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// trustPage shows what the verdicts rest on. It is made anew when something
// was loaded or fetched, and once a minute, since what it shows has an age.
func trustPage(info func() scan.TrustInfo, sumDB func() scan.SumDBInfo, now func() time.Time, rows *store.Store) *textScreen {
	shown, count := "", 0
	version := func() int {
		if state := trustState(info, sumDB, now, rows); state != shown {
			shown = state
			count++
		}
		return count
	}
	return leadPage("Trust", func(k *Keys) *key.Binding { return &k.Trust }, version,
		func(e *env, d *view.Doc) { trustText(e, d, info, sumDB, now()) })
}

func (m *Model) openTrust() {
	m.open(trustPage(m.options.TrustInfo, m.options.SumDB, m.options.Now, m.here().store))
}

// trustState tells two texts of the page apart.
func trustState(info func() scan.TrustInfo, sumDB func() scan.SumDBInfo, now func() time.Time, rows *store.Store) string {
	text := now().Truncate(time.Minute).String()
	if info != nil {
		known := info()
		known.Age = 0
		text += fmt.Sprintf("%+v", known)
	}
	if sumDB != nil {
		text += fmt.Sprintf("%+v", sumDB())
	}
	answered, asked := rows.Progress()
	return text + fmt.Sprint(answered, asked, rows.Len())
}

func trustText(e *env, d *view.Doc, info func() scan.TrustInfo, sumDB func() scan.SumDBInfo, now time.Time) {
	d.Labels = 16
	t := trusting{d, e, now}
	if info == nil {
		t.Para(theme.Strong, "Nothing is verified here: what is shown was read from a file.")
		if e.trust != "" {
			t.Para(theme.Plain, view.Sentence(e.trust))
		}
		return
	}
	known := info()
	t.root(&known)
	t.keys(&known)
	if sumDB != nil {
		t.sumDB(sumDB())
	}
	if !e.file {
		t.evidence()
	}
}

// trusting draws the trust page.
type trusting struct {
	*view.Doc
	e   *env
	now time.Time
}

func (t *trusting) row(name string, token theme.Token, value string) {
	t.Say(name, view.Span{Token: token, Text: value})
}

// outside is row for a value that comes from outside.
func (t *trusting) outside(name string, token theme.Token, value string) {
	t.row(name, token, clip(t.e.theme, value))
}

func (t *trusting) when(at time.Time) string {
	return at.UTC().Format("2006-01-02 15:04:05") + " UTC"
}

func (t *trusting) ago(at time.Time) string {
	return t.when(at) + " (" + view.Ago(t.now.Sub(at)) + ")"
}

func (t *trusting) root(known *scan.TrustInfo) {
	t.Heading("Trust root")
	t.outside("comes from", theme.Plain, known.Root)
	switch {
	case known.RootSHA256 != "":
		t.row("state", theme.Plain, "loaded")
	case known.Loading:
		t.row("state", theme.Accent, "loading…")
	case known.RootError != "":
		t.outside("state", theme.Bad, "could not be loaded: "+known.RootError)
		t.row("", theme.Warn, "Nothing can be verified: packages are unchecked, and their evidence can only be looked at.")
	default:
		t.row("state", theme.Muted, "not loaded yet: nothing has asked for it")
	}
	if known.Stale != "" {
		t.row("not refreshed", theme.Warn, "since "+t.ago(known.StaleSince)+": "+clip(t.e.theme, known.Stale))
	}
	if known.Kept != "" {
		t.outside("kept files", theme.Warn, known.Kept)
	}
	if known.Change != "" {
		t.outside("last change", theme.Plain, known.Change)
	}
	if known.Demo {
		t.row("", theme.Warn, "The demo's own: it proves nothing outside the demo.")
	}
	if known.RootSHA256 != "" {
		t.outside("SHA-256", theme.Plain, known.RootSHA256)
	}
	if known.Mirror != "" {
		t.outside("TUF repository", theme.Plain, known.Mirror)
	}
	if known.Version > 0 {
		t.row("version", theme.Plain, fmt.Sprintf("root %d, timestamp %d", known.RootVersion, known.Version))
	}
	if !known.Expires.IsZero() {
		token, text := theme.Plain, t.when(known.Expires)
		if !t.now.Before(known.Expires) {
			token, text = theme.Bad, text+": it has expired"
		}
		t.row("expires", token, text)
	}
	if !known.Checked.IsZero() {
		t.row("confirmed", theme.Plain, t.ago(known.Checked))
	}
}

func (t *trusting) keys(known *scan.TrustInfo) {
	t.Heading("Keys of npm registries")
	t.outside("come from", theme.Plain, known.Keys)
	if len(known.KeySets) == 0 {
		t.row("state", theme.Muted, "none were asked for yet")
	}
	for _, set := range known.KeySets {
		t.LeadTo(t.of(set.Registry))
		name := "every registry"
		if set.Registry != "" {
			name = clip(t.e.theme, untrusted.Shorten(set.Registry, 64))
		}
		switch {
		case set.Error != "":
			t.outside(name, theme.Warn, "could not be fetched: "+set.Error)
		case set.Weak:
			t.outside(name, theme.Warn, fmt.Sprintf("%s from %s: weaker, nobody else vouches for them", untrusted.Plural(set.Count, "key"), set.Source))
		default:
			t.outside(name, theme.Plain, fmt.Sprintf("%s from %s", untrusted.Plural(set.Count, "key"), set.Source))
		}
	}
}

// sumDB shows the checksum database that the records of Go modules are held against. A
// catalog without any has none.
func (t *trusting) sumDB(known scan.SumDBInfo) {
	if !known.Asked {
		return
	}
	t.Heading("Checksum database of Go modules")
	if name := known.Name; name != "" {
		t.LeadTo(view.Lead{Filter: "p:go"})
		t.outside("name", theme.Plain, name)
		t.outside("key", theme.Plain, known.Key)
	} else if known.Problem == "" {
		t.row("name", theme.Warn, "none: it is switched off, so nothing vouches for Go modules")
	}
	if known.From != "" {
		t.outside("set by", theme.Plain, known.From)
	}
	if known.Problem != "" {
		t.outside("state", theme.Bad, known.Problem)
	}
	if known.Fork != "" {
		t.outside("fork", theme.Bad, known.Fork)
	}
	if known.Size > 0 {
		t.row("newest tree", theme.Plain, fmt.Sprintf("%d records, root %s", known.Size, clip(t.e.theme, known.Root)))
	}
	switch {
	case known.Unkept != "":
		t.outside("kept", theme.Warn, "for this run alone: "+known.Unkept)
	case known.File != "":
		t.outside("kept in", theme.Plain, known.File)
	case known.Name != "":
		t.row("kept", theme.Muted, "for this run alone")
	}
	if known.Excluded != "" {
		t.outside("not asked for", theme.Plain, known.Excluded)
	}
}

// of is the lead to the packages that a registry answered for, or to all of npm if that
// is every registry, or if no package knows which it was.
func (t *trusting) of(registry string) view.Lead {
	bare := func(address string) string { return strings.Trim(strings.TrimPrefix(address, "https://"), "/") }
	var of []int
	known := false
	for _, id := range t.e.store.All() {
		row := t.e.store.Row(id)
		if row.Report == nil || row.Spec.Protocol != catalog.NPX || row.Report.Registry == "" {
			continue
		}
		known = true
		if bare(string(row.Report.Registry)) == bare(registry) {
			of = append(of, id)
		}
	}
	if registry == "" || !known {
		return view.Lead{Filter: "p:npx"}
	}
	return view.Lead{Rows: of}
}

// evidence says how old the evidence is, of all packages.
func (t *trusting) evidence() {
	var oldest, newest time.Time
	var first, last int // rows of them
	answered := 0
	var unverified []int
	rows := t.e.store
	for _, id := range rows.All() {
		r := rows.Row(id).Report
		if r == nil {
			continue
		}
		answered++
		if r.Unverified != "" {
			unverified = append(unverified, id)
		}
		if at := untrusted.Earlier(oldest, verify.Oldest(r.Sources)); !at.Equal(oldest) {
			oldest, first = at, id
		}
		for _, s := range r.Sources {
			if s.Time.After(newest) {
				newest, last = s.Time, id
			}
		}
	}
	t.Heading("Evidence")
	if len(unverified) == 0 && answered > 0 {
		t.LeadTo(view.Lead{Filter: "!st:pending"})
	}
	t.row("checked", theme.Plain, fmt.Sprintf("%d of %s", answered-len(unverified), untrusted.Plural(rows.Len(), "package")))
	if len(unverified) > 0 {
		t.LeadTo(view.Lead{Rows: unverified})
		t.row("not verified", theme.Warn, untrusted.Plural(len(unverified), "package")+", for want of a trust root")
	}
	if oldest.IsZero() {
		return
	}
	t.LeadTo(view.Lead{Rows: []int{first}})
	t.row("fetched", theme.Plain, "the oldest "+t.ago(oldest))
	t.LeadTo(view.Lead{Rows: []int{last}})
	t.row("", theme.Plain, "the newest "+t.ago(newest))
}
