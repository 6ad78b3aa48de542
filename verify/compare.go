package verify

import (
	"fmt"
	"net/url"
	"strings"

	"plimsoll/verify/statement"
	"plimsoll/verify/untrusted"
)

// witnesses are what the comparison sets side by side, all about one
// attestation that verified: certificate and statement are of the same bundle.
type witnesses struct {
	want      Expectation
	publisher *Publisher            // nil: no provenance verified
	statement *statement.Provenance // nil: the predicate says nothing of a build
	claimed   *ClaimedPublisher
	metadata  untrusted.Text // the registry's word for the repository
}

// compare sets the four witnesses side by side, for the first provenance that
// verified, and reports what contradicts the spec for every one of them: a
// release whose second file comes from elsewhere must not hide behind its
// first.
func compare(report *Report, want Expectation) {
	first := true
	for _, art := range report.Artifacts {
		for _, att := range art.Attestations {
			if att.Status != Verified || att.Publisher == nil {
				continue
			}
			w := witnesses{want: want, publisher: att.Publisher, claimed: att.Claimed, metadata: report.Claims.Repository}
			if att.Statement != nil {
				w.statement = att.Statement.Provenance
			}
			rows, findings := w.rows()
			if first {
				report.Publisher, report.Comparison, first = att.Publisher, rows, false
			} else {
				findings = append(findings, otherPublisher(report.Publisher, att.Publisher, art.Filename)...)
			}
			report.addFindings(findings)
		}
	}
	if first {
		w := witnesses{want: want, metadata: report.Claims.Repository}
		report.Comparison, _ = w.rows()
	}
	report.addFindings(documented(want, report.Artifacts))
	report.Findings = append(nameFindings(report, want), report.Findings...)
}

// addFindings appends what was not found before: the files of a release
// usually share one publisher, and one sentence about it is enough.
func (r *Report) addFindings(findings []Finding) {
next:
	for _, f := range findings {
		for _, old := range r.Findings {
			if old == f {
				continue next
			}
		}
		r.Findings = append(r.Findings, f)
	}
}

// row is one field of the comparison with the rule that it is judged by.
type row struct {
	Comparison
	rule     string
	severity Severity
	equal    func(spec, certificate string) bool
}

func exact(a, b string) bool { return a == b }

func (w witnesses) rows() ([]Comparison, []Finding) {
	var out []Comparison
	var findings []Finding
	for _, r := range w.table() {
		c, found := w.judge(r)
		findings = append(findings, found...)
		if c.Spec != "" || c.Certificate != "" || c.Statement != "" || c.Registry != "" {
			out = append(out, c)
		}
	}
	return out, findings
}

// table lists the fields in the order in which a maintainer asks for them.
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
	kind := untrusted.Text(p.Kind)
	want := ExpectedPublisher{}
	if a := w.want.Attestations; a != nil && a.Publisher != nil {
		want = *a.Publisher
	}
	return []row{
		{Comparison{Field: "repository", Spec: w.want.RepositoryURI, Certificate: p.Repository, Statement: s.Repository, Registry: w.metadata},
			"provenance.repository_uri", SeverityError, SameRepository},
		{Comparison{Field: "publisher kind", Spec: want.Kind, Certificate: kind, Registry: c.Kind},
			"publisher.kind", SeverityError, exact},
		{Comparison{Field: "publisher repository", Spec: want.Repository, Certificate: ownerName(p.Repository), Registry: c.Repository},
			"publisher.repository", SeverityError, sameOwnerName(p.Repository)},
		{Comparison{Field: "workflow", Spec: want.Workflow, Certificate: p.Workflow, Statement: s.Workflow, Registry: c.Workflow},
			"publisher.workflow", SeverityError, sameWorkflow},
		{Comparison{Field: "ref", Spec: w.want.RepositoryRef, Certificate: p.Ref, Statement: s.Ref},
			"provenance.repository_ref", Warning, sameRef},
		{Comparison{Field: "commit", Certificate: p.Commit, Statement: s.Commit}, "", Info, exact},
		{Comparison{Field: "issuer", Spec: w.want.CertIssuer, Certificate: p.Issuer}, "provenance.cert_issuer", SeverityError, exact},
		{Comparison{Field: "signer", Spec: w.want.SignerIdentity, Certificate: p.Signer, Registry: c.Email},
			"provenance.signer_identity", SeverityError, exact},
		{Comparison{Field: "runner", Spec: w.want.RunnerEnvironment, Certificate: p.Runner},
			"provenance.runner_environment", SeverityError, exact},
		{Comparison{Field: "trigger", Certificate: p.Trigger, Statement: s.Trigger}, "", Info, exact},
		{Comparison{Field: "repository id", Certificate: p.RepositoryID, Statement: s.RepositoryID}, "", Info, exact},
		{Comparison{Field: "owner id", Certificate: p.OwnerID, Statement: s.OwnerID}, "", Info, exact},
		{Comparison{Field: "run", Certificate: p.Run, Statement: s.Run}, "", Info, exact},
		{Comparison{Field: "environment", Certificate: p.Environment, Registry: c.Environment}, "", Info, exact},
	}
}

// judge computes the result of a row, and the finding where the spec and the
// certificate disagree. The statement and the publisher object were held
// against the certificate before: an attestation that they contradict did not
// verify, so here they can only agree.
func (w witnesses) judge(r row) (Comparison, []Finding) {
	c := r.Comparison
	spec, cert := string(c.Spec), string(c.Certificate)
	switch {
	case spec == "" || w.publisher == nil:
		c.Result = ResultOnly
		if cert != "" && (c.Statement != "" || c.Registry != "") {
			c.Result = ResultMatch
		}
	case r.Field == "ref" && isBranch(spec):
		c.Result, c.Reason = ResultOnly, "a branch moves on: it says nothing about the commit a release was built from"
	case cert == "":
		c.Result, c.Reason = ResultDiffers, "the certificate does not say"
		return c, []Finding{{Rule: r.rule, Severity: Warning, Expected: c.Spec.String(),
			Message: fmt.Sprintf("the spec expects the %s to be %v, and the certificate does not say", r.Field, c.Spec)}}
	case r.equal(spec, cert):
		c.Result = ResultMatch
	default:
		c.Result = ResultMismatch
		if r.severity != SeverityError {
			c.Result = ResultDiffers
		}
		more, expected, observed := alike(c.Spec, c.Certificate)
		c.Reason = fmt.Sprintf("the spec expects %s, the certificate proves %s%s", expected, observed, more)
		return c, []Finding{{Rule: r.rule, Severity: r.severity, Expected: expected, Observed: observed,
			Message: fmt.Sprintf("the %s is not what the spec expects%s", r.Field, more)}}
	}
	return w.judgeMetadata(c)
}

// judgeMetadata compares the repository in the registry's metadata, which
// nobody signs: a difference is worth a warning and no more, since forks and
// monorepos carry old addresses for years.
func (w witnesses) judgeMetadata(c Comparison) (Comparison, []Finding) {
	if c.Field != "repository" || c.Registry == "" || c.Certificate == "" || SameRepository(string(c.Registry), string(c.Certificate)) {
		return c, nil
	}
	c.Result = ResultDiffers
	more, expected, observed := alike(c.Certificate, c.Registry)
	c.Reason = fmt.Sprintf("the registry's metadata says %s, which nobody signs; the certificate proves %s%s", observed, expected, more)
	return c, []Finding{{Rule: "metadata.repository", Severity: Warning, Expected: expected, Observed: observed,
		Message: "the repository in the registry's metadata is not the certificate's source" + more}}
}

// otherPublisher warns when two files of one release were published from
// different places.
func otherPublisher(first, other *Publisher, file untrusted.Text) []Finding {
	same := first.Repository == other.Repository || SameRepository(string(first.Repository), string(other.Repository))
	if same && first.Workflow == other.Workflow && first.Email == other.Email {
		return nil
	}
	return []Finding{{Rule: "release.publishers", Severity: Warning, Message: fmt.Sprintf("%v was published by another repository or workflow than the release's first file", file),
		Expected: describePublisher(first), Observed: describePublisher(other)}}
}

func describePublisher(p *Publisher) string {
	if p.Email != "" {
		return p.Email.String()
	}
	return p.Repository.String() + " " + p.Workflow.String()
}

// documented compares what the spec documents about attestations with what is
// there.
func documented(want Expectation, arts []ArtifactReport) []Finding {
	offered, verified, missing := 0, 0, false
	for _, art := range arts {
		for _, att := range art.Attestations {
			if att.Kind != KindPublish {
				offered++
			}
			if att.Status == Verified && att.Kind == KindProvenance {
				verified++
			}
		}
		missing = missing || art.Status == Unchecked
	}
	a := want.Attestations
	switch {
	case a != nil && (a.Available || a.Verified) && offered == 0 && !missing:
		return []Finding{{Rule: "attestations.gone", Severity: SeverityError, Expected: "attestations with provenance", Observed: "none",
			Message: "the spec documents attestations, and the registry offers none with provenance: the evidence has gone"}}
	case (a == nil || !a.Available) && verified > 0 && want.silent():
		return []Finding{{Rule: "spec.silent", Severity: Info,
			Message: "the spec declares nothing about the source: the provenance verifies and is compared with nothing"}}
	case (a == nil || !a.Available) && verified > 0:
		return []Finding{{Rule: "attestations.undocumented", Severity: Info,
			Message: "verified attestations are there and could be documented in the spec"}}
	}
	return nil
}

// silent reports whether the spec says nothing that a certificate could
// contradict.
func (e Expectation) silent() bool {
	return e.RepositoryURI == "" && e.CertIssuer == "" && e.SignerIdentity == "" && e.RunnerEnvironment == "" &&
		(e.Attestations == nil || e.Attestations.Publisher == nil)
}

// ownerName returns the path of a repository, "owner/name".
func ownerName(repository untrusted.Text) untrusted.Text {
	if repo, ok := ParseRepository(string(repository)); ok {
		return untrusted.Text(repo.Path)
	}
	return ""
}

// sameOwnerName compares the spec's "owner/name" (or a whole URL) with the
// certificate's source on the certificate's own host.
func sameOwnerName(source untrusted.Text) func(spec, cert string) bool {
	return func(spec, _ string) bool {
		repo, ok := ParseRepository(string(source))
		if !ok {
			return false
		}
		if strings.Contains(spec, ":") {
			return SameRepository(spec, string(source))
		}
		return Repository{Host: repo.Host, Path: strings.Trim(spec, "/")}.Same(repo)
	}
}

// sameWorkflow compares workflow paths; specs and PyPI give a GitHub workflow
// by its file name alone.
func sameWorkflow(spec, cert string) bool {
	return spec == cert || ".github/workflows/"+spec == cert
}

func isBranch(ref string) bool {
	return strings.HasPrefix(ref, "refs/heads/") || ref == "main" || ref == "master"
}

// sameRef compares refs; a bare name is taken for a tag.
func sameRef(spec, cert string) bool {
	return spec == cert || "refs/tags/"+spec == cert
}

// sameOrigin reports whether two URLs have the same scheme, host and port.
func sameOrigin(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Scheme == ub.Scheme && ua.Host == ub.Host
}
