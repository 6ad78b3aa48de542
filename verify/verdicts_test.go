package verify_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/registry/goproxy"
)

// demoPackage is one package of the demo with what was fetched for it.
type demoPackage struct {
	spec     catalog.Spec
	evidence verify.Evidence
	trust    verify.Trust
	err      error
}

var demoOnce struct {
	sync.Once
	packages []demoPackage
}

// demoPackages fetches every package of the demo once for all tests, which only
// read them.
func demoPackages(t testing.TB) []demoPackage {
	demoOnce.Do(func() {
		from := lab.Registries(t)
		for _, spec := range lab.Specs(t) {
			p := demoPackage{spec: spec}
			p.evidence, p.trust, p.err = from.Fetch(goproxy.WithZip(t.Context()), spec, func(string) {})
			demoOnce.packages = append(demoOnce.packages, p)
		}
	})
	return demoOnce.packages
}

// Every decision and every sentence about every package of the demo, explained
// and not, stands in a file that people read. A change of the verifier that
// changes one of them fails here, beside the code.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	usual := &sentences{}
	var out bytes.Buffer
	for _, p := range packages {
		fmt.Fprintln(&out, p.spec.Path)
		if p.err != nil {
			fmt.Fprintf(&out, "\tnot fetched: %v\n\n", p.err)
			continue
		}
		want := p.spec.Provenance
		plain := verify.Verify(p.evidence, want, p.trust)
		explained := verify.Examine(p.evidence, want, p.trust).Report
		if a, b := verdict(&plain), verdict(&explained); a != b {
			t.Errorf("%s: explained, the verdict is another: expected\n%s\nfound\n%s", p.spec.Path, a, b)
		}
		out.WriteString(indent(verdict(&explained)+usual.chains(&plain, &explained)) + "\n")
	}
	testfiles.Golden(t, "verdicts.golden", string(append(usual.legend(), out.Bytes()...)))
}

// verdict is what a report says of the package.
func verdict(r *verify.Report) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v: %s\n", r.Status, r.Reason)
	fmt.Fprintf(&out, "SLSA %d: %s\n", r.SLSA.Level, r.SLSA.Reason)
	if p := r.Publisher; p != nil {
		fmt.Fprintf(&out, "publisher: %+v\n", *p)
	}
	for _, c := range r.Comparison {
		fmt.Fprintf(&out, "%s: %s:", c.Field, c.Result)
		said := "\x00"
		for _, w := range []struct{ who, says string }{
			{"spec", c.Spec.String()}, {"certificate", c.Certificate.String()}, {"statement", c.Statement.String()}, {"registry", c.Registry.String()},
		} {
			switch w.says {
			case "":
			case said:
				fmt.Fprintf(&out, " = %s", w.who)
			default:
				said = w.says
				fmt.Fprintf(&out, " %q %s", w.says, w.who)
			}
		}
		if c.Reason != "" {
			fmt.Fprintf(&out, ": %s", c.Reason)
		}
		out.WriteString("\n")
	}
	return out.String() + findings(r)
}

func findings(r *verify.Report) string {
	var out strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&out, "%v %s: %s", f.Severity, f.Rule, f.Message)
		if f.Expected+f.Observed != "" {
			fmt.Fprintf(&out, " (expected %q, found %q)", f.Expected, f.Observed)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// sentences numbers the different sentences of the checks that do not fail, so
// that the golden file has each of them once.
type sentences struct {
	of    map[verify.CheckID][]string
	order []verify.CheckID
}

func (s *sentences) legend() []byte {
	var out bytes.Buffer
	for _, id := range s.order {
		fmt.Fprintln(&out, id)
		for i, sentence := range s.of[id] {
			fmt.Fprintf(&out, "\t%d %s\n", i+1, sentence)
		}
	}
	out.WriteString("\n")
	return out.Bytes()
}

// short is a check in a few words: one that fails, or compares two values, with
// its sentence.
func (s *sentences) short(c verify.Check) string {
	text := fmt.Sprintf("%v %s: %s", c.Status, c.ID, c.Reason)
	switch {
	case c.Expected == c.Observed && c.Status != verify.Fail:
	case c.Expected+c.Observed != "":
		return text + fmt.Sprintf(" (expected %q, found %q)", c.Expected, c.Observed)
	}
	if c.Status == verify.Fail || c.ID == verify.CheckTime {
		return text
	}
	if s.of == nil {
		s.of = make(map[verify.CheckID][]string)
	}
	known := s.of[c.ID]
	if known == nil {
		s.order = append(s.order, c.ID)
	}
	text = fmt.Sprintf("%v: %s", c.Status, c.Reason)
	i := slices.Index(known, text)
	if i < 0 {
		i, s.of[c.ID] = len(known), append(known, text)
	}
	text = fmt.Sprintf("%v %s (%d)", c.Status, c.ID, i+1)
	if c.Expected != "" {
		text += fmt.Sprintf(" %.30q", c.Expected)
	}
	return text
}

// chains are the links of every attestation and signature.
func (s *sentences) chains(plain, explained *verify.Report) string {
	var out strings.Builder
	for i, art := range explained.Artifacts {
		fmt.Fprintf(&out, "%s: %v: %s\n", art.Filename, art.Status, art.Reason)
		for _, sig := range art.Signatures {
			fmt.Fprintf(&out, "\tsignature by %s: %v: %s\n", sig.KeyID, sig.Status, sig.Reason)
		}
		for j, att := range art.Attestations {
			fmt.Fprintf(&out, "\t%v %s: %v: %s\n", att.Kind, att.PredicateType, att.Status, att.Reason)
			out.WriteString(indent(indent(s.links(plain.Artifacts[i].Attestations[j].Checks, att.Checks))))
		}
	}
	return out.String()
}

// links writes one line for each check that fails, and one for several that do
// not. Those that are there only with an explanation are marked "+", those only
// without one "-".
func (s *sentences) links(plain, explained []verify.Check) string {
	short, long := s.shorten(plain), s.shorten(explained)
	var lines []string
	last := ""
	add := func(mark, text string) {
		kind := mark + fmt.Sprint(strings.HasPrefix(text, "fail"))
		if kind == last && !strings.HasPrefix(text, "fail") {
			lines[len(lines)-1] += ", " + text
		} else {
			lines = append(lines, mark+text)
		}
		last = kind
	}
	for _, text := range long {
		mark := "+ "
		if slices.Contains(short, text) {
			mark = "= "
		}
		add(mark, text)
	}
	for _, text := range short {
		if !slices.Contains(long, text) {
			add("- ", text)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

func (s *sentences) shorten(checks []verify.Check) []string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = s.short(c)
	}
	return out
}

func indent(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString("\t" + line)
	}
	return out.String()
}

// A policy that names issuers changes the verdict of the packages whose
// certificates they issued and whose source is theirs to vouch for, explained
// or not, and of no other package of the demo.
func TestIssuersOfAPolicy(t *testing.T) {
	t.Parallel()
	changed := map[string]int{"npx/enterprise-cloud": 0, "npx/enterprise-issuer": 0, "npx/own-gitlab": 0, "uvx/enterprise-cloud-pypi": 0}
	for _, p := range demoPackages(t) {
		if p.err != nil {
			continue
		}
		named := p.trust
		named.Issuers = []string{"https://token.actions.githubusercontent.com/drydock-demo", "https://token.actions.drydock-demo.ghe.com",
			"https://gitlab.drydock.example", "https://agent.buildkite.com", "https://oidc.circleci.com/org/7a0c4e1e-demo", "https://ci.demo.example/oidc"}
		before := verify.Verify(p.evidence, p.spec.Provenance, p.trust)
		plain, explained := verify.Verify(p.evidence, p.spec.Provenance, named), verify.Examine(p.evidence, p.spec.Provenance, named)
		if a, b := verdict(&plain), verdict(&explained.Report); a != b {
			t.Errorf("%s: explained, the verdict is another: expected\n%s\nfound\n%s", p.spec.Path, a, b)
		}
		if plain.Status == before.Status {
			continue
		}
		name := strings.TrimSuffix(strings.TrimPrefix(string(p.spec.Path), "attacks/"), "/spec.yaml")
		if _, ok := changed[name]; !ok || before.Status != verify.Unchecked || plain.Status != verify.Verified {
			t.Errorf("%s: %v became %v: %s", p.spec.Path, before.Status, plain.Status, plain.Reason)
		}
		changed[name]++
	}
	for name, n := range changed {
		if n != 1 {
			t.Errorf("%s is not verified", name)
		}
	}
}
