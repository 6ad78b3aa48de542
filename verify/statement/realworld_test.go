package statement

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"plimsoll/testdata/testfiles"
)

// recorded returns the payloads of every attestation below dir.
func recorded(t *testing.T, dir string) map[string][][]byte {
	t.Helper()
	payloads := map[string][][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var answer struct {
			Attestations []struct {
				Bundle struct {
					Envelope struct{ Payload []byte } `json:"dsseEnvelope"`
				}
			}
			Bundles []struct {
				Attestations []struct {
					Envelope struct{ Statement []byte }
				}
			} `json:"attestation_bundles"`
		}
		if json.Unmarshal(data, &answer) != nil {
			return nil // a file of another kind
		}
		for _, a := range answer.Attestations {
			payloads[path] = append(payloads[path], a.Bundle.Envelope.Payload)
		}
		for _, b := range answer.Bundles {
			for _, a := range b.Attestations {
				payloads[path] = append(payloads[path], a.Envelope.Statement)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return payloads
}

func TestRecordedStatements(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld", "registry")
	types := map[string]int{}
	total := 0
	for _, sub := range []string{"npm/-", "integrity"} {
		for path, payloads := range recorded(t, filepath.Join(dir, filepath.FromSlash(sub))) {
			for _, payload := range payloads {
				total++
				s, err := Parse(payload)
				if err != nil {
					t.Errorf("%s: %v", path, err)
					continue
				}
				types[string(s.PredicateType)]++
				if len(s.Subjects) != 1 {
					t.Errorf("%s: %d subjects", path, len(s.Subjects))
				}
				if s.Provenance == nil {
					continue
				}
				p := s.Provenance
				for _, c := range p.Also {
					if c.Value != *p.field(c.Field) {
						t.Errorf("%s: %s says %q for %s, which is %q elsewhere", path, c.Where, c.Value, c.Field, *p.field(c.Field))
					}
				}
				for _, f := range []string{FieldRepository, FieldRef, FieldCommit, FieldWorkflow, FieldTrigger, FieldRepositoryID, FieldOwnerID, FieldRun} {
					if *p.field(f) == "" {
						t.Errorf("%s: no %s", path, f)
					}
				}
			}
		}
	}
	if total < 8 {
		t.Errorf("%d statements, want at least 8", total)
	}
	for _, want := range []string{ProvenanceV02, ProvenanceV1, NPMPublish, PyPIPublish} {
		if types[want] == 0 {
			t.Errorf("no statement with predicate type %s", want)
		}
	}
}
