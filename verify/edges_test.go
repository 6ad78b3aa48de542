package verify

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/digitorus/pkcs7"
	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	sigverify "github.com/sigstore/sigstore-go/pkg/verify"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/confusable"
	"plimsoll/verify/statement"
)

// What each limit says is still read, and not a byte more.
func TestLimitsOfABundle(t *testing.T) {
	t.Parallel()
	entry := func(change func(*protorekor.TransparencyLogEntry)) error {
		e := &protorekor.TransparencyLogEntry{
			CanonicalizedBody: []byte(`{}`), InclusionProof: &protorekor.InclusionProof{Checkpoint: &protorekor.Checkpoint{}},
		}
		change(e)
		return boundedEntry(e)
	}
	hashes := func(n int) error {
		return entry(func(e *protorekor.TransparencyLogEntry) { e.InclusionProof.Hashes = make([][]byte, n) })
	}
	checkpoint := func(n int) error {
		return entry(func(e *protorekor.TransparencyLogEntry) {
			e.InclusionProof.Checkpoint.Envelope = strings.Repeat("x", n)
		})
	}
	for name, tt := range map[string]struct{ within, beyond error }{
		"hashes of a proof": {hashes(untrusted.MaxProofHashes), hashes(untrusted.MaxProofHashes + 1)},
		"checkpoint":        {checkpoint(untrusted.MaxCheckpoint), checkpoint(untrusted.MaxCheckpoint + 1)},
		"part":              {within("part", 7, 7), within("part", 8, 7)},
	} {
		if tt.within != nil || !errors.Is(tt.beyond, untrusted.ErrTooLarge) {
			t.Errorf("%s: at the limit %v, beyond it %v", name, tt.within, tt.beyond)
		}
	}
	deep := entry(func(e *protorekor.TransparencyLogEntry) { e.CanonicalizedBody = []byte(strings.Repeat("[", 1000)) })
	if deep == nil {
		t.Error("a body of any depth is decoded")
	}
	if _, err := decodeBundle(append([]byte(`{}`), bytes.Repeat([]byte(" "), untrusted.MaxAttestations-2)...)); errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("at the limit: %v", err)
	}
	if _, err := decodeBundle(bytes.Repeat([]byte(" "), untrusted.MaxAttestations+1)); !errors.Is(err, untrusted.ErrTooLarge) {
		t.Errorf("beyond the limit: %v", err)
	}
}

func TestArtifactStatus(t *testing.T) {
	t.Parallel()
	att := func(kind Kind, status Status) Attestation {
		return Attestation{Kind: kind, Status: status, Reason: "r"}
	}
	sig := func(status Status) Signature { return Signature{Status: status, Reason: "s"} }
	for _, tt := range []struct {
		name    string
		atts    []Attestation
		sigs    []Signature
		missing string
		want    Status
		reason  string
	}{
		{"nothing", nil, nil, "", None, "no evidence is offered"},
		{"an SBOM", []Attestation{att(KindStatement, Verified)}, nil, "", None, "only attestations of other types are offered"},
		{"an SBOM and a signature", []Attestation{att(KindStatement, Verified)}, []Signature{sig(Verified)}, "", Signed, "the registry signed name, version and integrity"},
		{"an SBOM and provenance", []Attestation{att(KindStatement, Verified), att(KindProvenance, Verified)}, nil, "", Verified, "provenance verifies and is bound to this file"},
		{"provenance and an SBOM", []Attestation{att(KindProvenance, Verified), att(KindStatement, Verified)}, nil, "", Verified, "provenance verifies and is bound to this file"},
		{"a publish attestation", []Attestation{att(KindPublish, Verified)}, nil, "", Signed, "the registry attests that it published these bytes"},
		{"invalid beside good", []Attestation{att(KindProvenance, Verified), att(KindProvenance, Invalid)}, nil, "", Invalid, "r"},
		{"unchecked beside good", []Attestation{att(KindProvenance, Verified), att(KindPublish, Unchecked)}, nil, "", Unchecked, "r"},
		{"missing beside good", []Attestation{att(KindProvenance, Verified)}, nil, "404", Unchecked, "404"},
		{"missing beside invalid", []Attestation{att(KindProvenance, Invalid)}, nil, "404", Invalid, "r"},
		{"missing", nil, nil, "404", Unchecked, "404"},
		{"one signature of a known key", nil, []Signature{sig(Unchecked), sig(Verified)}, "", Signed, "the registry signed name, version and integrity"},
		{"one bad signature", nil, []Signature{sig(Verified), sig(Invalid)}, "", Invalid, "s"},
		{"only unknown keys", nil, []Signature{sig(Unchecked), {Status: Unchecked, Reason: "second"}}, "", Unchecked, "s"},
	} {
		if got, reason := artifactStatus(ArtifactReport{Attestations: tt.atts, Signatures: tt.sigs}, tt.missing); got != tt.want || reason != tt.reason {
			t.Errorf("%s: %v, %q, want %v, %q", tt.name, got, reason, tt.want, tt.reason)
		}
	}
}

func TestReleaseFindings(t *testing.T) {
	t.Parallel()
	weak := Trust{Keys: []RegistryKey{{Weak: true}}}
	strong := Trust{Keys: []RegistryKey{{}, {Weak: true}}}
	one := func(kind Kind) []ArtifactReport {
		return []ArtifactReport{{Attestations: []Attestation{{Kind: kind, Status: Verified}}}}
	}
	signed := []ArtifactReport{{Signatures: []Signature{{}}}}
	for _, tt := range []struct {
		name  string
		arts  []ArtifactReport
		trust Trust
		want  string
	}{
		{"nothing", []ArtifactReport{{}}, weak, ""},
		{"provenance", one(KindProvenance), weak, ""},
		{"publish", one(KindPublish), strong, "provenance.none"},
		{"publish, weak key", one(KindPublish), weak, "provenance.none keys.weak"},
		{"publish, no keys", one(KindPublish), Trust{}, "provenance.none"},
		{"signature", signed, strong, ""},
		{"signature, weak key", signed, weak, "keys.weak"},
		{"both, weak key", append(one(KindProvenance), signed...), weak, "keys.weak"},
		{"weak first, then provenance", append(signed, one(KindProvenance)...), weak, "keys.weak"},
	} {
		var rules []string
		for _, f := range releaseFindings(Evidence{}, tt.trust, dossierOf(Report{Artifacts: tt.arts})) {
			rules = append(rules, f.Rule)
		}
		if got := strings.Join(rules, " "); got != tt.want {
			t.Errorf("%s: found %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The registry that a publish attestation names is compared only if it is
// npm's, and verifies.
func TestPublishRegistry(t *testing.T) {
	t.Parallel()
	ev := Evidence{Registry: "https://npm.example/"}
	made := func(change func(*Bundle)) *Bundle {
		b := Bundle{Attestation: &Attestation{Status: Verified}, Statement: &statement.Statement{PredicateType: statement.NPMPublish,
			Publish: &statement.Publish{Registry: "https://other.example"}}}
		change(&b)
		return &b
	}
	for name, tt := range map[string]struct {
		b    *Bundle
		want int
	}{
		"another registry":     {made(func(*Bundle) {}), 1},
		"the same":             {made(func(b *Bundle) { b.Statement.Publish.Registry = "https://npm.example/x" }), 0},
		"does not verify":      {made(func(b *Bundle) { b.Attestation.Status = Invalid }), 0},
		"no statement":         {made(func(b *Bundle) { b.Statement = nil }), 0},
		"no publish predicate": {made(func(b *Bundle) { b.Statement.Publish = nil }), 0},
		"of another type":      {made(func(b *Bundle) { b.Statement.PredicateType = statement.PyPIPublish }), 0},
	} {
		if got := publishRegistry(ev, tt.b); len(got) != tt.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestDecideMixtures(t *testing.T) {
	t.Parallel()
	arts := func(statuses ...Status) (out []ArtifactReport) {
		for i, s := range statuses {
			out = append(out, ArtifactReport{Filename: untrusted.Text("f" + string(rune('1'+i))), Status: s, Reason: "r"})
		}
		return out
	}
	for _, tt := range []struct {
		arts   []ArtifactReport
		want   Status
		reason string
	}{
		{arts(None, Signed), None, "the registry offers no attestation and no signature: nothing is proven"},
		{arts(Signed, Signed), Signed, "the registry signed these bytes; nothing proves where they were built"},
		{arts(Verified, None), Partial, "1 of 2 files carry verified provenance; without it: f2"},
		{arts(Verified, None, Signed), Partial, "1 of 3 files carry verified provenance; without it: f2, f3"},
		{arts(Verified, None, None, None, None), Partial, "1 of 5 files carry verified provenance; without it: f2, f3 and 2 more"},
		{arts(Pending, None), Unchecked, "the release could not be judged"},
		{arts(Verified, Unchecked), Unchecked, "f2: r"},
	} {
		r := dossierOf(Report{Artifacts: tt.arts})
		decide(r)
		if r.Status != tt.want || r.Reason != tt.reason {
			t.Errorf("%v, %q, want %v, %q", r.Status, r.Reason, tt.want, tt.reason)
		}
	}
}

// Evidence of several attestations holds as a whole if each does.
func TestDecideSeveralAttestations(t *testing.T) {
	t.Parallel()
	unused := Attestation{Status: Bound, KeyID: "unused"}
	stamps := map[untrusted.Text][]Timestamp{"unused": {{Status: NotApplicable}}}
	for _, tt := range []struct {
		atts   []Attestation
		want   Status
		reason string
	}{
		{nil, Unchecked, "the file holds no attestation"},
		{[]Attestation{{Status: Bound, Reason: "one"}}, Bound, "one"},
		{[]Attestation{{Status: Bound}, {Status: Bound}}, Bound, "every link verifies, of all 2 attestations, and they name the artifact that was given"},
		{[]Attestation{{Status: Bound}, unused}, Bound, "every link that was used (in attestation 2, 1 timestamp, which cannot be read, not used) verifies, of all 2 attestations, and they name the artifact that was given"},
		{[]Attestation{{Status: Unbound}, {Status: Unbound}}, Unbound, "every link verifies, of all 2 attestations; the first names nothing, not compared with any file"},
		{[]Attestation{{Status: Bound}, {Status: Unchecked, Reason: "u"}}, Unchecked, "attestation 2 of 2: u"},
		{[]Attestation{{Status: Unchecked, Reason: "u"}, {Status: Invalid, Reason: "i"}}, Invalid, "attestation 2 of 2: i"},
	} {
		r := dossierOf(Report{Inspected: &Inspected{}, Artifacts: []ArtifactReport{{Attestations: tt.atts}}})
		for i := range r.Bundles {
			r.Bundles[i].Timestamps = stamps[r.Bundles[i].Attestation.KeyID]
		}
		decide(r)
		if r.Status != tt.want || r.Reason != tt.reason {
			t.Errorf("%v, %q, want %v, %q", r.Status, r.Reason, tt.want, tt.reason)
		}
	}
}

func TestProven(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		report Report
		want   bool
	}{
		"verified":    {Report{Status: Verified}, true},
		"read back":   {Report{Status: Verified, ReadBack: true}, false},
		"signed":      {Report{Status: Signed}, false},
		"contradicts": {Report{Status: Verified, Findings: []Finding{{Severity: SeverityError}}}, false},
		"pending":     {Report{}, false},
	} {
		if got := Proven(&tt.report, Pending); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, s := range append(Statuses(), Bound, Unbound) {
		if got, want := s.Holds(), s == Verified || s == Bound || s == Unbound; got != want {
			t.Errorf("%v holds: %v", s, got)
		}
	}
}

// An entry beside the one that counts is named if its log is not known.
func TestUnusedEvidence(t *testing.T) {
	t.Parallel()
	stamp := func(name untrusted.Text) Timestamp { return Timestamp{Authority: name, Status: NotApplicable} }
	for want, b := range map[string]Bundle{
		"": {Log: []BundleEntry{{LogEntry: LogEntry{KnownLog: "a"}}}, Timestamps: []Timestamp{{Status: Pass}}},
		"1 log entry, in a log that the trust root does not hold, not used":                              {Log: []BundleEntry{{LogEntry: LogEntry{KnownLog: "a"}}, {}}},
		"1 timestamp, by a, not used; 1 log entry, in a log that the trust root does not hold, not used": {Log: []BundleEntry{{}}, Timestamps: []Timestamp{stamp("a")}},
		"3 timestamps, by a, by b, by c, not used":                                                       {Timestamps: []Timestamp{stamp("a"), stamp("b"), stamp("c")}},
		"4 timestamps, by a, by b, by c, and others, not used":                                           {Timestamps: []Timestamp{stamp("a"), stamp("b"), stamp("c"), stamp("d")}},
		"2 timestamps, by a, not used":                                                                   {Timestamps: []Timestamp{stamp("a"), stamp("a")}},
		"1 timestamp, which cannot be read, not used":                                                    {Timestamps: []Timestamp{stamp("")}},
	} {
		if got := b.unused(); got != want {
			t.Errorf("found %q, want %q", got, want)
		}
	}
}

// fakeSignature is a signature as a bundle carries it.
type fakeSignature struct {
	sigverify.SignatureContent
	raw []byte
}

func (f fakeSignature) Signature() []byte { return f.raw }

// Old clients signed with SHA-256 whatever the key; that counts for a
// certificate's key that is longer than P-256, and for no other.
func TestOldSignatures(t *testing.T) {
	t.Parallel()
	payload := []byte("{}")
	statementSum, messageSum := sha256.Sum256(dsse.PAE(payloadType, payload)), sha256.Sum256(payload)
	for _, curve := range []elliptic.Curve{elliptic.P256(), elliptic.P384()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		sign := func(sum []byte) fakeSignature {
			sig, err := ecdsa.SignASN1(rand.Reader, key, sum)
			if err != nil {
				t.Fatal(err)
			}
			return fakeSignature{raw: sig}
		}
		leaf, long := &x509.Certificate{PublicKey: &key.PublicKey}, curve != elliptic.P256()
		step := func(sig fakeSignature, leaf *x509.Certificate, algorithm string) *steps {
			return &steps{o: &opened{leaf: leaf, sig: sig, payload: payload, payloadType: payloadType, message: &Digest{Algorithm: algorithm}}}
		}
		for name, tt := range map[string]struct{ got, want bool }{
			"statement":                    {step(sign(statementSum[:]), leaf, "").oldSHA256(), long},
			"statement, other bytes":       {step(sign(messageSum[:]), leaf, "").oldSHA256(), false},
			"statement, no certificate":    {step(sign(statementSum[:]), nil, "").oldSHA256(), false},
			"message":                      {step(sign(messageSum[:]), leaf, "sha256").oldMessage(messageSum[:]), long},
			"message, other bytes":         {step(sign(statementSum[:]), leaf, "sha256").oldMessage(messageSum[:]), false},
			"message of another algorithm": {step(sign(messageSum[:]), leaf, "sha384").oldMessage(messageSum[:]), false},
			"message, no certificate":      {step(sign(messageSum[:]), nil, "sha256").oldMessage(messageSum[:]), false},
			"a key of another kind":        {step(sign(statementSum[:]), &x509.Certificate{PublicKey: "key"}, "sha256").oldSHA256(), false},
		} {
			if tt.got != tt.want {
				t.Errorf("%s, %s: %v", curve.Params().Name, name, tt.got)
			}
		}
	}
}

// A bundle of an instance without a log is excused from the log only if the
// trust root knows nothing of its authority.
func TestElsewhere(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "an authority", days(0), days(100), true, nil)
	leaf := issue(t, ca, "leaf", days(1), days(2), false, nil).cert
	knows := &root.BaseTrustedMaterial{}
	holds := material{authorities: []root.CertificateAuthority{&root.FulcioCertificateAuthority{Root: ca.cert}}}
	for name, tt := range map[string]struct {
		s    steps
		want bool
	}{
		"a private instance":       {steps{needs: needs{log: true}, o: &opened{leaf: leaf}, stamps: []Timestamp{{}}, trust: knows}, true},
		"a root without a log":     {steps{o: &opened{leaf: leaf}, stamps: []Timestamp{{}}, trust: knows}, false},
		"a key":                    {steps{needs: needs{log: true}, o: &opened{}, stamps: []Timestamp{{}}, trust: knows}, false},
		"a log entry":              {steps{needs: needs{log: true}, o: &opened{leaf: leaf, entries: []*tlog.Entry{{}}}, stamps: []Timestamp{{}}, trust: knows}, false},
		"no timestamp":             {steps{needs: needs{log: true}, o: &opened{leaf: leaf}, trust: knows}, false},
		"an authority of the root": {steps{needs: needs{log: true}, o: &opened{leaf: leaf}, stamps: []Timestamp{{}}, trust: holds}, false},
	} {
		if got := tt.s.elsewhere(); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	s := steps{needs: needs{log: true}, o: &opened{leaf: leaf}, stamps: []Timestamp{{}}, trust: knows, checklist: &checklist{}}
	const why = "there is no log entry, only a signed timestamp: the bundle is of a private instance, whose certificates CN=an authority issues, and the trust root does not hold it; name that instance's trust root"
	if out := s.logKnown(); out.status != Blocked || out.reason != why {
		t.Errorf("%v: %s", out.status, out.reason)
	}
	if out := s.time(); out.status != Blocked || out.reason != "not reached: needs known log" {
		t.Errorf("%v: %s", out.status, out.reason)
	}
}

// material is a trust root with some authorities and nothing else.
type material struct {
	*root.BaseTrustedMaterial
	authorities []root.CertificateAuthority
}

func (m material) FulcioCertificateAuthorities() []root.CertificateAuthority { return m.authorities }

// What does not verify may be of an authority that is known by its name.
func TestAuthoritiesNamed(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "root", days(0), days(100), true, nil)
	middle := issue(t, ca, "middle", days(0), days(50), true, nil)
	leaf := issue(t, middle, "leaf", days(1), days(2), false, nil).cert
	whole := &root.FulcioCertificateAuthority{Root: ca.cert, Intermediates: []*x509.Certificate{middle.cert}}
	m := material{authorities: []root.CertificateAuthority{&root.FulcioCertificateAuthority{}, &root.FulcioCertificateAuthority{Root: ca.cert}, whole}}
	if got := authoritiesNamed(leaf, m); len(got) != 1 || got[0] != whole {
		t.Errorf("%+v", got)
	}
	roles := func(chain []Certificate) string {
		var out []string
		for _, c := range chain {
			role := c.Role
			if c.FromBundle {
				role += "*"
			}
			out = append(out, role)
		}
		return strings.Join(out, " ")
	}
	for want, got := range map[string][]Certificate{
		"leaf* intermediate root":  describeChain(leaf, nil, [][]*x509.Certificate{{leaf, middle.cert, ca.cert}}, m),
		"leaf* root":               describeChain(leaf, nil, [][]*x509.Certificate{{leaf, ca.cert}}, m),
		"leaf* intermediate*":      describeChain(leaf, []*x509.Certificate{middle.cert}, [][]*x509.Certificate{{leaf}}, m),
		"leaf* intermediate root ": append(describeChain(leaf, nil, nil, m), Certificate{}),
		"leaf*":                    describeChain(leaf, nil, nil, material{}),
	} {
		if roles(got) != want {
			t.Errorf("found %q, want %q", roles(got), want)
		}
	}
}

func TestDescribedExtensions(t *testing.T) {
	t.Parallel()
	for usage, want := range map[x509.KeyUsage]string{
		0: "", x509.KeyUsageDigitalSignature: "digital signature", x509.KeyUsageCertSign | x509.KeyUsageCRLSign: "certificate signing, CRL signing",
		x509.KeyUsageDecipherOnly: "decipher only", 1 << 9: "",
	} {
		if got := keyUsage(usage); got != want {
			t.Errorf("usage %d: %q, want %q", usage, got, want)
		}
	}
	cert := &x509.Certificate{
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning, x509.ExtKeyUsageServerAuth}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{{1, 2, 3}},
	}
	if got := extendedKeyUsage(cert); got != "code signing, usage 1, 1.2.3" {
		t.Error(got)
	}
	for n, want := range map[int]string{64: strings.Repeat("ab", 64), 65: strings.Repeat("ab", 64) + "… (65 bytes)"} {
		if got := standardValue(cert, "1.2.3", bytes.Repeat([]byte{0xab}, n)); got != want {
			t.Errorf("%d bytes: %q", n, got)
		}
	}
	for n, legacy := range map[int]bool{0: false, 1: true, 6: true, 7: false, 8: false} {
		id := append(append(asn1.ObjectIdentifier{}, fulcioArc...), n)
		if n == 0 {
			id = asn1.ObjectIdentifier{1, 2, 3}
		}
		if got := describeExtension(cert, pkix.Extension{Id: id}); got.Legacy != legacy || got.Number != n {
			t.Errorf("extension %d: %+v", n, got)
		}
	}
	// The last extension with a number is read as strictly as the others.
	last := pkix.Extension{Id: append(append(asn1.ObjectIdentifier{}, fulcioArc...), lastNumberedExtension), Value: []byte("no DER")}
	next := pkix.Extension{Id: append(append(asn1.ObjectIdentifier{}, fulcioArc...), lastNumberedExtension+1), Value: []byte("no DER")}
	if _, err := publisherOf(leafWith(t, release, modern(extensions{24: ""}), last)); err == nil {
		t.Error("a malformed extension 24 is read")
	}
	if _, err := publisherOf(leafWith(t, release, modern(extensions{24: ""}), next)); err != nil {
		t.Errorf("extension 25 is not known: %v", err)
	}
}

// Fulcio writes a username as a name of another kind.
func TestOtherName(t *testing.T) {
	t.Parallel()
	marshal := func(v any, params string) []byte {
		der, err := asn1.MarshalWithParams(v, params)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	oid := marshal(append(append(asn1.ObjectIdentifier{}, fulcioArc...), 7), "")
	good := append(bytes.Clone(oid), marshal("foo!oidc.local", "utf8,explicit,tag:0")...)
	for name, tt := range map[string]struct {
		der  []byte
		want untrusted.Text
	}{
		"a username":  {good, "foo!oidc.local"},
		"no type":     {[]byte{0xff}, "(unreadable name)"},
		"no value":    {oid, "(unreadable name)"},
		"empty value": {append(bytes.Clone(oid), 0xa0, 0), "(unreadable name)"},
	} {
		if got := otherName(tt.der); got != tt.want {
			t.Errorf("%s: %q", name, got)
		}
	}
	san := marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: good}}, "")
	names, err := subjectAlternativeNames(&x509.Certificate{Extensions: []pkix.Extension{{Id: oidSAN, Value: san}}})
	if err != nil || len(names) != 1 || names[0] != "foo!oidc.local" {
		t.Errorf("%q, %v", names, err)
	}
	ip := marshal([]asn1.RawValue{{Class: asn1.ClassContextSpecific, Tag: 7, Bytes: []byte{1, 2, 3, 4}}, {Class: asn1.ClassUniversal, Tag: 0, Bytes: good}}, "")
	names, err = subjectAlternativeNames(&x509.Certificate{Extensions: []pkix.Extension{{Id: oidSAN, Value: ip}}})
	if err != nil || len(names) != 2 || names[0] != "(name of type 7)" || names[1] != "(name of type 0)" {
		t.Errorf("%q, %v", names, err)
	}
}

func TestRemarks(t *testing.T) {
	t.Parallel()
	strange := func(n int) []rune { return []rune(strings.Repeat("\u0430", n)) }
	first := strings.TrimSuffix(strings.Repeat("U+0430 (Cyrillic), ", maxStrange), ", ")
	for _, tt := range []struct {
		name confusable.Name
		want string
	}{
		{confusable.Name{Kind: confusable.Hidden, Strange: []rune{'\u200b'}}, "holds characters that cannot be seen: U+200B"},
		{confusable.Name{Kind: confusable.Twin, Like: "acme", Strange: strange(1)}, `looks like "acme" and is another: U+0430 (Cyrillic)`},
		{confusable.Name{Kind: confusable.Twin, Strange: strange(1)}, "is another: U+0430 (Cyrillic)"},
		{confusable.Name{Kind: confusable.Mixed, Like: "acme", Scripts: []string{"Cyrillic", "Latin"}, Strange: strange(1)}, `looks like "acme" and mixes letters of Cyrillic and Latin: U+0430 (Cyrillic)`},
		{confusable.Name{Kind: confusable.Foreign, Strange: strange(1)}, "is not in ASCII, as the registry's names are: U+0430 (Cyrillic)"},
		{confusable.Name{Kind: confusable.Foreign, Strange: strange(maxStrange)}, "is not in ASCII, as the registry's names are: " + first},
		{confusable.Name{Kind: confusable.Foreign, Strange: strange(maxStrange + 2)}, "is not in ASCII, as the registry's names are: " + first + " and 2 more"},
	} {
		if got := remark(tt.name); got != tt.want {
			t.Errorf("found %q, want %q", got, tt.want)
		}
	}
}

func TestShortTexts(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{strings.Repeat("a", 16): strings.Repeat("a", 16), strings.Repeat("a", 17): strings.Repeat("a", 16) + "…"} {
		if got := shortID(in); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for n, want := range map[int]string{0: "", 8: strings.Repeat("00", 8), 9: strings.Repeat("00", 8) + "…"} {
		if got := shortHex(make([]byte, n)); got != want {
			t.Errorf("%d bytes: %q, want %q", n, got, want)
		}
	}
	if got := untrusted.LowerASCII("@AZ[`az{\u212a"); got != "@az[`az{\u212a" {
		t.Errorf("%q", got)
	}
	if got := entryUUID("log - 1", nil); got != "" {
		t.Errorf("without a leaf: %q", got)
	}
	if got := entryUUID("log - x", []byte{1}); got != "" {
		t.Errorf("without a tree: %q", got)
	}
	for _, name := range []string{Verified.String(), Bound.String()} {
		if s, err := ParseStatus(name); err != nil || s.String() != name {
			t.Errorf("%s: %v, %v", name, s, err)
		}
	}
	last := Status(len(statusNames))
	if last.String() != "pending" || CheckStatus(len(checkStatusNames)).String() != "not run" || Severity(len(severityNames)).String() != "info" {
		t.Error("a value that is none has a name")
	}
}

// Without a tree the leaf itself is the root, and a leaf may be the first.
func TestSmallProofs(t *testing.T) {
	t.Parallel()
	alone := recomputeProof([]byte("x"), &protorekor.InclusionProof{LogIndex: 0, TreeSize: 1})
	if alone.Problem != "" || !bytes.Equal(alone.Computed, alone.LeafHash) || len(alone.Steps) != 0 {
		t.Errorf("%+v", alone)
	}
	if _, err := climb(make([]byte, 32), 0, 2, [][]byte{make([]byte, 31)}); err == nil || err.Error() != "hash 1 of the proof: expected 32 bytes, found 31" {
		t.Errorf("%v", err)
	}
	// A signature of exactly four bytes has a key hint and nothing else.
	if err := checkSigner("log.example", "a\n\n— bog.example aGludA==\n", hex.EncodeToString([]byte("hint"))); err == nil {
		t.Error("the log's line under another name was not read")
	}
}

func TestUnverified(t *testing.T) {
	t.Parallel()
	none := Trust{RootError: "no root"}
	release := Release{Ecosystem: PyPI, Name: "x", Version: "1"}
	off := func(repository untrusted.Text) OfferedAttestation {
		return OfferedAttestation{Bundle: []byte("{"), Publisher: &ClaimedPublisher{Kind: kindGitHub, Repository: repository}}
	}
	for _, tt := range []struct {
		name   string
		art    Artifact
		status Status
		reason string
	}{
		{"nothing", Artifact{}, None, "no evidence is offered"},
		{"missing", Artifact{Missing: "404"}, Unchecked, "404"},
		{"a signature", Artifact{Signatures: []OfferedSignature{{}}}, Unchecked, "not verified: no root"},
		{"an attestation", Artifact{Attestations: []OfferedAttestation{off("acme/a")}}, Unchecked, "not verified: no root"},
		{"both", Artifact{Signatures: []OfferedSignature{{}}, Attestations: []OfferedAttestation{off("acme/a")}}, Unchecked, "not verified: no root"},
	} {
		r := Verify(Evidence{Release: release, Artifacts: []Artifact{tt.art}}, catalog.Provenance{}, none)
		if art := r.Artifacts[0]; r.Status != Unchecked || r.Reason != "no root" || art.Status != tt.status || art.Reason != tt.reason {
			t.Errorf("%s: %v %q, the file %v %q", tt.name, r.Status, r.Reason, art.Status, art.Reason)
		}
	}
	r := Verify(Evidence{Release: release, Artifacts: []Artifact{{Attestations: []OfferedAttestation{off("acme/a"), off("acme/b")}}}}, catalog.Provenance{}, none)
	att := r.Artifacts[0].Attestations[0]
	if !strings.HasPrefix(att.Reason, "not verified: no root; and it cannot be decoded: bundle: ") ||
		!strings.HasPrefix(att.Checks[0].Reason, "cannot be decoded: bundle: ") {
		t.Errorf("%q, %q", att.Reason, att.Checks[0].Reason)
	}
	i := slices.IndexFunc(r.Comparison, func(c Comparison) bool { return c.Field == "publisher repository" })
	if i < 0 || r.Comparison[i].Registry != "acme/a" {
		t.Errorf("the first attestation's claim is not shown: %+v", r.Comparison)
	}
}

func TestNeedsPublishTime(t *testing.T) {
	t.Parallel()
	end := time.Unix(1, 0)
	trust := Trust{Keys: []RegistryKey{{ID: "a", Usage: UsageSignatures, End: end}, {ID: "b", Usage: UsageSignatures}, {ID: "c", Usage: UsageAttestations, End: end}}}
	for id, want := range map[string]bool{"a": true, "b": false, "c": false, "d": false} {
		if got := trust.NeedsPublishTime(id); got != want {
			t.Errorf("%s: %v", id, got)
		}
	}
	key := &RegistryKey{End: time.Date(2025, 1, 2, 0, 0, 0, 0, time.UTC)}
	status, reason := checkKeyTime(Evidence{PublishTimeError: "503"}, key)
	if status != Unchecked || reason != "the key ended on 2025-01-02, and when the release was published could not be fetched: 503" {
		t.Errorf("%v: %s", status, reason)
	}
	sig := Signature{KeyID: "k"}
	sig.judge([]string{"m"}, Evidence{}, Artifact{}, Trust{KeysError: "503"})
	if sig.Status != Unchecked || sig.Reason != "the registry's keys could not be fetched: 503" {
		t.Errorf("%+v", sig)
	}
}

func TestSubjectDigestOfAnotherKind(t *testing.T) {
	t.Parallel()
	st := &statement.Statement{Subjects: []statement.Subject{{Name: "pkg:npm/x@1", Digest: map[string]untrusted.Text{"sha256": "ab"}}}}
	out := released{release: Release{Ecosystem: NPM, Name: "x", Version: "1"}, artifact: Artifact{Digest: Digest{Algorithm: "sha512", Hex: "ab"}}}.subject(st)
	if out.status != Fail || out.reason != "the subject has no sha512 digest" {
		t.Errorf("%v: %s", out.status, out.reason)
	}
}

// All digests that both name must agree: one that does outweighs none that does not.
func TestGivenDigestsMustAllAgree(t *testing.T) {
	t.Parallel()
	f := filed{given: &Given{Name: "f", Digests: []Digest{{"sha256", "aa"}, {"sha512", "bb"}}}}
	for other, want := range map[untrusted.Text]CheckStatus{"bb": Pass, "cc": Fail} {
		out := f.checkGiven([]map[string]untrusted.Text{{"sha256": "aa", "sha512": other}}, "")
		if out.status != want {
			t.Errorf("sha512:%s: got %+v, want %v", other, out, want)
		}
	}
}

func TestVersionsOfTags(t *testing.T) {
	t.Parallel()
	long := "v1." + strings.Repeat("0", untrusted.MaxVersion-3)
	for _, tt := range []struct {
		tag, version string
		want         bool
	}{
		{"v1.0.0", "1.0", false}, {"v1.0", "1.0.0", false}, {"v0.0", "0.0.0", false}, {"v1.02", "1.2", false}, {"v1.0", "10", false},
		{"v1.0-rc1", "1.0", true}, {"v1.0", "1.0rc1", true}, {"v1.0-rc1", "1.0rc1", false}, {"v1.0-linux", "1.0", false}, {"v1.0-linux", "1.0-rc1", true},
		{"v2.0", "1.0", true}, {long, "2.0", true}, {long + "0", "2.0", false}, {"v2.0", long[1:] + "0", true}, {"v2.0", long + "0", false},
		{"v99999999999999999999.1", "99999999999999999999.1", false}, {"v99999999999999999999.1", "99999999999999999998.1", true},
	} {
		if got := otherVersion(tt.tag, tt.version); got != tt.want {
			t.Errorf("otherVersion(%.20q, %.20q) = %v", tt.tag, tt.version, got)
		}
	}
}

// A bundle takes as many timestamps as sigstore-go.
func TestNumberOfTimestamps(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]bool{maxTimestamps: true, maxTimestamps + 1: false} {
		stamp := &protocommon.RFC3161SignedTimestamp{SignedTimestamp: []byte("garbage")}
		o := openedWith(t, stamp, n)
		if stamps, err := o.timestamps(&root.BaseTrustedMaterial{}); (err == nil) != want || want && len(stamps) != n {
			t.Errorf("%d timestamps: %d, %v", n, len(stamps), err)
		}
	}
	for n, want := range map[int]bool{untrusted.MaxTimestamp: true, untrusted.MaxTimestamp + 1: false} {
		data := fmt.Appendf(nil, `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"k"},
			"timestampVerificationData":{"rfc3161Timestamps":[{"signedTimestamp":"eA=="},{"signedTimestamp":%q}]}},
			"dsseEnvelope":{"payloadType":"text/plain","payload":"eA==","signatures":[{"sig":"AAAA"}]}}`, base64.StdEncoding.EncodeToString(make([]byte, n)))
		if _, err := decodeBundle(data); errors.Is(err, untrusted.ErrTooLarge) == want {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func openedWith(t *testing.T, stamp *protocommon.RFC3161SignedTimestamp, n int) *opened {
	t.Helper()
	data := &protobundle.TimestampVerificationData{}
	for range n {
		data.Rfc3161Timestamps = append(data.Rfc3161Timestamps, stamp)
	}
	b := &bundle.Bundle{Bundle: &protobundle.Bundle{VerificationMaterial: &protobundle.VerificationMaterial{TimestampVerificationData: data}}}
	return &opened{Bundle: b, sig: fakeSignature{}}
}

// Of a payload that is no statement nothing is decoded, so its shape does not
// matter.
func TestShapeOfAPayload(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 1000)
	for payloadType, want := range map[string]bool{payloadType: true, "text/plain": false} {
		data := fmt.Appendf(nil, `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"k"}},
			"dsseEnvelope":{"payloadType":%q,"payload":%q,"signatures":[{"sig":"AAAA"}]}}`, payloadType, base64.StdEncoding.EncodeToString([]byte(deep)))
		if _, err := decodeBundle(data); (err != nil && strings.HasPrefix(err.Error(), "statement: ")) != want {
			t.Errorf("%s: %v", payloadType, err)
		}
	}
}

func TestChainOfABundle(t *testing.T) {
	t.Parallel()
	ca := issue(t, nil, "root", days(0), days(100), true, nil)
	leaf := issue(t, ca, "leaf", days(1), days(2), false, nil)
	chain := func(certs ...[]byte) *opened {
		list := &protocommon.X509CertificateChain{}
		for _, der := range certs {
			list.Certificates = append(list.Certificates, &protocommon.X509Certificate{RawBytes: der})
		}
		return &opened{Bundle: &bundle.Bundle{Bundle: &protobundle.Bundle{VerificationMaterial: &protobundle.VerificationMaterial{
			Content: &protobundle.VerificationMaterial_X509CertificateChain{X509CertificateChain: list}}}}}
	}
	for want, o := range map[string]*opened{
		"":                             chain(leaf.cert.Raw),
		"certificate 2 of the chain: ": chain(leaf.cert.Raw, []byte("garbage")),
		"certificate 2 of the chain is a root certificate, ": chain(leaf.cert.Raw, ca.cert.Raw),
	} {
		if err := o.bringsRoot(); (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("want %q, found %v", want, err)
		}
	}
	if got := offeredChain(chain(leaf.cert.Raw, []byte("garbage"), ca.cert.Raw).Bundle); len(got) != 1 || !got[0].Equal(ca.cert) {
		t.Errorf("beside the leaf: %+v", got)
	}
}

// An attestation of which the registry gave no object has no hash.
func TestHashOfNothing(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][32]byte{"": {}, "x": sha256.Sum256([]byte("x"))} {
		ev := Evidence{Release: Release{Ecosystem: NPM, Name: "x", Version: "1"}, Artifacts: []Artifact{{Attestations: []OfferedAttestation{{Raw: []byte(raw), Problem: "p"}}}}}
		r := Verify(ev, catalog.Provenance{}, Trust{Root: &root.BaseTrustedMaterial{}})
		if att := r.Artifacts[0].Attestations[0]; att.RawSHA256 != want || att.Status != Invalid || att.Reason != "bundle: p" {
			t.Errorf("%q: %x, %v: %s", raw, att.RawSHA256, att.Status, att.Reason)
		}
	}
}

// A workflow that an organisation requires lies elsewhere, as a whole: a name
// that begins alike is another.
func TestRequiredWorkflow(t *testing.T) {
	t.Parallel()
	p := &Publisher{Repository: acme, WorkflowURI: "https://github.com/acme/policies/.github/workflows/x.yml@refs/heads/main"}
	for _, tt := range []struct {
		where, value untrusted.Text
		want         bool
	}{
		{"invocation.environment.GITHUB_WORKFLOW_REF", "https://github.com/acme/policies", true},
		{"invocation.configSource.entryPoint", "https://github.com/acme/policies", true},
		{"invocation.environment.GITHUB_WORKFLOW_REF", "https://github.com/acme/polic", false},
		{"invocation.environment.GITHUB_WORKFLOW_REF", "https://github.com/acme/other", false},
		{"invocation.environment.GITHUB_REPOSITORY", "https://github.com/acme/policies", false},
		{"invocation.environment.GITHUB_REPOSITORY", acme, true},
	} {
		claim := statement.Claim{Field: statement.FieldRepository, Where: string(tt.where), Value: tt.value}
		if got := claimAgrees(claim, p.Repository, p); got != tt.want {
			t.Errorf("%s says %s: %v", tt.where, tt.value, got)
		}
	}
}

// Evidence apart from a package names any signer, whose certificate must not
// contradict itself.
func TestIdentityAlone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		p    Publisher
		want CheckStatus
	}{
		{"GitHub", Publisher{Kind: kindGitHub, Issuer: issuerGitHub, Repository: acme}, Pass},
		{"no repository", Publisher{Kind: kindGitHub, Issuer: issuerGitHub}, Pass},
		{"an issuer that nobody accepted", Publisher{Kind: kindUnknown, Issuer: "https://ci.example", Repository: "https://git.example/acme/http"}, Pass},
		{"a source elsewhere", Publisher{Kind: kindGitHub, Issuer: issuerGitHub, Repository: "https://gitlab.com/acme/http"}, Fail},
	} {
		if out := (filed{}).identity(&tt.p, nil, OfferedAttestation{}); out.status != tt.want {
			t.Errorf("%s: %v: %s", tt.name, out.status, out.reason)
		}
	}
	out := filed{}.predicate(&statement.Statement{PredicateType: statement.ProvenanceV1}, OfferedAttestation{})
	if out.status != Pass || out.reason != "the predicate type is https://slsa.dev/provenance/v1" {
		t.Errorf("%v: %s", out.status, out.reason)
	}
	if got := describePublisher(&Publisher{Email: "a@b.test", Repository: acme}); got != "a@b.test" {
		t.Error(got)
	}
	if got := describePublisher(&Publisher{Repository: acme, Workflow: "w.yml"}); got != acme+" w.yml" {
		t.Error(got)
	}
}

// A private instance has a timestamping authority in place of a log, and may
// have no certificate log either.
func TestNeedsOfAnInstance(t *testing.T) {
	t.Parallel()
	leaf := &opened{leaf: &x509.Certificate{}}
	for _, tt := range []struct {
		name string
		root instance
		o    *opened
		want needs
	}{
		{"public", instance{logs: 1, ctLogs: 1}, leaf, needs{log: true, time: true, sct: true}},
		{"public, signed with a key", instance{logs: 1, ctLogs: 1}, &opened{}, needs{log: true, time: true}},
		{"public, with an authority", instance{logs: 1, ctLogs: 1, stamps: 1}, leaf, needs{log: true, time: true, sct: true}},
		{"no certificate log", instance{logs: 1}, leaf, needs{log: true, time: true, sct: true}},
		{"private", instance{stamps: 1}, leaf, needs{time: true}},
		{"private, with a certificate log", instance{stamps: 1, ctLogs: 1}, leaf, needs{time: true, sct: true}},
		{"nothing at all", instance{}, leaf, needs{log: true, time: true, sct: true}},
	} {
		if got := tt.o.needs(tt.root); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if garbage := openedWith(t, &protocommon.RFC3161SignedTimestamp{SignedTimestamp: []byte("garbage")}, 2); stampedBy(garbage, instance{stamps: 0}) {
		t.Error("a timestamp that cannot be read is by an authority of the trust root")
	}
	if many := openedWith(t, &protocommon.RFC3161SignedTimestamp{SignedTimestamp: []byte("garbage")}, maxTimestamps+1); !stampedBy(many, instance{}) {
		t.Error("too many timestamps are none")
	}
}

// instance is a trust root with so many of each.
type instance struct {
	*root.BaseTrustedMaterial
	logs, ctLogs, stamps int
}

func someLogs(n int) map[string]*root.TransparencyLog {
	out := map[string]*root.TransparencyLog{}
	for i := range n {
		out[strings.Repeat("a", i+1)] = &root.TransparencyLog{}
	}
	return out
}

func (i instance) RekorLogs() map[string]*root.TransparencyLog { return someLogs(i.logs) }
func (i instance) CTLogs() map[string]*root.TransparencyLog    { return someLogs(i.ctLogs) }
func (i instance) TimestampingAuthorities() []root.TimestampingAuthority {
	return make([]root.TimestampingAuthority, i.stamps)
}

// Of two attestations of the same level the first gives the reason.
func TestLevelOfTwoAttestations(t *testing.T) {
	t.Parallel()
	att := func(runner, signer untrusted.Text) Attestation {
		return Attestation{Status: Verified, Kind: KindProvenance, PredicateType: statement.ProvenanceV1,
			Publisher: &Publisher{Kind: kindGitHub, Repository: acme, Runner: runner, SignerURI: signer}}
	}
	own, reusable, self := att("github-hosted", release), att("github-hosted", "https://github.com/acme/policies/x.yml@main"), att("self-hosted", release)
	for _, tt := range []struct {
		atts  []Attestation
		level int
		says  string
	}{
		{[]Attestation{own, reusable}, 2, "built on a runner hosted by GitHub"},
		{[]Attestation{reusable, own}, 2, "built on a runner hosted by GitHub, by a reusable workflow that is not known to reach level 3"},
		{[]Attestation{self, own}, 2, "built on a runner hosted by GitHub"},
		{[]Attestation{own, self}, 2, "built on a runner hosted by GitHub"},
		{nil, 0, "no build provenance verifies"},
	} {
		if got := artifactLevel(ArtifactReport{Status: Verified, Attestations: tt.atts}); got.Level != tt.level || got.Reason != tt.says {
			t.Errorf("%d: %s, want %d: %s", got.Level, got.Reason, tt.level, tt.says)
		}
	}
	for in, want := range map[string]string{
		"https://gitlab.com/acme/http/-/tree/main": "gitlab.com/acme/http", "https://gitlab.com/acme/sub/http/-/tree/main": "gitlab.com/acme/sub/http",
		"https://gitlab.com/acme/http/tree/main": "gitlab.com/acme/http", "https://gitlab.com/tree/http": "gitlab.com/tree/http",
	} {
		if repo, ok := ParseRepository(in); !ok || repo.String() != want {
			t.Errorf("%s is %v, %v", in, repo, ok)
		}
	}
}

func TestUnreadableSCTs(t *testing.T) {
	t.Parallel()
	list := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: []byte("garbage")}
	got := describeSCTs(leafWith(t, release, nil, list), nil, &root.BaseTrustedMaterial{})
	if len(got) != 1 || got[0].Status != Fail || !strings.HasPrefix(got[0].Reason, "unreadable: ") {
		t.Errorf("%+v", got)
	}
	if got := describeSCTs(leafWith(t, release, nil), nil, &root.BaseTrustedMaterial{}); len(got) != 0 {
		t.Errorf("without any: %+v", got)
	}
}

// Why a certificate does not chain: nobody issued it, somebody unknown did, or
// it was not the authority that it names.
func TestWhyNoChain(t *testing.T) {
	t.Parallel()
	ca, impostor := issue(t, nil, "an authority", days(0), days(100), true, nil), issue(t, nil, "an authority", days(0), days(99), true, nil)
	m := material{authorities: []root.CertificateAuthority{&root.FulcioCertificateAuthority{Root: ca.cert}}}
	for _, tt := range []struct {
		leaf             *x509.Certificate
		trust            root.TrustedMaterial
		reason, expected string
	}{
		{impostor.cert, m, "the certificate vouches for itself: nobody issued it", "an authority of the trust root"},
		{issue(t, impostor, "leaf", days(1), days(2), false, nil).cert, &root.BaseTrustedMaterial{},
			"the certificate was issued by an authority that the trust root does not hold", "an authority of the trust root"},
		{issue(t, impostor, "leaf", days(1), days(2), false, nil).cert, m,
			"the certificate names an authority of the trust root as its issuer, and does not verify under it at the signing time", "a signature by CN=an authority"},
	} {
		s := steps{o: &opened{leaf: tt.leaf}, trust: tt.trust, times: []time.Time{days(1).Add(time.Hour)}}
		if out := s.chain(); out.status != Fail || out.reason != tt.reason || out.expected != tt.expected {
			t.Errorf("%v: %s (expected %s)", out.status, out.reason, out.expected)
		}
	}
}

// fakeContent is a certificate or key that is valid or not.
type fakeContent struct {
	sigverify.VerificationContent
	valid bool
}

func (f fakeContent) ValidAtTime(time.Time, root.TrustedMaterial) bool { return f.valid }

// A timestamp lies within the validity of whatever signed; of a key that nobody
// knows no validity is known.
func TestTimestampWithinSigner(t *testing.T) {
	t.Parallel()
	keys := root.NewTrustedPublicKeyMaterialFromMapping(map[string]*root.ExpiringKey{"k": {}})
	leaf := &x509.Certificate{}
	for _, tt := range []struct {
		o      *opened
		want   CheckStatus
		reason string
	}{
		{&opened{leaf: leaf, content: fakeContent{valid: true}}, Pass, "within the certificate's validity"},
		{&opened{leaf: leaf, content: fakeContent{}}, Fail, "it lies outside the certificate's validity"},
		{&opened{keyHint: "k", content: fakeContent{valid: true}}, Pass, "within the key's validity"},
		{&opened{keyHint: "k", content: fakeContent{}}, Fail, "it lies outside the key's validity"},
		{&opened{keyHint: "x", content: fakeContent{}}, Pass, "within the key's validity"},
	} {
		if got := tt.o.withinSigner(Timestamp{}, keys); got.Status != tt.want || got.Reason != tt.reason {
			t.Errorf("key %q: %v: %s", tt.o.keyHint, got.Status, got.Reason)
		}
	}
}

// Whose timestamp it is says the signer's certificate, and never its name.
func TestTimestampClaims(t *testing.T) {
	t.Parallel()
	ca, namesake := issue(t, nil, "tsa", days(0), days(100), true, nil), issue(t, nil, "tsa", days(0), days(99), true, nil)
	middle := issue(t, ca, "middle", days(0), days(100), true, nil)
	signer := issue(t, middle, "signer", days(0), days(50), false, nil).cert
	message := &pkcs7.PKCS7{Certificates: []*x509.Certificate{signer}}
	message.Signers = slices.Grow(message.Signers, 1)[:1]
	by := &message.Signers[0].IssuerAndSerialNumber
	by.IssuerName.FullBytes, by.SerialNumber = signer.RawIssuer, signer.SerialNumber
	without := *message
	without.Certificates = nil
	for _, tt := range []struct {
		name      string
		message   *pkcs7.PKCS7
		authority root.SigstoreTimestampingAuthority
		want      bool
	}{
		{"its certificate", message, root.SigstoreTimestampingAuthority{Leaf: signer}, true},
		{"another certificate", message, root.SigstoreTimestampingAuthority{Leaf: middle.cert}, false},
		{"issued by its intermediate", message, root.SigstoreTimestampingAuthority{Root: ca.cert, Intermediates: []*x509.Certificate{middle.cert}}, true},
		{"not issued by its root", message, root.SigstoreTimestampingAuthority{Root: ca.cert}, false},
		{"of a namesake", message, root.SigstoreTimestampingAuthority{Root: namesake.cert}, false},
		{"of nobody", message, root.SigstoreTimestampingAuthority{}, false},
		{"carries no certificate", &without, root.SigstoreTimestampingAuthority{Root: ca.cert, Intermediates: []*x509.Certificate{middle.cert}}, false},
		{"carries no certificate, and is known", &without, root.SigstoreTimestampingAuthority{Leaf: signer}, true},
	} {
		if got := (&token{message: tt.message}).claims(&tt.authority); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestPrepareNothing(t *testing.T) {
	t.Parallel()
	if got := (Trust{RootError: "no root"}).Prepare(); got.Root != nil || got.RootError != "no root" {
		t.Errorf("%+v", got)
	}
	if _, ok := (Trust{Root: &root.BaseTrustedMaterial{}}).Prepare().Root.(*preverified); !ok {
		t.Error("a trust root is not prepared")
	}
}
