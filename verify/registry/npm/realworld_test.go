package npm

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
	"plimsoll/verify/registry"
)

func TestRealReleases(t *testing.T) {
	t.Parallel()
	folder := testfiles.Shared(t, "realworld", "registry")
	base, err := registry.ParseBase(testfiles.RealRegistries(t) + "/npm")
	if err != nil {
		t.Fatal(err)
	}
	r := New(client(), Config{Base: base})
	for _, tt := range []struct {
		name, version            string
		signatures, attestations int
		published                bool
		repository               string
	}{
		{"sigstore", "1.0.0", 1, 2, true, "git+https://github.com/sigstore/sigstore-js.git"},
		{"gundam-visor", "1.0.1", 0, 2, false, "git+https://github.com/ramonpetgrave64/gundam-visor.git"},
		{"gundam-visor-tampered", "1.0.1", 0, 2, false, "git+https://github.com/ramonpetgrave64/gundam-visor.git"},
		{"kms-demo", "1.0.0", 1, 0, false, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := r.Fetch(context.Background(), release2(tt.name, tt.version), func(string) bool { return true }, nil)
			a := one(t, e, err)
			if len(a.Signatures) != tt.signatures || len(a.Attestations) != tt.attestations || a.Missing != "" {
				t.Errorf("%d signatures, %d attestations, missing %q", len(a.Signatures), len(a.Attestations), a.Missing)
			}
			if tt.published == e.PublishTime.IsZero() || e.PublishTimeError != "" {
				t.Errorf("published %v, %q", e.PublishTime, e.PublishTimeError)
			}
			if tt.repository != "" && string(e.Claims.Repository) != tt.repository {
				t.Errorf("repository %q", e.Claims.Repository)
			}
			for i, o := range a.Attestations {
				if o.Problem != "" || len(o.Bundle) == 0 || o.PredicateType == "" || !bytes.Contains(o.Raw, o.Bundle) {
					t.Errorf("attestation %d: %q, %d bytes, %q", i, o.Problem, len(o.Bundle), o.PredicateType)
				}
			}
			// Where the tarball was recorded, the digest must be its.
			if data, err := os.ReadFile(filepath.Join(folder, "npm", tt.name, "-", string(a.Filename))); err == nil {
				if sum := sha512.Sum512(data); hex.EncodeToString(sum[:]) != a.Digest.Hex {
					t.Errorf("the tarball's digest is %x, the artifact says %s", sum, a.Digest.Hex)
				}
			} else if strings.HasPrefix(tt.name, "gundam-visor") {
				t.Error(err)
			}
		})
	}
	if _, err := r.Fetch(context.Background(), release2("sigstore", "9.9.9"), nil, nil); err == nil || !strings.Contains(err.Error(), "version not found") {
		t.Errorf("got %v", err)
	}
}
