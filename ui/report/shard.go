package report

import (
	"errors"
	"fmt"
	"io"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Shard is in the JSON of a part of a catalog what it takes to put the parts
// together again, in every format: see [Merge].
type Shard struct {
	catalog.Shard
	Catalog struct {
		Specs  int      `json:"specs"`
		SHA256 [32]byte `json:"sha256"` // see catalog.Digest
	} `json:"catalog"` // the whole of it
	Basis
	// Specs holds for each of the packages, in their order, what the other
	// formats show and the package's own JSON does not hold.
	Specs []shardSpec `json:"specs"`
}

// Basis is what decides about the results beside the catalog and the trust.
type Basis struct {
	Program   string `json:"program"`   // plimsoll's version
	Policy    string `json:"policy"`    // hash of the policy, "operator:" before that of the command line's; "" for none
	Decisions string `json:"decisions"` // hash of the catalog's decisions, "" for none
	Explained bool   `json:"explained"` // every check is listed, also of what verifies
	History   bool   `json:"history"`   // every package was held against the versions before it
}

// shardSpec is one spec of a shard.
type shardSpec struct {
	Place    int      `json:"place"`  // in the whole catalog, from 1
	SHA256   [32]byte `json:"sha256"` // zero if the file could not be read
	Problem  string   `json:"problem,omitempty"`
	Line     int      `json:"line,omitzero"`    // of the problem, 0 if the whole file is meant
	Reason   string   `json:"reason,omitempty"` // of the report on a spec that could not be read
	Expected struct {
		Repository untrusted.Text `json:"repository,omitempty"`
		Kind       untrusted.Text `json:"kind,omitempty"`      // of the publisher
		Publisher  untrusted.Text `json:"publisher,omitempty"` // its repository
	} `json:"expected,omitzero"`
	Lines map[string]int `json:"lines,omitempty"` // of the keys that rules are about
}

// Part is the results of one shard of a catalog.
type Part struct {
	Shard    catalog.Shard
	Catalog  []catalog.Spec // all specs, in their order
	Basis    Basis
	Packages []Package // those of Catalog that the shard holds, in their order
}

// WriteJSON writes the part like a whole catalog, with what [Merge] needs.
func (p Part) WriteJSON(w io.Writer, trust Trust, generated time.Time) error {
	shard := Shard{Shard: p.Shard, Basis: p.Basis}
	shard.Catalog.Specs, shard.Catalog.SHA256 = len(p.Catalog), catalog.Digest(p.Catalog)
	for i, spec := range p.Catalog {
		if !p.Shard.Holds(spec.Path) {
			continue
		}
		at := len(shard.Specs)
		if at >= len(p.Packages) || p.Packages[at].Spec.Path != spec.Path {
			return fmt.Errorf("the results of shard %v do not hold %v in its place", p.Shard, spec.Path)
		}
		shard.Specs = append(shard.Specs, specOf(i+1, p.Packages[at]))
	}
	if len(shard.Specs) != len(p.Packages) {
		return fmt.Errorf("the results of shard %v hold %s of other shards", p.Shard, untrusted.Plural(len(p.Packages)-len(shard.Specs), "package"))
	}
	return writeCatalog(w, p.Packages, trust, generated, &shard)
}

func specOf(place int, p Package) shardSpec {
	s := shardSpec{Place: place, SHA256: p.Spec.SHA256, Lines: ruleLines(&p.Spec.Lines)}
	if err := p.Spec.Err; err != nil {
		s.Problem, s.Line, s.Reason = err.Message, err.Line, p.Report.Reason
	}
	expected := p.Spec.Provenance
	s.Expected.Repository = expected.RepositoryURI
	if a := expected.Attestations; a != nil && a.Publisher != nil {
		s.Expected.Kind, s.Expected.Publisher = a.Publisher.Kind, a.Publisher.Repository
	}
	return s
}

// readShard adds to the packages that were read what the shard holds of them.
func (r *Results) readShard() error {
	s := r.Shard
	switch {
	case s == nil:
		return nil
	case !s.Valid():
		return fmt.Errorf("expected a shard such as 2/4, found %v", s.Shard)
	case s.Catalog.Specs < len(r.Packages) || s.Catalog.Specs > untrusted.MaxSpecs:
		return fmt.Errorf("expected the number of specs of the whole catalog, found %d", s.Catalog.Specs)
	case s.Catalog.SHA256 == [32]byte{}:
		return errors.New("expected the SHA-256 of the catalog, found none")
	case len(s.Specs) != len(r.Packages):
		return fmt.Errorf("the shard describes %s, and holds %d", untrusted.Plural(len(s.Specs), "package"), len(r.Packages))
	}
	last := 0
	for i, spec := range s.Specs {
		p := &r.Packages[i]
		switch {
		case !s.Holds(p.Spec.Path):
			return fmt.Errorf("the spec %q does not belong to shard %v", p.Spec.Path, s.Shard)
		case spec.Place <= last || spec.Place > s.Catalog.Specs:
			return fmt.Errorf("the spec %q is at place %d of %d, after the one at %d", p.Spec.Path, spec.Place, s.Catalog.Specs, last)
		case spec.Problem != "" && p.Report.Status != verify.Unchecked:
			return fmt.Errorf("the spec %q: it could not be read, and its package is %v", p.Spec.Path, p.Report.Status)
		}
		last = spec.Place
		p.describe(spec)
	}
	return nil
}

// describe adds to a package what a shard has of its spec.
func (p *Package) describe(s shardSpec) {
	p.Spec.SHA256, p.Spec.Lines = s.SHA256, catalog.LinesOf(s.Lines)
	if s.Problem != "" {
		p.Spec.Err = &catalog.SpecError{Path: p.Spec.Path, Line: max(s.Line, 0), Message: s.Problem}
		p.Report.Reason = s.Reason
	}
	expected := &p.Spec.Provenance
	expected.RepositoryURI = s.Expected.Repository
	if s.Expected.Kind == "" && s.Expected.Publisher == "" {
		return
	}
	publisher := catalog.Publisher{}
	if expected.Attestations != nil {
		publisher = *expected.Attestations.Publisher
	}
	publisher.Kind, publisher.Repository = s.Expected.Kind, s.Expected.Publisher
	expected.Attestations = &catalog.Attestations{Publisher: &publisher}
}
