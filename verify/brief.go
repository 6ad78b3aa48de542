package verify

import (
	"plimsoll/verify/statement"
)

// Condensed returns the report without what is only for looking at, as
// [Options.Brief] leaves it out. It shares nothing with the evidence, so that
// the memory of that can be given back.
func (r Report) Condensed() Report {
	if r.Brief {
		return r
	}
	r.Brief = true
	artifacts := make([]ArtifactReport, len(r.Artifacts))
	for i, art := range r.Artifacts {
		attestations := make([]Attestation, len(art.Attestations))
		for j, att := range art.Attestations {
			attestations[j] = att.condensed()
		}
		art.Attestations = attestations
		artifacts[i] = art
	}
	r.Artifacts = artifacts
	return r
}

func (a Attestation) condensed() Attestation {
	a.Raw, a.SCTs, a.Timestamps = nil, nil, nil
	if leaf := a.leaf(); leaf != nil {
		a.Certificates = []Certificate{{
			Role: leaf.Role, Issuer: leaf.Issuer, NotBefore: leaf.NotBefore, NotAfter: leaf.NotAfter, FromBundle: leaf.FromBundle,
		}}
	}
	log := make([]LogEntry, len(a.Log))
	for i, e := range a.Log {
		e.Note, e.Body, e.Proof, e.UUID = "", nil, InclusionProof{}, ""
		log[i] = e
	}
	a.Log = log
	if s := a.Statement; s != nil {
		names := make([]statement.Subject, len(s.Subjects))
		for i := range s.Subjects {
			names[i].Name = s.Subjects[i].Name
		}
		a.Statement = &statement.Statement{Type: s.Type, PredicateType: s.PredicateType, Subjects: names}
	}
	return a
}

func (a Attestation) leaf() *Certificate {
	for i := range a.Certificates {
		if a.Certificates[i].Role == "leaf" {
			return &a.Certificates[i]
		}
	}
	return nil
}
