package verify

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"

	"plimsoll/catalog/untrusted"
)

func describeEntries(entries []*tlog.Entry, logs map[string]*root.TransparencyLog, followed bool) (out []BundleEntry) {
	for _, e := range entries {
		out = append(out, describeEntry(e, logs, followed))
	}
	return out
}

// describeEntry decodes a log entry for display. Nothing in it is verified
// yet: the steps fill SET, Inclusion, Checkpoint and IndexSigned. Only if it
// is to be followed is the inclusion proof walked.
func describeEntry(entry *tlog.Entry, logs map[string]*root.TransparencyLog, followed bool) BundleEntry {
	tle := entry.TransparencyLogEntry()
	out := BundleEntry{
		LogEntry: LogEntry{
			LogID: hex.EncodeToString(tle.GetLogId().GetKeyId()),
			Index: tle.GetLogIndex(),
			Kind:  kindVersion(tle.GetKindVersion().GetKind(), tle.GetKindVersion().GetVersion()),
			Time:  entry.IntegratedTime().UTC(),
		},
		BodyKind: bodyKind(tle.GetCanonicalizedBody()),
		HasSET:   entry.HasInclusionPromise(),
		HasProof: entry.HasInclusionProof(),
		Body:     tle.GetCanonicalizedBody(),
	}
	if tle.GetIntegratedTime() == 0 {
		out.Time = entry.IntegratedTime()
	}
	if log, ok := logs[out.LogID]; ok {
		out.KnownLog = untrusted.Text(cmp.Or(log.BaseURL, "log "+shortID(out.LogID)))
	}
	if !out.HasProof {
		return out
	}
	proof := tle.GetInclusionProof()
	out.ShardIndex = proof.GetLogIndex()
	out.TreeSize = proof.GetTreeSize()
	out.Note = untrusted.Text(proof.GetCheckpoint().GetEnvelope())
	if followed {
		out.Proof = recomputeProof(tle.GetCanonicalizedBody(), proof)
	} else {
		out.Proof.Claimed = proof.GetRootHash()
	}
	if cp, err := parseCheckpoint(proof.GetCheckpoint().GetEnvelope()); err == nil {
		out.Origin = untrusted.Text(cp.origin)
		out.Proof.Signed = cp.root
		out.UUID = entryUUID(cp.origin, out.Proof.LeafHash)
	}
	return out
}

func kindVersion(kind, version string) untrusted.Text {
	return untrusted.Text(kind + " " + version)
}

// bodyKind returns the kind and version that the body itself states, or "" if
// it states none. sigstore-go takes both from the entry's kindVersion and does
// not compare: without the comparison a body could be shown as what it is not.
func bodyKind(body []byte) untrusted.Text {
	var head struct {
		Kind       string `json:"kind"`
		APIVersion string `json:"apiVersion"`
	}
	if err := json.Unmarshal(body, &head); err != nil || head.Kind == "" {
		return ""
	}
	return kindVersion(head.Kind, head.APIVersion)
}

// entryUUID returns the entry's id in Rekor v1: the tree id, the decimal after
// " - " in the checkpoint's origin, as 16 hex digits, then the leaf hash.
func entryUUID(origin string, leaf []byte) string {
	if len(leaf) == 0 { // the proof was not walked
		return ""
	}
	_, decimal, ok := strings.Cut(origin, " - ")
	if !ok {
		return ""
	}
	tree, err := strconv.ParseUint(decimal, 10, 64)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%016x%s", tree, hex.EncodeToString(leaf))
}

// checkpoint is the unverified text of a signed tree head.
type checkpoint struct {
	origin string
	size   uint64
	root   []byte
}

// parseCheckpoint reads the first three lines of a signed note (C2SP,
// tlog-checkpoint): origin, tree size, base64 of the root hash.
func parseCheckpoint(note string) (checkpoint, error) {
	lines := strings.SplitN(note, "\n", 4)
	if len(lines) < 4 || lines[0] == "" {
		return checkpoint{}, fmt.Errorf("checkpoint: expected origin, size and root hash, found %q", untrusted.Shorten(note, 80))
	}
	size, err := strconv.ParseUint(lines[1], 10, 64)
	if err != nil {
		return checkpoint{}, fmt.Errorf("checkpoint: expected a tree size, found %q", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return checkpoint{}, fmt.Errorf("checkpoint: expected the base64 of a SHA-256 root hash, found %q", lines[2])
	}
	return checkpoint{origin: lines[0], size: size, root: root}, nil
}

// recomputeProof walks an inclusion proof from the leaf to the root (RFC 9162,
// 2.1.3.2), keeping every hash, so that a person can follow it and see where
// it stops agreeing.
func recomputeProof(body []byte, proof *protorekor.InclusionProof) InclusionProof {
	leaf := sha256.Sum256(append([]byte{0x00}, body...))
	out := InclusionProof{LeafHash: leaf[:], Claimed: proof.GetRootHash()}
	steps, err := climb(leaf[:], proof.GetLogIndex(), proof.GetTreeSize(), proof.GetHashes())
	if err != nil {
		out.Problem = err.Error()
		return out
	}
	out.Steps = steps
	out.Computed = leaf[:]
	if len(steps) > 0 {
		out.Computed = steps[len(steps)-1].Result
	}
	return out
}

func climb(node []byte, index, size int64, hashes [][]byte) ([]ProofStep, error) {
	if index < 0 || size <= 0 || index >= size {
		return nil, fmt.Errorf("leaf index %d does not lie in a tree of %d leaves", index, size)
	}
	inner := bits.Len64(uint64(index) ^ uint64(size-1))
	border := bits.OnesCount64(uint64(index) >> uint(inner))
	if want := inner + border; len(hashes) != want {
		return nil, fmt.Errorf("expected %d hashes for leaf %d of %d, found %d", want, index, size, len(hashes))
	}
	steps := make([]ProofStep, 0, len(hashes))
	for level, sibling := range hashes {
		if len(sibling) != sha256.Size {
			return nil, fmt.Errorf("hash %d of the proof: expected %d bytes, found %d", level+1, sha256.Size, len(sibling))
		}
		left := level >= inner || uint64(index)>>uint(level)&1 == 1
		first, second := node, sibling
		if left {
			first, second = sibling, node
		}
		sum := sha256.Sum256(append(append([]byte{0x01}, first...), second...))
		node = sum[:]
		steps = append(steps, ProofStep{Sibling: sibling, SiblingLeft: left, Result: node})
	}
	return steps, nil
}

// checkInclusion compares the recomputed root with the one the bundle claims.
func (e *BundleEntry) checkInclusion() error {
	switch {
	case e.Proof.Computed == nil:
		return errors.New(e.Proof.Problem)
	case !bytes.Equal(e.Proof.Computed, e.Proof.Claimed):
		return fmt.Errorf("the path leads to root %s, the bundle claims %s", shortHex(e.Proof.Computed), shortHex(e.Proof.Claimed))
	}
	return nil
}

// checkCheckpointText compares what the checkpoint says with the proof: the
// same root and the same size. Its signature is verified elsewhere.
func (e *BundleEntry) checkCheckpointText() error {
	cp, err := parseCheckpoint(string(e.Note))
	switch {
	case err != nil:
		return err
	case !bytes.Equal(cp.root, e.Proof.Claimed):
		return fmt.Errorf("the log signed root %s, the proof claims %s", shortHex(cp.root), shortHex(e.Proof.Claimed))
	case cp.size != uint64(e.TreeSize):
		return fmt.Errorf("the log signed a tree of %d leaves, the proof is for %d", cp.size, e.TreeSize)
	}
	return checkSigner(cp.origin, string(e.Note), e.LogID)
}

// checkSigner compares the name on the log's signature line with the
// checkpoint's origin (C2SP, signed-note: "— name base64(key hint ‖
// signature)"). The name is not signed and sigstore-go does not read it; left
// unchecked it could be shown as another log's.
func checkSigner(origin, note, logID string) error {
	name, _, _ := strings.Cut(origin, " - ") // Rekor v1 appends its tree id
	_, signatures, _ := strings.Cut(note, "\n\n")
	for line := range strings.Lines(signatures) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(fields) != 3 || fields[0] != "\u2014" {
			return fmt.Errorf("checkpoint: expected a signature line, found %q", untrusted.Shorten(line, 80))
		}
		sig, err := base64.StdEncoding.DecodeString(fields[2])
		if err != nil || base64.StdEncoding.EncodeToString(sig) != fields[2] { // other text must not stand for the same bytes
			return fmt.Errorf("checkpoint: expected a signature in base64, found %q", untrusted.Shorten(fields[2], 120))
		}
		if len(sig) < 4 || !strings.HasPrefix(logID, hex.EncodeToString(sig[:4])) {
			continue // a witness's signature, not the log's
		}
		if fields[1] != name {
			return fmt.Errorf("the checkpoint's origin is %q, its signature is by %q", untrusted.Text(name), untrusted.Text(fields[1]))
		}
	}
	return nil
}

// shortHex returns the first eight bytes of a hash in hex, and "…".
func shortHex(b []byte) string {
	if len(b) <= 8 {
		return hex.EncodeToString(b)
	}
	return hex.EncodeToString(b[:8]) + "…"
}
