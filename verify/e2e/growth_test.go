package e2e

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/many"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

var long = flag.Bool("long", false, "benchmarks of 100,000 packages as well")

// cost is what checking packages takes, each figure for one of them.
type cost struct {
	packages int
	began    time.Time
	cpu      time.Duration
	before   runtime.MemStats
}

func newCost() *cost {
	c := &cost{}
	runtime.GC()
	runtime.ReadMemStats(&c.before)
	c.began, c.cpu = time.Now(), many.ProcessTime()
	return c
}

// add notes that n more packages were checked.
func (c *cost) add(n int) { c.packages += n }

// report gives the figures to b.
func (c *cost) report(b *testing.B) {
	b.Helper()
	wall, cpu := time.Since(c.began), many.ProcessTime()-c.cpu
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	each := func(total float64, unit string) { b.ReportMetric(total/float64(c.packages), unit) }
	each(float64(wall), "ns/package")
	each(float64(cpu), "cpu-ns/package")
	each(float64(after.TotalAlloc-c.before.TotalAlloc), "alloc-B/package")
	each(float64(after.Mallocs-c.before.Mallocs), "allocs/package")
}

// BenchmarkGrowth checks catalogs of growing size with the whole engine, the
// registries' recording included, as the reports do: every report is kept to
// the end. The catalog is in memory already.
func BenchmarkGrowth(b *testing.B) {
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 10_000 && !*long {
				b.Skip("only with -long")
			}
			specs, from := manyPackages(b, n)
			checkAll(b, specs[:min(n, 29)], from) // the trust root is loaded
			var reports []*verify.Report
			c := newCost()
			for b.Loop() {
				reports = checkAll(b, specs, from)
				c.add(n)
			}
			b.StopTimer()
			c.report(b)
			var after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric((float64(after.HeapAlloc)-float64(c.before.HeapAlloc))/float64(n), "heap-B/package")
			for i, r := range reports {
				if r.Status != verify.Verified && r.Status != verify.Signed && r.Status != verify.None {
					b.Fatalf("%v: %v: %s", specs[i].Path, r.Status, r.Reason)
				}
			}
		})
	}
}

// checkAll submits all specs at once, as the reports do.
func checkAll(b *testing.B, specs []catalog.Spec, from scan.Fetcher) []*verify.Report {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	reports := make([]*verify.Report, len(specs))
	tasks := make([]scan.Task, len(specs))
	for i, spec := range specs {
		tasks[i] = scan.Task{ID: i, Spec: &spec}
	}
	s := scan.Start(ctx, scan.Config{Fetch: from}, func(e scan.Event) {
		if e.Kind == scan.Finished {
			reports[e.ID] = e.Report
		}
	})
	s.Submit(tasks...)
	if err := s.Wait(); err != nil {
		b.Fatal(err)
	}
	return reports
}

func manyPackages(b *testing.B, n int) ([]catalog.Spec, *scan.Registries) {
	b.Helper()
	specs, err := many.Specs(n)
	if err != nil {
		b.Fatal(err)
	}
	from := lab.Registries(b)
	return specs, from
}

// BenchmarkWholeRun compares checking packages, from the recorded answers to the
// report, with their verdicts alone on as many cores, turn by turn: "x-verdicts" is the
// ratio of the processors' time.
func BenchmarkWholeRun(b *testing.B) {
	specs, from := manyPackages(b, 1_000)
	type fetched struct {
		evidence verify.Evidence
		trust    verify.Trust
	}
	kept := map[verify.Release]fetched{}
	for _, spec := range specs {
		release := scan.ReleaseOf(spec)
		if _, ok := kept[release]; ok {
			continue
		}
		evidence, anchors, err := from.Fetch(b.Context(), spec, func(string) {})
		if err != nil {
			b.Fatal(err)
		}
		kept[release] = fetched{evidence, anchors}
	}
	verdicts := func(specs []catalog.Spec) {
		var running errgroup.Group
		running.SetLimit(runtime.GOMAXPROCS(0))
		for _, spec := range specs {
			running.Go(func() error {
				f := kept[scan.ReleaseOf(spec)]
				verify.Verify(f.evidence, spec.Provenance, f.trust)
				return nil
			})
		}
		_ = running.Wait()
	}
	var alone, whole time.Duration
	for b.Loop() {
		for some := range slices.Chunk(specs, 500) {
			start := many.ProcessTime()
			verdicts(some)
			between := many.ProcessTime()
			checkAll(b, some, from)
			whole += many.ProcessTime() - between
			alone += between - start
		}
	}
	b.ReportMetric(float64(whole)/float64(alone), "x-verdicts")
	b.ReportMetric(float64(whole)/float64(b.N*len(specs)), "cpu-ns/package")
}
