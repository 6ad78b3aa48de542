package verify

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// demand is what a spec asks for by naming a field.
type demand uint8

const (
	nothing  demand = iota // a spec cannot name the field
	hint                   // a contradiction is a warning
	ifProven               // provenance must prove it; a release without any contradicts nothing
	always                 // provenance must be there and prove it
)

// row is one field of the comparison, and what a spec that names it demands.
type row struct {
	Comparison
	rule     string // of the finding that the spec is contradicted
	demand   demand
	equal    func(said, proven string) bool // nil: provenance that verifies is proof by itself
	readable func(said string) bool         // nil: any text is
}

// severity returns how the finding of a spec that is not met is ranked.
func (r row) severity() Severity {
	if r.demand < ifProven {
		return Warning
	}
	return SeverityError
}

// table lists the fields in the order in which a maintainer asks for them.
// Every field of [catalog.Provenance] stands here, and nowhere else, but
// SigstoreURL, which is the operator's choice: what is not in the table is not
// demanded.
func (w witnesses) table() []row {
	p, s, c := w.publisher, w.statement, w.claimed
	if p == nil {
		p = &Publisher{}
	}
	if s == nil {
		s = &statement.Provenance{}
	}
	if c == nil {
		c = &ClaimedPublisher{}
	}
	want := catalog.Attestations{}
	if w.want.Attestations != nil {
		want = *w.want.Attestations
	}
	publisher := catalog.Publisher{}
	if want.Publisher != nil {
		publisher = *want.Publisher
	}
	names := p.ownerNames()
	return []row{
		{Comparison{Field: "repository", Spec: w.want.RepositoryURI, Certificate: p.Repository, Statement: s.Repository, Registry: w.metadata},
			"provenance.repository_uri", ifProven, p.sameRepository, isRepository},
		{Comparison{Field: "available", Spec: yes(want.Available)}, "attestations.gone", always, nil, nil},
		{Comparison{Field: "verified", Spec: yes(want.Verified)}, "attestations.gone", always, nil, nil},
		{Comparison{Field: "publisher kind", Spec: publisher.Kind, Certificate: untrusted.Text(p.Kind), Registry: c.Kind},
			"publisher.kind", always, exact, nil},
		{Comparison{Field: "publisher repository", Spec: publisher.Repository, Certificate: ownerName(p.Repository), Registry: c.Repository},
			"publisher.repository", always, names.same, names.readable},
		{Comparison{Field: "workflow", Spec: publisher.Workflow, Certificate: p.Workflow, Statement: s.Workflow, Registry: c.Workflow},
			"publisher.workflow", always, sameWorkflow, nil},
		w.refRow(p, s),
		{Comparison{Field: "commit", Certificate: p.Commit, Statement: s.Commit}, "", nothing, exact, nil},
		{Comparison{Field: "issuer", Spec: w.want.CertIssuer, Certificate: p.Issuer}, "provenance.cert_issuer", always, exact, nil},
		{Comparison{Field: "signer", Spec: w.want.SignerIdentity, Certificate: p.Signer, Registry: c.Email},
			"provenance.signer_identity", always, exact, nil},
		{Comparison{Field: "runner", Spec: w.want.RunnerEnvironment, Certificate: p.Runner},
			"provenance.runner_environment", always, exact, nil},
		{Comparison{Field: "trigger", Certificate: p.Trigger, Statement: s.Trigger}, "", nothing, exact, nil},
		{Comparison{Field: "repository id", Certificate: p.RepositoryID, Statement: s.RepositoryID}, "", nothing, exact, nil},
		{Comparison{Field: "owner id", Certificate: p.OwnerID, Statement: s.OwnerID}, "", nothing, exact, nil},
		{Comparison{Field: "run", Certificate: p.Run, Statement: s.Run}, "", nothing, sameRun, nil},
		{Comparison{Field: "environment", Certificate: p.Environment, Registry: c.Environment}, "", nothing, p.sameEnvironment, nil},
	}
}

// Field is a value that a spec can demand, beside what a certificate proves.
type Field struct {
	Rule   string         // of the finding if they differ
	Proven untrusted.Text // as a spec writes it; never ""
	Same   bool           // the spec has a value that means this
}

// Fields returns what the publisher's certificate proves of what a spec can
// demand, in the order in which a maintainer asks for it.
func (p *Publisher) Fields(want catalog.Provenance) (fields []Field) {
	for _, r := range (witnesses{want: want, publisher: p}).table() {
		if r.demand >= ifProven && r.equal != nil && r.Certificate != "" && !r.unread(r.Certificate) {
			fields = append(fields, Field{r.rule, r.Certificate, r.Spec != "" && r.equal(string(r.Spec), string(r.Certificate))})
		}
	}
	return fields
}

// yes is how a spec's flag is compared: false demands nothing.
func yes(flag bool) untrusted.Text {
	if flag {
		return "true"
	}
	return ""
}

// silent reports whether the spec names nothing that a certificate could
// contradict.
func (w witnesses) silent() bool {
	return !slices.ContainsFunc(w.table(), func(r row) bool { return r.Spec != "" && r.demand >= ifProven && r.equal != nil })
}

// gone reports the files without provenance, if the spec demands what only
// provenance proves. A file whose evidence could not be checked is none of
// them: it has its own status.
func (w witnesses) gone(arts []ArtifactReport) []Finding {
	var demanded, without []string
	for _, r := range w.table() {
		switch {
		case r.Spec == "" || r.demand != always:
		case r.equal == nil:
			demanded = append(demanded, r.Field)
		default:
			demanded = append(demanded, r.Field+" "+r.Spec.String())
		}
	}
	for _, art := range arts {
		if art.Status == None || art.Status == Signed {
			without = append(without, art.Filename.String())
		}
	}
	if len(demanded) == 0 || len(without) == 0 {
		return nil
	}
	f := Finding{Rule: "attestations.gone", Severity: SeverityError, Expected: "provenance (" + strings.Join(demanded, ", ") + ")",
		Observed: "no provenance", Message: "documented evidence has gone: the spec expects what only provenance proves, and the registry offers none"}
	if len(without) < len(arts) {
		f.Observed = "no provenance for " + untrusted.List(without, 2, 0)
		f.Message = fmt.Sprintf("documented evidence has gone for %d of %s: the spec expects what only provenance proves", len(without), untrusted.Plural(len(arts), "file"))
	}
	return []Finding{f}
}

// undocumented returns a finding if a spec could document the evidence. It must
// also be true of a release that was named without a spec.
func (w witnesses) undocumented(arts []ArtifactReport) []Finding {
	if a := w.want.Attestations; a != nil && a.Available || !hasProvenance(arts) {
		return nil
	}
	if w.silent() {
		return []Finding{{Rule: "spec.silent", Severity: Info,
			Message: "no spec declares anything about the source: the provenance verifies and is compared with nothing"}}
	}
	return []Finding{{Rule: "attestations.undocumented", Severity: Info,
		Message: "verified attestations are there and could be documented in the spec"}}
}

func hasProvenance(arts []ArtifactReport) bool {
	return slices.ContainsFunc(arts, func(art ArtifactReport) bool {
		return slices.ContainsFunc(art.Attestations, func(att Attestation) bool { return att.Status == Verified && att.Kind == KindProvenance })
	})
}

func exact(said, proven string) bool { return said == proven }

// isRepository reports whether a text names a repository.
func isRepository(said string) bool {
	_, ok := ParseRepository(said)
	return ok
}

// ownerName returns the path of a repository, "owner/name".
func ownerName(repository untrusted.Text) untrusted.Text {
	if repo, ok := ParseRepository(string(repository)); ok {
		return untrusted.Text(repo.Path)
	}
	return ""
}

// sameRepository is [SameRepository] for what is compared with the certificate's
// source: a GitHub or GitLab ignores case, whoever's it is.
func (p *Publisher) sameRepository(said, proven string) bool {
	a, ok := ParseRepository(said)
	b, also := ParseRepository(proven)
	return ok && also && a.same(b, p.ignoresCase())
}

func (p *Publisher) ignoresCase() bool { return p.Kind == kindGitHub || p.Kind == kindGitLab }

// ownerNames reads "owner/name" on the host of the certificate's source; "" is
// any host, if there is no certificate. A GitLab of its users may lie below a
// path of its host, which is in no name.
type ownerNames struct {
	*Publisher
	host, below string
}

func (p *Publisher) ownerNames() ownerNames {
	repo, _ := ParseRepository(string(p.Repository))
	below, ok := strings.CutPrefix(p.home(), "https://"+repo.Host+"/")
	if !ok || p.Kind != kindGitLab {
		below = ""
	}
	return ownerNames{p, repo.Host, below}
}

func (o ownerNames) readable(said string) bool {
	_, ok := RepositoryAt(o.host, said)
	return ok
}

func (o ownerNames) same(said, proven string) bool {
	a, ok := RepositoryAt(o.host, said)
	b, also := RepositoryAt(o.host, proven)
	if o.host == "" {
		a.Host, b.Host = "github.com", "github.com"
	}
	within := Repository{a.Host, o.below + a.Path}
	return ok && also && (a.same(b, o.ignoresCase()) || within.same(b, o.ignoresCase()))
}

// sameWorkflow compares workflow paths; specs and PyPI give a GitHub workflow
// by its file name alone.
func sameWorkflow(said, proven string) bool {
	return said == proven || ".github/workflows/"+said == proven
}

// sameRun compares the addresses of runs; some predicates give no more than
// the number.
func sameRun(said, proven string) bool {
	return said == proven || said == string(runNumber(untrusted.Text(proven)))
}

// sameEnvironment compares deployment environments: GitHub's ignore case, and
// PyPI keeps them in lower case.
func (p *Publisher) sameEnvironment(said, proven string) bool {
	if p.Kind == kindGitHub {
		said, proven = strings.ToLower(said), strings.ToLower(proven)
	}
	return said == proven
}
