package catalog

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"plimsoll/catalog/untrusted"
)

// maxShards bounds how many parts a catalog is split into.
const maxShards = 10_000

// Shard is one of the parts into which a catalog is split so that several
// machines share the work. Which specs are in it follows from their paths
// alone: every spec is in exactly one shard of a count, on every machine, and
// stays there while others come and go. The zero value is the whole catalog.
type Shard struct {
	Index int `json:"index"` // from 1
	Count int `json:"count"` // 1 to MaxShards; 0: not split
}

// ParseShard reads "2/4": the second of four.
func ParseShard(s string) (Shard, error) {
	index, count, ok := strings.Cut(s, "/")
	i, errIndex := strconv.ParseUint(index, 10, 32)
	n, errCount := strconv.ParseUint(count, 10, 32)
	shard := Shard{int(i), int(n)}
	if !ok || errIndex != nil || errCount != nil || !shard.Valid() {
		return Shard{}, fmt.Errorf("expected INDEX/COUNT such as 2/4, the index from 1 to the count and that at most %d, got %q",
			maxShards, untrusted.Text(s))
	}
	return shard, nil
}

// String returns "2/4".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// Valid reports whether there can be such a shard.
func (s Shard) Valid() bool {
	return s.Count >= 1 && s.Count <= maxShards && s.Index >= 1 && s.Index <= s.Count
}

// Holds reports whether the spec at a path is in the shard: the first eight bytes
// of SHA-256 over "protocol/name", the folder of the spec as UTF-8 with U+FFFD
// for each byte that is none, are a big-endian number, and that modulo Count
// is Index-1.
func (s Shard) Holds(path untrusted.Text) bool {
	if s == (Shard{}) {
		return true
	}
	sum := sha256.Sum256([]byte(shardKey(path)))
	return binary.BigEndian.Uint64(sum[:])%uint64(s.Count) == uint64(s.Index-1)
}

// shardKey is "npx/context7" for "npx/context7/spec.yaml".
func shardKey(path untrusted.Text) string {
	parts := strings.Split(strings.TrimSuffix(validUTF8(path), "/"+specFile), "/")
	return strings.Join(parts[max(0, len(parts)-2):], "/")
}

// validUTF8 is a path as JSON can hold it.
func validUTF8(path untrusted.Text) string { return string([]rune(string(path))) }

// Digest is SHA-256 over the paths of specs, the hashes of their files and the
// packages and versions that they name, in their order: two catalogs with the
// same digest hold the same specs, and results under another package than its
// spec names have another.
func Digest(specs []Spec) [sha256.Size]byte {
	h := sha256.New()
	for _, s := range specs {
		fmt.Fprintf(h, "%q %x %q %q\n", validUTF8(s.Path), s.SHA256, validUTF8(s.Package), validUTF8(s.Version))
	}
	return [sha256.Size]byte(h.Sum(nil))
}
