package verify

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// The way that is drawn leads to the signed root exactly if the record is included,
// and a tile that was altered shows.
func TestRecordEvidence(t *testing.T) {
	t.Parallel()
	db := newSumDatabase(t)
	var kept []byte
	for i := range 600 { // 600 = two full tiles and a part of one
		db.offer(fmt.Sprintf("example.com/m%d", i), "v1.0.0", nil)
		if i == 299 {
			kept = db.head()
		}
	}
	examine := func(n int, offered OfferedRecord) (*Record, *RecordEvidence) {
		d := Examine(Evidence{Release: Release{Go, untrusted.Text(fmt.Sprintf("example.com/m%d", n)), "v1.0.0"}, Artifacts: []Artifact{{Record: &offered}}},
			catalog.Provenance{}, Trust{SumDB: SumDB{Key: db.key, Head: kept}})
		r := d.Artifacts[0].Record
		return r, d.Record(r)
	}
	for _, n := range []int{0, 255, 256, 511, 512, 598, 599} {
		offered := db.offer(fmt.Sprintf("example.com/m%d", n), "v1.0.0", kept)
		r, e := examine(n, offered)
		if r.Status != Signed || !bytes.Equal(e.Proof.Computed, e.Proof.Signed) || e.Kept == nil || !e.Kept.SameTree(e.Size, e.Proof.Signed) ||
			slices.ContainsFunc(e.Tiles, TileStep.Contradicts) || !bytes.Equal(e.Tiles[0].Hash, e.Proof.LeafHash) {
			t.Fatalf("record %d: %v, %+v", n, r.Reason, e)
		}
		if want := []int{2, 1}[n/512]; len(e.Tiles) != want {
			t.Errorf("record %d: %d tiles, want %d", n, len(e.Tiles), want)
		}
		for path, tile := range offered.Tiles {
			changed := offered
			changed.Tiles = map[string][]byte{}
			for other, data := range offered.Tiles {
				changed.Tiles[other] = data
			}
			tile = bytes.Clone(tile)
			tile[len(tile)-1] ^= 1
			changed.Tiles[path] = tile
			r, e := examine(n, changed)
			seen := !bytes.Equal(e.Proof.Computed, e.Proof.Signed) || slices.ContainsFunc(e.Tiles, TileStep.Contradicts) ||
				!e.Kept.SameTree(e.Size, e.Proof.Signed)
			if r.Status == Signed || !seen {
				t.Errorf("record %d with %s altered: %v, and the drawing shows it: %v", n, path, r.Status, seen)
			}
			delete(changed.Tiles, path)
			if r, _ := examine(n, changed); r.Status == Signed {
				t.Errorf("record %d without %s: %v", n, path, r.Status)
			}
		}
	}
	if r := Verify(Evidence{Release: Release{Ecosystem: Go}, Artifacts: []Artifact{{Record: &OfferedRecord{}}}}, catalog.Provenance{}, Trust{}); r.Artifacts[0].Record == nil {
		t.Error("no record")
	}
}

// A head that nobody signed may name any size.
func TestRecordEvidenceOfAbsurdTrees(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{-1, 0, 1, 2, maxTree, maxTree + 1, math.MaxInt64} {
		for _, number := range []int64{-1, 0, 1, maxTree - 1, math.MaxInt64} {
			answer := fmt.Appendf(nil, "%d\nm v1 h1:a\nm v1/go.mod h1:b\n\ngo.sum database tree\n%d\n%s=\n\n\u2014 x y\n", number, size, bytes.Repeat([]byte("A"), 43))
			for _, head := range [][]byte{nil, answer[bytes.Index(answer, []byte("go.sum")):]} {
				e := recordEvidence(&ArtifactReport{}, OfferedRecord{Answer: answer, Tiles: map[string][]byte{"tile/8/0/000": nil, "tile/8/0/000.p/1": make([]byte, 32)}}, SumDB{Head: head})
				if len(e.Tiles) > 8 || len(e.Proof.Steps) > 64 {
					t.Errorf("record %d of %d: %d tiles, %d steps", number, size, len(e.Tiles), len(e.Proof.Steps))
				}
			}
		}
	}
}

// A tree that forks after its last full tile must not pass for one that grew out of the
// kept one, though the tiles of the kept one stand in place of its own.
// golang.org/x/mod's own reader of tiles takes them.
func TestForkHiddenByTilesOfTheKeptTree(t *testing.T) {
	t.Parallel()
	honest, forked := newSumDatabase(t), newSumDatabase(t)
	const forksAt, keptAt = 280, 300 // both in the second tile
	records := 0
	forked.key, forked.server = honest.key, sumdb.NewTestServer(honest.signer, func(path, version string) ([]byte, error) {
		hash := hashOf(path + version)
		if records++; records > forksAt {
			hash = hashOf("another " + path)
		}
		return fmt.Appendf(nil, "%s %s h1:%s\n%s %s/go.mod h1:%s\n", path, version, hash, path, version, hashOf("mod"+path+version)), nil
	})
	var kept []byte
	for i := range 600 {
		path := fmt.Sprintf("example.com/m%d", i)
		honest.offer(path, "v1.0.0", nil)
		forked.offer(path, "v1.0.0", nil)
		if i == keptAt-1 {
			kept = honest.head()
		}
	}
	release, db := Release{Go, "example.com/m7", "v1.0.0"}, SumDB{Key: honest.key, Head: kept}
	offered := forked.offer("example.com/m7", "v1.0.0", kept)
	r := judgeRecord(release, offered, db)
	if c := r.Checks[3]; r.Status != Invalid || c.ID != CheckHistory || c.Expected == "" {
		t.Errorf("the fork in the open: %v: %+v", r.Status, c)
	}
	const second = "tile/8/0/001"
	offered.Tiles[second] = honest.offer("example.com/m300", "v1.0.0", kept).Tiles[second]
	r = judgeRecord(release, offered, db)
	if c := r.Checks[3]; r.Status != Invalid || c.ID != CheckHistory || c.Status != Fail || c.Expected != "" {
		t.Errorf("the fork hidden: %v: %+v", r.Status, c)
	}
	if c := CheckHead(forked.head(), db, offered.Tiles); c.Status != Fail || c.Expected != "" {
		t.Errorf("its head: %+v", c)
	}
}
