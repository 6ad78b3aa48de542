package verify

import (
	"testing"
	"time"
)

// A source that does not say when it was fetched is not the oldest, wherever it
// stands.
func TestOldest(t *testing.T) {
	t.Parallel()
	var unknown time.Time
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct {
		times []time.Time
		want  time.Time
	}{
		{nil, unknown},
		{[]time.Time{unknown, unknown}, unknown},
		{[]time.Time{late, early}, early},
		{[]time.Time{early, late, unknown}, early},
		{[]time.Time{early, unknown, late}, early},
		{[]time.Time{unknown, late, early, unknown}, early},
	} {
		var sources []Source
		for _, at := range c.times {
			sources = append(sources, Source{Time: at})
		}
		if got := Oldest(sources); !got.Equal(c.want) {
			t.Errorf("of %v: %v, want %v", c.times, got, c.want)
		}
	}
}
