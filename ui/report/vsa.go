package report

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"plimsoll/verify"
	"plimsoll/verify/untrusted"
)

// VSA writes verification summaries (SLSA v1.0, "Verification Summary
// Attestation"): unsigned in-toto statements, one a line, so that each can be
// signed on its own by whoever vouches for the run.
type VSA struct {
	VerifierID string // the URI of who vouches: required
	Version    string // plimsoll's own; "" where unknown
	// Policy stands before the path of each spec, which is the policy that its
	// package was held against: the URI of the catalog.
	Policy string
	// Require is the least that a package must have to pass, see [Meets]; the
	// zero value means [verify.Verified].
	Require verify.Status
}

// ErrNoVerifier says that a summary without a verifier was asked for.
var ErrNoVerifier = errors.New("a verification summary needs the URI of its verifier")

const (
	statementType = "https://in-toto.io/Statement/v1"
	vsaType       = "https://slsa.dev/verification_summary/v1"
	slsaVersion   = "1.0"
)

type (
	vsaStatement struct {
		Type          string        `json:"_type"`
		Subject       []vsaResource `json:"subject"`
		PredicateType string        `json:"predicateType"`
		Predicate     vsaPredicate  `json:"predicate"`
	}
	vsaResource struct {
		Name   string            `json:"name,omitempty"`
		URI    string            `json:"uri,omitempty"`
		Digest map[string]string `json:"digest,omitempty"`
	}
	vsaPredicate struct {
		Verifier           vsaVerifier   `json:"verifier"`
		TimeVerified       string        `json:"timeVerified,omitempty"`
		ResourceURI        string        `json:"resourceUri"`
		Policy             vsaResource   `json:"policy"`
		InputAttestations  []vsaResource `json:"inputAttestations"`
		VerificationResult string        `json:"verificationResult"` // PASSED or FAILED
		VerifiedLevels     []string      `json:"verifiedLevels"`
		SLSAVersion        string        `json:"slsaVersion"`
	}
	vsaVerifier struct {
		ID      string            `json:"id"`
		Version map[string]string `json:"version,omitempty"`
	}
)

// Write writes one statement for each package that has an artifact with a
// digest and was checked. The others cannot be the subject of a statement, or
// nothing can be stated of them: their names are
// returned, cleaned, so that none is left out in silence.
func (v VSA) Write(w io.Writer, packages []Package, verified time.Time) (without []string, err error) {
	if v.VerifierID == "" {
		return nil, ErrNoVerifier
	}
	for _, p := range packages {
		statement, ok := v.statement(p, verified)
		if !ok {
			without = append(without, untrusted.Clean(displayName(p)))
			continue
		}
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(statement); err != nil {
			return without, err
		}
		if _, err := w.Write(untrusted.EscapeJSON(b.Bytes())); err != nil {
			return without, err
		}
	}
	return without, nil
}

func (v VSA) statement(p Package, verified time.Time) (vsaStatement, bool) {
	if p.Report.Unverified != "" { // FAILED would say that something was checked
		return vsaStatement{}, false
	}
	resource := purl(p.Spec)
	s := vsaStatement{Type: statementType, PredicateType: vsaType, Predicate: vsaPredicate{
		Verifier: vsaVerifier{ID: v.VerifierID}, TimeVerified: timestamp(verified), ResourceURI: resource,
		Policy:             vsaResource{URI: v.Policy + (SARIF{}).uri(string(p.Spec.Path))},
		VerificationResult: "FAILED", VerifiedLevels: []string{"FAILED"}, SLSAVersion: slsaVersion,
		InputAttestations: []vsaResource{},
	}}
	if p.Spec.SHA256 != [32]byte{} {
		s.Predicate.Policy.Digest = map[string]string{"sha256": hex.EncodeToString(p.Spec.SHA256[:])}
	}
	if v.Version != "" {
		s.Predicate.Verifier.Version = map[string]string{"plimsoll": v.Version}
	}
	if v.passes(p) {
		s.Predicate.VerificationResult = "PASSED"
		s.Predicate.VerifiedLevels = []string{fmt.Sprintf("SLSA_BUILD_LEVEL_%d", p.Report.SLSA.Level)}
	}
	for _, a := range p.Report.Artifacts {
		if a.Digest.Hex == "" {
			return s, false // the release has a file that the statement could not name
		}
		s.Subject = append(s.Subject, vsaResource{Name: string(a.Filename), Digest: map[string]string{a.Digest.Algorithm: a.Digest.Hex}})
		for _, att := range a.Attestations {
			if input, ok := inputAttestation(att); ok {
				s.Predicate.InputAttestations = append(s.Predicate.InputAttestations, input)
			}
		}
	}
	return s, resource != "" && len(s.Subject) > 0
}

// passes says whether a package met the policy: at least what is required, and
// nothing that makes the exit code other than zero.
func (v VSA) passes(p Package) bool {
	require := v.Require
	if require == verify.Pending {
		require = verify.Verified
	}
	return ExitCode([]Package{p}, require) == ExitOK
}

// inputAttestation names an attestation by the hash over its bytes, which are
// those of the object that the registry served. Results that were read back
// have none, those of a shard have it.
func inputAttestation(a verify.Attestation) (vsaResource, bool) {
	if a.RawSHA256 == [32]byte{} {
		return vsaResource{}, false
	}
	return vsaResource{URI: string(a.Source.URL), Digest: map[string]string{"sha256": hex.EncodeToString(a.RawSHA256[:])}}, true
}
