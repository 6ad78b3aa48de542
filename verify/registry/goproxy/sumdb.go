package goproxy

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// record gets the record and the tiles that prove it. db gets the head that it has to
// be consistent with.
func (f *fetch) record(ctx context.Context, db *verify.SumDB) (*verify.OfferedRecord, error) {
	if f.SumFault != nil {
		return nil, f.SumFault
	}
	f.progress.Tell("asking the checksum database")
	at, err := f.database(ctx, *db)
	if err != nil {
		return nil, err
	}
	escaped, err := module.EscapePath(f.module)
	if err != nil {
		return nil, err
	}
	version, err := module.EscapeVersion(f.version)
	if err != nil {
		return nil, err
	}
	answer, source, err := f.get(ctx, at, "lookup/"+escaped+"@"+version,
		registry.Request{What: "record", Limit: untrusted.MaxCheckpoint, Plain: true, Progress: f.progress, Usable: func(body []byte) bool {
			_, _, _, err := tlog.ParseRecord(body)
			return err == nil
		}})
	if err != nil {
		return nil, err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	offered := &verify.OfferedRecord{Module: untrusted.Text(f.module), Answer: answer, Source: source}
	reader := &tileReader{Registry: f.Registry, ctx: ctx, db: at, progress: f.progress, read: map[string][]byte{}}
	offered.Tiles = reader.read
	id, _, signed, err := tlog.ParseRecord(answer)
	if err != nil {
		return offered, nil // which will be judged
	}
	head, err := verify.HeadOf(signed)
	if err != nil {
		return offered, nil
	}
	if err := verify.ReadTiles(id, head, tlog.Tree{}, reader); err != nil && reader.renew() { // they do not fit
		_ = verify.ReadTiles(id, head, tlog.Tree{}, reader) // what that gives will be judged
	}
	err = f.hold(db, signed, reader)
	if ctx.Err() != nil || errors.Is(err, errFork) {
		return nil, err
	}
	if err != nil {
		db.Error = untrusted.Message(err)
	}
	offered.TileError = untrusted.Message(reader.err)
	return offered, nil
}

// hold proves a signed head consistent with the newest one that was accepted, and
// accepts it then. db gets the one that it was held against. Heads that others accept
// meanwhile are proven against in turn. Whatever cannot be proven is left to be
// judged; the error is that of an earlier fork, or of what was kept.
func (f *fetch) hold(db *verify.SumDB, signed []byte, reader *tileReader) error {
	now, err := verify.HeadOf(signed)
	if err != nil {
		return nil
	}
	for {
		var forked error
		if db.Head, forked = f.Heads.Newest(); forked != nil && !f.Heads.fixed {
			return forked
		}
		kept, err := verify.HeadOf(db.Head)
		if len(db.Head) > 0 && err != nil {
			return fmt.Errorf("the tree head that was kept: %w", err)
		}
		if err := verify.ReadHistory(now, kept, reader); err != nil && reader.renew() {
			_ = verify.ReadHistory(now, kept, reader)
		}
		switch check := verify.CheckHead(signed, *db, reader.read); {
		case check.ID == verify.CheckHistory && check.Status == verify.Fail && check.Expected != "":
			f.Heads.Fork(db.Head, signed) // two roots of one size: the next question is told, and this record is invalid
			return nil
		case check.Status != verify.Pass:
			return nil
		case forked != nil:
			return forked
		}
		if f.Heads.Accept(db.Head, signed) {
			return nil
		}
	}
}

// database finds out how the checksum database is reached: at the address that GOSUMDB
// gives, through the first proxy that says that it passes it on, else direct. Its newest
// head is asked for once: what is looked up in a run is held against that, in
// whatever order.
func (f *fetch) database(ctx context.Context, db verify.SumDB) (proxy, error) {
	f.reach.Lock()
	defer f.reach.Unlock()
	if f.found != nil {
		return *f.found, nil
	}
	at := proxy{base: f.Direct, login: f.directLogin}
	if !f.addressed {
		err := f.try(func(p proxy) error {
			err := f.supported(ctx, p, "checksum database")
			if err == nil {
				at = proxy{base: p.base.JoinPath(f.sumDBPath()), login: p.login}
			}
			return err
		})
		if err != nil && !errors.Is(err, registry.ErrNotFound) && !errors.Is(err, errDirect) && !errors.Is(err, errOff) {
			return proxy{}, err
		}
	}
	if f.Heads.fixed {
		f.found = &at
		return at, nil
	}
	latest, _, err := f.latest(ctx, at)
	if err == nil {
		reader := &tileReader{Registry: f.Registry, ctx: ctx, db: at, read: map[string][]byte{}}
		err = f.hold(&db, latest, reader)
	}
	if ctx.Err() != nil || errors.Is(err, errFork) {
		return proxy{}, err
	}
	f.found = &at
	return at, nil
}

// supported asks a proxy whether it passes the checksum database on. what is looked
// for, as errors name it.
func (r *Registry) supported(ctx context.Context, p proxy, what string) error {
	_, _, err := r.get(ctx, p, r.Config().sumDBPath()+"supported",
		registry.Request{What: what, Limit: untrusted.MaxErrorBody, Plain: true})
	return err
}

// latest gets the newest signed head of a checksum database.
func (r *Registry) latest(ctx context.Context, db proxy) ([]byte, verify.Source, error) {
	return r.get(ctx, db, "latest", registry.Request{What: "tree head", Limit: untrusted.MaxCheckpoint, Plain: true})
}

// tileStore keeps tiles that lead to a signed head for the other packages of a run.
type tileStore struct {
	flying singleflight.Group // those that are fetched now, by path

	mu    sync.Mutex
	tiles map[string][]byte
}

// maxTiles bounds a tileStore: 8 KiB each.
const maxTiles = 1024

func (s *tileStore) get(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tiles[path]
}

func (s *tileStore) put(path string, tile []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tiles == nil || len(s.tiles) >= maxTiles {
		s.tiles = map[string][]byte{}
	}
	s.tiles[path] = tile
}

// tileReader fetches tiles and keeps them for the evidence.
type tileReader struct {
	*Registry
	ctx      context.Context
	db       proxy
	progress registry.Progress
	read     map[string][]byte
	fresh    map[string][]byte // those of read that were asked for again, or nil
	err      error             // of the network
}

// renew reports whether tiles that do not lead to a head are worth another try: with
// those that the server has now, and not with those that were kept.
func (t *tileReader) renew() bool {
	if t.fresh != nil || t.err != nil {
		return false
	}
	t.fresh = map[string][]byte{}
	return true
}

// Height implements [tlog.TileReader], as do the next two.
func (t *tileReader) Height() int { return verify.TileHeight }

// SaveTiles is called with tiles that were proven.
func (t *tileReader) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, tile := range tiles {
		t.tiles.put(tile.Path(), data[i])
	}
}

// ReadTiles fetches what is not here yet.
func (t *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	var group errgroup.Group
	group.SetLimit(4)
	for i, tile := range tiles {
		if t.fresh != nil {
			data[i] = t.fresh[tile.Path()]
		} else if data[i] = t.read[tile.Path()]; data[i] == nil {
			data[i] = t.tiles.get(tile.Path())
		}
		if data[i] == nil {
			group.Go(func() (err error) { data[i], err = t.shared(tile); return err })
		}
	}
	err := group.Wait()
	for i, tile := range tiles {
		if data[i] == nil {
			continue
		}
		t.read[tile.Path()] = data[i]
		if t.fresh != nil {
			t.fresh[tile.Path()] = data[i]
		}
	}
	if err != nil {
		t.err = err
		return nil, err
	}
	return data, nil
}

// shared is tile for packages that need one at once: it is fetched once.
func (t *tileReader) shared(tile tlog.Tile) ([]byte, error) {
	if t.fresh != nil {
		return t.tile(tile)
	}
	found, err, _ := t.tiles.flying.Do(tile.Path(), func() (any, error) { return t.tile(tile) })
	if err != nil && t.ctx.Err() == nil && errors.Is(err, context.Canceled) { // another package's
		return t.tile(tile)
	}
	body, _ := found.([]byte)
	return body, err
}

// tile gets a tile. One that has grown full since may be there no more in part.
func (t *tileReader) tile(tile tlog.Tile) ([]byte, error) {
	get := func(tile tlog.Tile) ([]byte, error) {
		req := registry.Request{What: "tile", Limit: tlog.HashSize << tile.H, Immutable: t.fresh == nil, Plain: true, Progress: t.progress}
		req.Usable = func(body []byte) bool { return len(body) == tile.W*tlog.HashSize }
		body, _, err := t.get(t.ctx, t.db, tile.Path(), req)
		return body, err
	}
	body, err := get(tile)
	if full := (tlog.Tile{H: tile.H, L: tile.L, N: tile.N, W: 1 << tile.H}); tile != full && errors.Is(err, registry.ErrNotFound) {
		if body, err = get(full); err == nil {
			body = body[:min(len(body), tile.W*tlog.HashSize)]
		}
	}
	return body, err
}
