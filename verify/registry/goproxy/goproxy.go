package goproxy

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/module"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Registry asks module proxies and the checksum database. It may be used from
// several goroutines.
type Registry struct {
	client *registry.Client
	load   func() Setup
	heads  atomic.Pointer[Heads] // of load, once that was called
	tiles  tileStore

	reach sync.Mutex // held while it is found out how the database is reached
	found *proxy     // of the database, or nil while nobody asked
}

// Setup is what a Registry asks, and the heads that it holds the database to.
type Setup struct {
	Config
	Heads *Heads
}

// Recorded is the setup of a recording: its settings, and the head that was known when
// it was made. It may be somebody else's: no other setting of it counts, which could
// name a file of this machine to be read.
func Recorded(settings map[string]string, head string) Setup {
	own := map[string]string{"GOENV": "off", "GOAUTH": "off"}
	for _, name := range []string{"GOPROXY", "GOSUMDB", "GONOPROXY", "GONOSUMDB"} {
		own[name] = settings[name]
	}
	config := Load(Sources{
		Getenv: func(name string) string { return own[name] },
		GoEnv: func(...string) (map[string]string, error) {
			return nil, errors.New("the recording was made without asking for Go modules")
		},
	})
	return Setup{Config: config, Heads: RecordedHead(head)}
}

// New returns a Registry that asks with client. load is called once, with the first
// module: a catalog without any runs no go command.
func New(client *registry.Client, load func() Setup) *Registry {
	r := &Registry{client: client}
	r.load = sync.OnceValue(func() Setup {
		setup := load()
		r.heads.Store(setup.Heads)
		return setup
	})
	return r
}

// Config says which proxies and which database are asked. It runs the go command if
// nobody asked for a module before.
func (r *Registry) Config() Config { return r.load().Config }

// Kept are the heads that the database is held to, or nil if nobody asked for a module.
func (r *Registry) Kept() *Heads { return r.heads.Load() }

type zipKey struct{}

// WithZip returns a context in which [Registry.Fetch] gets the module's zip as well,
// and compares it with the record: for who looks at one package, or builds it. That of
// a module that has to hold a package within it is fetched in any case. A zip has
// megabytes, the rest a few tiles.
func WithZip(ctx context.Context) context.Context { return context.WithValue(ctx, zipKey{}, true) }

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

// get asks one proxy for the file at a path below it.
func (r *Registry) get(ctx context.Context, p proxy, below string, req registry.Request) ([]byte, verify.Source, error) {
	req.URL, req.Base, req.Accept = p.base.JoinPath(below), p.base, "*/*"
	req.Authorization = r.load().authorization(req.URL, p.login)
	return r.client.Get(ctx, req)
}

// fetch is one call of [Registry.Fetch] or [Registry.Versions].
type fetch struct {
	*Registry
	Setup
	evidence verify.Evidence
	name     string // of the package
	version  string
	module   string // the path of the module that holds the package
	progress registry.Progress
}

// Fetch gets what the checksum database and the module proxies offer for a release,
// whose name is the path of a module, or of a package in one, and the database that
// it has to be verified against. An error means that the release could not be looked
// up at all: [registry.ErrVersionNotFound] if no proxy has it.
func (r *Registry) Fetch(ctx context.Context, release verify.Release, progress registry.Progress) (verify.Evidence, verify.SumDB, error) {
	f := r.fetch(release, progress)
	db := f.SumDB()
	err := f.run(ctx, &db)
	return f.evidence, db, err
}

func (r *Registry) fetch(release verify.Release, progress registry.Progress) *fetch {
	return &fetch{
		Registry: r, Setup: r.load(), evidence: verify.Evidence{Release: release},
		name: string(release.Name), version: string(release.Version), progress: progress,
	}
}

func (f *fetch) run(ctx context.Context, db *verify.SumDB) error {
	for _, ignored := range f.ignored {
		f.evidence.Findings = append(f.evidence.Findings, ignored.Finding())
	}
	if err := f.find(ctx); err != nil {
		return err
	}
	artifact := verify.Artifact{Filename: untrusted.Text(f.module + "@" + f.version + ".zip"), Excluded: f.Excluded(f.module)}
	defer func() { f.evidence.Artifacts = []verify.Artifact{artifact} }()
	if f.private(f.module) {
		return nil
	}
	body, err := f.goMod(ctx, f.version)
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		artifact.Missing = registry.Missing("its go.mod is needed", err)
	} else {
		f.claims(ctx, body)
	}
	if artifact.Excluded != "" {
		return ctx.Err()
	}
	record, err := f.record(ctx, db)
	if ctx.Err() != nil {
		return err
	}
	if err != nil {
		artifact.Missing = registry.Missing("a record of the checksum database is needed", err)
		return nil
	}
	artifact.Record = record
	if record.GoMod = body; body != nil {
		record.Mod = hashGoMod(body)
	}
	// Only the zip says that the module holds a package: until then that is the proxy's word.
	if ctx.Value(zipKey{}) != nil || f.module != f.name {
		f.zip(ctx, &artifact)
	}
	return ctx.Err()
}

// private reports whether the settings keep every proxy from learning of a module.
func (f *fetch) private(path string) bool { return module.MatchPrefixPatterns(f.noProxy.value, path) }

// notAsked is the error of a module that no proxy may learn of.
func (f *fetch) notAsked() error {
	return fmt.Errorf("%s says that no proxy is asked for %q: %w", untrusted.Clean(f.noProxy.from), untrusted.Excerpt(f.name), errDirect)
}

// maxPrefixes bounds how many modules may hold a package, by its path.
const maxPrefixes = 16

// find finds the module that holds the package: the one with the longest path that a
// proxy knows, as the go command does.
func (f *fetch) find(ctx context.Context) error {
	f.progress.Tell("looking for the module")
	if f.private(f.name) {
		if f.Excluded(f.name) == "" {
			return f.notAsked()
		}
		f.module = f.name // no proxy may say which module holds it
		return nil
	}
	if strings.Count(f.name, "/") >= maxPrefixes {
		return fmt.Errorf("expected a path of at most %d elements, found %q", maxPrefixes, untrusted.Excerpt(f.name))
	}
	for at := f.name; at != "."; at = path.Dir(at) {
		if module.Check(at, f.version) != nil { // no module, or one of another major version
			continue
		}
		err := f.info(ctx, at)
		if !errors.Is(err, registry.ErrNotFound) {
			return err
		}
	}
	direct := ""
	if n := len(f.proxies); n > 0 && f.proxies[n-1].word == "direct" {
		direct = "; " + errDirect.Error()
	}
	return fmt.Errorf("%w: no module proxy has %q %q, nor a module that holds it%s", registry.ErrVersionNotFound,
		untrusted.Excerpt(f.name), untrusted.Excerpt(f.version), direct)
}
