package document

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

const (
	acme = "https://github.com/acme/http"
	tag  = "refs/tags/v2.4.1"
)

// documented is a spec that says all that published proves.
func documented() catalog.Spec {
	return catalog.Spec{Package: "http", Version: "2.4.1", Provenance: catalog.Provenance{RepositoryURI: acme, RepositoryRef: tag,
		Attestations: &catalog.Attestations{Available: true, Verified: true,
			Publisher: &catalog.Publisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}}}}
}

func published() *verify.Publisher {
	return &verify.Publisher{Kind: "GitHub", Issuer: "https://token.actions.githubusercontent.com", Repository: acme,
		Workflow: ".github/workflows/release.yml", Ref: tag, Commit: untrusted.Text(strings.Repeat("a1b2c3d4", 5)), Runner: "github-hosted"}
}

// file is a file of a release with provenance of a publisher.
func file(p *verify.Publisher) verify.ArtifactReport {
	return verify.ArtifactReport{Status: verify.Verified,
		Attestations: []verify.Attestation{{Kind: verify.KindProvenance, Status: verify.Verified, Publisher: p}}}
}

// proving is a report of which every file is published by one publisher.
func proving(p *verify.Publisher, findings ...verify.Finding) *verify.Report {
	r := &verify.Report{Status: verify.Verified, Publisher: p, Artifacts: []verify.ArtifactReport{file(p), file(p)}, Findings: findings}
	for _, f := range findings {
		if f.Severity == verify.SeverityError {
			r.Status = verify.Mismatch
		}
	}
	return r
}

func found(rule string, severity verify.Severity) verify.Finding {
	return verify.Finding{Rule: rule, Severity: severity, Message: "found"}
}

const short = "repository_uri repository_ref available verified publisher.kind publisher.repository publisher.workflow"

// keysOf names the changes of a plan.
func keysOf(p Plan) string { return strings.ReplaceAll(p.Text(), ", ", " ") }

func TestFor(t *testing.T) {
	t.Parallel()
	contradicted := found("provenance.repository_uri", verify.SeverityError)
	known, rejected, noted, operator := contradicted, contradicted, contradicted, contradicted
	known.Known, known.Decision = true, "known by ann: ours"
	rejected.Decision, noted.Decision, operator.Operator = "rejected by ann: not ours", "open: noted: hm", true
	stale := found("provenance.repository_ref", verify.Warning)
	ignored := stale
	ignored.Known = true
	signer, owner := found("provenance.signer_identity", verify.SeverityError), found("policy.owner", verify.SeverityError)
	asked := owner
	asked.Operator, asked.Known, asked.Decision = true, true, "known: x"
	unreadable := strings.NewReplacer("repository_uri ", "", "publisher.repository ", "").Replace(short)
	same := func(*catalog.Spec, *verify.Report) {}
	elsewhere := func(s *catalog.Spec, _ *verify.Report) { s.Provenance.RepositoryURI = "https://github.com/old/http" }
	older := func(s *catalog.Spec, _ *verify.Report) { s.Provenance.RepositoryRef = "refs/tags/v2.3.0" }
	tests := map[string]struct {
		findings []verify.Finding
		change   func(*catalog.Spec, *verify.Report)
		want     string // without leave
		allowed  string // with it
		left     int
	}{
		"as it should be":    {nil, same, "", "", 0},
		"nothing documented": {nil, func(s *catalog.Spec, _ *verify.Report) { s.Provenance = catalog.Provenance{} }, short, short, 0},
		"no publisher": {nil, func(s *catalog.Spec, _ *verify.Report) { s.Provenance.Attestations.Publisher = nil },
			"publisher.kind publisher.repository publisher.workflow", "publisher.kind publisher.repository publisher.workflow", 0},
		"not available": {nil, func(s *catalog.Spec, _ *verify.Report) { s.Provenance.Attestations.Available = false },
			"available", "available", 0},
		"another spelling": {nil, func(s *catalog.Spec, _ *verify.Report) {
			s.Provenance.RepositoryURI, s.Provenance.RepositoryRef = "git+https://github.com/Acme/http.git", "v2.4.1"
		}, "", "", 0},
		"a branch":    {nil, func(s *catalog.Spec, _ *verify.Report) { s.Provenance.RepositoryRef = "refs/heads/main" }, "", "", 0},
		"a stale tag": {[]verify.Finding{stale}, older, "repository_ref", "repository_ref", 0},
		"a stale tag, and a branch was built": {[]verify.Finding{stale}, func(s *catalog.Spec, r *verify.Report) {
			older(s, r)
			r.Publisher.Ref = "refs/heads/main"
		}, "", "", 1},
		"a stale tag that is known": {[]verify.Finding{ignored}, func(s *catalog.Spec, r *verify.Report) {
			older(s, r)
			r.Publisher.Ref = "refs/heads/main"
		}, "", "", 0},
		"files of two tags": {[]verify.Finding{stale}, func(s *catalog.Spec, r *verify.Report) {
			older(s, r)
			p := published()
			p.Ref = "refs/tags/v2.4.1-2"
			r.Artifacts[1] = file(p)
		}, "", "", 1},
		"files of two commits": {[]verify.Finding{stale}, func(s *catalog.Spec, r *verify.Report) {
			older(s, r)
			p := published()
			p.Commit = "b"
			r.Artifacts[1] = file(p)
		}, "", "", 1},
		"a server that its users manage": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			r.Publisher.Issuer, r.Publisher.Repository = "https://git.acme.example/_services/token", "https://git.acme.example/acme/http"
		}, strings.Replace(short, "publisher.kind ", "", 1), strings.Replace(short, "publisher.kind ", "", 1), 0},
		"a person": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			*r.Publisher = verify.Publisher{Kind: "Google", Issuer: "https://accounts.google.com", Email: "ann@acme.example"}
		}, "available verified publisher.kind", "available verified publisher.kind", 0},
		"no repository can be read": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			r.Publisher.Repository = "https://github.com/acme"
		}, unreadable, unreadable, 0},

		"another publisher":                  {[]verify.Finding{contradicted}, elsewhere, "", "repository_uri", 0},
		"another publisher, noted":           {[]verify.Finding{noted}, elsewhere, "", "repository_uri", 0},
		"another publisher, known":           {[]verify.Finding{known}, elsewhere, "", "repository_uri", 0},
		"another publisher, rejected":        {[]verify.Finding{rejected}, elsewhere, "", "", 0},
		"another signer":                     {[]verify.Finding{signer}, same, "", "", 0},
		"another publisher and signer":       {[]verify.Finding{contradicted, signer}, elsewhere, "", "", 0},
		"another publisher and the policy":   {[]verify.Finding{contradicted, owner}, elsewhere, "", "", 0},
		"another publisher and the operator": {[]verify.Finding{contradicted, asked}, elsewhere, "", "", 0},
		"the operator's own":                 {[]verify.Finding{operator}, elsewhere, "", "repository_uri", 0},
		"evidence has gone":                  {[]verify.Finding{found("attestations.gone", verify.SeverityError)}, elsewhere, "", "", 0},
		"the certificate does not say": {[]verify.Finding{found("publisher.workflow", verify.SeverityError)},
			func(_ *catalog.Spec, r *verify.Report) { r.Publisher.Workflow = "" }, "", "", 0},
		"another publisher of one file": {[]verify.Finding{contradicted}, func(s *catalog.Spec, r *verify.Report) {
			elsewhere(s, r)
			p := published()
			p.Repository = "https://github.com/evil/http"
			r.Artifacts[1] = file(p)
		}, "", "", 0},
		"the policy": {[]verify.Finding{owner}, func(s *catalog.Spec, r *verify.Report) {
			elsewhere(s, r)
			r.Status = verify.Verified
		}, "", "", 0},
		"a stale tag and the policy": {[]verify.Finding{stale, owner}, func(s *catalog.Spec, r *verify.Report) {
			older(s, r)
			r.Status = verify.Verified
		}, "", "", 1},
		"a file without": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			r.Artifacts = append(r.Artifacts, verify.ArtifactReport{Status: verify.Signed})
		}, "", "", 0},
		"an attestation that does not verify": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			a := &r.Artifacts[1]
			a.Attestations = append(a.Attestations, verify.Attestation{Kind: verify.KindStatement, Status: verify.Unchecked})
		}, "", "", 0},
		"no trust": {nil, func(s *catalog.Spec, r *verify.Report) {
			s.Provenance = catalog.Provenance{}
			r.Unverified = "no root"
		}, "", "", 0},
		"unreadable": {nil, func(s *catalog.Spec, _ *verify.Report) { s.Err = &catalog.SpecError{} }, "", "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for leave, want := range map[bool]string{false: test.want, true: test.allowed} {
				spec, r := documented(), proving(published(), test.findings...)
				test.change(&spec, r)
				p := For(spec, r, leave)
				if got := keysOf(p); got != want || len(p.Left) != test.left {
					t.Errorf("leave %t: changes %q and %d left, want %q and %d", leave, got, len(p.Left), want, test.left)
				}
				if p.OtherPublisher != (want != test.allowed) {
					t.Errorf("leave %t: other publisher %t", leave, p.OtherPublisher)
				}
				if want != "" && !p.Proven {
					t.Errorf("leave %t: changes of what is not proven", leave)
				}
			}
		})
	}
}

// Of every status but two nothing is written, whatever the report says besides.
func TestNeverOfAnotherStatus(t *testing.T) {
	t.Parallel()
	for _, status := range append(verify.Statuses(), verify.Pending, verify.Status(99)) {
		for _, findings := range [][]verify.Finding{nil, {found("provenance.repository_uri", verify.SeverityError)}} {
			spec, r := documented(), proving(published(), findings...)
			spec.Provenance = catalog.Provenance{}
			r.Status = status
			changed := len(For(spec, r, true).Changes) > 0
			if want := status == verify.Verified && findings == nil || status == verify.Mismatch; changed != want {
				t.Errorf("%v with %d errors: changed %t", status, len(findings), changed)
			}
		}
	}
}

// What is written of the demo verifies afterwards and leaves nothing to write, and
// nothing is written of what fails.
func TestDemo(t *testing.T) {
	t.Parallel()
	wrote, from := 0, lab.Registries(t)
	for _, c := range demo.Catalogs() {
		wrote += rewrite(t, catalog.Source{FS: c.FS}, from)
	}
	_, head := demo.Review()
	if wrote += rewrite(t, catalog.Source{FS: head}, from); wrote < 20 {
		t.Errorf("only %d specs would be written", wrote)
	}
}

// The same of real evidence.
func TestRealEvidence(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld")
	source, closer, err := catalog.OpenDir(filepath.Join(dir, "catalog"))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	server := testfiles.RealRegistries(t)
	material := trust.Material{Origin: trust.OriginFile, TrustedRoot: testfiles.Read(t, dir, "trust", "trusted_root.json"),
		NPMKeys: testfiles.Read(t, dir, "trust", "npm-keys.json"), KeysName: "npm-keys.json"}
	if wrote := rewrite(t, source, lab.Through(t, nil, server+"/npm/", server+"/simple/", material)); wrote != 5 {
		t.Errorf("%d specs would be written, want 5", wrote)
	}
}

// rewrite writes what is proven into the specs of a catalog, verifies them again,
// and returns how many there were to write.
func rewrite(t *testing.T, source catalog.Source, from scan.Fetcher) int {
	t.Helper()
	specs, err := catalog.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{"npx": {Mode: fs.ModeDir}}
	for i, r := range lab.Check(t, specs, from, false) {
		p := For(specs[i], r, true)
		if len(p.Changes) == 0 {
			continue
		}
		if r.Status != verify.Verified && r.Status != verify.Mismatch {
			t.Errorf("%v is %v, and %s would be written", specs[i].Path, r.Status, p.Text())
		}
		text, err := source.Read(specs[i])
		if err == nil {
			text, err = catalog.Edit(text, p.Changes)
		}
		if err != nil {
			t.Fatalf("%v: %v", specs[i].Path, err)
		}
		tree[string(specs[i].Path)] = &fstest.MapFile{Data: text}
	}
	written, err := catalog.Load(t.Context(), catalog.Source{FS: tree})
	if err != nil || len(written) != len(tree)-1 {
		t.Fatalf("%d of %d: %v", len(written), len(tree)-1, err)
	}
	for i, r := range lab.Check(t, written, from, false) {
		if verdict, why := verify.Judge(r, verify.Verified); verdict != verify.VerdictPass {
			t.Errorf("%v as it was written: %s", written[i].Path, why)
		}
		if p := For(written[i], r, true); len(p.Changes) > 0 {
			t.Errorf("%v: once more, %s", written[i].Path, p.Text())
		}
	}
	return len(written)
}

// Over every spec of the real catalogs: if all of it is proven, by another publisher
// even, what is written is read back as proven, and no other line changes.
func TestRealCatalogs(t *testing.T) {
	t.Parallel()
	for _, when := range []string{"2025-10", "2026-08"} {
		dir := testfiles.Shared(t, "catalogs", when)
		source, closer, err := catalog.OpenDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		specs, err := catalog.Load(t.Context(), source)
		if err != nil || len(specs) < 25 {
			t.Fatalf("%d specs: %v", len(specs), err)
		}
		changed := 0
		for _, spec := range specs {
			text, err := source.Read(spec)
			if err != nil {
				t.Fatal(err)
			}
			for _, repository := range []untrusted.Text{spec.Provenance.RepositoryURI, "https://github.com/other/place"} {
				changed += checkWritten(t, spec, text, repository)
			}
		}
		if changed < 2*len(specs)*9/10 {
			t.Errorf("%s: only %d times something was written", when, changed)
		}
	}
}

// checkWritten returns 1 if something is written.
func checkWritten(t *testing.T, spec catalog.Spec, text []byte, repository untrusted.Text) int {
	t.Helper()
	p := published()
	p.Repository, p.Ref = repository, "refs/tags/release-"+spec.Version
	r := proving(p)
	if !verify.SameRepository(string(spec.Provenance.RepositoryURI), string(repository)) {
		r = proving(p, found("provenance.repository_uri", verify.SeverityError))
	}
	changes := For(spec, r, true).Changes
	written, err := catalog.Edit(text, changes)
	if err != nil {
		t.Fatalf("%v: %v", spec.Path, err)
	}
	again, err := catalog.Load(t.Context(), catalog.Source{FS: fstest.MapFS{string(spec.Path): {Data: written}}})
	if err != nil || len(again) != 1 || again[0].Err != nil {
		t.Fatalf("%v: %v", spec.Path, err)
	}
	if left := For(again[0], proving(p), false).Changes; len(left) > 0 {
		t.Errorf("%v: left to write: %v", spec.Path, left)
	}
	var names []string
	for _, c := range changes {
		names = append(names, strings.Split(string(c.Key), ".")...)
	}
	rest := func(data []byte) (kept string) { // without the lines of the changed keys and of their sections
		for line := range strings.Lines(string(data)) {
			key, _, found := strings.Cut(line, ":")
			if !found || !slices.Contains(names, strings.TrimLeft(key, " ")) {
				kept += line
			}
		}
		return kept
	}
	before, after := rest(text), rest(written)
	if !strings.Contains(string(text), "\nprovenance:") { // a blank line comes with the section
		before, after = strings.ReplaceAll(before, "\n\n", "\n"), strings.ReplaceAll(after, "\n\n", "\n")
	}
	if before != after {
		t.Errorf("%v: other lines changed:\n%s", spec.Path, catalog.Diff("rest", []byte(before), []byte(after)))
	}
	return min(1, len(changes))
}

// nowhere has no evidence and no trust.
type nowhere struct{}

func (nowhere) Fetch(context.Context, catalog.Spec, func(string)) (verify.Evidence, verify.Trust, error) {
	return verify.Evidence{}, verify.Trust{}, errors.New("no network")
}

// Without any evidence 9 of the 10 tags of the real catalog are found to be of
// another version: a bot raised the version alone.
func TestStaleRefsOfTheRealCatalog(t *testing.T) {
	t.Parallel()
	source, closer, err := catalog.OpenDir(testfiles.Shared(t, "catalogs", "2026-08"))
	if err != nil {
		t.Fatal(err)
	}
	defer closer.Close()
	specs, err := catalog.Load(t.Context(), source)
	if err != nil {
		t.Fatal(err)
	}
	var stale []string
	tags := 0
	for i, r := range lab.Check(t, specs, nowhere{}, false) {
		if strings.HasPrefix(string(specs[i].Provenance.RepositoryRef), "refs/tags/") {
			tags++
		}
		p := For(specs[i], r, true)
		if len(p.Left) > 0 {
			stale = append(stale, string(specs[i].Path))
		}
		if len(p.Changes) > 0 || p.Proven {
			t.Errorf("%v: without evidence, %s", specs[i].Path, p.Text())
		}
	}
	if tags != 10 || len(stale) != 9 || slices.Contains(stale, "npx/next-devtools-mcp/spec.yaml") {
		t.Errorf("%d tags, of which %d are stale: %q", tags, len(stale), stale)
	}
}

// Nothing is written of a Go module, and the reason is not that a certificate is missing.
func TestNothingIsWrittenOfAGoModule(t *testing.T) {
	t.Parallel()
	r := &verify.Report{Release: verify.Release{Ecosystem: verify.Go}, Status: verify.Signed}
	if changes, why := Proven(catalog.Spec{Protocol: catalog.Go}, r); len(changes) > 0 || !strings.Contains(why, "of a Go module there is no certificate") {
		t.Errorf("%v, %q", changes, why)
	}
}
