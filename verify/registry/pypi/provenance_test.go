package pypi

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"plimsoll/testdata/seeds"
	"plimsoll/verify"
)

const githubPublisher = `{"kind":"GitHub","repository":"o/r","workflow":"release.yml","environment":"pypi","claims":{"x":1}}`

const attestationJSON = `{"version":1,"verification_material":{"certificate":"Y2VydA==","transparency_entries":[{ "logIndex" : "7", "n":1e2 }]},
	"envelope":{"statement":"c3RhdGVtZW50","signature":"c2ln"}}`

func provenanceJSON(publisher string, attestations ...string) string {
	return `{"version":1,"attestation_bundles":[{"publisher":` + publisher + `,"attestations":[` + strings.Join(attestations, ",") + `]}]}`
}

func TestBundle(t *testing.T) {
	t.Parallel()
	data, err := Bundle([]byte(attestationJSON))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), `"tlogEntries":[{ "logIndex" : "7", "n":1e2 }]`) {
		t.Errorf("the log entries are not taken over byte for byte: %s", data)
	}
	var b struct {
		MediaType            string
		VerificationMaterial struct {
			Certificate struct{ RawBytes string }
			TlogEntries []any
		}
		DSSEEnvelope struct {
			Payload     string
			PayloadType string
			Signatures  []struct{ Sig string }
		}
	}
	if err := json.Unmarshal(data, &b); err != nil {
		t.Fatal(err)
	}
	payload, err := base64.StdEncoding.DecodeString(b.DSSEEnvelope.Payload)
	if b.MediaType != "application/vnd.dev.sigstore.bundle.v0.3+json" || b.VerificationMaterial.Certificate.RawBytes != "Y2VydA==" ||
		len(b.VerificationMaterial.TlogEntries) != 1 || err != nil || string(payload) != "statement" ||
		b.DSSEEnvelope.PayloadType != "application/vnd.in-toto+json" || len(b.DSSEEnvelope.Signatures) != 1 || b.DSSEEnvelope.Signatures[0].Sig != "c2ln" {
		t.Errorf("got %+v", b)
	}
}

func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	replace := func(old, with string) string {
		if !strings.Contains(attestationJSON, old) {
			t.Fatalf("%q is not in the attestation", old)
		}
		return strings.Replace(attestationJSON, old, with, 1)
	}
	for _, tt := range []struct{ name, json, want string }{
		{"empty", ``, "cannot be read"},
		{"a list", `[]`, "cannot be read"},
		{"null", `null`, "found no version"},
		{"no version", replace(`"version":1,`, ``), "found no version"},
		{"version 2", replace(`"version":1`, `"version":2`), "unsupported"},
		{"version as text", replace(`"version":1`, `"version":"1"`), "unsupported"},
		{"no material", replace(`"verification_material"`, `"x"`), "verification_material"},
		{"no envelope", replace(`"envelope"`, `"x"`), "envelope"},
		{"no certificate", replace(`"certificate"`, `"x"`), "certificate"},
		{"certificate as an object", replace(`"Y2VydA=="`, `{"rawBytes":"Y2VydA=="}`), "certificate"},
		{"certificate not base64", replace(`Y2VydA==`, `-----BEGIN`), "certificate"},
		{"empty signature", replace(`c2ln`, ``), "signature"},
		{"statement with a line feed", replace(`c3RhdGVtZW50`, `c3RhdGVt\nZW50`), ""},
		{"statement with stray bits", replace(`Y2VydA==`, `Y2VydB==`), "certificate"},
		{"no entries", replace(`"transparency_entries"`, `"x"`), "transparency_entries"},
		{"entries as an object", replace(`[{ "logIndex" : "7", "n":1e2 }]`, `{}`), "transparency_entries"},
		{"empty list of entries", replace(`[{ "logIndex" : "7", "n":1e2 }]`, `[]`), "empty list"},
		{"a name twice", replace(`"version":1,`, `"version":1,"version":1,`), "occurs twice"},
		{"a name twice in an entry", replace(`"n":1e2`, `"logIndex":"8"`), "occurs twice"},
		{"a name twice by an escape", replace(`"n":1e2`, `"logInde\u0078":"8"`), "occurs twice"},
		{"data after the end", attestationJSON + `{}`, "cannot be read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := Bundle([]byte(tt.json))
			if tt.want == "" {
				if err == nil && !json.Valid(data) {
					t.Errorf("no JSON: %s", data)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || data != nil {
				t.Errorf("got %s, %v; want %q", data, err, tt.want)
			}
		})
	}
}

func TestPublisher(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, json string
		want       verify.ClaimedPublisher
		problem    string
	}{
		{"GitHub", githubPublisher, verify.ClaimedPublisher{Kind: "GitHub", Repository: "o/r", Workflow: "release.yml", Environment: "pypi"}, ""},
		{"GitLab", `{"kind":"GitLab","repository":"g/s/r","workflow_filepath":".gitlab-ci.yml","environment":null}`,
			verify.ClaimedPublisher{Kind: "GitLab", Repository: "g/s/r", Workflow: ".gitlab-ci.yml"}, ""},
		{"Google", `{"kind":"Google","email":"a@b.example","claims":null}`, verify.ClaimedPublisher{Kind: "Google", Email: "a@b.example"}, ""},
		{"unknown kind", `{"kind":"Forge\u001b","repository":"x"}`, verify.ClaimedPublisher{Kind: "Forge\x1b", Repository: "x"}, ""},
		{"unknown kind with other members", `{"environment":{"name":"x"},"workflow":7,"project_id":["a"],"kind":"CircleCI"}`, verify.ClaimedPublisher{Kind: "CircleCI"}, ""},
		{"known kind with other members", `{"kind":"GitHub","repository":"o/r","workflow":"w.yml","environment":"","issuer_url":"https://x.example"}`,
			verify.ClaimedPublisher{Kind: "GitHub", Repository: "o/r", Workflow: "w.yml"}, ""},
		{"known kind, a member of another type", `{"kind":"GitHub","repository":["o/r"]}`, verify.ClaimedPublisher{}, "cannot be read"},
		{"no kind", `{"repository":"x"}`, verify.ClaimedPublisher{}, "expected a kind"},
		{"kind as an object", `{"kind":{}}`, verify.ClaimedPublisher{}, "cannot be read"},
		{"null", `null`, verify.ClaimedPublisher{}, "expected a publisher object"},
		{"a string", `"GitHub"`, verify.ClaimedPublisher{}, "expected a publisher object"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			offered, missing := DecodeProvenance([]byte(provenanceJSON(tt.json, attestationJSON)), verify.Source{})
			if missing != "" || len(offered) != 1 {
				t.Fatal(offered, missing)
			}
			o := offered[0]
			if o.Publisher == nil || *o.Publisher != tt.want || !strings.Contains(o.Problem, tt.problem) || (tt.problem == "") != (o.Bundle != nil) {
				t.Errorf("got %+v, problem %q", o.Publisher, o.Problem)
			}
			if string(o.Raw) != attestationJSON {
				t.Errorf("raw is %s", o.Raw)
			}
		})
	}
}

// What is no whole JSON says nothing of the release: it is unchecked, as with npm.
func TestProvenanceThatIsCut(t *testing.T) {
	t.Parallel()
	good := provenanceJSON(githubPublisher, attestationJSON)
	cases := []string{"x", good + "}", good + "{}", strings.Replace(good, "GitHub", "Git\xffHub", 1), "\ufeff" + good}
	for n := range len(good) {
		cases = append(cases, good[:n])
	}
	for _, text := range cases {
		offered, missing := DecodeProvenance([]byte(text), verify.Source{})
		if len(offered) != 0 || !strings.HasPrefix(missing, "provenance is advertised, but the index's answer cannot be read: ") {
			t.Errorf("%q: got %+v, %q", text, offered, missing)
		}
	}
}

func TestProvenanceProblems(t *testing.T) {
	t.Parallel()
	good := provenanceJSON(githubPublisher, attestationJSON)
	for _, tt := range []struct{ name, json, want string }{
		{"a list", `[]`, "cannot be read"},
		{"outer version 2", strings.Replace(good, `{"version":1`, `{"version":2`, 1), "version 1 of the provenance object"},
		{"no outer version", strings.Replace(good, `{"version":1,`, `{`, 1), "version 1 of the provenance object"},
		{"inner version 2", strings.Replace(good, `[{"version":1`, `[{"version":2`, 1), "version 1 of the attestation object"},
		{"no bundles", `{"version":1}`, "attestation_bundles"},
		{"null bundles", `{"version":1,"attestation_bundles":null}`, "attestation_bundles"},
		{"bundle as a string", `{"version":1,"attestation_bundles":["x"]}`, "cannot be read"},
		{"no attestations", `{"version":1,"attestation_bundles":[{"publisher":{}}]}`, "attestations"},
		{"attestations as an object", `{"version":1,"attestation_bundles":[{"attestations":{}}]}`, "cannot be read"},
		{"a name twice", `{"version":1,"attestation_bundles":[],"attestation_bundles":[]}`, "occurs twice"},
		{"a publisher twice", `{"version":1,"attestation_bundles":[{"publisher":{"kind":"GitHub","kind":"GitLab"},"attestations":[]}]}`, "occurs twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			offered, missing := DecodeProvenance([]byte(tt.json), verify.Source{})
			if missing != "" || len(offered) != 1 {
				t.Fatalf("got %+v, %q: what cannot be read must not look like nothing", offered, missing)
			}
			if !strings.Contains(offered[0].Problem, tt.want) || offered[0].Bundle != nil || len(offered[0].Raw) == 0 {
				t.Errorf("problem %q, want %q", offered[0].Problem, tt.want)
			}
		})
	}
}

func TestEveryAttestationIsOffered(t *testing.T) {
	t.Parallel()
	object := `{"version":1,"attestation_bundles":[
		{"publisher":` + githubPublisher + `,"attestations":[` + attestationJSON + `,{"version":2}]},
		{"publisher":{"kind":"GitLab"},"attestations":[` + attestationJSON + `]},
		{"publisher":{"kind":"Google"},"attestations":[]}]}`
	offered, missing := DecodeProvenance([]byte(object), verify.Source{What: "provenance"})
	if len(offered) != 3 || offered[0].Problem != "" || offered[1].Problem == "" || offered[2].Publisher.Kind != "GitLab" || offered[2].Source.What != "provenance" {
		t.Errorf("got %+v", offered)
	}
	if !strings.Contains(missing, "is empty") {
		t.Errorf("missing is %q: a publisher's empty list is evidence that is not there", missing)
	}
}

func FuzzBundle(f *testing.F) {
	f.Add([]byte(attestationJSON))
	f.Add([]byte(`{"version":1,"verification_material":{"certificate":"","transparency_entries":[]},"envelope":{}}`))
	for _, data := range seeds.PEP740(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		bundle, err := Bundle(data)
		if (err == nil) != (bundle != nil) {
			t.Fatal("an error and a bundle, or neither")
		}
		if err == nil && !json.Valid(bundle) {
			t.Fatalf("no JSON: %s", bundle)
		}
	})
}

func FuzzDecodeProvenance(f *testing.F) {
	f.Add([]byte(provenanceJSON(githubPublisher, attestationJSON)))
	for _, data := range seeds.Files(f, seeds.Provenance) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		offered, missing := DecodeProvenance(data, verify.Source{})
		if len(offered) == 0 && missing == "" {
			t.Fatal("neither an attestation nor a reason why there is none")
		}
		for _, o := range offered {
			if (o.Problem == "") != (o.Bundle != nil) {
				t.Fatalf("problem %q with bundle %q", o.Problem, o.Bundle)
			}
		}
	})
}
