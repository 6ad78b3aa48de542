package evidencefile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"plimsoll/catalog/untrusted"
)

// foreigners are the objects that people take for evidence which can be opened:
// how each is recognised, what it is, and what to do.
var foreigners = []struct {
	is   func(members) bool
	what string
}{
	{func(m members) bool { return m.has("base64Signature") && (m.has("cert") || m.has("rekorBundle")) },
		"cosign's old bundle form, which plimsoll does not read: " +
			"cosign bundle create --artifact ARTIFACT --bundle FILE --out NEW makes a Sigstore bundle of it"},
	{func(m members) bool { return m.has("Base64Signature") },
		"the output of cosign download signature, which plimsoll does not read: cosign verify checks it"},
	{func(m members) bool {
		return m.has("payloadType", "payload", "signatures") && strings.Contains(string(m["signatures"]), `"cert"`)
	},
		"a DSSE envelope alone, as slsa-github-generator writes it, without a log entry: " +
			"slsa-verifier verify-artifact ARTIFACT --provenance-path FILE --source-uri REPOSITORY checks it"},
	{func(m members) bool { return m.has("payloadType", "payload") },
		"a DSSE envelope alone, without the certificate and the log entry of a Sigstore bundle: " +
			"cosign verify-attestation checks one of an image"},
	{func(m members) bool { return m.media("dev.sigstore.trustedroot") },
		"a Sigstore trusted root, which is no evidence: --trusted-root takes it"},
	{func(m members) bool { return m.media("dev.sigstore.signingconfig", "dev.sigstore.clienttrustconfig") },
		"a Sigstore signing or trust configuration, which is no evidence"},
	{func(m members) bool { return m.has("schemaVersion") || m.media("oci.", "docker.") },
		"an OCI manifest or index, which names evidence and holds none: " +
			"gh attestation download oci://IMAGE or cosign download attestation IMAGE fetches it"},
	{func(m members) bool { return m.has("_type", "predicateType") },
		"an in-toto statement that nobody signed: the Sigstore bundle around it is needed"},
	{func(m members) bool { return m.has("signed", "signatures") },
		"an in-toto link or layout, or TUF metadata, which plimsoll does not read"},
	{members.rekor, "an entry of the transparency log, without the bundle that it belongs to"},
	{func(m members) bool { return m.has("spdxVersion") || m.has("bomFormat") || m.has("@context", "@graph") },
		"an SBOM that nobody signed (SPDX or CycloneDX), which proves nothing: its attestation is needed"},
	{func(m members) bool { return m.has("critical") },
		"the payload of a signed image, or the output of cosign verify, which holds no signature"},
	{func(m members) bool { return m.has("keyid", "sig") },
		"a registry signature of npm alone: verify-provenance checks it with the package that it is about"},
	{func(m members) bool { return m.has("download_url", "predicate_type") },
		"GitLab's list of attestations, which names bundles and holds none: download_url fetches each"},
	{func(m members) bool { return m.has("inspectedBundles") },
		"the output of gh attestation inspect, which holds no bundles: inspect the file that it was made from"},
	{func(m members) bool { return strings.HasPrefix(m.text("schema"), "plimsoll/") },
		"a result of plimsoll: plimsoll --results FILE shows it"},
	{func(m members) bool {
		return m.has("dist", "version") || m.has("dist-tags", "versions") || m.has("provenance", "url")
	},
		"npm's metadata of a package, which names its attestations (dist.attestations.url) and holds none"},
	{func(m members) bool { return m.has("files", "meta") || m.has("info", "urls") },
		"PyPI's metadata of a project, which names its provenance and holds none"},
	{func(m members) bool { return m.has("lockfileVersion") }, "a lock file of npm, which is no evidence"},
	{func(m members) bool { return m.has("keys") && len(m) == 1 }, "a list of keys, which is no evidence: --npm-keys takes npm's"},
}

// foreign says what an object is that people take for evidence; "" if it is none
// of those.
func (m members) foreign() string {
	for _, f := range foreigners {
		if f.is(m) {
			return f.what
		}
	}
	for _, name := range []string{"message", "error", "detail"} {
		if text := m.text(name); text != "" && len(m) <= 6 && !m.bundle() {
			return fmt.Sprintf("the error answer of a server, not evidence: %q", untrusted.Excerpt(text))
		}
	}
	return ""
}

// media reports whether the media type is of one of these kinds.
func (m members) media(kinds ...string) bool {
	name, ok := strings.CutPrefix(m.text("mediaType"), "application/vnd.")
	return ok && slices.ContainsFunc(kinds, func(kind string) bool { return strings.HasPrefix(name, kind) })
}

// rekor reports whether the object is a log entry, by itself or under its name.
func (m members) rekor() bool {
	if m.has("body", "logID") || m.has("Body", "LogIndex") || m.has("logId", "canonicalizedBody") {
		return true
	}
	for _, value := range m {
		var entry members
		return len(m) == 1 && json.Unmarshal(value, &entry) == nil && entry.has("body", "logID")
	}
	return false
}
