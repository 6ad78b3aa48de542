package catalog

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"plimsoll/catalog/untrusted"
)

func TestParseShard(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Shard{"1/1": {1, 1}, "2/4": {2, 4}, "10000/10000": {10000, 10000}} {
		got, err := ParseShard(in)
		if err != nil || got != want || got.String() != in {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "1", "/", "0/4", "5/4", "1/0", "-1/4", "1/-4", "+1/4", "1/4/4", "1/10001", " 1/4", "1/4\x1b[2J", "1/99999999999999999999", "a/b"} {
		if got, err := ParseShard(in); err == nil {
			t.Errorf("%q was read as %v", in, got)
		}
	}
}

// The split is what machines of different versions agree on: it never changes.
// The number is that of: printf npx/context7 | sha256sum | cut -c-16
func TestShardIsStable(t *testing.T) {
	t.Parallel()
	const sum uint64 = 0xee2af54bcf4343e7
	for _, count := range []int{1, 2, 3, 7, 1000, maxShards} {
		shard := Shard{Index: int(sum%uint64(count)) + 1, Count: count}
		for _, path := range []untrusted.Text{"npx/context7/spec.yaml", "dockyard/npx/context7/spec.yaml"} {
			if !shard.Holds(path) {
				t.Errorf("%s is not in shard %v", path, shard)
			}
		}
	}
}

func TestEverySpecIsInOneShard(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 7))
	for _, count := range []int{1, 2, 3, 7, 100, maxShards} {
		held := make([]int, count)
		const paths = 2000
		for i := range paths {
			path := untrusted.Text(fmt.Sprintf("%s/%x%c\xff/spec.yaml", []string{"npx", "uvx", "demo/npx"}[i%3], r.Uint64(), rune(r.IntN(0x3000))))
			in := 0
			for index := range min(count, 100) {
				if (Shard{index + 1, count}).Holds(path) {
					in++
					held[index]++
				}
			}
			if count <= 100 && in != 1 {
				t.Fatalf("%q is in %d shards of %d", path, in, count)
			}
			if !(Shard{}).Holds(path) {
				t.Fatalf("%q is not in the whole catalog", path)
			}
		}
		if count > 7 {
			continue
		}
		for index, n := range held {
			if mean := paths / count; n < mean/2 || n > mean*2 {
				t.Errorf("shard %d of %d holds %d of %d specs", index+1, count, n, paths)
			}
		}
	}
}

func TestDigestSeesEverySpec(t *testing.T) {
	t.Parallel()
	specs := []Spec{{Path: "npx/a/spec.yaml", SHA256: [32]byte{1}}, {Path: "npx/b/spec.yaml", SHA256: [32]byte{2}}}
	seen := map[[32]byte]string{}
	for name, list := range map[string][]Spec{
		"none": nil, "both": specs, "first": specs[:1], "second": specs[1:], "turned": {specs[1], specs[0]},
		"other bytes": {specs[0], {Path: specs[1].Path, SHA256: [32]byte{3}}},
		"other path":  {specs[0], {Path: "npx/c/spec.yaml", SHA256: specs[1].SHA256}},
		"line feed":   {{Path: "npx/a/spec.yaml\" 01\n\"npx/b/spec.yaml", SHA256: [32]byte{2}}},
	} {
		sum := Digest(list)
		if other, ok := seen[sum]; ok {
			t.Errorf("%s and %s have one digest", name, other)
		}
		seen[sum] = name
	}
}
