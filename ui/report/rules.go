package report

// Rules of results that come from the verdict and not from a finding.
const (
	ruleUnreadable = "spec.unreadable"
	ruleUnchecked  = "package.unchecked"
	ruleRefused    = "package.refused"
	rulePartial    = "package.partial"
	ruleRequired   = "package.required"
)

// rule describes a finding's rule for those who see it for the first time.
type rule struct {
	short string // a few words
	full  string // what it means and what to do
	// keys are the dotted keys of the spec that the rule is about, the nearest
	// first.
	keys []string
}

const (
	attestationsKey = "provenance.attestations"
	availableKey    = attestationsKey + ".available"
	publisherKey    = attestationsKey + ".publisher"
)

// packageKeys are the keys for a rule whose own are not in the spec.
var packageKeys = []string{"spec.version", "spec.package"}

var rules = map[string]rule{
	ruleUnreadable: {"the spec cannot be read", "The file is not a spec that plimsoll can read. Nothing about its package was checked.", nil},
	ruleUnchecked: {"the package could not be checked",
		"Evidence could not be fetched or judged: it is neither proven nor disproven. Check the network, the version and the trust root, and run again.", nil},
	ruleRefused:  {"the evidence was refused", "The evidence does not verify, or contradicts the spec.", nil},
	ruleRequired: {"less evidence than required", "The package has less evidence than was required of every package on the command line.", nil},
	rulePartial: {"some files carry no provenance",
		"Some files of the release carry verified provenance, others none. Whoever installs one of the others gets something whose origin is not proven.", nil},

	"attestation.invalid": {"an attestation does not verify",
		"Evidence was offered and does not verify, or is about another artifact. Do not use this release until it is known why.", nil},
	"attestation.other": {"an attestation of another type",
		"Beside provenance and the registry's own, a registry may carry attestations of any type. This one verifies; what it says is not judged, and it changes no status.", nil},
	"attestation.unchecked": {"an attestation could not be checked",
		"The attestation is neither proven nor disproven, for instance because its log or its key is not known, or its issuer is not one that is accepted.", nil},
	"attestation.unused": {"a part of an attestation proves nothing",
		"The attestation offers a signed time or a log entry that cannot be read, or is by an authority that the trust root does not hold. The verdict does not rest on it.", nil},
	"attestations.gone": {"documented evidence has gone",
		"The spec expects what only provenance proves, and some file of the release has none. Releases published with stolen tokens look like this.",
		[]string{availableKey, attestationsKey + ".verified", publisherKey, "provenance.cert_issuer", "provenance.signer_identity",
			"provenance.runner_environment", attestationsKey, "provenance"}},
	"attestations.undocumented": {"attestations are not documented",
		"Verified attestations are there. Document them in the spec (plimsoll document), so that it is noticed when they go.",
		[]string{availableKey, attestationsKey, "provenance.repository_uri", "provenance"}},
	"certificate.deprecated": {"an old certificate", "The certificate only has the deprecated extensions; it says less about the build than those of today.", nil},
	"evidence.missing":       {"advertised evidence is missing", "The registry says that there is evidence and does not serve it.", nil},
	"history.claim": {"the registry claims less than before",
		"The registry no longer says that a trusted publisher published, or that somebody approved. Nothing proves either: ask the maintainers.",
		[]string{"spec.version"}},
	"history.lost": {"less evidence than before",
		"An earlier release of the same major line had more. Releases published with stolen tokens look like this: ask the maintainers before using it.",
		[]string{"spec.version"}},
	"history.line": {"less evidence than the line before",
		"A release of the major line before had more, and none of this line had. Releases published with stolen tokens look like this: ask the maintainers before using it.",
		[]string{"spec.version"}},
	"history.later":      {"a later version offers more", "A later version of the same major line offers more evidence.", []string{"spec.version"}},
	"history.repository": {"another source than before", "The release comes from another place than an earlier version of its line.", []string{"spec.version"}},
	"history.recreated": {"another repository of the same name",
		"The repository has the old name and another number: someone else may own the name now.", []string{"provenance.repository_uri", "spec.version"}},
	"history.renamed": {"the repository was renamed", "It is the same repository under another name.", []string{"provenance.repository_uri", "spec.version"}},
	"history.same_name": {"the same repository by its name alone",
		"A certificate from before mid-2023 gives the repository no number. The name is the same; that it is the same repository is not proven.",
		[]string{"provenance.repository_uri", "spec.version"}},
	"history.workflow": {"another workflow than before", "Another workflow published the release than an earlier version of its line.", []string{"spec.version"}},
	"history.signer": {"another signer than before", "Another reusable workflow signed the release than an earlier version of its line.",
		[]string{"provenance.signer_identity", "spec.version"}},
	"history.issuer": {"another issuer than before", "Another provider vouches for the identity than for an earlier version of the line.",
		[]string{"provenance.cert_issuer", "spec.version"}},
	"history.runner": {"another runner than before", "The release was built in another kind of environment than an earlier version of its line.",
		[]string{"provenance.runner_environment", "spec.version"}},
	"history.trigger": {"another trigger than before", "Another kind of event started the workflow than for an earlier version of the line.", []string{"spec.version"}},
	"keys.weak":       {"keys from the registry itself", "The registry's keys came from the registry and vouch for nothing that it could not forge.", nil},
	"metadata.repository": {"the registry's metadata names another repository",
		"The metadata is unsigned. The certificate decides; forks and monorepos often carry an old address.", []string{"provenance.repository_uri"}},
	"name.confusable": {"a name that can be taken for another",
		"The name mixes scripts, looks like an ASCII name and is another, or holds characters that cannot be seen. Compare it by its escapes, not by its looks.",
		[]string{"spec.package", "provenance.repository_uri", publisherKey + ".repository"}},
	"policy.status":         {"less evidence than the policy demands", "The policy demands more evidence of the package than it has.", nil},
	"policy.slsa":           {"a lower build level than the policy demands", "The policy demands a higher SLSA build level than is proven.", nil},
	"policy.publisher_kind": {"a kind of publisher that the policy does not allow", "No certificate proves a publisher of a kind that the policy allows.", nil},
	"policy.issuer":         {"an issuer that the policy does not allow", "No certificate was issued to an identity of a provider that the policy allows.", nil},
	"policy.runner":         {"a runner that the policy does not allow", "No certificate proves a build in an environment that the policy allows.", nil},
	"policy.owner":          {"an owner that the policy does not allow", "No certificate proves a source of an owner that the policy allows.", nil},
	"policy.no_downgrade": {"less evidence than the releases before",
		"The policy allows no release with less evidence than those before it. Releases published with stolen tokens look like this: ask the maintainers before using it.",
		[]string{"spec.version"}},
	"policy.same_publisher": {"another publisher than the release before",
		"The policy demands that the release comes from where the release before it came from. Ask the maintainers whether they moved.", []string{"spec.version"}},
	"policy.min_age": {"a release that is younger than the policy demands",
		"Malicious releases are often found and withdrawn within days. Wait, or take the release before.", []string{"spec.version"}},
	"policy.exception": {"an exception of the policy", "The policy excepts the package from one of its rules.", nil},
	"project.status": {"the index gives the project a status",
		"An archived project gets no more releases, a deprecated one has perhaps been replaced. Nothing of what is proven changes by it.", []string{"spec.package"}},
	"provenance.none": {"no provenance among the attestations",
		"The registry attests that it published these bytes; nothing proves where they were built.", nil},
	"provenance.cert_issuer":    {"another certificate issuer", "The certificate was not issued to an identity of the provider that the spec expects.", []string{"provenance.cert_issuer"}},
	"provenance.repository_ref": {"the spec names another ref", "The release comes from another tag than the spec names, or the spec names the tag of another version than its own, or a commit that is not written whole. plimsoll document writes the tag that is proven.", []string{"provenance.repository_ref"}},
	"provenance.repository_uri": {"another source repository",
		"The certificate does not prove the source repository that the spec expects: it proves another, or none, or the spec's cannot be read.", []string{"provenance.repository_uri"}},
	"provenance.runner_environment": {"another runner", "The certificate does not prove that the build ran in the kind of environment that the spec expects.",
		[]string{"provenance.runner_environment"}},
	"provenance.signer_identity": {"another signer", "The certificate is not that of the identity that the spec expects.", []string{"provenance.signer_identity"}},
	"publish.registry": {"another registry",
		"The publish attestation was made by another registry than the one that was asked, as behind a mirror; it is about the same bytes.", nil},
	"publisher.kind": {"another kind of publisher", "The certificate does not prove the kind of publisher that the spec expects.", []string{publisherKey + ".kind", publisherKey}},
	"publisher.repository": {"another publisher", "The certificate does not prove the repository of the spec's publisher.",
		[]string{publisherKey + ".repository", publisherKey}},
	"publisher.workflow": {"another workflow", "The certificate does not prove the workflow of the spec's publisher.", []string{publisherKey + ".workflow", publisherKey}},
	"registry.documents": {"the registry's documents do not go together",
		"The registry serves a version's manifest and the packument of all versions, and the two contradict each other, or one of them cannot be used. The evidence of one counts; installers may read the other.", nil},
	"registry.setting": {"a setting of the package manager is not obeyed",
		"npm, uv or pip is configured in a way that plimsoll does not follow, so that what they install may come from elsewhere than what was checked. Name the registry with --npm-registry or --pypi-index, or mend the setting.", nil},
	"registry.value": {"metadata that cannot be read",
		"The registry's metadata has a value of another kind than is written there. It is only shown, and nothing rests on it.", nil},
	"release.build-metadata": {"a version with build metadata",
		"npm drops what follows the + before it looks a version up, so it installs another version than was checked, or none. Publish without build metadata, and name that version.", []string{"spec.version"}},
	"release.deprecated":  {"the release is deprecated", "Its maintainers advise against it.", []string{"spec.version"}},
	"release.other-files": {"files that no rule places in a release", "The index lists files of the project, or of others, that are neither wheel nor source distribution of any version. They were not checked: install none of them.", nil},
	"release.publishers":  {"files from different publishers", "Two files of the release were published from different repositories or workflows.", nil},
	"release.yanked":      {"a file was yanked", "Its maintainers withdrew it from the index.", []string{"spec.version"}},
	"review.base": {"the version before does not verify",
		"The evidence of the version before the change does not verify, so it is not known what the change could lose. The new version is judged alone; without provenance it is unchecked, if the one before offered any.", []string{"spec.version"}},
	"review.catalog": {"the base has no catalog",
		"At the base the folder has neither npx nor uvx: every spec counts as new and is compared with none. If the catalog was moved, review the move on its own.", nil},
	"review.claim": {"the registry claims less than for the version before",
		"The registry no longer says that a trusted publisher published, or that somebody approved. Nothing proves either: ask the maintainers.", []string{"spec.version"}},
	"review.decision": {"the change decides about itself",
		"triage.yaml is changed together with the packages that it is about. The change was judged by the decisions at its base: merge a decision before what needs it.",
		[]string{"spec.version"}},
	"review.evidence": {"less evidence than the version before",
		"The release has less evidence than the one that it takes the place of. Releases published with stolen tokens look like this: ask the maintainers before merging.",
		[]string{"spec.version"}},
	"review.expectation": {"the change edits what it is judged by",
		"The spec demands something else of its publisher than before, or less. Together with another version nothing is left that the release must prove. Edit it alone, if the present version meets it, or merge a decision about it first.",
		[]string{"provenance.repository_uri", publisherKey + ".repository", publisherKey + ".kind", publisherKey + ".workflow",
			"provenance.signer_identity", "provenance.cert_issuer", "provenance.runner_environment",
			availableKey, publisherKey, attestationsKey, "provenance", "spec.version"}},
	"review.install": {"installed or started otherwise",
		"The spec forces other versions of dependencies, or starts the server otherwise than before. What is proven of the package says nothing of that.",
		[]string{"spec.overrides", "spec.constraints", "spec.args", "spec.env", "spec.version"}},
	"review.issuer": {"another issuer than before", "Another service vouches for who published than for the version before.", []string{"spec.version"}},
	"review.package": {"another package takes its place",
		"The spec names another package, or one of another registry. What was known of the one before says nothing of it.", []string{"spec.package"}},
	"review.policy": {"the change edits the policy",
		"policy.yaml is part of the change, or cannot be read. Packages were judged by the policy at the base: merge an edit of the policy on its own.", nil},
	"review.publisher": {"another publisher than before",
		"Another repository, owner or kind of publisher is proven than for the version before, or a repository of the same name with another number. Ask the maintainers of both before merging.",
		[]string{"spec.version"}},
	"review.runner": {"another runner than before", "The release was built in another kind of environment than the version before.", []string{"spec.version"}},
	"review.signer": {"another signer than before", "Another reusable workflow signed than for the version before.", []string{"spec.version"}},
	"review.trigger": {"another trigger than before",
		"Another kind of event started the build than that of the version before: a run by hand, perhaps, in place of a tag.", []string{"spec.version"}},
	"review.version": {"a lower version",
		"The change goes back to an earlier version, and so to what was mended since.", []string{"spec.version"}},
	"review.workflow": {"another workflow than before",
		"Another workflow of the same repository published than for the version before. Look at it, and at who may change and start it.", []string{"spec.version"}},

	"signature.invalid":   {"a registry signature does not verify", "A known key of the registry did not sign these bytes.", nil},
	"signature.unchecked": {"a registry signature could not be checked", "The key is not known, or had expired.", nil},
	"spec.silent": {"the spec declares no source", "The provenance verifies and is compared with nothing. Declare the repository in the spec (plimsoll document).",
		[]string{"provenance.repository_uri", "provenance"}},
	"spec.unknown-key": {"a key of the spec is not known",
		"The spec has a key that plimsoll does not read, perhaps a misspelt one: what it demands is not compared, and what it pins is not built. Correct it, or begin its name at the top level with x-.", nil},
	"status.unchecked": {"the package could not be checked", "Somebody decided about a package that could not be checked.", nil},
	"status.invalid":   {"the evidence does not verify", "Somebody decided about a package whose evidence does not verify.", nil},
	"subject.unbound": {"compared with no artifact",
		"The evidence verifies by itself. Whether it is about the artifact in question was not asked: give the artifact.", nil},
	"verifier.disagrees": {"the verifiers disagree", "The steps of plimsoll and the verdict of sigstore-go differ. The attestation counts as invalid.", nil},
}

// ruleLines returns the lines of the keys that some rule is about.
func ruleLines(lines map[string]int) map[string]int {
	kept := map[string]int{}
	keep := func(keys ...string) {
		for _, key := range keys {
			if line := lines[key]; line > 0 {
				kept[key] = line
			}
		}
	}
	keep(packageKeys...)
	for _, r := range rules {
		keep(r.keys...)
	}
	return kept
}
