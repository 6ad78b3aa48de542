package trust

import (
	"testing"

	"plimsoll/testdata/seeds"
)

func FuzzParseKeys(f *testing.F) {
	for _, data := range seeds.Files(f, seeds.Keys) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, err := ParseKeys(data, "fuzz")
		if (err == nil) != (len(keys) > 0) {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, k := range keys {
			if k.Public == nil || k.ID == "" {
				t.Fatalf("%+v", k)
			}
		}
	})
}

func FuzzParseRoot(f *testing.F) {
	f.Add([]byte(minimalRoot))
	for _, data := range seeds.Files(f, seeds.Roots) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		root, err := ParseRoot(data)
		if (err == nil) != (root != nil) {
			t.Fatalf("%v, %v", root, err)
		}
		if root == nil {
			return
		}
		for id, log := range root.RekorLogs() {
			if log.ValidityPeriodStart.IsZero() || log.PublicKey == nil {
				t.Fatalf("the log %s has no beginning or no key", id)
			}
		}
	})
}
