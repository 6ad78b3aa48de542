package verify

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// Ecosystem names a package registry protocol. It is also the purl type.
type Ecosystem string

// The ecosystems.
const (
	NPM  Ecosystem = "npm"
	PyPI Ecosystem = "pypi"
	Go   Ecosystem = "golang"
)

// EcosystemOf returns the ecosystem whose packages a protocol runs, or "".
func EcosystemOf(p catalog.Protocol) Ecosystem {
	switch p {
	case catalog.NPX:
		return NPM
	case catalog.UVX:
		return PyPI
	case catalog.Go:
		return Go
	}
	return ""
}

// Release names one version of one package, as the spec writes it.
type Release struct {
	Ecosystem Ecosystem
	Name      untrusted.Text
	Version   untrusted.Text
}

// Source is where a piece of evidence came from.
type Source struct {
	What   string         `json:"what"`   // our name for it: "manifest", "attestations", "simple index", …
	URL    untrusted.Text `json:"url"`    // without credentials
	Time   time.Time      `json:"time"`   // when it was fetched, or recorded
	SHA256 [32]byte       `json:"sha256"` // over the body as received, after content decoding
	Size   int            `json:"size"`   // bytes of that body
}

// Oldest returns when the oldest of the sources was fetched. Those that do not
// say, whose time is zero, do not count.
func Oldest(sources []Source) (oldest time.Time) {
	for _, s := range sources {
		oldest = untrusted.Earlier(oldest, s.Time)
	}
	return oldest
}

// Evidence is what a registry offered for a release, unverified. A registry
// client fills it; [Verify] judges it.
type Evidence struct {
	Release   Release
	Registry  untrusted.Text // base URL of the registry it came from
	Artifacts []Artifact
	// Unplaced are the first files that the index lists and no rule places in a
	// release (eggs, installers, files of other projects), MoreUnplaced how many
	// came after them.
	Unplaced     []untrusted.Text
	MoreUnplaced int
	Claims       Claims
	Sources      []Source
	// Findings are the warnings and information of the registry's client: how the
	// evidence was served, and what is configured and not honoured. They change no
	// status.
	Findings []Finding

	// PublishTime is npm's time[version], unsigned, or zero if the registry
	// gives none. It is fetched only when a signing key has an end date.
	PublishTime time.Time
	// PublishTimeError is why PublishTime, which was needed, is not known.
	PublishTimeError string
}

// Claims is what the registry's metadata says of the release. Nothing signs
// it, and it changes no status.
type Claims struct {
	Repository untrusted.Text `json:"repository,omitzero"` // as served: a URL or npm's shorthand; or "" if absent
	Homepage   untrusted.Text `json:"homepage,omitzero"`
	License    untrusted.Text `json:"license,omitzero"`
	Deprecated untrusted.Text `json:"deprecated,omitzero"` // npm, Go: the deprecation message; PyPI: the reason for a yank
	Retracted  untrusted.Text `json:"retracted,omitzero"`  // Go: why the newest version's go.mod retracts this one; or ""
	Origin     Origin         `json:"origin,omitzero"`     // Go: where the module proxy says that it got the version
	NPMUser    NPMUser        `json:"npm_user,omitzero"`
}

// Origin is what a module proxy says of the commit that a version is; its repository
// is Claims.Repository.
type Origin struct {
	VCS    untrusted.Text `json:"vcs,omitzero"` // "git"
	Ref    untrusted.Text `json:"ref,omitzero"` // "refs/tags/v1.2.3"
	Commit untrusted.Text `json:"commit,omitzero"`
}

// NPMUser is npm's _npmUser: who the registry says published a version, and how.
type NPMUser struct {
	Name untrusted.Text `json:"name,omitzero"`
	// TrustedPublisher is the kind of CI that published without a token of a
	// person, as "github"; "not named" if the registry says only that there is one.
	TrustedPublisher       untrusted.Text `json:"trusted_publisher,omitzero"`
	TrustedPublisherConfig untrusted.Text `json:"trusted_publisher_config,omitzero"` // oidcConfigId: npm's id of what was trusted
	// Approver is who approved a staged publish, with a second factor; "not named"
	// if the registry says only that somebody did.
	Approver untrusted.Text `json:"approver,omitzero"`
}

// Artifact is one file of a release: npm has exactly one, the tarball; PyPI
// has an sdist and wheels.
type Artifact struct {
	Filename untrusted.Text // PyPI: the file's name; npm: the last segment of dist.tarball
	// Digest is what the registry says of the file's bytes and what every
	// piece of evidence must be bound to: sha512 for npm, sha256 for PyPI.
	// Hex is "" when the registry gave none that is usable.
	Digest Digest
	// Integrity is npm's SRI string as served (dist.integrity, or "sha1-" and
	// base64 of dist.shasum if that is absent): registry signatures cover
	// exactly these bytes.
	Integrity untrusted.Text
	// Derived is set if the registry serves no dist.integrity: what it signed may
	// then be another string.
	Derived      bool
	Yanked       bool
	Signatures   []OfferedSignature
	Attestations []OfferedAttestation
	// Record is what the checksum database offers of a Go module, or nil. Excluded is
	// the setting that keeps the module from it, or "".
	Record   *OfferedRecord
	Excluded string
	// Missing is why evidence that the registry advertises for this file
	// could not be fetched ("advertised, and the registry answers 404"). Then the
	// artifact is unchecked, never without evidence.
	Missing string
}

// Digest is a hash over an artifact's bytes.
type Digest struct {
	Algorithm string // "sha512" or "sha256"
	Hex       string // lower case
}

// String returns "sha512:…", or "" for no digest.
func (d Digest) String() string {
	if d.Hex == "" {
		return ""
	}
	return d.Algorithm + ":" + d.Hex
}

// MarshalText implements encoding.TextMarshaler.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler; "" is no digest.
func (d *Digest) UnmarshalText(text []byte) error {
	*d = Digest{}
	if len(text) == 0 {
		return nil
	}
	algorithm, sum, _ := strings.Cut(string(text), ":")
	size := map[string]int{"sha256": 32, "sha512": 64}[algorithm]
	if raw, err := hex.DecodeString(sum); err != nil || size == 0 || len(raw) != size || sum != strings.ToLower(sum) {
		return fmt.Errorf("expected a digest such as sha256:…, found %q", untrusted.Text(text))
	}
	*d = Digest{Algorithm: algorithm, Hex: sum}
	return nil
}

// OfferedSignature is one of npm's dist.signatures.
type OfferedSignature struct {
	KeyID untrusted.Text // a label; the key itself decides
	Sig   untrusted.Text // base64 of a DER ECDSA signature
}

// OfferedAttestation is one attestation as offered: a Sigstore bundle, and
// what the wrapper around it claims.
type OfferedAttestation struct {
	// Bundle is the Sigstore bundle in protobuf JSON. For PEP 740 it is
	// assembled from Raw.
	Bundle []byte
	// Raw is the object as the registry served it, for display.
	Raw []byte
	// Problem is why no bundle could be made of Raw ("unsupported version
	// 2"); then the attestation is invalid.
	Problem string
	// Missing is why there is no bundle to verify (it lies elsewhere, or is of a
	// form that is not read), a sentence; then the attestation is unchecked.
	Missing string
	// PredicateType is the npm wrapper's predicateType, "" for PEP 740.
	PredicateType untrusted.Text
	// Publisher is the PEP 740 publisher object, nil for npm.
	Publisher *ClaimedPublisher
	Source    Source
}

// ClaimedPublisher is the publisher object of a PEP 740 provenance object: a
// claim of the index, never proof. Fields that the kind does not use are "".
type ClaimedPublisher struct {
	Kind        untrusted.Text // "GitHub", "GitLab", "Google", …
	Repository  untrusted.Text // owner/name
	Workflow    untrusted.Text // GitHub: file name; GitLab: workflow_filepath
	Email       untrusted.Text // Google
	Environment untrusted.Text
}
