package report

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io"
	"slices"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Schemas of the JSON. Within v1 they only grow.
const (
	PackageSchema = "plimsoll/report/v1"
	CatalogSchema = "plimsoll/reports/v1"
)

// CatalogDocument is the JSON of a whole catalog.
type CatalogDocument struct {
	Schema    string `json:"schema"`
	Generated string `json:"generated"` // RFC 3339, UTC
	Trust     Trust  `json:"trust"`
	// VerifiedNow is false where the results were read back from a file, or
	// there was no trust root.
	VerifiedNow bool              `json:"verified_now"`
	Summary     Summary           `json:"summary"`
	Shard       *ShardDocument    `json:"shard,omitempty"` // absent where the catalog was not split
	Packages    []PackageDocument `json:"packages"`
}

// Trust says what the results rest on: what everything was verified against,
// and what of the catalog was not looked at.
type Trust struct {
	Origin     string `json:"origin"`      // "TUF", "file", "recording", "demo" or "none"
	Root       string `json:"root"`        // where the Sigstore trust root came from
	RootSHA256 string `json:"root_sha256"` // hex over the trust root's bytes; "" where none was needed
	Keys       string `json:"keys"`        // where the npm registry's keys came from
	Demo       bool   `json:"demo"`        // made up: it proves nothing outside the demo
	// OwnKeys says that keys came from the very registries that they are of.
	OwnKeys bool `json:"own_keys,omitempty"`
	// Problem says why there was no trust root: then nothing was verified.
	Problem string `json:"problem,omitempty"`
	// NotRead are the specs of protocols that plimsoll does not know.
	NotRead catalog.UnreadSpecs `json:"not_read,omitempty"`
}

// Summary counts the packages of a catalog.
type Summary struct {
	Total      int              `json:"total"`
	ByStatus   Count            `json:"by_status"`
	ByProtocol map[string]Count `json:"by_protocol"`
}

// PackageDocument is the JSON of one package. Strings hold what was received,
// uncleaned: the encoding makes them harmless, and a reader gets the bytes
// back. Invalid UTF-8 becomes U+FFFD, as JSON knows no other.
type PackageDocument struct {
	Schema  string        `json:"schema"`
	Package PackageName   `json:"package"`
	Status  verify.Status `json:"status"`
	Reason  string        `json:"reason"`
	// VerifiedNow is false where the results were read back from a file, or
	// there was no trust root.
	VerifiedNow bool                 `json:"verified_now"`
	Publisher   *PublisherDocument   `json:"publisher"` // null unless a certificate verified
	SLSA        SLSADocument         `json:"slsa"`
	Artifacts   []ArtifactDocument   `json:"artifacts"`
	Comparison  []ComparisonDocument `json:"comparison"`
	Findings    []FindingDocument    `json:"findings"`
	Sources     []SourceDocument     `json:"sources,omitempty"` // absent where nothing was fetched
	// Unverified says why nothing was verified, where there was no trust root:
	// the attestations then hold what the evidence says of itself.
	Unverified string `json:"unverified,omitempty"`
	// Inspected is there for a file of evidence, in place of a package.
	Inspected *InspectedDocument `json:"inspected,omitempty"`
}

// SourceDocument says where a piece of evidence came from, and how old it is.
type SourceDocument struct {
	What   string `json:"what"` // "manifest", "attestations", "simple index", …
	URL    string `json:"url"`  // without credentials
	Time   string `json:"time"` // RFC 3339, UTC: when it was fetched or recorded
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"` // bytes
}

// PackageName says which package of which spec this is.
type PackageName struct {
	Protocol string `json:"protocol"`
	Name     string `json:"name"`
	Version  string `json:"version"`
	Server   string `json:"server"`
	Spec     string `json:"spec"`
}

// PublisherDocument is who built and published, from a verified certificate.
type PublisherDocument struct {
	Kind         string `json:"kind"`
	Repository   string `json:"repository"`
	Workflow     string `json:"workflow"`
	Ref          string `json:"ref"`
	Commit       string `json:"commit"`
	Issuer       string `json:"issuer"`
	Signer       string `json:"signer"`
	Runner       string `json:"runner"`
	Trigger      string `json:"trigger"`
	RepositoryID string `json:"repository_id"`
	OwnerID      string `json:"owner_id"`
	Run          string `json:"run"`
}

// SLSADocument is the SLSA v1.0 build level, 0 to 3.
type SLSADocument struct {
	BuildLevel int    `json:"build_level"`
	Reason     string `json:"reason"`
}

// ArtifactDocument is one file of the release.
type ArtifactDocument struct {
	Name         string                `json:"name"`
	Digest       string                `json:"digest"` // "sha512:…", "sha256:…" or ""
	Status       verify.Status         `json:"status"`
	Attestations []AttestationDocument `json:"attestations"`
	Signatures   []SignatureDocument   `json:"signatures"`
}

// AttestationDocument is one attestation. A verified one lists its checks only
// where every check was asked for.
type AttestationDocument struct {
	PredicateType string          `json:"predicate_type"`
	Status        verify.Status   `json:"status"`
	Reason        string          `json:"reason"`
	Checks        []CheckDocument `json:"checks"`
	Log           []LogDocument   `json:"log"`
	// Says is what the attestation states, proven only where its status says
	// so. It is there where nothing was verified, and for a file of evidence.
	Says *SaysDocument `json:"says,omitempty"`
}

// CheckDocument is one link of the chain.
type CheckDocument struct {
	ID     string `json:"id"`
	Status string `json:"status"` // "not run", "pass", "fail", "blocked" or "not applicable"
	Reason string `json:"reason"`
}

// LogDocument is one entry of a transparency log, as the bundle has it.
// IndexSigned says that the log's own signature over the index and the time
// verified; without it both are only what the bundle says.
type LogDocument struct {
	Origin      string `json:"origin"`
	Index       int64  `json:"index"`
	Time        string `json:"time"` // RFC 3339, UTC; "" where the entry has none
	Kind        string `json:"kind"`
	IndexSigned bool   `json:"index_signed"`
}

// SignatureDocument is one signature of the registry.
type SignatureDocument struct {
	KeyID  string        `json:"keyid"`
	Status verify.Status `json:"status"`
	Reason string        `json:"reason"`
}

// ComparisonDocument is one field in the words of the four witnesses.
type ComparisonDocument struct {
	Field       string `json:"field"`
	Spec        string `json:"spec"`
	Certificate string `json:"certificate"`
	Statement   string `json:"statement"`
	Registry    string `json:"registry"`
	Result      string `json:"result"` // "match", "mismatch", "differs" or "only"
}

// FindingDocument is something that a maintainer should know.
type FindingDocument struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"` // "error", "warning" or "info"
	Message  string `json:"message"`
	Expected string `json:"expected"`
	Observed string `json:"observed"`
	// Decision is what people decided about it, Known that they accepted it.
	Decision string `json:"decision,omitempty"`
	Known    bool   `json:"known,omitempty"`
}

// WriteJSON writes one package as indented JSON.
func WriteJSON(w io.Writer, p Package) error {
	return write(w, packageDocument(p))
}

// WriteCatalogJSON writes all packages, in their order, as indented JSON.
func WriteCatalogJSON(w io.Writer, packages []Package, trust Trust, generated time.Time) error {
	return write(w, catalogDocument(packages, trust, generated))
}

func catalogDocument(packages []Package, trust Trust, generated time.Time) CatalogDocument {
	byProtocol := map[string]Count{"npx": CountStatuses(nil), "uvx": CountStatuses(nil)}
	for _, p := range packages {
		protocol := string(p.Spec.Protocol)
		if byProtocol[protocol] == nil {
			byProtocol[protocol] = CountStatuses(nil)
		}
		byProtocol[protocol][p.Report.Status.String()]++
	}
	return CatalogDocument{
		Schema:      CatalogSchema,
		Generated:   timestamp(generated),
		Trust:       trust,
		VerifiedNow: slices.ContainsFunc(packages, verifiedNow),
		Summary:     Summary{len(packages), CountStatuses(packages), byProtocol},
		Packages:    list(packages, packageDocument),
	}
}

func write(w io.Writer, document any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(document); err != nil {
		return err
	}
	// Bytes that are not UTF-8 are written as \ufffd; what was read back and is
	// written again holds the character.
	_, err := w.Write(bytes.ReplaceAll(untrusted.EscapeJSON(b.Bytes()), []byte("\ufffd"), []byte(`\ufffd`)))
	return err
}

func packageDocument(p Package) PackageDocument {
	r := p.Report
	d := PackageDocument{
		Schema: PackageSchema,
		Package: PackageName{
			Protocol: string(p.Spec.Protocol),
			Name:     string(p.Spec.Package),
			Version:  string(p.Spec.Version),
			Server:   string(p.Spec.Server),
			Spec:     string(p.Spec.Path),
		},
		Status:      r.Status,
		Reason:      p.reason(),
		VerifiedNow: verifiedNow(p),
		Publisher:   publisherDocument(r.Publisher),
		SLSA:        SLSADocument{r.SLSA.Level, r.SLSA.Reason},
		Artifacts:   list(r.Artifacts, artifactDocument),
		Comparison:  list(r.Comparison, comparisonDocument),
		Findings:    list(r.Findings, findingDocument),
		Sources:     sourceDocuments(r.Sources),
	}
	d.Unverified = r.Unverified
	if r.Inspected != nil {
		d.Inspected = inspectedDocument(r.Inspected)
	}
	return d
}

func verifiedNow(p Package) bool { return !p.Report.ReadBack && p.Report.Unverified == "" }

func sourceDocuments(sources []verify.Source) []SourceDocument {
	var out []SourceDocument
	for _, s := range sources {
		out = append(out, SourceDocument{s.What, string(s.URL), timestamp(s.Time), hex.EncodeToString(s.SHA256[:]), s.Size})
	}
	return out
}

func publisherDocument(p *verify.Publisher) *PublisherDocument {
	if p == nil {
		return nil
	}
	return &PublisherDocument{
		Kind:         p.Kind,
		Repository:   string(p.Repository),
		Workflow:     string(p.Workflow),
		Ref:          string(p.Ref),
		Commit:       string(p.Commit),
		Issuer:       string(p.Issuer),
		Signer:       string(p.Signer),
		Runner:       string(p.Runner),
		Trigger:      string(p.Trigger),
		RepositoryID: string(p.RepositoryID),
		OwnerID:      string(p.OwnerID),
		Run:          string(p.Run),
	}
}

func artifactDocument(a verify.ArtifactReport) ArtifactDocument {
	return ArtifactDocument{
		Name:         string(a.Filename),
		Digest:       a.Digest.String(),
		Status:       a.Status,
		Attestations: list(a.Attestations, attestationDocument),
		Signatures: list(a.Signatures, func(s verify.Signature) SignatureDocument {
			return SignatureDocument{string(s.KeyID), s.Status, s.Reason}
		}),
	}
}

func attestationDocument(a verify.Attestation) AttestationDocument {
	return AttestationDocument{
		PredicateType: string(a.PredicateType),
		Status:        a.Status,
		Reason:        a.Reason,
		Checks: list(a.Checks, func(c verify.Check) CheckDocument {
			return CheckDocument{string(c.ID), c.Status.String(), c.Reason}
		}),
		Log: list(a.Log, func(l verify.LogEntry) LogDocument {
			return LogDocument{string(l.Origin), l.Index, timestamp(l.Time), string(l.Kind), l.IndexSigned}
		}),
		Says: saysDocument(a.Says),
	}
}

func comparisonDocument(c verify.Comparison) ComparisonDocument {
	return ComparisonDocument{
		Field:       c.Field,
		Spec:        string(c.Spec),
		Certificate: string(c.Certificate),
		Statement:   string(c.Statement),
		Registry:    string(c.Registry),
		Result:      string(c.Result),
	}
}

func findingDocument(f verify.Finding) FindingDocument {
	return FindingDocument{f.Rule, f.Severity.String(), f.Message, f.Expected, f.Observed, f.Decision, f.Known}
}

// list converts a slice; the result is never nil, so that JSON has [] and
// never null.
func list[From, To any](from []From, convert func(From) To) []To {
	to := make([]To, 0, len(from))
	for _, v := range from {
		to = append(to, convert(v))
	}
	return to
}

// timestamp is t in RFC 3339 and UTC, "" for the zero time and for a year that
// RFC 3339 cannot write: nobody could read it back.
func timestamp(t time.Time) string {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339)
}
