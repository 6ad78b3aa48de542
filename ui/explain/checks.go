package explain

const (
	clientSpec    = "https://github.com/sigstore/architecture-docs/blob/main/client-spec.md"
	bundleSpec    = "https://docs.sigstore.dev/about/bundle/"
	fulcioSpec    = "https://github.com/sigstore/architecture-docs/blob/main/fulcio-spec.md"
	rekorSpec     = "https://github.com/sigstore/architecture-docs/blob/main/rekor-spec.md"
	extensionSpec = "https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md"
	ctSpec        = "https://www.rfc-editor.org/rfc/rfc6962"
	noteSpec      = "https://c2sp.org/tlog-checkpoint"
	statementSpec = "https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md"
	predicateSpec = "https://github.com/in-toto/attestation/blob/main/spec/v1/predicate.md"
	dsseSpec      = "https://github.com/secure-systems-lab/dsse/blob/master/protocol.md"
	slsaLevels    = "https://slsa.dev/spec/v1.0/levels"
	slsaSpec      = "https://slsa.dev/spec/v1.0/provenance"
	publishSpec   = "https://github.com/npm/attestation/tree/main/specs/publish/v0.1"
	signatureSpec = "https://github.com/npm/cli/blob/latest/docs/lib/content/commands/npm-audit.md"
	pep740        = "https://peps.python.org/pep-0740/"
	yankSpec      = "https://peps.python.org/pep-0592/"
	tufSpec       = "https://theupdateframework.github.io/specification/latest/"
	stampSpec     = "https://www.rfc-editor.org/rfc/rfc3161"
	oidcSpec      = "https://openid.net/specs/openid-connect-core-1_0.html"
	rootSpec      = "https://github.com/sigstore/protobuf-specs/tree/main/protos"
	x509Spec      = "https://www.rfc-editor.org/rfc/rfc5280"
	purlSpec      = "https://github.com/package-url/purl-spec"
	trustedSpec   = "https://repos.openssf.org/trusted-publishers-for-all-package-repositories"
	semverSpec    = "https://semver.org/"
	confusing     = "https://www.unicode.org/reports/tr39/"
	sarifSpec     = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"
	vsaSpec       = "https://slsa.dev/spec/v1.0/verification_summary"
	sriSpec       = "https://www.w3.org/TR/SRI/"
	sumDBSpec     = "https://go.dev/ref/mod#checksum-database"
	goSumSpec     = "https://go.dev/ref/mod#go-sum-files"
	goProxySpec   = "https://go.dev/ref/mod#module-proxy"
	pseudoSpec    = "https://go.dev/ref/mod#pseudo-versions"
	privateSpec   = "https://go.dev/ref/mod#private-modules"
	modulePath    = "https://go.dev/ref/mod#module-path"
	tileSpec      = "https://c2sp.org/tlog-tiles"
	signedNote    = "https://c2sp.org/signed-note"
	treeSpec      = "https://www.rfc-editor.org/rfc/rfc6962#section-2.1"
)

// altered is what to do about evidence that is broken.
const altered = "If it fails, do not use the release. Check it again once, since a transfer can fail, then ask the maintainers of the package."

// alteredRecord is what to do about a record that is broken.
const alteredRecord = "If it fails, do not use the module. Ask through another module proxy, and compare with the go.sum of others."

// checks are in the order in which they run.
var checks = []Entry{
	{Word: "bundle.parse", Short: "the bundle can be read",
		Is: "The evidence is a well-formed Sigstore bundle that holds a signature and what was signed, of a form that can be " +
			"verified.",
		Why:  "What cannot be read strictly can be read in two ways, and an attacker chooses the other.",
		Do:   altered,
		Spec: bundleSpec, See: []string{"bundle", "DSSE"}},
	{Word: "log.known", Aliases: []string{"known log"}, Short: "the trust root holds the log",
		Is:   "The log that the entry names is one of those that the trust root holds.",
		Why:  "Anybody can run a log. Only a known one is watched by others.",
		Do:   "If a Sigstore of your own signed, give its trust root with --trusted-root.",
		Spec: clientSpec, See: []string{"transparency log", "trust root"}},
	{Word: "log.entry", Short: "the log entry is well-formed",
		Is:   "The log entry is well-formed, and its kind is the one that its signed body states.",
		Why:  "The kind decides what the entry is compared with; if it could be relabelled, another signature would fit.",
		Do:   altered,
		Spec: rekorSpec, See: []string{"log entry"}},
	{Word: "log.set", Aliases: []string{"log's signed promise (SET)"}, Short: "the log's signed promise (SET)",
		Is: "The log signed this entry, its index and its time.",
		Why: "The certificate is valid for minutes: only a time that the log vouches for shows that the signature was made in " +
			"them.",
		Do:   altered,
		Spec: rekorSpec, See: []string{"SET", "integrated time"}},
	{Word: "log.inclusion", Short: "the entry is in the log's tree",
		Is:   "The hashes of the inclusion proof, recomputed from the entry's body, lead to the root that the bundle claims.",
		Why:  "It shows that the entry stands in the public log, where the owner of the identity can find it.",
		Do:   altered + " The Log tab shows every hash of the path.",
		Spec: ctSpec + "#section-2.1.1", See: []string{"inclusion proof", "checkpoint", "Log"}},
	{Word: "log.checkpoint", Short: "the log signed the tree's root",
		Is:   "The log signed a checkpoint with this root and this tree size.",
		Why:  "An inclusion proof leads to some root; the checkpoint says that it is the log's.",
		Do:   altered,
		Spec: noteSpec, See: []string{"checkpoint", "inclusion proof"}},
	{Word: "log.binding", Aliases: []string{"entry is for this bundle"}, Short: "the entry is for this bundle",
		Is:   "The log entry records this signature, this certificate or key, and this statement.",
		Why:  "Else a true entry of another package would do.",
		Do:   altered,
		Spec: clientSpec, See: []string{"log entry"}},
	{Word: "time", Aliases: []string{"signing time"}, Short: "a trusted time of signing",
		Is: "A log or a timestamp authority of the trust root vouches for the time of signing.",
		Why: "A certificate of Fulcio is valid for ten minutes, and signatures are verified for years: the time must be known, " +
			"and not from the signer.",
		Do:   "If nothing vouches for a time, the package cannot be verified: ask the maintainers to publish with a current client.",
		Spec: clientSpec, See: []string{"SET", "timestamp", "integrated time"}},
	{Word: "certificate.chain", Short: "the certificate leads to the trust root",
		Is:   "The certificate was issued by an authority of the trust root, and was valid at the time of signing.",
		Why:  "The certificate names who signed. It is worth as much as its issuer.",
		Do:   "If a Sigstore of your own issued it, give its trust root with --trusted-root. Else do not use the release.",
		Spec: clientSpec, See: []string{"certificate", "Fulcio", "Certificates"}},
	{Word: "certificate.sct", Aliases: []string{"certificate transparency (SCT)"}, Short: "the certificate was made public (SCT)",
		Is:   "A certificate log of the trust root vouches that the certificate was made public.",
		Why:  "An authority that is broken into could issue in secret; what is public can be noticed.",
		Do:   altered,
		Spec: ctSpec + "#section-3.2", See: []string{"SCT", "certificate transparency log"}},
	{Word: "key", Aliases: []string{"registry key"}, Short: "the registry's key is known and was valid",
		Is:   "The key that signed is one of the registry's, is meant for attestations, and was valid at the time of signing.",
		Why:  "A key that nobody else vouches for could be the attacker's.",
		Do:   "If the registry has new keys, load the trust again; else do not use the release.",
		Spec: signatureSpec, See: []string{"registry signature", "keys.weak"}},
	{Word: "signature", Short: "the signature is over this statement",
		Is:   "The signature over the statement verifies with the key of the certificate, or of the registry.",
		Why:  "If one byte of the statement was altered, it does not.",
		Do:   altered,
		Spec: dsseSpec, See: []string{"DSSE"}},
	{Word: "statement", Short: "the statement can be read",
		Is:   "What was signed is a well-formed in-toto statement.",
		Why:  "A statement that two programs read differently says two things.",
		Do:   altered,
		Spec: statementSpec, See: []string{"predicate", "subject"}},
	{Word: "subject", Short: "the statement names this artifact",
		Is:   "The statement has exactly one subject, and its name and digest are those of this file.",
		Why:  "Else valid evidence of one package would vouch for another.",
		Do:   altered,
		Spec: statementSpec, See: []string{"digest", "artifact"}},
	{Word: "predicate", Short: "the statement is of the type it is offered as",
		Is: "The statement's predicate is of the type that the registry offers it as, and one that this kind of attestation " +
			"may carry.",
		Why:  "A statement that is labelled as another would be judged as what it is not.",
		Do:   altered,
		Spec: predicateSpec, See: []string{"predicate", "provenance"}},
	{Word: "identity", Short: "certificate and statement name one source",
		Is:   "The certificate names a source, of an issuer that is accepted, and the statement and the index claim no other.",
		Why:  "The certificate is what is proven. A statement that contradicts it was written for somebody else's source.",
		Do:   "Compare the witnesses on the Publisher tab. An issuer of your own is accepted if the spec or the policy names it.",
		Spec: extensionSpec, See: []string{"witness", "OIDC issuer", "Publisher"}},
	{Word: "verifier", Aliases: []string{"sigstore-go's verdict"}, Short: "sigstore-go verifies the bundle, too",
		Is:   "sigstore-go's own verifier accepts the whole bundle.",
		Why:  "The steps explain, and sigstore-go decides: both must agree.",
		Do:   "If they disagree the attestation is invalid. Report it as a fault of plimsoll.",
		Spec: clientSpec, See: []string{"verifier.disagrees", "sigstore-go"}},
	{Word: "sumdb.record", Aliases: []string{"record"}, Short: "the record is about this module",
		Is: "The checksum database's answer is a record that names this module at this version, one hash of its zip and one of " +
			"its go.mod, and nothing else.",
		Why:  "A true record of another module would vouch for other bytes.",
		Do:   alteredRecord,
		Spec: sumDBSpec, See: []string{"checksum database", "h1", "Log"}},
	{Word: "sumdb.head", Aliases: []string{"signed tree head"}, Short: "the database signed the tree's root",
		Is:   "The tree head that came with the record is signed with the key of the checksum database that is configured.",
		Why:  "Whoever passes the answer on, a module proxy for instance, cannot sign another tree.",
		Do:   "If GOSUMDB names a database of your own, see that it has its present key. Else do not use the module.",
		Spec: signedNote, See: []string{"tree head", "GOSUMDB"}},
	{Word: "sumdb.inclusion", Aliases: []string{"inclusion in the tree"}, Short: "the record is in the signed tree",
		Is:   "The record's hash, joined step by step with hashes of the database's tiles, leads to the root that the database signed.",
		Why:  "One altered letter of the record, or one altered tile, leads to another root.",
		Do:   alteredRecord + " The Log tab shows every hash of the path.",
		Spec: treeSpec + ".1", See: []string{"inclusion proof", "tile", "tree head"}},
	{Word: "sumdb.consistency", Aliases: []string{"consistency", "consistency proof"}, Short: "one history with the tree seen before",
		Is: "The signed tree and the newest one that was seen before are one tree: the older is the beginning of the newer. There " +
			"is nothing to compare if none was seen before.",
		Why: "A database that shows one person another record than the rest must show that person another tree for ever: this " +
			"is how it is noticed.",
		Do: "If it fails the database has forked: trust nothing that it says. Both heads were written to a file; show them to " +
			"others, since the two signatures prove it.",
		Spec: treeSpec + ".2", See: []string{"fork", "tree head"}},
	{Word: "sumdb.bytes", Aliases: []string{"the module's bytes"}, Short: "the proxy serves the bytes of the record",
		Is:   "The hashes of the go.mod and, if it was fetched, of the zip that the module proxy serves are those of the record.",
		Why:  "The record vouches for certain bytes. What a proxy serves may be others.",
		Do:   "If it fails, do not use the module. Ask through another module proxy, and tell whoever runs this one.",
		Spec: goSumSpec, See: []string{"h1", "module proxy"}},
}
