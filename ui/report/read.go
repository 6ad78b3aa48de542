package report

import (
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

// MaxResults bounds, in bytes, a file of results that is read back: 10,000
// packages with every check are a tenth of it.
const MaxResults = 1 << 30

// maxResult bounds, in bytes, one package of them.
const maxResult = 32 << 20

// Results are what [WriteCatalogJSON] or [WriteJSON] wrote, read back. Nothing
// of it was verified by reading it, and each report says so.
type Results struct {
	Generated time.Time // zero in the results of a single package
	Trust     Trust
	Shard     *ShardDocument // nil where the catalog was not split
	Packages  []Package
}

// ReadJSON reads the JSON of a catalog or of one package. A document of
// another schema, of unknown statuses, with a member twice, or which
// contradicts itself (a verified package with a file that is not, a file of
// another package) is an error;
// members that a later version added are not. What the JSON does not hold
// (certificates, statements, proofs, the lines of the specs) stays zero.
func ReadJSON(r io.Reader) (Results, error) {
	bounded := &boundedReader{r, MaxResults}
	d := jsontext.NewDecoder(untrusted.JSONReader(bounded, untrusted.ResultShape, 2, maxResult))
	results, err := readDocument(d, bounded)
	if err == nil {
		_, err = d.ReadToken()
		if err == nil {
			err = errors.New("expected the end of the results, found more")
		} else if err == io.EOF {
			err = nil
		}
	}
	if err != nil {
		return Results{}, fmt.Errorf("read the results: %w", plainError(err))
	}
	return results, nil
}

// boundedReader fails where io.LimitReader would pretend that the file ends.
type boundedReader struct {
	r    io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("%w: more than %d bytes", untrusted.ErrTooLarge, int64(MaxResults))
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// plainError keeps the kind of an error and cleans its text, which quotes the
// file.
func plainError(err error) error {
	if errors.Is(err, untrusted.ErrTooLarge) {
		text := untrusted.Message(err) // with what the decoder was doing before it
		_, why, _ := strings.Cut(text, untrusted.ErrTooLarge.Error()+": ")
		return fmt.Errorf("%w: %s", untrusted.ErrTooLarge, why)
	}
	return errors.New(untrusted.Message(err))
}

// readDocument reads an object member by member, so that the packages of a
// large catalog are never there twice.
func readDocument(d *jsontext.Decoder, bounded *boundedReader) (results Results, err error) {
	if kind := d.PeekKind(); kind != '{' {
		return results, expected(d, "a JSON object")
	}
	if _, err = d.ReadToken(); err != nil {
		return results, err
	}
	schema := ""
	single := map[string]jsontext.Value{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return results, err
		}
		key := name.String()
		switch {
		case key == "schema":
			err = json.UnmarshalDecode(d, &schema)
			if err == nil && schema != CatalogSchema && schema != PackageSchema {
				err = fmt.Errorf("expected the schema %s or %s, found %q", CatalogSchema, PackageSchema, untrusted.Text(schema))
			}
			if schema == PackageSchema {
				bounded.left = min(bounded.left, maxResult)
			}
		case schema == "":
			err = errors.New(`expected "schema" as the first member`)
		case schema == PackageSchema:
			single[key], err = value(d)
		default:
			err = results.member(d, key)
		}
		if err != nil {
			return results, err
		}
	}
	if _, err = d.ReadToken(); err != nil {
		return results, err
	}
	switch schema {
	case "":
		return results, errors.New(`expected "schema", found none`)
	case PackageSchema:
		return results.single(single)
	}
	return results, results.readShard()
}

// expected says what was expected where something else, or nothing, stands.
func expected(d *jsontext.Decoder, what string) error {
	if _, err := d.ReadToken(); err != nil && err != io.EOF {
		return err
	}
	return fmt.Errorf("expected %s", what)
}

func value(d *jsontext.Decoder) (jsontext.Value, error) {
	v, err := d.ReadValue()
	if err == nil {
		err = untrusted.ResultShape.Check(v)
	}
	return v.Clone(), err
}

func (r *Results) member(d *jsontext.Decoder, key string) error {
	switch key {
	case "generated":
		var text string
		if err := json.UnmarshalDecode(d, &text); err != nil || text == "" {
			return err
		}
		var err error
		r.Generated, err = time.Parse(time.RFC3339, text)
		return err
	case "trust":
		return json.UnmarshalDecode(d, &r.Trust)
	case "shard":
		r.Shard = &ShardDocument{}
		return json.UnmarshalDecode(d, r.Shard)
	case "packages":
		return r.packages(d)
	default: // the summary is counted anew
		return d.SkipValue()
	}
}

func (r *Results) packages(d *jsontext.Decoder) error {
	if d.PeekKind() != '[' {
		return expected(d, "the packages as an array")
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	paths, files := map[untrusted.Text]bool{}, owners{}
	for d.PeekKind() != ']' {
		var document PackageDocument
		if err := json.UnmarshalDecode(d, &document); err != nil {
			return err
		}
		p, err := readPackage(document)
		if err != nil {
			return fmt.Errorf("package %d: %w", len(r.Packages)+1, err)
		}
		if paths[p.Spec.Path] {
			return fmt.Errorf("package %d: the spec %q is there twice", len(r.Packages)+1, p.Spec.Path)
		}
		if err := files.add(p); err != nil {
			return fmt.Errorf("package %d: %w", len(r.Packages)+1, err)
		}
		paths[p.Spec.Path] = true
		if r.Packages = append(r.Packages, p); len(r.Packages) > untrusted.MaxSpecs {
			return fmt.Errorf("expected at most %d packages", untrusted.MaxSpecs)
		}
	}
	_, err := d.ReadToken()
	return err
}

// single makes the results of one package from its members.
func (r Results) single(members map[string]jsontext.Value) (Results, error) {
	document := PackageDocument{Schema: PackageSchema}
	for key, target := range map[string]any{
		"package": &document.Package, "status": &document.Status, "reason": &document.Reason, "publisher": &document.Publisher,
		"slsa": &document.SLSA, "unverified": &document.Unverified, "inspected": &document.Inspected, "artifacts": &document.Artifacts, "comparison": &document.Comparison, "findings": &document.Findings,
	} {
		if v, ok := members[key]; ok {
			if err := json.Unmarshal(v, target); err != nil {
				return Results{}, fmt.Errorf("%s: %w", key, err)
			}
		}
	}
	p, err := readPackage(document)
	if err != nil {
		return Results{}, err
	}
	r.Packages = []Package{p}
	return r, nil
}

func readPackage(d PackageDocument) (Package, error) {
	if d.Schema != PackageSchema {
		return Package{}, fmt.Errorf("expected the schema %s, found %q", PackageSchema, untrusted.Text(d.Schema))
	}
	if d.Inspected != nil {
		return Package{}, fmt.Errorf("expected the results of a package, found those of a file of evidence: %q", untrusted.Text(d.Inspected.File))
	}
	protocol := catalog.Protocol(d.Package.Protocol)
	ecosystem := map[catalog.Protocol]verify.Ecosystem{catalog.NPX: verify.NPM, catalog.UVX: verify.PyPI}[protocol]
	if ecosystem == "" {
		return Package{}, fmt.Errorf("expected the protocol npx or uvx, found %q", untrusted.Text(d.Package.Protocol))
	}
	if d.Package.Spec == "" {
		return Package{}, errors.New("expected the path of the spec, found none")
	}
	p := Package{
		Spec: catalog.Spec{
			Path: untrusted.Text(d.Package.Spec), Protocol: protocol, Server: untrusted.Text(d.Package.Server),
			Package: untrusted.Text(d.Package.Name), Version: untrusted.Text(d.Package.Version),
		},
		Report: verify.Report{
			Release: verify.Release{Ecosystem: ecosystem, Name: untrusted.Text(d.Package.Name), Version: untrusted.Text(d.Package.Version)},
			Status:  d.Status, Reason: untrusted.Clean(d.Reason),
			Publisher: readPublisher(d.Publisher), SLSA: verify.SLSA{Level: d.SLSA.BuildLevel, Reason: untrusted.Clean(d.SLSA.Reason)},
			Unverified: untrusted.Clean(d.Unverified), ReadBack: true,
		},
	}
	if err := p.readParts(d); err != nil {
		return Package{}, err
	}
	if err := consistent(p.Report); err != nil {
		return Package{}, fmt.Errorf("%v: %w", p.Spec.Path, err)
	}
	return p, p.belongs()
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
	if !follows(r) {
		return fmt.Errorf("the status is %v, which does not follow from the files and the findings", r.Status)
	}
	return nil
}

// supported refuses a status of which parts are missing.
func supported(r verify.Report) error {
	if r.Publisher == nil || len(r.Artifacts) == 0 || slices.ContainsFunc(r.Findings, contradicts) {
		return fmt.Errorf("the status is %v, and it has no publisher, no file, or a finding that contradicts it", r.Status)
	}
	for _, a := range r.Artifacts {
		if a.Status != verify.Verified && r.Status == verify.Verified {
			return fmt.Errorf("the status is %v, and %v is %v", r.Status, a.Filename, a.Status)
		}
		if a.Status == verify.Verified && !hasVerified(a) {
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

func hasVerified(a verify.ArtifactReport) bool {
	for _, att := range a.Attestations {
		if att.Status == verify.Verified && att.Kind == verify.KindProvenance {
			return true
		}
	}
	return false
}
