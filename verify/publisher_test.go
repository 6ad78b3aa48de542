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
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
)

type extensions map[int]string

// leafWith makes a self-signed certificate with Fulcio's extensions. What it
// says is all that these tests are about; nothing verifies it.
func leafWith(t testing.TB, san string, ext extensions, extra ...pkix.Extension) *x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(1, 0), NotAfter: time.Unix(601, 0)}
	if strings.Contains(san, "@") && !strings.Contains(san, "://") {
		template.EmailAddresses = []string{san}
	} else if san != "" {
		u, err := url.Parse(san)
		if err != nil {
			t.Fatal(err)
		}
		template.URIs = []*url.URL{u}
	}
	for n, value := range ext {
		template.ExtraExtensions = append(template.ExtraExtensions, fulcioExtension(t, n, value))
	}
	template.ExtraExtensions = append(template.ExtraExtensions, extra...)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func fulcioExtension(t testing.TB, n int, value string) pkix.Extension {
	t.Helper()
	raw := []byte(value)
	if n >= firstDERExtension {
		var err error
		if raw, err = asn1.MarshalWithParams(value, "utf8"); err != nil {
			t.Fatal(err)
		}
	}
	return pkix.Extension{Id: append(append(asn1.ObjectIdentifier{}, fulcioArc...), n), Value: raw}
}

const (
	acme    = "https://github.com/acme/http"
	release = acme + "/.github/workflows/release.yml@refs/tags/v1.0.0"
)

// modern is what Fulcio puts into a GitHub certificate today.
func modern(changes extensions) extensions {
	ext := extensions{
		1: issuerGitHub, 2: "push", 3: "c0ffee", 4: "release", 5: "acme/http", 6: "refs/tags/v1.0.0",
		8: issuerGitHub, 9: release, 10: "c0ffee", 11: "github-hosted", 12: acme, 13: "c0ffee", 14: "refs/tags/v1.0.0",
		15: "1001", 16: "https://github.com/acme", 17: "2002", 18: release, 19: "c0ffee", 20: "push",
		21: acme + "/actions/runs/7/attempts/1", 22: "public", 23: "production", 24: "repo:acme/http:environment:production",
	}
	for n, value := range changes {
		if value == "" {
			delete(ext, n)
		} else {
			ext[n] = value
		}
	}
	return ext
}

func TestPublisherOfModernCertificate(t *testing.T) {
	t.Parallel()
	got, err := publisherOf(leafWith(t, release, modern(nil)))
	if err != nil {
		t.Fatal(err)
	}
	want := Publisher{
		Kind: kindGitHub, Repository: acme, Workflow: ".github/workflows/release.yml", WorkflowURI: release,
		Ref: "refs/tags/v1.0.0", Commit: "c0ffee", Issuer: issuerGitHub, Signer: release, SignerURI: release,
		SignerDigest: "c0ffee", Runner: "github-hosted", Trigger: "push", RepositoryID: "1001",
		OwnerURI: "https://github.com/acme", OwnerID: "2002", Run: acme + "/actions/runs/7/attempts/1",
		Visibility: "public", Environment: "production",
	}
	if *got != want {
		t.Errorf("got  %+v\nwant %+v", *got, want)
	}
}

func TestPublisherOfDeprecatedCertificate(t *testing.T) {
	t.Parallel()
	old := extensions{1: issuerGitHub, 2: "push", 3: "c0ffee", 4: "release", 5: "acme/http", 6: "refs/tags/v1.0.0"}
	got, err := publisherOf(leafWith(t, release, old))
	if err != nil {
		t.Fatal(err)
	}
	if !got.Deprecated || got.Repository != acme || got.Commit != "c0ffee" || got.Ref != "refs/tags/v1.0.0" || got.Workflow != ".github/workflows/release.yml" {
		t.Errorf("got %+v", *got)
	}
	// With a reusable workflow the name is another repository's: it must not
	// become the project's workflow.
	reused, err := publisherOf(leafWith(t, "https://github.com/other/ci/.github/workflows/build.yml@refs/tags/v1", old))
	if err != nil {
		t.Fatal(err)
	}
	if reused.Workflow != "" || reused.Repository != acme {
		t.Errorf("got %+v", *reused)
	}
}

func TestPublisherRefusesContradictions(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		leaf *x509.Certificate
		want string
	}{
		{"two issuers", leafWith(t, release, modern(extensions{1: "https://issuer.example"})), "contradicts itself"},
		{"two repositories", leafWith(t, release, modern(extensions{5: "acme/other"})), "contradicts itself"},
		{"two commits", leafWith(t, release, modern(extensions{3: "decaf"})), "contradicts itself"},
		{"two refs", leafWith(t, release, modern(extensions{6: "refs/heads/main"})), "contradicts itself"},
		{"no name", leafWith(t, "", modern(nil)), "expected one subject alternative name, found 0"},
		{"value is no UTF8String", leafWith(t, release, modern(extensions{12: ""}),
			pkix.Extension{Id: append(append(asn1.ObjectIdentifier{}, fulcioArc...), 12), Value: []byte(acme)}), "UTF8String"},
		{"value has a tail", leafWith(t, release, modern(extensions{12: ""}),
			pkix.Extension{Id: append(append(asn1.ObjectIdentifier{}, fulcioArc...), 12), Value: append(mustUTF8(t, acme), 0)}), "UTF8String"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := publisherOf(tc.leaf)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %+v, %v; want an error with %q", got, err, tc.want)
			}
		})
	}
}

func mustUTF8(t testing.TB, s string) []byte {
	t.Helper()
	raw, err := asn1.MarshalWithParams(s, "utf8")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestTwoNamesAreRefused(t *testing.T) {
	t.Parallel()
	names, err := asn1.Marshal([]asn1.RawValue{
		{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte(release)},
		{Class: asn1.ClassContextSpecific, Tag: 6, Bytes: []byte("https://github.com/evil/x")},
	})
	if err != nil {
		t.Fatal(err)
	}
	leaf := leafWith(t, "", modern(nil), pkix.Extension{Id: oidSAN, Critical: true, Value: names})
	if _, err := publisherOf(leaf); err == nil || !strings.Contains(err.Error(), "found 2") {
		t.Errorf("got %v", err)
	}
}

func TestDescribeCertificateShowsEveryExtension(t *testing.T) {
	t.Parallel()
	cert := describeCertificate(leafWith(t, release, modern(nil)), "leaf", true)
	seen := make(map[int]Extension)
	for _, ext := range cert.Extensions {
		seen[ext.Number] = ext
	}
	for n := range modern(nil) {
		ext, ok := seen[n]
		if !ok || ext.Name == "" || ext.Value == "" || ext.Legacy != (n <= 6) {
			t.Errorf("extension %d: %+v", n, ext)
		}
	}
	if cert.PublicKey != "ECDSA P-256" || len(cert.SHA256) != 64 || len(cert.SANs) != 1 || cert.SANs[0] != untrusted.Text(release) {
		t.Errorf("got %+v", cert)
	}
}
