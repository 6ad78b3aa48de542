package verify

import (
	"bytes"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
)

// RecordEvidence is a record of the checksum database with all that proves it, as far
// as it could be decoded and verified or not: the record's checks say which.
type RecordEvidence struct {
	Artifact *ArtifactReport // of the report
	Record   *Record         // of the report
	Source   Source          // of the answer
	Answer   untrusted.Text  // of /lookup, as it was served
	Text     untrusted.Text  // the record's lines of go.sum, which its hash covers
	Note     untrusted.Text  // the signed tree head
	Size     int64           // of the tree, as the head says
	Proof    InclusionProof  // its Signed is the root in the head; nothing else claims one
	Tiles    []TileStep      // from the leaf's to the root's
	Kept     *KeptHead       // nil if no head was kept before
	GoMod    []byte          // as the proxy served it
	GoModSum string          // its h1, recomputed
	ZipSum   string          // that of the zip, recomputed; "" if that was not fetched
}

// TileStep is a tile on the way from a record to the root.
type TileStep struct {
	Path   string
	Hashes int    // how many it holds, 0 if it was not fetched
	At     int    // which of them is on the way
	Hash   []byte // that one
	Root   []byte // what they lead to if it is full; the next tile holds it
	Above  []byte // what the next tile holds in that place
}

// Contradicts reports whether the tile above holds another hash than this one leads to.
func (s TileStep) Contradicts() bool {
	return s.Root != nil && s.Above != nil && !bytes.Equal(s.Root, s.Above)
}

// KeptHead is the signed tree head that was seen before.
type KeptHead struct {
	Note  untrusted.Text
	Size  int64
	Root  []byte
	Older []byte // the root of the smaller of the two trees, recomputed within the larger one; or nil
}

// recordEvidence decodes what is offered of a record.
func recordEvidence(art *ArtifactReport, offered OfferedRecord, db SumDB) RecordEvidence {
	e := RecordEvidence{
		Artifact: art, Record: art.Record, Source: offered.Source, Answer: untrusted.Text(offered.Answer),
		GoMod: offered.GoMod, GoModSum: offered.Mod, ZipSum: offered.Zip,
	}
	number, text, signed, err := tlog.ParseRecord(offered.Answer)
	if err != nil {
		return e
	}
	e.Text, e.Note = untrusted.Text(text), untrusted.Text(signed)
	leaf := tlog.RecordHash(text)
	e.Proof.LeafHash = leaf[:]
	head, err := HeadOf(signed)
	if err != nil {
		e.Proof.Problem = "the tree head cannot be read: " + untrusted.Message(err)
		return e
	}
	e.Size, e.Proof.Signed = head.N, head.Hash[:]
	held := hold(offered.Tiles)
	e.climb(number, held)
	if len(db.Head) > 0 {
		e.Kept = keptHead(db.Head, head, tiles(offered.Tiles))
	}
	return e
}

// climb recomputes the way from the record to the root. The hashes are taken from the
// tiles as they are, so that a person sees where they stop agreeing.
func (e *RecordEvidence) climb(number int64, held heldTiles) {
	if number < 0 || number >= e.Size {
		e.Proof.Problem = fmt.Sprintf("record %d does not lie in a tree of %d", number, e.Size)
		return
	}
	e.Tiles = held.way(number, e.Size)
	path, err := tlog.ProveRecord(e.Size, number, held)
	if err != nil {
		e.Proof.Problem = untrusted.Message(err)
		return
	}
	hashes := make([][]byte, len(path))
	for i := range path {
		hashes[i] = path[i][:]
	}
	if e.Proof.Steps, err = climb(e.Proof.LeafHash, number, e.Size, hashes); err != nil {
		e.Proof.Problem = untrusted.Message(err)
		return
	}
	e.Proof.Computed = e.Proof.LeafHash
	if n := len(e.Proof.Steps); n > 0 {
		e.Proof.Computed = e.Proof.Steps[n-1].Result
	}
}

// tileAt is the place of a tile in the tree.
type tileAt struct {
	level int
	n     int64
}

// heldTiles are the tiles that were offered, the longest of each place. None is
// verified.
type heldTiles map[tileAt][]byte

func hold(offered map[string][]byte) heldTiles {
	held := heldTiles{}
	for path, data := range offered {
		tile, err := tlog.ParseTilePath(path)
		if err != nil || tile.H != TileHeight || len(data) != tile.W*tlog.HashSize {
			continue
		}
		if at := (tileAt{tile.L, tile.N}); len(data) > len(held[at]) {
			held[at] = data
		}
	}
	return held
}

// ReadHashes implements [tlog.HashReader].
func (h heldTiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		tile := tlog.TileForIndex(TileHeight, index)
		data := h[tileAt{tile.L, tile.N}]
		if len(data) < tile.W*tlog.HashSize {
			return nil, &missingTile{tile.Path()}
		}
		var err error
		if hashes[i], err = tlog.HashFromTile(tile, data[:tile.W*tlog.HashSize], index); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// way lists the tiles from a record to the root of a tree.
func (h heldTiles) way(number, size int64) (steps []TileStep) {
	const width = 1 << TileHeight
	for level := 0; ; level++ {
		below := number >> (TileHeight * level) // of the subtree on this level that holds the record
		n := below / width
		full := size>>(TileHeight*level) >= (n+1)*width
		tile := tlog.Tile{H: TileHeight, L: level, N: n, W: width}
		if !full {
			tile.W = int(size>>(TileHeight*level) - n*width)
		}
		data := h[tileAt{level, n}]
		s := TileStep{Path: tile.Path(), Hashes: len(data) / tlog.HashSize, At: int(below % width)}
		s.Hash = hashAt(data, s.At)
		if len(steps) > 0 {
			steps[len(steps)-1].Above = s.Hash
		}
		if full && s.Hashes == width {
			s.Root = subtree(data)
		}
		steps = append(steps, s)
		if !full {
			break
		}
	}
	return steps
}

func hashAt(data []byte, i int) []byte {
	if len(data) < (i+1)*tlog.HashSize {
		return nil
	}
	return data[i*tlog.HashSize : (i+1)*tlog.HashSize]
}

// subtree joins the hashes of a full tile to the one that they lead to.
func subtree(data []byte) []byte {
	if len(data) == tlog.HashSize {
		return data
	}
	half := len(data) / 2
	root := tlog.NodeHash(tlog.Hash(subtree(data[:half])), tlog.Hash(subtree(data[half:])))
	return root[:]
}

// keptHead compares the head that was kept with the one that was served.
func keptHead(note []byte, head tlog.Tree, read tiles) *KeptHead {
	k := &KeptHead{Note: untrusted.Text(note)}
	kept, err := HeadOf(note)
	if err != nil {
		return k
	}
	k.Size, k.Root = kept.N, kept.Hash[:]
	if _, root, err := beginning(kept, head, read); err == nil {
		k.Older = root[:]
	}
	return k
}

// SameTree reports whether the head that was kept and the one of a size and root are of
// one tree, as far as was recomputed.
func (k *KeptHead) SameTree(size int64, root []byte) bool {
	older := k.Root
	if size < k.Size {
		older = root
	}
	return len(k.Older) > 0 && bytes.Equal(k.Older, older)
}
