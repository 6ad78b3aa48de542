package verify_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"plimsoll/verify"
)

// Of several log entries each must be for the bundle, though sigstore-go is
// content with one: of those of logs that the trust root holds, and of others.
func TestSeveralLogEntries(t *testing.T) {
	t.Parallel()
	good, other := fetched(t, "attacks/npx/attestations-elsewhere/spec.yaml"), fetched(t, "attacks/npx/signed-entry-timestamp-only/spec.yaml")
	own, foreign := entriesOf(t, good)[0], entriesOf(t, other)[0]
	strange, both := maps.Clone(own), maps.Clone(foreign)
	strange["logId"] = map[string]any{"keyId": "c3RyYW5nZSBsb2csIHdoaWNoIG5vYm9keSBrbm93cy4="}
	both["logId"] = strange["logId"]
	for _, tt := range []struct {
		name    string
		entries []map[string]any
		status  verify.Status
		check   verify.CheckID // the first that fails
		reason  string
	}{
		{"its own", []map[string]any{own}, verify.Verified, "", "every link verifies"},
		{"none", nil, verify.Invalid, verify.CheckTrust, "expected an entry in a transparency log, found none"},
		{"another's, genuine", []map[string]any{own, foreign}, verify.Invalid, verify.CheckEntryBundle, "records another signature"},
		{"another's first", []map[string]any{foreign, own}, verify.Invalid, verify.CheckEntryBundle, "records another signature"},
		{"one in a strange log", []map[string]any{own, strange}, verify.Verified, "", "1 log entry, in a log that the trust root does not hold, not used"},
		{"another's in a strange log", []map[string]any{own, both}, verify.Invalid, verify.CheckEntryBundle, "records another signature"},
		{"only in a strange log", []map[string]any{strange}, verify.Invalid, verify.CheckTrust, "a log that the trust root does not hold"},
	} {
		for _, explain := range []bool{true, false} {
			ev := withEntries(t, good, tt.entries)
			r := reportOn(ev, good.spec.Provenance, good.trust, explain)
			att := provenanceOf(t, r)
			failed := verify.CheckID("")
			for _, c := range att.Checks {
				if c.Status == verify.Fail && failed == "" {
					failed = c.ID
				}
			}
			if att.Status != tt.status || failed != tt.check || !strings.Contains(att.Reason, tt.reason) {
				t.Errorf("%s (explained %t): %v at %q: %s", tt.name, explain, att.Status, failed, att.Reason)
			}
			for _, f := range r.Findings {
				if f.Rule == "verifier.disagrees" {
					t.Errorf("%s: %s: %s", tt.name, f.Message, f.Observed)
				}
			}
		}
	}
}

func fetched(t *testing.T, path string) demoPackage {
	t.Helper()
	packages := demoPackages(t)
	for _, p := range packages {
		if string(p.spec.Path) == path {
			return p
		}
	}
	t.Fatalf("the demo has no %s", path)
	return demoPackage{}
}

func provenanceOf(t *testing.T, r verify.Report) verify.Attestation {
	t.Helper()
	for _, att := range r.Artifacts[0].Attestations {
		if att.Kind == verify.KindProvenance {
			return att
		}
	}
	t.Fatal("no provenance")
	return verify.Attestation{}
}

// entriesOf are the log entries of a package's provenance.
func entriesOf(t *testing.T, p demoPackage) []map[string]any {
	t.Helper()
	var b struct {
		VerificationMaterial struct{ TlogEntries []map[string]any }
	}
	_, data := provenance(t, p.evidence)
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	return b.VerificationMaterial.TlogEntries
}

func provenance(t *testing.T, ev verify.Evidence) (int, []byte) {
	t.Helper()
	for i, off := range ev.Artifacts[0].Attestations {
		if verify.PredicateKind(off.PredicateType) == verify.KindProvenance {
			return i, off.Bundle
		}
	}
	t.Fatal("no provenance is offered")
	return 0, nil
}

// withEntries is a package's evidence with other log entries in its provenance.
func withEntries(t *testing.T, p demoPackage, entries []map[string]any) verify.Evidence {
	t.Helper()
	i, data := provenance(t, p.evidence)
	var b map[string]any
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	b["verificationMaterial"].(map[string]any)["tlogEntries"] = entries
	data, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	ev := p.evidence
	art := ev.Artifacts[0]
	art.Attestations = append([]verify.OfferedAttestation(nil), art.Attestations...)
	art.Attestations[i].Bundle = data
	ev.Artifacts = []verify.Artifact{art}
	return ev
}
