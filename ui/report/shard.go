package report

import (
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// ShardDocument is in the JSON of a part of a catalog what it takes to put the
// parts together again, in every format: see [Merge]. Hashes are SHA-256 in
// hex.
type ShardDocument struct {
	Index   int `json:"index"` // from 1
	Count   int `json:"count"`
	Catalog struct {
		Specs  int    `json:"specs"`
		SHA256 string `json:"sha256"` // see catalog.Digest
	} `json:"catalog"` // the whole of it
	Basis
	// Specs holds for each of the packages, in their order, what the other
	// formats show and the package's own JSON does not hold.
	Specs []ShardSpec `json:"specs"`
}

// Basis is what decides about the results beside the catalog and the trust.
type Basis struct {
	Program   string `json:"program"`   // plimsoll's version
	Policy    string `json:"policy"`    // hash of the policy, "operator:" before that of the command line's; "" for none
	Decisions string `json:"decisions"` // hash of the catalog's decisions, "" for none
	Explained bool   `json:"explained"` // every check is listed, also of what verifies
}

// ShardSpec is one spec of a shard.
type ShardSpec struct {
	Place    int    `json:"place"`  // in the whole catalog, from 1
	SHA256   string `json:"sha256"` // "" where the file could not be read
	Problem  string `json:"problem,omitempty"`
	Line     int    `json:"line,omitempty"`   // of the problem, 0 where the whole file is meant
	Reason   string `json:"reason,omitempty"` // of the report on a spec that could not be read
	Expected struct {
		Repository string `json:"repository,omitempty"`
		Kind       string `json:"kind,omitempty"`      // of the publisher
		Publisher  string `json:"publisher,omitempty"` // its repository
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
	document := catalogDocument(p.Packages, trust, generated)
	shard := &ShardDocument{Index: p.Shard.Index, Count: p.Shard.Count, Basis: p.Basis, Specs: []ShardSpec{}}
	sum := catalog.Digest(p.Catalog)
	shard.Catalog.Specs, shard.Catalog.SHA256 = len(p.Catalog), hex.EncodeToString(sum[:])
	for i, spec := range p.Catalog {
		if !p.Shard.Holds(spec.Path) {
			continue
		}
		at := len(shard.Specs)
		if at >= len(p.Packages) || p.Packages[at].Spec.Path != spec.Path {
			return fmt.Errorf("the results of shard %v do not hold %v in its place", p.Shard, spec.Path)
		}
		shard.Specs = append(shard.Specs, shardSpec(i+1, p.Packages[at]))
	}
	if len(shard.Specs) != len(p.Packages) {
		return fmt.Errorf("the results of shard %v hold %s of other shards", p.Shard, untrusted.Plural(len(p.Packages)-len(shard.Specs), "package"))
	}
	document.Shard = shard
	return write(w, document)
}

func shardSpec(place int, p Package) ShardSpec {
	s := ShardSpec{Place: place, Lines: ruleLines(p.Spec.Lines)}
	if p.Spec.SHA256 != [32]byte{} {
		s.SHA256 = hex.EncodeToString(p.Spec.SHA256[:])
	}
	if err := p.Spec.Err; err != nil {
		s.Problem, s.Line, s.Reason = err.Message, err.Line, p.Report.Reason
	}
	expected := p.Spec.Provenance
	s.Expected.Repository = string(expected.RepositoryURI)
	if a := expected.Attestations; a != nil && a.Publisher != nil {
		s.Expected.Kind, s.Expected.Publisher = string(a.Publisher.Kind), string(a.Publisher.Repository)
	}
	return s
}

// readShard adds to the packages that were read what the shard holds of them.
func (r *Results) readShard() error {
	d := r.Shard
	if d == nil {
		return nil
	}
	shard := catalog.Shard{Index: d.Index, Count: d.Count}
	switch {
	case !shard.Valid():
		return fmt.Errorf("expected a shard such as 2/4, found %v", shard)
	case d.Catalog.Specs < len(r.Packages) || d.Catalog.Specs > untrusted.MaxSpecs:
		return fmt.Errorf("expected the number of specs of the whole catalog, found %d", d.Catalog.Specs)
	case len(d.Specs) != len(r.Packages):
		return fmt.Errorf("the shard describes %s, and holds %d", untrusted.Plural(len(d.Specs), "package"), len(r.Packages))
	}
	if err := isHash(d.Catalog.SHA256); err != nil {
		return fmt.Errorf("the catalog: %w", err)
	}
	last := 0
	for i := range r.Packages {
		p, s := &r.Packages[i], d.Specs[i]
		if !shard.Holds(p.Spec.Path) {
			return fmt.Errorf("the spec %q does not belong to shard %v", p.Spec.Path, shard)
		}
		if s.Place <= last || s.Place > d.Catalog.Specs {
			return fmt.Errorf("the spec %q is at place %d of %d, after the one at %d", p.Spec.Path, s.Place, d.Catalog.Specs, last)
		}
		last = s.Place
		if err := p.describe(s); err != nil {
			return fmt.Errorf("the spec %q: %w", p.Spec.Path, err)
		}
	}
	return nil
}

func isHash(s string) error {
	if raw, err := hex.DecodeString(s); err != nil || len(raw) != 32 {
		return fmt.Errorf("expected a SHA-256 in hex, found %q", untrusted.Text(s))
	}
	return nil
}

// describe adds to a package what a shard says of it.
func (p *Package) describe(s ShardSpec) error {
	if s.SHA256 != "" {
		if err := isHash(s.SHA256); err != nil {
			return err
		}
		_, _ = hex.Decode(p.Spec.SHA256[:], []byte(s.SHA256))
	}
	if s.Problem != "" {
		if p.Report.Status != verify.Unchecked {
			return fmt.Errorf("it could not be read, and its package is %v", p.Report.Status)
		}
		p.Spec.Err = &catalog.SpecError{Path: p.Spec.Path, Line: max(s.Line, 0), Message: untrusted.Clean(s.Problem)}
		p.Report.Reason = untrusted.Clean(s.Reason)
	}
	p.Spec.Lines = s.Lines
	p.Spec.Provenance.RepositoryURI = untrusted.Text(s.Expected.Repository)
	p.expect(untrusted.Text(s.Expected.Kind), untrusted.Text(s.Expected.Publisher))
	return nil
}

// expect sets which publisher the spec names.
func (p *Package) expect(kind, repository untrusted.Text) {
	if kind == "" && repository == "" {
		return
	}
	a := &p.Spec.Provenance.Attestations
	if *a == nil {
		*a = &catalog.Attestations{}
	}
	if (*a).Publisher == nil {
		(*a).Publisher = &catalog.Publisher{}
	}
	(*a).Publisher.Kind, (*a).Publisher.Repository = kind, repository
}
