package view

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

// maxShown bounds lists of subjects, digests and materials.
const maxShown = 200

func (p *page) statements(in Input) {
	p.eachAttestation(in.Report, func(art *verify.ArtifactReport, a *verify.Attestation) {
		if m := a.Message; m != nil {
			p.item(theme.Plain, "There is no statement: the signature is over the digest of a file.")
			p.hash(p.clean(m.Algorithm, 32), p.clean(m.Hex, maxValue), theme.Plain)
			p.compareMessage(art, a)
			return
		}
		if a.Statement == nil {
			p.item(theme.Plain, "No statement could be read from this attestation.")
			return
		}
		p.statement(art, a)
	})
	p.signedMessages(in.Report)
}

func (p *page) statement(art *verify.ArtifactReport, a *verify.Attestation) {
	s := a.Statement
	p.field("type", span{theme.Plain, p.text(s.Type)})
	p.field("predicate", span{theme.Plain, p.text(s.PredicateType)})
	p.heading("Subjects", muted(fmt.Sprintf("  %d", len(s.Subjects))))
	if len(s.Subjects) == 0 {
		p.item(theme.Warn, "None: the statement is about no artifact.")
	}
	for i := range s.Subjects {
		if i == maxShown {
			p.item(theme.Warn, fmt.Sprintf("%d more are not shown", len(s.Subjects)-i))
			break
		}
		p.subject(art, a, &s.Subjects[i])
	}
	p.provenance(s.Provenance)
	p.publish(s.Publish)
	p.heading("Predicate")
	switch {
	case len(s.Predicate) == 0:
		p.item(theme.Muted, "The statement has no predicate.")
	case strings.TrimSpace(string(s.Predicate[:min(len(s.Predicate), 16)])) == "null":
		p.item(theme.Muted, "null: this type says everything with its subject.")
	default:
		p.json(s.Predicate)
	}
}

func (p *page) subject(art *verify.ArtifactReport, a *verify.Attestation, s *statement.Subject) {
	p.field("name", span{theme.Plain, p.text(s.Name)})
	compared := false
	for i, algorithm := range slices.Sorted(maps.Keys(s.Digest)) {
		if i == maxShown {
			p.item(theme.Warn, fmt.Sprintf("%d more digests are not shown", len(s.Digest)-i))
			break
		}
		sum := s.Digest[algorithm]
		p.hash(p.clean(algorithm, 32), p.text(sum), theme.Plain)
		if algorithm == art.Digest.Algorithm && art.Digest.Hex != "" {
			compared = true
			p.sameDigest(string(sum) == art.Digest.Hex, a.Status.Holds())
		}
	}
	if p.inspected != nil && p.inspected.Given == nil {
		p.sentence("", span{theme.Warn, notCompared})
		return
	}
	if !compared {
		p.sentence("", span{theme.Warn, "no digest here that can be compared with the artifact's"})
	}
	if !compared || string(s.Digest[art.Digest.Algorithm]) != art.Digest.Hex {
		p.hash("artifact", p.orNoDigest(art.Digest.String()), theme.Plain)
	}
}

func (p *page) orNoDigest(s string) string {
	if s == "" {
		return "no usable digest given"
	}
	return p.clean(s, maxValue)
}

// sameDigest is green only below a signature that verified: anybody can write
// the right digest into a statement.
func (p *page) sameDigest(same, verified bool) {
	pass, good := p.th.Check(verify.Pass)
	fail, bad := p.th.Check(verify.Fail)
	switch {
	case !same:
		p.sentence("", span{bad, fail + " not the artifact's digest"})
	case verified:
		p.sentence("", span{good, pass + " the artifact's digest"})
	case p.unverified:
		p.sentence("", span{theme.Warn, "the artifact's digest, in a statement that is " + notVerified})
	default:
		p.sentence("", span{theme.Warn, "the artifact's digest, in a statement that did not verify"})
	}
}

func (p *page) provenance(v *statement.Provenance) {
	if v == nil {
		return
	}
	p.heading("SLSA provenance", muted("  written by the job that built it"))
	p.optional("build type", v.BuildType)
	p.optional("builder", v.BuilderID)
	p.optional("repository", v.Repository)
	p.optional("ref", v.Ref)
	p.optional("commit", v.Commit)
	p.optional("workflow", v.Workflow)
	p.optional("trigger", v.Trigger)
	p.optional("repository id", v.RepositoryID)
	p.optional("owner id", v.OwnerID)
	p.optional("run", v.Run)
	for i := range v.Materials {
		if i == maxShown {
			p.item(theme.Warn, fmt.Sprintf("%d more materials are not shown", len(v.Materials)-i))
			return
		}
		p.material(&v.Materials[i])
	}
}

func (p *page) material(m *statement.Material) {
	p.optional("material", m.URI)
	for i, algorithm := range slices.Sorted(maps.Keys(m.Digest)) {
		if i == maxShown {
			return
		}
		p.hash("  "+p.clean(algorithm, 32), p.text(m.Digest[algorithm]), theme.Muted)
	}
}

func (p *page) publish(v *statement.Publish) {
	if v == nil {
		return
	}
	p.heading("Publish", muted("  written by the registry"))
	p.optional("name", v.Name)
	p.optional("version", v.Version)
	p.optional("registry", v.Registry)
}

// signedMessages shows what registry signatures cover, the nearest that they
// have to a statement.
func (p *page) signedMessages(r *verify.Report) {
	shown := map[string]bool{}
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Signatures {
			s := &r.Artifacts[i].Signatures[j]
			if s.Signed == "" || shown[s.Signed] {
				continue
			}
			if len(shown) == 0 {
				p.close(levelItem)
				p.heading("Signed by the registry")
			}
			shown[s.Signed] = true
			p.field("message", span{theme.Plain, p.clean(s.Signed, maxValue)})
			p.field("result", p.status(s.Status))
		}
	}
}
