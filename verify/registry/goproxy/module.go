package goproxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// info is a proxy's answer about a version (https://go.dev/ref/mod#goproxy-protocol).
type info struct {
	Version untrusted.Text
	Time    time.Time
	Origin  struct {
		VCS  untrusted.Text
		URL  untrusted.Text
		Ref  untrusted.Text
		Hash untrusted.Text
	}
}

// file is a file of a version of a module, as proxies serve it.
func file(path, version, suffix string) (string, error) {
	escaped, err := module.EscapePath(path)
	if err != nil {
		return "", err
	}
	name, err := module.EscapeVersion(version)
	return escaped + "/@v/" + name + suffix, err
}

// ask asks the proxies, one after the other, for a file of the module. read takes the
// answer; its error is that of the proxy. It is called again if what it refused came from
// a cache.
func (f *fetch) ask(
	ctx context.Context, below string, req registry.Request, read func(p proxy, body []byte) error,
) (source verify.Source, err error) {
	req.Progress = f.progress
	err = f.try(func(p proxy) error {
		refused := errors.New("the answer was not read")
		req.Usable = func(body []byte) bool { refused = read(p, body); return refused == nil }
		_, from, err := f.get(ctx, p, below, req)
		if err == nil {
			source, err = from, refused
		}
		return err
	})
	return source, err
}

// info looks a version of a module up.
func (f *fetch) info(ctx context.Context, at string) error {
	found, from, source, err := f.readInfo(ctx, at, f.version)
	if err != nil {
		return err
	}
	f.module, f.evidence.Registry = at, from
	f.evidence.PublishTime = found.Time
	f.evidence.Claims.Repository = found.Origin.URL
	f.evidence.Claims.Origin = verify.Origin{VCS: found.Origin.VCS, Ref: found.Origin.Ref, Commit: found.Origin.Hash}
	f.evidence.Sources = append(f.evidence.Sources, source)
	return nil
}

// readInfo returns as well which proxy answered. It may be called from several goroutines.
func (f *fetch) readInfo(ctx context.Context, at, version string) (found info, from untrusted.Text, source verify.Source, err error) {
	name, err := file(at, version, ".info")
	if err != nil {
		return found, from, source, err
	}
	req := registry.Request{What: "version's .info", Limit: untrusted.MaxManifest, Immutable: true}
	source, err = f.ask(ctx, name, req, func(p proxy, body []byte) error {
		found = info{}
		if err := json.Unmarshal(body, &found, registry.Tolerant); err != nil {
			return fmt.Errorf("the .info of %q: %w", untrusted.Excerpt(at), untrusted.JSONError(err))
		}
		if string(found.Version) != version { // a branch or a tag that is no version
			return fmt.Errorf("the .info of %q: expected the version %q, found %q",
				untrusted.Excerpt(at), untrusted.Excerpt(version), found.Version)
		}
		from = registry.Redact(p.base)
		return nil
	})
	return found, from, source, err
}

// goMod gets the go.mod of a version of the module.
func (f *fetch) goMod(ctx context.Context, version string) (content []byte, err error) {
	name, err := file(f.module, version, ".mod")
	if err != nil {
		return nil, err
	}
	req := registry.Request{
		What: "go.mod", Limit: untrusted.MaxGoMod, Immutable: true, Plain: true, Progress: f.progress,
		Usable: func(body []byte) bool { return modfile.ModulePath(body) != "" },
	}
	err = f.try(func(p proxy) error {
		body, source, err := f.get(ctx, p, name, req)
		if err == nil {
			content, f.evidence.Sources = body, append(f.evidence.Sources, source)
		}
		return err
	})
	return content, err
}

// parseGoMod reads a go.mod that says of which module it is: the page of an error, which
// the parser takes for directives that it does not know, does not.
func parseGoMod(content []byte) (*modfile.File, error) {
	parsed, err := modfile.ParseLax("go.mod", content, nil)
	if err != nil {
		return nil, err
	}
	if parsed.Module == nil {
		return nil, errors.New("expected the module's path, found none")
	}
	return parsed, nil
}

// hashGoMod returns the hash of a go.mod as go.sum has it.
func hashGoMod(content []byte) string {
	sum, _ := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	})
	return sum
}

// claims reads what the go.mod of the module's newest version says of all: which are
// retracted, and whether the module is deprecated, as the go command does.
func (f *fetch) claims(ctx context.Context, own []byte) {
	newest, err := f.newest(ctx)
	if err == nil && newest != "" && newest != f.version {
		own, err = f.goMod(ctx, newest)
	}
	var parsed *modfile.File
	if err == nil {
		if parsed, err = parseGoMod(own); err != nil {
			err = fmt.Errorf("the go.mod of %q cannot be read: %s", untrusted.Excerpt(newest), untrusted.Message(err))
		}
	}
	if err != nil {
		f.evidence.Findings = append(f.evidence.Findings, verify.Finding{Rule: "release.retraction", Severity: verify.Info,
			Message: "whether the version was retracted is not known: " + untrusted.Message(err)})
		return
	}
	f.evidence.Claims.Deprecated = untrusted.Text(parsed.Module.Deprecated)
	f.evidence.Claims.Retracted = retraction(parsed, f.version)
}

// retraction returns why a go.mod retracts a version, or "" if it does not.
func retraction(m *modfile.File, version string) untrusted.Text {
	for _, r := range m.Retract {
		if semver.Compare(r.Low, version) <= 0 && semver.Compare(version, r.High) <= 0 {
			if r.Rationale == "" {
				return "no reason is given"
			}
			return untrusted.Text(r.Rationale)
		}
	}
	return ""
}

// newest returns the newest version of the module, retracted or not: the newest
// release, else the newest pre-release, else what the proxy says, else "".
func (f *fetch) newest(ctx context.Context) (string, error) {
	list, _, err := f.list(ctx)
	if err != nil {
		return "", err
	}
	if best := newestOf(list); best != "" {
		return best, nil
	}
	escaped, err := module.EscapePath(f.module)
	if err != nil {
		return "", err
	}
	var latest info
	req := registry.Request{What: "newest version's .info", Limit: untrusted.MaxManifest}
	_, err = f.ask(ctx, escaped+"/@latest", req, func(_ proxy, body []byte) error {
		latest = info{}
		if err := json.Unmarshal(body, &latest, registry.Tolerant); err != nil {
			return untrusted.JSONError(err)
		}
		return nil
	})
	if errors.Is(err, registry.ErrNotFound) {
		return "", nil
	}
	if err == nil && module.Check(f.module, string(latest.Version)) != nil {
		err = fmt.Errorf("expected a version of %q, found %q", untrusted.Excerpt(f.module), latest.Version)
	}
	return string(latest.Version), err
}

// newestOf returns the version whose go.mod speaks for all. Versions that are
// +incompatible have none, and count if there are no others.
func newestOf(list []string) (best string) {
	rank := func(v string) int {
		switch {
		case semver.Build(v) == "+incompatible":
			return 1
		case semver.Prerelease(v) != "":
			return 2
		}
		return 3
	}
	for _, v := range list {
		if best == "" || rank(v) > rank(best) || rank(v) == rank(best) && semver.Compare(v, best) > 0 {
			best = v
		}
	}
	return best
}
