package ui

import (
	"crypto/sha256"
	"path"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/store"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

// aboutSpec are the rules of findings that end when the spec says what the
// certificate proves.
var aboutSpec = []string{"provenance.repository_uri", "publisher.kind", "publisher.repository", "publisher.workflow"}

// acceptable returns what a spec would have to say for the verified
// certificate not to contradict it, or a sentence on why nothing may be
// written. Only what a certificate proves for every file of a release is.
func acceptable(spec catalog.Spec, r *verify.Report, f verify.Finding) (changes []catalog.Change, why string) {
	switch {
	case spec.Err != nil:
		return nil, "the spec cannot be read, so it cannot be changed"
	case r == nil:
		return nil, "the package has not been checked"
	case r.Status == verify.Invalid:
		return nil, "evidence that does not verify is never written into a spec"
	case r.Status != verify.Verified && r.Status != verify.Mismatch || r.Publisher == nil:
		return nil, "no certificate proves who published all of this release, so nothing can be written into the spec"
	}
	if !slices.Contains(aboutSpec, f.Rule) {
		return nil, "nothing that the spec could say would change this finding"
	}
	for i := range r.Artifacts {
		if !provenBy(&r.Artifacts[i], r.Publisher) {
			return nil, "not every file of the release is proven to come from the same publisher"
		}
	}
	if changes = differences(spec, r.Publisher); len(changes) == 0 {
		return nil, "the spec says already what the certificate proves; what is left has no place in it"
	}
	return changes, ""
}

// provenBy reports whether a file carries verified provenance, all of it of one
// publisher.
func provenBy(a *verify.ArtifactReport, p *verify.Publisher) bool {
	proven := false
	for i := range a.Attestations {
		att := &a.Attestations[i]
		switch {
		case att.Status != verify.Verified:
			return false
		case att.Kind != verify.KindProvenance:
		case att.Publisher == nil || att.Publisher.Kind != p.Kind || att.Publisher.Repository != p.Repository || att.Publisher.Workflow != p.Workflow:
			return false
		default:
			proven = true
		}
	}
	return proven
}

// differences are the values of a spec that do not say what the certificate
// does. A value that means the same stays as it is written.
func differences(spec catalog.Spec, p *verify.Publisher) (changes []catalog.Change) {
	set := func(key catalog.Key, value string) {
		changes = append(changes, catalog.Change{Key: key, Value: value})
	}
	want, attestations := catalog.Publisher{}, catalog.Attestations{}
	if a := spec.Provenance.Attestations; a != nil {
		attestations = *a
		if a.Publisher != nil {
			want = *a.Publisher
		}
	}
	repository, known := verify.ParseRepository(string(p.Repository))
	if known && !verify.SameRepository(string(spec.Provenance.RepositoryURI), string(p.Repository)) {
		set(catalog.KeyRepositoryURI, string(p.Repository))
	}
	if !attestations.Available {
		set(catalog.KeyAvailable, "true")
	}
	if !attestations.Verified {
		set(catalog.KeyVerified, "true")
	}
	if p.Kind != "" && p.Kind != "unknown" && string(want.Kind) != p.Kind {
		set(catalog.KeyPublisherKind, p.Kind)
	}
	if known && !sameName(string(want.Repository), repository, p) {
		set(catalog.KeyPublisherRepository, repository.Path)
	}
	if w := string(p.Workflow); w != "" && string(want.Workflow) != w && string(want.Workflow) != path.Base(w) {
		set(catalog.KeyPublisherWorkflow, w)
	}
	return changes
}

// sameName reports whether a spec's owner/name, or the whole address, is the
// repository of a publisher.
func sameName(name string, proven verify.Repository, p *verify.Publisher) bool {
	repo, ok := verify.RepositoryAt(proven.Host, name)
	return ok && verify.SameRepository("https://"+repo.String(), string(p.Repository))
}

// accept prepares to write what was observed into the spec.
func (b *triageScreen) accept(e *env, row *store.Row) action {
	if e.triage.options == nil {
		return says("specs cannot be changed here: " + e.triage.off)
	}
	if row.Waiting {
		return says("wait: the package is being checked")
	}
	changes, why := acceptable(row.Spec, row.Answer, b.current.Finding)
	if why != "" {
		return says(why)
	}
	return func(m *Model) tea.Cmd { return m.propose(row, changes) }
}

// propose reads the spec of a row, and shows what a change of it would change.
func (m *Model) propose(row *store.Row, changes []catalog.Change) tea.Cmd {
	spec, id, read := row.Spec, row.ID, m.triage.options.ReadSpec
	return func() tea.Msg {
		text, err := read(spec)
		if err == nil && sha256.Sum256(text) != spec.SHA256 {
			err = catalog.ErrChanged
		}
		if err != nil {
			return says("the spec cannot be changed: " + writeProblem(err))
		}
		changed, err := catalog.Edit(text, changes)
		if err != nil {
			return says("the spec was not changed: " + untrusted.Message(err))
		}
		diff := catalog.Diff(string(spec.Path), text, changed)
		return action(func(m *Model) tea.Cmd {
			m.proposed(spec, edit{id, [2][]byte{text, changed}}, diff)
			return nil
		})
	}
}

// proposed shows a change of a spec that a person must agree to, unless that
// has gone on to something else.
func (m *Model) proposed(of catalog.Spec, e edit, diff string) {
	b, ok := m.top().(*triageScreen)
	row := m.store.Row(e.row)
	switch {
	case !ok || m.overlay != nil || row == nil || b.current.row != row.ID || row.Spec.SHA256 != of.SHA256:
	case diff == "":
		m.say("the spec says so already")
	default:
		c := &confirm{title: "Change of " + clip(m.theme, string(row.Spec.Path)), question: "Write this into the spec?", word: "write",
			yes: func(m *Model) tea.Cmd { return m.accept(e) }}
		for text := range strings.SplitSeq(strings.TrimSuffix(diff, "\n"), "\n") {
			c.lines = append(c.lines, diffLine(clip(m.theme, text)))
		}
		m.overlay = c
	}
}

// diffLine styles a line of a change.
func diffLine(text string) segment {
	token := theme.Plain
	switch {
	case strings.HasPrefix(text, "+"):
		token = theme.Good
	case strings.HasPrefix(text, "-"):
		token = theme.Bad
	case strings.HasPrefix(text, "@"), strings.HasPrefix(text, "diff "):
		token = theme.Muted
	}
	return segment{token, text}
}

// accept writes a change of a spec that a person agreed to, and has its package
// checked again.
func (m *Model) accept(e edit) tea.Cmd {
	return m.carryOut(step{what: "accepted into the spec: " + m.store.Row(e.row).Name(), edit: &e}, firstTime)
}
