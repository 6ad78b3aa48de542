package ui

import (
	"context"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/statement"
)

const (
	acme      = "https://github.com/acme/http-client"
	commitID  = "3f9ac1e7d2b4458c9a1b0c2d3e4f5a6b7c8d9e0f"
	sha512    = "7bea9f6ec2d1a4a1f7c1d9f5be0c6d43a1f1b2c3d4e5f60718293a4b5c6d7e8f7bea9f6ec2d1a4a1f7c1d9f5be0c6d43a1f1b2c3d4e5f60718293a4b5c6d7e8f"
	predicate = `{"buildDefinition":{"buildType":"https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",` +
		`"externalParameters":{"workflow":{"ref":"refs/tags/v2.4.1","repository":"` + acme + `","path":".github/workflows/release.yml"}}},` +
		`"runDetails":{"builder":{"id":"https://github.com/actions/runner/github-hosted"},"metadata":{"invocationId":"` + acme + `/actions/runs/755/attempts/1"}}}`
)

// proven is the report of a package that is proven.
func proven() *verify.Report {
	report := provenDossier().Report
	return &report
}

// dossierOf is a report with everything to look at.
func dossierOf(r *verify.Report, b verify.Bundle) *verify.Dossier {
	b.Artifact, b.Attestation = &r.Artifacts[0], &r.Artifacts[0].Attestations[0]
	return &verify.Dossier{Report: *r, Bundles: []verify.Bundle{b}}
}

// provenDossier is a package with everything to look at.
func provenDossier() *verify.Dossier {
	publisher := &verify.Publisher{Kind: "GitHub", Repository: acme, Workflow: ".github/workflows/release.yml",
		WorkflowURI: acme + "/.github/workflows/release.yml@refs/tags/v2.4.1", Ref: "refs/tags/v2.4.1", Commit: commitID,
		Issuer: "https://token.actions.githubusercontent.com", Signer: acme + "/.github/workflows/release.yml@refs/tags/v2.4.1",
		Runner: "github-hosted", Trigger: "push", Run: acme + "/actions/runs/755/attempts/1"}
	at := time.Date(2026, 4, 2, 10, 11, 9, 0, time.UTC)
	attestation := verify.Attestation{
		Kind: verify.KindProvenance, PredicateType: "https://slsa.dev/provenance/v1", Status: verify.Verified, Publisher: publisher, SignedAt: at,
		MediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
		Checks: []verify.Check{
			{ID: verify.CheckSignature, Title: "signature", Status: verify.Pass, Reason: "the signature over the statement verifies"},
			{ID: verify.CheckSubject, Title: "subject", Status: verify.Pass, Reason: "the one subject has the name and the sha512 of this artifact"},
		},
		Log: []verify.LogEntry{{KnownLog: "https://rekor.sigstore.dev", Origin: "rekor.sigstore.dev - 1193050959916656506", Index: 134822109,
			IndexSigned: true, Time: at, Kind: "dsse 0.0.1"}},
		Subjects: []untrusted.Text{"pkg:npm/%40acme/http-client@2.4.1"},
	}
	bundle := verify.Bundle{
		Log: []verify.BundleEntry{{LogEntry: attestation.Log[0], BodyKind: "dsse 0.0.1"}},
		Statement: &statement.Statement{Type: "https://in-toto.io/Statement/v1", PredicateType: "https://slsa.dev/provenance/v1",
			Subjects:  []statement.Subject{{Name: "pkg:npm/%40acme/http-client@2.4.1", Digest: map[string]untrusted.Text{"sha512": sha512}}},
			Predicate: []byte(predicate)},
		Raw: []byte(`{"predicateType":"https://slsa.dev/provenance/v1","bundle":{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{"payload":"e30="}}}`),
	}
	return dossierOf(&verify.Report{
		Release: verify.Release{Ecosystem: verify.NPM, Name: "@acme/http-client", Version: "2.4.1"}, Status: verify.Verified,
		Reason: "every artifact carries verified provenance", Publisher: publisher, SLSA: verify.SLSA{Level: 2, Reason: "a GitHub-hosted runner"},
		Artifacts: []verify.ArtifactReport{{Filename: "http-client-2.4.1.tgz", Status: verify.Verified,
			Digest: verify.Digest{Algorithm: "sha512", Hex: sha512}, Attestations: []verify.Attestation{attestation}}},
		Comparison: []verify.Comparison{{Field: "repository", Spec: acme, Certificate: acme, Statement: acme, Registry: "git+" + acme + ".git", Result: verify.ResultMatch}},
	}, bundle)
}

// hostileValues is a package whose values act on terminals and shells.
func hostileValues() *verify.Dossier {
	d := provenDossier()
	d.Bundles[0].Statement.Type = "x\x1b]52;c;cm0gLXJm\x07"
	d.Publisher = &verify.Publisher{Repository: "https://github.com/evil\u202e/x"}
	return d
}

// examineTools is what there is to look at in the catalog of toolOptions.
func examineTools(_ context.Context, spec catalog.Spec) (*verify.Dossier, error) {
	if spec.Package == "@acme/http-client" {
		return provenDossier(), nil
	}
	return hostileValues(), nil
}

// tools records what the screen does outside itself.
type tools struct {
	mu      sync.Mutex
	clip    []string
	opened  []string
	files   map[string]string
	clipErr error
	openErr error
	fileErr func(name string, overwrite bool) error
}

func (t *tools) Write(_ context.Context, text string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.clipErr == nil {
		t.clip = append(t.clip, text)
	}
	return t.clipErr
}

func (t *tools) open(_ context.Context, url string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.opened = append(t.opened, url)
	return t.openErr
}

func (t *tools) export(name string, data []byte, overwrite bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.fileErr != nil {
		if err := t.fileErr(name, overwrite); err != nil {
			return err
		}
	}
	if t.files == nil {
		t.files = map[string]string{}
	}
	t.files[name] = string(data)
	return nil
}

// toolOptions is a catalog of three packages, and tools that record.
func toolOptions() (Options, *tools) {
	used := &tools{}
	o := options()
	spec := func(protocol catalog.Protocol, name, version untrusted.Text) catalog.Spec {
		return catalog.Spec{Path: untrusted.Text(protocol) + "/" + name + "/spec.yaml", Protocol: protocol, Package: name, Version: version,
			Provenance: catalog.Provenance{RepositoryURI: acme}}
	}
	o.Specs = []catalog.Spec{spec(catalog.NPX, "@acme/http-client", "2.4.1"), spec(catalog.UVX, "left-padder", "1.3.0"),
		spec(catalog.NPX, "evil\x1b[2J\u202ename", "0.0.1")}
	o.Clipboard, o.Open, o.Export = used.Write, used.open, used.export
	return o, used
}

// toolEvents are the answers for the catalog of toolOptions. The second
// package has none.
func toolEvents() eventsMsg {
	return eventsMsg{
		{ID: 0, Generation: 1, Kind: scan.Finished, Report: proven()},
		{ID: 2, Generation: 1, Kind: scan.Finished, Report: &hostileValues().Report},
	}
}

// openedAt is the package screen of the first package.
func openedAt(size tea.WindowSizeMsg) *Model {
	o, _ := toolOptions()
	o.Examine = examineTools
	return do(send(New(o), size, toolEvents()), "enter")
}

// finish runs commands until none is left, and gives the model what they say.
// Commands that wait for ever are not among those that these keys give.
func finish(m *Model, cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil, tickMsg:
	case tea.BatchMsg:
		for _, c := range msg {
			finish(m, c)
		}
	default:
		_, next := m.Update(msg)
		finish(m, next)
	}
}

// do presses keys and runs what they ask for.
func do(m *Model, keys ...string) *Model {
	for _, k := range keys {
		_, cmd := m.Update(typed(k))
		finish(m, cmd)
	}
	return m
}
