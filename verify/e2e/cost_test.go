package e2e

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"net/http"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// What an answer of a registry may cost.
const (
	maxOne    = 100 << 20
	maxTwenty = 200 << 20
)

// times repeats a text with commas between, as a list.
func times(n int, text string) json.RawMessage {
	return json.RawMessage("[" + strings.TrimSuffix(strings.Repeat(text+",", n), ",") + "]")
}

// digests are n digests of few bytes.
func digests(n int) json.RawMessage {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"%x":""`, i)
	}
	return json.RawMessage("{" + strings.TrimPrefix(b.String(), ",") + "}")
}

func encoded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// spoil reads a recorded answer and changes each object that stands under name
// in it, however deep.
func spoil(t *testing.T, recorded, name string, change func(object)) []byte {
	t.Helper()
	data, err := fs.ReadFile(demo.Recording(), "bodies/"+recorded)
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := json.Unmarshal(data, &document); err != nil {
		t.Fatal(err)
	}
	changed := 0
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case object:
			for key, value := range v {
				if o, ok := value.(object); ok && key == name {
					change(o)
					changed++
				} else if list, ok := value.([]any); ok && key == name {
					for _, o := range list {
						change(o.(object))
						changed++
					}
				}
				walk(v[key])
			}
		case []any:
			for _, value := range v {
				walk(value)
			}
		}
	}
	walk(object{"": document})
	if changed == 0 {
		t.Fatalf("%s has no %s", recorded, name)
	}
	out, err := json.Marshal(document)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// statement changes the signed statement of every envelope in an answer.
func statement(t *testing.T, change func(object)) []byte {
	t.Helper()
	return spoil(t, npmAttestations, "dsseEnvelope", func(envelope object) {
		payload, err := base64.StdEncoding.DecodeString(envelope["payload"].(string))
		var st object
		if err == nil {
			err = json.Unmarshal(payload, &st)
		}
		if err != nil {
			t.Fatal(err)
		}
		change(st)
		if payload, err = json.Marshal(st); err != nil {
			t.Fatal(err)
		}
		envelope["payload"] = base64.StdEncoding.EncodeToString(payload)
	})
}

const npmAttestations = "npm/@jetbrains/mcp-proxy/1.8.0.attestations.json"

// crowded is a certificate of many empty names.
func crowded(t *testing.T, names int) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	list, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: bytes.Repeat([]byte{0x86, 0x00}, names)})
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: list}}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(der)
}

// costly are answers within every bound on bytes that cost much when they are
// decoded.
func costly(t *testing.T) []struct {
	name, path, victim string
	body               func() []byte
} {
	lists := func() string { return string(times(900_000, "[]")) }
	return []struct {
		name, path, victim string
		body               func() []byte
	}{
		{"hashes of a proof", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "inclusionProof", func(o object) { o["hashes"] = times(900_000, `""`) })
		}},
		{"log entries", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "verificationMaterial", func(o object) { o["tlogEntries"] = times(900_000, `{}`) })
		}},
		{"certificates", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "verificationMaterial", func(o object) {
				delete(o, "certificate")
				o["x509CertificateChain"] = object{"certificates": times(900_000, `{}`)}
			})
		}},
		{"timestamps", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "verificationMaterial", func(o object) {
				o["timestampVerificationData"] = object{"rfc3161Timestamps": times(900_000, `{}`)}
			})
		}},
		{"signatures", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "dsseEnvelope", func(o object) { o["signatures"] = times(900_000, `{}`) })
		}},
		{"empty lists in a log entry", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "tlogEntries", func(o object) {
				o["canonicalizedBody"] = encoded(`{"apiVersion":"0.0.2","kind":"intoto","spec":{"content":` + lists() + `}}`)
			})
		}},
		{"attestations", npmEvidence, npmVictim, func() []byte { return fmt.Appendf(nil, `{"attestations":%s}`, times(2_500_000, `{}`)) }},
		{"names of members", npmEvidence, npmVictim, func() []byte { return fmt.Appendf(nil, `{"attestations":[],"more":%s}`, digests(700_000)) }},
		{"digests of a subject", npmEvidence, npmVictim, func() []byte {
			return statement(t, func(o object) {
				o["subject"] = []any{object{"name": "pkg:npm/a@1", "digest": digests(250_000)}}
			})
		}},
		{"materials of many digests", npmEvidence, npmVictim, func() []byte {
			return statement(t, func(o object) {
				o["predicateType"] = "https://slsa.dev/provenance/v0.2"
				o["predicate"] = object{"materials": times(4_000, `{"uri":"a","digest":`+string(digests(40))+`}`)}
			})
		}},
		{"empty lists in a statement", npmEvidence, npmVictim, func() []byte { return statement(t, func(o object) { o["predicate"] = json.RawMessage(lists()) }) }},
		{"names in a certificate", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "verificationMaterial", func(o object) {
				delete(o, "x509CertificateChain")
				delete(o, "publicKey")
				o["certificate"] = object{"rawBytes": crowded(t, 1_200_000)}
			})
		}},
		{"a long statement", npmEvidence, npmVictim, func() []byte {
			return statement(t, func(o object) { o["predicate"] = object{"a": strings.Repeat("a", 5<<19)} })
		}},
		{"a long signature", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "signatures", func(o object) { o["sig"] = strings.Repeat("AAAA", 900<<10) })
		}},
		{"a long key id", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "signatures", func(o object) { o["keyid"] = strings.Repeat("A", 7<<19) })
		}},
		{"a long checkpoint", npmEvidence, npmVictim, func() []byte {
			return spoil(t, npmAttestations, "checkpoint", func(o object) { o["envelope"] = strings.Repeat("a\n", 1<<20) })
		}},
		{"signatures of a registry", npmManifest, npmVictim, func() []byte {
			return fmt.Appendf(nil, `{"name":"@jetbrains/mcp-proxy","version":"1.8.0","dist":{"signatures":%s}}`, times(1_300_000, `{}`))
		}},
		{"members of a repository", npmManifest, npmVictim, func() []byte {
			return fmt.Appendf(nil, `{"name":"@jetbrains/mcp-proxy","version":"1.8.0","repository":%s}`, digests(300_000))
		}},
		{"files of an index", pypiIndex, pypiVictim, func() []byte {
			return fmt.Appendf(nil, `{"meta":{"api-version":"1.0"},"name":"mcp-clickhouse","files":%s}`, times(8_000_000, `[]`))
		}},
		{"long files of an index", pypiIndex, pypiVictim, func() []byte {
			return fmt.Appendf(nil, `{"meta":{"api-version":"1.0"},"name":"mcp-clickhouse","files":%s}`, times(23, `{"filename":"`+strings.Repeat("a", 1<<20)+`"}`))
		}},
		{"publishers", pypiEvidence, pypiVictim, func() []byte {
			return fmt.Appendf(nil, `{"version":1,"attestation_bundles":%s}`, times(2_500_000, `[]`))
		}},
		{"members of a publisher", pypiEvidence, pypiVictim, func() []byte {
			return fmt.Appendf(nil, `{"version":1,"attestation_bundles":[{"publisher":%s,"attestations":[{}]}]}`, digests(700_000))
		}},
	}
}

// grown is what the program holds of memory, without what it gave back.
func grown(m, since runtime.MemStats) int64 {
	return int64(m.HeapSys-m.HeapReleased) - int64(since.HeapSys-since.HeapReleased)
}

// crowds are the costly answers that are tried twenty at once: one of each way
// to be large.
var crowds = []string{"signatures of a registry", "a long signature", "long files of an index", "publishers"}

// What is within the bounds on bytes costs no more than its bounds on number
// allow, one answer at a time and twenty at once.
func TestCostOfOneAnswer(t *testing.T) {
	if testfiles.Race {
		t.Skip("the race detector takes memory of its own")
	}
	all, together := lab.Specs(t), crowds
	if hostile.Sample(t) { // twenty at once of one kind for each registry
		together = []string{"signatures of a registry", "publishers"}
	}
	for _, bomb := range costly(t) {
		t.Run(bomb.name, func(t *testing.T) {
			body := bomb.body()
			if limit := map[string]int{npmManifest: untrusted.MaxManifest, pypiIndex: untrusted.MaxIndex}[bomb.path]; len(body) > max(limit, untrusted.MaxAttestations) {
				t.Fatalf("%d bytes are too many to be read", len(body))
			}
			server := newFaulty(t, false, bomb.path, func(w http.ResponseWriter, _ *http.Request, _ int) bool {
				w.Header().Set("Content-Type", "application/json")
				w.Write(body)
				return true
			})
			for _, many := range []struct {
				packages, bound int64
			}{{1, maxOne}, {20, maxTwenty}} {
				if many.packages > 1 && !slices.Contains(together, bomb.name) {
					continue
				}
				var specs []catalog.Spec
				for _, s := range all {
					for i := range many.packages {
						if string(s.Path) == bomb.victim {
							s.Path = untrusted.Text(fmt.Sprintf("dockyard/npx/%d/spec.yaml", i))
							specs = append(specs, s)
							s.Path = untrusted.Text(bomb.victim)
						}
					}
				}
				debug.FreeOSMemory()
				before := memory()
				got := server.scan(t, specs, registry.Options{})
				var after runtime.MemStats
				runtime.ReadMemStats(&after)
				for path, report := range got.reports {
					if report.Status != verify.Unchecked && report.Status != verify.Invalid {
						t.Errorf("%s: %v: %s", path, report.Status, report.Reason)
					}
				}
				held := grown(after, before)
				t.Logf("%d packages, answers of %d KiB: %d MiB held, %d MiB allocated: %s", len(got.reports), len(body)>>10, held>>20,
					(after.TotalAlloc-before.TotalAlloc)>>20, got.reports[string(specs[0].Path)].Reason)
				if len(got.reports) != int(many.packages) || held > many.bound {
					t.Errorf("%d packages: %d bytes were held", len(got.reports), held)
				}
			}
		})
	}
}
