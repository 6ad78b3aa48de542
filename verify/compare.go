package verify

import (
	"fmt"
	"net/url"
	"slices"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// witnesses are what the comparison sets side by side, all about one
// attestation that verified: certificate and statement are of the same bundle.
type witnesses struct {
	want      catalog.Provenance
	version   untrusted.Text        // of the release, as the spec has it
	publisher *Publisher            // nil: no provenance verified
	statement *statement.Provenance // nil: the predicate says nothing of a build
	claimed   *ClaimedPublisher
	metadata  untrusted.Text // the registry's word for the repository
	// lost is set if the release was looked at and some file of it has no
	// provenance.
	lost bool
}

// compare sets the four witnesses side by side, for the first provenance that
// verified, and reports what contradicts the spec for every one of them: a
// release whose second file comes from elsewhere must not hide behind its
// first.
func compare(d *Dossier, want catalog.Provenance) {
	report := &d.Report
	alone := witnesses{want: want, version: report.Release.Version, metadata: report.Claims.Repository}
	gone := alone.gone(report.Artifacts)
	first := true
	for _, b := range d.Bundles {
		att := b.Attestation
		if att.Status != Verified || att.Kind != KindProvenance || att.Publisher == nil {
			continue
		}
		rows, findings := alone.beside(b).rows()
		if first {
			report.Publisher, report.Comparison, first = att.Publisher, rows, false
		} else {
			findings = append(findings, otherPublisher(report.Publisher, att.Publisher, b.Artifact.Filename)...)
		}
		report.addFindings(findings)
	}
	if first {
		var findings []Finding
		alone.lost = len(gone) > 0
		report.Comparison, findings = alone.rows()
		report.addFindings(findings)
	}
	report.addFindings(gone)
	report.addFindings(pathFindings(report, want))
	report.addFindings(alone.undocumented(report.Artifacts))
	report.Findings = append(nameFindings(report, want), report.Findings...)
}

// beside adds what an attestation says, and its certificate proves.
func (w witnesses) beside(b Bundle) witnesses {
	w.publisher, w.claimed = b.Attestation.Publisher, b.Attestation.Claimed
	if b.Statement != nil {
		w.statement = b.Statement.Provenance
	}
	return w
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

// rows judges the table. Rows that nobody speaks in, and those of flags, which
// compare no values, are left out.
func (w witnesses) rows() ([]Comparison, []Finding) {
	var out []Comparison
	var findings []Finding
	for _, r := range w.table() {
		if r.equal == nil {
			continue
		}
		c, found := w.judge(r)
		findings = append(findings, found...)
		if c.Spec != "" || c.Certificate != "" || c.Statement != "" || c.Registry != "" {
			out = append(out, c)
		}
	}
	return slices.Clone(out), findings // without room for more
}

// judge computes the result of a row, and the finding if what the spec demands
// is not proven. The spec is judged first: if it is met, the weaker
// witnesses decide.
func (w witnesses) judge(r row) (Comparison, []Finding) {
	spec, cert := string(r.Spec), string(r.Certificate)
	switch {
	case spec == "":
	case r.unread(r.Spec):
		return r.unreadable()
	case r.demand == hint && isBranch(spec, cert):
		r.Result, r.Reason = ResultOnly, "a branch moves on: it says nothing about the commit a release was built from"
		return r.Comparison, nil
	case r.demand == hint && cert == "" && otherVersion(spec, string(w.version)):
		return r.stale(w.version)
	case r.demand == hint && !r.equal(spec, cert) && w.abbreviates(spec):
		return r.abbreviated(w.publisher.Commit)
	case w.publisher != nil && cert == "":
		return r.unproven()
	case w.publisher == nil && w.lost && r.demand == always:
		// What has gone is one finding for all that it would prove.
		r.Result, r.Reason = ResultMismatch, "the spec expects "+r.Spec.String()+", and nothing proves it: there is no provenance"
		return r.Comparison, nil
	case cert != "" && !r.equal(spec, cert):
		return r.contradicted()
	}
	return r.weaker()
}

// differs completes a row that the spec and what is proven disagree in.
func (r row) differs(reason string, f Finding) (Comparison, []Finding) {
	r.Result, r.Reason = ResultDiffers, reason
	if r.severity() == SeverityError {
		r.Result = ResultMismatch
	}
	f.Rule, f.Severity = r.rule, r.severity()
	return r.Comparison, []Finding{f}
}

func (r row) unreadable() (Comparison, []Finding) {
	return r.differs("the spec's "+r.Field+" cannot be read as a repository: it is compared with nothing", Finding{
		Message:  "the spec's " + r.Field + " cannot be read as a repository",
		Expected: "a repository such as https://github.com/owner/name, git@host:owner/name or host/owner/name", Observed: r.Spec.String()})
}

// stale warns of a tag that was not raised together with the version.
func (r row) stale(version untrusted.Text) (Comparison, []Finding) {
	return r.differs(fmt.Sprintf("%v is a tag of another version than the spec's own, %v", r.Spec, version), Finding{
		Message:  "the spec's ref is a tag of another version than the spec's own",
		Expected: "a tag of version " + version.String(), Observed: r.Spec.String()})
}

// abbreviated tells of a commit that is not written whole.
func (r row) abbreviated(commit untrusted.Text) (Comparison, []Finding) {
	r.Result, r.Reason = ResultOnly, fmt.Sprintf("%v is an abbreviated commit: the certificate's, %v, begins so, which proves nothing", r.Spec, commit)
	return r.Comparison, []Finding{{Rule: r.rule, Severity: Info, Expected: "a whole commit such as " + commit.String(), Observed: r.Spec.String(),
		Message: "the spec's ref is an abbreviated commit: it is not compared"}}
}

func (r row) unproven() (Comparison, []Finding) {
	return r.differs("the spec expects "+r.Spec.String()+", and nothing proves it: the certificate does not say", Finding{
		Message:  "nothing proves the " + r.Field + " that the spec expects",
		Expected: r.Spec.String(), Observed: "a certificate that does not say"})
}

func (r row) contradicted() (Comparison, []Finding) {
	more, expected, observed := alike(r.Spec, r.Certificate)
	return r.differs(fmt.Sprintf("the spec expects %s, the certificate proves %s%s", expected, observed, more), Finding{
		Message:  fmt.Sprintf("the %s is not what the spec expects%s", r.Field, more),
		Expected: expected, Observed: observed})
}

// weaker compares what is left: every witness with the certificate, and if
// it is silent, each with the others. Words that agree with each other and
// that nothing proves are no match.
func (r row) weaker() (Comparison, []Finding) {
	type says struct {
		who  string
		what untrusted.Text
	}
	r.Result = ResultOnly
	witnesses := []says{{"the spec expects", r.Spec}, {"the statement says", r.Statement}, {"the registry's metadata says", r.Registry}}
	if r.Certificate != "" {
		for _, w := range witnesses {
			if w.what == "" {
				continue
			}
			if !r.equal(string(w.what), string(r.Certificate)) {
				return r.claimDiffers(w.who, w.what)
			}
			r.Result = ResultMatch
		}
		return r.Comparison, nil
	}
	if r.unread(r.Registry) {
		r.Reason = fmt.Sprintf("the registry's metadata says %v, which cannot be read as a repository: it is compared with nothing", r.Registry)
		return r.Comparison, nil
	}
	for i, a := range witnesses {
		for _, b := range witnesses[i+1:] {
			if a.what == "" || b.what == "" || r.equal(string(a.what), string(b.what)) || r.equal(string(b.what), string(a.what)) {
				continue
			}
			more, first, second := alike(a.what, b.what)
			r.Result, r.Reason = ResultDiffers, fmt.Sprintf("%s %s, %s %s%s; no certificate proves either", a.who, first, b.who, second, more)
			return r.Comparison, nil
		}
	}
	return r.Comparison, nil
}

// unread reports whether a witness says what cannot be read.
func (r row) unread(what untrusted.Text) bool {
	return what != "" && r.readable != nil && !r.readable(string(what))
}

// claimDiffers completes a row in which a weaker witness contradicts the
// certificate. The repository in the registry's metadata is worth a warning:
// nobody signs it, and forks and monorepos carry old addresses for years. An
// attestation that another claim contradicts does not verify.
func (r row) claimDiffers(who string, what untrusted.Text) (Comparison, []Finding) {
	more, proven, said := alike(r.Certificate, what)
	r.Result = ResultDiffers
	r.Reason = fmt.Sprintf("%s %s; the certificate proves %s%s", who, said, proven, more)
	if r.Field != "repository" || what != r.Registry {
		return r.Comparison, nil
	}
	r.Reason = fmt.Sprintf("the registry's metadata says %s, which nobody signs; the certificate proves %s%s", said, proven, more)
	message := "the repository in the registry's metadata is not the certificate's source"
	if r.unread(what) {
		message = "the repository in the registry's metadata cannot be read as one"
	}
	return r.Comparison, []Finding{{Rule: "metadata.repository", Severity: Warning, Expected: proven, Observed: said, Message: message + more}}
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

// sameOrigin reports whether two URLs have the same scheme, host and port.
func sameOrigin(a, b string) bool {
	ua, errA := url.Parse(a)
	ub, errB := url.Parse(b)
	return errA == nil && errB == nil && ua.Scheme == ub.Scheme && ua.Host == ub.Host
}
