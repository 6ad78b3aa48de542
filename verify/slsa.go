package verify

import (
	"fmt"
	"regexp"
	"strings"

	"plimsoll/verify/statement"
)

// slsaGenerator matches the reusable workflows of slsa-github-generator that
// reach build level 3: at a release tag, never at a branch or a commit, which
// its own verifier refuses too.
var slsaGenerator = regexp.MustCompile(
	`^https://github\.com/slsa-framework/slsa-github-generator/\.github/workflows/(builder|generator|delegator)_[A-Za-z0-9_-]+_slsa3\.yml@refs/tags/v[0-9]+\.[0-9]+\.[0-9]+$`)

// slsaLevel returns the SLSA build level of a release: that of its weakest
// artifact. It comes from who signed, as the certificate proves it; what the
// predicate says of itself does not count.
func slsaLevel(arts []ArtifactReport) SLSA {
	if len(arts) == 0 {
		return SLSA{Reason: "there is no artifact"}
	}
	worst := SLSA{Level: 4}
	for _, art := range arts {
		if s := artifactLevel(art); s.Level < worst.Level {
			worst = s
		}
	}
	return worst
}

func artifactLevel(art ArtifactReport) SLSA {
	best := SLSA{Level: -1}
	for _, att := range art.Attestations {
		if att.Status == Verified && att.Kind == KindProvenance && att.Publisher != nil {
			if s := attestationLevel(att); s.Level > best.Level {
				best = s
			}
		}
	}
	switch art.Status {
	case Invalid:
		return SLSA{Reason: "evidence for " + art.Filename.String() + " does not verify"}
	case Unchecked:
		return SLSA{Reason: "evidence for " + art.Filename.String() + " could not be checked"}
	}
	if best.Level < 0 {
		return SLSA{Reason: "no build provenance verifies"}
	}
	return best
}

func attestationLevel(att Attestation) SLSA {
	p := att.Publisher
	predicate := string(att.PredicateType)
	if predicate != statement.ProvenanceV02 && predicate != statement.ProvenanceV1 {
		return SLSA{Reason: "a publish attestation says who published, not how it was built"}
	}
	switch {
	case p.home() == gitHub && slsaGenerator.MatchString(string(p.Signer)) && p.Runner != "self-hosted":
		return SLSA{Level: 3, Reason: "built by slsa-github-generator, isolated from the project's own workflow"}
	case p.Runner == "self-hosted":
		return SLSA{Level: 1, Reason: "built on a self-hosted runner, which the project itself controls"}
	case p.Issuer == issuerGitLab && p.Runner == "gitlab-hosted":
		return SLSA{Level: 2, Reason: "built on a runner hosted by GitLab"}
	case p.Kind == kindGitHub && p.Runner == "github-hosted" && !strings.HasSuffix(string(p.Issuer), ownServer):
		return SLSA{Level: 2, Reason: "built on a runner hosted by GitHub" + reusable(p)}
	case p.Deprecated:
		return SLSA{Level: 1, Reason: "the certificate is too old to say where the build ran"}
	default:
		return SLSA{Level: 1, Reason: fmt.Sprintf("the certificate does not say that the build ran on a hosted runner (it says %q)", p.Runner)}
	}
}

func reusable(p *Publisher) string {
	if p.SignerURI == "" || strings.HasPrefix(string(p.SignerURI), string(p.Repository)+"/") {
		return ""
	}
	return ", by a reusable workflow that is not known to reach level 3"
}
