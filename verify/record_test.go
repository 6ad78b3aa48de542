package verify

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
)

// sumDatabase is a checksum database that signs for the tests.
type sumDatabase struct {
	t      *testing.T
	signer string
	key    string
	server *sumdb.TestServer
}

func newSumDatabase(t *testing.T) *sumDatabase {
	t.Helper()
	signer, key, err := note.GenerateKey(rand.Reader, "sum.example")
	if err != nil {
		t.Fatal(err)
	}
	return &sumDatabase{t, signer, key, sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		return fmt.Appendf(nil, "%s %s h1:%s\n%s %s/go.mod h1:%s\n", path, version, hashOf(path+version), path, version, hashOf("mod"+path+version)), nil
	})}
}

func hashOf(s string) string {
	h := tlog.RecordHash([]byte(s))
	return base64.StdEncoding.EncodeToString(h[:])
}

// head is the newest signed head.
func (db *sumDatabase) head() []byte {
	signed, err := db.server.Signed(db.t.Context())
	if err != nil {
		db.t.Fatal(err)
	}
	return signed
}

// offer is the honest answer for a release.
func (db *sumDatabase) offer(path, version string, kept []byte) OfferedRecord {
	id, err := db.server.Lookup(db.t.Context(), module.Version{Path: path, Version: version})
	if err != nil {
		db.t.Fatal(err)
	}
	records, err := db.server.ReadRecords(db.t.Context(), id, 1)
	if err != nil {
		db.t.Fatal(err)
	}
	answer, err := tlog.FormatRecord(id, records[0])
	if err != nil {
		db.t.Fatal(err)
	}
	signed := db.head()
	offered := OfferedRecord{Module: untrusted.Text(path), Answer: append(answer, signed...), Tiles: map[string][]byte{}, Zip: "h1:" + hashOf(path+version), Mod: "h1:" + hashOf("mod"+path+version)}
	head, err := HeadOf(signed)
	if err != nil {
		db.t.Fatal(err)
	}
	var before tlog.Tree
	if kept != nil {
		if before, err = HeadOf(kept); err != nil {
			db.t.Fatal(err)
		}
	}
	if err := ReadTiles(id, head, before, keeping{db, offered.Tiles}); err != nil {
		db.t.Fatal(err)
	}
	return offered
}

// keeping reads tiles from a database and keeps them.
type keeping struct {
	*sumDatabase
	kept map[string][]byte
}

func (k keeping) Height() int                     { return TileHeight }
func (k keeping) SaveTiles([]tlog.Tile, [][]byte) {}
func (k keeping) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var data [][]byte
	for _, tile := range want {
		found, err := k.server.ReadTileData(k.t.Context(), tile)
		if err != nil {
			return nil, err
		}
		k.kept[tile.Path()] = found
		data = append(data, found)
	}
	return data, nil
}

func TestRecord(t *testing.T) {
	t.Parallel()
	db := newSumDatabase(t)
	for i := range 300 { // tiles of two levels
		db.offer(fmt.Sprintf("example.com/m%d", i), "v1.0.0", nil)
	}
	kept := db.head()
	for i := range 300 {
		db.offer(fmt.Sprintf("example.com/n%d", i), "v1.0.0", nil)
	}
	release := Release{Go, "example.com/m7", "v1.0.0"}
	other := newSumDatabase(t)
	for name, test := range map[string]struct {
		change func(o *OfferedRecord, db *SumDB)
		status Status
		check  CheckID // the one that fails or is blocked
		reason string
	}{
		"honest":          {func(*OfferedRecord, *SumDB) {}, Signed, "", "everybody gets these bytes"},
		"nothing kept":    {func(_ *OfferedRecord, db *SumDB) { db.Head = nil }, Signed, "", ""},
		"zip not fetched": {func(o *OfferedRecord, _ *SumDB) { o.Zip = "" }, Signed, "", ""},
		"no key":          {func(_ *OfferedRecord, db *SumDB) { db.Error = "GOSUMDB names no key" }, Unchecked, CheckRecordLines, "GOSUMDB names no key"},
		"another key":     {func(_ *OfferedRecord, db *SumDB) { db.Key, db.Head = other.key, nil }, Invalid, CheckTreeHead, "not signed by the checksum database"},
		"an altered record": {func(o *OfferedRecord, _ *SumDB) {
			o.Answer = replace(o.Answer, "h1:"+hashOf("example.com/m7v1.0.0"), "h1:"+hashOf("x"))
			o.Zip = ""
		}, Invalid, CheckRecordIn, "does not lead to the signed tree"},
		"another record":  {func(o *OfferedRecord, _ *SumDB) { o.Answer = db.offer("example.com/m8", "v1.0.0", nil).Answer }, Invalid, CheckRecordLines, "about something else"},
		"another number":  {func(o *OfferedRecord, _ *SumDB) { o.Answer = replace(o.Answer, "7\n", "8\n") }, Invalid, CheckRecordIn, ""},
		"a number beyond": {func(o *OfferedRecord, _ *SumDB) { o.Answer = replace(o.Answer, "7\n", "700\n") }, Invalid, CheckRecordIn, "not in a tree of 600"},
		"an altered tile": {func(o *OfferedRecord, _ *SumDB) {
			for path, tile := range o.Tiles {
				o.Tiles[path] = append([]byte{tile[0] ^ 1}, tile[1:]...)
			}
		}, Invalid, CheckRecordIn, ""},
		"a tile is missing": {func(o *OfferedRecord, _ *SumDB) { clear(o.Tiles) }, Unchecked, CheckRecordIn, "was not fetched"},
		"another zip":       {func(o *OfferedRecord, _ *SumDB) { o.Zip = "h1:" + hashOf("evil") }, Invalid, CheckModuleBytes, "another zip"},
		"another go.mod":    {func(o *OfferedRecord, _ *SumDB) { o.Mod = "h1:" + hashOf("evil") }, Invalid, CheckModuleBytes, "another go.mod"},
		"another module":    {func(o *OfferedRecord, _ *SumDB) { o.Module = "example.com/m" }, Invalid, CheckRecordLines, "does not hold the package"},
		"no record":         {func(o *OfferedRecord, _ *SumDB) { o.Answer = []byte("<html>") }, Invalid, CheckRecordLines, "no record"},
		"a fork": {func(o *OfferedRecord, trust *SumDB) {
			made := sumdb.NewTestServer(db.signer, func(path, version string) ([]byte, error) { return []byte("other\n"), nil })
			for i := range 10 {
				if _, err := made.Lookup(t.Context(), module.Version{Path: fmt.Sprintf("example.com/f%d", i), Version: "v1.0.0"}); err != nil {
					t.Fatal(err)
				}
			}
			signed, err := made.Signed(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			trust.Head = signed
		}, Invalid, CheckHistory, "a fork"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			offered, trust := db.offer("example.com/m7", "v1.0.0", kept), SumDB{Key: db.key, Head: kept}
			if name == "a fork" { // the tiles to the smaller tree
				head, _ := HeadOf(db.head())
				if err := ReadTiles(7, head, tlog.Tree{N: 10}, keeping{db, offered.Tiles}); err != nil {
					t.Fatal(err)
				}
			}
			test.change(&offered, &trust)
			r := judgeRecord(release, offered, trust)
			if r.Status != test.status || !strings.Contains(r.Reason, test.reason) {
				t.Errorf("%v: %s, want %v: …%s…", r.Status, r.Reason, test.status, test.reason)
			}
			for _, c := range r.Checks {
				if bad := c.Status == Fail || c.Status == Blocked; bad && c.ID == test.check {
					return
				} else if bad {
					t.Errorf("%s: %v: %s", c.ID, c.Status, c.Reason)
					return
				}
			}
			if test.check != "" {
				t.Errorf("every check passes, want %s to fail", test.check)
			}
		})
	}
}

func replace(b []byte, from, to string) []byte {
	return []byte(strings.Replace(string(b), from, to, 1))
}
