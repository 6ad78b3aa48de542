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
	"math"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify/registry"
)

// object is JSON that is changed.
type object = map[string]any

// edited serves the recorded answer with its bytes changed.
func edited(t *testing.T, change func(body []byte) []byte) func(s *faulty) fault {
	answers, _ := lab.Recording(t)
	return func(s *faulty) fault {
		return func(w http.ResponseWriter, r *http.Request, _ int) bool {
			recorded := httptest.NewRecorder()
			lab.Serve(answers, recorded, r)
			w.Header().Set("Content-Type", "application/json")
			w.Write(change(recorded.Body.Bytes()))
			return true
		}
	}
}

// text is an answer that is nothing but that.
func text(body string) func([]byte) []byte { return func([]byte) []byte { return []byte(body) } }

// decoded changes the answer as a value.
func decoded(change func(top object)) func([]byte) []byte {
	return func(body []byte) []byte {
		var top object
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&top); err != nil {
			panic(err)
		}
		change(top)
		out, err := json.Marshal(top)
		if err != nil {
			panic(err)
		}
		return out
	}
}

// bundles changes every bundle of an npm attestations response.
func bundles(change func(bundle object)) func([]byte) []byte {
	return decoded(func(top object) {
		for _, a := range top["attestations"].([]any) {
			change(a.(object)["bundle"].(object))
		}
	})
}

func material(bundle object) object { return bundle["verificationMaterial"].(object) }

func logEntry(bundle object) object { return material(bundle)["tlogEntries"].([]any)[0].(object) }

// payload puts another statement into the envelope.
func payload(statement string) func(object) {
	return func(bundle object) {
		bundle["dsseEnvelope"].(object)["payload"] = base64.StdEncoding.EncodeToString([]byte(statement))
	}
}

// leaf puts another certificate in the place of every one.
func leaf(der []byte) func(object) {
	return func(bundle object) {
		if c, ok := material(bundle)["certificate"].(object); ok {
			c["rawBytes"] = base64.StdEncoding.EncodeToString(der)
		}
	}
}

// certificate makes a self-signed one from a template.
func certificate(t *testing.T, template *x509.Certificate) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template.SerialNumber = big.NewInt(1)
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func named(n int) *x509.Certificate {
	c := &x509.Certificate{NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0)}
	for i := range n {
		c.DNSNames = append(c.DNSNames, fmt.Sprintf("%d.names.example", i))
	}
	return c
}

func extended(size int) *x509.Certificate {
	c := named(1)
	for n := 1; n <= 24; n++ {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 57264, 1, n}, Value: bytes.Repeat([]byte{'A'}, size/24)})
	}
	return c
}

func dated(from, to time.Time) *x509.Certificate {
	c := named(1)
	c.NotBefore, c.NotAfter = from, to
	return c
}

func day(year int) time.Time { return time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC) }

// What one package's registry or publisher overdoes costs that package bounded
// memory and gives it its reason; no other package notices.
func TestResourceLimits(t *testing.T) {
	hostile.WithoutRace(t)
	const deep = 100_000
	nested := strings.Repeat("[", deep) + strings.Repeat("]", deep)
	subjects := `{"_type":"https://in-toto.io/Statement/v1","subject":[` +
		strings.TrimSuffix(strings.Repeat(`{"name":"x","digest":{"sha512":"00"}},`, 10_000), ",") + `],"predicateType":"https://slsa.dev/provenance/v1","predicate":{}}`
	repeat := func(n int) func(object) {
		return func(top object) {
			list := top["attestations"].([]any)
			for len(list) < n {
				list = append(list, list[0])
			}
			top["attestations"] = list
		}
	}
	entries := func(n int) func(object) {
		return func(bundle object) {
			one := logEntry(bundle)
			var list []any
			for i := range n {
				copied := object{}
				for k, v := range one {
					copied[k] = v
				}
				copied["logIndex"] = fmt.Sprint(i)
				list = append(list, copied)
			}
			material(bundle)["tlogEntries"] = list
		}
	}
	at := func(seconds int64) func(object) {
		return func(bundle object) { logEntry(bundle)["integratedTime"] = fmt.Sprint(seconds) }
	}
	for _, tt := range []struct {
		name, path, victim, status, reason string
		change                             func([]byte) []byte
	}{
		{"deep manifest", npmManifest, npmVictim, "unchecked", "nested deeper than 100 levels", text(`{"name":` + nested + `}`)},
		{"deep attestations", npmEvidence, npmVictim, "unchecked", "nested deeper than 100 levels", text(`{"attestations":[{"bundle":{"a":` + nested + `}}]}`)},
		{"deep index", pypiIndex, pypiVictim, "unchecked", "nested deeper than 100 levels", text(`{"meta":{"api-version":"1.0"},"name":"mcp-clickhouse","files":` + nested + `}`)},
		{"deep provenance", pypiEvidence, pypiVictim, "invalid", "nested deeper than 100 levels", text(`{"version":1,"attestation_bundles":` + nested + `}`)},
		{"deep statement", npmEvidence, npmVictim, "invalid", "statement", bundles(payload(nested))},
		{"many names", npmManifest, npmVictim, "unchecked", "", text(`{` + strings.TrimSuffix(strings.Repeat(`"a":1,`, 200_000), ",") + `}`)},
		{"10,000 subjects", npmEvidence, npmVictim, "invalid", "signature", bundles(payload(subjects))},
		{"100 attestations", npmEvidence, npmVictim, "unchecked", "at most 64 attestations", decoded(repeat(100))},
		{"64 attestations", npmEvidence, npmVictim, "verified", "", decoded(repeat(64))},
		{"100 attestations of a file", pypiEvidence, pypiVictim, "unchecked", "more than 64 attestations", decoded(func(top object) {
			for _, b := range top["attestation_bundles"].([]any) {
				repeat(100)(b.(object))
			}
		})},
		{"32 log entries", npmEvidence, npmVictim, "invalid", "", bundles(entries(32))},
		{"33 log entries", npmEvidence, npmVictim, "invalid", "too many tlog entries: 33 > 32", bundles(entries(33))},
		{"1,000 log entries", npmEvidence, npmVictim, "invalid", "more than 256 values in one list", bundles(entries(1000))},
		{"10,000 proof hashes", npmEvidence, npmVictim, "invalid", "", bundles(func(bundle object) {
			proof := logEntry(bundle)["inclusionProof"].(object)
			hash := proof["hashes"].([]any)[0]
			list := make([]any, 10_000)
			for i := range list {
				list[i] = hash
			}
			proof["hashes"] = list
		})},
		{"a certificate with 10,000 names", npmEvidence, npmVictim, "invalid", "", bundles(leaf(certificate(t, named(10_000))))},
		{"a certificate of 1 MiB", npmEvidence, npmVictim, "invalid", "", bundles(leaf(certificate(t, extended(1<<20))))},
		{"a certificate of year 1 to 9999", npmEvidence, npmVictim, "invalid", "", bundles(leaf(certificate(t, dated(day(1), day(9999)))))},
		{"a certificate of year 0", npmEvidence, npmVictim, "invalid", "", bundles(leaf(certificate(t, dated(day(0), day(0)))))},
		{"a signature of 1 MiB", npmEvidence, npmVictim, "invalid", "", bundles(func(bundle object) {
			bundle["dsseEnvelope"].(object)["signatures"].([]any)[0].(object)["sig"] = strings.Repeat("AAAA", 1<<18)
		})},
		{"a log body of 2 MiB", npmEvidence, npmVictim, "invalid", "", bundles(func(bundle object) {
			logEntry(bundle)["canonicalizedBody"] = strings.Repeat("AAAA", 1<<19)
		})},
		{"a checkpoint of 1 MiB", npmEvidence, npmVictim, "invalid", "", bundles(func(bundle object) {
			logEntry(bundle)["inclusionProof"].(object)["checkpoint"].(object)["envelope"] = strings.Repeat("a\n", 1<<19)
		})},
		{"logged at -1", npmEvidence, npmVictim, "invalid", "", bundles(at(-1))},
		{"logged in year 0", npmEvidence, npmVictim, "invalid", "", bundles(at(day(0).Unix()))},
		{"logged in year 10000", npmEvidence, npmVictim, "invalid", "", bundles(at(day(10000).Unix()))},
		{"logged in year 292277026596", npmEvidence, npmVictim, "invalid", "", bundles(at(math.MaxInt64))},
		{"logged before all years", npmEvidence, npmVictim, "invalid", "", bundles(at(math.MinInt64))},
		{"logged beyond 64 bits", npmEvidence, npmVictim, "invalid", "", bundles(func(bundle object) {
			logEntry(bundle)["integratedTime"] = "9223372036854775808"
		})},
		{"a go.mod of 50,000 retractions", goMod, goVictim, "invalid", "another go.mod", func(body []byte) []byte {
			return append(body, strings.Repeat("retract v1.4.2 // x\n", 50_000)...)
		}},
		{"300,000 versions", goList, goVictim, "signed", "", func([]byte) []byte { return []byte(strings.Repeat("v1.4.2\n", 300_000)) }},
		{"an .info of 100,000 levels", goInfo, goVictim, "unchecked", "", text(strings.Repeat(`{"Origin":`, 100_000))},
		{"a record of 3,000 lines", goLookup, goVictim, "invalid", "", func(body []byte) []byte {
			return bytes.Replace(body, []byte("\n"), []byte("\n"+strings.Repeat("m v1.0.0 h1:x\n", 3000)), 1)
		}},
		{"uploaded in year 292277026596", pypiIndex, pypiVictim, "verified", "", decoded(func(top object) {
			for _, f := range top["files"].([]any) {
				f.(object)["upload-time"] = "292277026596-12-04T15:30:07Z"
				f.(object)["size"] = json.Number("9223372036854775807")
			}
		})},
	} {
		t.Run(tt.name, func(t *testing.T) {
			specs := few(t)
			server := newFaulty(t, false, tt.path, nil)
			server.fault = edited(t, tt.change)(server)
			before := memory()
			got := server.scan(t, specs, registry.Options{})
			after := memory()
			got.judge(t, specs, tt.victim, tt.status, tt.reason)
			report := got.reports[tt.victim]
			if tt.status != "verified" && (report.Reason == "" || len(report.Reason) > 2000) {
				t.Errorf("the reason is %q", report.Reason)
			}
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d MiB allocated: %v: %.200s", allocated>>20, report.Status, report.Reason)
			// The server and the other packages are in it too.
			if allocated > 250<<20 && !testfiles.Race { // which allocates for itself
				t.Errorf("%d bytes were allocated", allocated)
			}
		})
	}
}

// A spec that unfolds to more than it is costs its row, and no more.
func TestYAMLBombs(t *testing.T) {
	const head = "metadata: {name: x}\nspec: {package: x, version: 1.0.0}\n"
	laughs := "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		laughs += fmt.Sprintf("a%d: &a%d [%s]\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 9), ","))
	}
	merged := "m0: &m0 {k0: v}\n"
	for i := range 20 {
		merged += fmt.Sprintf("m%d: &m%d {<<: [%s], k%d: v}\n", i+1, i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d,", i), 9), ","), i+1)
	}
	for name, text := range map[string]string{
		"aliases":       head + laughs + "provenance: *a9\n",
		"merged":        head + merged + "provenance: *m20\n",
		"deep flow":     head + "provenance: " + strings.Repeat("[", 500_000),
		"deep mappings": head + "provenance: " + strings.Repeat("{a: ", 200_000),
		"deep blocks":   head + "provenance:\n" + strings.Repeat("- ", 400_000) + "x\n",
		"itself":        head + "provenance: &a [*a]\n",
		"too large":     head + "# " + strings.Repeat("x", 2<<20),
		"documents":     strings.Repeat("--- {}\n", 100_000),
	} {
		t.Run(name, func(t *testing.T) {
			before := memory()
			loaded, err := catalog.Load(t.Context(), catalog.Source{FS: fstest.MapFS{
				"npx/x/spec.yaml": {Data: []byte(text)}, "npx/y/spec.yaml": {Data: []byte(strings.ReplaceAll(head, "x", "y"))},
			}})
			if err != nil {
				t.Fatal(err)
			}
			got := lab.Check(t, loaded, lab.Through(t, registry.Offline{}, "https://npm.example", "https://pypi.example/simple/", demoTrust(t)), false)
			after := memory()
			if len(got) != 2 || loaded[0].Err == nil || !strings.HasPrefix(got[0].Reason, "the spec cannot be read: ") || loaded[1].Err != nil {
				t.Fatalf("%d specs: %+v, %+v", len(got), got[0], loaded[1].Err)
			}
			allocated := after.TotalAlloc - before.TotalAlloc
			t.Logf("%d MiB allocated: %.120s", allocated>>20, got[0].Reason)
			if allocated > 100<<20 && !testfiles.Race {
				t.Errorf("%d bytes were allocated", allocated)
			}
		})
	}
}
