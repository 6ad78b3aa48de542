package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/lab"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/scan"
)

// silent is a network on which some hosts take connections and say nothing, and the
// others answer as the demo's registries do.
type silent struct {
	answers http.RoundTripper
	hosts   string
	asked   atomic.Int32
}

type noAnswer struct{}

func (noAnswer) Error() string { return "timeout awaiting response headers" }
func (noAnswer) Timeout() bool { return true }

func (s *silent) RoundTrip(req *http.Request) (*http.Response, error) {
	if !strings.Contains(s.hosts, req.URL.Host) {
		return s.answers.RoundTrip(req)
	}
	s.asked.Add(1)
	select {
	case <-time.After(20 * time.Second): // as long as NewTransport waits
		return nil, noAnswer{}
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// A registry that says nothing costs a minute, not a minute for every three packages, and
// the packages of the others nothing.
func TestASilentRegistry(t *testing.T) {
	t.Parallel()
	answers, material := lab.Recording(t)
	honest := lab.Specs(t, "dockyard")
	for _, protocol := range []catalog.Protocol{catalog.NPX, catalog.UVX, catalog.Go} {
		t.Run(string(protocol), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := map[catalog.Protocol]string{catalog.NPX: "npm.silent.example", catalog.UVX: "pypi.silent.example", catalog.Go: "npm.silent.example"}[protocol]
				network := &silent{answers, host, atomic.Int32{}}
				npmAt, indexAt := answers.NPMRegistry, answers.PyPIIndex
				if protocol == catalog.UVX {
					indexAt = "https://pypi.silent.example/simple/"
				} else {
					npmAt = "https://npm.silent.example/"
				}
				from := lab.Asked(t, registry.Options{Transport: registry.Network(network), Now: func() time.Time { return time.Now().AddDate(26, 8, 0) }}, npmAt, indexAt, material)
				var specs []catalog.Spec
				name, version := "p%d", untrusted.Text("1.0.0")
				if protocol == catalog.Go {
					name, version = "example.com/p%d", "v1.0.0"
				}
				for i := range 300 {
					specs = append(specs, catalog.Spec{
						Path: untrusted.Text(fmt.Sprint(i)), Protocol: protocol, Package: untrusted.Text(fmt.Sprintf(name, i)), Version: version,
					})
				}
				for _, spec := range honest {
					if spec.Protocol != protocol && protocol != catalog.Go || protocol == catalog.Go && spec.Protocol == catalog.UVX {
						specs = append(specs, spec)
					}
				}
				ctx, cancel := context.WithCancel(t.Context())
				begun, gone := time.Now(), 0
				running := scan.Start(ctx, scan.Config{Fetch: from}, func(e scan.Event) {
					if e.Kind != scan.Finished {
						return
					}
					if spec := specs[e.ID]; e.ID >= 300 && e.Report.Status.String() != spec.Expect {
						t.Errorf("%v: expected %s, got %v: %s", spec.Path, spec.Expect, e.Report.Status, e.Report.Reason)
					} else if e.ID < 300 && e.Report.Status != verify.Unchecked {
						t.Errorf("%v: %v", spec.Path, e.Report.Status)
					}
					if strings.Contains(e.Report.Reason, "the host was given up after 3 failed requests in a row") {
						gone++
					}
				})
				for i := range specs {
					running.Submit(scan.Task{ID: i, Spec: &specs[i]})
				}
				if err := running.Wait(); err != nil {
					t.Error(err)
				}
				cancel()
				took := time.Since(begun)
				if took > 70*time.Second || network.asked.Load() > 3*8 || gone < 300-2*8 {
					t.Errorf("%d packages took %v and %d requests; %d say that the host was given up", len(specs), took, network.asked.Load(), gone)
				}
			})
		})
	}
}
