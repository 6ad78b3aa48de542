package catalog

import (
	"maps"
	"math"
	"testing"
)

// A key is the same whether it comes whole or as that of a section, and what no
// spec is judged by, or is no line, is not kept.
func TestLines(t *testing.T) {
	t.Parallel()
	want := map[string]int{"metadata": 1, "spec.version": 8, "provenance.attestations.publisher.workflow": math.MaxInt32}
	lines := LinesOf(want)
	for _, key := range []string{"", ".", "spec.", ".spec", "security", "provenance.attestations.publisher.workflow.more"} {
		lines.Set(key, 3)
		lines.note(key, "x", 3)
		lines.note("x", key, 3)
	}
	lines.Set("spec.package", -1)
	lines.Set("spec.package", math.MaxInt32+1)
	if got := maps.Collect(lines.All()); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var noted Lines
	noted.note("", "metadata", 1)
	noted.note("spec", "version", 8)
	noted.note("provenance.attestations.publisher", "workflow", math.MaxInt32)
	if noted != lines {
		t.Errorf("noted %v, set %v", noted, lines)
	}
	for _, key := range lineKeys {
		if lines.Set(key, 0); lines.Of(key) != 0 {
			t.Errorf("%s is still on line %d", key, lines.Of(key))
		}
	}
	if lines != (Lines{}) {
		t.Errorf("left: %v", lines)
	}
}
