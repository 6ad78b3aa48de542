package verify

import (
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/statement"
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

// Behind a mirror every publish attestation names the registry of the original:
// that is worth knowing, and no warning.
func TestPublishAttestationOfAnotherRegistry(t *testing.T) {
	t.Parallel()
	for named, want := range map[untrusted.Text]int{
		"https://registry.example": 0, "https://registry.example/": 0, "https://registry.example.evil.test/": 1, "http://registry.example/": 1, "": 1,
	} {
		b := Bundle{Attestation: &Attestation{Status: Verified}, Statement: &statement.Statement{
			PredicateType: statement.NPMPublish, Publish: &statement.Publish{Registry: named}}}
		got := publishRegistry(Evidence{Registry: "https://registry.example/npm/"}, &b)
		if len(got) != want || want == 1 && (got[0].Rule != "publish.registry" || got[0].Severity != Info || got[0].Observed != named.String()) {
			t.Errorf("%q: %+v", named, got)
		}
		if b.Attestation.Status = Invalid; len(publishRegistry(Evidence{Registry: "https://other.example/"}, &b)) != 0 {
			t.Errorf("%q: what does not verify says something", named)
		}
	}
}
