package npm

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
	"plimsoll/verify"
)

func FuzzDecodeAttestations(f *testing.F) {
	f.Add([]byte(`{"attestations":[]}`))
	f.Add([]byte(`{"attestations":[{"predicateType":"a","bundle":{}},{"bundle":[]},null]}`))
	for _, data := range seeds.Files(f, seeds.Attestations) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		offered, err := DecodeAttestations(data, verify.Source{})
		if err != nil && (offered != nil || strings.ContainsAny(err.Error(), "\x1b\n")) {
			t.Fatalf("%d attestations, %q", len(offered), err)
		}
		if len(offered) > untrusted.MaxBundlesPerArtifact {
			t.Fatalf("%d attestations", len(offered))
		}
		for _, o := range offered {
			if (o.Problem == "") != (o.Bundle != nil) {
				t.Fatalf("problem %q with bundle %q", o.Problem, o.Bundle)
			}
			if o.Bundle != nil && (!json.Valid(o.Bundle) || !bytes.Contains(data, o.Bundle)) {
				t.Fatalf("the bundle is not what was served: %q", o.Bundle)
			}
			if strings.ContainsAny(o.Problem, "\x1b\n") {
				t.Fatalf("raw bytes in %q", o.Problem)
			}
		}
	})
}
