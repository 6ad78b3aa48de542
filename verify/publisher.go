package verify

import (
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"

	"plimsoll/catalog/untrusted"
)

// Issuers of the identities whose claims plimsoll can check.
const (
	issuerGitHub = "https://token.actions.githubusercontent.com"
	issuerGitLab = "https://gitlab.com"
	issuerGoogle = "https://accounts.google.com"

	gitHub = "https://github.com/"

	kindGitHub  = "GitHub"
	kindGitLab  = "GitLab"
	kindGoogle  = "Google"
	kindUnknown = "unknown"
)

// issuers are those of the kinds of identities that are known.
var issuers = map[string]string{kindGitHub: issuerGitHub, kindGitLab: issuerGitLab, kindGoogle: issuerGoogle}

// publisherOf reads who published from a leaf certificate. The caller must
// have verified the certificate, or must not treat the result as proven. It
// fails if the certificate contradicts itself: a malformed extension, more
// than one name, or the two generations of extensions disagreeing.
func publisherOf(leaf *x509.Certificate) (*Publisher, error) {
	ext, err := fulcioExtensions(leaf)
	if err != nil {
		return nil, err
	}
	names, err := subjectAlternativeNames(leaf)
	if err != nil {
		return nil, err
	}
	if len(names) != 1 {
		return nil, fmt.Errorf("certificate: expected one subject alternative name, found %d", len(names))
	}
	p := &Publisher{
		Repository: ext[extSourceURI], WorkflowURI: ext[extBuildConfigURI], Ref: ext[extSourceRef],
		Commit: ext[extSourceDigest], Issuer: ext[extIssuer], Signer: names[0], SignerURI: ext[extSignerURI],
		SignerDigest: ext[extSignerDigest], Runner: ext[extRunner], Trigger: ext[extTrigger],
		RepositoryID: ext[extSourceID], OwnerURI: ext[extOwnerURI], OwnerID: ext[extOwnerID], Run: ext[extRun],
		Visibility: ext[extVisibility], Environment: ext[extEnvironment],
	}
	if p.Issuer == "" {
		p.Issuer = ext[extIssuerV1]
	}
	p.Kind = kindOf(p.Issuer)
	if p.Kind == kindUnknown {
		p.Kind = p.ownKind()
	}
	if err := p.generationsAgree(ext); err != nil {
		return nil, err
	}
	if p.Repository == "" && ext[extRepositoryV1] != "" {
		p.fromDeprecated(ext)
	}
	if p.Kind == kindGoogle {
		p.Email = p.Signer
	}
	p.Workflow = workflowPath(p.WorkflowURI, p.Repository)
	return p, nil
}

// The issuers of enterprises on GitHub: one whose sources lie at github.com, by
// the slug that Fulcio takes, and one whose sources lie at its own host.
var (
	slug       = regexp.MustCompile(`^` + regexp.QuoteMeta(issuerGitHub) + `/[A-Za-z0-9_-]+$`)
	enterprise = regexp.MustCompile(`^https://token\.actions\.([a-z0-9-]+\.ghe\.com)$`)
)

func kindOf(issuer untrusted.Text) string {
	switch {
	case issuer == issuerGitHub, slug.MatchString(string(issuer)), enterprise.MatchString(string(issuer)):
		return kindGitHub
	case issuer == issuerGitLab:
		return kindGitLab
	case issuer == issuerGoogle:
		return kindGoogle
	default:
		return kindUnknown
	}
}

// KindOfIssuer reports whether the kind follows from the issuer. Else it is unknown, or what the
// certificate has the form of, and whoever is accepted can give it that form.
func (p *Publisher) KindOfIssuer() bool { return kindOf(p.Issuer) != kindUnknown }

// ownServer ends the issuer of a GitHub Enterprise Server, behind its host.
const ownServer = "/_services/token"

// ownKind is the kind of a server that its users manage, by the form that its
// certificates have: source and workflow lie on it, and in a GitLab's addresses
// two slashes divide the project from the path of its pipeline. That says what
// can be compared, and nothing of whether the issuer is accepted.
func (p *Publisher) ownKind() string {
	workflow, ok := strings.CutPrefix(string(p.WorkflowURI), p.home())
	switch {
	case !ok || !strings.HasPrefix(string(p.Repository), p.home()):
	case strings.HasSuffix(string(p.Issuer), ownServer):
		return kindGitHub
	case strings.Contains(workflow, "//"):
		return kindGitLab
	}
	return kindUnknown
}

// home is what the address of every source begins with that the issuer can
// vouch for; a GitLab that its users manage is its own issuer.
func (p *Publisher) home() string {
	m := enterprise.FindStringSubmatch(string(p.Issuer))
	host, server := strings.CutSuffix(string(p.Issuer), ownServer)
	switch {
	case m != nil:
		return "https://" + m[1] + "/"
	case server:
		return host + "/"
	case p.Kind == kindGitHub:
		return gitHub
	}
	return string(p.Issuer) + "/"
}

// fromDeprecated fills p from the extensions 1 to 6 of certificates from
// before mid-2023. The workflow is the subject alternative name's, provided
// that it lies in the source repository: with a reusable workflow it does not,
// and then these certificates do not say which workflow started the build.
func (p *Publisher) fromDeprecated(ext map[int]untrusted.Text) {
	p.Deprecated = true
	if p.Kind != kindGitHub {
		return
	}
	p.Repository = untrusted.Text(p.home()) + ext[extRepositoryV1]
	p.Commit = ext[extCommitV1]
	p.Ref = ext[extRefV1]
	p.Trigger = ext[extTriggerV1]
	if strings.HasPrefix(string(p.Signer), string(p.Repository)+"/") {
		p.WorkflowURI = p.Signer
	}
}

// generationsAgree compares the deprecated extensions with their successors
// if both are present: a certificate that names two sources proves neither.
func (p *Publisher) generationsAgree(ext map[int]untrusted.Text) error {
	pairs := []struct{ old, new int }{
		{extIssuerV1, extIssuer}, {extTriggerV1, extTrigger}, {extCommitV1, extSourceDigest}, {extRefV1, extSourceRef},
	}
	for _, pair := range pairs {
		was, is := ext[pair.old], ext[pair.new]
		if was != "" && is != "" && was != is {
			return fmt.Errorf("certificate contradicts itself: extension %d says %q, extension %d says %q",
				pair.old, string(was), pair.new, string(is))
		}
	}
	was, is := ext[extRepositoryV1], ext[extSourceURI]
	if was != "" && is != "" && !p.sameSource(was, is) {
		return fmt.Errorf("certificate contradicts itself: extension %d says %q, extension %d says %q",
			extRepositoryV1, string(was), extSourceURI, string(is))
	}
	return nil
}

// sameSource reports whether the deprecated extension 5, owner/name alone, and
// its successor, an address, name one source. Of an issuer that is not known, any
// host may be the source's.
func (p *Publisher) sameSource(was, is untrusted.Text) bool {
	if p.Kind == kindUnknown {
		return strings.HasSuffix(string(is), "/"+string(was))
	}
	return p.deprecatedHome()+was == is
}

// deprecatedHome is what lies before the deprecated extension 5, which is
// owner/name alone: GitHub's address or, if owner and workflows lie there too,
// that of the enterprise whose own issuer it is.
func (p *Publisher) deprecatedHome() untrusted.Text {
	home := untrusted.Text(p.home())
	for _, uri := range []untrusted.Text{p.OwnerURI, p.WorkflowURI, p.SignerURI} {
		if p.Kind != kindGitHub || uri != "" && !strings.HasPrefix(string(uri), string(home)) {
			return gitHub
		}
	}
	return home
}

// workflowPath returns the path of a workflow within its repository from its
// URI, "https://host/owner/name/path@ref": GitLab puts two slashes before the
// path. It returns "" if the URI does not lie in the repository.
func workflowPath(uri, repository untrusted.Text) untrusted.Text {
	rest, ok := strings.CutPrefix(string(uri), string(repository)+"/")
	if !ok || repository == "" {
		return ""
	}
	path, _, _ := strings.Cut(rest, "@")
	return untrusted.Text(strings.TrimPrefix(path, "/"))
}
