// Package coverage counts what a catalog's packages prove of their origin, by
// protocol and status, and keeps the counts of earlier runs, so that a package
// which loses its provenance is noticed.
//
// Only evidence that verified counts: an attestation that is merely there is
// not one.
package coverage

import (
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strconv"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// schema of the JSON. Within v1 it only grows.
const schema = "plimsoll/coverage/v1"

// Packages are what is counted: what the maintainers wrote, and what was found.
type Packages = iter.Seq2[*catalog.Spec, *verify.Report]

// evidenceOf returns the status that the evidence has by itself. A mismatch has that
// of what verifies: that the spec expects something else does not make the evidence
// worse.
func evidenceOf(r *verify.Report) verify.Status {
	if r.Status != verify.Mismatch {
		return r.Status
	}
	attested, signed := 0, false
	for i := range r.Artifacts {
		a := &r.Artifacts[i]
		if slices.ContainsFunc(a.Attestations, func(t verify.Attestation) bool {
			return t.Status == verify.Verified && t.Kind == verify.KindProvenance
		}) {
			attested++
		}
		signed = signed || slices.ContainsFunc(a.Attestations, func(t verify.Attestation) bool {
			return t.Status == verify.Verified && t.Kind == verify.KindPublish
		}) || slices.ContainsFunc(a.Signatures, func(s verify.Signature) bool { return s.Status == verify.Verified })
	}
	switch {
	case attested > 0 && attested == len(r.Artifacts):
		return verify.Verified
	case attested > 0:
		return verify.Partial
	case signed:
		return verify.Signed
	}
	return verify.None
}

// attested reports whether evidence of a status holds at least one attestation of
// provenance that verifies.
func attested(evidence verify.Status) bool {
	return evidence == verify.Verified || evidence == verify.Partial
}

// Count is how many packages of a protocol have each status.
type Count struct {
	Total  int            `json:"total"`
	Status map[string]int `json:"status"` // every status is there
	// Percent is the share of each status in Total, rounded to a tenth; 0 of
	// nothing.
	Percent map[string]float64 `json:"percent"`
	// Attested is how many have a file whose provenance verifies, whatever the spec
	// demands.
	Attested int `json:"attested"`

	failing int // verified, and not proven: a policy or a decision is against it
}

// Coverage is the counts of a catalog.
type Coverage struct {
	Total      int                        `json:"total"`
	ByProtocol map[catalog.Protocol]Count `json:"by_protocol"` // every protocol that is read is there
	ByStatus   map[string]int             `json:"by_status"`   // every status is there
	// Publishers counts, by kind, the publishers that a verified certificate
	// names.
	Publishers map[string]int `json:"publishers"`
	// SLSA counts the packages by build level, "0" to "3"; what is not proven
	// is level 0.
	SLSA map[string]int `json:"slsa_build_levels"`
	// NotRead are the specs of protocols that plimsoll does not know; they are
	// not among the total.
	NotRead catalog.UnreadSpecs `json:"not_read,omitempty"`

	failing int // as of Count
}

// Compute counts packages.
func Compute(packages Packages) Coverage {
	c := Coverage{
		Publishers: map[string]int{}, ByStatus: map[string]int{},
		SLSA:       map[string]int{"0": 0, "1": 0, "2": 0, "3": 0},
		ByProtocol: map[catalog.Protocol]Count{},
	}
	for _, s := range verify.Statuses() {
		c.ByStatus[s.String()] = 0
	}
	for _, protocol := range catalog.Protocols() {
		c.ByProtocol[protocol] = newCount()
	}
	type kind struct { // of packages that count alike: there are few
		protocol                     catalog.Protocol
		status                       verify.Status
		failing, attested, published bool
		level                        int
		publisher                    string
	}
	kinds := map[kind]int{}
	for spec, report := range packages {
		k := kind{protocol: spec.Protocol, status: report.Status, attested: attested(evidenceOf(report))}
		k.failing = report.Status == verify.Verified && !verify.Proven(report, verify.Pending)
		if k.attested {
			k.level = min(max(report.SLSA.Level, 0), 3)
			if k.published = report.Publisher != nil; k.published {
				k.publisher = report.Publisher.Kind
			}
		}
		kinds[k]++
	}
	for k, n := range kinds {
		status := k.status.String()
		if _, ok := c.ByStatus[status]; !ok { // of no package
			status = verify.Pending.String()
		}
		count, ok := c.ByProtocol[k.protocol]
		if !ok {
			count = newCount()
		}
		c.Total += n
		count.Total += n
		c.ByStatus[status] += n
		count.Status[status] += n
		if k.failing {
			count.failing += n
			c.failing += n
		}
		if k.attested {
			count.Attested += n
		}
		if k.published {
			c.Publishers[untrusted.Clean(k.publisher)] += n
		}
		c.SLSA[strconv.Itoa(k.level)] += n
		c.ByProtocol[k.protocol] = count
	}
	for _, count := range c.ByProtocol {
		for status, n := range count.Status {
			count.Percent[status] = percent(n, count.Total)
		}
	}
	return c
}

func newCount() Count {
	c := Count{Status: map[string]int{}, Percent: map[string]float64{}}
	for _, s := range verify.Statuses() {
		c.Status[s.String()] = 0
	}
	return c
}

// percent is the share of n in total in percent, rounded to a tenth. What is
// not everything is never 100, and what is something never 0.
func percent(n, total int) float64 {
	if total <= 0 || n <= 0 {
		return 0
	}
	if n >= total {
		return 100
	}
	return min(max(math.Round(1000*float64(n)/float64(total))/10, 0.1), 99.9)
}

// protocols returns the protocols of c, those that are read first.
func (c Coverage) protocols() []catalog.Protocol {
	known := catalog.Protocols()
	var others []catalog.Protocol
	for p := range c.ByProtocol {
		if !slices.Contains(known, p) {
			others = append(others, p)
		}
	}
	slices.Sort(others)
	return append(known, others...)
}

// WriteJSON writes c as indented JSON, with what changed if trend holds more
// than one run; trend may be nil.
func (c Coverage) WriteJSON(w io.Writer, generated time.Time, trend *Trend) error {
	type changes struct {
		Since string `json:"since"` // RFC 3339, UTC
		*Trend
	}
	document := struct {
		Schema    string `json:"schema"`
		Generated string `json:"generated"` // RFC 3339, UTC
		Coverage
		Changes *changes `json:"changes,omitempty"`
	}{Schema: schema, Generated: generated.UTC().Format(time.RFC3339), Coverage: c}
	if trend != nil && len(trend.Points) > 1 {
		document.Changes = &changes{trend.Points[0].Time.UTC().Format(time.RFC3339), trend}
	}
	if err := untrusted.WriteJSON(w, document); err != nil {
		return fmt.Errorf("write the coverage: %w", err)
	}
	return nil
}
