package verify

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
)

// A recipe says in what a certificate differs from an ordinary one of its
// role: operations of one byte, each with arguments. Any bytes are a recipe.
const (
	opExtension   = iota // which, critical, length, value
	opBasic              // is an authority, path length; 255 for none
	opValidity           // first day, last day, from the epoch
	opKeyUsage           // bits
	opExtKeyUsage        // how many, which
	opKey                // see keyring
	opName               // see names
	opNames              // see alternativeNames
	opIssuer             // 0 the one above, 1 the root, 2 itself
	operations
)

// strangeExtensions are what Fulcio never puts into a leaf, and one that it
// does.
var strangeExtensions = []asn1.ObjectIdentifier{
	{2, 5, 29, 36}, {2, 5, 29, 54}, {2, 5, 29, 30}, {2, 5, 29, 32}, {2, 5, 29, 33}, {1, 2, 3, 4}, {2, 5, 29, 31}, {1, 3, 6, 1, 5, 5, 7, 1, 1},
	{1, 3, 6, 1, 4, 1, 11129, 2, 4, 3}, {1, 3, 6, 1, 4, 1, 57264, 1, 8}, {2, 5, 29, 15}, {2, 5, 29, 17}, {2, 5, 29, 19}, {2, 5, 29, 37}, {2, 5, 29, 35}, {2, 5, 29, 14},
}

const (
	policyConstraints = iota
	inhibitAnyPolicy
	nameConstraints
	policies
	policyMappings
	unknownExtension
)

func extension(which int, critical bool, der string) []byte {
	flag := byte(0)
	if critical {
		flag = 1
	}
	return append([]byte{opExtension, byte(which), flag, byte(len(der))}, der...)
}

const (
	keyP256 = iota
	keyP384
	keyRSA
	keyEd25519
	keyOfRoot
	keyOfIntermediate
)

// keyring has the keys of one role.
type keyring []crypto.Signer

func newKeyring(t testing.TB) keyring {
	t.Helper()
	small, err1 := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	large, err2 := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	old, err3 := rsa.GenerateKey(rand.Reader, 2048)
	_, edwards, err4 := ed25519.GenerateKey(rand.Reader)
	for _, err := range []error{err1, err2, err3, err4} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return keyring{small, large, old, edwards}
}

var names = []string{"", "leaf", "intermediate", "root"}

// made is a certificate and its key.
type made struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// ordinary is what a recipe changes.
func ordinary(role int) *x509.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(role) + 1), Subject: pkix.Name{CommonName: names[role]}, NotBefore: days(-50), NotAfter: days(50),
		BasicConstraintsValid: true, IsCA: true, MaxPathLen: -1, KeyUsage: x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning},
	}
	switch role {
	case leafRole:
		template.Subject, template.BasicConstraintsValid, template.IsCA = pkix.Name{}, false, false
		template.KeyUsage, template.URIs = x509.KeyUsageDigitalSignature, []*url.URL{{Scheme: "https", Host: "good.example", Path: "/a"}}
	case rootRole:
		template.ExtKeyUsage = nil
	}
	return template
}

// cook makes the certificate of a recipe; above are the root and the
// intermediate, as far as they are there. It returns nil if x509 makes or
// reads no such certificate.
func cook(recipe []byte, role int, keys keyring, above ...*made) *made {
	next := func() byte {
		if len(recipe) == 0 {
			return 0
		}
		b := recipe[0]
		recipe = recipe[1:]
		return b
	}
	template := ordinary(role)
	key, by := keys[keyP256], len(above)-1
	for len(recipe) > 0 {
		switch next() % operations {
		case opExtension:
			which, critical, size := int(next())%len(strangeExtensions), next()&1 == 1, int(next())
			value := recipe[:min(size, len(recipe))]
			recipe = recipe[len(value):]
			template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: strangeExtensions[which], Critical: critical, Value: value})
		case opBasic:
			template.BasicConstraintsValid, template.IsCA = true, next()&1 == 1
			length := int(int8(next()))
			template.MaxPathLen, template.MaxPathLenZero = max(length, -1), length == 0
		case opValidity:
			template.NotBefore, template.NotAfter = days(int(int8(next()))), days(int(int8(next())))
		case opKeyUsage:
			template.KeyUsage = x509.KeyUsage(next())
		case opExtKeyUsage:
			template.ExtKeyUsage = nil
			for range next() % 4 {
				template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsage(next()%14))
			}
		case opKey:
			if which := int(next()) % (keyOfIntermediate + 1); which < len(keys) {
				key = keys[which]
			} else if which -= keyOfRoot; which < len(above) {
				key = above[which].key
			}
		case opName:
			template.Subject.CommonName = names[int(next())%len(names)]
		case opNames:
			alternativeNames(template, next())
		case opIssuer:
			by = len(above) - 1 - int(next())%3
		}
	}
	parent := &made{template, key}
	if by >= 0 {
		parent = above[by]
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent.cert, key.Public(), parent.key)
	if err != nil {
		return nil
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil
	}
	return &made{cert, key}
}

const (
	leafRole = iota + 1
	intermediateRole
	rootRole
)

func alternativeNames(template *x509.Certificate, kind byte) {
	template.URIs = nil
	raw := func(critical bool, der string) {
		template.ExtraExtensions = append(template.ExtraExtensions, pkix.Extension{Id: oidSAN, Critical: critical, Value: []byte(der)})
	}
	switch kind % 6 {
	case 1:
		template.EmailAddresses = []string{"somebody@good.example"}
	case 2:
		template.DNSNames = []string{"evil.example"}
	case 3: // Fulcio's OtherName, of which x509 reads nothing
		raw(true, "\x30\x16\xa0\x14\x06\x0a\x2b\x06\x01\x04\x01\x83\xbf\x30\x01\x07\xa0\x06\x0c\x04name")
	case 4:
		raw(false, "\x30\x0f\x86\x0dhttps://a.b/c")
	case 5:
		raw(true, "\x30\x00")
	}
}

// FuzzAuthority holds the prepared authority against sigstore-go's own, over
// chains of any form whose signatures are good: what ours accepts, fast or
// not, sigstore-go accepts, and with the same chain.
func FuzzAuthority(f *testing.F) {
	tops, middles, ends := newKeyring(f), newKeyring(f), newKeyring(f)
	try := func(t testing.TB, leafRecipe, intermediateRecipe, rootRecipe []byte, hours int16) (accepted, fast bool) {
		t.Helper()
		top := cook(rootRecipe, rootRole, tops)
		if top == nil {
			return
		}
		middle := cook(intermediateRecipe, intermediateRole, middles, top)
		if middle == nil {
			return
		}
		leaf := cook(leafRecipe, leafRole, ends, top, middle)
		if leaf == nil {
			return
		}
		plain := &root.FulcioCertificateAuthority{Root: top.cert, Intermediates: []*x509.Certificate{middle.cert}}
		ours := newAuthority(plain)
		at := caEpoch.Add(time.Duration(hours) * time.Hour)
		for range 2 {
			chains, err := ours.Verify(leaf.cert, at)
			want, wantErr := plain.Verify(leaf.cert, at)
			if accepted = err == nil; accepted != (wantErr == nil) {
				t.Fatalf("ours: %v; sigstore-go: %v", err, wantErr)
			}
			for _, chain := range chains {
				if !slices.ContainsFunc(want, func(other []*x509.Certificate) bool {
					return slices.EqualFunc(chain, other, (*x509.Certificate).Equal)
				}) {
					t.Fatalf("a chain of %d that sigstore-go does not find", len(chain))
				}
			}
			if a, ok := ours.(*authority); ok && a.verifyFast(leaf.cert, at) != nil {
				fast = true
			}
			// What sigstore-go does with the OtherName of a leaf before it asks.
			leaf.cert.UnhandledCriticalExtensions = slices.DeleteFunc(leaf.cert.UnhandledCriticalExtensions, oidSAN.Equal)
		}
		return accepted, fast
	}
	for _, seed := range authoritySeeds {
		accepted, fast := try(f, seed.leaf, seed.intermediate, seed.root, seed.hours)
		if accepted != seed.accepted || fast != seed.fast {
			f.Errorf("%s: expected accepted %v, fast %v; found %v, %v", seed.name, seed.accepted, seed.fast, accepted, fast)
		}
		f.Add(seed.leaf, seed.intermediate, seed.root, seed.hours)
	}
	f.Fuzz(func(t *testing.T, leaf, intermediate, top []byte, hours int16) {
		try(t, leaf, intermediate, top, hours)
	})
}

var authoritySeeds = []struct {
	name                     string
	leaf, intermediate, root []byte
	hours                    int16
	accepted, fast           bool
}{
	{name: "as Fulcio issues", accepted: true, fast: true},
	{name: "policies and an explicit policy demanded, in the leaf alone", leaf: slices.Concat(
		extension(policies, false, "\x30\x06\x30\x04\x06\x02\x2a\x03"), extension(policyConstraints, true, "\x30\x03\x80\x01\x00"))},
	{name: "an explicit policy demanded, without policies", leaf: extension(policyConstraints, true, "\x30\x03\x80\x01\x00")},
	{name: "policies in the leaf", leaf: extension(policies, false, "\x30\x06\x30\x04\x06\x02\x2a\x03"), accepted: true},
	{name: "policies in the intermediate", intermediate: extension(policies, false, "\x30\x06\x30\x04\x06\x02\x2a\x03"), accepted: true},
	{name: "an explicit policy demanded by the intermediate", intermediate: extension(policyConstraints, true, "\x30\x03\x80\x01\x00")},
	{name: "any policy inhibited in the leaf", leaf: extension(inhibitAnyPolicy, true, "\x02\x01\x00"), accepted: true},
	{name: "any policy inhibited in the intermediate", intermediate: extension(inhibitAnyPolicy, true, "\x02\x01\x00"), accepted: true},
	{name: "name constraints in the intermediate, kept", intermediate: extension(nameConstraints, true, "\x30\x12\xa0\x10\x30\x0e\x86\x0cgood.example"), accepted: true},
	{name: "name constraints in the intermediate, broken", intermediate: extension(nameConstraints, true, "\x30\x12\xa0\x10\x30\x0e\x86\x0cevil.example")},
	{name: "name constraints in the root, broken", root: extension(nameConstraints, true, "\x30\x12\xa0\x10\x30\x0e\x86\x0cevil.example")},
	{name: "name constraints in the leaf", leaf: extension(nameConstraints, true, "\x30\x12\xa0\x10\x30\x0e\x86\x0cevil.example"), accepted: true},
	{name: "an unknown critical extension in the leaf", leaf: extension(unknownExtension, true, "\x05\x00")},
	{name: "an unknown extension in the leaf", leaf: extension(unknownExtension, false, "\x05\x00"), accepted: true},
	{name: "an unknown critical extension in the intermediate", intermediate: extension(unknownExtension, true, "\x05\x00")},
	{name: "an unknown critical extension in the root", root: extension(unknownExtension, true, "\x05\x00")},
	{name: "Fulcio's extension, critical", leaf: extension(9, true, "\x0c\x01a")},
	{name: "Fulcio's extension", leaf: extension(9, false, "\x0c\x01a"), accepted: true, fast: true},
	{name: "for servers", leaf: []byte{opExtKeyUsage, 1, byte(x509.ExtKeyUsageServerAuth)}},
	{name: "for anything", leaf: []byte{opExtKeyUsage, 1, byte(x509.ExtKeyUsageAny)}, accepted: true},
	{name: "no extended key usage", leaf: []byte{opExtKeyUsage, 0}, accepted: true},
	{name: "intermediate for servers", intermediate: []byte{opExtKeyUsage, 1, byte(x509.ExtKeyUsageServerAuth)}},
	{name: "root for servers", root: []byte{opExtKeyUsage, 1, byte(x509.ExtKeyUsageServerAuth)}},
	{name: "root for anything", root: []byte{opExtKeyUsage, 1, byte(x509.ExtKeyUsageAny)}, accepted: true},
	{name: "a leaf that is an authority", leaf: []byte{opBasic, 1, 255}, accepted: true},
	{name: "a leaf that says it is none", leaf: []byte{opBasic, 0, 255}, accepted: true},
	{name: "an intermediate that is none", intermediate: []byte{opBasic, 0, 255}},
	{name: "an intermediate that signs no certificates", intermediate: []byte{opKeyUsage, byte(x509.KeyUsageDigitalSignature)}},
	{name: "expired", leaf: []byte{opValidity, 0x80, 0xff}},
	{name: "not valid yet", leaf: []byte{opValidity, 1, 50}},
	{name: "intermediate expired", intermediate: []byte{opValidity, 0x80, 0xff}},
	{name: "root not valid yet", root: []byte{opValidity, 1, 50}},
	{name: "at the last moment", hours: 50 * 24, accepted: true, fast: true},
	{name: "after the last moment", hours: 50*24 + 1},
	{name: "path length 0 in the intermediate", intermediate: []byte{opBasic, 1, 0}, accepted: true, fast: true},
	{name: "path length 0 in the root", root: []byte{opBasic, 1, 0}},
	{name: "path length 1 in the root", root: []byte{opBasic, 1, 1}, accepted: true, fast: true},
	{name: "path length 0 in the leaf", leaf: []byte{opBasic, 1, 0}, accepted: true},
	{name: "a leaf of the root, whose path length is 0", root: []byte{opBasic, 1, 0}, leaf: []byte{opIssuer, 1}, accepted: true},
	{name: "P-384", leaf: []byte{opKey, keyP384}, intermediate: []byte{opKey, keyP384}, root: []byte{opKey, keyP384}, accepted: true, fast: true},
	{name: "RSA", leaf: []byte{opKey, keyRSA}, intermediate: []byte{opKey, keyRSA}, root: []byte{opKey, keyRSA}, accepted: true, fast: true},
	{name: "Ed25519", leaf: []byte{opKey, keyEd25519}, intermediate: []byte{opKey, keyEd25519}, root: []byte{opKey, keyEd25519}, accepted: true, fast: true},
	{name: "the root's key in the leaf", leaf: []byte{opKey, keyOfRoot}, accepted: true, fast: true},
	{name: "the root's name and key in the leaf", leaf: []byte{opKey, keyOfRoot, opName, rootRole, opNames, 0}},
	{name: "the root's key in the leaf, both without a name", leaf: []byte{opKey, keyOfRoot, opNames, 0}, root: []byte{opName, 0}},
	{name: "the root's name and key in the intermediate", intermediate: []byte{opKey, keyOfRoot, opName, rootRole}, accepted: true},
	{name: "signed by the root", leaf: []byte{opIssuer, 1}, accepted: true},
	{name: "signed by itself", leaf: []byte{opIssuer, 2}},
	{name: "an email address", leaf: []byte{opNames, 1}, accepted: true, fast: true},
	{name: "an OtherName", leaf: []byte{opNames, 3}, accepted: true, fast: true}, // the second time
	{name: "an address that is not critical", leaf: []byte{opNames, 4}, accepted: true},
	{name: "a subject", leaf: []byte{opName, leafRole}, accepted: true},
}
