package verify

import (
	"fmt"
	"testing"

	"golang.org/x/mod/sumdb"
)

// A database that forked cannot hide it behind the honest tree's tiles: each tile has to
// be of the tree that it is read for, a full one as well. (golang.org/x/mod before
// v0.40.0 took full ones without a look, CVE-2026-56865: this was signed.)
func TestForkBehindTilesOfTheOtherTree(t *testing.T) {
	t.Parallel()
	const victim = "example.com/m390"
	honest := newSumDatabase(t)
	forked := &sumDatabase{t, honest.signer, honest.key, sumdb.NewTestServer(honest.signer, func(path, version string) ([]byte, error) {
		of := path
		if path == victim {
			of += " of somebody else"
		}
		return fmt.Appendf(nil, "%s %s h1:%s\n%[1]s %[2]s/go.mod h1:%[4]s\n", path, version, hashOf(of+version), hashOf("mod"+of+version)), nil
	})}
	grow := func(db *sumDatabase, from, to int) {
		for i := from; i < to; i++ {
			db.offer(fmt.Sprintf("example.com/m%d", i), "v1.0.0", nil)
		}
	}
	grow(honest, 0, 400)
	kept := honest.head()
	grow(honest, 400, 700)
	grow(forked, 0, 700)
	offered := forked.offer(victim, "v1.0.0", kept)
	offered.Zip, offered.Mod = "", ""
	release := Release{Go, victim, "v1.0.0"}
	if got := judgeRecord(release, offered, SumDB{Key: honest.key}); got.Status != Signed {
		t.Fatalf("without a head that was kept: %v: %s", got.Status, got.Reason)
	}
	if got := judgeRecord(release, offered, SumDB{Key: honest.key, Head: kept}); got.Status != Invalid {
		t.Errorf("the fork: %v: %s", got.Status, got.Reason)
	}
	const full = "tile/8/0/001"
	offered.Tiles[full] = honest.offer(victim, "v1.0.0", kept).Tiles[full]
	if got := judgeRecord(release, offered, SumDB{Key: honest.key, Head: kept}); got.Status != Invalid {
		t.Errorf("the fork behind a tile of the other tree: %v: %s", got.Status, got.Reason)
	}
}
