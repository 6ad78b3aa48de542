package verify

import (
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// EvidenceFile is a file of evidence as somebody has it, apart from any release:
// nobody says which package it should be about.
type EvidenceFile struct {
	Name         untrusted.Text // for people
	Kind         string         // what it was recognised as: "Sigstore bundle v0.3"
	Attestations []OfferedAttestation
	Record       []byte // a checksum database's answer about one version of a module, in place of attestations
	Source       Source
	Given        *Given // the artifact that it is compared with, or nil for none
}

// Given is the artifact that a person has beside a file of evidence.
type Given struct {
	Name    untrusted.Text `json:"name"`    // the file's name, or the digest as it was given
	Digests []Digest       `json:"digests"` // all of the same bytes
}

// Inspected is the file of evidence that a report is about.
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
func Inspect(file EvidenceFile, trust Trust) Dossier {
	a, err := newAttester(trust, true)
	return a.inspect(file, filed{given: file.Given}, err)
}

// inspect is Inspect by an attester; err says why there is none that can be used.
func (a *attester) inspect(file EvidenceFile, to filed, err error) Dossier {
	report := Report{
		Inspected: &Inspected{File: file.Name, Kind: file.Kind, SHA256: file.Source.SHA256, Given: file.Given},
		SLSA:      SLSA{Reason: "a build level is a package's: a file of evidence has none"},
	}
	if err != nil {
		report.Status, report.Reason = Unchecked, untrusted.Message(err)
		return Dossier{Report: report}
	}
	report.Sources, report.Unverified = []Source{file.Source}, a.unverified
	art := Artifact{Attestations: file.Attestations}
	if file.Given != nil {
		art.Filename, art.Digest = file.Given.Name, file.Given.Digests[0]
	}
	d := newDossier(report, []Artifact{art})
	for i, off := range file.Attestations {
		d.Findings = append(d.Findings, a.attest(&d.Bundles[i], off, to)...)
		d.Bundles[i].say()
	}
	decide(d)
	d.Artifacts[0].Status, d.Artifacts[0].Reason = d.Status, d.Reason
	if d.Unverified == "" {
		d.addFindings(inspectionFindings(file, d.Artifacts[0]))
		d.compareInspected()
	}
	return *d
}

// filed is what an attestation in a file of evidence must be about, and who must
// have signed it, as far as anybody says so.
type filed struct {
	given   *Given        // the artifact that was given, or nil for none
	signer  *Signer       // who must have signed, or nil for nobody in particular
	content io.ReadSeeker // the bytes of given, or nil if only its digests are known
}

// accept implements binding.
func (f filed) accept(o *opened) (*opened, error) {
	if f.signer == nil {
		return o, nil
	}
	o.ownKey, o.artifact = f.signer.Key != nil, f.content
	return o, o.bringsRoot()
}

// policy implements binding. A message signature is bound to the digest that the
// bundle itself names, which says nothing until that is compared with a file.
func (f filed) policy(o *opened) (artifact sigverify.ArtifactPolicyOption, identity sigverify.PolicyOption, err error) {
	if f.signer != nil {
		return f.signed()
	}
	if o.message != nil {
		return artifactPolicy(*o.message), o.anyIdentity(), nil
	}
	return sigverify.WithoutArtifactUnsafe(), o.anyIdentity(), nil
}

// bind implements binding: what the evidence says of itself must agree, and it
// must name the artifact that was given.
func (f filed) bind(list *checklist, b *Bundle, o *opened, off OfferedAttestation) *Publisher {
	st := b.Statement
	if o.message != nil {
		list.run(CheckSubject, []CheckID{CheckSignature}, func() outcome { return f.checkGiven([]map[string]untrusted.Text{o.message.set()}, b.names()) })
	} else {
		list.run(CheckSubject, []CheckID{CheckStatement}, func() outcome { return f.checkGiven(subjectDigests(st), b.names()) })
		list.run(CheckPredicate, []CheckID{CheckStatement}, func() outcome { return f.predicate(st, off) })
	}
	b.Attestation.Kind = b.kind()
	switch {
	case o.leaf != nil:
		return o.identify(list, func(p *Publisher) outcome { return f.identity(p, st, off) })
	case f.signer != nil:
		list.run(CheckIdentity, []CheckID{CheckStatement, CheckSignature}, func() outcome { return f.signer.check(nil) })
	}
	return nil
}

// holds implements binding: what holds is no verdict on a package.
func (f filed) holds(b *Bundle) (Status, string) {
	if f.given == nil {
		return Unbound, b.everyLink() + "; it " + b.names() + ", not compared with any file"
	}
	return Bound, b.everyLink() + ", and it names the artifact that was given"
}

// kind names an attestation by what it is, not by what signed it: a key may sign
// provenance, and a payload that cannot be read is of no kind.
func (b *Bundle) kind() Kind {
	switch {
	case b.Message != nil:
		return KindMessage
	case b.Statement == nil:
		return KindUnknown
	}
	kind, keyed := PredicateKind(b.Statement.PredicateType), b.Attestation.Kind == KindPublish
	switch b.Statement.PredicateType {
	case statement.NPMPublish, statement.PyPIPublish:
		if keyed != (kind == KindPublish) {
			return KindStatement
		}
	}
	return kind
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
func (f filed) checkGiven(named []map[string]untrusted.Text, names string) outcome {
	if f.given == nil {
		return outcome{status: NotRun, reason: names + "; not compared with any file"}
	}
	given := f.given.Digests[0].String()
	compared, other := false, ""
	for _, digests := range named {
		same, differ := "", ""
		for _, d := range f.given.Digests {
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
		return blocked("the evidence names no digest of the kind that was given: " + algorithms(f.given.Digests))
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

// names is what an attestation is about, in a few words, cleaned.
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

// shortDigest writes a digest for a sentence: "sha512:7bea9f6e…".
func shortDigest(algorithm, sum string) string {
	if raw, err := hex.DecodeString(sum); err == nil {
		sum = shortHex(raw)
	}
	return fmt.Sprintf("%s:%s", untrusted.Clean(untrusted.Shorten(algorithm, 32)), untrusted.Shorten(sum, 80))
}

// predicate checks what a predicate must obey whatever the release:
// the wrapper's label, and that npm's publish predicate is about the release
// that its own subject names.
func (f filed) predicate(st *statement.Statement, off OfferedAttestation) outcome {
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

// identity checks that nobody contradicts the certificate. Who it names is proven;
// whether that is who it should be, only a signer that was given can tell.
func (f filed) identity(p *Publisher, st *statement.Statement, off OfferedAttestation) outcome {
	if p.Repository != "" {
		if out := checkSource(p, "", nil); out.status == Fail {
			return out
		}
	}
	if st != nil {
		if out := checkClaims(p, st); out.status != Pass {
			return out
		}
	}
	if off.Publisher != nil {
		if out := checkClaimedPublisher(p, off.Publisher); out.status != Pass || f.signer == nil {
			return out
		}
	}
	if f.signer != nil {
		return f.signer.check(p)
	}
	return pass("the certificate says who signed; it is compared with nobody's expectation")
}

// compareInspected sets the certificate beside what the statement and the
// file's own publisher object say, for the first attestation that holds. The
// attestations of a list may have several publishers: then none is the file's.
func (d *Dossier) compareInspected() {
	signed := func(b Bundle) bool { return b.Attestation.Publisher != nil }
	i := slices.IndexFunc(d.Bundles, signed)
	if i < 0 {
		return
	}
	first := d.Bundles[i].Attestation.Publisher
	if slices.ContainsFunc(d.Bundles, func(b Bundle) bool { return signed(b) && *b.Attestation.Publisher != *first }) {
		return
	}
	d.Comparison, _ = witnesses{}.beside(d.Bundles[i]).rows()
	if d.Status.Holds() {
		d.Publisher = first
	}
}

func inspectionFindings(file EvidenceFile, art ArtifactReport) []Finding {
	art.Filename = file.Name
	findings := artifactFindings(art, "")
	if file.Given == nil {
		findings = append(findings, Finding{Rule: "subject.unbound", Severity: Warning,
			Message: "what the evidence is about was not compared with any file: anybody can show genuine evidence of something else"})
	}
	return findings
}

// decideInspected is [decide] for a file of evidence.
func decideInspected(d *Dossier) {
	if len(d.Bundles) == 0 {
		d.Status, d.Reason = Unchecked, "the file holds no attestation"
		return
	}
	n, bound := len(d.Bundles), func(b Bundle) bool { return b.Attestation.Status == Bound }
	for _, s := range []Status{Bound, Unbound, Unchecked, Invalid} {
		i := slices.IndexFunc(d.Bundles, func(b Bundle) bool { return b.Attestation.Status == s })
		if i < 0 {
			continue
		}
		d.Status, d.Reason = s, d.Bundles[i].Attestation.Reason
		if n > 1 {
			d.Reason = fmt.Sprintf("attestation %d of %d: %s", i+1, n, d.Reason)
		}
	}
	switch {
	case d.Inspected.Given != nil && n > 1 && !slices.ContainsFunc(d.Bundles, bound):
		d.Reason = fmt.Sprintf("no attestation of %d verifies and names the artifact that was given; %s", n, d.Reason)
	case !d.Status.Holds() || n == 1:
	case d.Status == Bound:
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
