package goproxy

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/sync/errgroup"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Version is one version of a module: what proxies say, not verified.
type Version struct {
	Version     untrusted.Text
	Published   time.Time      // of its commit, as the proxy or a pseudo-version says; zero if nobody asked
	TimeProblem string         // why it is not known, cleaned
	Retracted   untrusted.Text // why, as the newest version's go.mod says, or "" if it is not
	Excluded    string         // the setting that keeps the module from the checksum database, or ""
}

// maxInfos bounds the versions of which a time is asked for: those next to the one that
// is looked at, and the newest. Each is a request.
const maxInfos = 24

// Versions gets the versions of the module that holds a release's package, the newest
// first; the release's own is among them, though no proxy lists a pseudo-version.
func (r *Registry) Versions(ctx context.Context, release verify.Release, progress registry.Progress) ([]Version, verify.Source, error) {
	f := r.fetch(release, progress)
	if err := f.find(ctx); err != nil {
		return nil, verify.Source{}, err
	}
	if f.private(f.module) {
		return nil, verify.Source{}, f.notAsked()
	}
	list, source, err := f.list(ctx)
	if err != nil {
		return nil, source, err
	}
	var newest *modfile.File
	if at := cmp.Or(newestOf(list), f.version); at != "" {
		if body, err := f.goMod(ctx, at); err == nil {
			newest, _ = parseGoMod(body)
		}
	}
	if !slices.Contains(list, f.version) {
		list = append(list, f.version)
	}
	semver.Sort(list)
	slices.Reverse(list)
	versions := make([]Version, len(list))
	for i, v := range list {
		versions[i] = Version{Version: untrusted.Text(v), Excluded: f.Excluded(f.module)}
		if newest != nil {
			versions[i].Retracted = retraction(newest, v)
		}
		if module.IsPseudoVersion(v) {
			versions[i].Published, _ = module.PseudoVersionTime(v)
		}
	}
	f.times(ctx, versions)
	return versions, source, ctx.Err()
}

// times asks when versions were published: the nearest to the release's own first.
func (f *fetch) times(ctx context.Context, versions []Version) {
	own := slices.IndexFunc(versions, func(v Version) bool { return string(v.Version) == f.version })
	asked := make([]int, len(versions))
	for i := range asked {
		asked[i] = i
	}
	slices.SortStableFunc(asked, func(i, j int) int { return cmp.Compare(max(i-own, own-i), max(j-own, own-j)) })
	var group errgroup.Group
	group.SetLimit(4)
	for _, i := range asked[:min(len(asked), maxInfos)] {
		v := &versions[i]
		if string(v.Version) == f.version {
			v.Published = f.evidence.PublishTime
			continue
		}
		if !v.Published.IsZero() {
			continue
		}
		group.Go(func() error {
			found, _, _, err := f.readInfo(ctx, f.module, string(v.Version))
			v.Published, v.TimeProblem = found.Time, untrusted.Message(err)
			return nil
		})
	}
	_ = group.Wait()
}

// list gets the versions that the proxy lists, without pseudo-versions.
func (f *fetch) list(ctx context.Context) (list []string, source verify.Source, err error) {
	escaped, err := module.EscapePath(f.module)
	if err != nil {
		return nil, source, err
	}
	req := registry.Request{What: "list of versions", Limit: untrusted.MaxManifest, Plain: true}
	source, err = f.ask(ctx, escaped+"/@v/list", req, func(_ proxy, body []byte) error {
		list = nil
		known := len(bytes.TrimSpace(body)) == 0
		for line := range strings.Lines(string(body)) {
			words := strings.Fields(line)
			if len(words) == 0 || len(list) == untrusted.MaxFilesPerRelease {
				continue
			}
			known = known || semver.IsValid(words[0])
			if v := words[0]; module.CanonicalVersion(v) == v && module.Check(f.module, v) == nil && !module.IsPseudoVersion(v) {
				list = append(list, v)
			}
		}
		if !known {
			return fmt.Errorf("the list of versions of %q: expected a version a line, found %q",
				untrusted.Excerpt(f.module), untrusted.Excerpt(string(body)))
		}
		return nil
	})
	return list, source, err
}
