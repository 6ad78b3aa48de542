package report

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// VSA writes verification summaries (SLSA v1.0, "Verification Summary
// Attestation"): unsigned in-toto statements, one a line, so that each can be
// signed on its own by whoever vouches for the run.
type VSA struct {
	VerifierID string // the URI of who vouches: required
	Version    string // plimsoll's own; "" if unknown
	// Policy stands before the path of each spec, which is the policy that its
	// package was held against: the URI of the catalog.
	Policy string
	// Require is that of [ExitCode]; the zero value means [verify.Verified].
	Require verify.Status
}

// errNoVerifier refuses a summary without a verifier.
var errNoVerifier = errors.New("a verification summary needs the URI of its verifier")

// errReadBack refuses summaries of results that nobody verified now.
var errReadBack = errors.New("no verification summary is made of results that were read back: nothing was verified now")

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
		// Decisions are those of people, and the policy's exceptions: an
		// extension of the predicate.
		Decisions []vsaDecision `json:"plimsoll_decisions,omitempty"`
	}
	vsaDecision struct {
		Rule     string `json:"rule"`
		Finding  string `json:"finding"`
		Decision string `json:"decision"`
	}
	vsaVerifier struct {
		ID      string            `json:"id"`
		Version map[string]string `json:"version,omitempty"`
	}
)

// Write writes one statement for each package that has an artifact with a
// digest and was checked. The names of the others are returned, cleaned, so that
// none is left out in silence.
func (v VSA) Write(w io.Writer, packages []Package, verified time.Time) (without []string, err error) {
	if v.VerifierID == "" {
		return nil, errNoVerifier
	}
	if readBack(packages) {
		return nil, errReadBack
	}
	for _, p := range packages {
		statement, ok := v.statement(p, verified)
		if !ok {
			without = append(without, untrusted.Clean(displayName(p)))
			continue
		}
		if err := write(w, statement, jsontext.Multiline(false)); err != nil {
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
		Policy:             vsaResource{URI: v.Policy + relativeURI(string(p.Spec.Path))},
		VerificationResult: "FAILED", VerifiedLevels: []string{"FAILED"}, SLSAVersion: slsaVersion,
	}}
	if sum := hash(p.Spec.SHA256); sum != "" {
		s.Predicate.Policy.Digest = map[string]string{"sha256": sum}
	}
	if v.Version != "" {
		s.Predicate.Verifier.Version = map[string]string{"plimsoll": v.Version}
	}
	for _, f := range decided(p) {
		s.Predicate.Decisions = append(s.Predicate.Decisions, vsaDecision{f.Rule, f.Message, f.Decision})
	}
	if p.passes(cmp.Or(v.Require, verify.Verified)) {
		s.Predicate.VerificationResult = "PASSED"
		s.Predicate.VerifiedLevels = []string{fmt.Sprintf("SLSA_BUILD_LEVEL_%d", p.Report.SLSA.Level)}
	}
	for _, a := range p.Report.Artifacts {
		digest := map[string]string{a.Digest.Algorithm: a.Digest.Hex}
		if a.Record != nil && a.Record.Status == verify.Signed {
			digest = map[string]string{"dirHash": dirHash(a.Record)}
		} else if a.Digest.Hex == "" {
			return s, false // the release has a file that the statement could not name
		}
		s.Subject = append(s.Subject, vsaResource{Name: string(a.Filename), Digest: digest})
		for _, att := range a.Attestations {
			// It is named by the hash over the object that the registry served.
			if sum := hash(att.RawSHA256); sum != "" {
				input := vsaResource{URI: string(att.Source.URL), Digest: map[string]string{"sha256": sum}}
				s.Predicate.InputAttestations = append(s.Predicate.InputAttestations, input)
			}
		}
	}
	return s, resource != "" && len(s.Subject) > 0
}

// dirHash is the hash over a module's files that a record names, as in-toto writes it
// (https://github.com/in-toto/attestation, "DigestSet"): in hex, or "" if it is none.
func dirHash(r *verify.Record) string {
	text, ok := strings.CutPrefix(string(r.Zip), "h1:")
	sum, err := base64.StdEncoding.Strict().DecodeString(text)
	if !ok || err != nil || len(sum) != sha256.Size {
		return ""
	}
	return hex.EncodeToString(sum)
}
