package report

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func (p *Package) readParts(d PackageDocument) error {
	for _, a := range d.Artifacts {
		artifact, err := readArtifact(a)
		if err != nil {
			return fmt.Errorf("%q: %w", untrusted.Text(a.Name), err)
		}
		for i := range artifact.Attestations {
			if p.Report.Unverified == "" {
				break // what it states is proven, or refuted, and not in the JSON
			}
			if err := readSays(&artifact.Attestations[i], a.Attestations[i].Says); err != nil {
				return fmt.Errorf("%q: %w", untrusted.Text(a.Name), err)
			}
		}
		p.Report.Artifacts = append(p.Report.Artifacts, artifact)
	}
	for _, c := range d.Comparison {
		comparison, err := readComparison(c)
		if err != nil {
			return err
		}
		p.Report.Comparison = append(p.Report.Comparison, comparison)
	}
	p.Spec.Provenance = expectation(p.Report.Comparison)
	for _, f := range d.Findings {
		severity, err := readSeverity(f.Severity)
		if err != nil {
			return err
		}
		p.Report.Findings = append(p.Report.Findings, verify.Finding{
			Rule: untrusted.Clean(f.Rule), Severity: severity, Message: untrusted.Clean(f.Message),
			Expected: untrusted.Clean(f.Expected), Observed: untrusted.Clean(f.Observed),
			Decision: untrusted.Clean(f.Decision), Known: f.Known,
		})
	}
	for _, d := range d.Sources {
		source, err := readSource(d)
		if err != nil {
			return err
		}
		p.Report.Sources = append(p.Report.Sources, source)
	}
	return nil
}

func readSource(d SourceDocument) (verify.Source, error) {
	source := verify.Source{What: untrusted.Clean(d.What), URL: untrusted.Text(d.URL), Size: d.Size}
	sum, err := hex.DecodeString(d.SHA256)
	if err != nil || len(sum) != len(source.SHA256) {
		return source, fmt.Errorf("expected a SHA-256 of a source, found %q", untrusted.Text(d.SHA256))
	}
	copy(source.SHA256[:], sum)
	if d.Time == "" {
		return source, nil
	}
	if source.Time, err = time.Parse(time.RFC3339, d.Time); err != nil {
		return source, fmt.Errorf("expected the time of a source, found %q", untrusted.Text(d.Time))
	}
	return source, nil
}

func readPublisher(d *PublisherDocument) *verify.Publisher {
	if d == nil {
		return nil
	}
	return &verify.Publisher{
		Kind: untrusted.Clean(d.Kind), Repository: untrusted.Text(d.Repository), Workflow: untrusted.Text(d.Workflow),
		Ref: untrusted.Text(d.Ref), Commit: untrusted.Text(d.Commit), Issuer: untrusted.Text(d.Issuer), Signer: untrusted.Text(d.Signer),
		Runner: untrusted.Text(d.Runner), Trigger: untrusted.Text(d.Trigger),
		RepositoryID: untrusted.Text(d.RepositoryID), OwnerID: untrusted.Text(d.OwnerID), Run: untrusted.Text(d.Run),
	}
}

func readArtifact(d ArtifactDocument) (verify.ArtifactReport, error) {
	digest, err := readDigest(d.Digest)
	if err != nil {
		return verify.ArtifactReport{}, err
	}
	a := verify.ArtifactReport{Filename: untrusted.Text(d.Name), Digest: digest, Status: d.Status}
	for _, doc := range d.Attestations {
		attestation, err := readAttestation(doc)
		if err != nil {
			return a, err
		}
		a.Attestations = append(a.Attestations, attestation)
	}
	for _, s := range d.Signatures {
		a.Signatures = append(a.Signatures, verify.Signature{
			KeyID: untrusted.Text(s.KeyID), Status: s.Status, Reason: untrusted.Clean(s.Reason),
		})
	}
	return a, nil
}

func readDigest(s string) (verify.Digest, error) {
	if s == "" {
		return verify.Digest{}, nil
	}
	algorithm, text, _ := strings.Cut(s, ":")
	size := map[string]int{"sha256": 32, "sha512": 64}[algorithm]
	if raw, err := hex.DecodeString(text); err != nil || size == 0 || len(raw) != size || text != strings.ToLower(text) {
		return verify.Digest{}, fmt.Errorf("expected a digest such as sha256:…, found %q", untrusted.Text(s))
	}
	return verify.Digest{Algorithm: algorithm, Hex: text}, nil
}

func readAttestation(d AttestationDocument) (verify.Attestation, error) {
	a := verify.Attestation{
		Kind: verify.KindProvenance, PredicateType: untrusted.Text(d.PredicateType), Status: d.Status, Reason: untrusted.Clean(d.Reason),
	}
	if d.PredicateType != "" {
		a.Kind = verify.PredicateKind(a.PredicateType)
	}
	for _, c := range d.Checks {
		status, err := readCheckStatus(c.Status)
		if err != nil {
			return a, err
		}
		if a.Status == verify.Verified && (status == verify.Fail || status == verify.Blocked) {
			return a, fmt.Errorf("an attestation is verified, and its check %q is %v", untrusted.Text(c.ID), status)
		}
		id := verify.CheckID(untrusted.Clean(c.ID))
		title := cmp.Or(id.Title(), string(id)) // a later version may know more
		a.Checks = append(a.Checks, verify.Check{ID: id, Title: title, Status: status, Reason: untrusted.Clean(c.Reason)})
	}
	for _, l := range d.Log {
		entry := verify.LogEntry{Origin: untrusted.Text(l.Origin), Index: l.Index, IndexSigned: l.IndexSigned, Kind: untrusted.Text(l.Kind)}
		if l.Time != "" {
			var err error
			if entry.Time, err = time.Parse(time.RFC3339, l.Time); err != nil {
				return a, fmt.Errorf("expected the time of a log entry as RFC 3339, found %q", untrusted.Text(l.Time))
			}
		}
		a.Log = append(a.Log, entry)
	}
	return a, nil
}

func readCheckStatus(s string) (verify.CheckStatus, error) {
	for _, status := range []verify.CheckStatus{verify.NotRun, verify.Pass, verify.Fail, verify.Blocked, verify.NotApplicable} {
		if s == status.String() {
			return status, nil
		}
	}
	return verify.NotRun, fmt.Errorf("unknown result %q of a check", untrusted.Text(s))
}

func readSeverity(s string) (verify.Severity, error) {
	for _, severity := range []verify.Severity{verify.Info, verify.Warning, verify.SeverityError} {
		if s == severity.String() {
			return severity, nil
		}
	}
	return verify.Info, fmt.Errorf("unknown severity %q", untrusted.Text(s))
}

func readComparison(d ComparisonDocument) (verify.Comparison, error) {
	c := verify.Comparison{
		Field: untrusted.Clean(d.Field), Spec: untrusted.Text(d.Spec), Certificate: untrusted.Text(d.Certificate),
		Statement: untrusted.Text(d.Statement), Registry: untrusted.Text(d.Registry), Result: verify.Result(d.Result),
	}
	switch c.Result {
	case verify.ResultMatch, verify.ResultMismatch, verify.ResultDiffers, verify.ResultOnly:
		return c, nil
	}
	return c, fmt.Errorf("unknown result %q of a comparison", untrusted.Text(d.Result))
}

// expectation gathers what the comparison says of the spec.
func expectation(rows []verify.Comparison) catalog.Provenance {
	var p catalog.Provenance
	var publisher catalog.Publisher
	fields := map[string]*untrusted.Text{
		"repository": &p.RepositoryURI, "ref": &p.RepositoryRef, "issuer": &p.CertIssuer, "signer": &p.SignerIdentity,
		"runner": &p.RunnerEnvironment, "publisher kind": &publisher.Kind, "publisher repository": &publisher.Repository,
		"workflow": &publisher.Workflow,
	}
	for _, row := range rows {
		if field := fields[row.Field]; field != nil {
			*field = row.Spec
		}
	}
	if publisher != (catalog.Publisher{}) {
		p.Attestations = &catalog.Attestations{Publisher: &publisher}
	}
	return p
}
