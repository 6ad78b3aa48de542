package e2e

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// The modules whose evidence is altered: a record in a full tile and in a tree that was
// seen before, one in an older tree, and one in a tile of its own.
var goodModules = []string{"honest-module", "older-tree", "just-published"}

// minRecordMutants are asserted, so that a change which silently loses some fails.
const minRecordMutants = 17_000

// module returns the spec of a Go module of the demo.
func module(t *testing.T, name string) catalog.Spec {
	t.Helper()
	specs := lab.Specs(t, "attacks")
	i := slices.IndexFunc(specs, func(s catalog.Spec) bool { return string(s.Path) == "attacks/go/"+name+"/spec.yaml" })
	if i < 0 {
		t.Fatalf("the demo has no module %s", name)
	}
	return specs[i]
}

// mutantsOf calls try with every change of data that the tests know: a bit of each
// byte, a byte too few or twice, a cut, a line too few, twice or before the one ahead.
func mutantsOf(data []byte, try func(name string, mutant []byte)) {
	for i, b := range data {
		for _, flip := range []byte{1, 2, 0x20, 0x80} {
			mutant := bytes.Clone(data)
			mutant[i] ^= flip
			try(fmt.Sprintf("byte %d is %q and not %q", i, mutant[i], b), mutant)
		}
		try(fmt.Sprintf("without byte %d, %q", i, b), slices.Delete(bytes.Clone(data), i, i+1))
		try(fmt.Sprintf("byte %d, %q, twice", i, b), slices.Insert(bytes.Clone(data), i, b))
		try(fmt.Sprintf("cut before byte %d", i), bytes.Clone(data[:i]))
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	for i := range lines {
		try(fmt.Sprintf("without line %d", i+1), bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil))
		try(fmt.Sprintf("line %d twice", i+1), bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil))
		for j := range i {
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			try(fmt.Sprintf("line %d and line %d exchanged", j+1, i+1), bytes.Join(swapped, nil))
		}
	}
}

// sayTheSame reports whether two answers of a lookup have the same record under the
// same tree, and the tree a signature of the same bytes: base64 has unused bits, a
// number may have zeros ahead of it, and a note may hold a signature twice.
func sayTheSame(a, b []byte, key string) bool {
	var said [2]string
	for i, answer := range [][]byte{a, b} {
		id, text, signed, err := tlog.ParseRecord(answer)
		if err != nil || signedText(signed, key) == "" {
			return false
		}
		said[i] = fmt.Sprintf("%d %s %s", id, text, signedText(signed, key))
	}
	return said[0] == said[1]
}

// signedText is what a note says that a key signed, or "".
func signedText(signed []byte, key string) string {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return ""
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return ""
	}
	return opened.Text
}

// Whatever is altered in what proves a record, in the lookup's answer, the signed tree
// head and every tile, the module is not signed any more.
func TestRecordMutants(t *testing.T) {
	t.Parallel()
	from := lab.Registries(t)
	tried, same := 0, 0
	for _, name := range goodModules {
		spec := module(t, name)
		evidence, trust, err := from.Fetch(t.Context(), spec, func(string) {})
		if err != nil {
			t.Fatal(err)
		}
		offered := evidence.Artifacts[0].Record
		n := 0
		db := trust
		judge := func(part, change string, mutant verify.OfferedRecord, keeps func() bool) {
			if n++; testing.Short() && n%23 != 0 {
				return
			}
			tried++
			e := evidence
			e.Artifacts = slices.Clone(e.Artifacts)
			e.Artifacts[0].Record = &mutant
			switch got := verify.Verify(e, spec.Provenance, db); {
			case got.Status == verify.Invalid || got.Status == verify.Unchecked:
			case keeps != nil && keeps():
				same++
			default:
				t.Errorf("%s: %s: %s: %v: %s", name, part, change, got.Status, got.Reason)
			}
		}
		good := *offered
		if got := verify.Verify(evidence, spec.Provenance, trust); got.Status != verify.Signed {
			t.Fatalf("%s: the original is %v: %s", name, got.Status, got.Reason)
		}
		mutantsOf(good.Answer, func(change string, answer []byte) {
			mutant := good
			mutant.Answer = answer
			judge("answer", change, mutant, func() bool { return sayTheSame(good.Answer, answer, trust.SumDB.Key) })
		})
		mutantsOf(trust.SumDB.Head, func(change string, head []byte) {
			db.SumDB.Head = head
			judge("head that was kept", change, good, func() bool {
				return len(head) == 0 || signedText(head, db.SumDB.Key) == signedText(trust.SumDB.Head, db.SumDB.Key)
			})
		})
		db = trust
		for _, path := range slices.Sorted(maps.Keys(good.Tiles)) {
			with := func(change string, tile []byte) {
				mutant := good
				mutant.Tiles = maps.Clone(good.Tiles)
				if mutant.Tiles[path] = tile; tile == nil {
					delete(mutant.Tiles, path)
				}
				judge(path, change, mutant, nil)
			}
			with("is missing", nil)
			with("is empty", []byte{})
			for other, tile := range good.Tiles {
				if other != path {
					with("is "+other, tile)
				}
			}
			for i := 0; i < len(good.Tiles[path]); i += 5 { // each hash, and each place in a hash
				tile := bytes.Clone(good.Tiles[path])
				tile[i] ^= 1 << (i % 8)
				with(fmt.Sprintf("byte %d", i), tile)
			}
			with("is cut", good.Tiles[path][1:])
			with("has a hash too many", append(bytes.Clone(good.Tiles[path]), make([]byte, tlog.HashSize)...))
		}
	}
	if !testing.Short() && tried < minRecordMutants {
		t.Errorf("only %d mutants were tried", tried)
	}
	t.Logf("%d mutants, %d of which say the same", tried, same)
}

// The same holds of what a module proxy answers.
func TestRecordMutantsOverLoopback(t *testing.T) {
	t.Parallel()
	answers, material := lab.Recording(t)
	spec := module(t, "just-published")
	var path string   // whose answer is altered
	var answer []byte // by which one
	bodies := map[string][]byte{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, contentType, body, ok := lab.Answer(answers, r)
		if !ok {
			http.NotFound(w, r)
			return
		}
		if path == "" && status == http.StatusOK && strings.Contains(r.URL.Path, "/sumdb/") && len(body) > 0 {
			bodies[r.URL.Path] = body
		}
		if r.URL.Path == path {
			body = answer
		}
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		w.Write(body)
	}))
	defer server.Close()
	transport := registry.NewTransport(registry.TransportOptions{})
	check := func() *verify.Report {
		from := lab.Asked(t, registry.Options{Transport: transport, Retries: -1}, server.URL, server.URL+"/simple/", material)
		return lab.Check(t, []catalog.Spec{spec}, from, false)[0]
	}
	if got := check(); got.Status != verify.Signed || len(bodies) < 3 {
		t.Fatalf("the original is %v: %s; %d answers", got.Status, got.Reason, len(bodies))
	}
	key, _, _ := strings.Cut(answers.Go["GOSUMDB"], " ")
	tried := 0
	for _, at := range slices.Sorted(maps.Keys(bodies)) {
		n := 0
		good := bodies[at]
		mutantsOf(good, func(change string, mutant []byte) {
			every := 7
			if len(good) > 1000 {
				every = 397
			}
			if testing.Short() {
				every *= 11
			}
			if n++; n%every != 0 {
				return
			}
			tried++
			path, answer = at, mutant
			got := check()
			if got.Status != verify.Invalid && got.Status != verify.Unchecked && !sayTheSame(good, mutant, key) {
				t.Errorf("%s: %s: %v: %s", at, change, got.Status, got.Reason)
			}
		})
	}
	t.Logf("%d mutants of %d answers", tried, len(bodies))
}
