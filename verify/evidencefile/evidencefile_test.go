package evidencefile_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// sized is what claims to be a bundle, of so many bytes.
func sized(size int) string {
	data := `{"mediaType":7}`
	return data + strings.Repeat(" ", size-len(data))
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const kinds = "expected Sigstore bundles (v0.1, v0.2 or v0.3), attestations as npm or GitHub answers them, " +
		"output of gh attestation verify or npm audit signatures, PEP 740 provenance, or a checksum database's answer about a Go module; found "
	for name, c := range map[string]struct{ data, want string }{
		"empty":               {"", kinds + "an empty file"},
		"blank":               {" \n\t", kinds + "an empty file"},
		"garbage":             {"\x1b[2Jnot json", kinds + `no JSON: it begins with "\x1b[2Jnot json"`},
		"truncated":           {`{"attestations":[{"bundle":{"media`, kinds + "JSON that cannot be read: "},
		"list":                {`[]`, kinds + "an empty list"},
		"value":               {`"mediaType"`, kinds + "a single JSON value"},
		"empty object":        {`{}`, kinds + "an empty object"},
		"other object":        {`{"name":"x","\u001bversion":"1"}`, kinds + `an object with "\x1bversion", "name"`},
		"many members":        {`{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}`, ` and 1 more`},
		"two kinds":           {`{"attestations":[],"attestation_bundles":[]}`, "found members of more than one of them"},
		"twice":               {`{"attestations":[],"attestations":[]}`, "the name occurs twice"},
		"more after it":       {`{"attestations":[]} {}`, "nothing of its 2 parts can be inspected; line 1: npm attestations response: it holds no attestation"},
		"deep":                {`{"attestations":` + strings.Repeat("[", 101) + strings.Repeat("]", 101) + "}", "nested deeper than 100 levels"},
		"very deep":           {strings.Repeat(`{"a":`, 1_000_000), "nested deeper than 100 levels"},
		"huge":                {sized(untrusted.MaxEvidenceFile + 1), "too large"},
		"as large as may be":  {sized(untrusted.MaxEvidenceFile), "found none"},
		"a long name":         {`{"` + strings.Repeat("x", 120) + `":1}`, `an object with "` + strings.Repeat("x", 120) + `"`},
		"a longer name":       {`{"` + strings.Repeat("x", 121) + `":1}`, `an object with "` + strings.Repeat("x", 120) + `..."`},
		"no media type":       {`{"dsseEnvelope":{}}`, "Sigstore bundle: expected a media type of version v0.1, v0.2 or v0.3, found none"},
		"wrong media type":    {`{"mediaType":7}`, "found none"},
		"later bundle":        {`{"mediaType":"application/vnd.dev.sigstore.bundle.v0.4+json"}`, `found "application/vnd.dev.sigstore.bundle.v0.4+json"`},
		"no attestations":     {`{"attestations":[]}`, "npm attestations response: it holds no attestation"},
		"null attestations":   {`{"attestations":null}`, `npm attestations response: expected a list "attestations", found none`},
		"too many":            {`{"attestations":[` + strings.Repeat("{},", 64) + `{}]}`, "expected at most 64 attestations, found 65"},
		"later provenance":    {`{"version":2,"attestation_bundles":[]}`, `PEP 740 provenance object: expected version 1 of the provenance object, found an unsupported one: "2"`},
		"no version":          {`{"attestation_bundles":[]}`, "found no version"},
		"no bundles":          {`{"version":1,"attestation_bundles":[]}`, "PEP 740 provenance object: the object holds no attestations"},
		"too many of PyPI":    {`{"version":1,"attestation_bundles":[{"publisher":{},"attestations":[` + strings.Repeat("{},", 64) + `{}]}]}`, "PEP 740 provenance object: the object holds more than 64 attestations"},
		"bundles of null":     {`{"version":1,"attestation_bundles":null}`, `PEP 740 provenance object: expected "attestation_bundles" in the provenance object, found none`},
		"no list":             {`{"version":1,"attestation_bundles":"x"}`, "PEP 740 provenance object: "},
		"later attestation":   {`{"version":3,"verification_material":{},"envelope":{}}`, `PEP 740 attestation: expected version 1`},
		"no bundles, but one": {`{"version":1,"attestation_bundles":[{"publisher":{"kind":"x"},"attestations":[]}]}`, "PEP 740 provenance object: a publisher's list of attestations is empty"},
	} {
		ex, err := evidencefile.Open([]byte(c.data), "x")
		if err == nil || !strings.Contains(untrusted.Message(err), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
		if len(ex.Attestations) > 0 && err == nil {
			t.Errorf("%s: %d attestations", name, len(ex.Attestations))
		}
	}
}

// What is of a kind and cannot be decoded is offered with its problem, and
// never holds.
func TestOpenBroken(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"no element": `{"attestations":[7]}`,
		"no bundle":  `{"attestations":[{"predicateType":"x"}]}`,
		"no parts":   `{"version":1,"verification_material":{},"envelope":{}}`,
		"publisher":  `{"version":1,"attestation_bundles":[{"publisher":null,"attestations":[{}]}]}`,
		"bundle":     `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","dsseEnvelope":{}}`,
		"unknown":    `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","x":1}`,
	} {
		ex, err := evidencefile.Open([]byte(data), "x")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if r := verify.Inspect(ex, anchors(t)); r.Status != verify.Invalid || r.Publisher != nil {
			t.Errorf("%s: %v: %s", name, r.Status, r.Reason)
		}
	}
}

func anchors(t testing.TB) verify.Trust {
	t.Helper()
	_, material := lab.Recording(t)
	return parse(t, material.TrustedRoot, material.NPMKeys)
}

func parse(t testing.TB, root, keys []byte) verify.Trust {
	t.Helper()
	trusted, err := trust.ParseRoot(root)
	if err != nil {
		t.Fatal(err)
	}
	known, err := trust.ParseKeys(keys, "a file")
	if err != nil {
		t.Fatal(err)
	}
	return verify.Trust{Root: trusted, Keys: known}
}

// recorded returns the evidence of the demo by its name.
func recorded(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := fs.WalkDir(demo.Recording(), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".attestations.json") && !strings.HasSuffix(name, ".provenance.json") {
			return err
		}
		files[name], err = fs.ReadFile(demo.Recording(), name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// All evidence of the demo, as the registries serve it and taken apart: the
// same attestation gets the same verdict in whatever it is wrapped, and never
// that of a package.
func TestInspectDemo(t *testing.T) {
	t.Parallel()
	known := anchors(t)
	counts := map[verify.Status]int{}
	parts := 0
	for name, data := range recorded(t) {
		ex, err := evidencefile.Open(data, untrusted.Text(name))
		if err != nil {
			if !strings.Contains(name, "empty-") && !strings.Contains(name, "future-format") && !strings.Contains(err.Error(), "the error answer of a server") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		r := verify.Inspect(ex, known)
		switch r.Status {
		case verify.Unbound, verify.Invalid, verify.Unchecked:
		default:
			t.Errorf("%s: %v", name, r.Status)
		}
		counts[r.Status]++
		for i, att := range r.Artifacts[0].Attestations {
			if !att.Status.Holds() && att.Publisher != nil {
				t.Errorf("%s: %v, and it names a publisher", name, att.Status)
			}
			parts += takenApart(t, name, ex.Attestations[i], att.Status, known)
		}
	}
	if counts[verify.Unbound] < 40 || counts[verify.Invalid] < 20 || counts[verify.Unchecked] < 3 || parts < 100 {
		t.Errorf("only %v, %d parts", counts, parts)
	}
}

// takenApart inspects one attestation of a file by itself.
func takenApart(t *testing.T, name string, off verify.OfferedAttestation, whole verify.Status, known verify.Trust) int {
	t.Helper()
	if off.Problem != "" {
		return 0
	}
	alone := off.Bundle
	if off.Publisher != nil { // as it stands in the provenance object
		alone = off.Raw
	}
	ex, err := evidencefile.Open(alone, "part")
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	// What the wrapper said is gone: its lies, too.
	if got := verify.Inspect(ex, known).Status; got != whole && !(whole != verify.Unbound && got == verify.Unbound) {
		t.Errorf("%s: %v within the whole, %v alone", name, whole, got)
	}
	return 1
}

// The real evidence, of both registries, against the real trust root: each
// names the digest that the registry serves, and no other.
func TestInspectRealEvidence(t *testing.T) {
	t.Parallel()
	dir := testfiles.Shared(t, "realworld")
	root := testfiles.Read(t, dir, "trust", "trusted_root.json")
	keys := testfiles.Read(t, dir, "trust", "npm-keys.json")
	known, held := parse(t, root, keys), 0
	for _, pattern := range []string{"registry/npm/-/npm/v1/attestations/*", "registry/integrity/*/*/*/provenance"} {
		files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			data := testfiles.Read(t, file)
			ex, err := evidencefile.Open(data, untrusted.Text(file))
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			alone := verify.Inspect(ex, known)
			if alone.Status == verify.Unbound {
				held++
			}
			ex.Given = &verify.Given{Name: "nothing", Digests: []verify.Digest{{Algorithm: "sha512", Hex: strings.Repeat("00", 64)}, {Algorithm: "sha256", Hex: strings.Repeat("00", 32)}}}
			if other := verify.Inspect(ex, known); other.Status != verify.Invalid {
				t.Errorf("%s: %v, and another file was given", file, other.Status)
			}
		}
	}
	if held < 4 {
		t.Errorf("only %d files hold", held)
	}
}

// FuzzOpen opens whatever there is, and looks at it without trust.
func FuzzOpen(f *testing.F) {
	seeds := 0
	for _, data := range recorded(f) {
		f.Add(data)
		seeds++
	}
	made, err := filepath.Glob(filepath.Join("..", "..", "ui", "cli", "testdata", "inspect", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range made {
		data := testfiles.Read(f, file)
		f.Add(data)
	}
	if seeds < 50 || len(made) < 10 {
		f.Fatalf("only %d and %d seeds were found", seeds, len(made))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ex, err := evidencefile.Open(data, "x\x1b[2J")
		if err != nil {
			if text := untrusted.Message(err); text == "" || text != untrusted.Clean(text) {
				t.Fatalf("error %q", text)
			}
			return
		}
		if len(ex.Attestations) == 0 || ex.Kind == "" || ex.Source.Size != len(data) {
			t.Fatalf("nothing in it, and no error: %+v", ex)
		}
		for _, off := range ex.Attestations {
			if (off.Problem == "" && off.Missing == "") != (len(off.Bundle) > 0) || !bytes.ContainsRune(data, 0) && !bytes.Contains(data, bytes.TrimSpace(off.Raw)) {
				t.Fatalf("problem %q, a bundle of %d bytes", off.Problem, len(off.Bundle))
			}
			if off.Bundle != nil && !json.Valid(off.Bundle) {
				t.Fatalf("no JSON: %s", hex.EncodeToString(off.Bundle))
			}
		}
		r := verify.Inspect(ex, verify.Trust{RootError: "no root"})
		if r.Status != verify.Unchecked || r.Reason != "no root" || r.Publisher != nil {
			t.Fatalf("without trust: %v %s", r.Status, r.Reason)
		}
	})
}
