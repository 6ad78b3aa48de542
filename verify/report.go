package verify

import (
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// Report is the verdict on one package and what it rests on, in a few kilobytes
// however large the evidence is; a [Dossier] holds what there is to look at as
// well. Its Status is computed in decide and nowhere else. The zero value is
// pending.
type Report struct {
	Release    Release
	Registry   untrusted.Text
	Status     Status
	Reason     string     // one plain sentence
	Publisher  *Publisher // from the first verified provenance; or nil if none verified
	SLSA       SLSA
	Artifacts  []ArtifactReport
	Comparison []Comparison
	Findings   []Finding
	Claims     Claims
	Sources    []Source
	// Unverified is why nothing of the evidence was verified: there was no
	// trust root. Then Status is Unchecked, and all that follows from the evidence
	// is what it says of itself. It is "" if the evidence was verified.
	Unverified string
	// ReadBack is set if the report was read from a file of results: nothing of it
	// was verified now.
	ReadBack bool
	// Past is what the releases before this one say of it, or nil if nobody asked.
	// What it found stands among the findings as well.
	Past *Past
	// Inspected is set for a report about a file of evidence, apart from any
	// package ([Inspect]).
	Inspected *Inspected
}

// ArtifactReport is the verdict on one file of the release.
type ArtifactReport struct {
	Filename     untrusted.Text `json:"name"`
	Digest       Digest         `json:"digest"`
	Integrity    untrusted.Text `json:"-"`
	Yanked       bool           `json:"-"`
	Status       Status         `json:"status"`
	Reason       string         `json:"-"`
	Attestations []Attestation  `json:"attestations"`
	Signatures   []Signature    `json:"signatures"`
	Record       *Record        `json:"record,omitempty"`   // of the checksum database, or nil if none was offered
	Excluded     string         `json:"excluded,omitempty"` // the setting that keeps a Go module from the database, or ""
}

// Hash names the artifact's bytes: its digest, or "h1:…" of the record of a Go module's
// zip; "" if neither is known.
func (a *ArtifactReport) Hash() string {
	if a.Record != nil {
		return string(a.Record.Zip)
	}
	return a.Digest.String()
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

var kindNames = [...]string{
	KindUnknown: "unknown", KindProvenance: "provenance", KindPublish: "publish",
	KindStatement: "statement", KindMessage: "message signature",
}

// String returns the kind as JSON spells it.
func (k Kind) String() string { return nameOf(kindNames[:], k) }

// MarshalText implements encoding.TextMarshaler.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Kind) UnmarshalText(text []byte) (err error) {
	*k, err = parseName[Kind](kindNames[:], "kind of an attestation", string(text))
	return err
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
// it.
type Attestation struct {
	Kind          Kind           `json:"-"`
	PredicateType untrusted.Text `json:"predicate_type"` // the statement's, or the wrapper's if there is no statement
	MediaType     untrusted.Text `json:"-"`              // the bundle's, or "" if it could not be opened
	Status        Status         `json:"status"`         // Verified, Invalid or Unchecked; of a file of evidence Bound or Unbound, Invalid or Unchecked
	Reason        string         `json:"reason"`
	// Checks are the links of the chain in order: always those of an
	// attestation that did not verify, and in a [Dossier] those of every one.
	Checks    []Check           `json:"checks"`
	Publisher *Publisher        `json:"-"` // nil unless the attestation verifies and a certificate signed
	Claimed   *ClaimedPublisher `json:"-"`
	SignedAt  time.Time         `json:"-"` // the verified observer time, or zero if none was verified
	KeyID     untrusted.Text    `json:"-"` // the key's id if no certificate signed
	Leaf      *Leaf             `json:"-"` // the certificate that signed, or nil if a key did
	Log       []LogEntry        `json:"log"`
	Subjects  []untrusted.Text  `json:"-"` // the names of what the statement is about
	// Says is what the attestation states of itself, or nil if that was verified
	// against a package: then it is proven, or refuted.
	Says      *Says    `json:"says,omitempty"`
	RawSHA256 [32]byte `json:"-"` // of the object as the registry served it, or zero if there is none
	Source    Source   `json:"-"`
}

// Leaf is the issuer and the validity of the certificate that signed.
type Leaf struct {
	Issuer    untrusted.Text `json:"issuer"`
	NotBefore time.Time      `json:"not_before"`
	NotAfter  time.Time      `json:"not_after"`
}

// LogEntry is one transparency-log entry of a bundle.
type LogEntry struct {
	Origin      untrusted.Text `json:"origin"`       // first line of the checkpoint
	LogID       string         `json:"-"`            // hex of the key id
	KnownLog    untrusted.Text `json:"-"`            // base URL of the log in the trust root, or "" if unknown
	Index       int64          `json:"index"`        // global index
	Time        time.Time      `json:"time"`         // integrated time, or zero if absent
	Kind        untrusted.Text `json:"kind"`         // "intoto 0.0.2", as kindVersion says
	IndexSigned bool           `json:"index_signed"` // a verified SET covers Index and Time
}

// Says is what an attestation states of itself, proven only if its status says
// so.
type Says struct {
	Kind        Kind                `json:"kind"`
	Digest      Digest              `json:"digest,omitzero"` // what a message signature is over
	Subjects    []statement.Subject `json:"subjects,omitempty"`
	Certificate *SaidCertificate    `json:"certificate,omitempty"` // nil if a key signed
	KeyID       untrusted.Text      `json:"keyid,omitempty"`
}

// SaidCertificate is the leaf certificate of a bundle.
type SaidCertificate struct {
	Names []untrusted.Text `json:"names"` // subject alternative names
	Leaf
	SHA256     string                 `json:"sha256"`     // hex of the DER's hash
	Extensions map[int]untrusted.Text `json:"extensions"` // those of Fulcio, by the last arc
}

// Signature is one registry signature with its verdict.
type Signature struct {
	KeyID  untrusted.Text `json:"keyid"`
	Status Status         `json:"status"` // Verified, Invalid or Unchecked
	Reason string         `json:"reason"`
	Sig    untrusted.Text `json:"-"`
	Signed string         `json:"-"` // the message that was signed, cleaned: name@version:integrity
	Key    *RegistryKey   `json:"-"`
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
	ID       CheckID     `json:"id"`
	Title    string      `json:"-"` // a few plain words: "inclusion proof"
	Status   CheckStatus `json:"status"`
	Needs    []CheckID   `json:"-"`      // the checks without which this one proves nothing
	Reason   string      `json:"reason"` // one sentence: what was compared with what, and what came out
	Expected string      `json:"-"`      // cleaned, or "" if the check compares no two values
	Observed string      `json:"-"`      // cleaned
}

// notReached begins the reason of a check that was blocked by another.
const notReached = "not reached: needs "

// Result is the status that people are told: a check that another one keeps from
// running was not run, and only what blocks by itself could not be checked.
func (c *Check) Result() CheckStatus {
	if c.Status == Blocked && strings.HasPrefix(c.Reason, notReached) {
		return NotRun
	}
	return c.Status
}

// Publisher is who built and published, taken only from a verified
// certificate; the numbers are the Fulcio extensions (1.3.6.1.4.1.57264.1.n).
type Publisher struct {
	Kind         string         `json:"kind"`          // "GitHub", "GitLab", "Google", or "unknown"
	Repository   untrusted.Text `json:"repository"`    // 12: source repository URI
	Workflow     untrusted.Text `json:"workflow"`      // path of the top-level workflow within the source, of 18
	WorkflowURI  untrusted.Text `json:"-"`             // 18
	Ref          untrusted.Text `json:"ref"`           // 14
	Commit       untrusted.Text `json:"commit"`        // 13
	Issuer       untrusted.Text `json:"issuer"`        // 8 or 1: the OIDC issuer
	Signer       untrusted.Text `json:"signer"`        // the subject alternative name
	SignerURI    untrusted.Text `json:"-"`             // 9: the workflow that signed, another one when reusable
	SignerDigest untrusted.Text `json:"-"`             // 10
	Runner       untrusted.Text `json:"runner"`        // 11: "github-hosted", "self-hosted", …
	Trigger      untrusted.Text `json:"trigger"`       // 20
	RepositoryID untrusted.Text `json:"repository_id"` // 15, immutable
	OwnerURI     untrusted.Text `json:"-"`             // 16
	OwnerID      untrusted.Text `json:"owner_id"`      // 17, immutable
	Run          untrusted.Text `json:"run"`           // 21
	Visibility   untrusted.Text `json:"-"`             // 22
	Environment  untrusted.Text `json:"-"`             // 23
	Email        untrusted.Text `json:"-"`             // Google: the address in the subject alternative name
	Deprecated   bool           `json:"-"`             // only extensions 1 to 6 were present
}

// SLSA is the build level (SLSA v1.0, "Build track") and the reason for it.
type SLSA struct {
	Level  int    `json:"build_level"` // 0 to 3
	Reason string `json:"reason"`
}

// Result is how the witnesses of a [Comparison] relate.
type Result string

// The results of a comparison.
const (
	ResultMatch    Result = "match"    // the certificate and all others that speak agree
	ResultMismatch Result = "mismatch" // an error: what the spec demands is not what the certificate proves, or nothing proves it
	ResultDiffers  Result = "differs"  // a warning: two witnesses disagree
	ResultOnly     Result = "only"     // one witness speaks, or several agree that prove nothing
)

// Word is the result as people read it; "unknown" if it is none of these.
func (r Result) Word() string {
	switch r {
	case ResultMatch, ResultMismatch, ResultDiffers:
		return string(r)
	case ResultOnly:
		return "not compared"
	}
	return "unknown"
}

// Comparison is one row of the four witnesses: the spec (expected), the
// certificate (proven), the statement (signed by the job) and the registry's
// metadata (an unsigned claim). "" is silence.
type Comparison struct {
	Field       string         `json:"field"` // "repository", "workflow", "ref", …
	Spec        untrusted.Text `json:"spec"`
	Certificate untrusted.Text `json:"certificate"`
	Statement   untrusted.Text `json:"statement"`
	Registry    untrusted.Text `json:"registry"`
	Result      Result         `json:"result"`
	Reason      string         `json:"-"` // one sentence: how they disagree, or why a spec is compared with nothing; "" else
}

// Finding is something that a maintainer should know.
type Finding struct {
	Rule     string   `json:"rule"` // stable, dotted: "publisher.repository"
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`  // one sentence
	Expected string   `json:"expected"` // cleaned
	Observed string   `json:"observed"` // cleaned
	// Decision is what people decided about the finding, cleaned, or "" if
	// nothing was. Known is set if it was accepted, see [Finding.Waived].
	Decision string `json:"decision,omitempty"`
	Known    bool   `json:"known,omitzero"`
	// Operator is set for what the policy on the command line demands. No
	// decision waives it: whoever writes the catalog writes those.
	Operator bool `json:"-"`
}
