package verify

import (
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Report is everything that plimsoll knows about one package: the verdict, and
// the evidence for it down to the byte. Its Status is computed in decide and
// nowhere else. The zero value is pending.
type Report struct {
	Release    Release
	Registry   untrusted.Text
	Status     Status
	Reason     string     // one plain sentence
	Publisher  *Publisher // from the first verified provenance; nil when none verified
	SLSA       SLSA
	Artifacts  []ArtifactReport
	Comparison []Comparison
	Findings   []Finding
	Claims     Claims
	Sources    []Source
	// Brief says that what is only for looking at was left out; see
	// [Options.Brief].
	Brief bool
	// Unverified says why nothing of the evidence was verified: there was no
	// trust root. Then Status is Unchecked, and all that follows from the evidence
	// is what it says of itself. "" where it was verified.
	Unverified string
	// ReadBack says that the report was read from a file of results: nothing of
	// it was verified now.
	ReadBack bool
	// Inspected is set for a report about a file of evidence, apart from any
	// package ([Inspect]).
	Inspected *Inspected
}

// ArtifactReport is the verdict on one file of the release.
type ArtifactReport struct {
	Filename     untrusted.Text
	Digest       Digest
	Integrity    untrusted.Text
	Yanked       bool
	Status       Status
	Reason       string
	Attestations []Attestation
	Signatures   []Signature
}

// Kind tells the two kinds of attestation apart by whose key signs them.
type Kind uint8

// The kinds of attestation.
const (
	KindUnknown    Kind = iota
	KindProvenance      // signed with a Fulcio certificate by whoever built or published
	KindPublish         // npm: signed with the registry's key
	KindStatement       // any other signed statement; of a package it counts for nothing
	KindMessage         // a signature over a file's digest, without a statement; likewise
)

// String returns "provenance", "publish", "statement", "message signature" or
// "unknown".
func (k Kind) String() string {
	switch k {
	case KindProvenance:
		return "provenance"
	case KindPublish:
		return "publish"
	case KindStatement:
		return "statement"
	case KindMessage:
		return "message signature"
	default:
		return "unknown"
	}
}

// Noun returns what to call an attestation of the kind.
func (k Kind) Noun() string {
	switch k {
	case KindProvenance, KindPublish:
		return k.String() + " attestation"
	case KindStatement:
		return "signed statement"
	case KindMessage:
		return "message signature"
	default:
		return "attestation of unknown kind"
	}
}

// Attestation is one attestation with its verdict and the links that lead to
// it. Certificates, Log, Statement and Raw are for inspection: they are filled
// as far as the evidence could be decoded, verified or not; Status says which.
type Attestation struct {
	Kind          Kind
	PredicateType untrusted.Text // the statement's; the wrapper's where there is no statement
	MediaType     untrusted.Text // the bundle's
	Status        Status         // Verified, Invalid or Unchecked; of a file of evidence Bound or Unbound, Invalid or Unchecked
	Reason        string
	// Checks are the links of the chain in order. They are always there for an
	// attestation that did not verify, and for one that did when
	// [Options.Explain] was set.
	Checks       []Check
	Publisher    *Publisher // nil unless the attestation verifies and a certificate signed
	Claimed      *ClaimedPublisher
	SignedAt     time.Time // the verified observer time, zero where none was verified
	Certificates []Certificate
	SCTs         []SCT
	KeyID        untrusted.Text // publish attestations: the registry key's id
	Log          []LogEntry
	Timestamps   []Timestamp // RFC 3161 timestamps offered
	Statement    *statement.Statement
	Message      *Digest  // what a message signature is over, as the bundle says; else nil
	Raw          []byte   // the object as the registry served it
	RawSHA256    [32]byte // of Raw, zero where there is none
	Source       Source
}

// Signature is one registry signature with its verdict.
type Signature struct {
	KeyID  untrusted.Text
	Status Status // Verified, Invalid or Unchecked
	Reason string
	Sig    untrusted.Text
	Signed string // the message that was signed, cleaned: name@version:integrity
	Key    *RegistryKey
}

// CheckID names a link of the chain. The ids are part of the JSON schema.
type CheckID string

// The checks of one attestation, in the order in which they run. Each
// says in its Reason what it compared.
const (
	CheckParse       CheckID = "bundle.parse"
	CheckTrust       CheckID = "log.known"
	CheckEntry       CheckID = "log.entry"
	CheckSET         CheckID = "log.set"
	CheckInclusion   CheckID = "log.inclusion"
	CheckCheckpoint  CheckID = "log.checkpoint"
	CheckEntryBundle CheckID = "log.binding"
	CheckTime        CheckID = "time"
	CheckChain       CheckID = "certificate.chain"
	CheckSCT         CheckID = "certificate.sct"
	CheckKey         CheckID = "key"
	CheckSignature   CheckID = "signature"
	CheckStatement   CheckID = "statement"
	CheckSubject     CheckID = "subject"
	CheckPredicate   CheckID = "predicate"
	CheckIdentity    CheckID = "identity"
	CheckVerifier    CheckID = "verifier" // sigstore-go's own verdict on the whole bundle
)

// Check is one link of the chain of custody.
type Check struct {
	ID       CheckID
	Title    string // a few plain words: "inclusion proof"
	Status   CheckStatus
	Needs    []CheckID // the checks without which this one proves nothing
	Reason   string    // one sentence: what was compared with what, and what came out
	Expected string    // cleaned; "" where the check compares no two values
	Observed string    // cleaned
}

// Publisher is who built and published, taken only from a verified
// certificate; the numbers are the Fulcio extensions (1.3.6.1.4.1.57264.1.n).
type Publisher struct {
	Kind         string         // "GitHub", "GitLab", "Google", or "unknown"
	Repository   untrusted.Text // 12: source repository URI
	Workflow     untrusted.Text // path of the top-level workflow within the source, of 18
	WorkflowURI  untrusted.Text // 18
	Ref          untrusted.Text // 14
	Commit       untrusted.Text // 13
	Issuer       untrusted.Text // 8 or 1: the OIDC issuer
	Signer       untrusted.Text // the subject alternative name
	SignerURI    untrusted.Text // 9: the workflow that signed, another one when reusable
	SignerDigest untrusted.Text // 10
	Runner       untrusted.Text // 11: "github-hosted", "self-hosted", …
	Trigger      untrusted.Text // 20
	RepositoryID untrusted.Text // 15, immutable
	OwnerURI     untrusted.Text // 16
	OwnerID      untrusted.Text // 17, immutable
	Run          untrusted.Text // 21
	Visibility   untrusted.Text // 22
	Environment  untrusted.Text // 23
	Email        untrusted.Text // Google: the address in the subject alternative name
	Deprecated   bool           // only extensions 1 to 6 were present
}

// SLSA is the build level (SLSA v1.0, "Build track") and the reason for it.
type SLSA struct {
	Level  int // 0 to 3
	Reason string
}

// Result says how the witnesses of a [Comparison] relate.
type Result string

// The results of a comparison.
const (
	ResultMatch    Result = "match"    // the certificate and all others that speak agree
	ResultMismatch Result = "mismatch" // an error: what the spec demands is not what the certificate proves, or nothing proves it
	ResultDiffers  Result = "differs"  // a warning: two witnesses disagree
	ResultOnly     Result = "only"     // one witness speaks, or several agree that prove nothing
)

// Comparison is one row of the four witnesses: the spec (expected), the
// certificate (proven), the statement (signed by the job) and the registry's
// metadata (an unsigned claim). "" is silence.
type Comparison struct {
	Field       string // "repository", "workflow", "ref", …
	Spec        untrusted.Text
	Certificate untrusted.Text
	Statement   untrusted.Text
	Registry    untrusted.Text
	Result      Result
	Reason      string // one sentence: how they disagree, or why a spec is compared with nothing; "" else
}

// Finding is something that a maintainer should know.
type Finding struct {
	Rule     string // stable, dotted: "publisher.repository"
	Severity Severity
	Message  string // one sentence
	Expected string // cleaned
	Observed string // cleaned
	// Decision is what people decided about the finding, cleaned; "" where
	// nothing was. Known says that it was accepted, see [Finding.Waived].
	Decision string
	Known    bool
	// Operator is set for what the policy on the command line demands. No
	// decision waives it: whoever writes the catalog writes those.
	Operator bool
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
	DER        []byte
	FromBundle bool // false: from the trust root
}

// Extension is one X.509 extension of a certificate.
type Extension struct {
	OID      string
	Number   int    // the last arc of a Fulcio extension, 0 for any other
	Name     string // "Source Repository URI"; "" where unknown
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

// LogEntry is one transparency-log entry of a bundle.
type LogEntry struct {
	Origin      untrusted.Text // first line of the checkpoint
	LogID       string         // hex of the key id
	KnownLog    untrusted.Text // base URL of the log in the trust root, "" when unknown
	Index       int64          // global index
	IndexSigned bool           // a verified SET covers Index and Time
	ShardIndex  int64
	TreeSize    int64
	Time        time.Time      // integrated time, zero where absent
	Kind        untrusted.Text // "intoto 0.0.2", as kindVersion says
	BodyKind    untrusted.Text // the same, as the body says
	UUID        string         // 16 hex digits tree id + leaf hash; "" without a tree id
	HasSET      bool
	SET         CheckStatus
	HasProof    bool
	Inclusion   CheckStatus
	Checkpoint  CheckStatus
	Proof       InclusionProof
	Note        untrusted.Text // the checkpoint as served
	Body        []byte         // the canonicalized body
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
