package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/yamlfile"
	"plimsoll/verify"
)

// Age is how old a release has to be, as the file spells it: days or hours.
type Age struct {
	Text string // "7d", "72h", or "" for any age
	time.Duration
}

// ages are one form, and short enough that no sum of hours is out of range.
var ages = regexp.MustCompile(`^([1-9][0-9]{0,4})([dh])$`)

func age(m yamlfile.Map) Age {
	text := m.Scalar("min_age")
	if text == "" {
		return Age{}
	}
	parts := ages.FindStringSubmatch(text)
	if parts == nil {
		m.Fail("min_age", "expected a number of days or hours, as 7d or 72h, found %q", text)
		return Age{}
	}
	n, _ := strconv.Atoi(parts[1]) // five digits
	unit := time.Hour
	if parts[2] == "d" {
		unit *= 24
	}
	return Age{text, time.Duration(n) * unit}
}

// needsPast reports whether the versions before decide about the rule.
func (r Rule) needsPast() bool { return r.NoDowngrade || r.SamePublisher || r.MinAge.Text != "" }

// Needs reports whether some rule asks for the versions before a package's, and
// whether for who published the release before.
func (p *Policy) Needs(spec catalog.Spec) (versions, publisher bool) {
	if p == nil {
		return false, false
	}
	for _, rule := range p.Rules {
		if rule.Match.matches(spec) {
			versions, publisher = versions || rule.needsPast(), publisher || rule.SamePublisher
		}
	}
	return versions, publisher
}

// checkPast returns what a release lacks of what the versions before demand. What
// is not known of them is no finding: see [Policy.Unknown].
func (r Rule) checkPast(past *verify.Past, now time.Time) (out []verify.Finding) {
	if past == nil {
		return nil
	}
	add := func(demanded bool, rule, message string, found *verify.Finding) {
		if demanded && found != nil {
			out = append(out, finding(rule, message+": "+found.Message, found.Expected, found.Observed))
		}
	}
	add(r.NoDowngrade, ruleNoDowngrade, "the policy allows no release with less evidence than before", past.Loss)
	add(r.SamePublisher, ruleSamePublisher, "the policy demands the publisher of the release before", past.Publisher)
	if at := past.Published; r.MinAge.Text != "" && !at.IsZero() && now.Sub(at) < r.MinAge.Duration {
		out = append(out, finding(ruleMinAge, "the policy demands an older release: others may find out first what is wrong with it",
			"published at least "+r.MinAge.Text+" ago", "published "+at.UTC().Format("2006-01-02 15:04 UTC")))
	}
	return out
}

// Unknown returns why it is not known whether a report meets what the policy
// demands of it, a sentence, or "" if that is known. Then the package could not be
// checked. Whatever is excepted is not asked for.
func (p *Policy) Unknown(spec catalog.Spec, r *verify.Report, now time.Time) string {
	why, _ := p.unknown(spec, r, now)
	return why
}

// unknown is Unknown, and the traces of the exceptions from what is not known.
func (p *Policy) unknown(spec catalog.Spec, r *verify.Report, now time.Time) (why string, traces []verify.Finding) {
	if p == nil {
		return "", nil
	}
	past := r.Past
	if past == nil {
		past = &verify.Past{Problem: "nobody asked for them"}
	}
	for _, rule := range p.Rules {
		if !rule.Match.matches(spec) {
			continue
		}
		for _, demand := range []struct {
			demanded      bool
			rule, demands string
			known         bool
			problem       string
		}{
			{rule.NoDowngrade, ruleNoDowngrade, "that the release has no less evidence than those before", past.Loss != nil, past.LossProblem},
			{rule.SamePublisher, ruleSamePublisher, "the publisher of the release before", past.Publisher != nil, publisherProblem(past)},
			{rule.MinAge.Text != "", ruleMinAge, "that the release was published at least " + rule.MinAge.Text + " ago",
				!past.Published.IsZero(), past.PublishedProblem},
		} {
			problem := demand.problem
			if past.Problem != "" {
				problem = "the versions before could not be looked at: " + past.Problem
			}
			if !demand.demanded || demand.known || problem == "" {
				continue
			}
			for _, f := range p.except(spec, verify.Finding{Rule: demand.rule, Expected: demand.demands, Observed: problem}, now) {
				switch {
				case f.Rule == ruleException:
					if !slices.Contains(traces, f) {
						traces = append(traces, f)
					}
				case why == "":
					why = fmt.Sprintf("the policy demands %s%s, and that could not be checked: %s; try again, or except the package from %s",
						demand.demands, p.where(rule.Line), problem, demand.rule)
				}
			}
		}
	}
	return why, traces
}

func publisherProblem(past *verify.Past) string {
	if !past.Asked && past.PublisherProblem == "" {
		return "nobody asked who published the release before"
	}
	return past.PublisherProblem
}
