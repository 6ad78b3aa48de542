package verify

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// Of a saved answer nothing is called proven that only the tree proves.
func TestInspectRecord(t *testing.T) {
	t.Parallel()
	db, other := newSumDatabase(t), newSumDatabase(t)
	alone := newSumDatabase(t).offer("example.com/alone", "v1.0.0", nil)
	for i := range 300 {
		db.offer(fmt.Sprintf("example.com/m%d", i), "v1.0.0", nil)
	}
	honest := db.offer("example.com/m7", "v1.0.0", nil).Answer
	for name, tt := range map[string]struct {
		answer []byte
		db     SumDB
		want   Status
		reason string
	}{
		"honest":            {honest, SumDB{Key: db.key}, Unchecked, "its tree head is signed by sum.example, and nothing of the record is proven: tile/8/"},
		"what to do":        {honest, SumDB{Key: db.key}, Unchecked, "plimsoll verify-provenance go:example.com/m7@v1.0.0 fetches them"},
		"a kept head":       {honest, SumDB{Key: db.key, Head: other.head()}, Unchecked, "its tree head is signed"}, // which is of no matter
		"another key":       {honest, SumDB{Key: other.key}, Invalid, "not signed by the checksum database"},
		"no key":            {honest, SumDB{Error: "GOSUMDB is off"}, Unchecked, "GOSUMDB is off"},
		"an altered record": {bytes.Replace(honest, []byte(" h1:"), []byte(" h1:A"), 1), SumDB{Key: db.key}, Unchecked, "nothing of the record is proven"},
		"an altered head":   {bytes.Replace(honest, []byte("\n300\n"), []byte("\n301\n"), 1), SumDB{Key: db.key}, Invalid, "not signed"},
		"beyond the tree":   {bytes.Replace(honest, []byte("7\n"), []byte("700\n"), 1), SumDB{Key: db.key}, Invalid, "not in a tree of 300"},
		"two modules":       {bytes.Replace(honest, []byte("m7 v1.0.0/go.mod"), []byte("m8 v1.0.0/go.mod"), 1), SumDB{Key: db.key}, Invalid, "something else"},
		"no command of it":  {bytes.ReplaceAll(honest, []byte("example.com/m7"), []byte("example.com/$(x)")), SumDB{Key: db.key}, Unchecked, "a saved answer has none of the tree"},
		"another database":  {alone.Answer, SumDB{Key: db.key}, Invalid, "not signed"},
		"nothing":           {nil, SumDB{Key: db.key}, Invalid, "no record"},
	} {
		d := InspectRecord(EvidenceFile{Name: "x", Kind: "k", Record: tt.answer}, tt.db)
		if d.Status != tt.want || !strings.Contains(d.Reason, tt.reason) {
			t.Errorf("%s: %v: %s, want %v, %s", name, d.Status, d.Reason, tt.want, tt.reason)
		}
		if d.Inspected == nil || len(d.Artifacts) != 1 || d.Artifacts[0].Record == nil || (len(d.Findings) > 0) != (tt.want == Invalid) {
			t.Errorf("%s: %+v", name, d.Report)
		}
		if strings.Contains(d.Reason, "go:example.com/$") {
			t.Errorf("%s: a command with what no module is called: %s", name, d.Reason)
		}
	}
	one := newSumDatabase(t)
	d := InspectRecord(EvidenceFile{Record: one.offer("example.com/m", "v1.0.0", nil).Answer}, SumDB{Key: one.key})
	if d.Status != Unbound || !strings.Contains(d.Reason, "in the signed tree; not compared with any file") {
		t.Errorf("the only record of a tree: %v: %s", d.Status, d.Reason)
	}
}
