package report

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

const (
	maxResults = 1 << 30  // bytes of a file of results; 10,000 packages with every check are a tenth of it
	maxResult  = 32 << 20 // bytes of one package of them
)

// Results are what [WriteCatalogJSON] or [WriteJSON] wrote, read back. Nothing
// of it was verified by reading it: ReadBack is set in each report.
type Results struct {
	Generated time.Time `json:"generated"` // zero in the results of a single package
	Trust     Trust     `json:"trust"`
	Shard     *Shard    `json:"shard"` // nil unless the catalog was split
	Packages  []Package `json:"packages"`
}

// ReadJSON reads the JSON of a catalog or of one package. A document of
// another schema, of unknown statuses, with a member twice, or which
// contradicts itself (a verified package with a file that is not, a file of
// another package) is an error; members that a later version added are not, and
// the summary is counted anew. What the JSON does not hold (certificates,
// statements, proofs, the lines of the specs) stays zero.
func ReadJSON(r io.Reader) (Results, error) {
	results, err := readResults(bufio.NewReader(r))
	if err != nil {
		return Results{}, fmt.Errorf("read the results: %w", untrusted.JSONError(err))
	}
	return results, nil
}

func readResults(in *bufio.Reader) (results Results, err error) {
	head, err := in.Peek(in.Size())
	if err != nil && err != io.EOF {
		return results, err
	}
	schema, err := schemaOf(head)
	if err != nil {
		return results, err
	}
	reader := reader{paths: map[untrusted.Text]bool{}, files: owners{}}
	switch schema {
	case packageSchema:
		data, err := untrusted.ReadAll(in, maxResult, "one package")
		if err == nil {
			results.Packages = make([]Package, 1)
			err = untrusted.DecodeJSON(data, untrusted.ResultShape, &results.Packages[0], reader.options())
		}
		return results, err
	case catalogSchema:
		bounded := &io.LimitedReader{R: in, N: maxResults}
		err = json.UnmarshalRead(untrusted.JSONReader(bounded, untrusted.ResultShape, 2, maxResult), &results, reader.options())
		if err != nil && bounded.N <= 0 {
			err = fmt.Errorf("%w: more than %d bytes", untrusted.ErrTooLarge, maxResults)
		}
		if err == nil {
			err = results.readShard()
		}
		return results, err
	default:
		return results, fmt.Errorf("expected the schema %s or %s, found %q", catalogSchema, packageSchema, untrusted.Text(schema))
	}
}

// schemaOf returns the schema of the document that begins with head.
func schemaOf(head []byte) (string, error) {
	d := jsontext.NewDecoder(bytes.NewReader(head))
	if open, err := d.ReadToken(); err != nil || open.Kind() != '{' {
		return "", errors.New("expected a JSON object")
	}
	if name, err := d.ReadToken(); err != nil || name.Kind() != '"' || name.String() != "schema" {
		return "", errors.New(`expected "schema" as the first member`)
	}
	schema, err := d.ReadToken()
	return schema.String(), err
}

// reader reads the packages of one document.
type reader struct {
	paths map[untrusted.Text]bool
	files owners
}

func (r reader) options() json.Options {
	return json.WithUnmarshalers(json.JoinUnmarshalers(json.UnmarshalFromFunc(r.value), unmarshalers))
}

// value decodes strictly. A plain string is one that was written cleaned, while a
// Text stays as it was received. What a finding or a check leaves out is the
// worst, and null only stands for no publisher and for nothing given.
func (r reader) value(d *jsontext.Decoder, v any) error {
	switch v := v.(type) {
	case **verify.Publisher, **verify.Given:
		return errors.ErrUnsupported // it is decoded as usual
	case *Package:
		return r.read(d, v)
	case *string:
		err := json.UnmarshalDecode(d, (*untrusted.Text)(v))
		*v = untrusted.Clean(*v)
		return err
	case *verify.Finding:
		v.Severity = verify.SeverityError
	case *verify.Check:
		v.Status = verify.Fail
	}
	if d.PeekKind() == 'n' {
		return errors.New("expected a value, found null")
	}
	return errors.ErrUnsupported
}

// read reads a package as soon as it is decoded: those of a large catalog are
// never there twice.
func (r reader) read(d *jsontext.Decoder, p *Package) error {
	var document packageDocument
	err := json.UnmarshalDecode(d, &document)
	if err == nil {
		*p, err = document.read()
	}
	if err != nil {
		return err
	}
	if r.paths[p.Spec.Path] {
		return fmt.Errorf("the spec %q is there twice", p.Spec.Path)
	}
	if r.paths[p.Spec.Path] = true; len(r.paths) > untrusted.MaxSpecs {
		return fmt.Errorf("expected at most %d packages", untrusted.MaxSpecs)
	}
	return r.files.add(*p)
}

func (d *packageDocument) read() (Package, error) {
	spec := d.Package
	ecosystem := verify.EcosystemOf(spec.Protocol)
	switch {
	case d.Schema != packageSchema:
		return Package{}, fmt.Errorf("expected the schema %s, found %q", packageSchema, untrusted.Text(d.Schema))
	case d.Inspected != nil:
		return Package{}, fmt.Errorf("expected the results of a package, found those of a file of evidence: %q", d.Inspected.File)
	case ecosystem == "":
		return Package{}, fmt.Errorf("expected the protocol %s, found %q", catalog.ProtocolNames, untrusted.Text(spec.Protocol))
	case spec.Path == "":
		return Package{}, errors.New("expected the path of the spec, found none")
	case slices.ContainsFunc(d.Sources, func(s verify.Source) bool { return s.SHA256 == [32]byte{} }):
		return Package{}, errors.New(`expected a SHA-256 of a source, found ""`)
	}
	spec.Provenance = expectation(d.Comparison)
	p := Package{Spec: spec, Report: verify.Report{
		Release: verify.Release{Ecosystem: ecosystem, Name: spec.Package, Version: spec.Version},
		Status:  d.Status, Reason: d.Reason, Publisher: d.Publisher, SLSA: d.SLSA, Artifacts: d.Artifacts,
		Comparison: d.Comparison, Findings: d.Findings, Claims: d.Claims, Registry: d.Registry, Sources: d.Sources, Unverified: d.Unverified, ReadBack: true,
	}}
	for _, art := range d.Artifacts {
		err := complementRecord(art.Record)
		for i := range art.Attestations {
			err = cmp.Or(err, complement(&art.Attestations[i], d.Unverified != ""))
		}
		if err != nil {
			return Package{}, fmt.Errorf("%q: %w", art.Filename, err)
		}
	}
	if err := consistent(p.Report); err != nil {
		return Package{}, fmt.Errorf("%v: %w", spec.Path, err)
	}
	return p, p.belongs()
}

// complement fills in what follows from what was read of an attestation, and
// refuses what contradicts itself. What it states of itself counts only if
// nothing was verified: else it is proven, or refuted, and not in the JSON.
func complement(a *verify.Attestation, unverified bool) error {
	a.Kind = verify.KindProvenance
	if a.PredicateType != "" {
		a.Kind = verify.PredicateKind(a.PredicateType)
	}
	if err := complementChecks(a.Checks, a.Status == verify.Verified); err != nil {
		return fmt.Errorf("an attestation is %v, and %w", a.Status, err)
	}
	switch {
	case !unverified:
		a.Says = nil
	case a.Says != nil && len(a.Says.Subjects) > untrusted.MaxSubjects:
		return fmt.Errorf("expected at most %d subjects, found %d", untrusted.MaxSubjects, len(a.Says.Subjects))
	case a.Says != nil:
		a.Kind, a.KeyID = a.Says.Kind, a.Says.KeyID
		for _, s := range a.Says.Subjects {
			a.Subjects = append(a.Subjects, s.Name)
		}
		if a.Says.Certificate != nil {
			a.Leaf = &a.Says.Certificate.Leaf
		}
	}
	return nil
}

// complementChecks fills in the titles of checks. None may have failed, or could not be
// done, of what holds.
func complementChecks(checks []verify.Check, holds bool) error {
	for i := range checks {
		c := &checks[i]
		if holds && (c.Status == verify.Fail || c.Status == verify.Blocked) {
			return fmt.Errorf("its check %q is %v", untrusted.Text(c.ID), c.Status)
		}
		c.ID = verify.CheckID(untrusted.Clean(string(c.ID)))
		c.Title = cmp.Or(c.ID.Title(), string(c.ID)) // a later version may know more
	}
	return nil
}

// complementRecord is complement for a record of the checksum database, or nil. One
// that counts has passed the checks without which it proves nothing.
func complementRecord(r *verify.Record) error {
	if r == nil {
		return nil
	}
	if r.Status != verify.Signed && r.Status != verify.Invalid && r.Status != verify.Unchecked {
		return fmt.Errorf("a record is %v, which none can be", r.Status)
	}
	if err := complementChecks(r.Checks, r.Status == verify.Signed); err != nil {
		return fmt.Errorf("a record is %v, and %w", r.Status, err)
	}
	for _, id := range []verify.CheckID{verify.CheckRecordLines, verify.CheckTreeHead, verify.CheckRecordIn} {
		if c := r.Check(id); r.Status == verify.Signed && (c == nil || c.Status != verify.Pass) {
			return fmt.Errorf("a record is %v, and its check %q did not pass", r.Status, id)
		}
	}
	if r.Status == verify.Signed && (dirHash(r) == "" || r.Database == "" || r.Number < 0 || r.Number >= r.Size) {
		return fmt.Errorf("a record is %v, and names no database, no hash of a module or no place in its tree", r.Status)
	}
	return nil
}

// expectation gathers what the comparison has of the spec.
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

// consistent refuses a report that no verification can have made. It proves
// nothing about the others.
func consistent(r verify.Report) error {
	if r.SLSA.Level < 0 || r.SLSA.Level > 3 {
		return fmt.Errorf("expected a build level from 0 to 3, found %d", r.SLSA.Level)
	}
	if r.Unverified != "" && (r.Status != verify.Unchecked || r.Publisher != nil || r.SLSA.Level != 0) {
		return fmt.Errorf("nothing was verified, and the status is %v, or there is a publisher or a build level", r.Status)
	}
	if r.Status == verify.Bound || r.Status == verify.Unbound {
		return fmt.Errorf("the status is %v, which no package has", r.Status)
	}
	if r.Status == verify.Verified || r.Status == verify.Partial {
		if err := supported(r); err != nil {
			return err
		}
	}
	for _, c := range r.Comparison {
		switch c.Result {
		case verify.ResultMatch, verify.ResultMismatch, verify.ResultDiffers, verify.ResultOnly:
		default:
			return fmt.Errorf("unknown result %q of a comparison", untrusted.Text(c.Result))
		}
	}
	if !follows(r) {
		return fmt.Errorf("the status is %v, which does not follow from the files and the findings", r.Status)
	}
	return nil
}

// supported refuses a status of which parts are missing.
func supported(r verify.Report) error {
	if r.Release.Ecosystem == verify.Go {
		return fmt.Errorf("the status is %v, and nothing proves where a Go module comes from", r.Status)
	}
	if r.Publisher == nil || len(r.Artifacts) == 0 || slices.ContainsFunc(r.Findings, contradicts) {
		return fmt.Errorf("the status is %v, and it has no publisher, no file, or a finding that contradicts it", r.Status)
	}
	for _, a := range r.Artifacts {
		if a.Status != verify.Verified && r.Status == verify.Verified {
			return fmt.Errorf("the status is %v, and %v is %v", r.Status, a.Filename, a.Status)
		}
		proven := slices.ContainsFunc(a.Attestations, func(att verify.Attestation) bool {
			return att.Status == verify.Verified && att.Kind == verify.KindProvenance
		})
		if a.Status == verify.Verified && !proven {
			return fmt.Errorf("%v is %v, and it has no attestation that verifies", a.Filename, a.Status)
		}
	}
	return nil
}

// follows reports whether the status of a report that may pass follows from its
// parts. Decisions come after it: what was accepted had made it a mismatch, and
// what was rejected may have been a warning.
func follows(r verify.Report) bool {
	if r.Status == verify.Pending || r.Status == verify.Invalid || r.Status == verify.Unchecked {
		return true // passes nowhere
	}
	differs := slices.ContainsFunc(r.Comparison, func(c verify.Comparison) bool { return c.Result == verify.ResultMismatch })
	if differs && r.Status != verify.Mismatch {
		return false
	}
	for _, rejected := range []bool{false, true} {
		again := r
		again.Findings = nil
		for _, f := range r.Findings {
			if f.Known = false; contradicts(f) || rejected && strings.HasPrefix(f.Decision, "rejected") {
				again.Findings = append(again.Findings, f)
			}
		}
		if verify.Recount(again) == r.Status {
			return true
		}
	}
	return false
}

// contradicts reports whether a finding would have made the status another
// one: policies, histories and rejections add errors beside it.
func contradicts(f verify.Finding) bool {
	return f.Severity == verify.SeverityError && !strings.HasPrefix(f.Rule, "policy.") && !strings.HasPrefix(f.Rule, "history.") &&
		!strings.HasPrefix(f.Decision, "rejected")
}
