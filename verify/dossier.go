package verify

import (
	"crypto/sha256"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Dossier is a report and all that there is to look at. Only [Examine] and
// [Inspect] make one; their reports list every check of every attestation.
type Dossier struct {
	Report
	Bundles []Bundle         // one for each attestation of the report, in its order
	Records []RecordEvidence // one for each record of the checksum database
}

// Bundle is the Sigstore bundle of one attestation, decoded for people to look
// at, as far as it could be and verified or not: the attestation's status says
// which.
type Bundle struct {
	Artifact     *ArtifactReport // of the report
	Attestation  *Attestation    // of the report
	Certificates []Certificate   // the leaf first
	SCTs         []SCT
	Log          []BundleEntry
	Timestamps   []Timestamp // RFC 3161 timestamps offered
	Statement    *statement.Statement
	Message      *Digest // what a message signature is over, as the bundle says, or nil
	Raw          []byte  // the object as the registry served it
}

// newDossier makes room for a report on artifacts and for what is offered for
// them.
func newDossier(report Report, artifacts []Artifact) *Dossier {
	d := &Dossier{Report: report}
	d.Artifacts = make([]ArtifactReport, len(artifacts))
	for i, art := range artifacts {
		out := &d.Artifacts[i]
		*out = ArtifactReport{
			Filename: art.Filename, Digest: art.Digest, Integrity: art.Integrity, Yanked: art.Yanked, Excluded: art.Excluded,
		}
		out.Attestations = make([]Attestation, len(art.Attestations))
		for j := range out.Attestations {
			d.Bundles = append(d.Bundles, Bundle{Artifact: out, Attestation: &out.Attestations[j]})
		}
	}
	return d
}

// Bundle returns what there is to look at of an attestation of the dossier's
// report, or nil if there is no dossier.
func (d *Dossier) Bundle(att *Attestation) *Bundle {
	if d == nil {
		return nil
	}
	for i := range d.Bundles {
		if d.Bundles[i].Attestation == att {
			return &d.Bundles[i]
		}
	}
	return nil
}

// Record returns what there is to look at of a record of the report, or nil if there is
// no dossier.
func (d *Dossier) Record(r *Record) *RecordEvidence {
	if d == nil {
		return nil
	}
	for i := range d.Records {
		if d.Records[i].Record == r {
			return &d.Records[i]
		}
	}
	return nil
}

// offered fills in what is known of an attestation before it is opened.
func (b *Bundle) offered(off OfferedAttestation) *Attestation {
	b.Raw = off.Raw
	*b.Attestation = Attestation{PredicateType: off.PredicateType, Claimed: off.Publisher, Source: off.Source}
	if len(off.Raw) > 0 {
		b.Attestation.RawSHA256 = sha256.Sum256(off.Raw)
	}
	return b.Attestation
}

// opened fills in who says to have signed a bundle.
func (att *Attestation) opened(o *opened) {
	att.MediaType = untrusted.Text(o.GetMediaType())
	if o.leaf == nil {
		att.Kind, att.KeyID = KindPublish, untrusted.Text(o.keyHint)
		return
	}
	att.Kind = KindProvenance
	att.Leaf = &Leaf{Issuer: untrusted.Text(o.leaf.Issuer.String()), NotBefore: o.leaf.NotBefore.UTC(), NotAfter: o.leaf.NotAfter.UTC()}
}

// states fills in a statement, to be looked at.
func (b *Bundle) states(st *statement.Statement) {
	b.Statement, b.Attestation.PredicateType = st, st.PredicateType
	for i := range st.Subjects {
		b.Attestation.Subjects = append(b.Attestation.Subjects, st.Subjects[i].Name)
	}
}

// keepLog copies into the attestation what a report says of its log entries.
func (b *Bundle) keepLog() {
	for i := range b.Log {
		b.Attestation.Log = append(b.Attestation.Log, b.Log[i].LogEntry)
	}
}

// unused names what an attestation offers and its verdict does not rest on; ""
// if it rests on everything.
func (b *Bundle) unused() string {
	var list []string
	if stamps := unusedStamps(b.Timestamps); stamps != "" {
		list = append(list, stamps)
	}
	strange := 0
	for i := range b.Log {
		if b.Log[i].KnownLog == "" {
			strange++
		}
	}
	if strange > 0 {
		list = append(list, untrusted.Plural(strange, "log entry")+", in a log that the trust root does not hold, not used")
	}
	return strings.Join(list, "; ")
}

// everyLink is the reason of an attestation that verifies, with what was not
// used.
func (b *Bundle) everyLink() string {
	if unused := b.unused(); unused != "" {
		return "every link that was used verifies (" + unused + ")"
	}
	return "every link verifies"
}

// say puts into the report what the attestation states of itself.
func (b *Bundle) say() {
	s := &Says{Kind: b.Attestation.Kind, KeyID: b.Attestation.KeyID}
	if b.Message != nil {
		s.Digest = *b.Message
	}
	if b.Statement != nil {
		s.Subjects = b.Statement.Subjects
	}
	if len(b.Certificates) > 0 {
		leaf := &b.Certificates[0]
		s.Certificate = &SaidCertificate{Names: leaf.SANs, Leaf: *b.Attestation.Leaf, SHA256: leaf.SHA256, Extensions: map[int]untrusted.Text{}}
		for _, e := range leaf.Extensions {
			if e.Number > 0 {
				s.Certificate.Extensions[e.Number] = e.Value
			}
		}
	}
	b.Attestation.Says = s
}

// Certificate is one X.509 certificate, decoded for display.
type Certificate struct {
	Role       string // "leaf", "intermediate" or "root"
	Subject    untrusted.Text
	Issuer     untrusted.Text
	Serial     string // lower-case hex
	NotBefore  time.Time
	NotAfter   time.Time
	SANs       []untrusted.Text
	PublicKey  string // "ECDSA P-256"
	Signature  string // "ECDSA-SHA384"
	SHA256     string // hex of the DER's hash
	Extensions []Extension
	FromBundle bool // false: from the trust root
}

// Extension is one X.509 extension of a certificate.
type Extension struct {
	OID      string
	Number   int    // the last arc of a Fulcio extension, 0 for any other
	Name     string // "Source Repository URI"; or "" if unknown
	Value    untrusted.Text
	Critical bool
	Legacy   bool // Fulcio 1 to 6: deprecated
}

// SCT is a signed certificate timestamp embedded in the leaf (RFC 6962).
type SCT struct {
	LogID  string // hex
	Time   time.Time
	Known  bool // the trust root knows the log
	Status CheckStatus
	Reason string
}

// BundleEntry is a log entry with all that proves it.
type BundleEntry struct {
	LogEntry
	ShardIndex int64
	TreeSize   int64
	BodyKind   untrusted.Text // the kind as the body says
	UUID       string         // 16 hex digits tree id + leaf hash; "" without a tree id
	HasSET     bool
	SET        CheckStatus
	HasProof   bool
	Inclusion  CheckStatus
	Checkpoint CheckStatus
	Proof      InclusionProof
	Note       untrusted.Text // the checkpoint as served
	Body       []byte         // the canonicalized body
}

// InclusionProof is an RFC 6962 inclusion proof with every hash recomputed.
type InclusionProof struct {
	LeafHash []byte
	Steps    []ProofStep // from the leaf to the root
	Computed []byte      // the root that the path leads to; nil when the proof is malformed
	Claimed  []byte      // the root hash in the bundle
	Signed   []byte      // the root hash in the checkpoint
	Problem  string      // why Computed is nil
}

// ProofStep is one step up the tree: Result = SHA-256(0x01 ‖ left ‖ right).
type ProofStep struct {
	Sibling     []byte
	SiblingLeft bool
	Result      []byte
}
