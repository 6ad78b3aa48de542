package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

func TestSigstoreGoAccepts(t *testing.T) {
	t.Parallel()
	w := workshop{newAuthority("t"), newCTLog("ct.test"), newRekorLog("rekor.test", 1000, 300)}
	key := newRegistryKey("t", time.Time{})
	check := newInspector(trustedRoot(w, newRekorLog("tiles.test", 0, 5)), key)
	statement := []byte(`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"00"}}],"predicateType":"p","predicate":{}}`)
	when := at("2025-10-01T10:00:00Z")
	for _, id := range []identity{
		github("a/b", "release.yml", "refs/tags/v1"), gitlab("a/b", ".gitlab-ci.yml", "refs/heads/main"),
		google("x@demo.example"), github("a/b", "release.yml", "refs/tags/v1").firstGeneration(),
	} {
		for _, version := range []string{"0.1", "0.2", "0.3"} {
			for _, kind := range []string{"intoto", "dsse"} {
				t.Run(id.san+" "+version+" "+kind, func(t *testing.T) {
					a := w.attest(order{identity: id, payload: statement, at: when, version: version, kind: kind})
					if err := check.check(a); err != nil {
						t.Error(err)
					}
				})
			}
		}
	}
	if err := check.check(w.attestWithKey(key, statement, when, "0.2")); err != nil {
		t.Error("publish attestation:", err)
	}
}

func TestMerkleProofs(t *testing.T) {
	t.Parallel()
	for size := 1; size < 40; size++ {
		l := newRekorLog("rekor.test", 0, size)
		for i := range l.leaves {
			err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(i), uint64(size), l.leaves[i], treePath(i, l.leaves), treeRoot(l.leaves))
			if err != nil {
				t.Fatalf("leaf %d of %d: %v", i, size, err)
			}
		}
	}
}

func TestSameBytesTwice(t *testing.T) {
	t.Parallel()
	make := func() []byte {
		w := workshop{newAuthority("t"), newCTLog("ct.test"), newRekorLog("rekor.test", 1000, 300)}
		return w.attest(order{identity: google("x@demo.example"), payload: []byte("{}"), at: at("2025-10-01T10:00:00Z"), version: "0.3", kind: "dsse"}).json()
	}
	if !bytes.Equal(make(), make()) {
		t.Error("two runs give different bundles")
	}
}
