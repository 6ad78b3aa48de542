package coverage

import (
	"maps"
	"slices"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Trend is how the coverage of one catalog changed.
type Trend struct {
	Points []Point `json:"-"` // a run each, the oldest first
	// What differs between the first and the last run, by the path of the
	// spec. A package that one of them could not check is in none.
	Gained  []Change `json:"gained"`
	Lost    []Change `json:"lost"`
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
}

// Point is the coverage at one time.
type Point struct {
	Time     time.Time
	Attested map[catalog.Protocol]float64 // percent of the packages with attestations that verify, if there are packages
}

// Change is a package whose evidence became better or worse. Its texts are
// cleaned.
type Change struct {
	Spec        string        `json:"spec"`
	From        verify.Status `json:"from"` // of the evidence, whatever the spec demands
	To          verify.Status `json:"to"`
	FromVersion string        `json:"from_version"`
	ToVersion   string        `json:"to_version"`
}

// Since returns how the coverage changed over the runs that are not older than
// a time; the zero time takes all. Only runs of the catalog that the last run
// is of count. It returns nil if there is no run.
func Since(runs []Run, since time.Time) *Trend {
	if len(runs) == 0 {
		return nil
	}
	name := runs[len(runs)-1].Catalog
	var kept []Run
	for _, r := range runs {
		if r.Catalog == name && !r.Time.Before(since) {
			kept = append(kept, r)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	slices.SortStableFunc(kept, func(a, b Run) int { return a.Time.Compare(b.Time) })
	t := &Trend{}
	for _, r := range kept {
		p := Point{Time: r.Time, Attested: map[catalog.Protocol]float64{}}
		for protocol, count := range r.Coverage.ByProtocol {
			if count.Total > 0 {
				p.Attested[protocol] = percent(count.Attested, count.Total)
			}
		}
		t.Points = append(t.Points, p)
	}
	t.compare(kept[0].Packages, kept[len(kept)-1].Packages)
	return t
}

func (t *Trend) compare(before, after map[string]State) {
	for _, path := range slices.Sorted(maps.Keys(after)) {
		now := after[path]
		then, ok := before[path]
		if !ok {
			t.Added = append(t.Added, untrusted.Clean(path))
			continue
		}
		from, to := rank(then.Evidence), rank(now.Evidence)
		change := Change{untrusted.Clean(path), then.Evidence, now.Evidence, untrusted.Clean(then.Version), untrusted.Clean(now.Version)}
		switch {
		case from < 0 || to < 0:
		case to > from:
			t.Gained = append(t.Gained, change)
		case to < from:
			t.Lost = append(t.Lost, change)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[path]; !ok {
			t.Removed = append(t.Removed, untrusted.Clean(path))
		}
	}
}

// rank orders evidence by what it proves, -1 for what cannot be compared. Evidence
// that is invalid proves nothing.
func rank(evidence verify.Status) int {
	switch evidence {
	case verify.Verified, verify.Partial:
		return 2
	case verify.Signed:
		return 1
	case verify.None, verify.Invalid:
		return 0
	default:
		return -1
	}
}
