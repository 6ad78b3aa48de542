// Package coverage counts what a catalog's packages prove of their origin, by
// protocol and evidence, and keeps the counts of earlier runs, so that a
// package which loses its provenance is noticed.
//
// Only evidence that verified counts: an attestation that is merely there is
// not one. Every package is in exactly one class of [Evidence], so that the
// classes add up to the total.
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

// Evidence is the class of what a package proves of its origin.
type Evidence string

// The classes, the best first.
const (
	// Attestations: at least one file carries provenance, or PyPI's publish
	// attestation, that verifies.
	Attestations Evidence = "attestations"
	// SignatureOnly: the registry's signature or publish attestation verifies,
	// and nothing more.
	SignatureOnly Evidence = "signature_only"
	// Nothing: the registry offers no evidence.
	Nothing Evidence = "nothing"
	// Refused: evidence was offered and does not verify.
	Refused Evidence = "refused"
	// Unchecked: it could not be checked, or was not yet.
	Unchecked Evidence = "unchecked"
)

// Classes lists the classes in the order in which they are shown.
func Classes() []Evidence {
	return []Evidence{Attestations, SignatureOnly, Nothing, Refused, Unchecked}
}

// evidenceOf returns the class of a report. A mismatch is classed by what
// verifies: that the spec expects something else does not make the evidence
// worse.
func evidenceOf(r *verify.Report) Evidence {
	switch r.Status {
	case verify.Verified, verify.Partial:
		return Attestations
	case verify.Signed:
		return SignatureOnly
	case verify.None:
		return Nothing
	case verify.Invalid:
		return Refused
	case verify.Mismatch:
		return verifiedEvidence(r)
	default:
		return Unchecked
	}
}

func verifiedEvidence(r *verify.Report) Evidence {
	class := Nothing
	for _, a := range r.Artifacts {
		for _, att := range a.Attestations {
			switch {
			case att.Status == verify.Verified && att.Kind == verify.KindProvenance:
				return Attestations
			case att.Status == verify.Verified && att.Kind == verify.KindPublish:
				class = SignatureOnly
			}
		}
		for _, s := range a.Signatures {
			if s.Status == verify.Verified {
				class = SignatureOnly
			}
		}
	}
	return class
}

// Count is how many packages are in each class.
type Count struct {
	Total    int              `json:"total"`
	Evidence map[Evidence]int `json:"evidence"` // every class is there
	// Percent is the share of each class in Total, rounded to a tenth; 0 of
	// nothing.
	Percent map[Evidence]float64 `json:"percent"`
}

// Coverage is the counts of a catalog.
type Coverage struct {
	Total      int                        `json:"total"`
	ByProtocol map[catalog.Protocol]Count `json:"by_protocol"` // npx and uvx, always
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
	evidence := map[catalog.Protocol]map[Evidence]int{catalog.NPX: {}, catalog.UVX: {}}
	for spec, report := range packages {
		c.Total++
		class := evidenceOf(report)
		if evidence[spec.Protocol] == nil {
			evidence[spec.Protocol] = map[Evidence]int{}
		}
		evidence[spec.Protocol][class]++
		c.ByStatus[report.Status.String()]++
		level := 0
		if class == Attestations {
			level = min(max(report.SLSA.Level, 0), 3)
			if report.Publisher != nil {
				c.Publishers[untrusted.Clean(report.Publisher.Kind)]++
			}
		}
		c.SLSA[strconv.Itoa(level)]++
	}
	for protocol, counts := range evidence {
		c.ByProtocol[protocol] = newCount(counts)
	}
	return c
}

func newCount(evidence map[Evidence]int) Count {
	c := Count{Evidence: map[Evidence]int{}, Percent: map[Evidence]float64{}}
	for _, class := range Classes() {
		c.Evidence[class] = evidence[class]
		c.Total += evidence[class]
	}
	for _, class := range Classes() {
		c.Percent[class] = percent(c.Evidence[class], c.Total)
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

// protocols returns the protocols of c, npx and uvx first.
func (c Coverage) protocols() []catalog.Protocol {
	known := []catalog.Protocol{catalog.NPX, catalog.UVX}
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
