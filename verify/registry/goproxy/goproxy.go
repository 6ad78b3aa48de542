package goproxy

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Registry asks module proxies and the checksum database. It may be used from
// several goroutines.
type Registry struct {
	client *registry.Client
	load   func() Setup

	access sync.Mutex // held while it is found out how the database is reached
	base   *url.URL   // of the database, or nil while nobody asked
	login  *url.Userinfo
}

// Setup is what a Registry asks, and the heads that it holds the database to.
type Setup struct {
	Config
	Heads *Heads
}

// Recorded is the setup of a recording: its settings, and the head that was known when
// it was made.
func Recorded(settings map[string]string, head string) Setup {
	config := Load(Sources{
		Getenv: func(name string) string { return settings[name] },
		GoEnv: func(...string) (map[string]string, error) {
			return nil, errors.New("the recording was made without asking for Go modules")
		},
	})
	return Setup{Config: config, Heads: RecordedHead(head)}
}

// New returns a Registry that asks with client. load is called once, with the first
// module: a catalog without any runs no go command.
func New(client *registry.Client, load func() Setup) *Registry {
	return &Registry{client: client, load: sync.OnceValue(load)}
}

// Config says which proxies and which database are asked.
func (r *Registry) Config() Config { return r.load().Config }

var (
	errDirect = errors.New("the go command would fetch it from its repository itself (direct), which plimsoll does not do")
	errOff    = errors.New("GOPROXY is off")
)

// try calls ask for one proxy after the other, as the go command does: the next one
// is tried if a module is not there, or after any error if a | says so.
func (c Config) try(ask func(p proxy) error) (err error) {
	if c.Fault != nil {
		return c.Fault
	}
	for _, p := range c.proxies {
		tried := errDirect
		switch p.word {
		case "off":
			tried = errOff
		case "":
			tried = ask(p)
		}
		if tried == nil {
			return nil
		}
		if err == nil || errors.Is(err, registry.ErrNotFound) && p.word == "" {
			err = tried // what one proxy had to say counts more than that nobody has it
		}
		if !p.anyError && !errors.Is(tried, registry.ErrNotFound) {
			break
		}
	}
	return err
}

// get asks one proxy.
func (r *Registry) get(ctx context.Context, p proxy, below, what string, limit int64, immutable bool, progress registry.Progress) ([]byte, verify.Source, error) {
	req := registry.Request{
		URL: p.base.JoinPath(below), Base: p.base, Accept: "*/*", Limit: limit, What: what, Immutable: immutable, Plain: true, Progress: progress,
	}
	if password, ok := p.login.Password(); ok {
		req.Authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte(p.login.Username()+":"+password))
	}
	return r.client.Get(ctx, req)
}

// origin is what the proxy says of where a version came from: claims.
type origin struct {
	VCS  untrusted.Text
	URL  untrusted.Text
	Ref  untrusted.Text
	Hash untrusted.Text
}

// info is a proxy's answer about a version (https://go.dev/ref/mod#goproxy-protocol).
type info struct {
	Version untrusted.Text
	Time    time.Time
	Origin  origin
}

// fetch is one call of [Registry.Fetch].
type fetch struct {
	*Registry
	Setup
	evidence verify.Evidence
	version  string
	module   string // the path of the module that holds the package
	proxy    proxy  // that knows it
	progress registry.Progress
}

// Fetch gets what the checksum database and the module proxies offer for a release,
// whose name is the path of a module, or of a package in one, and the database that
// it has to be verified against. An error means that the release could not be looked
// up at all: [registry.ErrVersionNotFound] if no proxy has it.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, progress registry.Progress) (verify.Evidence, verify.SumDB, error) {
	setup := r.load()
	db := verify.SumDB{Key: setup.Key}
	if setup.SumFault != nil {
		db.Error = untrusted.Message(setup.SumFault)
	}
	kept, err := setup.Heads.Newest()
	db.Head = kept
	if err != nil {
		return verify.Evidence{}, db, err
	}
	f := &fetch{Registry: r, Setup: setup, evidence: verify.Evidence{Release: release}, version: string(release.Version), progress: progress}
	err = f.run(ctx, db)
	return f.evidence, db, err
}

func (f *fetch) run(ctx context.Context, db verify.SumDB) error {
	name := string(f.evidence.Release.Name)
	for _, ignored := range f.ignored {
		f.evidence.Findings = append(f.evidence.Findings, ignored.Finding())
	}
	if module.MatchPrefixPatterns(f.noProxy.value, name) {
		// No proxy may learn of it. The go command would ask its repository.
		f.exclude(name, f.Excluded(name))
		if f.Excluded(name) == "" {
			return fmt.Errorf("%s says that no proxy is asked for %q: %w", untrusted.Clean(f.noProxy.from), name, errDirect)
		}
		return nil
	}
	if err := f.find(ctx, name); err != nil {
		return err
	}
	if why := f.Excluded(f.module); why != "" {
		f.exclude(f.module, why)
		return nil
	}
	artifact := verify.Artifact{Filename: untrusted.Text(f.module + "@" + f.version + ".zip")}
	record, err := f.record(ctx, db)
	switch {
	case ctx.Err() != nil:
		return err
	case err != nil:
		artifact.Missing = registry.Missing("a record of the checksum database is needed", err)
	default:
		if record.Mod, err = f.goMod(ctx); err != nil {
			return err
		}
		artifact.Record = record
	}
	f.evidence.Artifacts = []verify.Artifact{artifact}
	return nil
}

// exclude has the release be one that the settings keep from the database.
func (f *fetch) exclude(path, why string) {
	f.evidence.Artifacts = []verify.Artifact{{Filename: untrusted.Text(path + "@" + f.version + ".zip"), Excluded: why}}
}

// find finds the module that holds the package: the one with the longest path that a
// proxy knows, as the go command does.
func (f *fetch) find(ctx context.Context, name string) error {
	f.progress.Tell("looking for the module")
	for at := name; at != "." && at != "/"; at = path.Dir(at) {
		if module.Check(at, f.version) != nil { // no module, or one of another major version
			continue
		}
		err := f.try(func(p proxy) error { return f.info(ctx, p, at) })
		if !errors.Is(err, registry.ErrNotFound) {
			return err
		}
	}
	return fmt.Errorf("%w: no module proxy has %q %q, nor a module that holds it", registry.ErrVersionNotFound,
		untrusted.Excerpt(name), untrusted.Excerpt(f.version))
}

// below is the path of a file of the module's version at a proxy.
func below(path, version, suffix string) (string, error) {
	escaped, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	file, err := module.EscapeVersion(version)
	return escaped + "/@v/" + file + suffix, err
}

func (f *fetch) info(ctx context.Context, p proxy, at string) error {
	file, err := below(at, f.version, ".info")
	if err != nil {
		return err
	}
	body, source, err := f.get(ctx, p, file, "version's .info", untrusted.MaxManifest, true, f.progress)
	if err != nil {
		return err
	}
	var found info
	if err := json.Unmarshal(body, &found, registry.Tolerant); err != nil {
		return fmt.Errorf("the .info of %q at %v: %w", untrusted.Excerpt(at), source.URL, err)
	}
	if string(found.Version) != f.version { // a branch or a tag that is no version
		return fmt.Errorf("expected the version %q of %q, found %q: it is not exact", f.version, untrusted.Excerpt(at), found.Version)
	}
	f.module, f.proxy = at, p
	f.evidence.Registry, f.evidence.PublishTime = untrusted.Text(registry.Redact(p.base)), found.Time
	f.evidence.Claims.Repository = found.Origin.URL
	f.evidence.Sources = append(f.evidence.Sources, source)
	return nil
}

// goMod gets the go.mod and returns its hash as go.sum has it. Retractions and the
// deprecation stand in that of the newest version.
func (f *fetch) goMod(ctx context.Context) (string, error) {
	file, err := below(f.module, f.version, ".mod")
	if err != nil {
		return "", err
	}
	body, source, err := f.get(ctx, f.proxy, file, "go.mod", untrusted.MaxManifest, true, f.progress)
	if err != nil {
		return "", err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	sum, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(string(body))), nil
	})
	if err != nil {
		return "", err
	}
	parsed, err := modfile.ParseLax("go.mod", body, nil)
	if err == nil && parsed.Module != nil {
		f.evidence.Claims.Deprecated = untrusted.Text(parsed.Module.Deprecated)
	}
	return sum, nil
}

// record gets the record and the tiles that prove it.
func (f *fetch) record(ctx context.Context, db verify.SumDB) (*verify.OfferedRecord, error) {
	f.progress.Tell("asking the checksum database")
	at, err := f.database(ctx)
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
	answer, source, err := f.get(ctx, at, "lookup/"+escaped+"@"+version, "record", untrusted.MaxCheckpoint, false, f.progress)
	if err != nil {
		return nil, err
	}
	f.evidence.Sources = append(f.evidence.Sources, source)
	offered := &verify.OfferedRecord{Module: untrusted.Text(f.module), Answer: answer, Tiles: map[string][]byte{}, Source: source}
	id, _, signed, err := tlog.ParseRecord(answer)
	if err != nil {
		return offered, nil // which will be judged
	}
	head, err := verify.HeadOf(signed)
	if err != nil {
		return offered, nil
	}
	var before tlog.Tree
	if len(db.Head) > 0 {
		if before, err = verify.HeadOf(db.Head); err != nil {
			return nil, fmt.Errorf("the tree head that was kept: %w", err)
		}
	}
	reader := &tileReader{fetch: f, ctx: ctx, db: at, kept: offered.Tiles}
	if err := verify.ReadTiles(id, head, before, reader); err != nil && reader.err != nil {
		return nil, reader.err
	}
	switch consistent := verify.CheckHead(signed, db, offered.Tiles); consistent.Status {
	case verify.Pass:
		err = f.Heads.Accept(signed)
	case verify.Fail:
		if consistent.ID == verify.CheckHistory {
			_ = f.Heads.Fork(db.Head, signed) // the next question is told; this record is invalid
		}
	}
	return offered, err
}

// database finds out how the checksum database is reached: through the first proxy
// that says that it passes it on, else direct.
func (f *fetch) database(ctx context.Context) (proxy, error) {
	f.access.Lock()
	defer f.access.Unlock()
	if f.base != nil {
		return proxy{base: f.base, login: f.login}, nil
	}
	name, _, _ := strings.Cut(f.Key, "+")
	var found proxy
	err := f.try(func(p proxy) error {
		_, _, err := f.get(ctx, p, "sumdb/"+name+"/supported", "checksum database", untrusted.MaxErrorBody, false, nil)
		if err == nil {
			found = proxy{base: p.base.JoinPath("sumdb/" + name + "/"), login: p.login}
		}
		return err
	})
	switch {
	case err == nil:
	case errors.Is(err, registry.ErrNotFound), errors.Is(err, errDirect), errors.Is(err, errOff):
		found = proxy{base: f.Direct}
	default:
		return proxy{}, err
	}
	f.base, f.login = found.base, found.login
	return found, nil
}

// tileReader fetches tiles and keeps them for the evidence. Tiles that are full
// never change.
type tileReader struct {
	*fetch
	ctx  context.Context
	db   proxy
	kept map[string][]byte
	err  error // of the network
}

// Height implements [tlog.TileReader], as do the next two.
func (t *tileReader) Height() int { return verify.TileHeight }

// SaveTiles does nothing: the client's cache has them.
func (t *tileReader) SaveTiles([]tlog.Tile, [][]byte) {}

// ReadTiles fetches what is not here yet.
func (t *tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		if have, ok := t.kept[tile.Path()]; ok {
			data[i] = have
			continue
		}
		body, err := t.tile(tile)
		if err != nil {
			t.err = err
			return nil, err
		}
		t.kept[tile.Path()], data[i] = body, body
	}
	return data, nil
}

// tile gets a tile. One that has grown full since may be there no more in part.
func (t *tileReader) tile(tile tlog.Tile) ([]byte, error) {
	const hash = int64(tlog.HashSize)
	full := tile
	full.W = 1 << tile.H
	body, _, err := t.get(t.ctx, t.db, tile.Path(), "tile", hash<<tile.H, true, t.progress)
	if err != nil && tile != full && errors.Is(err, registry.ErrNotFound) {
		if body, _, err = t.get(t.ctx, t.db, full.Path(), "tile", hash<<tile.H, true, t.progress); err == nil {
			body = body[:min(len(body), tile.W*tlog.HashSize)]
		}
	}
	return body, err
}
