package report

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
)

// full is a package with a value in every field that is written.
func full() Package {
	at := time.Date(2026, 4, 2, 12, 11, 9, 0, time.FixedZone("CEST", 2*60*60))
	return Package{
		Spec: catalog.Spec{Path: "npx/http/spec.yaml", Protocol: catalog.NPX, Server: "http",
			Package: "@acme/http-client", Version: "2.4.1",
			Provenance: catalog.Provenance{RepositoryURI: "https://github.com/acme/http"}},
		Report: verify.Report{
			Release:  verify.Release{Ecosystem: verify.NPM, Name: "@acme/http-client", Version: "2.4.1"},
			Registry: "https://npm.example/",
			Claims: verify.Claims{Repository: "git+https://github.com/acme/http.git", NPMUser: verify.NPMUser{Name: "GitHub Actions",
				TrustedPublisher: "github", TrustedPublisherConfig: "oidc:5f2c", Approver: "alice\x1b[2J"}},
			Status: verify.Mismatch,
			Reason: "the certificate names another repository than the spec",
			Publisher: &verify.Publisher{
				Kind: "GitHub", Repository: "https://github.com/acme-fork/http", Workflow: ".github/workflows/release.yml",
				Ref: "refs/tags/v2.4.1", Commit: untrusted.Text(strings.Repeat("3f", 20)), Issuer: "https://token.actions.example",
				Signer: "https://github.com/acme-fork/http/.github/workflows/release.yml@refs/tags/v2.4.1",
				Runner: "github-hosted", Trigger: "push", RepositoryID: "12", OwnerID: "34",
				Run: "https://github.com/acme-fork/http/actions/runs/5/attempts/1",
			},
			SLSA: verify.SLSA{Level: 2, Reason: "built by npm's action on a hosted runner"},
			Artifacts: []verify.ArtifactReport{{
				Filename: "http-client-2.4.1.tgz",
				Digest:   verify.Digest{Algorithm: "sha512", Hex: strings.Repeat("ab", 64)},
				Status:   verify.Verified,
				Attestations: []verify.Attestation{{
					Kind: verify.KindProvenance, PredicateType: "https://slsa.dev/provenance/v1",
					Status: verify.Verified, Reason: "every check passed",
					Checks: []verify.Check{{ID: verify.CheckInclusion, Title: "inclusion proof", Status: verify.Pass, Reason: "the path leads to the signed root"}},
					Log:    []verify.LogEntry{{Origin: "rekor.example - 1", Index: 13482210, IndexSigned: true, Time: at, Kind: "intoto 0.0.2"}},
				}},
				Signatures: []verify.Signature{{KeyID: "SHA256:DhQ8", Status: verify.Verified, Reason: "the registry's key signed it"}},
			}},
			Comparison: []verify.Comparison{{Field: "repository", Spec: "https://github.com/acme/http",
				Certificate: "https://github.com/acme-fork/http", Statement: "https://github.com/acme-fork/http",
				Registry: "git+https://github.com/acme/http.git", Result: verify.ResultMismatch}},
			Findings: []verify.Finding{{Rule: "publisher.repository", Severity: verify.SeverityError,
				Message:  "the spec expects another repository",
				Expected: "https://github.com/acme/http", Observed: "https://github.com/acme-fork/http"}},
		},
	}
}

func packageJSON(t *testing.T, p Package) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteJSON(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// The documents in testdata were written by hand from the description of the
// format; -update does not touch them.
func TestJSONIsTheDocument(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	trust := Trust{Origin: "file", Root: "trusted_root.json", RootSHA256: "00ff", Keys: "npm-keys.json"}
	generated := time.Date(2026, 5, 1, 8, 0, 0, 0, time.UTC)
	if err := WriteCatalogJSON(&whole, []Package{full(), unreadable}, trust, generated); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		file string
		got  []byte
	}{
		{"testdata/package.json", packageJSON(t, full())},
		{"testdata/catalog.json", whole.Bytes()},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			want := testfiles.Read(t, tt.file)
			if !bytes.Equal(tt.got, want) {
				t.Errorf("got\n%s\nwant\n%s", tt.got, want)
			}
		})
	}
}

func TestJSONOfNothing(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteCatalogJSON(&b, nil, Trust{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	document := decode[map[string]any](t, b.Bytes())
	if packages, ok := document["packages"].([]any); !ok || len(packages) != 0 {
		t.Errorf("packages = %v, want an empty array", document["packages"])
	}
	pending := decode[map[string]any](t, packageJSON(t, Package{}))
	for _, name := range []string{"artifacts", "comparison", "findings"} {
		if _, ok := pending[name].([]any); !ok {
			t.Errorf("%s = %v, want an array", name, pending[name])
		}
	}
	if publisher, ok := pending["publisher"]; !ok || publisher != nil {
		t.Errorf("publisher = %v, %v, want null", publisher, ok)
	}
	if pending["status"] != "pending" {
		t.Errorf("status = %v, want pending", pending["status"])
	}
}

func TestJSONArraysAreNeverNull(t *testing.T) {
	t.Parallel()
	p := full()
	p.Report.Artifacts = append(p.Report.Artifacts, verify.ArtifactReport{Attestations: []verify.Attestation{{}}})
	if out := packageJSON(t, p); bytes.Count(out, []byte("null")) != 0 {
		t.Errorf("null in\n%s", out)
	}
}

func TestJSONReadsBack(t *testing.T) {
	t.Parallel()
	first := packageJSON(t, full())
	document := decode[packageDocument](t, first)
	if r := full().Report; !reflect.DeepEqual(document.Publisher, r.Publisher) || !reflect.DeepEqual(document.Findings, r.Findings) ||
		!reflect.DeepEqual(document.Comparison, r.Comparison) || document.Status != r.Status || document.SLSA != r.SLSA {
		t.Error("the document that was read is not the one that was written")
	}
	var again bytes.Buffer
	if err := write(&again, document); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again.Bytes()) {
		t.Errorf("written again it is\n%s", again.Bytes())
	}
}

func TestJSONHoldsNothingThatActs(t *testing.T) {
	t.Parallel()
	hostile := "a\x1b[2J\u202e\u200b\x7f\u2028\u009b\U000e0041e\u0301</script>"
	p := full()
	p.Spec.Package = untrusted.Text(hostile)
	p.Report.Publisher.Ref = untrusted.Text(hostile)
	p.Report.Findings[0].Message = hostile
	out := packageJSON(t, p)
	for _, r := range string(bytes.ReplaceAll(out, []byte("\n"), nil)) {
		if r < 0x20 || r > 0x7e {
			t.Errorf("the output holds %U", r)
		}
	}
	document := decode[packageDocument](t, out)
	for _, got := range []string{string(document.Package.Package), string(document.Publisher.Ref), document.Findings[0].Message} {
		if got != hostile {
			t.Errorf("read back %q, want %q", got, hostile)
		}
	}
	p.Spec.Package = "bad\xffutf8"
	if got := decode[packageDocument](t, packageJSON(t, p)).Package.Package; got != "bad\ufffdutf8" {
		t.Errorf("invalid UTF-8 reads back as %q", got)
	}
}

func TestSummaryCounts(t *testing.T) {
	t.Parallel()
	uvx := with(verify.Signed)
	uvx.Spec.Protocol = catalog.UVX
	var b bytes.Buffer
	if err := WriteCatalogJSON(&b, []Package{with(verify.Verified), with(verify.Verified), uvx}, Trust{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	s := decode[struct {
		Summary  summary        `json:"summary"`
		Anything map[string]any `json:",embed"`
	}](t, b.Bytes()).Summary
	if s.Total != 3 || s.ByStatus["verified"] != 2 || s.ByStatus["signed"] != 1 || s.ByStatus["invalid"] != 0 ||
		s.ByProtocol["npx"]["verified"] != 2 || s.ByProtocol["uvx"]["signed"] != 1 || s.ByProtocol["uvx"]["verified"] != 0 {
		t.Errorf("summary = %+v", s)
	}
}

func decode[T any](t *testing.T, data []byte) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(data, &v, json.WithUnmarshalers(unmarshalers), json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%v in\n%s", err, data)
	}
	return v
}
