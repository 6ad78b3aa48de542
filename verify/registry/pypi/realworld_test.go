package pypi

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"testing"

	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

func TestRealReleases(t *testing.T) {
	t.Parallel()
	folder := testfiles.Shared(t, "realworld", "registry")
	index, err := registry.ParseBase(testfiles.RealRegistries(t) + "/simple")
	if err != nil {
		t.Fatal(err)
	}
	r := New(client(), Config{Indexes: []Index{{URL: index}}})
	for _, tt := range []struct {
		name, version string
		publisher     verify.ClaimedPublisher
	}{
		{"pypi-attestations", "0.0.19", verify.ClaimedPublisher{Kind: "GitHub", Repository: "trailofbits/pypi-attestations", Workflow: "release.yml"}},
		{"GitLab_OIDC.project", "0.0.3", verify.ClaimedPublisher{Kind: "GitLab", Repository: "facutuesca/gitlab-oidc-project", Workflow: ".gitlab-ci.yml"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e, err := r.Fetch(context.Background(), rel(tt.name, tt.version), nil)
			if err != nil || len(e.Artifacts) != 1 {
				t.Fatal(e, err)
			}
			a := e.Artifacts[0]
			if a.Missing != "" || len(a.Attestations) == 0 {
				t.Fatalf("missing %q, %d attestations", a.Missing, len(a.Attestations))
			}
			for _, o := range a.Attestations {
				if o.Problem != "" || !json.Valid(o.Bundle) {
					t.Errorf("problem %q, bundle %s", o.Problem, o.Bundle)
				}
				if got := *o.Publisher; got.Kind != tt.publisher.Kind || got.Repository != tt.publisher.Repository || got.Workflow != tt.publisher.Workflow {
					t.Errorf("publisher %+v", got)
				}
			}
			data := testfiles.Read(t, folder, "files", string(a.Filename))
			if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != a.Digest.Hex {
				t.Errorf("the file's digest is %x, the artifact says %s", sum, a.Digest.Hex)
			}
		})
	}
}
