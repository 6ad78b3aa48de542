package view

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// maxShown bounds lists of subjects, digests and materials.
const maxShown = 200

func (p *Doc) statements(in Input) {
	if isGo(in.Report) {
		p.recordStatement(in)
		return
	}
	p.eachAttestation(in.Report, func(art *verify.ArtifactReport, a *verify.Attestation) {
		b := in.Dossier.Bundle(a)
		if m := b.Message; m != nil {
			defer p.here(p.at(a, verify.CheckSubject), string(verify.CheckSubject))()
			p.Item(theme.Plain, "There is no statement: the signature is over the digest of a file.")
			p.hash(p.clean(m.Algorithm, 32), m.Hex, theme.Plain)
			p.compareMessage(art, a)
			return
		}
		if b.Statement == nil {
			p.Item(theme.Plain, "No statement could be read from this attestation.")
			return
		}
		p.statement(b)
	})
	p.signedMessages(in.Report)
}

func (p *Doc) statement(b *verify.Bundle) {
	s := b.Statement
	end := p.here(p.at(b.Attestation, verify.CheckStatement), "DSSE")
	p.field("type", s.Type)
	end()
	end = p.here(p.at(b.Attestation, verify.CheckPredicate), string(verify.CheckPredicate))
	p.field("predicate", s.PredicateType)
	end()
	p.Heading("Subjects", muted(fmt.Sprintf("  %d", len(s.Subjects))))
	if len(s.Subjects) == 0 {
		p.Item(theme.Warn, "None: the statement is about no artifact.")
	}
	for i := range s.Subjects {
		if i == maxShown {
			p.Item(theme.Warn, fmt.Sprintf("%d more are not shown", len(s.Subjects)-i))
			break
		}
		at := p.at(b.Attestation, verify.CheckSubject)
		if i > 0 {
			at += Place(strconv.Itoa(i))
		}
		end := p.here(at, string(verify.CheckSubject))
		p.subject(b.Artifact, b.Attestation, &s.Subjects[i])
		end()
	}
	p.provenance(s.Provenance)
	p.publish(s.Publish)
	p.Heading("Predicate")
	switch {
	case len(s.Predicate) == 0:
		p.Item(theme.Muted, "The statement has no predicate.")
	case strings.TrimSpace(string(s.Predicate[:min(len(s.Predicate), 16)])) == "null":
		p.Item(theme.Muted, "null: this type says everything with its subject.")
	default:
		p.json(s.Predicate)
	}
}

func (p *Doc) subject(art *verify.ArtifactReport, a *verify.Attestation, s *statement.Subject) {
	p.field("name", s.Name)
	compared := false
	for i, algorithm := range slices.Sorted(maps.Keys(s.Digest)) {
		if i == maxShown {
			p.Item(theme.Warn, fmt.Sprintf("%d more digests are not shown", len(s.Digest)-i))
			break
		}
		sum := s.Digest[algorithm]
		p.hash(p.clean(algorithm, 32), string(sum), theme.Plain)
		if algorithm == art.Digest.Algorithm && art.Digest.Hex != "" {
			compared = true
			p.sameDigest(string(sum) == art.Digest.Hex, a.Status.Holds())
		}
	}
	if p.inspected != nil && p.inspected.Given == nil {
		p.Say("", Span{theme.Warn, notCompared})
		return
	}
	if !compared {
		p.Say("", Span{theme.Warn, "no digest here that can be compared with the artifact's"})
	}
	if !compared || string(s.Digest[art.Digest.Algorithm]) != art.Digest.Hex {
		p.hash("artifact", orNoDigest(art.Digest), theme.Plain)
	}
}

func orNoDigest(d verify.Digest) string { return cmp.Or(d.String(), "no usable digest given") }

// sameDigest is green only below a signature that verified: anybody can write
// the right digest into a statement.
func (p *Doc) sameDigest(same, verified bool) {
	pass, good := p.Theme.Check(verify.Pass)
	fail, bad := p.Theme.Check(verify.Fail)
	switch {
	case !same:
		p.Say("", Span{bad, fail + " not the artifact's digest"})
	case verified:
		p.Say("", Span{good, pass + " the artifact's digest"})
	case p.unverified:
		p.Say("", Span{theme.Warn, "the artifact's digest, in a statement that is " + notVerified})
	default:
		p.Say("", Span{theme.Warn, "the artifact's digest, in a statement that did not verify"})
	}
}

func (p *Doc) provenance(v *statement.Provenance) {
	if v == nil {
		return
	}
	defer p.here(placeSLSA, "SLSA level")()
	p.Heading("SLSA provenance", muted("  written by the job that built it"))
	p.optional(named{"build type", v.BuildType}, named{"builder", v.BuilderID}, named{"repository", v.Repository},
		named{"ref", v.Ref}, named{"commit", v.Commit}, named{"workflow", v.Workflow}, named{"trigger", v.Trigger},
		named{"repository id", v.RepositoryID}, named{"owner id", v.OwnerID}, named{"run", v.Run})
	for i := range v.Materials {
		if i == maxShown {
			p.Item(theme.Warn, fmt.Sprintf("%d more materials are not shown", len(v.Materials)-i))
			return
		}
		p.material(&v.Materials[i])
	}
}

func (p *Doc) material(m *statement.Material) {
	p.optional(named{"material", m.URI})
	for i, algorithm := range slices.Sorted(maps.Keys(m.Digest)) {
		if i == maxShown {
			return
		}
		p.hash("  "+p.clean(algorithm, 32), string(m.Digest[algorithm]), theme.Muted)
	}
}

func (p *Doc) publish(v *statement.Publish) {
	if v == nil {
		return
	}
	p.Heading("Publish", muted("  written by the registry"))
	p.optional(named{"name", v.Name}, named{"version", v.Version}, named{"registry", v.Registry})
}

// signedMessages shows what registry signatures cover, the nearest that they
// have to a statement.
func (p *Doc) signedMessages(r *verify.Report) {
	shown := map[string]bool{}
	for _, s := range signatures(r) {
		if s.Signed == "" || shown[s.Signed] {
			continue
		}
		if len(shown) == 0 {
			p.close(levelItem)
			p.Heading("Signed by the registry")
		}
		shown[s.Signed] = true
		p.field("message", untrusted.Text(s.Signed))
		p.Field("result", p.Status(s.Status))
	}
}

// compareMessage says how the digest that is signed relates to the artifact
// that was given.
func (p *Doc) compareMessage(art *verify.ArtifactReport, a *verify.Attestation) {
	switch {
	case p.inspected == nil || p.inspected.Given == nil:
		p.Say("", Span{theme.Warn, notCompared})
	case a.Status == verify.Bound:
		p.sameDigest(true, true)
	default:
		p.hash("artifact", orNoDigest(art.Digest), theme.Plain)
	}
}
