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
		class    Evidence
		count    int
		percent  float64
	}{
		{catalog.NPX, SignatureOnly, 16, 94.1}, {catalog.NPX, Attestations, 1, 5.9}, {catalog.NPX, Nothing, 0, 0},
		{catalog.NPX, Refused, 0, 0}, {catalog.NPX, Unchecked, 0, 0},
		{catalog.UVX, Attestations, 3, 25}, {catalog.UVX, Nothing, 9, 75}, {catalog.UVX, SignatureOnly, 0, 0},
		{catalog.UVX, Refused, 0, 0}, {catalog.UVX, Unchecked, 0, 0},
	} {
		count := c.ByProtocol[tt.protocol]
		if count.Evidence[tt.class] != tt.count || count.Percent[tt.class] != tt.percent {
			t.Errorf("%s %s: %d, %v%%, want %d, %v%%", tt.protocol, tt.class, count.Evidence[tt.class], count.Percent[tt.class], tt.count, tt.percent)
		}
	}
	if c.ByProtocol[catalog.NPX].Total != 17 || c.ByProtocol[catalog.UVX].Total != 12 {
		t.Errorf("%+v", c.ByProtocol)
	}
	text := drawn(theme.New(theme.Options{Plain: true}), 80, c)
	for _, want := range []string{
		"npx  17 packages", "attestations                 1    5.9%  ██\n", "registry signature only     16   94.1%",
		"uvx  12 packages", "with attestations            3   25.0%", "without                      9   75.0%", "○ none", "none proven",
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
			Evidence map[string]int
		} `json:"by_protocol"`
		ByStatus   map[string]int `json:"by_status"`
		Publishers map[string]int
		Levels     map[string]int `json:"slsa_build_levels"`
		Changes    any
	}
	if err := json.Unmarshal([]byte(b.String()), &d); err != nil {
		t.Fatal(err)
	}
	if d.Schema != "plimsoll/coverage/v1" || d.Generated != "2025-10-20T08:00:00Z" || d.ByProtocol["npx"].Evidence["signature_only"] != 16 ||
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
