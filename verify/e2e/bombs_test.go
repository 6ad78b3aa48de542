package e2e

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// zipped is a gzip stream of a GiB of spaces, in members of 64 MiB.
var zipped = sync.OnceValue(func() []byte {
	var member bytes.Buffer
	zip, err := gzip.NewWriterLevel(&member, gzip.BestSpeed)
	if err != nil {
		panic(err)
	}
	spaces := bytes.Repeat([]byte{' '}, 1<<20)
	for range 64 {
		zip.Write(spaces)
	}
	zip.Close()
	return bytes.Repeat(member.Bytes(), 16)
})

// What is too large is refused before it is held, whatever way it comes.
func TestBombs(t *testing.T) {
	chunk := bytes.Repeat([]byte{' '}, 64<<10)
	gibibyte := func(announced bool) fault {
		return func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			if announced {
				w.Header().Set("Content-Length", fmt.Sprint(1<<30))
			}
			for range 1 << 30 / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return true
				}
			}
			return true
		}
	}
	bomb := func(w http.ResponseWriter, _ *http.Request, _ int) bool {
		w.Header().Set("Content-Encoding", "gzip")
		w.Write(zipped())
		return true
	}
	zipped()
	for _, tt := range []struct {
		name, path, victim string
		fault              fault
	}{
		{"gzip, manifest", npmManifest, npmVictim, bomb},
		{"gzip, index", pypiIndex, pypiVictim, bomb},
		{"gzip, provenance", pypiEvidence, pypiVictim, bomb},
		{"a GiB, announced", npmManifest, npmVictim, gibibyte(true)},
		{"a GiB, manifest", npmManifest, npmVictim, gibibyte(false)},
		{"a GiB, index", pypiIndex, pypiVictim, gibibyte(false)},
		{"a GiB, attestations", npmEvidence, npmVictim, gibibyte(false)},
		{"gzip, .info", goInfo, goVictim, bomb},
		{"gzip, record", goLookup, goVictim, bomb},
		{"a GiB, tile", goTile, goVictim, gibibyte(false)},
		{"a GiB, go.mod, announced", goMod, goVictim, gibibyte(true)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			specs := few(t)
			server := newFaulty(t, false, tt.path, tt.fault)
			before := memory()
			got := server.scan(t, specs, registry.Options{})
			after := memory()
			got.judge(t, specs, tt.victim, "unchecked", "too large")
			const bound = 100 << 20
			t.Logf("allocated %d MiB in all; the heap grew by %d MiB to %d MiB", (after.TotalAlloc-before.TotalAlloc)>>20,
				(int64(after.HeapSys)-int64(before.HeapSys))>>20, after.HeapSys>>20)
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > bound {
				t.Errorf("the heap grew by %d bytes", grown)
			}
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > bound {
				t.Errorf("%d bytes were allocated in all", allocated)
			}
		})
	}
}

func memory() runtime.MemStats {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

// The list of all versions, which a key with an end makes necessary, is bounded
// as well.
func TestPackumentBomb(t *testing.T) {
	const bombed = "attacks/npx/expired-key-in-time/spec.yaml"
	all := lab.Specs(t)
	specs := few(t)
	for _, s := range all {
		if string(s.Path) == bombed {
			specs = append(specs, s)
		}
	}
	chunk := bytes.Repeat([]byte{' '}, 64<<10)
	var asked atomic.Int32
	server := newFaulty(t, false, "", nil)
	server.fault = func(w http.ResponseWriter, r *http.Request, _ int) bool { return false }
	handler := server.Config.Handler
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.EscapedPath() != "/@drydock%2fexpired-key-in-time" {
			handler.ServeHTTP(w, r)
			return
		}
		asked.Add(1)
		for range 1 << 30 / len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	})
	before := memory()
	got := server.scan(t, specs, registry.Options{})
	after := memory()
	got.judge(t, specs, bombed, "unchecked", "too large")
	allocated := after.TotalAlloc - before.TotalAlloc
	t.Logf("allocated %d MiB in all", allocated>>20)
	if asked.Load() != 1 || allocated > 100<<20 && !testfiles.Race {
		t.Errorf("asked %d times; %d bytes were allocated", asked.Load(), allocated)
	}
}

// A registry whose every answer is a bomb costs no more memory than one bomb:
// large answers of one host are read one at a time.
func TestEverythingIsABomb(t *testing.T) {
	hostile.WithoutRace(t)
	specs := lab.Specs(t, "dockyard")
	chunk := bytes.Repeat([]byte{' '}, 64<<10)
	for _, announced := range []bool{false, true} {
		server := newFaulty(t, false, "", nil)
		server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if announced { // as much as is taken, of an index
				w.Header().Set("Content-Length", fmt.Sprint(untrusted.MaxIndex))
			}
			for range 1 << 30 / len(chunk) {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		})
		before := memory()
		got := server.scan(t, specs, registry.Options{})
		after := memory()
		for path, report := range got.reports {
			if report.Status != verify.Unchecked {
				t.Errorf("%s: %v: %s", path, report.Status, report.Reason)
			}
		}
		grown := int64(after.HeapSys) - int64(before.HeapSys)
		t.Logf("announced %v: %d packages, %d MiB in all; the heap grew by %d MiB to %d MiB", announced, len(got.reports),
			(after.TotalAlloc-before.TotalAlloc)>>20, grown>>20, after.HeapSys>>20)
		if len(got.reports) != 29 || grown > 150<<20 && !testfiles.Race {
			t.Errorf("%d reports; the heap grew by %d bytes", len(got.reports), grown)
		}
	}
}
