package policy

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
	"plimsoll/verify"
	"plimsoll/verify/pyname"
)

// FileName is the name of the file at the root of a catalog.
const FileName = "policy.yaml"

// The rules of the findings that [Policy.Check] returns. Exception is a note
// beside them.
const (
	ruleStatus        = "policy.status"
	ruleSLSA          = "policy.slsa"
	rulePublisherKind = "policy.publisher_kind"
	ruleIssuer        = "policy.issuer"
	ruleRunner        = "policy.runner"
	ruleOwner         = "policy.owner"
	ruleNoDowngrade   = "policy.no_downgrade"
	ruleSamePublisher = "policy.same_publisher"
	ruleMinAge        = "policy.min_age"
	ruleException     = "policy.exception"
)

// exceptable are the rules from which a package can be excepted.
var exceptable = []string{
	ruleStatus, ruleSLSA, rulePublisherKind, ruleIssuer, ruleRunner, ruleOwner, ruleNoDowngrade, ruleSamePublisher, ruleMinAge,
}

// kinds of publishers that a certificate can prove.
var kinds = []string{"GitHub", "GitLab", "Google"}

// Policy is what is demanded. Its texts hold nothing invisible.
type Policy struct {
	Name       string // the file's
	Operator   bool   // given on the command line: see [verify.Finding]
	Rules      []Rule
	Exceptions []Exception
}

// Rule is what is demanded of the packages that it matches. Zero fields demand
// nothing.
type Rule struct {
	Line           int // in the file, from 1; 0 if it came from none
	Match          Match
	Status         verify.Status // the least: Verified, Partial, Signed or None; Pending demands nothing
	SLSA           int           // the least build level
	PublisherKinds []string
	Issuers        []string // of the certificate's identity, compared exactly; these are accepted: see [Policy.Issuers]
	Runners        []string // runner environments, compared exactly
	Owners         []string // "host/owner" of the source repository
	NoDowngrade    bool     // no less evidence than the releases before
	SamePublisher  bool     // that of the release before, if it has one
	MinAge         Age      // since the last file of the release was published
}

// Same reports whether two policies, of which each may be nil, demand the same.
func (p *Policy) Same(other *Policy) bool {
	if p == nil || other == nil {
		return p == other
	}
	return reflect.DeepEqual(p.unplaced(), other.unplaced())
}

// unplaced returns a copy that does not say in which line of which file it stands.
func (p *Policy) unplaced() Policy {
	out := *p
	out.Name, out.Rules, out.Exceptions = "", slices.Clone(p.Rules), slices.Clone(p.Exceptions)
	for i := range out.Rules {
		out.Rules[i].Line = 0
	}
	for i := range out.Exceptions {
		out.Exceptions[i].Line = 0
	}
	return out
}

// Match is which packages are meant. Empty fields match every package.
type Match struct {
	Protocol catalog.Protocol
	Package  string // a pattern of path.Match; PyPI names compare as PEP 503 normalises them
}

// Exception lets the packages that it matches break one rule.
type Exception struct {
	Line int
	Match
	Rule   string // one of exceptable
	Reason string
	Until  time.Time // the last day, in UTC, on which it holds; zero: no end
}

// Parse reads a policy. name is the file's, for messages. An error is a
// [*yamlfile.Error] with its line.
func Parse(data []byte, name string) (*Policy, error) {
	file, m := yamlfile.Parse(data, untrusted.Text(name), untrusted.MaxPolicy)
	m.Only("version", "rules", "exceptions")
	m.Required("version", "rules")
	m.Int("version", 1, 1)
	p := &Policy{Name: untrusted.Clean(name)}
	for _, item := range m.Maps("rules") {
		p.Rules = append(p.Rules, rule(item))
	}
	for _, item := range m.Maps("exceptions") {
		p.Exceptions = append(p.Exceptions, exception(item))
	}
	if len(p.Rules) == 0 {
		m.Fail("rules", "expected at least one rule, found none")
	}
	if err := file.Err(); err != nil {
		return nil, err
	}
	return p, nil
}

// demands are the keys of a rule that demand something.
var demands = []string{"status", "slsa", "publisher_kinds", "issuers", "runners", "owners", "no_downgrade", "same_publisher", "min_age"}

func rule(m yamlfile.Map) Rule {
	m.Only(append([]string{"match"}, demands...)...)
	inner := m.Map("match")
	inner.Only("protocol", "package")
	r := Rule{
		Line: m.Line(""), Match: match(inner), SLSA: m.Int("slsa", 0, 3),
		PublisherKinds: m.Texts("publisher_kinds"), Issuers: m.Texts("issuers"), Runners: m.Texts("runners"), Owners: m.Texts("owners"),
		MinAge: age(m),
	}
	r.NoDowngrade, _ = m.Bool("no_downgrade")
	r.SamePublisher, _ = m.Bool("same_publisher")
	if text := m.Text("status"); text != "" {
		status, err := verify.ParseStatus(text)
		if err != nil || !slices.Contains(verify.Requirements(), status) {
			m.Fail("status", "expected verified, partial, signed or none, found %q", text)
		}
		r.Status = status
	}
	for _, kind := range r.PublisherKinds {
		if !slices.Contains(kinds, kind) {
			m.Fail("publisher_kinds", "expected %s, found %q", strings.Join(kinds, ", "), kind)
		}
	}
	for _, issuer := range r.Issuers {
		if u, err := url.Parse(issuer); err != nil || u.Scheme != "https" || u.Host == "" {
			m.Fail("issuers", "expected an https address, found %q", issuer)
		}
	}
	for _, owner := range r.Owners {
		if err := checkOwner(owner); err != nil {
			m.Fail("owners", "%v", err)
		}
	}
	if r.empty() {
		m.Fail("", "expected a rule that demands something: one of %s", strings.Join(demands, ", "))
	}
	return r
}

func (r Rule) empty() bool {
	return !r.needsPast() && r.Status == verify.Pending && r.SLSA == 0 &&
		len(r.PublisherKinds)+len(r.Issuers)+len(r.Runners)+len(r.Owners) == 0
}

func exception(m yamlfile.Map) Exception {
	m.Only("protocol", "package", "rule", "reason", "until")
	m.Required("package", "rule", "reason")
	e := Exception{Line: m.Line(""), Match: match(m), Rule: m.Text("rule"), Reason: m.Text("reason"), Until: m.Date("until")}
	if !slices.Contains(exceptable, e.Rule) {
		m.Fail("rule", "expected one of %s, found %q", strings.Join(exceptable, ", "), e.Rule)
	}
	if strings.TrimSpace(e.Reason) == "" {
		m.Fail("reason", "expected a reason, found nothing")
	}
	return e
}

func match(m yamlfile.Map) Match {
	out := Match{Protocol: catalog.Protocol(m.Text("protocol")), Package: m.Text("package")}
	if out.Protocol != "" && !out.Protocol.Known() {
		m.Fail("protocol", "expected %s, found %q", catalog.ProtocolNames, string(out.Protocol))
	}
	if out.Package != "" {
		check := checkPattern
		if out.Protocol == catalog.Go || out.Protocol == "" && goPattern.MatchString(out.Package) {
			check = checkGoPattern
		}
		if err := check(out.Package); err != nil {
			m.Fail("package", "%v", err)
		}
	}
	return out
}

// checkPattern refuses what cannot mean what its writer thinks.
func checkPattern(pattern string) error {
	for _, p := range []string{pattern, normalizePattern(pattern)} {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("expected a pattern such as @scope/*, found %q", pattern)
		}
	}
	switch {
	case strings.Trim(pattern, "*?") == "":
		return fmt.Errorf("expected a pattern that names packages, found %q: it would miss every @scope/name", pattern)
	case strings.Count(pattern, "/") > 1 || strings.Contains(pattern, "/") && pattern[0] != '@' && !strings.ContainsRune("*?[", rune(pattern[0])):
		return fmt.Errorf("expected name or @scope/name, found %q", pattern)
	case strings.ContainsAny(pattern, " \t"):
		return fmt.Errorf("expected a pattern without blanks, found %q", pattern)
	}
	return nil
}

// goPattern is the beginning of a path of a Go module: a host, which no name of npm
// and PyPI has before a slash.
var goPattern = regexp.MustCompile(`^[^@/]*\.[^/]*/`)

// checkGoPattern is checkPattern of patterns of Go packages.
func checkGoPattern(pattern string) error {
	host, _, _ := strings.Cut(pattern, "/")
	below := strings.TrimSuffix(pattern, everythingBelow)
	switch _, err := path.Match(below, ""); {
	case err != nil || strings.Contains(below, "..."):
		return fmt.Errorf("expected a pattern such as github.com/acme/*/cmd/server, or github.com/acme/... for all below, found %q", pattern)
	case !strings.ContainsAny(host, ".*?[") || host == "...":
		return fmt.Errorf("expected a path that begins with a host, such as github.com/acme/..., found %q", pattern)
	case strings.Trim(pattern, "*?") == "":
		return fmt.Errorf("expected a pattern that names packages, found %q: it would miss every path with a /", pattern)
	case strings.ContainsAny(pattern, " \t,@"):
		return fmt.Errorf("expected one pattern without blanks, commas and @, found %q", pattern)
	}
	return nil
}

// everythingBelow ends a pattern of Go packages, as the go command writes it: the path
// before it, and all paths that begin so.
const everythingBelow = "/..."

// matchesGo reports whether a pattern means a Go package.
func matchesGo(pattern, name string) bool {
	if above, all := strings.CutSuffix(pattern, everythingBelow); all {
		pattern = above
		parts := strings.Split(name, "/")
		name = strings.Join(parts[:min(len(parts), strings.Count(above, "/")+1)], "/")
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// checkOwner accepts "host/owner", and for GitLab "host/group/subgroup".
func checkOwner(owner string) error {
	parts := strings.Split(owner, "/")
	if len(parts) < 2 || !strings.Contains(parts[0], ".") || strings.ContainsAny(owner, " :@?#*") || slices.Contains(parts, "") ||
		slices.Contains(parts, ".") || slices.Contains(parts, "..") {
		return fmt.Errorf("expected host/owner such as github.com/acme, found %q", owner)
	}
	if untrusted.LowerASCII(parts[0]) == "github.com" && len(parts) > 2 {
		return errors.New("expected an owner, not a repository: github.com/OWNER")
	}
	// A form that no repository is read as would never be met.
	if repo, ok := verify.ParseRepository("https://" + owner + "/x"); !ok || !strings.EqualFold(repo.String(), owner+"/x") {
		return fmt.Errorf("expected host/owner such as github.com/acme, found %q", owner)
	}
	return nil
}

// matches reports whether a package is meant.
func (m Match) matches(spec catalog.Spec) bool {
	if m.Protocol != "" && m.Protocol != spec.Protocol {
		return false
	}
	if m.Package == "" {
		return true
	}
	pattern, name := m.Package, string(spec.Package)
	if spec.Protocol == catalog.UVX {
		pattern, name = normalizePattern(pattern), pyname.NormalizeName(name)
	}
	if spec.Protocol == catalog.Go {
		return matchesGo(pattern, name)
	}
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// normalizePattern makes a pattern of PyPI names match normalised ones: Foo_Bar
// and foo-bar are one project. In brackets a run of separators is a list.
func normalizePattern(pattern string) string {
	if !strings.ContainsAny(pattern, `[\`) {
		return pyname.NormalizeName(pattern)
	}
	return strings.NewReplacer(`\\`, `\\`, `\_`, `\-`, `\.`, `\-`, "_", `\-`, ".", `\-`).Replace(untrusted.LowerASCII(pattern))
}
