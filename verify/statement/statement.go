// Package statement decodes in-toto statements, strictly and within bounds:
// the payload of a DSSE envelope, with the predicates that npm and PyPI use.
//
// It decodes and does not judge: whether the payload is signed, and whether
// what it says agrees with the certificate, is the business of package verify.
package statement

import (
	"encoding/json"

	"plimsoll/catalog/untrusted"
)

// Types of statements.
const (
	TypeV01 = "https://in-toto.io/Statement/v0.1"
	TypeV1  = "https://in-toto.io/Statement/v1"
)

// Types of predicates.
const (
	ProvenanceV02 = "https://slsa.dev/provenance/v0.2"
	ProvenanceV1  = "https://slsa.dev/provenance/v1"
	NPMPublish    = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
	PyPIPublish   = "https://docs.pypi.org/attestations/publish/v1"
)

// Statement is an in-toto statement (in-toto Attestation Framework v1.0).
type Statement struct {
	Type          untrusted.Text
	PredicateType untrusted.Text
	Subjects      []Subject
	// Predicate is the predicate as signed: compact or not, "null" included;
	// nil if the member is absent.
	Predicate json.RawMessage
	// Provenance is the decoded predicate of ProvenanceV02 and ProvenanceV1,
	// nil for any other type.
	Provenance *Provenance
	// Publish is the decoded predicate of NPMPublish, nil for any other type.
	Publish *Publish
}

// Subject names an artifact and its digests (algorithm → hex, as written).
type Subject struct {
	Name   untrusted.Text            `json:"name"`
	Digest map[string]untrusted.Text `json:"digest"`
}

// Publish is npm's publish predicate v0.1.
type Publish struct {
	Name     untrusted.Text `json:"name"`
	Version  untrusted.Text `json:"version"`
	Registry untrusted.Text `json:"registry"`
}

// Provenance is what SLSA provenance says of a build, v0.2 and v1 alike, with
// the names that the certificate's extensions use. The tenant's job writes it:
// every value is a claim. Fields that the predicate does not give are "".
type Provenance struct {
	BuildType    untrusted.Text
	BuilderID    untrusted.Text
	Repository   untrusted.Text // URL without "git+" and without "@ref"
	Ref          untrusted.Text
	Commit       untrusted.Text
	Workflow     untrusted.Text // path within the repository
	Trigger      untrusted.Text // event name
	RepositoryID untrusted.Text
	OwnerID      untrusted.Text
	Run          untrusted.Text // invocation URL, or the run id if only that is given
	Materials    []Material
	// Also holds every place of the predicate that states one of the values
	// above, the first claim of a field being that field's value. Two places may
	// contradict each other; nothing is chosen silently, so each has to be compared
	// with the certificate.
	Also []Claim
}

// Fields of claims.
const (
	FieldRepository   = "repository"
	FieldRef          = "ref"
	FieldCommit       = "commit"
	FieldWorkflow     = "workflow"
	FieldTrigger      = "trigger"
	FieldRepositoryID = "repository_id"
	FieldOwnerID      = "owner_id"
	FieldRun          = "run"
)

// Claim is one value of [Provenance] and the place that states it.
type Claim struct {
	Field string         // one of the Field constants
	Where string         // path in the predicate: "invocation.environment.GITHUB_REF"
	Value untrusted.Text // in the form of the Provenance field of the same name
}

// Material is a resolved dependency or material of a build.
type Material struct {
	URI    untrusted.Text
	Digest map[string]untrusted.Text
}
