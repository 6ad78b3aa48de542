package ui

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/scan"
	"plimsoll/verify/triage"
)

const specText = `# who published
metadata:
  name: http-client
spec:
  package: "@acme/http-client"
  version: 2.4.1
provenance:
  repository_uri: "https://github.com/acme-old/http-client"
  attestations:
    available: true
    verified: true
    publisher:
      kind: "GitHub"
      repository: "acme-old/http-client"
      workflow: ".github/workflows/release.yml"
`

// office is a catalog in memory whose decisions and specs can be written.
type office struct {
	mu     sync.Mutex
	saved  []*triage.Decisions // what the file said after each change
	file   []byte              // the first package's spec
	fail   error
	loaded *triage.Decisions
}

func newOffice() *office { return &office{file: []byte(specText)} }

func (o *office) options() *TriageOptions {
	return &TriageOptions{Decisions: o.loaded, Decide: o.decide, ReadSpec: o.read, WriteSpec: o.write}
}

// decide makes a change in what was saved last.
func (o *office) decide(_ *triage.Decisions, c triage.Change) (*triage.Decisions, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return nil, o.fail
	}
	next, err := o.latest().Changed(c)
	if err == nil {
		o.saved = append(o.saved, next)
	}
	return next, err
}

// now is what the file of decisions says.
func (o *office) now() *triage.Decisions {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.latest()
}

func (o *office) latest() *triage.Decisions {
	if len(o.saved) > 0 {
		return o.saved[len(o.saved)-1]
	}
	return o.loaded
}

func (o *office) read(spec catalog.Spec) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail == nil && spec.SHA256 != sha256.Sum256(o.file) {
		return nil, catalog.ErrChanged
	}
	return o.file, o.fail
}

func (o *office) write(spec catalog.Spec, data []byte) (catalog.Spec, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fail != nil {
		return catalog.Spec{}, o.fail
	}
	if spec.SHA256 != sha256.Sum256(o.file) {
		return catalog.Spec{}, catalog.ErrChanged
	}
	o.file = data
	spec.SHA256 = sha256.Sum256(data)
	spec.Provenance.RepositoryURI = acme
	return spec, nil
}

// movedReport is a package that verifies, and that its spec looks for
// elsewhere.
func movedReport() *verify.Report {
	r := proven()
	r.Status, r.Reason = verify.Mismatch, "the repository is not what the spec expects"
	r.Findings = []verify.Finding{{Rule: "provenance.repository_uri", Severity: verify.SeverityError,
		Message: "the repository is not what the spec expects", Expected: "https://github.com/acme-old/http-client", Observed: acme}}
	return r
}

func forgedReport() *verify.Report {
	r := proven()
	r.Status, r.Reason, r.Publisher = verify.Invalid, "the statement was altered", nil
	a := &r.Artifacts[0].Attestations[0]
	a.Status, a.Reason, a.Publisher = verify.Invalid, "the statement was altered", nil
	r.Artifacts[0].Status = verify.Invalid
	a.Checks[0].Status, a.Checks[0].Reason = verify.Fail, "the signature is over other bytes"
	r.Findings = []verify.Finding{{Rule: "attestation.invalid", Severity: verify.SeverityError,
		Message: "http-client-2.4.1.tgz: the statement was altered\x1b[2J", Observed: "\u202eevil"}}
	return r
}

func warnedReport() *verify.Report {
	r := proven()
	r.Findings = []verify.Finding{{Rule: "metadata.repository", Severity: verify.Warning,
		Message: "the repository in the registry's metadata is not the certificate's source", Expected: acme, Observed: "https://github.com/acme/old"}}
	return r
}

// triageOptions is a catalog with three packages to decide about, and the
// answers for it.
func triageOptions() (Options, *office, eventsMsg) {
	o, _ := toolOptions()
	used := newOffice()
	o.Specs[0].SHA256 = sha256.Sum256(used.file)
	o.Specs[0].Lines = catalog.LinesOf(map[string]int{"provenance.repository_uri": 8})
	o.Specs[0].Provenance = catalog.Provenance{RepositoryURI: "https://github.com/acme-old/http-client", Attestations: &catalog.Attestations{
		Available: true, Verified: true,
		Publisher: &catalog.Publisher{Kind: "GitHub", Repository: "acme-old/http-client", Workflow: ".github/workflows/release.yml"}}}
	o.Triage = used.options()
	return o, used, eventsMsg{
		{ID: 0, Generation: 1, Kind: scan.Finished, Report: movedReport()},
		{ID: 1, Generation: 1, Kind: scan.Finished, Report: warnedReport()},
		{ID: 2, Generation: 1, Kind: scan.Finished, Report: forgedReport()},
	}
}

// triageAt is the triage screen with three findings.
func triageAt(size tea.WindowSizeMsg) (*Model, *office) {
	o, used, events := triageOptions()
	return press(send(New(o), size, events), "t"), used
}

// resurfacedScreen shows a finding that was known, of another publisher.
func resurfacedScreen(size tea.WindowSizeMsg) *Model {
	o, used, events := triageOptions()
	before := movedReport()
	before.Artifacts[0].Attestations[0].Publisher = &verify.Publisher{Kind: "GitHub", Repository: "https://github.com/acme-old/http-client"}
	decision := triage.Decide(o.Specs[0], before, before.Findings[0], triage.Known, "the repository moves in March")
	decision.By, decision.At = "jdoe", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	var err error
	if used.loaded, err = used.loaded.With(decision); err != nil {
		panic(err)
	}
	o.Triage = used.options()
	return press(send(New(o), size, events), "t", "n")
}

var errDisk = errors.New("no space left on device")

func (o *office) says() untrusted.Text {
	o.mu.Lock()
	defer o.mu.Unlock()
	return untrusted.Text(o.file)
}
