package catalog

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
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
		protocol, name := NPX, fmt.Sprintf("server-%06d", i)
		if i%3 == 0 {
			protocol = UVX
		}
		folder := filepath.Join(dir, string(protocol), name)
		if err := os.MkdirAll(folder, 0o777); err != nil {
			b.Fatal(err)
		}
		text := fmt.Sprintf(benchSpec, name, protocol, i)
		if err := os.WriteFile(filepath.Join(folder, specFile), []byte(text), 0o666); err != nil {
			b.Fatal(err)
		}
	}
	return dir
}

// BenchmarkLoad reads a catalog of 10,000 specs from files. "x-yaml" compares
// that, turn by turn, with yaml.v3 alone making nodes of the same texts on as
// many cores.
func BenchmarkLoad(b *testing.B) {
	const specs = 10_000
	dir := writeCatalog(b, specs)
	source, closer, err := OpenDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	defer closer.Close()
	texts := make([]string, specs)
	for i := range texts {
		texts[i] = fmt.Sprintf(benchSpec, fmt.Sprintf("server-%06d", i), NPX, i)
	}
	var whole, alone time.Duration
	b.ResetTimer()
	for b.Loop() {
		start := time.Now()
		loaded, err := Load(b.Context(), source)
		if err != nil || len(loaded) != specs || loaded[0].Err != nil {
			b.Fatal(len(loaded), err)
		}
		between := time.Now()
		parseAll(b, texts)
		alone += time.Since(between)
		whole += between.Sub(start)
	}
	b.ReportMetric(float64(whole.Nanoseconds())/float64(b.N), "ns/load")
	b.ReportMetric(float64(whole)/float64(alone), "x-yaml")
}

func parseAll(b *testing.B, texts []string) {
	b.Helper()
	workers := runtime.GOMAXPROCS(0)
	var running sync.WaitGroup
	for w := range workers {
		running.Go(func() {
			for i := w; i < len(texts); i += workers {
				var node yaml.Node
				if err := yaml.Unmarshal([]byte(texts[i]), &node); err != nil {
					b.Error(err)
				}
			}
		})
	}
	running.Wait()
}
