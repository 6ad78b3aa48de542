package verify_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/demo"
	"plimsoll/testdata/many"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

var update = flag.Bool("update", false, "write the golden files anew")

// demoPackage is one package of the demo with what was fetched for it.
type demoPackage struct {
	spec     catalog.Spec
	evidence verify.Evidence
	trust    verify.Trust
	err      error
}

// demoPackages fetches every package of the demo once for all tests, which only
// read them.
var demoPackages = sync.OnceValues(func() ([]demoPackage, error) {
	var sources []catalog.Source
	for _, c := range demo.Catalogs() {
		sources = append(sources, catalog.Source{Name: c.Name, FS: c.FS})
	}
	ctx := context.Background()
	specs, err := catalog.Load(ctx, sources...)
	if err != nil {
		return nil, err
	}
	recording, material, err := many.Recording()
	if err != nil {
		return nil, err
	}
	from, err := registries(recording, recording.NPMRegistry(), recording.PyPIIndex(), material)
	if err != nil {
		return nil, err
	}
	out := make([]demoPackage, len(specs))
	for i, spec := range specs {
		out[i].spec = spec
		out[i].evidence, out[i].trust, out[i].err = from.Fetch(ctx, spec, func(string) {})
	}
	return out, nil
})

func registries(transport http.RoundTripper, npmBase, pypiBase string, material trust.Material) (*scan.Registries, error) {
	packages, err := registry.ParseBase(npmBase)
	if err != nil {
		return nil, err
	}
	index, err := registry.ParseBase(pypiBase)
	client := registry.New(registry.Options{Transport: transport, Now: func() time.Time { return time.Unix(1_790_000_000, 0) }})
	return &scan.Registries{
		NPM:   npm.New(client, npm.Config{Base: packages}),
		PyPI:  pypi.New(client, pypi.Config{Index: index}),
		Trust: trust.New(trust.Options{Material: material}),
	}, err
}

// Every decision and every sentence about every package of the demo, explained
// and not, stands in a file that people read. A change of the verifier that
// changes one of them fails here, beside the code.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	packages, err := demoPackages()
	if err != nil {
		t.Fatal(err)
	}
	usual := &sentences{}
	var out bytes.Buffer
	for _, p := range packages {
		fmt.Fprintln(&out, p.spec.Path)
		if p.err != nil {
			fmt.Fprintf(&out, "\tnot fetched: %v\n\n", p.err)
			continue
		}
		want := p.spec.Provenance
		plain := verify.Verify(p.evidence, want, p.trust, verify.Options{})
		explained := verify.Verify(p.evidence, want, p.trust, verify.Options{Explain: true})
		if a, b := verdict(&plain), verdict(&explained); a != b {
			t.Errorf("%s: explained, the verdict is another: expected\n%s\nfound\n%s", p.spec.Path, a, b)
		}
		out.WriteString(indent(verdict(&explained)+usual.chains(&plain, &explained)) + "\n")
	}
	compareGolden(t, "verdicts.golden", append(usual.legend(), out.Bytes()...))
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

// compareGolden compares text with a golden file, and names the first line that
// is another.
func compareGolden(t *testing.T, name string, found []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, found, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	expected, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	a, b := strings.Split(string(expected), "\n"), strings.Split(string(found), "\n")
	block := ""
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a) || i >= len(b) || a[i] != b[i]:
			t.Fatalf("%s, line %d, of %s: expected\n%s\nfound\n%s", path, i+1, block, line(a, i), line(b, i))
		case !strings.HasPrefix(a[i], "\t"):
			block = a[i]
		}
	}
}

func line(lines []string, i int) string {
	if i >= len(lines) {
		return "(nothing)"
	}
	return lines[i]
}
