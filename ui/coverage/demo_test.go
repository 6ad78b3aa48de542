package coverage

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

var morning = time.Date(2025, 10, 20, 8, 0, 0, 0, time.UTC)

// dockyard is the honest catalog of the demo, verified by the engine.
func dockyard(t *testing.T) []report.Package {
	t.Helper()
	specs := lab.Specs(t, "dockyard")
	packages := make([]report.Package, len(specs))
	for i, checked := range lab.Check(t, specs, lab.Registries(t), false) {
		packages[i] = report.Package{Spec: specs[i], Report: *checked}
	}
	return packages
}

// The figures of the catalog as they were measured in October 2025.
func TestDockyard(t *testing.T) {
	t.Parallel()
	c := Compute(report.Each(dockyard(t)))
	if c.Total != 29 {
		t.Errorf("%d packages, want 29", c.Total)
	}
	for _, tt := range []struct {
		protocol catalog.Protocol
		status   verify.Status
		count    int
		percent  float64
	}{
		{catalog.NPX, verify.Signed, 16, 94.1}, {catalog.NPX, verify.Verified, 1, 5.9}, {catalog.NPX, verify.None, 0, 0},
		{catalog.NPX, verify.Invalid, 0, 0}, {catalog.NPX, verify.Unchecked, 0, 0},
		{catalog.UVX, verify.Verified, 3, 25}, {catalog.UVX, verify.None, 9, 75}, {catalog.UVX, verify.Signed, 0, 0},
		{catalog.UVX, verify.Invalid, 0, 0}, {catalog.UVX, verify.Unchecked, 0, 0},
	} {
		count, status := c.ByProtocol[tt.protocol], tt.status.String()
		if count.Status[status] != tt.count || count.Percent[status] != tt.percent {
			t.Errorf("%s %s: %d, %v%%, want %d, %v%%", tt.protocol, status, count.Status[status], count.Percent[status], tt.count, tt.percent)
		}
	}
	if c.ByProtocol[catalog.NPX].Attested != 1 || c.ByProtocol[catalog.UVX].Attested != 3 {
		t.Errorf("attested: %+v", c.ByProtocol)
	}
	if c.ByProtocol[catalog.NPX].Total != 17 || c.ByProtocol[catalog.UVX].Total != 12 {
		t.Errorf("%+v", c.ByProtocol)
	}
	text := drawn(theme.New(theme.Options{Plain: true}), 80, c)
	for _, want := range []string{
		"npx  17 packages", "✓ verified       1    5.9%  ██\n", "s signed        16   94.1%",
		"uvx  12 packages", "✓ verified       3   25.0%", "○ none           9   75.0%", "none proven",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "\x1b") {
		t.Errorf("an escape code in %q", text)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	packages := dockyard(t)
	if err := Compute(report.Each(packages)).WriteJSON(&b, morning, Since([]Run{NewRun(morning, "c", report.Each(packages))}, time.Time{})); err != nil {
		t.Fatal(err)
	}
	var d struct {
		Schema     string
		Generated  string
		ByProtocol map[string]struct {
			Total    int
			Status   map[string]int
			Attested int
		} `json:"by_protocol"`
		ByStatus   map[string]int `json:"by_status"`
		Publishers map[string]int
		Levels     map[string]int `json:"slsa_build_levels"`
		Changes    any
	}
	if err := json.Unmarshal([]byte(b.String()), &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != "plimsoll/coverage/v1" || d.Generated != "2025-10-20T08:00:00Z" || d.ByProtocol["npx"].Status["signed"] != 16 || d.ByProtocol["npx"].Attested != 1 ||
		d.ByProtocol["uvx"].Total != 12 || len(d.ByStatus) != 8 || len(d.Levels) != 4 || d.Changes != nil {
		t.Errorf("%+v", d)
	}
	publishers := 0
	for _, n := range d.Publishers {
		publishers += n
	}
	if publishers != 4 {
		t.Errorf("publishers %v, want 4 in all", d.Publishers)
	}
}
