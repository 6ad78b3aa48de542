package triage

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Kind is what was decided.
type Kind string

// The kinds of decisions.
const (
	Known    Kind = "known"    // looked at and accepted, until its date
	Rejected Kind = "rejected" // looked at and not accepted: counts as an error
	Note     Kind = "note"     // only a remark; the finding stays open
)

// Key tells decisions apart: there is one for a package, a rule, and what was
// expected and found.
type Key struct {
	Protocol catalog.Protocol
	Package  string
	Rule     string
	Finding  string // see [FindingHash]
}

func (k Key) compare(other Key) int {
	return cmp.Or(cmp.Compare(k.Protocol, other.Protocol), cmp.Compare(k.Package, other.Package),
		cmp.Compare(k.Rule, other.Rule), cmp.Compare(k.Finding, other.Finding))
}

// Decision is one decision. Its texts are on one line and hold nothing
// invisible.
type Decision struct {
	Key
	Version string // of the release it was made for; for people, "" if unknown
	Kind    Kind
	Reason  string
	Until   time.Time // Known only: the last day, in UTC, on which it holds; zero: no end
	By      string    // who decided, may be ""
	At      time.Time // the day, in UTC, may be zero
	Binding
	Comment string // what stands above it in the file, with its # signs
}

func (d Decision) compareKey(k Key) int { return d.Key.compare(k) }

// Decide returns a decision about a finding of a report, bound to what the
// report found. The caller adds Until, By and At.
func Decide(spec catalog.Spec, r *verify.Report, f verify.Finding, kind Kind, reason string) Decision {
	return Decision{
		Key:     keyOf(spec, f),
		Version: string(spec.Version), Kind: kind, Reason: reason, Binding: BindingOf(r),
	}
}

func keyOf(spec catalog.Spec, f verify.Finding) Key {
	return Key{Protocol: spec.Protocol, Package: string(spec.Package), Rule: f.Rule, Finding: FindingHash(f)}
}

// FindingHash names what a finding found: "sha256:" and the hash, in hex, over
// its rule, what was expected and what was observed, and over its message if it
// compares no values. Findings of one rule that agree in that share a decision.
func FindingHash(f verify.Finding) string {
	parts := []string{"finding", f.Rule, f.Expected, f.Observed}
	if f.Expected == "" && f.Observed == "" {
		parts = append(parts, f.Message)
	}
	return hash(parts)
}

// SameFinding reports whether two findings share a decision: whether their
// [FindingHash] is the same.
func SameFinding(a, b verify.Finding) bool {
	compares := a.Expected != "" || a.Observed != ""
	return a.Rule == b.Rule && a.Expected == b.Expected && a.Observed == b.Observed && (compares || a.Message == b.Message)
}

// hash is over the quoted parts, so that no two lists give the same bytes.
func hash(parts []string) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%q\n", part)
	}
	return fmt.Sprintf("sha256:%x", h.Sum(nil))
}

var (
	hashForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)
	ruleForm = regexp.MustCompile(`^[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
)

// check returns what is wrong with a decision, and at which key of the file.
func (d Decision) check() (key string, err error) {
	for _, text := range []struct{ key, value string }{
		{"package", d.Package}, {"version", d.Version}, {"rule", d.Rule}, {"reason", d.Reason}, {"by", d.By},
	} {
		if len(text.value) > untrusted.MaxReason {
			return text.key, fmt.Errorf("expected at most %d bytes, found %d", untrusted.MaxReason, len(text.value))
		}
		if untrusted.Clean(text.value) != text.value {
			return text.key, fmt.Errorf("expected one line without control or invisible characters, found %q", untrusted.Text(text.value))
		}
	}
	switch {
	case !d.Protocol.Known() || d.Package == "":
		return "package", fmt.Errorf("expected npx/NAME, uvx/NAME or go/PATH, found %q", untrusted.Text(string(d.Protocol)+"/"+d.Package))
	case !ruleForm.MatchString(d.Rule):
		return "rule", fmt.Errorf("expected the rule of a finding, found %q", untrusted.Text(d.Rule))
	case !slices.Contains([]Kind{Known, Rejected, Note}, d.Kind):
		return "kind", fmt.Errorf("expected known, rejected or note, found %q", untrusted.Text(d.Kind))
	case strings.TrimSpace(d.Reason) == "":
		return "reason", errors.New("expected a reason, found nothing")
	case !d.Until.IsZero() && d.Kind != Known:
		return "until", fmt.Errorf("expected a date only where the kind is known, found one with %s", d.Kind)
	}
	for _, hash := range []struct{ key, value string }{
		{"finding", d.Finding}, {"artifacts", d.Artifacts}, {"publisher", d.Publisher},
	} {
		if !hashForm.MatchString(hash.value) {
			return hash.key, fmt.Errorf("expected sha256: and 64 hexadecimal digits, found %q", untrusted.Text(hash.value))
		}
	}
	return "", nil
}
