package main

import (
	"bytes"
	"crypto/sha512"
	"fmt"

	sumnote "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tileHeight is that of every checksum database that the go command knows.
const tileHeight = 8

// sumDB is a checksum database: a log of records and the key that signs its trees
// (https://go.dev/design/25530-sumdb).
type sumDB struct {
	name    string
	key     string // the verifier key
	signer  sumnote.Signer
	hashes  []tlog.Hash // as tlog stores them
	records [][]byte
}

// newSumDB returns a database that holds n records of other people's modules. Its key
// derives from label.
func newSumDB(name, label string, n int) *sumDB {
	seed := sha512.Sum512([]byte("plimsoll demo key: " + label))
	private, public, err := sumnote.GenerateKey(bytes.NewReader(seed[:]), name)
	db := &sumDB{name: name, key: must(public, err), signer: must(sumnote.NewSigner(private))}
	db.fill(n)
	return db
}

// fill appends n records of other people's modules.
func (db *sumDB) fill(n int) {
	for range n {
		path := fmt.Sprintf("modules.demo.example/m%d", len(db.records))
		db.add(goSum(path, "v1.0.0", h1("zip of "+path), h1("go.mod of "+path)))
	}
}

// ReadHashes implements [tlog.HashReader].
func (db *sumDB) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		list[i] = db.hashes[at]
	}
	return list, nil
}

// add appends a record and returns its number.
func (db *sumDB) add(text []byte) int64 {
	id := int64(len(db.records))
	db.records = append(db.records, text)
	db.hashes = append(db.hashes, must(tlog.StoredHashes(id, text, db))...)
	return id
}

// fork returns another log that is the same up to a record, and has another one there,
// under the same key.
func (db *sumDB) fork(at int64, text []byte) *sumDB {
	other := &sumDB{name: db.name, key: db.key, signer: db.signer}
	for i, record := range db.records {
		if int64(i) == at {
			record = text
		}
		other.add(record)
	}
	return other
}

// head is the signed head of the tree of the first n records.
func (db *sumDB) head(n int64) []byte { return db.sign(db.tree(n)) }

func (db *sumDB) tree(n int64) tlog.Tree { return tlog.Tree{N: n, Hash: must(tlog.TreeHash(n, db))} }

// sign signs a tree.
func (db *sumDB) sign(tree tlog.Tree) []byte {
	return must(sumnote.Sign(&sumnote.Note{Text: string(tlog.FormatTree(tree))}, db.signer))
}

// prove are the tiles that lead from a record to the tree of n, by their paths.
func (db *sumDB) prove(record, n int64) map[string][]byte {
	read := tileReader{db, map[string][]byte{}}
	if record < n {
		must(tlog.ProveRecord(n, record, tlog.TileHashReader(db.tree(n), read)))
	}
	return read.tiles
}

// grow are the tiles that lead from a tree to a larger one.
func (db *sumDB) grow(from, to int64) map[string][]byte {
	read := tileReader{db, map[string][]byte{}}
	if from < to {
		must(tlog.TreeHash(from, tlog.TileHashReader(db.tree(to), read)))
	}
	return read.tiles
}

// tileReader keeps the tiles that are read.
type tileReader struct {
	db    *sumDB
	tiles map[string][]byte
}

// Height implements [tlog.TileReader], as do the next two.
func (r tileReader) Height() int { return tileHeight }

// SaveTiles does nothing.
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles makes tiles of the log.
func (r tileReader) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	list := make([][]byte, len(want))
	for i, tile := range want {
		data, err := tlog.ReadTileData(tile, r.db)
		if err != nil {
			return nil, err
		}
		list[i], r.tiles[tile.Path()] = data, data
	}
	return list, nil
}
