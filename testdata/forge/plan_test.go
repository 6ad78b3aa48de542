package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/semver"
	"golang.org/x/sync/errgroup"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify/pyname"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// plan is what the registry offers for one version.
type plan struct {
	what          string // how it differs from the version before it
	spec          catalog.Spec
	rung          int // 0 nothing, 1 npm's signature, 2 of some files, 3 all
	repository    string
	number, owner string // what the numbers of repository and owner are made of
	workflow      string
	claim         int // npm: 0 a person published, 1 a trusted publisher, 2 and somebody approved
	published     time.Time
	offered       []*attestation
}

type plans map[string]*plan

func key(spec catalog.Spec) string {
	return string(spec.Protocol) + " " + normalize(string(spec.Package)) + " " + string(spec.Version)
}

func (p plans) of(spec catalog.Spec) *plan { return p[key(spec)] }

// turns are what becomes of the next release, in turn: it keeps what the one
// before had, then somebody spoils it, then all is as it was at first.
var turns = []struct {
	what string
	turn func(p *plan)
}{
	{"lost", func(p *plan) { p.rung = floor(p.spec) }},
	{"another repository", func(p *plan) { p.repository, p.number, p.owner = "fork-demo/"+name(p.repository), "fork", "fork" }},
	{"renamed", func(p *plan) { p.repository = owner(p.repository) + "/renamed-" + name(p.repository) }},
	{"another owner", func(p *plan) { p.owner = "somebody else" }},
	{"re-created", func(p *plan) { p.number = "made anew" }},
	{"another workflow", func(p *plan) { p.workflow = "nightly.yml" }},
	{"not staged", func(p *plan) { p.claim = 1 }},
	{"some files", func(p *plan) { p.rung = min(p.rung, 2) }},
	{"published by hand", func(p *plan) { p.claim = 0 }},
	{"nothing offered", func(p *plan) { p.rung = 0 }},
}

// next is what the release after p offers, the n-th of its package. Packages
// begin at different turns.
func (p plan) next(n, first int, honest plan) plan {
	switch p.what = "kept"; n % 3 {
	case 1:
		turn := turns[(first+n/3)%len(turns)]
		p.what = turn.what
		turn.turn(&p)
	case 2:
		p.rung, p.repository, p.number, p.owner = honest.rung, honest.repository, honest.number, honest.owner
		p.what, p.workflow, p.claim = "restored", honest.workflow, honest.claim
	}
	return p
}

// floor is what a stolen token can publish.
func floor(spec catalog.Spec) int {
	if spec.Protocol == catalog.NPX {
		return 1
	}
	return 0
}

func owner(repository string) string { owner, _, _ := strings.Cut(repository, "/"); return owner }
func name(repository string) string  { _, name, _ := strings.Cut(repository, "/"); return name }

// planned decides what is offered for every version that a bump names.
func planned(changes []review.Change) plans {
	type project struct {
		honest   plan
		first, n int
	}
	all, projects := plans{}, map[string]*project{}
	when := at("2025-08-10T06:00:00Z")
	add := func(spec catalog.Spec, p plan) {
		p.spec, p.published = spec, when
		when = when.Add(11 * time.Minute)
		all[key(spec)] = &p
	}
	for _, c := range changes {
		path := string(c.After.Spec.Path)
		of := projects[path]
		if of == nil {
			of = &project{honest: honestly(c.Before.Spec), first: len(projects)}
			projects[path] = of
		}
		if all.of(c.Before.Spec) == nil { // the first, or one that was edited in between
			add(c.Before.Spec, of.honest)
		}
		if all.of(c.After.Spec) == nil {
			add(c.After.Spec, all.of(c.Before.Spec).next(of.n, of.first, of.honest))
			of.n++
		}
	}
	return all
}

// honestly is what a spec expects.
func honestly(spec catalog.Spec) plan {
	p := plan{what: "first", rung: 3, claim: 2, workflow: "release.yml", repository: strings.TrimPrefix(string(spec.Provenance.RepositoryURI), "https://github.com/")}
	if a := spec.Provenance.Attestations; a != nil && a.Publisher != nil {
		p.workflow = strings.TrimPrefix(string(a.Publisher.Workflow), ".github/workflows/")
	}
	p.number, p.owner = "repository "+p.repository, "owner "+owner(p.repository)
	return p
}

// loopback makes every planned release and serves it on a loopback address.
func loopback(t *testing.T, f *forge, all plans) *scan.Registries {
	t.Helper()
	list := slices.SortedFunc(func(yield func(*plan) bool) {
		for _, p := range all {
			if !yield(p) {
				return
			}
		}
	}, func(a, b *plan) int { return a.published.Compare(b.published) })
	pages := map[string]*pypiRelease{}
	for _, p := range list {
		id := github(p.repository, p.workflow, "refs/tags/v"+string(p.spec.Version)).numbered(p.number, p.owner)
		s := &scene{f: f, published: p.published, identity: id, spec: spec{pkg: string(p.spec.Package), version: string(p.spec.Version)}}
		if p.spec.Protocol == catalog.NPX {
			r := s.npm()
			if p.rung > 0 {
				r.sign(f.key)
			}
			if p.rung > 1 {
				r.offer(r.publish(), r.provenance())
			}
			r.user = [...]object{person(), trustedPublisher(), trustedPublisher()}[p.claim]
			if p.claim == 2 {
				r.user["approver"] = person()
			}
			r.record()
			for _, o := range r.offered {
				p.offered = append(p.offered, o.attestation)
			}
			continue
		}
		r := s.pypi()
		for i, file := range r.files {
			if p.rung == 3 || p.rung == 2 && i == 0 {
				file.offer(file.attestation())
			}
			p.offered = append(p.offered, file.offered...)
		}
		if before := pages[normalize(r.name)]; before != nil {
			r.earlier = append(slices.Clone(before.earlier), before)
		}
		pages[normalize(r.name)] = r
	}
	for _, r := range pages {
		for _, e := range r.earlier {
			e.followed = true
			e.record()
		}
		r.record()
	}
	dir := t.TempDir()
	if err := f.write(dir); err != nil {
		t.Fatal(err)
	}
	for _, problem := range f.problems {
		t.Error(problem)
	}
	answers, err := recording.Open(os.DirFS(filepath.Join(dir, "recording")))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { lab.Serve(answers, w, r) }))
	t.Cleanup(server.Close)
	root, rootErr := answers.TrustedRoot()
	keys, keysErr := answers.NPMKeys()
	if rootErr != nil || keysErr != nil {
		t.Fatal(rootErr, keysErr)
	}
	return lab.Asked(t, registry.Options{}, server.URL+"/", server.URL+"/simple/", trust.Material{TrustedRoot: root, NPMKeys: keys, RootName: "forge", KeysName: "forge"})
}

// sigstoreAlone returns how long sigstore-go takes for the attestations of some
// releases on as many cores, without any request.
func (p plans) sigstoreAlone(t *testing.T, f *forge, specs []catalog.Spec) time.Duration {
	var bundles [][]byte
	var byKey []bool
	for _, spec := range specs {
		for _, a := range p.of(spec).offered {
			bundles, byKey = append(bundles, a.json()), append(byKey, a.VerificationMaterial.GetPublicKey() != nil)
		}
	}
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range bundles {
		g.Go(func() error { return f.inspector.verify(bundles[i], byKey[i]) })
	}
	if err := g.Wait(); err != nil {
		t.Error(err)
	}
	return time.Since(began)
}

// expected is the verdict that a bump must get, of what was made for its two
// versions and of what its two specs demand.
func expected(c *review.Change, before, after *plan) verdict {
	v := verdict{kind: "bumped", verdict: "pass", evidence: "same"}
	fails := func(rule string) { v.verdict, v.errors = "fail", append(v.errors, rule) }
	warns := func(rule string) { v.warnings = append(v.warnings, rule) }
	if demandsChange(c.Before.Spec.Provenance, c.After.Spec.Provenance) {
		fails("review.expectation")
	}
	was, is := before.rank(), after.rank()
	switch {
	case is < was:
		v.evidence = "lost"
		fails("review.evidence")
	case is > was:
		v.evidence = "gained"
	}
	switch {
	case is < 2:
		v.publisher = "none"
	case was < 2:
		v.publisher = "first"
	case before.number != after.number || before.owner != after.owner:
		v.publisher = "changed"
		fails("review.publisher")
	case before.repository != after.repository:
		v.publisher = "renamed"
	default:
		v.publisher = "same"
	}
	if v.publisher == "same" || v.publisher == "renamed" || v.publisher == "changed" {
		if before.workflow != after.workflow {
			warns("review.workflow")
		}
	}
	if c.After.Spec.Protocol == catalog.NPX && after.claim < before.claim {
		warns("review.claim")
	}
	if !reflect.DeepEqual(installed(c.Before.Spec), installed(c.After.Spec)) {
		warns("review.install")
	}
	if lower(c.Before.Spec, c.After.Spec) {
		fails("review.version")
	}
	if after.contradicts(c.After.Spec.Provenance) {
		v.verdict = "fail"
	}
	v.sort()
	return v
}

// sort orders the rules, each once.
func (v *verdict) sort() {
	slices.Sort(v.errors)
	slices.Sort(v.warnings)
	v.errors, v.warnings = slices.Compact(v.errors), slices.Compact(v.warnings)
}

// rank is the rung, of what the registry of the package can offer.
func (p *plan) rank() int {
	if p.spec.Protocol == catalog.NPX && p.rung == 2 {
		return 3 // one file
	}
	return p.rung
}

func (p *plan) contradicts(want catalog.Provenance) bool {
	if repository := strings.TrimPrefix(string(want.RepositoryURI), "https://github.com/"); p.rank() > 1 && !strings.EqualFold(repository, p.repository) {
		return true
	}
	if want.Attestations == nil {
		return false
	}
	publisher := want.Attestations.Publisher
	return p.rank() < 3 || !strings.EqualFold(string(publisher.Repository), p.repository) || string(publisher.Workflow) != ".github/workflows/"+p.workflow
}

// demandsChange reports whether something that was demanded is not any more, or
// is something else.
func demandsChange(was, is catalog.Provenance) bool {
	if !strings.EqualFold(string(was.RepositoryURI), string(is.RepositoryURI)) {
		return true
	}
	return was.Attestations != nil && (is.Attestations == nil || *was.Attestations.Publisher != *is.Attestations.Publisher)
}

// installed is how a package is installed and started, without the reasons.
func installed(spec catalog.Spec) catalog.Install {
	in := spec.Install
	in.Overrides, in.Constraints = slices.Clone(in.Overrides), slices.Clone(in.Constraints)
	for i := range in.Overrides {
		in.Overrides[i].Reason = ""
	}
	for i := range in.Constraints {
		in.Constraints[i].Reason = ""
	}
	return in
}

func lower(was, is catalog.Spec) bool {
	if is.Protocol == catalog.NPX {
		return semver.Compare("v"+string(is.Version), "v"+string(was.Version)) < 0
	}
	order, err := pyname.CompareVersions(string(is.Version), string(was.Version))
	return err == nil && order < 0
}
