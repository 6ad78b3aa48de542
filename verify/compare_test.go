package verify

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// provenBy is a report on one artifact whose provenance verified, before the
// comparison.
func provenBy(p *Publisher, metadata string) *Dossier {
	return dossierOf(Report{
		Claims: Claims{Repository: untrusted.Text(metadata)},
		Artifacts: []ArtifactReport{{Filename: "http-1.0.0.tgz", Status: Verified,
			Attestations: []Attestation{{Kind: KindProvenance, Status: Verified, Publisher: p}}}},
	})
}

// dossierOf is a dossier whose statements say what the publishers are.
func dossierOf(r Report) *Dossier {
	d := &Dossier{Report: r}
	for i := range r.Artifacts {
		for j := range r.Artifacts[i].Attestations {
			b := Bundle{Artifact: &r.Artifacts[i], Attestation: &r.Artifacts[i].Attestations[j]}
			if p := b.Attestation.Publisher; p != nil {
				b.Statement = &statement.Statement{
					Provenance: &statement.Provenance{Repository: p.Repository, Ref: p.Ref, Workflow: p.Workflow, Commit: p.Commit}}
			}
			d.Bundles = append(d.Bundles, b)
		}
	}
	return d
}

func TestCompareWithSpec(t *testing.T) {
	t.Parallel()
	p := publisher(t, release, modern(nil))
	full := catalog.Provenance{RepositoryURI: acme, RepositoryRef: "refs/tags/v1.0.0", Attestations: &catalog.Attestations{
		Available: true, Verified: true, Publisher: &catalog.Publisher{Kind: "GitHub", Repository: "acme/http", Workflow: "release.yml"}}}
	with := func(change func(*catalog.Provenance)) catalog.Provenance {
		e := full
		a, pub := *full.Attestations, *full.Attestations.Publisher
		a.Publisher = &pub
		e.Attestations = &a
		change(&e)
		return e
	}
	for _, tc := range []struct {
		name     string
		want     catalog.Provenance
		metadata string
		status   Status
		rule     string // of the finding that must be there, "" for none at all
	}{
		{"everything agrees", full, acme, Verified, ""},
		{"repository in another spelling", with(func(e *catalog.Provenance) { e.RepositoryURI = "git+https://github.com/ACME/http.git" }), "", Verified, ""},
		{"another repository", with(func(e *catalog.Provenance) { e.RepositoryURI = "https://github.com/acme/http-client" }), "", Mismatch, "provenance.repository_uri"},
		{"unreadable repository", with(func(e *catalog.Provenance) { e.RepositoryURI = "somewhere" }), "", Mismatch, "provenance.repository_uri"},
		{"another publisher repository", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "acme/htt" }), "", Mismatch, "publisher.repository"},
		{"publisher repository as URL", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = acme }), "", Verified, ""},
		{"another kind", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Kind = "GitLab" }), "", Mismatch, "publisher.kind"},
		{"another workflow", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Workflow = "publish.yml" }), "", Mismatch, "publisher.workflow"},
		{"workflow with its folder", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Workflow = ".github/workflows/release.yml" }), "", Verified, ""},
		{"a branch says nothing", with(func(e *catalog.Provenance) { e.RepositoryRef = "refs/heads/main" }), "", Verified, ""},
		{"another tag is a warning", with(func(e *catalog.Provenance) { e.RepositoryRef = "refs/tags/v0.9.0" }), "", Verified, "provenance.repository_ref"},
		{"the certificate's commit", with(func(e *catalog.Provenance) { e.RepositoryRef = "c0ffee" }), "", Verified, ""},
		{"unreadable publisher repository", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "acme" }), "", Mismatch, "publisher.repository"},
		{"publisher repository with its host", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "github.com/acme/http" }), "", Verified, ""},
		{"publisher repository on another host", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "gitlab.com/acme/http" }), "", Mismatch, "publisher.repository"},
		{"repository without a scheme", with(func(e *catalog.Provenance) { e.RepositoryURI = "github.com/acme/http/packages/x" }), "", Verified, ""},
		{"publisher as an address", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "github.com/acme/http/tree/main" }), "", Verified, ""},
		{"publisher on another host", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "gitlab.com/acme/http" }), "", Mismatch, "publisher.repository"},
		{"publisher on an unknown host", with(func(e *catalog.Provenance) { e.Attestations.Publisher.Repository = "code.example/acme/http" }), "", Mismatch, "publisher.repository"},
		{"bare tag", with(func(e *catalog.Provenance) { e.RepositoryRef = "v1.0.0" }), "", Verified, ""},
		{"legacy issuer", with(func(e *catalog.Provenance) { e.CertIssuer = "https://issuer.example" }), "", Mismatch, "provenance.cert_issuer"},
		{"legacy issuer agrees", with(func(e *catalog.Provenance) { e.CertIssuer = issuerGitHub }), "", Verified, ""},
		{"legacy signer", with(func(e *catalog.Provenance) { e.SignerIdentity = "/.github/workflows/release.yml" }), "", Mismatch, "provenance.signer_identity"},
		{"legacy runner", with(func(e *catalog.Provenance) { e.RunnerEnvironment = "self-hosted" }), "", Mismatch, "provenance.runner_environment"},
		{"metadata in npm's shorthand", full, "github:Acme/http#main", Verified, ""},
		{"metadata is unreadable", full, "gist:11081aaa281", Verified, "metadata.repository"},
		{"metadata differs", full, "https://github.com/fork/http", Verified, "metadata.repository"},
		{"the spec is silent", catalog.Provenance{}, "", Verified, "spec.silent"},
		{"a ref alone is silence", catalog.Provenance{RepositoryRef: "refs/tags/v1.0.0"}, "", Verified, "spec.silent"},
		{"not documented", catalog.Provenance{RepositoryURI: acme}, "", Verified, "attestations.undocumented"},
		{"documented as absent", with(func(e *catalog.Provenance) { e.Attestations.Available, e.Attestations.Verified = false, false }), "", Verified, "attestations.undocumented"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := provenBy(p, tc.metadata)
			compare(r, tc.want)
			decide(r)
			if r.Status != tc.status {
				t.Errorf("got %v (%s), want %v", r.Status, r.Reason, tc.status)
			}
			checkRule(t, r.Findings, tc.rule)
		})
	}
}

func checkRule(t *testing.T, findings []Finding, rule string) {
	t.Helper()
	for _, f := range findings {
		if f.Rule == rule {
			return
		}
		if rule == "" {
			t.Errorf("unexpected finding %+v", f)
		}
	}
	if rule != "" {
		t.Errorf("no finding %s among %+v", rule, findings)
	}
}

// What cannot be read as a repository is named as that, and compared with
// nothing.
func TestUnreadableMetadata(t *testing.T) {
	t.Parallel()
	proven := provenBy(publisher(t, release, modern(nil)), "")
	for _, r := range []*Dossier{dossierOf(proven.Report), dossierOf(Report{Artifacts: []ArtifactReport{{Status: Signed}}})} {
		r.Claims.Repository = "see the website"
		compare(r, catalog.Provenance{RepositoryURI: acme})
		row, warned := r.Comparison[0], slices.ContainsFunc(r.Findings, func(f Finding) bool {
			return f.Rule == "metadata.repository" && strings.Contains(f.Message, "cannot be read")
		})
		switch {
		case row.Certificate == "" && (row.Result != ResultOnly || !strings.Contains(row.Reason, "cannot be read as a repository") || warned):
			t.Errorf("nothing proven: %+v, %+v", row, r.Findings)
		case row.Certificate != "" && (row.Result != ResultDiffers || !warned):
			t.Errorf("proven: %+v, %+v", row, r.Findings)
		}
	}
}

// The second file of a release comes from elsewhere: the first must not hide
// it.
func TestEveryFileIsCompared(t *testing.T) {
	t.Parallel()
	good := publisher(t, release, modern(nil))
	evil := *good
	evil.Repository = "https://github.com/evil/http"
	r := dossierOf(Report{Artifacts: append(provenBy(good, "").Artifacts, provenBy(&evil, "").Artifacts...)})
	compare(r, catalog.Provenance{RepositoryURI: acme})
	decide(r)
	if r.Status != Mismatch {
		t.Errorf("got %v (%s)", r.Status, r.Reason)
	}
	checkRule(t, r.Findings, "release.publishers")
	checkRule(t, r.Findings, "provenance.repository_uri")
}

// A claim that did not verify must not reach the columns of what is proven.
func TestUnverifiedPublisherIsNotCompared(t *testing.T) {
	t.Parallel()
	r := provenBy(publisher(t, release, modern(nil)), "")
	r.Artifacts[0].Attestations[0].Status = Invalid
	r.Artifacts[0].Status = Invalid
	compare(r, catalog.Provenance{RepositoryURI: acme})
	if r.Publisher != nil {
		t.Errorf("the publisher of an invalid attestation was reported: %+v", r.Publisher)
	}
	for _, c := range r.Comparison {
		if c.Certificate != "" || c.Statement != "" || c.Result != ResultOnly {
			t.Errorf("an unverified value stands beside the spec: %+v", c)
		}
	}
}

// Who signed an SBOM is no publisher.
func TestOtherStatementIsNotCompared(t *testing.T) {
	t.Parallel()
	r := provenBy(publisher(t, release, modern(nil)), "")
	r.Artifacts[0].Attestations[0].Kind = KindStatement
	compare(r, catalog.Provenance{})
	if r.Publisher != nil {
		t.Errorf("the signer of a statement is the publisher: %+v", r.Publisher)
	}
}

func TestSamePublisherOfTwoFiles(t *testing.T) {
	t.Parallel()
	p := publisher(t, "build@acme.example", extensions{8: issuerGoogle})
	r := dossierOf(Report{Artifacts: append(provenBy(p, "").Artifacts, provenBy(p, "").Artifacts...)})
	compare(r, catalog.Provenance{})
	for _, f := range r.Findings {
		if f.Rule == "release.publishers" {
			t.Errorf("two files of one address: %+v", f)
		}
	}
}

// "match" is written of an environment only if two were compared.
func TestEnvironmentRow(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, certificate, index string
		want                     Result
	}{
		{kindGitHub, "Release", "release", ResultMatch}, {kindGitHub, "release", "", ResultOnly}, {kindGitHub, "", "release", ResultOnly},
		{kindGitHub, "release", "pypi", ResultDiffers}, {kindGitLab, "Release", "release", ResultDiffers}, {kindGitLab, "release", "release", ResultMatch},
	} {
		w := witnesses{publisher: &Publisher{Kind: tc.kind, Environment: textOf(tc.certificate)}, claimed: &ClaimedPublisher{Environment: textOf(tc.index)}}
		rows, _ := w.rows()
		i := slices.IndexFunc(rows, func(c Comparison) bool { return c.Field == "environment" })
		if i < 0 || rows[i].Result != tc.want {
			t.Errorf("%+v: %+v", tc, rows)
		}
	}
}
