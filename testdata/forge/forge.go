package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/root"

	"plimsoll/verify/registry"
	"plimsoll/verify/registry/recording"
)

// recorded is when the demo says that its registries were asked.
const recorded = "2026-01-15T12:00:00Z"

// forge holds the throw-away Sigstore and what was made with it.
type forge struct {
	good workshop // what the demo's trust root trusts
	evil workshop // somebody else's: as well made, and trusted by nobody

	tiles *rekorLog // a log in Rekor v2's form, trusted too

	stamper  *timestamper // trusted as well
	stranger *timestamper // a timestamping authority that nobody knows

	key, oldKey *registryKey // keys of the registry, the second one expired
	nextKey     *registryKey // likewise, from later on than anything was published
	signKey     *registryKey // likewise, for signatures only
	attestKey   *registryKey // likewise, for attestations only
	strange     *registryKey // a key that nobody knows

	sumDB     *sumDB // the checksum database
	evilSumDB *sumDB // somebody else's, under the same name

	inspector *inspector
	modules   []*goRelease // of which the database was asked
	last      []func()     // made after every scene: what the log holds already stays as it is
	answers   []answer
	files     map[string][]byte // spec files by their path in the demo
	problems  []error
}

func newForge() *forge {
	f := &forge{
		good:    workshop{newAuthority("demo"), newCTLog("ct.demo.example"), newRekorLog("rekor.demo.example", 4_163_431, 1200)},
		evil:    workshop{newAuthority("demo" + " of somebody else"), newCTLog("ct.elsewhere.example"), newRekorLog("rekor.elsewhere.example", 0, 40)},
		tiles:   newRekorLog("log2025.rekor.demo.example", 0, 70),
		key:     newRegistryKey("npm.demo.example 2025", time.Time{}),
		oldKey:  newRegistryKey("npm.demo.example 2022", at("2025-01-29T00:00:00Z")),
		strange: newRegistryKey("npm.demo.example of somebody else", time.Time{}),
		files:   map[string][]byte{},

		stamper:   newTimestamper("tsa.demo.example", at("2042-01-01T00:00:00Z")),
		stranger:  newTimestamper("tsa.elsewhere.example", at("2042-01-01T00:00:00Z")),
		nextKey:   newRegistryKey("npm.demo.example 2031", time.Time{}),
		signKey:   newRegistryKey("npm.demo.example 2025 for signatures", time.Time{}),
		attestKey: newRegistryKey("npm.demo.example 2025 for attestations", time.Time{}),
	}
	f.sumDB = newSumDB(sumDBName, sumDBName, logBefore)
	f.evilSumDB = newSumDB(sumDBName, sumDBName+" of somebody else", 0)
	f.nextKey.start = at("2031-01-01T00:00:00Z")
	f.signKey.usages, f.attestKey.usages = []string{forSignatures}, []string{forAttestations}
	f.inspector = newInspector(f.root(), f.keys()...)
	return f
}

// root is the demo's trust root.
func (f *forge) root() *root.TrustedRoot { return trustedRoot(f.good, f.tiles, f.stamper) }

// keys are those of the demo's registry.
func (f *forge) keys() []*registryKey {
	return []*registryKey{f.key, f.oldKey, f.nextKey, f.signKey, f.attestKey}
}

// scene is one package of a catalog: its spec, and what its registry offers.
type scene struct {
	spec
	f         *forge
	catalog   string // "dockyard", "attacks", "review/base" or "review/head"
	folder    string // below catalog/protocol
	published time.Time
	identity  identity                 // who builds and publishes it
	raw       string                   // a spec.yaml that spec cannot express
	build     func(f *forge, s *scene) // makes the release; nil: there is none
	releases  []interface{ record() }
	before    *scene // of a change: the same spec before it, or nil
	followed  bool   // of a change: a later release of the package follows, which records its page
}

// npm starts a release that its registry signs with nothing yet.
func (s *scene) npm() *npmRelease {
	r := &npmRelease{
		f: s.f, name: s.pkg, version: s.version, published: s.published, identity: s.identity,
		tarball: []byte("tarball of " + s.pkg + "@" + s.version), description: s.description,
		repository: object{"type": "git", "url": "git+" + s.identity.ext[extRepository] + ".git"},
	}
	r.packument = strings.HasPrefix(s.catalog, "review/") && !s.followed
	if s.before != nil {
		r.earlier = releasesOf[*npmRelease](s.before, r.name)
	}
	s.releases = append(s.releases, r)
	return r
}

// pypi starts a release with an sdist and a wheel.
func (s *scene) pypi() *pypiRelease {
	r := &pypiRelease{
		f: s.f, name: s.pkg, version: s.version, published: s.published,
		identity: s.identity, publisher: publisherOf(s.identity), followed: s.followed,
	}
	if s.before != nil {
		r.earlier = releasesOf[*pypiRelease](s.before, r.name)
	}
	s.releases = append(s.releases, r)
	r.add(".tar.gz")
	r.add("-py3-none-any.whl")
	return r
}

// document writes into the spec that attestations are there, and whose.
func (s *scene) document() {
	publisher := publisherOf(s.identity)
	d := &documented{available: true, verified: true, kind: publisher["kind"].(string)}
	d.repository, _ = publisher["repository"].(string)
	d.workflow = s.identity.workflowPath()
	s.attestations = d
}

// build makes every scene, in the order of publication, so that the log is
// chronological.
func (f *forge) build(scenes []*scene) error {
	slices.SortStableFunc(scenes, func(a, b *scene) int {
		return cmp.Or(a.published.Compare(b.published), cmp.Compare(a.folder, b.folder))
	})
	for _, s := range scenes {
		s.f = f
		if s.build != nil {
			s.build(f, s)
		}
		for _, r := range s.releases {
			r.record()
		}
		path := s.catalog + "/" + s.protocol + "/" + s.folder + "/spec.yaml"
		if _, ok := f.files[path]; ok {
			return fmt.Errorf("two scenes write %s", path)
		}
		f.files[path] = []byte(s.raw)
		if s.raw == "" {
			f.files[path] = s.yaml()
		}
	}
	f.sumDB.fill(logNow - len(f.sumDB.records))
	f.answerSumDB("supported", 200, nil)
	for _, do := range f.last {
		do()
	}
	for _, r := range f.modules {
		f.checkModule(r)
	}
	return errors.Join(f.problems...)
}

// answer is what a registry answers, and the name of its file.
type answer struct {
	registry.Exchange
	name string
}

// answer records what a registry answers at an address.
func (f *forge) answer(address, name string, status int, contentType string, body []byte) {
	u, err := url.Parse(address)
	if err != nil {
		f.problems = append(f.problems, err)
		return
	}
	f.answers = append(f.answers, answer{registry.Exchange{URL: u, Status: status, ContentType: contentType, Body: body}, name})
}

// inspect asks sigstore-go about an attestation that is being recorded.
func (f *forge) inspect(what string, a *attestation) {
	if err := f.inspector.check(a); err != nil {
		f.problems = append(f.problems, fmt.Errorf("%s: %w", what, err))
	}
}

// write replaces the generated folders below out.
func (f *forge) write(out string) error {
	for _, folder := range []string{"dockyard", "attacks", "review", "recording"} {
		if err := os.RemoveAll(filepath.Join(out, folder)); err != nil {
			return err
		}
	}
	if err := writeFiles(out, f.files); err != nil {
		return err
	}
	w, err := recording.Create(filepath.Join(out, "recording"), recording.Header{
		Recorded: at(recorded), NPMRegistry: npmBase, PyPIIndex: pypiIndex, Go: f.goSettings(),
		TreeHead: string(f.sumDB.head(min(logKept, int64(len(f.sumDB.records))))), // a forge without modules has no record
	})
	if err != nil {
		return err
	}
	for _, a := range f.answers {
		if err := w.Add(a.Exchange, a.name); err != nil {
			return err
		}
	}
	return w.Close(trustedRootJSON(f.root()), npmKeysJSON(f.keys()...))
}

// writeFiles writes files by their paths below out.
func writeFiles(out string, files map[string][]byte) error {
	for path, data := range files {
		path = filepath.Join(out, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, data, 0o666)); err != nil {
			return err
		}
	}
	return nil
}
