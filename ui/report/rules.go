package report

import (
	"plimsoll/catalog"
	"plimsoll/ui/explain"
)

// Rules of results that come from the verdict and not from a finding.
const (
	ruleUnreadable = "spec.unreadable"
	ruleUnchecked  = "package.unchecked"
	ruleRefused    = "package.refused"
	rulePartial    = "package.partial"
	ruleRequired   = "package.required"
)

const (
	attestationsKey = "provenance.attestations"
	availableKey    = attestationsKey + ".available"
	publisherKey    = attestationsKey + ".publisher"
)

// packageKeys are for a rule whose own are not in the spec.
var packageKeys = []string{"spec.version", "spec.package"}

// ruleKeys are the dotted keys of the spec that a rule is about, the nearest first;
// a rule that is not here is about packageKeys. What it means stands in ui/explain.
var ruleKeys = map[string][]string{
	"attestations.gone": {availableKey, attestationsKey + ".verified", publisherKey, "provenance.cert_issuer", "provenance.signer_identity",
		"provenance.runner_environment", attestationsKey, "provenance"},
	"attestations.undocumented":     {availableKey, attestationsKey, "provenance.repository_uri", "provenance"},
	"history.recreated":             {"provenance.repository_uri", "spec.version"},
	"history.renamed":               {"provenance.repository_uri", "spec.version"},
	"history.same_name":             {"provenance.repository_uri", "spec.version"},
	"history.signer":                {"provenance.signer_identity", "spec.version"},
	"history.issuer":                {"provenance.cert_issuer", "spec.version"},
	"history.runner":                {"provenance.runner_environment", "spec.version"},
	"metadata.repository":           {"provenance.repository_uri"},
	"module.repository":             {"provenance.repository_uri", "spec.package"},
	"name.confusable":               {"spec.package", "provenance.repository_uri", publisherKey + ".repository"},
	"project.status":                {"spec.package"},
	"provenance.cert_issuer":        {"provenance.cert_issuer"},
	"provenance.repository_ref":     {"provenance.repository_ref"},
	"provenance.repository_uri":     {"provenance.repository_uri"},
	"provenance.runner_environment": {"provenance.runner_environment"},
	"provenance.signer_identity":    {"provenance.signer_identity"},
	"publisher.kind":                {publisherKey + ".kind", publisherKey},
	"publisher.repository":          {publisherKey + ".repository", publisherKey},
	"publisher.workflow":            {publisherKey + ".workflow", publisherKey},
	"review.expectation": {"provenance.repository_uri", publisherKey + ".repository", publisherKey + ".kind", publisherKey + ".workflow",
		"provenance.signer_identity", "provenance.cert_issuer", "provenance.runner_environment", availableKey, publisherKey, attestationsKey, "provenance", "spec.version"},
	"review.install": {"spec.overrides", "spec.constraints", "spec.args", "spec.env", "spec.version"},
	"review.package": {"spec.package"},
	"spec.silent":    {"provenance.repository_uri", "provenance"},
}

// explained returns what a rule means.
func explained(rule string) (explain.Entry, bool) { return explain.Of(explain.Rule, rule) }

// ruleLines returns the lines of the keys that some rule is about.
func ruleLines(lines *catalog.Lines) map[string]int {
	kept := map[string]int{}
	keep := func(keys ...string) {
		for _, key := range keys {
			if line := lines.Of(key); line > 0 {
				kept[key] = line
			}
		}
	}
	keep(packageKeys...)
	for _, keys := range ruleKeys {
		keep(keys...)
	}
	return kept
}
