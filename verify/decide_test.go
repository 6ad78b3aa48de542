package verify

import (
	"strings"
	"testing"

	"plimsoll/catalog"
)

func TestDecideOrder(t *testing.T) {
	t.Parallel()
	contradiction := []Finding{{Rule: "x", Severity: SeverityError, Message: "contradiction"}}
	warning := []Finding{{Rule: "x", Severity: Warning}}
	for _, tc := range []struct {
		name     string
		arts     []Status
		findings []Finding
		want     Status
	}{
		{"no artifact is an error, never success", nil, nil, Unchecked},
		{"pending artifacts are never success", []Status{Pending}, nil, Unchecked},
		{"all verified", []Status{Verified, Verified}, nil, Verified},
		{"all verified with a warning", []Status{Verified}, warning, Verified},
		{"all verified, contradicted", []Status{Verified}, contradiction, Mismatch},
		{"some verified", []Status{Verified, None}, nil, Partial},
		{"some verified, contradicted", []Status{Verified, None}, contradiction, Mismatch},
		{"one invalid spoils all", []Status{Verified, Invalid, Verified}, nil, Invalid},
		{"invalid before error", []Status{Unchecked, Invalid}, nil, Invalid},
		{"error before mismatch", []Status{Verified, Unchecked}, contradiction, Unchecked},
		{"signed", []Status{Signed}, nil, Signed},
		{"none", []Status{None, None}, nil, None},
		{"evidence gone", []Status{None}, contradiction, Mismatch},
	} {
		t.Run(tc.name, func(t *testing.T) {
			report := Report{Findings: tc.findings}
			for _, s := range tc.arts {
				report.Artifacts = append(report.Artifacts, ArtifactReport{Status: s, Reason: "because"})
			}
			r := dossierOf(report)
			decide(r)
			if r.Status != tc.want || r.Reason == "" {
				t.Errorf("got %v (%q), want %v", r.Status, r.Reason, tc.want)
			}
		})
	}
}

// An attestation that does not verify spoils its file, whatever a report that was
// read back calls the file.
func TestRecountTakesTheWorst(t *testing.T) {
	t.Parallel()
	for _, worst := range []Status{Verified, Unchecked, Invalid} {
		r := Report{Status: Verified, Publisher: &Publisher{}, Artifacts: []ArtifactReport{{
			Status: Verified, Attestations: []Attestation{{Status: Verified, Kind: KindProvenance}, {Status: worst, Kind: KindProvenance}},
		}}}
		if got := Recount(r); got != worst {
			t.Errorf("verified and %v attestations are %v", worst, got)
		}
	}
}

func TestZeroValuesAreNotSuccess(t *testing.T) {
	t.Parallel()
	if got := (Report{}).Status; got != Pending {
		t.Errorf("the zero report is %v", got)
	}
	if got := (Check{}).Status; got != NotRun {
		t.Errorf("the zero check is %v", got)
	}
	if got := Verify(Evidence{}, catalog.Provenance{}, Trust{}); got.Status != Unchecked {
		t.Errorf("without a trust root the status is %v", got.Status)
	}
}

func TestStatusText(t *testing.T) {
	t.Parallel()
	for _, s := range Statuses() {
		got, err := ParseStatus(s.String())
		if err != nil || got != s {
			t.Errorf("%v does not survive its text: %v, %v", s, got, err)
		}
	}
	if _, err := ParseStatus("green"); err == nil {
		t.Error("an unknown status was accepted")
	}
	if Status(200).String() != "pending" {
		t.Error("a status out of range must not look like a verdict")
	}
}

func TestSLSALevel(t *testing.T) {
	t.Parallel()
	const provenance = "https://slsa.dev/provenance/v1"
	generator := "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_nodejs_slsa3.yml@"
	for _, tc := range []struct {
		name      string
		predicate string
		publisher Publisher
		want      int
	}{
		{"hosted", provenance, Publisher{Kind: kindGitHub, Runner: "github-hosted"}, 2},
		{"self-hosted", provenance, Publisher{Kind: kindGitHub, Runner: "self-hosted"}, 1},
		{"generator at a release", provenance, Publisher{Kind: kindGitHub, Runner: "github-hosted", Signer: textOf(generator + "refs/tags/v2.1.0")}, 3},
		{"generator at a branch", provenance, Publisher{Kind: kindGitHub, Runner: "github-hosted", Signer: textOf(generator + "refs/heads/main")}, 2},
		{"generator in a fork", provenance, Publisher{Kind: kindGitHub, Runner: "github-hosted",
			Signer: textOf(strings.Replace(generator, "slsa-framework", "evil", 1) + "refs/tags/v2.1.0")}, 2},
		{"generator self-hosted", provenance, Publisher{Kind: kindGitHub, Runner: "self-hosted", Signer: textOf(generator + "refs/tags/v2.1.0")}, 1},
		{"gitlab", provenance, Publisher{Kind: kindGitLab, Issuer: issuerGitLab, Runner: "gitlab-hosted"}, 2},
		{"a GitLab of its users, which says so itself", provenance, Publisher{Kind: kindGitLab, Issuer: "https://gitlab.corp.example", Runner: "gitlab-hosted"}, 1},
		{"generator, as a GitLab of its users says", provenance, Publisher{Kind: kindGitLab, Issuer: "https://gitlab.corp.example",
			Runner: "gitlab-hosted", Signer: textOf(generator + "refs/tags/v2.1.0")}, 1},
		{"a GitHub server of its users, which says so itself", provenance, Publisher{Kind: kindGitHub, Issuer: "https://github.corp.example" + ownServer, Runner: "github-hosted"}, 1},
		{"old certificate", provenance, Publisher{Kind: kindGitHub, Deprecated: true}, 1},
		{"silent certificate", provenance, Publisher{Kind: kindGitHub}, 1},
		{"publish attestation", "https://docs.pypi.org/attestations/publish/v1", Publisher{Kind: kindGitHub, Runner: "github-hosted"}, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			att := Attestation{Kind: KindProvenance, Status: Verified, PredicateType: textOf(tc.predicate), Publisher: &tc.publisher}
			got := slsaLevel([]ArtifactReport{{Status: Verified, Attestations: []Attestation{att}}})
			if got.Level != tc.want || got.Reason == "" {
				t.Errorf("got %+v, want level %d", got, tc.want)
			}
			att.Status = Invalid
			if got := slsaLevel([]ArtifactReport{{Status: Invalid, Attestations: []Attestation{att}}}); got.Level != 0 {
				t.Errorf("an invalid attestation has level %d", got.Level)
			}
		})
	}
	if got := slsaLevel([]ArtifactReport{{Filename: "a.whl", Status: Unchecked}}); got.Reason != "evidence for a.whl could not be checked" {
		t.Errorf("of what was not checked it says %q", got.Reason)
	}
	if got := slsaLevel(nil); got.Level != 0 {
		t.Errorf("nothing has level %d", got.Level)
	}
}

// A publish attestation proves who published; only provenance of the build of
// every file proves where the release was built.
func TestVerifiedReason(t *testing.T) {
	file := func(predicates ...string) (art ArtifactReport) {
		art.Status = Verified
		for _, p := range predicates {
			art.Attestations = append(art.Attestations, Attestation{Kind: KindProvenance, Status: Verified, PredicateType: textOf(p)})
		}
		return art
	}
	const slsa, publish = "https://slsa.dev/provenance/v1", "https://docs.pypi.org/attestations/publish/v1"
	for _, tc := range []struct {
		name  string
		files []ArtifactReport
		want  string
	}{
		{"provenance", []ArtifactReport{file(slsa)}, "built from "},
		{"old provenance", []ArtifactReport{file("https://slsa.dev/provenance/v0.2")}, "built from "},
		{"published", []ArtifactReport{file(publish)}, "published from "},
		{"both", []ArtifactReport{file(publish, slsa)}, "built from "},
		{"one file of two", []ArtifactReport{file(slsa), file(publish)}, "published from "},
	} {
		r := dossierOf(Report{Artifacts: tc.files, Publisher: &Publisher{Repository: "https://github.com/acme/x", Workflow: "release.yml"}})
		decide(r)
		if want := tc.want + "github.com/acme/x by release.yml, as the certificate proves"; r.Reason != want {
			t.Errorf("%s: %q, want %q", tc.name, r.Reason, want)
		}
	}
	r := dossierOf(Report{Artifacts: []ArtifactReport{file(publish)}, Publisher: &Publisher{Email: "a@acme.example"}})
	if decide(r); r.Reason != "published by a@acme.example, as the certificate proves" {
		t.Errorf("a person: %q", r.Reason)
	}
}
