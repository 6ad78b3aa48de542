package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// predicate checks that the predicate is of a type that its kind of
// attestation may carry, that the wrapper did not label it otherwise, and that
// npm's publish predicate is about this release.
func (r released) predicate(st *statement.Statement, off OfferedAttestation, kind Kind) outcome {
	if off.PredicateType != "" && off.PredicateType != st.PredicateType {
		return differs("the wrapper names another predicate type than the signed statement", st.PredicateType, off.PredicateType)
	}
	if kind == KindStatement {
		return pass("the predicate type is " + untrusted.Shorten(string(st.PredicateType), 200) + ", which is neither provenance nor the registry's: it does not count")
	}
	allowed := allowedPredicates(r.release.Ecosystem, kind)
	if slices.Contains(allowed, string(st.PredicateType)) {
		return checkPublish(st, r.release)
	}
	return differs("this kind of attestation may not carry this predicate type",
		untrusted.Text(strings.Join(allowed, " or ")), st.PredicateType)
}

// PredicateKind returns the kind of attestation that a predicate type belongs
// to.
func PredicateKind(predicateType untrusted.Text) Kind {
	switch predicateType {
	case statement.ProvenanceV02, statement.ProvenanceV1, statement.PyPIPublish:
		return KindProvenance
	case statement.NPMPublish:
		return KindPublish
	}
	return KindStatement
}

// another reports whether an attestation is of a type that a registry may
// carry beside its own, an SBOM for instance. npm takes any; PyPI none.
func another(ecosystem Ecosystem, predicateType untrusted.Text) bool {
	return ecosystem == NPM && (PredicateKind(predicateType) == KindStatement || predicateType == statement.PyPIPublish)
}

func allowedPredicates(ecosystem Ecosystem, kind Kind) []string {
	switch {
	case ecosystem == NPM && kind == KindPublish:
		return []string{statement.NPMPublish}
	case ecosystem == NPM:
		return []string{statement.ProvenanceV02, statement.ProvenanceV1}
	case kind == KindProvenance:
		return []string{statement.PyPIPublish, statement.ProvenanceV1}
	default:
		return nil
	}
}

func checkPublish(st *statement.Statement, release Release) outcome {
	switch {
	case st.Publish != nil && (st.Publish.Name != release.Name || st.Publish.Version != release.Version):
		return differs("the predicate was made for another release",
			release.Name+"@"+release.Version, st.Publish.Name+"@"+st.Publish.Version)
	case string(st.PredicateType) == statement.PyPIPublish && !emptyPredicate(st.Predicate):
		return differs("the publish predicate must be empty", "null or {}", untrusted.Text(st.Predicate))
	}
	return pass("the predicate type is " + st.PredicateType.String() + ", as its kind of attestation allows")
}

func emptyPredicate(raw []byte) bool {
	switch strings.Join(strings.Fields(string(raw)), "") {
	case "", "null", "{}":
		return true
	}
	return false
}

// identity checks that the certificate says where the source is, in a way
// that plimsoll can check, and that nobody contradicts it: neither the
// predicate, which the tenant's job wrote, nor the index's publisher object. A
// contradiction is one whoever vouches for the certificate, so it is found
// whether the issuer is accepted or not.
func (r released) identity(p *Publisher, st *statement.Statement, off OfferedAttestation) outcome {
	checks := []outcome{checkSource(p, r.release.Ecosystem, r.issuers), checkClaims(p, st)}
	if r.release.Ecosystem == PyPI {
		checks = append([]outcome{checkKind(p, off.Publisher)}, append(checks, checkClaimedPublisher(p, off.Publisher))...)
	}
	for _, status := range []CheckStatus{Fail, Blocked} {
		if i := slices.IndexFunc(checks, func(o outcome) bool { return o.status == status }); i >= 0 {
			return checks[i]
		}
	}
	return pass(cmp.Or(checks[len(checks)-1].reason, "the certificate says where the source is, and the statement agrees with it"))
}

// checkSource checks that the source lies where the issuer vouches, and that the
// issuer is one that is accepted: the public ones, and those that the spec and
// the policy name. An enterprise's own issuer is honest, and nobody said that
// it may vouch for this package.
func checkSource(p *Publisher, ecosystem Ecosystem, accepted []string) outcome {
	home := p.home()
	named := p.Issuer != "" && slices.Contains(accepted, string(p.Issuer))
	switch lies := strings.HasPrefix(string(p.Repository), home); {
	case p.Kind != kindUnknown && p.Repository != "" && !lies:
		return differs("the certificate's source does not lie where its issuer vouches", untrusted.Text(home+"…"), p.Repository)
	case p.Kind == kindGoogle && (ecosystem == PyPI || named):
		return pass("")
	case p.Kind == kindGoogle:
	case p.Kind != kindUnknown && p.Repository == "":
		return fail("the certificate does not say where the source is")
	case !lies:
		return blocked(p.unknownHome(named))
	case named || p.Kind != kindUnknown && string(p.Issuer) == issuers[p.Kind]:
		return pass("")
	}
	for _, other := range accepted {
		if strings.EqualFold(strings.Trim(other, "/ "), strings.Trim(string(p.Issuer), "/ ")) {
			return blocked(fmt.Sprintf("%s: issuers are compared exactly, and what is named is %q", p.notAccepted(), untrusted.Excerpt(other)))
		}
	}
	return blocked(p.notAccepted() + ": name it in the spec's cert_issuer or in the issuers of a rule of policy.yaml")
}

// brief is a value for a sentence, cleaned.
func brief(t untrusted.Text) string { return untrusted.Shorten(string(t), 200) }

func (p *Publisher) notAccepted() string {
	return "the identity cannot be checked: issuer " + cmp.Or(brief(p.Issuer), "(none)") + " is not one that is accepted"
}

// unknownHome is why an identity cannot be checked even if its issuer is named:
// what the issuer vouches for is known of its own host alone.
func (p *Publisher) unknownHome(named bool) string {
	source := "the certificate names no source"
	if p.Repository != "" {
		source = "the certificate's source, " + brief(p.Repository) + ", does not lie at its issuer"
	}
	if named {
		return "the identity cannot be checked: where issuer " + brief(p.Issuer) + " vouches for sources is not known, and " + source
	}
	return p.notAccepted() + ", and naming it would not help: " + source
}

// checkClaims compares every place of the provenance predicate that states
// something which the certificate states too.
func checkClaims(p *Publisher, st *statement.Statement) outcome {
	if st.Provenance == nil {
		return pass("")
	}
	fields := p.fields()
	for _, claim := range st.Provenance.Also {
		proven := fields[claim.Field]
		if proven == "" || claimAgrees(claim, proven, p) {
			continue
		}
		return differs(fmt.Sprintf("the statement contradicts the certificate: its %s (%s) is not the certificate's",
			strings.ReplaceAll(claim.Field, "_", " "), untrusted.Text(claim.Where)), proven, claim.Value)
	}
	return pass("")
}

// fields are the certificate's values by the names of the statement's.
func (p *Publisher) fields() map[string]untrusted.Text {
	return map[string]untrusted.Text{
		statement.FieldRepository: p.Repository, statement.FieldRef: p.Ref, statement.FieldCommit: p.Commit,
		statement.FieldWorkflow: p.Workflow, statement.FieldTrigger: p.Trigger, statement.FieldRepositoryID: p.RepositoryID,
		statement.FieldOwnerID: p.OwnerID, statement.FieldRun: p.Run,
	}
}

func claimAgrees(claim statement.Claim, proven untrusted.Text, p *Publisher) bool {
	switch claim.Field {
	case statement.FieldRepository:
		return SameRepository(string(claim.Value), string(proven)) || ofWorkflow(claim, p)
	case statement.FieldRun:
		return claim.Value == proven || claim.Value == runNumber(proven)
	}
	return claim.Value == proven
}

// ofWorkflow accepts, for the places that name the workflow, the repository of
// the workflow itself: an organisation may require one that lies elsewhere, and
// then the certificate's 18 lies there too.
func ofWorkflow(claim statement.Claim, p *Publisher) bool {
	if !strings.HasSuffix(string(claim.Where), "WORKFLOW_REF") && !strings.HasSuffix(string(claim.Where), "entryPoint") {
		return false
	}
	return strings.HasPrefix(string(p.WorkflowURI), string(claim.Value)+"/")
}

// runNumber returns the number in a run's URL, ".../actions/runs/N/..." or
// ".../-/jobs/N": some predicates give no more than that.
func runNumber(run untrusted.Text) untrusted.Text {
	parts := strings.Split(string(run), "/")
	for i := range len(parts) - 1 {
		if parts[i] == "runs" || parts[i] == "jobs" {
			return untrusted.Text(parts[i+1])
		}
	}
	return ""
}

// checkKind checks that the publisher that the index names is of a kind whose
// claims can be compared, and that the certificate's issuer is of that kind.
func checkKind(p *Publisher, claim *ClaimedPublisher) outcome {
	switch {
	case claim == nil:
		return fail("the index names no publisher for this attestation")
	case !KnownKind(claim.Kind):
		return blocked(fmt.Sprintf("the identity cannot be checked: the index names a publisher of kind %s, and plimsoll does not know "+
			"this kind yet (it knows GitHub, GitLab and Google; the certificate's issuer is %s)", brief(claim.Kind), brief(p.Issuer)))
	case p.Kind != string(claim.Kind) && p.KindOfIssuer(): // by its form alone nobody is a liar
		return differs("the certificate has an issuer of another kind than the publisher that the index names",
			untrusted.Text(issuers[string(claim.Kind)]), p.Issuer)
	}
	return pass("")
}

// KnownKind reports whether the claims of a publisher object of this kind can
// be compared with a certificate.
func KnownKind(kind untrusted.Text) bool { return issuers[string(kind)] != "" }

// PublicIssuer reports whether the identities of an issuer are accepted without
// being named.
func PublicIssuer(issuer untrusted.Text) bool {
	return issuer == issuerGitHub || issuer == issuerGitLab || issuer == issuerGoogle
}

// checkClaimedPublisher compares the index's publisher object with the
// certificate: the object is a claim, and a claim that the certificate
// contradicts makes the attestation invalid.
func checkClaimedPublisher(p *Publisher, claim *ClaimedPublisher) outcome {
	if out := checkKind(p, claim); out.status != Pass {
		return out
	}
	if p.Kind != string(claim.Kind) {
		return blocked(fmt.Sprintf("the identity cannot be checked: publishers of kind %s at issuer %s are not known",
			claim.Kind, brief(p.Issuer)))
	}
	if claim.Environment != "" && p.Environment != "" && !p.sameEnvironment(string(claim.Environment), string(p.Environment)) {
		return differs("the index names another deployment environment than the certificate", p.Environment, claim.Environment)
	}
	if p.Kind == kindGoogle {
		return checkEmailClaim(p, claim)
	}
	return checkWorkflowClaim(p, claim)
}

func checkEmailClaim(p *Publisher, claim *ClaimedPublisher) outcome {
	if claim.Email == "" || p.Signer != claim.Email {
		return differs("the index names another address than the certificate", p.Signer, claim.Email)
	}
	return pass("the certificate is for the address that the index names")
}

// checkWorkflowClaim compares the source and the top-level workflow: extension
// 12 must be the repository and 18 the workflow in it, at the certificate's own
// ref or commit. Both are compared whole; a prefix would let owner/repo-evil
// pass for owner/repo.
func checkWorkflowClaim(p *Publisher, claim *ClaimedPublisher) outcome {
	repository, workflow := p.home()+string(claim.Repository), "/.github/workflows/"+string(claim.Workflow)+"@"
	if p.Kind != kindGitHub {
		workflow = "//" + string(claim.Workflow) + "@"
	}
	if claim.Repository == "" || !p.sameRepository(repository, string(p.Repository)) {
		return differs("the index names another repository than the certificate", p.Repository, untrusted.Text(repository))
	}
	if claim.Workflow == "" {
		return differs("the index names no workflow", p.WorkflowURI, "")
	}
	if p.WorkflowURI == "" {
		return fail("the certificate does not say which workflow started the build, so the publisher that the index names cannot be proven")
	}
	base := string(p.Repository) + workflow
	for _, at := range []untrusted.Text{p.Ref, p.Commit} {
		if at != "" && string(p.WorkflowURI) == base+string(at) {
			return pass("the certificate is for the repository and the workflow that the index names")
		}
	}
	return differs("the index names another workflow than the certificate", p.WorkflowURI, untrusted.Text(base+"…"))
}
