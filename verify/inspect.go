package verify

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Exhibit is a file of evidence as somebody has it, apart from any release:
// nobody says which package it should be about.
type Exhibit struct {
	File         untrusted.Text // its name, for people
	Kind         string         // what it was recognised as: "Sigstore bundle v0.3"
	Attestations []OfferedAttestation
	Source       Source
	Given        *Given // the artifact that it is compared with; nil: nothing
}

// Given is the artifact that a person has beside a file of evidence.
type Given struct {
	Name    untrusted.Text `json:"name"`    // the file's name, or the digest as it was given
	Digests []Digest       `json:"digests"` // all of the same bytes
}

// Inspected says which file of evidence a report is about.
type Inspected struct {
	File   untrusted.Text `json:"file"`
	Kind   string         `json:"kind"`
	SHA256 [32]byte       `json:"sha256"`        // over the whole file
	Given  *Given         `json:"compared_with"` // nil: the evidence was compared with nothing
}

// Inspect judges a file of evidence by itself: whether every link of each
// attestation in it verifies, by the same steps as [Verify], and whether it
// names the artifact that was given. It compares nothing with a registry or a
// spec, so it never says Verified, which is a verdict on a package: what holds
// is Bound to the artifact that was given, or Unbound.
func Inspect(ex Exhibit, trust Trust) Dossier {
	return inspect(ex, trust, func(*attester) error { return nil })
}

// inspect is Inspect by an attester that setUp has changed.
func inspect(ex Exhibit, trust Trust, setUp func(*attester) error) Dossier {
	report := Report{
		Inspected: &Inspected{File: ex.File, Kind: ex.Kind, SHA256: ex.Source.SHA256, Given: ex.Given}, Sources: []Source{ex.Source},
		SLSA: SLSA{Reason: "a build level is a package's: a file of evidence has none"},
	}
	art := Artifact{Attestations: ex.Attestations}
	if ex.Given != nil {
		art.Filename, art.Digest = ex.Given.Name, ex.Given.Digests[0]
	}
	if trust.Root == nil {
		report.Unverified = whyUnverified(trust)
	}
	a, err := newAttester(Release{}, trust, true)
	if err == nil && trust.Root != nil {
		err = setUp(a)
	}
	if err != nil {
		return Dossier{Report: Report{Inspected: report.Inspected, Status: Unchecked, Reason: untrusted.Message(err), SLSA: report.SLSA}}
	}
	a.inspect, a.given = true, ex.Given
	d := newDossier(report, []Artifact{art})
	for i, off := range ex.Attestations {
		d.Findings = append(d.Findings, a.examine(&d.Bundles[i], off, report.Unverified)...)
	}
	decide(d)
	d.Artifacts[0].Status, d.Artifacts[0].Reason = d.Status, d.Reason
	if d.Unverified == "" {
		d.addFindings(inspectionFindings(ex, d.Artifacts[0]))
		d.compareInspected()
	}
	return *d
}

// examine judges one attestation of a file of evidence.
func (a *attester) examine(b *Bundle, off OfferedAttestation, unverified string) (findings []Finding) {
	if unverified != "" {
		unverifiedAttestation(b, off, openAny, unverified)
	} else {
		findings = a.attest(b, Artifact{}, off)
	}
	att := b.Attestation
	if att.Status == Verified {
		links := b.everyLink()
		att.Status, att.Reason = Bound, links+", and it names the artifact that was given"
		if a.given == nil {
			att.Status, att.Reason = Unbound, links+"; it "+b.names()+", not compared with any file"
		}
	}
	att.Kind = b.inspectedKind()
	b.say()
	return findings
}

// inspectedKind names an attestation by what it is, not by what signed it: a
// key may sign provenance, and a payload that cannot be read is of no kind.
func (b *Bundle) inspectedKind() Kind {
	switch {
	case b.Message != nil:
		return KindMessage
	case b.Statement == nil:
		return KindUnknown
	}
	switch string(b.Statement.PredicateType) {
	case statement.ProvenanceV02, statement.ProvenanceV1:
		return KindProvenance
	case statement.PyPIPublish, statement.NPMPublish:
		if kind := b.Attestation.Kind; (b.Statement.PredicateType == statement.NPMPublish) == (kind == KindPublish) {
			return kind
		}
	}
	return KindStatement
}

// open decodes what the attester may be given.
func (a *attester) open(data []byte) (*opened, error) {
	if !a.inspect {
		return openBundle(data)
	}
	o, err := openAny(data)
	if err == nil && a.signer != nil {
		err = o.bringsRoot()
	}
	return o, err
}

// rules runs the checks that sigstore-go leaves to its callers.
func (a *attester) rules(b *Bundle, art Artifact, off OfferedAttestation, o *opened, list *checklist) *Publisher {
	if a.inspect {
		return a.inspectRules(b, off, o, list)
	}
	return a.ownRules(b, art, off, o, list)
}

// inspectRules are ownRules without a release: what the evidence says of
// itself must agree, and it must name the artifact that was given.
func (a *attester) inspectRules(b *Bundle, off OfferedAttestation, o *opened, list *checklist) *Publisher {
	var st *statement.Statement
	if o.message != nil {
		b.Message = o.message
		list.run(CheckStatement, nil, func() outcome { return skip("a message signature carries no statement") })
		list.run(CheckSubject, []CheckID{CheckSignature}, func() outcome { return a.checkGiven([]map[string]untrusted.Text{o.message.set()}, b.names()) })
	} else {
		var err error
		if st, err = o.parseStatement(); err == nil {
			b.states(st)
		}
		list.run(CheckStatement, []CheckID{CheckSignature}, func() outcome {
			switch {
			case o.other != "":
				return blocked(o.other)
			case err != nil:
				return failed("the signed payload is not a statement that can be read", err)
			}
			return pass("a well-formed in-toto statement of type " + st.Type.String())
		})
		list.run(CheckSubject, []CheckID{CheckStatement}, func() outcome { return a.checkGiven(subjectDigests(st), b.names()) })
		list.run(CheckPredicate, []CheckID{CheckStatement}, func() outcome { return checkPredicateAlone(st, off) })
	}
	if o.leaf == nil && a.signer == nil {
		return nil
	}
	var publisher *Publisher
	list.run(CheckIdentity, []CheckID{CheckStatement, CheckSignature, CheckChain, CheckSCT}, func() outcome {
		if o.leaf == nil {
			return a.signer.check(nil)
		}
		var err error
		if publisher, err = publisherOf(o.leaf); err != nil {
			return fail(untrusted.Message(err))
		}
		if out := checkIdentityAlone(publisher, st, off); out.status != Pass || a.signer == nil {
			return out
		}
		return a.signer.check(publisher)
	})
	return publisher
}

func subjectDigests(st *statement.Statement) []map[string]untrusted.Text {
	var out []map[string]untrusted.Text
	for _, subject := range st.Subjects {
		out = append(out, subject.Digest)
	}
	return out
}

// checkGiven looks for the given artifact among what the evidence names. All
// digests that both have must agree; nothing given is nothing compared.
func (a *attester) checkGiven(named []map[string]untrusted.Text, names string) outcome {
	if a.given == nil {
		return outcome{status: NotRun, reason: names + "; not compared with any file"}
	}
	given := a.given.Digests[0].String()
	compared, other := false, ""
	for _, digests := range named {
		same, differ := "", ""
		for _, d := range a.given.Digests {
			switch sum, ok := digests[d.Algorithm]; {
			case !ok:
			case string(sum) == d.Hex:
				same = d.String()
			default:
				differ, given = d.Algorithm+":"+string(sum), d.String()
			}
		}
		compared = compared || same != "" || differ != ""
		if same != "" && differ == "" {
			return outcome{Pass, "the artifact that was given is one that the evidence names", same, same}
		}
		if other == "" {
			other = differ
		}
	}
	if !compared {
		return blocked("the evidence names no digest of the kind that was given: " + algorithms(a.given.Digests))
	}
	return outcome{Fail, "the evidence names other bytes than the artifact that was given", given, untrusted.Shorten(other, 160)}
}

func algorithms(digests []Digest) string {
	var names []string
	for _, d := range digests {
		names = append(names, d.Algorithm)
	}
	return strings.Join(names, ", ")
}

func (d *Digest) set() map[string]untrusted.Text {
	return map[string]untrusted.Text{d.Algorithm: untrusted.Text(d.Hex)}
}

// names says in a few words, cleaned, what an attestation is about.
func (b *Bundle) names() string {
	if b.Message != nil {
		return "signs " + shortDigest(b.Message.Algorithm, b.Message.Hex)
	}
	if b.Statement == nil || len(b.Statement.Subjects) == 0 {
		return "names nothing"
	}
	const most = 3
	subject := b.Statement.Subjects[0]
	text := "names"
	if subject.Name != "" { // a subject may be a digest alone
		text += " " + untrusted.Shorten(string(subject.Name), 200)
	}
	for i, algorithm := range slices.Sorted(maps.Keys(subject.Digest)) {
		if i == most {
			break
		}
		text += " " + shortDigest(algorithm, string(subject.Digest[algorithm]))
	}
	if n := len(b.Statement.Subjects) - 1; n > 0 {
		text += " and " + untrusted.Plural(n, "other subject")
	}
	return text
}

// checkPredicateAlone holds what a predicate must obey whatever the release:
// the wrapper's label, and that npm's publish predicate is about the release
// that its own subject names.
func checkPredicateAlone(st *statement.Statement, off OfferedAttestation) outcome {
	if off.PredicateType != "" && off.PredicateType != st.PredicateType {
		return differs("the wrapper names another predicate type than the signed statement", st.PredicateType, off.PredicateType)
	}
	switch string(st.PredicateType) {
	case statement.NPMPublish:
		named := npmPURL(Release{Ecosystem: NPM, Name: st.Publish.Name, Version: st.Publish.Version})
		for _, subject := range st.Subjects {
			if string(subject.Name) != named {
				return differs("the predicate was made for another release than the subject", subject.Name, untrusted.Text(named))
			}
		}
		return pass("the predicate is about the release that the subject names")
	case statement.PyPIPublish:
		return checkPublish(st, Release{})
	case statement.ProvenanceV02, statement.ProvenanceV1:
		return pass("the predicate type is " + st.PredicateType.String())
	}
	return skip("the predicate type is " + untrusted.Shorten(string(st.PredicateType), 200) + ", of which plimsoll knows no rules")
}

// checkIdentityAlone holds that nobody contradicts the certificate. Who it
// names is proven; whether that is who it should be, nobody said.
func checkIdentityAlone(p *Publisher, st *statement.Statement, off OfferedAttestation) outcome {
	if p.Repository != "" {
		if out, ok := checkSource(p, Release{}, ""); !ok && out.status == Fail {
			return out
		}
	}
	if st != nil {
		if out, ok := checkClaims(p, st); !ok {
			return out
		}
	}
	if off.Publisher != nil {
		return checkClaimedPublisher(p, off.Publisher)
	}
	return pass("the certificate says who signed; it is compared with nobody's expectation")
}

// compareInspected sets the certificate beside what the statement and the
// file's own publisher object say, for the first attestation that holds.
func (d *Dossier) compareInspected() {
	for _, b := range d.Bundles {
		att := b.Attestation
		if att.Publisher == nil {
			continue
		}
		w := witnesses{publisher: att.Publisher, claimed: att.Claimed}
		if b.Statement != nil {
			w.statement = b.Statement.Provenance
		}
		d.Comparison, _ = w.rows()
		if d.Status.Holds() {
			d.Publisher = att.Publisher
		}
		return
	}
}

func inspectionFindings(ex Exhibit, art ArtifactReport) []Finding {
	art.Filename = ex.File
	findings := artifactFindings(art, "")
	if ex.Given == nil {
		findings = append(findings, Finding{Rule: "subject.unbound", Severity: Warning,
			Message: "what the evidence is about was not compared with any file: anybody can show genuine evidence of something else"})
	}
	return findings
}

// decideInspected is [decide] for a file of evidence.
func decideInspected(d *Dossier) {
	worst := Bound
	first := map[Status]string{}
	for _, att := range d.Artifacts[0].Attestations {
		if _, ok := first[att.Status]; !ok {
			first[att.Status] = att.Reason
		}
	}
	for _, s := range []Status{Unbound, Unchecked, Invalid} {
		if _, ok := first[s]; ok {
			worst = s
		}
	}
	d.Status, d.Reason = worst, first[worst]
	switch {
	case len(d.Bundles) == 0:
		d.Status, d.Reason = Unchecked, "the file holds no attestation"
	case !worst.Holds() || len(d.Bundles) == 1:
	case worst == Bound:
		d.Reason = fmt.Sprintf("%s, of all %d attestations, and they name the artifact that was given", allLinks(d.Bundles), len(d.Bundles))
	default:
		d.Reason = fmt.Sprintf("%s, of all %d attestations; the first %s, not compared with any file", allLinks(d.Bundles), len(d.Bundles), d.Bundles[0].names())
	}
}

// allLinks is everyLink for several attestations.
func allLinks(bundles []Bundle) string {
	for i := range bundles {
		if unused := bundles[i].unused(); unused != "" {
			return fmt.Sprintf("every link that was used (in attestation %d, %s) verifies", i+1, unused)
		}
	}
	return "every link verifies"
}
