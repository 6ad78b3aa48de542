package main

import (
	"bytes"
	"crypto/elliptic"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/cyberphone/json-canonicalization/go/src/webpki.org/jsoncanonicalizer"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/transparency-dev/merkle/rfc6962"
)

// rekorLog is a transparency log in Rekor's form: one shard of a log whose
// earlier shards hold the entries before first.
type rekorLog struct {
	host   string
	treeID string
	key    signer
	first  int64    // global index of the shard's first entry
	leaves [][]byte // leaf hashes
}

// newRekorLog makes the log that answers at host, with as many entries of
// other people in it already as others says.
func newRekorLog(host string, first int64, others int) *rekorLog {
	l := &rekorLog{host: host, treeID: number("tree "+host, 19), key: newKey(elliptic.P256(), host), first: first}
	l.grow(others)
	return l
}

// grow appends n entries of other people: only their hashes are ever seen.
func (l *rekorLog) grow(n int) {
	for range n {
		body := fmt.Sprintf("entry %d of somebody else in %s", len(l.leaves), l.host)
		l.leaves = append(l.leaves, rfc6962.DefaultHasher.HashLeaf([]byte(body)))
	}
}

// add logs a body and returns the entry: signed entry timestamp, inclusion
// proof and checkpoint. A few entries of other people arrive before the
// checkpoint is signed, so that proofs have siblings on both sides.
func (l *rekorLog) add(kind, version string, body []byte, when time.Time) *protorekor.TransparencyLogEntry {
	index := len(l.leaves)
	leaf := rfc6962.DefaultHasher.HashLeaf(body)
	l.leaves = append(l.leaves, leaf)
	l.grow(int(leaf[0] % 4))
	entry := &protorekor.TransparencyLogEntry{
		LogIndex:       l.first + int64(index),
		LogId:          &protocommon.LogId{KeyId: l.key.id()},
		KindVersion:    &protorekor.KindVersion{Kind: kind, Version: version},
		IntegratedTime: when.Unix(),
		InclusionProof: &protorekor.InclusionProof{
			LogIndex:   int64(index),
			RootHash:   treeRoot(l.leaves),
			TreeSize:   int64(len(l.leaves)),
			Hashes:     treePath(index, l.leaves),
			Checkpoint: &protorekor.Checkpoint{Envelope: l.checkpoint()},
		},
		CanonicalizedBody: body,
	}
	l.promise(entry)
	l.grow(int(leaf[1]%5) + 1)
	return entry
}

// addTile logs a body as Rekor v2 does: hashedrekord 0.0.2, a checkpoint whose
// origin is the host alone, and neither a signed entry timestamp nor a time.
func (l *rekorLog) addTile(body []byte) *protorekor.TransparencyLogEntry {
	index := len(l.leaves)
	l.leaves = append(l.leaves, rfc6962.DefaultHasher.HashLeaf(body))
	return &protorekor.TransparencyLogEntry{
		LogIndex:    int64(index),
		LogId:       &protocommon.LogId{KeyId: l.key.id()},
		KindVersion: &protorekor.KindVersion{Kind: "hashedrekord", Version: "0.0.2"},
		InclusionProof: &protorekor.InclusionProof{
			LogIndex: int64(index), TreeSize: int64(len(l.leaves)),
			RootHash: treeRoot(l.leaves), Hashes: treePath(index, l.leaves),
			Checkpoint: &protorekor.Checkpoint{Envelope: l.note(l.host, l.key)},
		},
		CanonicalizedBody: body,
	}
}

// promise signs {body, integratedTime, logID, logIndex} in canonical JSON: the
// signed entry timestamp.
func (l *rekorLog) promise(entry *protorekor.TransparencyLogEntry) {
	payload := canonical(map[string]any{
		"body":           base64.StdEncoding.EncodeToString(entry.CanonicalizedBody),
		"integratedTime": entry.IntegratedTime,
		"logID":          hex.EncodeToString(entry.LogId.KeyId),
		"logIndex":       entry.LogIndex,
	})
	entry.InclusionPromise = &protorekor.InclusionPromise{SignedEntryTimestamp: l.key.sign(payload)}
}

// checkpoint returns the signed tree head.
func (l *rekorLog) checkpoint() string { return l.note(l.host+" - "+l.treeID, l.key) }

// note returns the tree head as a signed note with the given origin, signed by
// key under the log's name: the key hint is the first four bytes of the log's
// id.
func (l *rekorLog) note(origin string, key signer) string {
	text := origin + "\n" +
		strconv.Itoa(len(l.leaves)) + "\n" +
		base64.StdEncoding.EncodeToString(treeRoot(l.leaves)) + "\n"
	sig := append(bytes.Clone(l.key.id()[:4]), key.sign([]byte(text))...)
	return text + "\n\u2014 " + l.host + " " + base64.StdEncoding.EncodeToString(sig) + "\n"
}

// treeRoot is the Merkle tree hash of leaf hashes (RFC 6962, section 2.1).
func treeRoot(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	k := split(len(leaves))
	return rfc6962.DefaultHasher.HashChildren(treeRoot(leaves[:k]), treeRoot(leaves[k:]))
}

// treePath is the audit path of leaf m (RFC 6962, section 2.1.1), from the
// leaf up.
func treePath(m int, leaves [][]byte) [][]byte {
	if len(leaves) == 1 {
		return nil
	}
	k := split(len(leaves))
	if m < k {
		return append(treePath(m, leaves[:k]), treeRoot(leaves[k:]))
	}
	return append(treePath(m-k, leaves[k:]), treeRoot(leaves[:k]))
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

// canonical returns v as canonical JSON (RFC 8785).
func canonical(v any) []byte {
	return must(jsoncanonicalizer.Transform(must(json.Marshal(v))))
}
