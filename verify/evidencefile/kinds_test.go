package evidencefile_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
)

// made returns a file of ui/cli/testdata/inspect on one line.
func made(t *testing.T, name string) string {
	t.Helper()
	data := testfiles.Read(t, filepath.Join("..", "..", "ui", "cli", "testdata", "inspect", name))
	var compact strings.Builder
	for line := range strings.Lines(string(data)) {
		compact.WriteString(strings.TrimSpace(line))
	}
	return compact.String()
}

// wide writes a text as PowerShell redirects it.
func wide(text string, mark string, high, low int) string {
	out := []byte(mark)
	for _, unit := range utf16.Encode([]rune(text)) {
		pair := [2]byte{}
		pair[high], pair[low] = byte(unit>>8), byte(unit)
		out = append(out, pair[:]...)
	}
	return string(out)
}

// pretty indents a JSON text.
func pretty(t *testing.T, text string) string {
	t.Helper()
	data, err := json.MarshalIndent(json.RawMessage(text), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Files as tools write them: each is recognised, every part of it gets its own
// verdict, and no part is passed over.
func TestOpenSeveral(t *testing.T) {
	t.Parallel()
	good, old, altered := made(t, "statement-v0.3.json"), made(t, "statement-v0.1.json"), made(t, "message-tampered.json")
	unbound, invalid, unchecked := verify.Unbound, verify.Invalid, verify.Unchecked
	lines := func(texts ...string) string { return strings.Join(texts, "\n") }
	known := anchors(t)
	for name, c := range map[string]struct {
		data, kind string
		want       []verify.Status
		reason     string // of the whole, in part
	}{
		"a line each":         {lines(good, old, ""), "JSON lines: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, "of all 2 attestations"},
		"the same twice":      {lines(good, good), "JSON lines: Sigstore bundle v0.3 (2)", []verify.Status{unbound, unbound}, "of all 2"},
		"one line":            {lines(good, ""), "Sigstore bundle v0.3", []verify.Status{unbound}, "every link verifies; it names"},
		"blank lines, CRLF":   {"\r\n" + good + "\r\n\r\n" + old + "\r\n \r\n", "JSON lines: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, ""},
		"a byte order mark":   {"\ufeff" + lines(good, old), "JSON lines: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, ""},
		"a separator":         {"\x1e" + good + "\n\x1e" + good + "\n", "JSON lines: Sigstore bundle v0.3 (2)", []verify.Status{unbound, unbound}, ""},
		"behind each other":   {pretty(t, good) + pretty(t, old), "JSON lines: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, ""},
		"UTF-16":              {wide(good, "\xff\xfe", 1, 0), "Sigstore bundle v0.3", []verify.Status{unbound}, ""},
		"UTF-16, big-endian":  {wide(lines(good, old), "\xfe\xff", 0, 1), "JSON lines: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, ""},
		"UTF-16, no mark":     {wide("["+good+"]", "", 1, 0), "list: Sigstore bundle v0.3 (1)", []verify.Status{unbound}, ""},
		"a list":              {"[" + good + "," + old + "]", "list: Sigstore bundle v0.3 (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound}, ""},
		"a list a line":       {lines("["+good+"]", "["+old+","+good+"]"), "JSON lines: Sigstore bundle v0.3 (2), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unbound, unbound}, ""},
		"one that is altered": {lines(good, altered, old), "JSON lines: Sigstore bundle v0.3 (2), Sigstore bundle v0.1 (1)", []verify.Status{unbound, invalid, unbound}, "attestation 2 of 3: "},
		"a broken line":       {lines(good, `{"mediaType":`, old), "JSON lines: Sigstore bundle v0.3 (1), what cannot be inspected (1), Sigstore bundle v0.1 (1)", []verify.Status{unbound, unchecked, unbound}, "attestation 2 of 3: line 2 of the file cannot be inspected: JSON that cannot be read"},
		"cut at the end":      {lines(good, old[:200]), "JSON lines: Sigstore bundle v0.3 (1), what cannot be inspected (1)", []verify.Status{unbound, unchecked}, "line 2 of the file"},
		"another kind":        {lines(`{"payloadType":"x","payload":"","signatures":[]}`, good), "JSON lines: what cannot be inspected (1), Sigstore bundle v0.3 (1)", []verify.Status{unchecked, unbound}, "line 1 of the file cannot be inspected: this is a DSSE envelope alone"},
		"a stranger":          {"[" + good + `,{"x":1},7]`, "list: Sigstore bundle v0.3 (1), what cannot be inspected (2)", []verify.Status{unbound, unchecked, unchecked}, `element 2 of line 1 of the file cannot be inspected: found an object with "x"`},
		"gh attestation verify": {`[{"attestation":{"bundle":` + good + `,"bundle_url":"","initiator":""},"verificationResult":{"statement":{}}}]`,
			"list: result of gh attestation verify, whose own verdict is a claim and not used (1)", []verify.Status{unbound}, ""},
		"gh says that it verifies": {`[{"attestation":{"bundle":` + altered + `},"verificationResult":{"verifiedTimestamps":[{}]}}]`,
			"list: result of gh attestation verify, whose own verdict is a claim and not used (1)", []verify.Status{invalid}, ""},
		"GitHub": {`{"attestations":[{"bundle":` + good + `,"repository_id":1,"bundle_url":"https://x.example/a"},{"bundle":null,"repository_id":1,"bundle_url":"https://x.example/b"}]}`,
			"GitHub attestations response", []verify.Status{unbound, unchecked}, "attestation 2 of 2: there is no bundle here, only its address (bundle_url)"},
		"GitHub, several digests": {`{"attestations_subject_digests":{"sha256:b":[{"bundle":` + good + `,"repository_id":1}],"sha256:a":null},"page_info":{}}`,
			"GitHub attestations response, of several digests", []verify.Status{unbound}, ""},
		"GitHub, a list of digests": {`{"attestations_subject_digests":[{"sha256:b":[{"bundle":` + good + `},{"repository_id":1}]}]}`,
			"GitHub attestations response, of several digests", []verify.Status{unbound, unchecked}, "there is no bundle here"},
		"one of npm's":    {`{"predicateType":"https://x.example/other","bundle":` + good + `}`, "attestation of npm's response", []verify.Status{invalid}, "another predicate type"},
		"one of GitHub's": {`{"bundle":` + good + `,"repository_id":1}`, "attestation of GitHub's response", []verify.Status{unbound}, ""},
		"npm audit signatures": {`{"invalid":[{"name":"a","version":"1","code":"EATTESTATIONVERIFY"}],"missing":[{"name":"b","version":"2"}],"verified":[
			{"name":"c","version":"3","attestationBundles":[{"bundle":` + good + `}]},{"name":"d","version":"4"},{"name":"e","version":"5","attestationBundles":[]}]}`,
			"output of npm audit signatures, whose own verdicts are claims and not used", []verify.Status{unbound, unchecked, unchecked, unchecked, unchecked}, "attestation 2 of 5: npm prints no bundle of d@4"},
		"base64 of MIME": {strings.Replace(good, `"payload":"`, `"payload":"\n`, 1), "Sigstore bundle v0.3", []verify.Status{invalid}, `payload": expected base64 on one line, found base64 with line breaks`},
		"PEM":            {strings.Replace(good, `"rawBytes":"`, `"rawBytes":"-----BEGIN CERTIFICATE-----`, 1), "Sigstore bundle v0.3", []verify.Status{invalid}, "rawBytes: expected base64 of DER, found PEM"},
		"base64 of PEM": {strings.Replace(good, `"rawBytes":"`, `"rawBytes":"`+base64.StdEncoding.EncodeToString([]byte("-----BEGIN CERTIFICATE-----\n\n\n")), 1),
			"Sigstore bundle v0.3", []verify.Status{invalid}, "rawBytes: expected base64 of DER, found base64 of PEM"},
	} {
		file, err := evidencefile.Open([]byte(c.data), "x")
		if err != nil || file.Kind != c.kind {
			t.Errorf("%s: kind %q, %v; want %q", name, file.Kind, err, c.kind)
			continue
		}
		r := verify.Inspect(file, known)
		var got []verify.Status
		for _, att := range r.Artifacts[0].Attestations {
			got = append(got, att.Status)
		}
		if !slices.Equal(got, c.want) || !strings.Contains(r.Reason, c.reason) || r.Status != slices.MaxFunc(c.want, worse) {
			t.Errorf("%s: %v: %v: %s\nwant %v: %s", name, r.Status, got, r.Reason, c.want, c.reason)
		}
	}
}

func worse(a, b verify.Status) int {
	order := []verify.Status{verify.Unbound, verify.Unchecked, verify.Invalid}
	return slices.Index(order, a) - slices.Index(order, b)
}

// What people take for evidence is named, with what to do.
func TestOpenNames(t *testing.T) {
	t.Parallel()
	base := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	for data, want := range map[string]string{
		`{"base64Signature":"x","cert":"y","rekorBundle":{}}`:                               "cosign's old bundle form, which plimsoll does not read: cosign bundle create --artifact ARTIFACT --bundle FILE --out NEW",
		`{"Base64Signature":"x","Payload":"y"}`:                                             "cosign download signature",
		`{"payloadType":"application/vnd.in-toto+json","payload":"","signatures":[]}`:       "a DSSE envelope alone",
		`{"payloadType":"","payload":"","signatures":[{"sig":"","cert":"-----BEGIN"}]}`:     "slsa-verifier verify-artifact",
		`{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}`:         "--trusted-root takes it",
		`{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}`:              "signing or trust configuration",
		`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json"}`:         "gh attestation download oci://IMAGE",
		`{"_type":"https://in-toto.io/Statement/v1","predicateType":"x"}`:                   "that nobody signed",
		`{"signed":{},"signatures":[]}`:                                                     "an in-toto link or layout, or TUF metadata",
		`{"` + strings.Repeat("ab", 40) + `":{"body":"","logID":"","logIndex":1}}`:          "an entry of the transparency log",
		`{"spdxVersion":"SPDX-2.3"}`:                                                        "an SBOM that nobody signed",
		`{"bomFormat":"CycloneDX"}`:                                                         "an SBOM that nobody signed",
		`{"critical":{},"optional":{}}`:                                                     "the payload of a signed image",
		`[{"keyid":"SHA256:x","sig":"MEUC"}]`:                                               "verify-provenance checks it with the package",
		`[{"id":1,"predicate_type":"x","download_url":"https://x.example"}]`:                "GitLab's list of attestations",
		`{"url":"https://x.example","provenance":{}}`:                                       "dist.attestations.url",
		`{"inspectedBundles":[]}`:                                                           "gh attestation inspect",
		`{"schema":"plimsoll/report/v1","packages":[]}`:                                     "plimsoll --results FILE",
		`{"name":"x","version":"1","dist":{}}`:                                              "npm's metadata of a package",
		`{"meta":{},"files":[],"name":"x"}`:                                                 "PyPI's metadata of a project",
		`{"name":"x","lockfileVersion":3}`:                                                  "a lock file of npm",
		`{"keys":[]}`:                                                                       "--npm-keys",
		`{"message":"Not Found\u001b[2J","documentation_url":"https://x.example"}`:          `the error answer of a server, not evidence: "Not Found\x1b[2J"`,
		`{"error":"not_found"}`:                                                             `not evidence: "not_found"`,
		`{"invalid":[],"missing":[]}`:                                                       "npm audit signatures --json --include-attestations prints them",
		"npm warn x\n{\"invalid\":[]}":                                                      "found text before it",
		"Loaded digest\n{\"mediaType\":\"x\"}":                                              "found text before it",
		"nothing\nof that kind":                                                             `found no JSON: it begins with "nothing\nof that "`,
		"<!DOCTYPE html><html>":                                                             "an HTML or XML page",
		"\x1f\x8b\x08":                                                                      "a gzip file: unpack evidence first",
		"PK\x03\x04":                                                                        "a zip file",
		"-----BEGIN PGP SIGNATURE-----":                                                     "gpg --verify",
		"-----BEGIN CERTIFICATE-----\n":                                                     "a certificate alone",
		base("-----BEGIN CERTIFICATE-----\n") + "\n":                                        "a certificate alone",
		base("0E\x02 123456789") + "\n":                                                     "a signature alone",
		base(`{"payloadType":"x"}`):                                                         "JSON in base64",
		"\xd0\x5b\xf0\x4d" + `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"`: "gh attestation download fetches it unpacked",
		"\xff\xfe{\x00\x00\xd8":                                                             "UTF-16 that is broken",
		"\xff\xfe{\x00}":                                                                    "UTF-16 that is broken",
		"{\"mediaType\":\"x\ny\"}":                                                          "a text in it goes over several lines, as base64 of MIME does",
		strings.Repeat("{\"mediaType\":7}\n", 1001):                                         "more than 1000 JSON texts",
		"[" + strings.Repeat("7,", 1000) + "7]":                                             "more than 1000 JSON texts",
		strings.Repeat("{\"a\":[\n", 3) + strings.Repeat(" ", 20<<20):                       "too much of it cannot be read; line 2: JSON that cannot be read",
		`{"attestations":[{"bundle":null,"bundle_url":"https://x.example","repository_id":` + "1}," + `]}`: "JSON that cannot be read",
	} {
		file, err := evidencefile.Open([]byte(data), "x")
		if text := untrusted.Message(err); err == nil || !strings.Contains(text, want) || len(file.Attestations) > 0 {
			t.Errorf("%.80q: %d attestations, %s\nwant %s", data, len(file.Attestations), text, want)
		}
	}
}

// A file of many attestations is bounded by their number, wherever they stand.
func TestOpenMany(t *testing.T) {
	t.Parallel()
	response := `{"attestations":[` + strings.TrimSuffix(strings.Repeat(`{"bundle":{}},`, 64), ",") + `]}`
	if file, err := evidencefile.Open([]byte(strings.Repeat(response+"\n", 15)), "x"); err != nil || len(file.Attestations) != 960 {
		t.Errorf("%d attestations, %v", len(file.Attestations), err)
	}
	if _, err := evidencefile.Open([]byte(strings.Repeat(response+"\n", 16)), "x"); fmt.Sprint(err) != "too large: more than 1000 attestations: split it" {
		t.Error(err)
	}
}
