package policy

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
	"plimsoll/testdata/seeds"
	"plimsoll/verify"
)

const whole = `# ours
version: 1
rules:
  - status: signed
  - match:
      protocol: npx
      package: "@acme/*"
    status: verified
    slsa: 2
    publisher_kinds: [GitHub, GitLab]
    issuers:
      - https://token.actions.githubusercontent.com
    runners: [github-hosted]
    owners: [github.com/Acme, gitlab.com/group/sub]
exceptions:
  - package: "@acme/old"
    protocol: npx
    rule: policy.slsa
    reason: built by hand
    until: 2026-12-31
  - {package: left-pad, rule: policy.status, reason: tiny}
`

func parse(t *testing.T, text string) *Policy {
	t.Helper()
	p, err := Parse([]byte(text), "policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParse(t *testing.T) {
	t.Parallel()
	got := parse(t, whole)
	want := &Policy{
		Name: "policy.yaml",
		Rules: []Rule{
			{Line: 4, Status: verify.Signed},
			{Line: 5, Match: Match{catalog.NPX, "@acme/*"}, Status: verify.Verified, SLSA: 2, PublisherKinds: []string{"GitHub", "GitLab"},
				Issuers: []string{"https://token.actions.githubusercontent.com"}, Runners: []string{"github-hosted"},
				Owners: []string{"github.com/Acme", "gitlab.com/group/sub"}},
		},
		Exceptions: []Exception{
			{Line: 16, Match: Match{catalog.NPX, "@acme/old"}, Rule: ruleSLSA, Reason: "built by hand", Until: day("2026-12-31")},
			{Line: 21, Match: Match{"", "left-pad"}, Rule: ruleStatus, Reason: "tiny"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	rule := func(s string) string { return "version: 1\nrules:\n  - status: none\n    " + s + "\n" }
	except := func(s string) string {
		return "version: 1\nrules:\n  - status: none\nexceptions:\n  - {" + s + "}\n"
	}
	for text, want := range map[string]string{
		"":                                    "found an empty file",
		"rules: [{status: none}]":             "p.yaml:1: version: expected a value, found nothing",
		"version: 2\nrules: [{status: none}]": `p.yaml:1: version: expected a number from 1 to 1, found "2"`,
		"version: 1\n":                        "p.yaml:1: rules: expected a value, found nothing",
		"version: 1\nrules: []\n":             "p.yaml:2: rules: expected at least one rule",
		"version: 1\nrules:\n  - {}\n":        "p.yaml:3: rules[0]: expected a rule that demands something",
		"version: 1\nrules:\n  - match: {package: a}\n":                                     "p.yaml:3: rules[0]: expected a rule that demands something",
		"version: 1\nrulez: []\n":                                                           `p.yaml:2: unknown key "rulez"`,
		rule("stauts: verified"):                                                            `p.yaml:4: unknown key "stauts"`,
		rule("status: verified"):                                                            `p.yaml:4: expected each key once, found "status" again`,
		rule("match: {name: a}"):                                                            `p.yaml:4: unknown key "name"`,
		rule("match: {protocol: go, package: cobra}"):                                       `p.yaml:4: rules[0].match.package: expected a path that begins with a host, such as github.com/acme/..., found "cobra"`,
		rule("match: {package: github.com/.../x}"):                                          `expected a pattern such as github.com/acme/*/cmd/server, or github.com/acme/... for all below, found "github.com/.../x"`,
		rule("match: {package: 'github.com/acme/x@v1.0.0'}"):                                `expected one pattern without blanks, commas and @, found "github.com/acme/x@v1.0.0"`,
		rule("match: {package: 'github.com/a/...,github.com/b'}"):                           `expected a pattern such as`,
		rule("match: {protocol: go, package: '*'}"):                                         `expected a pattern that names packages, found "*"`,
		rule("match: {protocol: go, package: '...'}"):                                       `expected a pattern such as`,
		rule("match: {protocol: pip}"):                                                      `p.yaml:4: rules[0].match.protocol: expected npx, uvx or go, found "pip"`,
		rule("match: {package: '*'}"):                                                       `p.yaml:4: rules[0].match.package: expected a pattern that names packages, found "*"`,
		rule("match: {package: '**'}"):                                                      `found "**"`,
		rule("match: {package: 'a['}"):                                                      `expected a pattern such as @scope/*, found "a["`,
		rule("match: {package: 'a/b'}"):                                                     `expected name or @scope/name, found "a/b"`,
		rule("match: {package: '@a/b/c'}"):                                                  `expected name or @scope/name`,
		rule("match: {package: 'a b'}"):                                                     `without blanks`,
		rule("slsa: 4"):                                                                     `p.yaml:4: rules[0].slsa: expected a number from 0 to 3, found "4"`,
		rule("publisher_kinds: [github]"):                                                   `p.yaml:4: rules[0].publisher_kinds: expected GitHub, GitLab, Google, found "github"`,
		rule("publisher_kinds: []"):                                                         `expected at least one value`,
		rule("issuers: [http://issuer.example]"):                                            `expected an https address, found "http://issuer.example"`,
		rule("issuers: [issuer.example]"):                                                   `expected an https address`,
		rule("owners: [acme]"):                                                              `expected host/owner such as github.com/acme, found "acme"`,
		rule("owners: [https://github.com/acme]"):                                           `expected host/owner`,
		rule("owners: [github.com/]"):                                                       `expected host/owner`,
		rule("owners: [www.github.com/acme]"):                                               `expected host/owner`,
		rule("owners: [github.com/acme.example]"):                                           `expected host/owner`,
		rule("owners: [gitlab.com/a/b/tree]"):                                               `expected host/owner`,
		rule("owners: ['github.com/*']"):                                                    `expected host/owner`,
		rule("owners: [github.com/acme/repo]"):                                              `expected an owner, not a repository`,
		rule("runners: github-hosted"):                                                      `expected a list, found "github-hosted"`,
		rule("runners: [\"a\\u202e\"]"):                                                     `found "a\u202e"`,
		"version: 1\nrules: [{status: mismatch}]":                                           `p.yaml:2: rules[0].status: expected verified, partial, signed or none, found "mismatch"`,
		"version: 1\nrules: [{status: green}]":                                              `found "green"`,
		except("rule: policy.slsa, reason: r"):                                              "p.yaml:5: exceptions[0].package: expected a value, found nothing",
		except("package: a, reason: r"):                                                     "exceptions[0].rule: expected a value",
		except("package: a, rule: policy.slsa"):                                             "exceptions[0].reason: expected a value",
		except("package: a, rule: policy.slsa, reason: ' '"):                                "exceptions[0].reason: expected a reason",
		except("package: a, rule: publisher.kind, reason: r"):                               `exceptions[0].rule: expected one of policy.status`,
		except("package: '*', rule: policy.slsa, reason: r"):                                `found "*"`,
		except("package: a, rule: policy.slsa, reason: r, until: soon"):                     `expected a date such as 2026-12-31, found "soon"`,
		except("package: a, rule: policy.slsa, reason: r, untill: 1"):                       `unknown key "untill"`,
		"version: 1\nrules: [{status: none}]\n#" + strings.Repeat("x", untrusted.MaxPolicy): "expected at most 1048576 bytes",
	} {
		p, err := Parse([]byte(text), "p.yaml")
		var located *yamlfile.Error
		if p != nil || !errors.As(err, &located) || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80q: error %v, want %q", text, err, want)
		}
	}
}

func TestOneOrTwoListsAreARule(t *testing.T) {
	t.Parallel()
	lists := []string{"publisher_kinds: [Google]", "issuers: ['https://issuer.example']", "runners: [a]", "owners: [github.com/acme]"}
	for i, first := range lists {
		for _, demands := range append(lists[i+1:], "slsa: 0") {
			text := "version: 1\nrules: [{" + first + ", " + demands + "}]\n"
			if _, err := Parse([]byte(text), "p.yaml"); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func npx(name string) catalog.Spec {
	return catalog.Spec{Protocol: catalog.NPX, Package: untrusted.Text(name)}
}

func golang(name untrusted.Text) catalog.Spec {
	return catalog.Spec{Protocol: catalog.Go, Package: name}
}

func uvx(name string) catalog.Spec {
	return catalog.Spec{Protocol: catalog.UVX, Package: untrusted.Text(name)}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		match Match
		spec  catalog.Spec
		want  bool
	}{
		{Match{}, npx("@a/b"), true},
		{Match{}, uvx("b"), true},
		{Match{Protocol: catalog.NPX}, npx("b"), true},
		{Match{Protocol: catalog.NPX}, uvx("b"), false},
		{Match{Package: "@acme/*"}, npx("@acme/x"), true},
		{Match{Package: "@acme/*"}, npx("@acme-evil/x"), false},
		{Match{Package: "@acme/*"}, npx("acme"), false},
		{Match{Package: "@*/mcp"}, npx("@a/mcp"), true},
		{Match{Package: "mcp-*"}, npx("mcp-x"), true},
		{Match{Package: "mcp-*"}, npx("@a/mcp-x"), false},
		{Match{Package: "mcp-*"}, npx("MCP-x"), false},
		{Match{Package: "MCP_*"}, uvx("mcp.x"), true},
		{Match{Package: "a__b"}, uvx("A-b"), true},
		{Match{Package: "a[._]b"}, uvx("A_b"), true},
		{Match{Package: `a\.[a-c]`}, uvx("A_b"), true},
		{Match{Package: "a[^._]b"}, uvx("a_b"), false},
		{Match{Package: "a?b"}, uvx("a_b"), true},
		{Match{Package: "kelvin"}, uvx("\u212aelvin"), false},
		{Match{Package: "AZ[09]"}, uvx("Az0"), true},
		{Match{Protocol: catalog.Go}, golang("go.example/x"), true},
		{Match{Protocol: catalog.Go}, npx("x"), false},
		{Match{Package: "github.com/acme/*"}, golang("github.com/acme/tool"), true},
		{Match{Package: "github.com/acme/*"}, golang("github.com/acme/tool/cmd/server"), false},
		{Match{Package: "github.com/acme/*"}, golang("github.com/acme-evil/tool"), false},
		{Match{Package: "github.com/acme/..."}, golang("github.com/acme/tool/v2/cmd/server"), true},
		{Match{Package: "github.com/acme/..."}, golang("github.com/acme"), true},
		{Match{Package: "github.com/acme/..."}, golang("github.com/acme-evil/tool"), false},
		{Match{Package: "github.com/acme/..."}, golang("github.com/Acme/tool"), false},
		{Match{Package: "*.acme.example/..."}, golang("go.acme.example/x/y"), true},
		{Match{Package: "*.acme.example/..."}, golang("acme.example/x/y"), false},
		{Match{Package: "github.com/acme/..."}, npx("@acme/tool"), false},
	} {
		if got := test.match.matches(test.spec); got != test.want {
			t.Errorf("%+v matches %v: %v, want %v", test.match, test.spec.Package, got, test.want)
		}
	}
}

// report has one artifact for each publisher; nil is one without provenance.
func report(status verify.Status, level int, publishers ...*verify.Publisher) *verify.Report {
	r := &verify.Report{Status: status, SLSA: verify.SLSA{Level: level}}
	for i, p := range publishers {
		art := verify.ArtifactReport{Filename: untrusted.Text(fmt.Sprint(i)), Status: verify.None}
		if p != nil {
			art = verify.ArtifactReport{Status: verify.Verified,
				Attestations: []verify.Attestation{{Kind: verify.KindProvenance, Status: verify.Verified, Publisher: p}}}
		}
		r.Artifacts = append(r.Artifacts, art)
	}
	return r
}

var acme = verify.Publisher{Kind: "GitHub", Repository: "https://github.com/acme/x", Issuer: "https://token.actions.githubusercontent.com", Runner: "github-hosted"}

func changed(change func(*verify.Publisher)) *verify.Publisher {
	p := acme
	change(&p)
	return &p
}

// rules returns "rule: expected / observed" of each finding.
func rules(findings []verify.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Rule+": "+f.Expected+" / "+f.Observed)
	}
	return out
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const owners = "policy.owner: github.com/Acme or gitlab.com/group/sub / "
	const kind, issuer, runner = "policy.publisher_kind: GitHub or GitLab / ", "policy.issuer: https://token.actions.githubusercontent.com / ", "policy.runner: github-hosted / "
	for name, test := range map[string]struct {
		spec   catalog.Spec
		report *verify.Report
		want   []string
	}{
		"all is well":     {npx("@acme/x"), report(verify.Verified, 2, &acme), nil},
		"other package":   {npx("other"), report(verify.Signed, 0, nil), nil},
		"other, too weak": {npx("other"), report(verify.None, 0, nil), []string{"policy.status: at least signed / none"}},
		"nothing proven": {npx("@acme/x"), report(verify.Signed, 0, nil), []string{"policy.status: at least verified / signed", "policy.slsa: at least 2 / 0",
			kind + "nothing proven", issuer + "nothing proven", runner + "nothing proven", owners + "nothing proven"}},
		"not checked": {npx("@acme/x"), nil, []string{"policy.status: at least signed / pending", "policy.status: at least verified / pending", "policy.slsa: at least 2 / none: the status is pending",
			kind + "nothing proven", issuer + "nothing proven", runner + "nothing proven", owners + "nothing proven"}},
		"mismatch": {npx("@acme/x"), report(verify.Mismatch, 2, &acme),
			[]string{"policy.status: at least signed / mismatch", "policy.status: at least verified / mismatch", "policy.slsa: at least 2 / none: the status is mismatch"}},
		"low level":    {npx("@acme/x"), report(verify.Verified, 1, &acme), []string{"policy.slsa: at least 2 / 1"}},
		"other kind":   {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Kind = "Google" })), []string{kind + "Google"}},
		"other issuer": {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Issuer += "/acme" })), []string{issuer + string(acme.Issuer) + "/acme"}},
		"other runner": {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Runner = "self\x1bhosted" })), []string{runner + `self\x1bhosted`}},
		"no runner":    {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Runner = "" })), []string{runner + "nothing proven"}},
		"other owner": {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = "https://github.com/acme-evil/x" })),
			[]string{owners + "https://github.com/acme-evil/x"}},
		"other host": {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = "https://github.com.example/acme/x" })),
			[]string{owners + "https://github.com.example/acme/x"}},
		"subgroup":      {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = "https://gitlab.com/Group/sub/deep/x" })), nil},
		"group above":   {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = "https://gitlab.com/group/x" })), []string{owners + "https://gitlab.com/group/x"}},
		"group as repo": {npx("@acme/x"), report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = "https://gitlab.com/group/sub" })), []string{owners + "https://gitlab.com/group/sub"}},
		"second file": {npx("@acme/x"), report(verify.Verified, 2, &acme, changed(func(p *verify.Publisher) { p.Runner = "self-hosted" }), changed(func(p *verify.Publisher) { p.Runner = "self-hosted" })),
			[]string{runner + "self-hosted"}},
		"a file that nobody proves": {npx("@acme/x"), report(verify.Partial, 0, &acme, nil, nil), []string{"policy.status: at least signed / partial", "policy.status: at least verified / partial",
			"policy.slsa: at least 2 / 0", kind + "nothing proven of 1", issuer + "nothing proven of 1", runner + "nothing proven of 1", owners + "nothing proven of 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := parse(t, whole).Check(test.spec, test.report, day("2026-06-01"))
			if !slices.Equal(rules(got), test.want) {
				t.Errorf("got  %q\nwant %q", rules(got), test.want)
			}
			for _, f := range got {
				if f.Severity != verify.SeverityError || !strings.Contains(f.Message, "(policy.yaml:") || untrusted.Clean(f.Message+f.Expected+f.Observed) != f.Message+f.Expected+f.Observed {
					t.Errorf("finding %+v", f)
				}
			}
		})
	}
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	p := parse(t, whole)
	low := report(verify.Verified, 1, &acme)
	for name, test := range map[string]struct {
		spec catalog.Spec
		r    *verify.Report
		at   string
		want []string // severity, rule and what the message says
	}{
		"holds":          {npx("@acme/old"), low, "2026-12-31", []string{"info policy.exception excepted from policy.slsa until 2026-12-31 (policy.yaml:16): built by hand"}},
		"has ended":      {npx("@acme/old"), low, "2027-01-01", []string{"error policy.slsa the policy demands", "info policy.exception the exception from policy.slsa, which ended on 2026-12-31 (policy.yaml:16) no longer holds: built by hand"}},
		"other rule":     {npx("@acme/old"), report(verify.Partial, 2, &acme), "2026-06-01", []string{"error policy.status the policy demands", "error policy.status the policy demands"}},
		"other package":  {npx("@acme/new"), low, "2026-06-01", []string{"error policy.slsa the policy demands"}},
		"without an end": {npx("left-pad"), report(verify.None, 0, nil), "2099-01-01", []string{"info policy.exception excepted from policy.status (policy.yaml:21): tiny"}},
		"not used":       {npx("left-pad"), report(verify.Signed, 0, nil), "2099-01-01", nil},
	} {
		t.Run(name, func(t *testing.T) {
			got := p.Check(test.spec, test.r, day(test.at))
			if len(got) != len(test.want) {
				t.Fatalf("got %+v", got)
			}
			for i, f := range got {
				if text := fmt.Sprintf("%v %s %s", f.Severity, f.Rule, f.Message); !strings.HasPrefix(text, test.want[i]) {
					t.Errorf("got %q, want %q", text, test.want[i])
				}
			}
		})
	}
	last := day("2026-12-31").Add(24*time.Hour - 1)
	if got := p.Check(npx("@acme/old"), low, last); len(got) != 1 || got[0].Severity != verify.Info {
		t.Errorf("the last day does not count to its end: %+v", got)
	}
}

func TestExceptionThatHoldsGoesFirst(t *testing.T) {
	t.Parallel()
	p := parse(t, "version: 1\nrules: [{status: verified}]\nexceptions:\n- {package: a, rule: policy.status, reason: old, until: 2020-01-01}\n- {package: a, rule: policy.status, reason: new}\n")
	got := p.Check(npx("a"), report(verify.None, 0), day("2026-01-01"))
	if len(got) != 1 || got[0].Severity != verify.Info || !strings.Contains(got[0].Message, "new") {
		t.Errorf("got %+v", got)
	}
}

func TestStatusesThatAreDemanded(t *testing.T) {
	t.Parallel()
	met := map[verify.Status]string{ // by which statuses
		verify.Verified: "verified", verify.Partial: "partial verified", verify.Signed: "verified signed", verify.None: "partial verified signed none",
	}
	for _, least := range verify.Statuses() {
		p, err := Parse([]byte("version: 1\nrules: [{status: "+least.String()+"}]\n"), "p.yaml")
		if (err == nil) != (met[least] != "") {
			t.Errorf("to require %v: %v", least, err)
		}
		if err != nil {
			continue
		}
		var got []string
		for _, s := range verify.Statuses() {
			if len(p.Check(npx("a"), &verify.Report{Status: s}, time.Time{})) == 0 {
				got = append(got, s.String())
			}
		}
		if strings.Join(got, " ") != met[least] {
			t.Errorf("%v is met by %q, want %q", least, got, met[least])
		}
	}
	var none *Policy
	if got := none.Check(npx("a"), nil, time.Time{}); got != nil {
		t.Errorf("no policy finds %v", got)
	}
}

func FuzzPolicy(f *testing.F) {
	f.Add([]byte(whole), "@acme/x", uint8(1), 2)
	f.Add([]byte("version: 1\nrules:\n- {status: none, match: {package: '[^a]?*'}}\n"), "b.c", uint8(5), 0)
	f.Add([]byte("version: 1\nrules: &a [*a]\n"), "b", uint8(6), 1)
	f.Add([]byte("version: 1\nrules: [{owners: [gitlab.com/a/b]}]\nexceptions: [{package: \"\\\\*\", rule: policy.owner, reason: r}]"), "*", uint8(1), 3)
	for i, name := range seeds.Values(f, seeds.Specs, `(?m)^\s*package:\s*"?([^"\s]+)`) {
		f.Add([]byte(strings.ReplaceAll(whole, "@acme/x", name)), name, uint8(i%8), i%4)
	}
	f.Fuzz(func(t *testing.T, data []byte, name string, status uint8, level int) {
		p, err := Parse(data, name)
		if err != nil {
			if untrusted.Clean(err.Error()) != err.Error() || p != nil {
				t.Errorf("%v, error %q", p, err)
			}
			return
		}
		for _, spec := range []catalog.Spec{npx(name), uvx(name)} {
			spec.Err = nil
			r := report(verify.Status(status), level, &acme, nil)
			got := p.Check(spec, r, day("2026-06-01"))
			for _, f := range got {
				if f.Message == "" || f.Rule == "" || untrusted.Clean(f.Message+f.Expected+f.Observed) != f.Message+f.Expected+f.Observed {
					t.Errorf("finding %+v", f)
				}
			}
			// What was never checked breaks every rule that matches.
			for _, rule := range p.Rules {
				if rule.Match.matches(spec) && len(rule.check(&verify.Report{}, nil)) == 0 {
					t.Errorf("%+v is met by nothing", rule)
				}
			}
		}
	})
}

// Case matters in an owner, but on hosts that are known to ignore it.
func TestOwnersCase(t *testing.T) {
	t.Parallel()
	p := parse(t, "version: 1\nrules:\n  - owners: [github.com/acme, code.example/acme]\n")
	for repository, findings := range map[string]int{
		"https://github.com/ACME/x": 0, "https://code.example/acme/x": 0, "https://Code.example/acme/x": 0, "https://code.example/Acme/x": 1,
	} {
		r := report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Repository = untrusted.Text(repository) }))
		if got := rules(p.Check(npx("x"), r, day("2026-06-01"))); len(got) != findings {
			t.Errorf("%s: %q", repository, got)
		}
	}
}

// Whatever rule names an issuer for a package accepts it, and for no other.
func TestIssuers(t *testing.T) {
	t.Parallel()
	p := parse(t, `version: 1
rules:
  - issuers: [https://a.example]
  - match: {package: "@acme/*"}
    issuers: [https://b.example, https://c.example]
  - match: {protocol: uvx, package: Foo_Bar}
    issuers: [https://d.example]
  - status: none
`)
	for _, tc := range []struct {
		protocol catalog.Protocol
		name     untrusted.Text
		want     string
	}{
		{catalog.NPX, "x", "[https://a.example]"},
		{catalog.NPX, "@acme/x", "[https://a.example https://b.example https://c.example]"},
		{catalog.UVX, "foo-bar", "[https://a.example https://d.example]"},
		{catalog.NPX, "foo-bar", "[https://a.example]"},
	} {
		if got := fmt.Sprint(p.Issuers(catalog.Spec{Protocol: tc.protocol, Package: tc.name})); got != tc.want {
			t.Errorf("%s %s: %s", tc.protocol, tc.name, got)
		}
	}
	// A GitLab of its users has a kind if the policy names it, and not if only a
	// spec does.
	own := report(verify.Verified, 2, changed(func(p *verify.Publisher) { p.Kind, p.Issuer = "GitLab", "https://b.example" }))
	kinds := parse(t, "version: 1\nrules:\n  - publisher_kinds: [GitLab]\n")
	if got := rules(kinds.Check(npx("@acme/x"), own, day("2026-06-01"))); !slices.Equal(got, []string{"policy.publisher_kind: GitLab / unknown"}) {
		t.Errorf("%q", got)
	}
	kinds.Rules = append(kinds.Rules, Rule{Match: Match{Package: "@acme/*"}, Issuers: []string{"https://b.example"}})
	if got := kinds.Check(npx("@acme/x"), own, day("2026-06-01")); len(got) != 0 {
		t.Errorf("%q", rules(got))
	}
	own.Artifacts[0].Attestations[0].Publisher.Issuer = "https://other.example"
	if got := rules(kinds.Check(npx("y"), own, day("2026-06-01"))); !slices.Equal(got, []string{"policy.publisher_kind: GitLab / unknown"}) {
		t.Errorf("an issuer that is not named: %q", got)
	}
	kinds.Rules[1].Match = Match{}
	if got := rules(kinds.Check(npx("y"), own, day("2026-06-01"))); len(got) != 2 || got[0] != "policy.publisher_kind: GitLab / unknown" {
		t.Errorf("another issuer than the one that is named: %q", got)
	}
	if got := (*Policy)(nil).Issuers(catalog.Spec{}); got != nil {
		t.Errorf("no policy: %v", got)
	}
}
