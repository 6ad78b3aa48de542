package view

import (
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/statement"
)

var hostileStrings = append(sharedStrings(), []string{
	"", "x", "\x1b[2J\x1b[H", "\x1b]0;pwned\a", "a\r\nb\nc\td", "\x9b31m", "\u202eevil\u2066", "zero\u200bwidth", "\xff\xfe\x80",
	"日本語日本語日本語", "👩‍👩‍👧‍👦🇩🇪", "e\u0301\u0301\u0301\u0301\u0301\u0301\u0301", strings.Repeat("A", 9000), strings.Repeat("漢", 700), strings.Repeat("a b ", 900),
	`{"a":"\u001b[2J` + "\x1b" + `","b":[[[[[{}]]]]],"c":[],"d":{"e":1}}`, strings.Repeat("[", 300), `{"` + strings.Repeat("k", 400) + `":"` + strings.Repeat("v", 5000) + `"}`,
	`["\`, "null", "https://github.com/acme/x", "https://github.com@evil.example/a/b", "git+ssh://git@github.com/a/b.git", "://", "%zz://x",
	strings.Repeat("line\n", 300), "-", "–", " leading", strings.Repeat(" ", 300),
}...)

func sharedStrings() (out []string) {
	for _, text := range hostile.Texts() {
		if !text.Long() {
			out = append(out, text.Value)
		}
	}
	return out
}

// fill sets every exported field reachable from v to something hostile.
func fill(r *rand.Rand, v reflect.Value, depth int) {
	switch v.Type() {
	case reflect.TypeFor[time.Time]():
		times := []time.Time{{}, signedAt, signedAt.AddDate(9000, 0, 0), signedAt.AddDate(-9000, 0, 0), time.Unix(1<<40, 0), time.Unix(r.Int64N(2e9), 0)}
		v.Set(reflect.ValueOf(times[r.IntN(len(times))]))
		return
	case reflect.TypeFor[*big.Int]():
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostileStrings[r.IntN(len(hostileStrings))])
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt([]int64{0, 1, -1, 12, 1 << 62, -1 << 63}[r.IntN(6)])
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(9)))
	case reflect.Slice:
		fillSlice(r, v, depth)
	case reflect.Map:
		m := reflect.MakeMap(v.Type())
		for range r.IntN(3) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, depth+1)
			fill(r, value, depth+1)
			m.SetMapIndex(key, value)
		}
		v.Set(m)
	case reflect.Pointer:
		if r.IntN(4) > 0 && depth < 12 && v.Type().Elem().Kind() == reflect.Struct {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth+1)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(r, v.Field(i), depth+1)
			}
		}
	}
}

func fillSlice(r *rand.Rand, v reflect.Value, depth int) {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes([]byte(hostileStrings[r.IntN(len(hostileStrings))]))
		return
	}
	n := r.IntN(3)
	v.Set(reflect.MakeSlice(v.Type(), n, n))
	for i := range n {
		fill(r, v.Index(i), depth+1)
	}
}

// ours are the only escape codes that may leave the package.
var ours = regexp.MustCompile("\x1b\\[[0-9;]*m")

func checkLines(t *testing.T, what string, lines []string, width int) {
	t.Helper()
	for i, line := range lines {
		plain := ours.ReplaceAllString(line, "")
		if w := ansi.StringWidth(line); w > width || theme.Width(plain) > width {
			t.Fatalf("%s: line %d is %d cells, at most %d allowed: %q", what, i, w, width, line)
		}
		if untrusted.Clean(plain) != plain || !utf8.ValidString(plain) {
			t.Fatalf("%s: line %d holds a byte that may act on a terminal: %q", what, i, line)
		}
	}
}

func TestHostileReportsStayInTheirLines(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	themes := []*theme.Theme{theme.New(theme.Options{Color: true}), theme.New(theme.Options{}), theme.New(theme.Options{ASCII: true})}
	for round := range 150 {
		in := Input{Report: &verify.Report{}, Width: 20 + r.IntN(231), Wrap: r.IntN(3) == 0}
		fill(r, reflect.ValueOf(in.Report).Elem(), 0)
		fill(r, reflect.ValueOf(&in.Spec).Elem(), 0)
		fill(r, reflect.ValueOf(&in.Past).Elem(), 0)
		th := themes[r.IntN(len(themes))]
		for _, tab := range Tabs() {
			checkLines(t, fmt.Sprintf("round %d, %s, width %d", round, tab.Title(), in.Width), Render(tab, in, th).Text(), in.Width)
		}
		checkLines(t, "preview", Preview(in, th), in.Width)
		for _, cell := range []string{Source(in.Report), Expected(in.Spec)} {
			if untrusted.Clean(cell) != cell {
				t.Fatalf("a cell is not clean: %q", cell)
			}
		}
	}
}

// So do records of a Go module, with everything that there is to look at of them.
func TestHostileRecordsStayInTheirLines(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	th := theme.New(theme.Options{Color: true})
	for round := range 100 {
		d := &verify.Dossier{Records: make([]verify.RecordEvidence, 1)}
		fill(r, reflect.ValueOf(&d.Report).Elem(), 0)
		record := &verify.Record{}
		fill(r, reflect.ValueOf(record).Elem(), 0)
		fill(r, reflect.ValueOf(&d.Records[0]).Elem(), 0)
		d.Records[0].Record = record
		d.Release.Ecosystem, d.Inspected, d.Unverified = verify.Go, nil, ""
		d.Artifacts = append([]verify.ArtifactReport{{Filename: "x@v1.zip", Status: verify.Invalid, Record: record}}, d.Artifacts...)
		for _, dossier := range []*verify.Dossier{d, {Report: d.Report}} { // of the second nothing was kept
			in := Input{Report: &d.Report, Dossier: dossier, Width: 20 + r.IntN(231), Wrap: r.IntN(3) == 0}
			fill(r, reflect.ValueOf(&in.Spec).Elem(), 0)
			for _, tab := range Tabs() {
				checkLines(t, fmt.Sprintf("round %d, %s, width %d", round, tab.Title(), in.Width), Render(tab, in, th).Text(), in.Width)
			}
			checkLines(t, "preview", Preview(in, th), in.Width)
		}
	}
}

// Every fixture at every width, with the hostile strings that a person would
// most likely meet.
func TestEveryWidthHolds(t *testing.T) {
	hostile.WithoutRace(t)
	t.Parallel()
	th := theme.New(theme.Options{Color: true})
	for name, fixture := range fixtures {
		in := fixture()
		for width := 1; width <= 250; width += 1 + width/20 {
			in.Width = width
			for _, tab := range Tabs() {
				checkLines(t, name, Render(tab, in, th).Text(), width)
			}
			checkLines(t, name, Preview(in, th), width)
		}
	}
}

func TestZeroValuesDoNotPanic(t *testing.T) {
	t.Parallel()
	reports := map[string]*verify.Report{
		"nil": nil, "zero": {}, "status only": {Status: verify.Invalid},
		"zero artifact":    {Status: verify.Unchecked, Artifacts: make([]verify.ArtifactReport, 1)},
		"zero attestation": {Status: verify.Invalid, Artifacts: []verify.ArtifactReport{{Attestations: make([]verify.Attestation, 2), Signatures: make([]verify.Signature, 2)}}},
		"zero everything": {Status: verify.Verified, Findings: make([]verify.Finding, 1), Comparison: make([]verify.Comparison, 1), Sources: make([]verify.Source, 1),
			Publisher: &verify.Publisher{},
			Artifacts: []verify.ArtifactReport{{Attestations: []verify.Attestation{{
				Checks: make([]verify.Check, 1), Log: make([]verify.LogEntry, 1), Claimed: &verify.ClaimedPublisher{}, Leaf: &verify.Leaf{},
				Says: &verify.Says{Certificate: &verify.SaidCertificate{}},
			}}}}},
	}
	whole := verify.Bundle{
		Certificates: []verify.Certificate{{Extensions: make([]verify.Extension, 1)}}, SCTs: make([]verify.SCT, 1),
		Log:       []verify.BundleEntry{{HasProof: true, Proof: verify.InclusionProof{Steps: make([]verify.ProofStep, 1)}}},
		Statement: &statement.Statement{Subjects: make([]statement.Subject, 1), Provenance: &statement.Provenance{Materials: make([]statement.Material, 1)}, Publish: &statement.Publish{}},
	}
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			in := Input{Report: r}
			if r != nil {
				var artifacts [][]verify.Bundle
				for _, art := range r.Artifacts {
					var bundles []verify.Bundle
					for _, att := range art.Attestations {
						b := whole
						b.Attestation = &att
						bundles = append(bundles, verify.Bundle{Attestation: &att}, b)
					}
					artifacts = append(artifacts, bundles)
				}
				examined(&in, artifacts...)
			}
			for _, tab := range append(Tabs(), -1, 99) {
				for _, width := range []int{-1, 0, 1, 7, 40, 120} {
					lines := Render(tab, Input{Report: r, Width: width}, plainTheme).Text()
					checkLines(t, name, lines, max(width, 0))
					if width > 0 && len(lines) == 0 {
						t.Errorf("%s at %d is empty", tab.Title(), width)
					}
				}
			}
			Preview(Input{Report: r, Width: 45, Spec: catalog.Spec{}}, plainTheme)
			Source(r)
		})
	}
}

// Green is the colour of proof: a report that did not verify shows none in its
// source, builder, subject or artifact.
func TestNothingUnprovenIsGreen(t *testing.T) {
	t.Parallel()
	p := newPage(Input{Width: 120}, plainTheme)
	for _, status := range []verify.Status{verify.Pending, verify.Invalid, verify.Unchecked} {
		in := npmVerified()
		for i := range in.Report.Artifacts[0].Attestations {
			in.Report.Artifacts[0].Attestations[i].Status = status // while all its checks say pass
		}
		_, links := custody(p, in.Report)
		for _, l := range links {
			switch l.name {
			case "source", "built by", "names", "artifact":
				if l.state == verify.Pass || l.vouch {
					t.Errorf("%v: the link %q looks proven: %q", status, l.name, l.says)
				}
			}
			if l.vouch && l.name != "registry" {
				t.Errorf("%v: the value of %q looks proven", status, l.name)
			}
		}
	}
	good := "\x1b[32m"
	for _, fixture := range []func() Input{notFound, nothing, pendingInput, brokenSpec} {
		in := fixture()
		in.Width, in.Past = 120, npmHistory()
		for _, tab := range Tabs() {
			if all := strings.Join(Render(tab, in, theme.New(theme.Options{Color: true})).Text(), "\n"); strings.Contains(all, good) {
				t.Errorf("%s of a package without proof has something green:\n%s", tab.Title(), all)
			}
		}
	}
}
