package main

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"plimsoll/testdata/hostile"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// No byte of a file of evidence that holds can be flipped without its ceasing
// to hold.
func TestMutationsOfExhibits(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	f := newForge()
	keys, err := trust.ParseKeys(npmKeysJSON(f.keys()...), "the demo")
	if err != nil {
		t.Fatal(err)
	}
	anchors := verify.Trust{Root: f.root(), Keys: keys}
	mutants, step, want := 0, 19, 1800
	if hostile.Sample(t) { // the first byte of everything, and so on
		step, want = 6*step, 300
	}
	for _, c := range exhibits(f) {
		if c.alone != verify.Unbound {
			continue
		}
		var document any
		if err := json.Unmarshal(c.attestation.json(), &document); err != nil {
			t.Fatal(err)
		}
		flip(document, func(set func(i int) bool, size int) {
			for i := 0; i < size; i += step {
				if !set(i) {
					continue
				}
				mutants++
				data, err := json.Marshal(document)
				if err != nil {
					t.Fatal(err)
				}
				if ex, err := evidencefile.Open(data, "mutant"); err == nil {
					if r := verify.Inspect(ex, anchors); r.Status.Holds() || r.Publisher != nil {
						t.Errorf("%s: byte %d of %d was flipped, and it is %v", c.name, i, size, r.Status)
					}
				}
				set(i) // back
			}
		})
	}
	if mutants < want {
		t.Errorf("only %d mutants were tried", mutants)
	}
	t.Logf("%d mutants", mutants)
}

// flip calls try for every value of a document that is base64, with what flips
// one of its bytes, and again flips it back.
func flip(v any, try func(set func(i int) bool, size int)) {
	visit := func(text string, put func(string)) {
		raw, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(raw) < 16 {
			return
		}
		try(func(i int) bool {
			raw[i] ^= 0x40
			put(base64.StdEncoding.EncodeToString(raw))
			return true
		}, len(raw))
	}
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if list, ok := value.([]any); ok && name == "certificates" {
				value = list[:1] // what a chain holds beside its leaf is shown and never used
			}
			if text, ok := value.(string); ok {
				visit(text, func(s string) { v[name] = s })
				continue
			}
			flip(value, try)
		}
	case []any:
		for i, value := range v {
			if text, ok := value.(string); ok {
				visit(text, func(s string) { v[i] = s })
				continue
			}
			flip(value, try)
		}
	}
}
