package seeds

import (
	"bytes"
	"encoding/json"
	"regexp"
	"testing"
)

func TestEveryKindIsFound(t *testing.T) {
	t.Parallel()
	for _, k := range []Kind{Specs, Manifests, Packuments, Attestations, Indexes, Provenance, Recordings, Keys, Roots} {
		files := Files(t, k)
		for _, data := range files {
			if len(bytes.TrimSpace(data)) == 0 || k.name != Specs.name && !json.Valid(data) {
				t.Errorf("%s: %d bytes that are none: %.40q", k.name, len(data), data)
			}
		}
		t.Logf("%d %s", len(files), k.name)
	}
	t.Logf("%d bundles, %d PEP 740 attestations, %d statements, %d hostile strings", len(Bundles(t)), len(PEP740(t)), len(Statements(t)), len(Hostile(t)))
}

// failed is a target that has failed.
type failed struct{ testing.TB }

func (failed) Helper()               {}
func (failed) Fatalf(string, ...any) { panic("failed") }

// A kind that has moved fails its targets.
func TestNothingFoundFails(t *testing.T) {
	for name, find := range map[string]func(testing.TB){
		"files":  func(t testing.TB) { Files(t, Kind{"nothing", regexp.MustCompile(`^moved/`), nil}) },
		"values": func(t testing.TB) { Values(t, Specs, `(there is no such text)`) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("nothing was found, and nobody failed")
				}
			}()
			find(failed{t})
		})
	}
}
