package cli

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// What a screen has checked again, hosts are asked for again that were given up; the
// parts of a catalog that come one after the other are no such thing.
func TestCheckingAgainAsksAgain(t *testing.T) {
	t.Parallel()
	env, _, ctx, cancel := interruptible(t)
	defer cancel()
	demo := filepath.Join("..", "..", "testdata", "demo", "recording")
	o := options{
		npmRegistry: "https://npm.example", pypiIndex: "https://pypi.example/simple", offline: true, cacheSize: 1,
		trustedRoot: filepath.Join(demo, "trusted_root.json"), npmKeys: filepath.Join(demo, "npm-keys.json"),
	}
	e, err := newEngine(ctx, env, o, "")
	if err != nil {
		t.Fatal(err)
	}
	defer e.close()
	if e.registries.AskAgain == nil {
		t.Fatal("nothing asks again")
	}
	var mu sync.Mutex
	asked := 0
	background, end := context.WithCancel(ctx)
	defer end()
	checks := startScreenEngine(background, e.config, func() { mu.Lock(); asked++; mu.Unlock() })
	spec := &catalog.Spec{Path: "npx/x/spec.yaml", Protocol: catalog.NPX, Package: "x", Version: "1.0.0"}
	for _, step := range []struct {
		tasks []scan.Task
		want  int
	}{
		{[]scan.Task{{ID: 1, Generation: 1, Spec: spec}, {ID: 2, Generation: 1, Spec: spec}}, 0},
		{[]scan.Task{{ID: 3, Generation: 1, Spec: spec}}, 0},
		{[]scan.Task{{ID: 1, Generation: 2, Spec: spec}, {ID: 4, Generation: 1, Spec: spec}}, 1},
		{[]scan.Task{{ID: 2, Generation: 7, Spec: spec}}, 2},
	} {
		go checks.Submit(step.tasks...)
		for finished := 0; finished < len(step.tasks); {
			event := <-checks.Events()
			if event.Kind != scan.Finished {
				continue
			}
			if finished++; event.Report.Status != verify.Unchecked || !strings.Contains(event.Report.Reason, "--offline") {
				t.Errorf("%+v", event.Report)
			}
		}
		if mu.Lock(); asked != step.want {
			t.Errorf("after %v hosts were asked again %d times, want %d", step.tasks, asked, step.want)
		}
		mu.Unlock()
	}
}
