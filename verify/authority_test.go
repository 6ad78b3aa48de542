package verify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

var caEpoch = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func days(n int) time.Time { return caEpoch.AddDate(0, 0, n) }

// issuer is a certificate and its key.
type issuer struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// issue makes a certificate; change alters its template. Without a parent it
// is self-signed.
func issue(t *testing.T, parent *issuer, name string, from, to time.Time, ca bool, change func(*x509.Certificate)) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(len(name)) + from.Unix()), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: to, BasicConstraintsValid: true, IsCA: ca, MaxPathLen: -1,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	if ca {
		template.KeyUsage = x509.KeyUsageCertSign
	}
	if name == "leaf" { // in the form of Fulcio's
		template.Subject, template.BasicConstraintsValid = pkix.Name{}, false
		template.URIs = []*url.URL{{Scheme: "https", Host: "good.example", Path: "/a"}}
	}
	if parent == nil {
		template.ExtKeyUsage = nil
	}
	if change != nil {
		change(template)
	}
	by := &issuer{template, key}
	if parent != nil {
		by = parent
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &issuer{cert, key}
}

func withExtension(oid asn1.ObjectIdentifier, value string) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: oid, Value: []byte(value)}}
	}
}

// TestAuthority holds the authority that has verified its intermediates
// beforehand against sigstore-go's own, at every moment that matters, with
// sound and unsound authorities and leaves: the same answer, and the same
// chains.
func TestAuthority(t *testing.T) {
	t.Parallel()
	top := issue(t, nil, "root", days(-100), days(100), true, nil)
	lateTop := issue(t, nil, "root", days(20), days(100), true, nil)
	strange := issue(t, nil, "root", days(-100), days(100), true, nil) // the same name, another key
	good := issue(t, top, "intermediate", days(-50), days(50), true, nil)
	type kase struct {
		name         string
		root         *issuer
		intermediate *issuer
		leafBy       *issuer
		anchored     bool // the work is saved
		accepted     bool // at the epoch
		window       [2]time.Time
		leaf         func(*x509.Certificate)
	}
	limited := func(c *x509.Certificate) { c.MaxPathLen, c.MaxPathLenZero = 0, true }
	one := func(c *x509.Certificate) { c.MaxPathLen = 1 }
	narrow := issue(t, nil, "narrow root", days(-100), days(100), true, limited)
	constrained := issue(t, top, "constrained", days(-50), days(50), true, func(c *x509.Certificate) {
		c.PermittedDNSDomains, c.PermittedDNSDomainsCritical = []string{"good.example"}, true
	})
	serverOnly := issue(t, top, "server only", days(-50), days(50), true, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	serverRoot := issue(t, nil, "server root", days(-100), days(100), true, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	deep := issue(t, good, "deep", days(-40), days(40), true, nil)
	notCA := issue(t, top, "no authority", days(-50), days(50), false, nil)
	cases := []kase{
		{name: "good", root: top, intermediate: good, leafBy: good, anchored: true, accepted: true},
		{name: "path length 1 in the root", root: issue(t, nil, "r1", days(-100), days(100), true, one), anchored: true, accepted: true},
		{name: "path length 0 in the root", root: narrow, intermediate: issue(t, narrow, "i", days(-50), days(50), true, nil)},
		{name: "path length 0 in the intermediate", root: top, intermediate: issue(t, top, "i0", days(-50), days(50), true, limited), anchored: true, accepted: true},
		{name: "intermediate expired", root: top, intermediate: issue(t, top, "old", days(-50), days(-1), true, nil), anchored: true},
		{name: "intermediate not valid yet", root: top, intermediate: issue(t, top, "new", days(1), days(50), true, nil), anchored: true},
		{name: "root not valid yet", root: lateTop, intermediate: issue(t, lateTop, "i", days(-50), days(50), true, nil), anchored: true},
		{name: "root expired", root: issue(t, nil, "gone", days(-100), days(-1), true, nil), anchored: true},
		{name: "signed by a root of the same name", root: strange, intermediate: good, leafBy: good},
		{name: "leaf by an intermediate of the same name", root: top, intermediate: good, leafBy: issue(t, top, "intermediate", days(-50), days(50), true, nil), anchored: true},
		{name: "name constraints", root: top, intermediate: constrained, accepted: true},
		{name: "name constraints that the leaf breaks", root: top, intermediate: constrained,
			leaf: func(c *x509.Certificate) { c.DNSNames = []string{"evil.example"} }},
		{name: "policies", root: top, intermediate: issue(t, top, "p", days(-50), days(50), true,
			withExtension(asn1.ObjectIdentifier{2, 5, 29, 32}, "\x30\x06\x30\x04\x06\x02\x2a\x03")), accepted: true},
		{name: "unknown extension", root: top, intermediate: issue(t, top, "x", days(-50), days(50), true,
			withExtension(asn1.ObjectIdentifier{1, 2, 3, 4}, "\x05\x00")), accepted: true},
		{name: "intermediate for servers only", root: top, intermediate: serverOnly},
		{name: "root for servers only", root: serverRoot, intermediate: issue(t, serverRoot, "i", days(-50), days(50), true, nil)},
		{name: "intermediate is no authority", root: top, intermediate: notCA},
		{name: "leaf for servers only", root: top, intermediate: good, anchored: true,
			leaf: func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }},
		{name: "leaf by the root itself", root: top, intermediate: good, leafBy: top, anchored: true, accepted: true},
		{name: "leaf by an intermediate that is not in the trust root", root: top, intermediate: good, leafBy: deep, anchored: true},
		{name: "authority began later", root: top, intermediate: good, anchored: true, window: [2]time.Time{days(1), {}}},
		{name: "authority ended before", root: top, intermediate: good, anchored: true, window: [2]time.Time{{}, days(-1)}},
		{name: "unhandled critical extension in the leaf", root: top, intermediate: good, anchored: true, leaf: func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.intermediate == nil {
				c.intermediate = issue(t, c.root, "its intermediate", days(-50), days(50), true, nil)
			}
			if c.leafBy == nil {
				c.leafBy = c.intermediate
			}
			leaf := issue(t, c.leafBy, "leaf", days(-60), days(60), false, c.leaf).cert
			plain := &root.FulcioCertificateAuthority{
				Root: c.root.cert, Intermediates: []*x509.Certificate{c.intermediate.cert},
				ValidityPeriodStart: c.window[0], ValidityPeriodEnd: c.window[1],
			}
			fast := newAuthority(plain)
			if _, anchored := fast.(*authority); anchored != c.anchored {
				t.Errorf("anchored: expected %v, found %v", c.anchored, anchored)
			}
			if _, err := fast.Verify(leaf, caEpoch); (err == nil) != c.accepted {
				t.Errorf("at the epoch: expected accepted = %v, found %v", c.accepted, err)
			}
			sameAtAllTimes(t, plain, fast, leaf)
			sameAtAllTimes(t, plain, fast, c.intermediate.cert) // a certificate of the path in the leaf's place
			sameAtAllTimes(t, plain, fast, c.root.cert)
		})
	}
}

// sameAtAllTimes compares two authorities a second before, at and after every
// bound that the cases have.
func sameAtAllTimes(t *testing.T, plain, fast root.CertificateAuthority, leaf *x509.Certificate) {
	t.Helper()
	for _, day := range []int{-101, -100, -60, -50, -40, -1, 0, 1, 20, 40, 50, 60, 100, 101} {
		for _, second := range []time.Duration{-time.Second, 0, time.Second} {
			at := days(day).Add(second)
			want, wantErr := plain.Verify(leaf, at)
			got, gotErr := fast.Verify(leaf, at)
			if (wantErr == nil) != (gotErr == nil) {
				t.Fatalf("at %v: sigstore-go says %v, the prepared authority %v", at, wantErr, gotErr)
			}
			if len(want) != len(got) {
				t.Fatalf("at %v: %d chains, expected %d", at, len(got), len(want))
			}
			for i := range want {
				if len(want[i]) != len(got[i]) {
					t.Fatalf("at %v: a chain of %d, expected %d", at, len(got[i]), len(want[i]))
				}
				for j := range want[i] {
					if !want[i][j].Equal(got[i][j]) {
						t.Fatalf("at %v: certificate %d of the chain is another", at, j)
					}
				}
			}
		}
	}
}

// TestAuthoritySeveralIntermediates: each intermediate is judged on its own.
func TestAuthoritySeveralIntermediates(t *testing.T) {
	t.Parallel()
	top := issue(t, nil, "root", days(-100), days(100), true, nil)
	expired := issue(t, top, "intermediate", days(-50), days(-10), true, nil)
	current := issue(t, top, "current", days(-50), days(50), true, nil)
	plain := &root.FulcioCertificateAuthority{Root: top.cert, Intermediates: []*x509.Certificate{expired.cert, current.cert}}
	fast := newAuthority(plain)
	for _, by := range []*issuer{expired, current} {
		sameAtAllTimes(t, plain, fast, issue(t, by, "leaf", days(-60), days(60), false, nil).cert)
	}
}

// TestAuthorityOfManyNamesakes: x509 gives up after 100 signatures, and the way
// to an intermediate that was verified beforehand must not be shorter.
func TestAuthorityOfManyNamesakes(t *testing.T) {
	t.Parallel()
	top := issue(t, nil, "root", days(-100), days(100), true, nil)
	plain := &root.FulcioCertificateAuthority{Root: top.cert}
	var last *issuer
	for range 100 {
		last = issue(t, top, "intermediate", days(-50), days(50), true, nil)
		plain.Intermediates = append(plain.Intermediates, last.cert)
	}
	nameless := *last.cert // no key id says which of them it was
	nameless.SubjectKeyId = nil
	leaf := issue(t, &issuer{&nameless, last.key}, "leaf", days(-60), days(60), false, nil).cert
	if _, err := plain.Verify(leaf, caEpoch); err == nil {
		t.Fatal("expected x509 to give up")
	}
	sameAtAllTimes(t, plain, newAuthority(plain), leaf)
}

// A trust that is changed after it was prepared is not verified with what was
// computed before.
func TestPreparedTrustHoldsNoKeys(t *testing.T) {
	t.Parallel()
	newKey := func() *ecdsa.PublicKey {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return &key.PublicKey
	}
	first, second := newKey(), newKey()
	trusted := Trust{Root: &root.TrustedRoot{}, Keys: []RegistryKey{{ID: "a", Usage: UsageAttestations, Public: first}}}.Prepare()
	knows := func(t *testing.T, trust Trust, key *ecdsa.PublicKey) {
		t.Helper()
		a, err := newAttester(trust, false)
		if err != nil {
			t.Fatal(err)
		}
		steps, verdict := a.materials(&opened{})
		for name, material := range map[string]root.TrustedMaterial{"steps": steps, "verdict": verdict} {
			verifier, err := material.PublicKeyVerifier("a")
			if key == nil {
				if err == nil {
					t.Errorf("%s: a key that is no longer there is used", name)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			if public, err := verifier.PublicKey(); err != nil || !key.Equal(public) {
				t.Errorf("%s: another key is used: %v", name, err)
			}
		}
	}
	knows(t, trusted, first)
	trusted.Keys[0].Public = second // in place
	knows(t, trusted, second)
	trusted.Keys = nil
	knows(t, trusted, nil)
}

// Another root in the place of a prepared one is used, and the steps never go
// through a prepared one.
func TestPreparedTrustOfAnotherRoot(t *testing.T) {
	t.Parallel()
	one, other := &root.TrustedRoot{}, &root.TrustedRoot{}
	trusted := Trust{Root: one}.Prepare().Prepare()
	for _, c := range []struct {
		trust Trust
		plain root.TrustedMaterial
	}{{trusted, one}, {Trust{Root: other}, other}} {
		a, err := newAttester(c.trust, false)
		if err != nil {
			t.Fatal(err)
		}
		if a.trust.Root != c.plain || a.fast != c.trust.Root {
			t.Errorf("the steps use %p, the verdict %p", a.trust.Root, a.fast)
		}
	}
}
