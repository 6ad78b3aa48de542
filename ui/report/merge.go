package report

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
)

// ShardFile is the results of a shard and the name of the file they came from.
type ShardFile struct {
	Name    string
	Results Results
}

// Merge puts the results of all shards of a catalog together, as if it had
// been checked whole; the time is the earliest of theirs, or none if one has
// none. It refuses what is
// not exactly that: a shard that is missing or there twice, shards of another
// count, catalog, policy or program, or that were checked against another
// trust root, a spec that is missing or there twice. As little as by
// [ReadJSON] anything is verified.
func Merge(files []ShardFile) (Results, error) {
	if err := complete(files); err != nil {
		return Results{}, err
	}
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b ShardFile) int { return a.Results.Shard.Index - b.Results.Shard.Index })
	merged := Results{Generated: files[0].Results.Generated, Trust: files[0].Results.Trust}
	for _, f := range files[1:] {
		if err := sameBasis(files[0], f); err != nil {
			return Results{}, err
		}
		if err := mergeTrust(&merged.Trust, files[0].Name, f); err != nil {
			return Results{}, err
		}
		if f.Results.Generated.Before(merged.Generated) { // a zero time is before any other
			merged.Generated = f.Results.Generated
		}
	}
	var err error
	merged.Packages, err = inPlace(files)
	return merged, err
}

// complete refuses files that are not each shard of one count once.
func complete(files []ShardFile) error {
	if len(files) == 0 {
		return errors.New("expected the results of shards, found none")
	}
	names := map[int]string{}
	first := files[0]
	for _, f := range files {
		switch s := f.Results.Shard; {
		case s == nil:
			return fmt.Errorf("%s holds no shard: it was not written by report --format json --shard", quoted(f))
		case s.Count != first.Results.Shard.Count:
			return fmt.Errorf("%s is one of %s, %s one of %d", quoted(first), untrusted.Plural(first.Results.Shard.Count, "shard"), quoted(f), s.Count)
		case names[s.Index] != "":
			return fmt.Errorf("shard %d/%d is there twice: in %q and in %s", s.Index, s.Count, untrusted.Text(names[s.Index]), quoted(f))
		default:
			names[s.Index] = f.Name
		}
	}
	var missing []string
	for i := range first.Results.Shard.Count {
		if _, ok := names[i+1]; !ok {
			missing = append(missing, fmt.Sprintf("%d/%d", i+1, first.Results.Shard.Count))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("missing: shard %s", untrusted.List(missing, 10, 0))
	}
	return nil
}

func quoted(f ShardFile) string { return fmt.Sprintf("%q", untrusted.Text(f.Name)) }

// sameBasis refuses shards that were not judged by the same.
func sameBasis(a, b ShardFile) error {
	x, y := a.Results.Shard, b.Results.Shard
	return refuseDifferences(a.Name, b.Name, []pair{
		{"number of specs of the catalog", x.Catalog.Specs, y.Catalog.Specs},
		{"catalog", hash(x.Catalog.SHA256), hash(y.Catalog.SHA256)},
		{"version of plimsoll", x.Program, y.Program},
		{"policy", x.Policy, y.Policy},
		{"decisions (triage.yaml)", x.Decisions, y.Decisions},
		{"choice of listing every check (--verbose)", x.Explained, y.Explained},
		{"choice of looking at the versions before (--history)", x.History, y.History},
	})
}

// mergeTrust refuses another trust. A shard that needed no trust root, since
// it holds no spec or none that can be read, has no hash of it, and one without
// an npm package none of npm's keys, and one without a Go module no database.
func mergeTrust(trust *Trust, name string, f ShardFile) error {
	other := f.Results.Trust
	trust.Problem = cmp.Or(trust.Problem, other.Problem)
	trust.OwnKeys = trust.OwnKeys || other.OwnKeys
	trust.RootSHA256, other.RootSHA256 = cmp.Or(trust.RootSHA256, other.RootSHA256), cmp.Or(other.RootSHA256, trust.RootSHA256)
	trust.Keys, other.Keys = cmp.Or(trust.Keys, other.Keys), cmp.Or(other.Keys, trust.Keys)
	trust.SumDB, other.SumDB = cmp.Or(trust.SumDB, other.SumDB), cmp.Or(other.SumDB, trust.SumDB)
	return refuseDifferences(name, f.Name, []pair{
		{"origin of the trust", trust.Origin, other.Origin},
		{"trust root", trust.Root, other.Root},
		{"hash of the trust root", trust.RootSHA256, other.RootSHA256},
		{"npm keys", trust.Keys, other.Keys},
		{"checksum database", trust.SumDB, other.SumDB},
		{"demo", trust.Demo, other.Demo},
	})
}

// pair is one thing that two shards must agree about.
type pair struct {
	what string
	a, b any
}

func refuseDifferences(a, b string, pairs []pair) error {
	var differ []string
	for _, p := range pairs {
		if p.a != p.b {
			differ = append(differ, fmt.Sprintf("the %s: %q and %q", p.what, untrusted.Text(fmt.Sprint(p.a)), untrusted.Text(fmt.Sprint(p.b))))
		}
	}
	if differ == nil {
		return nil
	}
	return fmt.Errorf("%q and %q differ in %s", untrusted.Text(a), untrusted.Text(b), strings.Join(differ, "; "))
}

// inPlace returns the packages of all shards in the order of the catalog. Every
// place must be taken once, and what stands there must be the catalog.
func inPlace(files []ShardFile) ([]Package, error) {
	total := files[0].Results.Shard.Catalog.Specs
	packages, specs := make([]Package, total), make([]catalog.Spec, total)
	paths, owned := make(map[untrusted.Text]string, total), owners{}
	for _, f := range files {
		for i, p := range f.Results.Packages {
			place := f.Results.Shard.Specs[i].Place - 1
			if other, ok := paths[p.Spec.Path]; ok {
				return nil, fmt.Errorf("the spec %q is there twice: in %q and in %s", p.Spec.Path, untrusted.Text(other), quoted(f))
			}
			if other := specs[place].Path; other != "" {
				return nil, fmt.Errorf("the specs %q of %q and %q of %s are at one place", other, untrusted.Text(paths[other]), p.Spec.Path, quoted(f))
			}
			if err := owned.add(p); err != nil {
				return nil, fmt.Errorf("%s: %w", quoted(f), err)
			}
			paths[p.Spec.Path], packages[place], specs[place] = f.Name, p, p.Spec
		}
	}
	if missing := slices.IndexFunc(specs, func(s catalog.Spec) bool { return s.Path == "" }); missing >= 0 {
		return nil, fmt.Errorf("%d of the %d specs of the catalog are in no shard, the first of them at place %d", total-len(paths), total, missing+1)
	}
	if catalog.Digest(specs) != files[0].Results.Shard.Catalog.SHA256 {
		return nil, errors.New("the specs of the shards are not those of the catalog that was split: its hash is another")
	}
	return packages, nil
}
