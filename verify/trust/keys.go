package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"plimsoll/verify"
)

// keyFile is both shapes of [ParseKeys].
type keyFile struct {
	Keys []struct {
		TUFKeyID string `json:"keyId"`
		Usage    string `json:"keyUsage"`
		Public   *struct {
			RawBytes   []byte `json:"rawBytes"`
			KeyDetails string `json:"keyDetails"`
			ValidFor   struct {
				Start time.Time `json:"start"`
				End   time.Time `json:"end"`
			} `json:"validFor"`
		} `json:"publicKey"`

		Scheme  string    `json:"scheme"`
		Key     []byte    `json:"key"`
		Expires time.Time `json:"expires"`
	} `json:"keys"`
}

// maxKeys bounds the keys of one registry; npm has four.
const maxKeys = 256

// ParseKeys decodes a registry's keys from either shape: the TUF target's
// (keyId, keyUsage, publicKey{rawBytes, keyDetails, validFor}) or that of a
// registry's own endpoint (keyid, key, expires), whose keys serve both usages.
// Only ECDSA P-256 keys are accepted. source is recorded in each key.
func ParseKeys(data []byte, source string) ([]verify.RegistryKey, error) {
	data, err := bounded(data)
	if err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	var file keyFile
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("keys: expected a JSON object with a list of keys: %w", err)
	}
	if len(file.Keys) == 0 || len(file.Keys) > maxKeys {
		return nil, fmt.Errorf("keys: expected 1 to %d keys, found %d", maxKeys, len(file.Keys))
	}
	var out []verify.RegistryKey
	for i, k := range file.Keys {
		// encoding/json matches names without regard to case, so keyId holds
		// the registry's keyid as well.
		label := k.TUFKeyID
		raw, details, start, end := k.Key, k.Scheme, time.Time{}, k.Expires
		usages := []string{verify.UsageSignatures, verify.UsageAttestations}
		if k.Public != nil {
			raw, details, start, end = k.Public.RawBytes, k.Public.KeyDetails, k.Public.ValidFor.Start, k.Public.ValidFor.End
			usages = []string{k.Usage}
		}
		public, err := parsePublic(raw, details)
		if err != nil {
			return nil, fmt.Errorf("keys: key %d (%q): %w", i+1, label, err)
		}
		id, err := keyID(public, label)
		if err != nil {
			return nil, fmt.Errorf("keys: key %d: %w", i+1, err)
		}
		for _, usage := range usages {
			out = append(out, verify.RegistryKey{ID: id, Usage: usage, Public: public, Start: start.UTC(), End: end.UTC(), Source: source})
		}
	}
	return out, nil
}

func parsePublic(spki []byte, details string) (*ecdsa.PublicKey, error) {
	if details != "PKIX_ECDSA_P256_SHA_256" && details != "ecdsa-sha2-nistp256" {
		return nil, fmt.Errorf("expected an ECDSA P-256 key, found %q", details)
	}
	key, err := x509.ParsePKIXPublicKey(spki)
	if err != nil {
		return nil, fmt.Errorf("expected a PKIX public key: %w", err)
	}
	public, ok := key.(*ecdsa.PublicKey)
	if !ok || public.Curve != elliptic.P256() {
		return nil, fmt.Errorf("expected an ECDSA P-256 key, found %T", key)
	}
	return public, nil
}

// keyID computes the id that npm gives its keys, "SHA256:" and the unpadded
// base64 of the SHA-256 over the key's OpenSSH wire form (RFC 4253, 6.6), and
// refuses a label of that form that names another key. Private registries
// label their keys otherwise; such a label is kept.
func keyID(public *ecdsa.PublicKey, label string) (string, error) {
	wire, err := ssh.NewPublicKey(public)
	if err != nil {
		return "", err
	}
	id := ssh.FingerprintSHA256(wire)
	if label != "" && !strings.HasPrefix(label, "SHA256:") {
		return label, nil
	}
	if label != "" && label != id {
		return "", fmt.Errorf("the key is labelled %q, and it is %q", label, id)
	}
	return id, nil
}
