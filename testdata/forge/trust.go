package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore/pkg/signature"
)

// The times from which the demo's logs and authorities count.
const (
	trustStart = "2022-01-01T00:00:00Z"
	tilesStart = "2025-06-01T00:00:00Z"
)

// trustedRoot is the trust root that trusts a workshop, a log in Rekor v2's
// form, and timestamping authorities.
func trustedRoot(w workshop, tiles *rekorLog, stamps ...*timestamper) *root.TrustedRoot {
	ca := &root.FulcioCertificateAuthority{
		Root: w.ca.root, Intermediates: []*x509.Certificate{w.ca.intermediate},
		ValidityPeriodStart: at(trustStart), URI: "https://fulcio.demo.example",
	}
	logs := map[string]*root.TransparencyLog{}
	trustLog(logs, w.rekor.host, w.rekor.key, trustStart)
	trustLog(logs, tiles.host, tiles.key, tilesStart)
	ctLogs := map[string]*root.TransparencyLog{}
	trustLog(ctLogs, w.ct.host, w.ct.key, trustStart)
	var authorities []root.TimestampingAuthority
	for _, s := range stamps {
		authorities = append(authorities, s.authority())
	}
	return must(root.NewTrustedRoot(root.TrustedRootMediaType01, []root.CertificateAuthority{ca}, ctLogs, authorities, logs))
}

func trustLog(logs map[string]*root.TransparencyLog, host string, key signer, start string) {
	logs[hex.EncodeToString(key.id())] = &root.TransparencyLog{
		BaseURL: "https://" + host, ID: key.id(), ValidityPeriodStart: at(start),
		HashFunc: crypto.SHA256, SignatureHashFunc: crypto.SHA256, PublicKey: key.Public(),
	}
}

// trustedRootJSON is a trust root as trusted_root.json holds it.
func trustedRootJSON(r *root.TrustedRoot) []byte { return indent(must(r.MarshalJSON())) }

// npmKeysJSON lists keys as the TUF target <registry host>/keys.json does.
func npmKeysJSON(keys ...*registryKey) []byte {
	var list []any
	for _, k := range keys {
		for _, usage := range k.usages {
			valid := map[string]string{"start": k.start.Format(time.RFC3339)}
			if !k.end.IsZero() {
				valid["end"] = k.end.Format(time.RFC3339)
			}
			list = append(list, map[string]any{
				"keyId": k.id, "keyUsage": usage,
				"publicKey": map[string]any{
					"rawBytes": k.spki(), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid,
				},
			})
		}
	}
	return indent(must(json.Marshal(map[string]any{"keys": list})))
}

// keyMaterial is the trusted material that publish attestations need beside
// the trust root.
func keyMaterial(keys ...*registryKey) root.TrustedMaterial {
	material := map[string]*root.ExpiringKey{}
	for _, k := range keys {
		if !slices.Contains(k.usages, forAttestations) {
			continue
		}
		verifier := must(signature.LoadVerifier(k.Public(), crypto.SHA256))
		material[k.id] = root.NewExpiringKey(verifier, k.start, k.end)
	}
	return root.NewTrustedPublicKeyMaterialFromMapping(material)
}

func indent(data []byte) []byte {
	var b bytes.Buffer
	if err := json.Indent(&b, data, "", "  "); err != nil {
		panic(err)
	}
	b.WriteByte('\n')
	return b.Bytes()
}
