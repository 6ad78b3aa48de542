package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"plimsoll/testdata/testfiles"
)

// vectorsAt is where the cases of conformance lie for the tests of package
// verify, which cannot make them.
const vectorsAt = "../../verify/testdata/conformance.json.gz"

// vectorJSON is a case in that file. Root is nil for that of the first case;
// Key is PEM, "" for a certificate.
type vectorJSON struct {
	Name, Want       string
	Bundle           []byte // base64, since some are no JSON
	Root             json.RawMessage
	Key              string
	Artifact         string
	Identity, Issuer string
}

// The tests of package verify run the same cases.
func TestConformanceVectors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	for i, tt := range madeCases() {
		k, v := tt.kit, tt.vector
		c := vectorJSON{Name: tt.name, Want: tt.want, Bundle: v.bundle, Root: v.root, Key: string(v.key), Artifact: string(v.artifact), Identity: v.identity, Issuer: k.id.ext[extIssuer]}
		if c.Root == nil && i == 0 {
			c.Root = k.trust().json()
		}
		if c.Artifact == "" {
			c.Artifact = string(k.artifact)
		}
		if c.Identity == "" && (v.key == nil || v.both) {
			c.Identity = k.id.san
		}
		out.Write(append(must(json.Marshal(c)), '\n'))
	}
	if *testfiles.Update {
		var packed bytes.Buffer
		w := must(gzip.NewWriterLevel(&packed, gzip.BestCompression))
		must(w.Write(out.Bytes()))
		if err := errors.Join(w.Close(), os.WriteFile(vectorsAt, packed.Bytes(), 0o666)); err != nil {
			t.Fatal(err)
		}
		return
	}
	packed := must(gzip.NewReader(bytes.NewReader(must(os.ReadFile(vectorsAt)))))
	if committed, err := io.ReadAll(packed); err != nil || !bytes.Equal(committed, out.Bytes()) {
		t.Errorf("%s is made otherwise than committed (%v): run go test ./testdata/forge -update", vectorsAt, err)
	}
}
