package verify

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
)

// A key's start and usage are as binding as its end.
func TestRegistryKeyCounts(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	day := func(s string) time.Time {
		d, err := time.Parse("2006-01-02", s)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	key := func(usage, start, end string) RegistryKey {
		k := RegistryKey{ID: "k", Usage: usage, Public: &private.PublicKey}
		if start != "" {
			k.Start = day(start)
		}
		if end != "" {
			k.End = day(end)
		}
		return k
	}
	sum := sha256.Sum256([]byte("x@1.0.0:sha512-abc"))
	sig, err := ecdsa.SignASN1(rand.Reader, private, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name               string
		keys               []RegistryKey
		published, fetched string
		want               Status
		reason             string
	}{
		{"no bounds", []RegistryKey{key(UsageSignatures, "", "")}, "", "", Verified, "the registry signed"},
		{"no key", nil, "", "", Unchecked, "not among the registry's keys"},
		{"of another usage", []RegistryKey{key(UsageAttestations, "", "")}, "", "", Invalid, "expected one for npm:signatures, found one for npm:attestations"},
		{"of an unknown usage", []RegistryKey{key("npm:everything", "", "")}, "", "", Invalid, "found one for npm:everything"},
		{"of both usages", []RegistryKey{key(UsageAttestations, "", ""), key(UsageSignatures, "", "")}, "", "", Verified, "the registry signed"},
		{"published before its start", []RegistryKey{key(UsageSignatures, "2025-01-13", "")}, "2024-06-01", "2026-01-01", Invalid, "counts from 2025-01-13"},
		{"published after its start", []RegistryKey{key(UsageSignatures, "2025-01-13", "")}, "2025-06-01", "2026-01-01", Verified, "the registry signed"},
		{"published at its start", []RegistryKey{key(UsageSignatures, "2025-01-13", "")}, "2025-01-13", "", Verified, "the registry signed"},
		{"fetched before its start", []RegistryKey{key(UsageSignatures, "2027-01-01", "")}, "", "2026-01-01", Invalid, "one that was fetched on 2026-01-01"},
		{"fetched after its start", []RegistryKey{key(UsageSignatures, "2025-01-13", "")}, "", "2026-01-01", Verified, "the registry signed"},
		{"nothing is known of when", []RegistryKey{key(UsageSignatures, "2025-01-13", "")}, "", "", Verified, "the registry signed"},
		{"published before start and end", []RegistryKey{key(UsageSignatures, "2022-01-01", "2025-01-01")}, "2021-01-01", "", Invalid, "counts from"},
		{"published between", []RegistryKey{key(UsageSignatures, "2022-01-01", "2025-01-01")}, "2023-01-01", "", Verified, "ended later"},
		{"published at its end", []RegistryKey{key(UsageSignatures, "2022-01-01", "2025-01-01")}, "2025-01-01", "", Invalid, "had ended"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ev := Evidence{Release: Release{Ecosystem: NPM, Name: "x", Version: "1.0.0"}, Sources: []Source{{}}}
			if tc.published != "" {
				ev.PublishTime = day(tc.published)
			}
			if tc.fetched != "" {
				ev.Sources = append(ev.Sources, Source{Time: day("2019-01-01")}, Source{Time: day(tc.fetched)}, Source{})
			}
			art := Artifact{Integrity: "sha512-abc", Signatures: []OfferedSignature{{KeyID: "k", Sig: untrusted.Text(base64.StdEncoding.EncodeToString(sig))}}}
			got := (&attester{trust: Trust{Keys: tc.keys}}).signatures(ev, art)[0]
			if got.Status != tc.want || !strings.Contains(got.Reason, tc.reason) {
				t.Errorf("got %v: %s", got.Status, got.Reason)
			}
			if got.Status == Verified && got.Key == nil {
				t.Error("it verifies, and names no key")
			}
		})
	}
}

// A signature is over the integrity as served, or over the SHA-512 in it. One that
// does not verify is invalid only if the registry serves what it could be over.
func TestSignatureWithoutIntegrity(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("ab", 64)
	raw, err := hex.DecodeString(sum)
	if err != nil {
		t.Fatal(err)
	}
	sri, digest := "sha512-"+base64.StdEncoding.EncodeToString(raw), Digest{Algorithm: "sha512", Hex: sum}
	none := Digest{Algorithm: "sha512"}
	for _, tt := range []struct {
		name, signed, served string
		digest               Digest
		derived              bool
		want                 Status
		reason               string
	}{
		{"as served", sri, sri, digest, false, Verified, "the registry signed"},
		{"another", "sha512-abc", sri, digest, false, Invalid, "does not match"},
		{"withheld", sri, "sha1-abc", none, true, Unchecked, "the registry serves no integrity, so the signature over it cannot be checked"},
		{"withheld, and no shasum", sri, "", none, true, Unchecked, "the registry serves no integrity"},
		{"over the shasum", "sha1-abc", "sha1-abc", none, true, Verified, "the registry signed"},
		{"a SHA-1 in its place", sri, "sha1-abc", none, false, Unchecked, `expected one with a SHA-512, found "sha1-abc"`},
		{"a SHA-384 in its place", sri, "sha384-abc", none, false, Unchecked, `found "sha384-abc"`},
		{"over a SHA-1", "sha1-abc", "sha1-abc", none, false, Verified, "the registry signed"},
		{"another hash beside it", sri, "sha1-abc " + sri, digest, false, Verified, "the registry signed"},
		{"with an option", sri, sri + "?x", digest, false, Verified, "the registry signed"},
		{"two that differ", sri, sri + " sha512-abc", none, false, Invalid, "does not match"},
		{"malformed", sri, "sha512-!", none, false, Invalid, "does not match"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			message := sha256.Sum256([]byte("x@1.0.0:" + tt.signed))
			sig, err := ecdsa.SignASN1(rand.Reader, private, message[:])
			if err != nil {
				t.Fatal(err)
			}
			ev := Evidence{Release: Release{Ecosystem: NPM, Name: "x", Version: "1.0.0"}}
			art := Artifact{Integrity: untrusted.Text(tt.served), Digest: tt.digest, Derived: tt.derived,
				Signatures: []OfferedSignature{{KeyID: "k", Sig: untrusted.Text(base64.StdEncoding.EncodeToString(sig))}}}
			trust := Trust{Keys: []RegistryKey{{ID: "k", Usage: UsageSignatures, Public: &private.PublicKey}}}
			got := (&attester{trust: trust}).signatures(ev, art)[0]
			if got.Status != tt.want || !strings.Contains(got.Reason, tt.reason) || got.Key == nil {
				t.Errorf("got %v: %s", got.Status, got.Reason)
			}
			if got.Status == Verified && got.Signed != "x@1.0.0:"+tt.signed {
				t.Errorf("signed %s", got.Signed)
			}
		})
	}
}

// The keys by which attestations verify are those of that usage, within their
// time.
func TestKeyMaterial(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	start, end := time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	material, err := KeyMaterial([]RegistryKey{
		{ID: "both", Usage: UsageSignatures, Public: &private.PublicKey},
		{ID: "both", Usage: UsageAttestations, Public: &private.PublicKey, Start: start, End: end},
		{ID: "signatures", Usage: UsageSignatures, Public: &private.PublicKey},
		{ID: "other", Usage: "npm:everything", Public: &private.PublicKey},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"signatures", "other", "nobody's", ""} {
		if _, err := material.PublicKeyVerifier(id); err == nil {
			t.Errorf("the key %q verifies attestations", id)
		}
	}
	key, err := material.PublicKeyVerifier("both")
	if err != nil {
		t.Fatal(err)
	}
	for when, want := range map[time.Time]bool{start.Add(-1): false, start: true, end: true, end.Add(1): false} {
		if key.ValidAtTime(when) != want {
			t.Errorf("valid at %v: %v", when, !want)
		}
	}
}
