package verify

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"

	"plimsoll/catalog/untrusted"
)

func textOf(s string) untrusted.Text { return untrusted.Text(s) }

func hashLeaf(data []byte) []byte {
	sum := sha256.Sum256(append([]byte{0}, data...))
	return sum[:]
}

func hashNode(l, r []byte) []byte {
	sum := sha256.Sum256(append(append([]byte{1}, l...), r...))
	return sum[:]
}

// treeRoot and treePath are MTH and PATH as RFC 6962, section 2.1, defines
// them: recursive, unlike the code under test.
func treeRoot(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return hashLeaf(leaves[0])
	}
	k := split(len(leaves))
	return hashNode(treeRoot(leaves[:k]), treeRoot(leaves[k:]))
}

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

func split(n int) int {
	k := 1
	for k*2 < n {
		k *= 2
	}
	return k
}

func TestProofRecomputedForEveryLeaf(t *testing.T) {
	t.Parallel()
	var leaves [][]byte
	for n := 1; n <= 40; n++ {
		leaves = append(leaves, []byte(fmt.Sprintf("leaf %d", n)))
		root := treeRoot(leaves)
		for m := range leaves {
			proof := &protorekor.InclusionProof{LogIndex: int64(m), TreeSize: int64(n), RootHash: root, Hashes: treePath(m, leaves)}
			got := recomputeProof(leaves[m], proof)
			if got.Problem != "" || !bytes.Equal(got.Computed, root) {
				t.Fatalf("leaf %d of %d: %q, computed %x, want %x", m, n, got.Problem, got.Computed, root)
			}
			checkSteps(t, got)
			for i := range proof.Hashes {
				broken := &protorekor.InclusionProof{LogIndex: int64(m), TreeSize: int64(n), RootHash: root, Hashes: flip(proof.Hashes, i)}
				entry := BundleEntry{Proof: recomputeProof(leaves[m], broken)}
				if entry.checkInclusion() == nil {
					t.Fatalf("leaf %d of %d: a flipped hash %d still leads to the root", m, n, i)
				}
			}
		}
	}
}

// checkSteps follows the displayed steps by hand.
func checkSteps(t *testing.T, proof InclusionProof) {
	t.Helper()
	node := proof.LeafHash
	for _, s := range proof.Steps {
		if s.SiblingLeft {
			node = hashNode(s.Sibling, node)
		} else {
			node = hashNode(node, s.Sibling)
		}
		if !bytes.Equal(node, s.Result) {
			t.Fatalf("a displayed step is not the hash of its children")
		}
	}
}

func flip(hashes [][]byte, i int) [][]byte {
	out := make([][]byte, len(hashes))
	for j, h := range hashes {
		out[j] = bytes.Clone(h)
	}
	out[i][7] ^= 1
	return out
}

func TestMalformedProofs(t *testing.T) {
	t.Parallel()
	hash := make([]byte, 32)
	for _, tc := range []struct {
		name        string
		index, size int64
		hashes      [][]byte
		want        string
	}{
		{"index outside", 4, 4, [][]byte{hash, hash}, "does not lie"},
		{"negative index", -1, 4, [][]byte{hash, hash}, "does not lie"},
		{"empty tree", 0, 0, nil, "does not lie"},
		{"too few hashes", 0, 4, [][]byte{hash}, "expected 2 hashes"},
		{"too many hashes", 0, 4, [][]byte{hash, hash, hash}, "expected 2 hashes"},
		{"short hash", 0, 2, [][]byte{hash[:31]}, "expected 32 bytes"},
		{"largest index", 1<<62 - 1, 1 << 62, [][]byte{hash}, "expected 62 hashes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := recomputeProof([]byte("x"), &protorekor.InclusionProof{LogIndex: tc.index, TreeSize: tc.size, Hashes: tc.hashes})
			if got.Computed != nil || !strings.Contains(got.Problem, tc.want) {
				t.Errorf("got %q, want %q", got.Problem, tc.want)
			}
			if entry := (BundleEntry{Proof: got}); entry.checkInclusion() == nil {
				t.Error("a malformed proof passed")
			}
		})
	}
}

func TestCheckpointText(t *testing.T) {
	t.Parallel()
	root := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	line := func(name, hint string) string {
		return "— " + name + " " + base64.StdEncoding.EncodeToString([]byte(hint+"signature")) + "\n"
	}
	good := "log.example - 42\n9\n" + root + "\n\n" + line("log.example", "hint")
	for _, tc := range []struct {
		name, note string
		size       int64
		want       string
	}{
		{"agrees", good, 9, ""},
		{"another size", good, 8, "tree of 9 leaves"},
		{"another root", strings.Replace(good, root, base64.StdEncoding.EncodeToString(make([]byte, 32)), 1), 9, "signed root"},
		{"cosigned by a witness", good + line("witness.example", "wit1"), 9, ""},
		{"signed under another name", strings.Replace(good, "— log", "— bog", 1), 9, "its signature is by"},
		{"the same signature in another text", strings.Replace(good, "Q==\n", "R==\n", 1), 9, "expected a signature in base64"},
		{"the same signature with a carriage return", strings.Replace(good, "==\n", "==\r\n", 1), 9, "expected a signature in base64"},
		{"a witness's signature is no base64", good + "— witness.example !\n", 9, "expected a signature in base64"},
		{"signature line without a name", good + "— c2ln\n", 9, "signature line"},
		{"no root", "log.example\n9\n", 9, "expected origin"},
		{"size is a word", strings.Replace(good, "\n9\n", "\nnine\n", 1), 9, "tree size"},
		{"root is short", "a\n9\nAAAA\n", 9, "root hash"},
		{"empty", "", 9, "expected origin"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := BundleEntry{LogEntry: LogEntry{LogID: hex.EncodeToString([]byte("hint and more"))}, Note: textOf(tc.note), TreeSize: tc.size, Proof: InclusionProof{Claimed: bytes.Repeat([]byte{7}, 32)}}
			err := e.checkCheckpointText()
			if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

func TestEntryUUID(t *testing.T) {
	t.Parallel()
	leaf := bytes.Repeat([]byte{0xab}, 32)
	if got, want := entryUUID("rekor.example - 2605736670972794746", leaf), "24296fb24b8ad77a"+strings.Repeat("ab", 32); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := entryUUID("rekor.example", leaf); got != "" {
		t.Errorf("an origin without a tree id gives %q", got)
	}
}
