package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// nothingProven is what is observed of a publisher that no certificate proved.
const nothingProven = "nothing proven"

// Check returns what a report lacks of what the policy demands of the package:
// findings with severity error, in the order of the policy, and for each
// exception that was used, or has ended, one of severity info. A report that
// is nil has not been made and meets no demand.
func (p *Policy) Check(spec catalog.Spec, r *verify.Report, now time.Time) []verify.Finding {
	if p == nil {
		return nil
	}
	if r == nil {
		r = &verify.Report{}
	}
	var out []verify.Finding
	accepted := p.Issuers(spec)
	for _, rule := range p.Rules {
		if !rule.Match.matches(spec) {
			continue
		}
		for _, f := range append(rule.check(r, accepted), rule.checkPast(r.Past, now)...) {
			f.Message += p.where(rule.Line)
			f.Operator = p.Operator
			for _, judged := range p.except(spec, f, now) {
				if !slices.Contains(out, judged) {
					out = append(out, judged)
				}
			}
		}
	}
	if r.Past == nil { // nothing was passed over: the evidence itself is not there
		return out
	}
	_, traces := p.unknown(spec, r, now)
	return append(out, traces...)
}

// Issuers returns the issuers that the policy names for a package, by whatever
// rule: to name one accepts it, as a spec's cert_issuer does. [Policy.Check]
// demands of each rule that it names the issuer.
func (p *Policy) Issuers(spec catalog.Spec) []string {
	if p == nil {
		return nil
	}
	var out []string
	for _, rule := range p.Rules {
		if rule.Match.matches(spec) {
			out = append(out, rule.Issuers...)
		}
	}
	return out
}

func (p *Policy) where(line int) string {
	if line == 0 {
		return " (" + p.Name + ")"
	}
	return fmt.Sprintf(" (%s:%d)", p.Name, line)
}

// except returns the finding, or what became of it. An exception that still
// holds goes before one that has ended.
func (p *Policy) except(spec catalog.Spec, f verify.Finding, now time.Time) []verify.Finding {
	out := []verify.Finding{f}
	for _, e := range p.Exceptions {
		if e.Rule != f.Rule || !e.matches(spec) {
			continue
		}
		note := verify.Finding{Rule: ruleException, Severity: verify.Info, Expected: f.Expected, Observed: f.Observed}
		if !untrusted.Ended(e.Until, now) {
			note.Decision = "excepted: " + e.Reason
			note.Message = fmt.Sprintf("excepted from %s%s%s: %s", e.Rule, e.until(" until "), p.where(e.Line), e.Reason)
			return []verify.Finding{note}
		}
		note.Message = fmt.Sprintf("the exception from %s%s%s no longer holds: %s", e.Rule, e.until(", which ended on "), p.where(e.Line), e.Reason)
		out = append(out, note)
	}
	return out
}

func (e Exception) until(before string) string {
	if e.Until.IsZero() {
		return ""
	}
	return before + e.Until.Format(time.DateOnly)
}

// check returns what a report lacks of one rule. accepted are the issuers that the
// policy names: of another one the kind is what it says of itself, and proven by
// nothing.
func (r Rule) check(report *verify.Report, accepted []string) []verify.Finding {
	var out []verify.Finding
	if !report.Status.Meets(r.Status) {
		out = append(out, finding(ruleStatus, "the policy demands more evidence", "at least "+r.Status.String(), report.Status.String()))
	}
	if observed, ok := reaches(report, r.SLSA); !ok {
		out = append(out, finding(ruleSLSA, "the policy demands a higher SLSA build level", "at least "+strconv.Itoa(r.SLSA), observed))
	}
	publishers, without := publishersOf(report)
	for _, demand := range []struct {
		rule, message string
		allowed       []string
		observe       func(*verify.Publisher) string
		equal         func(allowed, observed string) bool
	}{
		{rulePublisherKind, "the policy does not allow this kind of publisher", r.PublisherKinds,
			func(p *verify.Publisher) string {
				if !p.KindOfIssuer() && !slices.Contains(accepted, string(p.Issuer)) {
					return "unknown"
				}
				return p.Kind
			}, exact},
		{ruleIssuer, "the policy does not allow this issuer of identities", r.Issuers,
			func(p *verify.Publisher) string { return string(p.Issuer) }, exact},
		{ruleRunner, "the policy does not allow this kind of runner", r.Runners,
			func(p *verify.Publisher) string { return string(p.Runner) }, exact},
		{ruleOwner, "the policy does not allow this owner of the source", r.Owners,
			func(p *verify.Publisher) string { return string(p.Repository) }, owns},
	} {
		if len(demand.allowed) == 0 {
			continue
		}
		expected := strings.Join(demand.allowed, " or ")
		switch {
		case len(publishers) == 0:
			out = append(out, finding(demand.rule, "the policy names who may publish, and no certificate proves who did", expected, nothingProven))
		case len(without) > 0:
			out = append(out, finding(demand.rule, fmt.Sprintf("the policy names who may publish, and no certificate proves who published %d of the %d files",
				len(without), len(report.Artifacts)), expected, nothingProven+" of "+without[0]))
		}
		for _, p := range publishers {
			observed := demand.observe(p)
			if !slices.ContainsFunc(demand.allowed, func(a string) bool { return demand.equal(a, observed) }) {
				out = append(out, finding(demand.rule, demand.message, expected, shown(observed)))
			}
		}
	}
	return out
}

func finding(rule, message, expected, observed string) verify.Finding {
	return verify.Finding{Rule: rule, Severity: verify.SeverityError, Message: message, Expected: expected, Observed: observed}
}

// shown cleans what a certificate says; silence is said.
func shown(s string) string {
	if s == "" {
		return nothingProven
	}
	return untrusted.Clean(s)
}

// reaches reports whether a report has a build level, and which it has. Where
// the evidence is not good, its level is none.
func reaches(r *verify.Report, least int) (observed string, ok bool) {
	if least > 0 && !r.Status.Meets(verify.None) {
		return "none: the status is " + r.Status.String(), false
	}
	return strconv.Itoa(r.SLSA.Level), r.SLSA.Level >= least
}

// publishersOf returns who published, as each certificate proves that
// verified, and the files of which none does: a second file must not hide
// behind the first.
func publishersOf(r *verify.Report) (out []*verify.Publisher, without []string) {
	for _, art := range r.Artifacts {
		before := len(out)
		for _, att := range art.Attestations {
			if att.Status == verify.Verified && att.Publisher != nil {
				out = append(out, att.Publisher)
			}
		}
		if len(out) == before {
			without = append(without, art.Filename.String())
		}
	}
	return out, without
}

func exact(allowed, observed string) bool { return allowed == observed }

// owns reports whether a repository lies under host/owner, by whole segments
// of its path.
func owns(owner, repository string) bool {
	repo, ok := verify.ParseRepository(repository)
	if !ok {
		return false
	}
	host, path, _ := strings.Cut(owner, "/")
	if untrusted.LowerASCII(host) != repo.Host {
		return false
	}
	under := repo.Path
	if repo.IgnoresCase() {
		under, path = untrusted.LowerASCII(under), untrusted.LowerASCII(path)
	}
	return strings.HasPrefix(under, path+"/")
}
