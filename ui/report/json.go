package report

import (
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Schemas of the JSON. Within v1 they only grow.
const (
	packageSchema = "plimsoll/report/v1"
	catalogSchema = "plimsoll/reports/v1"
)

// catalogDocument is the JSON of a whole catalog. [Results] are what is read of
// it.
type catalogDocument struct {
	Schema      string    `json:"schema"`
	Generated   time.Time `json:"generated"`
	Trust       Trust     `json:"trust"`
	VerifiedNow bool      `json:"verified_now"` // of any package
	Summary     summary   `json:"summary"`
	Shard       *Shard    `json:"shard,omitempty"`
	Packages    []Package `json:"packages"`
}

// Trust is what the results rest on: what everything was verified against, and
// what of the catalog was not looked at.
type Trust struct {
	Origin     string `json:"origin"`      // "TUF", "file", "recording", "demo" or "none"
	Root       string `json:"root"`        // where the Sigstore trust root came from
	RootSHA256 string `json:"root_sha256"` // hex over the trust root's bytes; "" if none was needed
	Keys       string `json:"keys"`        // where the npm registry's keys came from
	Demo       bool   `json:"demo"`        // made up: it proves nothing outside the demo
	// OwnKeys is set if keys came from the very registries that they are of.
	OwnKeys bool `json:"own_keys,omitzero"`
	// SumDB is the name of the checksum database that Go modules were checked against,
	// or "" if it judged no record of one.
	SumDB string `json:"sumdb,omitempty"`
	// Problem is why there was no trust root: then nothing was verified.
	Problem string `json:"problem,omitempty"`
	// NotRead are the specs of protocols that plimsoll does not know.
	NotRead catalog.UnreadSpecs `json:"not_read,omitempty"`
}

// summary counts the packages of a catalog.
type summary struct {
	Total      int                    `json:"total"`
	ByStatus   statusCount            `json:"by_status"`
	ByProtocol map[string]statusCount `json:"by_protocol"`
}

// packageDocument is the JSON of one package; its parts are the domain types.
// A Text holds what was received, uncleaned: the encoding makes it harmless, and
// a reader gets the bytes back. Invalid UTF-8 becomes U+FFFD, as JSON knows no
// other.
type packageDocument struct {
	Schema      string                  `json:"schema"`
	Package     catalog.Spec            `json:"package"`
	Status      verify.Status           `json:"status"`
	Reason      string                  `json:"reason"`
	VerifiedNow bool                    `json:"verified_now"` // false if it was read back, or there was no trust root
	Publisher   *verify.Publisher       `json:"publisher"`    // null unless a certificate verified
	SLSA        verify.SLSA             `json:"slsa"`
	Artifacts   []verify.ArtifactReport `json:"artifacts"`
	Comparison  []verify.Comparison     `json:"comparison"`
	Findings    []verify.Finding        `json:"findings"`
	Claims      verify.Claims           `json:"claims,omitzero"`    // of the registry, signed by nobody
	Registry    untrusted.Text          `json:"registry,omitempty"` // base URL of the registry, or index, that the evidence is from
	Sources     []verify.Source         `json:"sources,omitempty"`
	Unverified  string                  `json:"unverified,omitempty"`
	Inspected   *verify.Inspected       `json:"inspected,omitempty"` // a file of evidence, in place of a package
}

// WriteJSON writes one package as indented JSON.
func WriteJSON(w io.Writer, p Package) error { return write(w, p) }

// WriteCatalogJSON writes all packages, in their order, as indented JSON.
func WriteCatalogJSON(w io.Writer, packages []Package, trust Trust, generated time.Time) error {
	return writeCatalog(w, packages, trust, generated, nil)
}

func writeCatalog(w io.Writer, packages []Package, trust Trust, generated time.Time, shard *Shard) error {
	return write(w, catalogDocument{
		Schema: catalogSchema, Generated: generated, Trust: trust.overAll(packages), VerifiedNow: slices.ContainsFunc(packages, verifiedNow),
		Summary: summary{len(packages), countStatuses(packages), countProtocols(packages)}, Shard: shard, Packages: packages,
	})
}

func verifiedNow(p Package) bool { return !p.Report.ReadBack && p.Report.Unverified == "" }

func (p Package) document() packageDocument {
	r := p.Report
	return packageDocument{
		packageSchema, p.Spec, r.Status, p.reason(), verifiedNow(p), r.Publisher, r.SLSA, r.Artifacts, r.Comparison, r.Findings, r.Claims, r.Registry, r.Sources, r.Unverified, r.Inspected,
	}
}

// marshalers write what the tags of the domain types leave open.
var marshalers = json.JoinMarshalers(
	json.MarshalToFunc(func(e *jsontext.Encoder, p Package) error { return json.MarshalEncode(e, p.document()) }),
	json.MarshalToFunc(func(e *jsontext.Encoder, all sarifResults) error {
		if err := e.WriteToken(jsontext.BeginArray); err != nil {
			return err
		}
		for result := range all {
			if err := json.MarshalEncode(e, result); err != nil {
				return err
			}
		}
		return e.WriteToken(jsontext.EndArray)
	}),
	json.MarshalFunc(func(t time.Time) ([]byte, error) { return jsontext.AppendQuote(nil, timestamp(t)) }),
	json.MarshalFunc(func(sum [32]byte) ([]byte, error) { return jsontext.AppendQuote(nil, hash(sum)) }),
)

// unmarshalers are the inverse, but for packages: see [reader].
var unmarshalers = json.JoinUnmarshalers(
	json.UnmarshalFromFunc(func(d *jsontext.Decoder, t *time.Time) error {
		var text untrusted.Text
		err := json.UnmarshalDecode(d, &text)
		if *t = (time.Time{}); err != nil || text == "" {
			return err
		}
		if *t, err = time.Parse(time.RFC3339, string(text)); err != nil {
			return fmt.Errorf("expected a time as RFC 3339, found %q", text)
		}
		return nil
	}),
	json.UnmarshalFromFunc(func(d *jsontext.Decoder, sum *[32]byte) error {
		var text untrusted.Text
		err := json.UnmarshalDecode(d, &text)
		if *sum = ([32]byte{}); err != nil || text == "" {
			return err
		}
		raw, err := hex.DecodeString(string(text))
		if err != nil || len(raw) != len(sum) {
			return fmt.Errorf("expected a SHA-256 in hex, found %q", text)
		}
		*sum = [32]byte(raw)
		return nil
	}),
)

func write(w io.Writer, document any, options ...json.Options) error {
	return untrusted.WriteJSON(w, document, append(options, json.WithMarshalers(marshalers))...)
}

// timestamp is t in RFC 3339 and UTC, or "" for the zero time and for a year
// that RFC 3339 cannot write: nobody could read it back.
func timestamp(t time.Time) string {
	t = t.UTC()
	if t.IsZero() || t.Year() < 0 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339)
}

// hash is a SHA-256 in hex, or "" if there is none.
func hash(sum [32]byte) string {
	if sum == [32]byte{} {
		return ""
	}
	return hex.EncodeToString(sum[:])
}
