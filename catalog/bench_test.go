package catalog_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog"
	"plimsoll/testdata/many"
)

// benchSpec is as long as specs of real catalogs are.
const benchSpec = `# %[1]s: a server for the benchmark of loading.
metadata:
  name: "%[1]s"
  description: "A server that is written down to see how long reading takes"
  protocol: "%[2]s"

spec:
  package: "bench-package-%[3]d"
  version: "1.%[3]d.0"

provenance:
  repository_uri: "https://github.com/acme/bench-package-%[3]d"
  repository_ref: "refs/tags/v1.%[3]d.0"

  attestations:
    available: true
    verified: true
    publisher:
      kind: "GitHub"
      repository: "acme/bench-package-%[3]d"
      workflow: "release.yml"
`

func writeCatalog(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		protocol, name := catalog.NPX, fmt.Sprintf("server-%06d", i)
		if i%3 == 0 {
			protocol = catalog.UVX
		}
		folder := filepath.Join(dir, string(protocol), name)
		if err := os.MkdirAll(folder, 0o777); err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf(benchSpec, name, protocol, i)
		if err := os.WriteFile(filepath.Join(folder, "spec.yaml"), []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkLoad reads a catalog of 10,000 specs from files. "x-plain" compares
// that, turn by turn, with reading the same files without any question and
// yaml.v3 alone making nodes of them, on as many cores; "cpu-x-plain" is the same
// of the time of the processor, which others on the machine change little.
func BenchmarkLoad(b *testing.B) {
	const specs = 10_000
	dir := writeCatalog(b, specs)
	source, closer, err := catalog.OpenDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer closer.Close()
	var load, plain, cpuLoad, cpuPlain time.Duration
	b.ResetTimer()
	for b.Loop() {
		wall, cpu := took(func() {
			loaded, err := catalog.Load(b.Context(), source)
			if err != nil || len(loaded) != specs || loaded[0].Err != nil {
				b.Fatal(len(loaded), err)
			}
		})
		load, cpuLoad = load+wall, cpuLoad+cpu
		wall, cpu = took(func() { readPlainly(b, dir) })
		plain, cpuPlain = plain+wall, cpuPlain+cpu
	}
	b.ReportMetric(float64(load.Nanoseconds())/float64(b.N), "ns/load")
	b.ReportMetric(float64(load)/float64(plain), "x-plain")
	b.ReportMetric(float64(cpuLoad)/float64(cpuPlain), "cpu-x-plain")
}

// took returns how long f takes, garbage of its own included and of others not.
func took(f func()) (wall, cpu time.Duration) {
	runtime.GC()
	began, spent := time.Now(), many.ProcessTime()
	f()
	return time.Since(began), many.ProcessTime() - spent
}

// readPlainly lists a catalog, reads its files and makes nodes of them.
func readPlainly(b *testing.B, dir string) {
	b.Helper()
	var files []string
	for _, protocol := range catalog.Protocols() {
		folder := filepath.Join(dir, string(protocol))
		entries, err := os.ReadDir(folder)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			files = append(files, filepath.Join(folder, entry.Name(), "spec.yaml"))
		}
	}
	workers := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := w; i < len(files); i += workers {
				text, err := os.ReadFile(files[i])
				if err != nil {
					b.Error(err)
				}
				var node yaml.Node
				if err := yaml.Unmarshal(text, &node); err != nil {
					b.Error(err)
				}
			}
		})
	}
	running.Wait()
}
