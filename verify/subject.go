package verify

import (
	"errors"
	"fmt"
	"strings"

	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/pyname"
	"plimsoll/verify/statement"
)

// released is the artifact of a release that an attestation must be about.
type released struct {
	release  Release
	artifact Artifact
	issuers  []string // that the spec and the policy accept beside the public ones
}

// accept implements binding: registries serve statements in one envelope with
// one signature, and nothing else.
func (r released) accept(o *opened) (*opened, error) {
	switch {
	case o.message != nil:
		return nil, errors.New("bundle: expected a DSSE envelope, found a message signature")
	case o.other != nil:
		return nil, o.other
	}
	return o, nil
}

// policy implements binding.
func (r released) policy(o *opened) (sigverify.ArtifactPolicyOption, sigverify.PolicyOption, error) {
	return artifactPolicy(r.artifact.Digest), o.anyIdentity(), nil
}

// bind implements binding.
func (r released) bind(list *checklist, b *Bundle, o *opened, off OfferedAttestation) *Publisher {
	att, st := b.Attestation, b.Statement
	if st != nil && another(r.release.Ecosystem, st.PredicateType) {
		att.Kind = KindStatement // who signed it is nobody's claim: it counts for nothing
	}
	list.run(CheckSubject, []CheckID{CheckStatement}, func() outcome { return r.subject(st) })
	list.run(CheckPredicate, []CheckID{CheckStatement}, func() outcome { return r.predicate(st, off, att.Kind) })
	if att.Kind != KindProvenance {
		return nil
	}
	return o.identify(list, func(p *Publisher) outcome { return r.identity(p, st, off) })
}

// holds implements binding.
func (r released) holds(b *Bundle) (Status, string) { return Verified, b.everyLink() }

// npmPURL returns the purl by which npm's statements name a release:
// pkg:npm/%40scope/name@version. npm encodes the @ of the scope and nothing
// else, neither the + of build metadata nor the marks of old names.
func npmPURL(release Release) string {
	name, scoped := strings.CutPrefix(string(release.Name), "@")
	if scoped {
		name = "%40" + name
	}
	return "pkg:npm/" + name + "@" + string(release.Version)
}

// subject checks that the statement is about this artifact: exactly one
// subject, its name and its digest together. sigstore-go accepts any subject
// that has the digest, which lets an attestation of one package pass for
// another that ships the same bytes.
func (r released) subject(st *statement.Statement) outcome {
	if n := len(st.Subjects); n != 1 {
		return fail(fmt.Sprintf("expected exactly one subject, found %d", n))
	}
	subject, art := st.Subjects[0], r.artifact
	if out := r.subjectName(subject.Name); out.status != Pass {
		return out
	}
	if art.Digest.Hex == "" {
		return blocked(noDigest(art))
	}
	got, ok := subject.Digest[art.Digest.Algorithm]
	if !ok {
		return outcome{Fail, "the subject has no " + art.Digest.Algorithm + " digest", art.Digest.String(), "none"}
	}
	if string(got) != art.Digest.Hex {
		return outcome{Fail, "the statement is about other bytes than the registry serves",
			art.Digest.String(), art.Digest.Algorithm + ":" + got.String()}
	}
	return outcome{Pass, "the one subject has the name and the " + art.Digest.Algorithm + " of this artifact",
		art.Digest.String(), art.Digest.Algorithm + ":" + got.String()}
}

// noDigest is why there is nothing to compare a subject's digest with.
func noDigest(art Artifact) string {
	switch {
	case art.Derived:
		return "the registry serves no integrity, so there is no digest of the artifact to compare the subject with"
	case art.Integrity != "":
		return fmt.Sprintf("the registry gives no usable digest of the artifact to compare the subject with: expected one SHA-512 in dist.integrity, found %q",
			untrusted.Excerpt(string(art.Integrity)))
	}
	return "the registry gives no usable digest of the artifact to compare the subject with"
}

func (r released) subjectName(name untrusted.Text) outcome {
	if r.release.Ecosystem == NPM {
		want := npmPURL(r.release)
		if string(name) != want {
			return differs("the statement names another package", untrusted.Text(want), name)
		}
		return pass("")
	}
	project := pyname.NormalizeName(string(r.release.Name))
	file, err := pyname.ParseFilename(project, string(r.artifact.Filename))
	if err != nil {
		return failed("the file's name cannot be read", err)
	}
	named, err := pyname.ParseFilename(project, string(name))
	if err != nil || !pyname.SameFile(file, named) {
		return differs("the statement names another file", r.artifact.Filename, name)
	}
	return pass("")
}
