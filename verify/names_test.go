package verify

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
)

// named is a report in which each name stands where its place says.
func named(pkg, certificate, claimed, metadata, file untrusted.Text) *Report {
	return &Report{
		Release: Release{Ecosystem: NPM, Name: pkg, Version: "1.0.0"}, Claims: Claims{Repository: metadata},
		Artifacts: []ArtifactReport{{Filename: file, Attestations: []Attestation{{
			Status: Verified, Kind: KindProvenance, Publisher: &Publisher{Kind: kindGitHub, Repository: certificate}, Claimed: &ClaimedPublisher{Repository: claimed},
		}}}},
	}
}

func TestConfusableNames(t *testing.T) {
	t.Parallel()
	const plain = "https://github.com/acme/x"
	for name, test := range map[string]struct {
		report *Report
		want   catalog.Provenance
		found  []string // message and observed
	}{
		"nothing": {named("@acme/x", plain, "acme/x", plain, "x-1.0.0.tgz"), catalog.Provenance{RepositoryURI: plain}, nil},
		"the package": {named("@\u0430cme/x", plain, "", "", ""), catalog.Provenance{}, []string{
			`the package's name looks like "acme" and mixes letters of Cyrillic and Latin: U+0430 (Cyrillic) = \u0430cme`}},
		"the package in another script": {named("сервер", plain, "", "", ""), catalog.Provenance{}, []string{
			`the package's name is not in ASCII, as the registry's names are: U+0441 (Cyrillic), U+0435 (Cyrillic), U+0440 (Cyrillic), U+0432 (Cyrillic) = \u0441\u0435\u0440\u0432\u0435\u0440`}},
		"a repository in another script": {named("x", "https://gitlab.com/例え/テスト", "", "", ""), catalog.Provenance{}, nil},
		"the expectation": {named("x", plain, "", "", ""), catalog.Provenance{RepositoryURI: "https://github.com/\u0430\u0441me/x"}, []string{
			`the repository that the spec expects looks like "acme" and mixes letters of Cyrillic and Latin: U+0430 (Cyrillic), U+0441 (Cyrillic) = \u0430\u0441me`}},
		"the publisher that the spec expects": {named("x", plain, "", "", ""),
			catalog.Provenance{Attestations: &catalog.Attestations{Publisher: &catalog.Publisher{Repository: "ac\u200bme/x", Workflow: "rele\u0430se.yml"}}}, []string{
				`the publisher that the spec expects holds characters that cannot be seen: U+200B = ac\u200bme`,
				`the workflow that the spec expects looks like "release" and mixes letters of Cyrillic and Latin: U+0430 (Cyrillic) = rele\u0430se`}},
		"the certificate, the claim and the metadata": {named("x", "https://gitlab.com/\u0441\u043e/x", "\u0441\u043e/x", "https://gitlab.com/\u0441\u043e/x", ""), catalog.Provenance{}, []string{
			`the repository in the registry's metadata looks like "co" and is another: U+0441 (Cyrillic), U+043E (Cyrillic); the same name is in ` +
				`the repository in the certificate, the publisher that the index names = \u0441\u043e`}},
		"the issuer that the spec accepts": {named("x", plain, "", "", ""), catalog.Provenance{CertIssuer: "https://gitl\u0430b.com"}, []string{
			`the issuer that the spec accepts looks like "gitlab" and mixes letters of Cyrillic and Latin: U+0430 (Cyrillic) = gitl\u0430b`}},
		"a file": {named("x", plain, "", "", "x\u0445-1.0.0.tar.gz"), catalog.Provenance{}, []string{
			`the name of a file looks like "xx-1" and mixes letters of Cyrillic and Latin: U+0445 (Cyrillic) = x\u0445-1`}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, f := range nameFindings(test.report, test.want) {
				if f.Rule != "name.confusable" || f.Severity != Warning || f.Expected != "" {
					t.Errorf("found %+v", f)
				}
				got = append(got, f.Message+" = "+f.Observed)
			}
			if fmt.Sprint(got) != fmt.Sprint(test.found) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(test.found, "\n"))
			}
		})
	}
}

func TestConfusableNamesAreBounded(t *testing.T) {
	t.Parallel()
	r := named("x", "", "", "", "")
	for i := range 5000 {
		r.Artifacts = append(r.Artifacts, ArtifactReport{Filename: untrusted.Text(fmt.Sprintf("\u0430x%d.whl", i))})
	}
	found := nameFindings(r, catalog.Provenance{})
	if len(found) != maxNameFindings+1 || !strings.Contains(found[maxNameFindings].Message, "4990 more names") {
		t.Errorf("%d findings, the last %+v", len(found), found[len(found)-1])
	}
	r = named(untrusted.Text(strings.Repeat("\u0430x", 1<<19)), "", "", "", "")
	for _, f := range nameFindings(r, catalog.Provenance{}) {
		if len(f.Message) > 1000 || len(f.Observed) > maxNameShown {
			t.Errorf("%d bytes of message, %d of a name", len(f.Message), len(f.Observed))
		}
	}
}

// A name that is never fetched is remarkable as well.
func TestAReportOnAFailureNamesConfusables(t *testing.T) {
	t.Parallel()
	r := Failed(Release{Ecosystem: NPM, Name: "@\u0430cme/x"}, "no such package")
	if r.Status != Unchecked || len(r.Findings) != 1 || r.Findings[0].Rule != "name.confusable" {
		t.Errorf("got %+v", r)
	}
}

// A mismatch that no eye can see is said to be one.
func TestAMismatchThatLooksAlike(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		spec, certificate untrusted.Text
		alike             bool
	}{
		{"https://github.com/\u0430cme/x", "https://github.com/acme/x", true},
		{"git+https://github.com/\u0430cme/x.git", "https://github.com/acme/x", true},
		{"https://github.com/paypaI/x", "https://github.com/paypal/x", true},
		{"https://github.com/rnodel/x", "https://github.com/model/x", true},
		{"https://github.com/other/x", "https://github.com/acme/x", false},
	} {
		for rule, judged := range map[string]func(*Dossier){
			"provenance.repository_uri": func(r *Dossier) { compare(r, catalog.Provenance{RepositoryURI: test.spec}) },
			"metadata.repository":       func(r *Dossier) { r.Claims.Repository = test.spec; compare(r, catalog.Provenance{}) },
		} {
			r := dossierOf(*named("x", test.certificate, "", "", ""))
			judged(r)
			i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Rule == rule })
			if i < 0 {
				t.Errorf("%s: %+q and %q are the same", rule, string(test.spec), test.certificate)
				continue
			}
			f := r.Findings[i]
			message := f.Message + f.Expected + f.Observed
			if strings.Contains(message, "look alike") != test.alike {
				t.Errorf("%s, %+q and %q: %q", rule, string(test.spec), test.certificate, message)
			}
			if strings.ContainsFunc(message, func(r rune) bool { return r > 0x7e }) {
				t.Errorf("what looks alike is shown as it is: %q", message)
			}
		}
	}
}

func TestASubjectMayBeADigestAlone(t *testing.T) {
	a := Bundle{Statement: &statement.Statement{Subjects: []statement.Subject{{Digest: map[string]untrusted.Text{"gitCommit": "5b3e200abef900dd15da7f313b9fcdcfda1c6c51"}}}}}
	if got, want := a.names(), "names gitCommit:5b3e200abef900dd…"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
