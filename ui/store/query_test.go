package store

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sahilm/fuzzy"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
	"plimsoll/ui/layout"
	"plimsoll/verify"
	"plimsoll/verify/scan"
)

// shelf is a catalog with one package of each kind that a filter can ask for.
func shelf() *Store {
	type item struct {
		protocol        catalog.Protocol
		name, server    string
		source, expects string
		report          *verify.Report
	}
	github := &verify.Publisher{Kind: "GitHub"}
	items := []item{
		{catalog.NPX, "@acme/http-client", "web", "acme-fork/http", "acme/http-client", &verify.Report{Status: verify.Mismatch,
			Publisher: github, SLSA: verify.SLSA{Level: 2}, Findings: []verify.Finding{{Rule: "publisher.repository"}}}},
		{catalog.NPX, "yaml-tiny", "yaml", "SET does not verify", "sgr/yaml-tiny", &verify.Report{Status: verify.Invalid,
			Publisher: github, Findings: []verify.Finding{{Rule: "attestation.invalid"}}}},
		{catalog.UVX, "mcp-clickhouse", "click", "ClickHouse/mcp-clickhouse", "ClickHouse/mcp-clickhouse", &verify.Report{Status: verify.Verified,
			Publisher: github, SLSA: verify.SLSA{Level: 3}, Findings: []verify.Finding{{Severity: verify.Warning}, {Severity: verify.SeverityError, Known: true}}}},
		{catalog.UVX, "gitlabber", "gl", "gitlab.com/a/b", "–", &verify.Report{Status: verify.Verified, Publisher: &verify.Publisher{Kind: "GitLab"}}},
		{catalog.UVX, "plain", "two words", "–", "–", &verify.Report{Status: verify.None}},
		{catalog.UVX, "we:ird!", "~odd", "–", "–", &verify.Report{Status: verify.Unchecked}},
		{catalog.NPX, "waiting", "wait", "–", "–", nil},
	}
	var list []catalog.Spec
	cells := map[string]Texts{}
	for _, i := range items {
		list = append(list, catalog.Spec{Protocol: i.protocol, Server: untrusted.Text(i.server), Package: untrusted.Text(i.name)})
		cells[i.name] = Texts{layout.Package: string(i.protocol) + "/" + i.name, layout.Source: i.source, layout.Expected: i.expects}
	}
	s := New(func(spec catalog.Spec, _ *verify.Report) Texts { return cells[string(spec.Package)] })
	s.Load(list)
	for _, task := range s.Ask(s.All()...) {
		if report := items[task.ID].report; report != nil {
			s.Apply([]scan.Event{{ID: task.ID, Generation: task.Generation, Kind: scan.Finished, Report: report}})
		}
	}
	return s
}

// found are the rows that a query lets through, by the start of their names.
func found(s *Store, q query) string {
	var names []string
	for id := range s.rows {
		if q.match(s.rows[id]) {
			name := string(s.rows[id].Spec.Package)
			names = append(names, strings.TrimPrefix(name, "@acme/")[:4])
		}
	}
	return strings.Join(names, " ")
}

func TestParse(t *testing.T) {
	t.Parallel()
	const all = "http yaml mcp- gitl plai we:i wait"
	tests := []struct{ name, filter, want, problem string }{
		{"nothing", "", all, ""},
		{"spaces", " \t ", all, ""},
		{"a part of a name in any case", "HTTP", "http", ""},
		{"the server", "click", "mcp-", ""},
		{"the source", "not verify", "yaml", ""},
		{"the status", "mismatch", "http", ""},
		{"not the expected source", "sgr", "", ""},
		{"several words", "uvx verified", "mcp- gitl", ""},
		{"a quoted space", `"two words"`, "plai", ""},
		{"the same not in order", "words two", "plai", ""},
		{"quoted in another order", `"words two"`, "", ""},
		{"a quoted sign", `"~odd"`, "we:i", ""},
		{"a quoted field", `"we:ird"`, "we:i", ""},
		{"quotes within a word", `e:"ird"`, all, "no field e:"},
		{"an open quote finds already", `"two wo`, "plai", "the quote is open"},
		{"only a quote", `"`, all, "the quote is open"},
		{"empty quotes", `""`, all, "a word is missing"},

		{"fuzzy", "~hclnt", "http", ""},
		{"fuzzy over the server", "~tword", "plai", ""},
		{"fuzzy not across two texts", "~plaintwo", "", ""},
		{"fuzzy is in order", "~tnlch", "", ""},
		{"fuzzy unfinished", "~", all, "~ needs letters"},

		{"not", "!uvx", "http yaml wait", ""},
		{"not twice", "!!uvx", "mcp- gitl plai we:i", ""},
		{"not fuzzy", "!~hclnt uvx", "mcp- gitl plai we:i", ""},
		{"not a field", "!st:verified,none uvx", "we:i", ""},
		{"not quoted", `!"two words" uvx`, "mcp- gitl we:i", ""},
		{"not unfinished", "!", all, "a word is missing"},
		{"not of what is wrong", "!st:zz", all, "no status zz"},

		{"a status", "st:invalid", "yaml", ""},
		{"statuses by their beginnings", "st:inv,mis", "http yaml", ""},
		{"a beginning of two", "st:p", "wait", ""},
		{"statuses in capitals", "ST:INV", "yaml", ""},
		{"a status about to be written", "st:inv,", "yaml", ""},
		{"a status that is none", "st:inv,zz", "yaml", "no status zz"},
		{"only one that is none", "st:zz http", "http", "no status zz"},
		{"a status not yet there", "st: http", "http", "st: needs a status"},
		{"only a comma", "st:,", all, "status is missing"},

		{"a protocol", "p:npx", "http yaml wait", ""},
		{"the registry's name", "proto:pypi", "mcp- gitl plai we:i", ""},
		{"the beginning of both names", "p:n", "http yaml wait", ""},
		{"no such protocol", "p:cargo", all, "no protocol cargo"},

		{"a source", "src:fork", "http", ""},
		{"a source in quotes", `src:"not verify"`, "yaml", ""},
		{"an expected source", "exp:SGR", "yaml", ""},
		{"a source unfinished", "src:", all, "src: needs a source"},
		{"a rule", "rule:repository", "http", ""},
		{"a rule nobody broke", "rule:zz", "", ""},
		{"a warning", "sev:warn", "mcp-", ""},
		{"an error that nobody accepted", "sev:error", "", ""},
		{"information", "sev:info", "http yaml", ""},
		{"no severity", "sev:bad", all, "no severity bad"},
		{"a publisher", "pub:gitlab", "gitl", ""},
		{"a publisher that does not count", "pub:github", "http mcp-", ""},
		{"no publisher", "pub:none st:inv,none", "yaml plai", ""},
		{"no such publisher", "pub:zz", all, "no publisher zz"},

		{"a level", "slsa:3", "mcp-", ""},
		{"a level or more", "slsa:>=2", "http mcp-", ""},
		{"less", "slsa:<2 uvx", "gitl plai we:i", ""},
		{"at most", "slsa:<=2 src:fork", "http", ""},
		{"more", "slsa:>2", "mcp-", ""},
		{"equal", "slsa:=2", "http", ""},
		{"a level not yet there", "slsa:>=", all, "slsa:>= needs a level"},
		{"not a level", "slsa:high", all, "no level high"},
		{"not a comparison", "slsa:=>2", all, "no comparison =>"},
		{"a level without end", "slsa:99999999999999999999", all, "no level 99999999999999999999"},

		{"no such field", "foo:bar http", "http", "no field foo:"},
		{"an address is not a field", "https://", "", ""},
		{"the first problem is told", "foo:bar st:zz ~", all, "no field foo:"},
	}
	s := shelf()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := parse(tt.filter)
			if got := found(s, q); got != tt.want {
				t.Errorf("%q lets through %q, want %q", tt.filter, got, tt.want)
			}
			if q.Problem() != tt.problem {
				t.Errorf("%q has the problem %q, want %q", tt.filter, q.Problem(), tt.problem)
			}
			if q.String() != tt.filter {
				t.Errorf("the filter became %q", q)
			}
		})
	}
}

// What is typed letter by letter shows what the same typed at once does, and
// deleting it again shows everything.
func TestTypingIsTheSameAsPasting(t *testing.T) {
	t.Parallel()
	pieces := []string{"st:inv", "!", "~", "uvx", " ", `"`, "slsa:>=2", "p:n", ",", ":", "click", "zz", "é", "src:", "pub:g", "mis"}
	random := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		text := ""
		for range 1 + random.IntN(6) {
			text += pieces[random.IntN(len(pieces))]
		}
		slow, fast := shelf(), shelf()
		for i := range text {
			slow.SetFilter(text[:i])
		}
		slow.SetFilter(text)
		if fast.SetFilter(text); !slices.Equal(slow.order, fast.order) || slow.Problem() != fast.Problem() {
			t.Fatalf("%q typed shows %v, at once %v", text, slow.order, fast.order)
		}
		for ; text != ""; text = text[:len(text)-1] {
			slow.SetFilter(text)
		}
		if slow.SetFilter(""); slow.Shown() != slow.Len() {
			t.Fatalf("without a filter %d of %d rows are shown", slow.Shown(), slow.Len())
		}
	}
}

// No filter panics; one that hides every row was understood, or names its
// problem; a term more never shows more; not-not is the term itself.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "st:inv,mis", "!~x", `"a b" c`, "slsa:>=2", "!", `~"`, "p:,", "src:\x00", "\xff:\xfe", "é:x", "!!st:p", "https://x", "~\x00a"} {
		f.Add(seed)
	}
	for i, name := range seeds.Values(f, seeds.Specs, `(?m)^\s*package:\s*"?([^"\s]+)`) {
		f.Add([]string{"", "~", "!", "src:", "st:verified "}[i%5] + name)
	}
	s := shelf()
	f.Fuzz(func(t *testing.T, text string) {
		q := parse(text)
		if len(text) < 1000 && len(q.terms) > utf8.RuneCountInString(text) {
			t.Fatalf("%d terms of %q", len(q.terms), text)
		}
		more := parse(text + ` "" uvx`)
		for id := range s.rows {
			if row := s.rows[id]; more.match(row) && !q.match(row) && strings.Count(text, `"`)%2 == 0 {
				t.Fatalf("a term more shows more: %q", text)
			}
		}
		if strings.ContainsAny(text, `" `) || strings.TrimSpace(text) == "" {
			return
		}
		once, thrice := parse("!"+text), parse("!!!"+text)
		if found(s, once) != found(s, thrice) || once.Problem() != thrice.Problem() {
			t.Fatalf("!!!%q is not !%q", text, text)
		}
	})
}

// Whatever occurs in a name its letters find as well.
func TestFuzzyFindsEveryPart(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	s := shelf()
	for range 2000 {
		row := s.rows[random.IntN(len(s.rows))]
		letters := ""
		for _, r := range row.Name() {
			if random.IntN(3) == 0 {
				letters += string(r)
			}
		}
		if letters != "" && !fuzzyTerm(letters)(row) {
			t.Fatalf("%q does not find %q", letters, row.Name())
		}
	}
}

// The filter shows what the library finds, which would also rank it; that
// takes ten times as long.
func TestFuzzyFindsWhatTheLibraryFinds(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	alphabet := []rune("abcABC-/.9kK\u212asS\u017f\u00df\u00e5\u00c5\u212b\u03c3\u03c2\u03a3日本\u01c5\u01c6\u01c4\ufffd😀\u0130\u0131iI")
	text := func(most int) string {
		b := make([]rune, random.IntN(most))
		for i := range b {
			b[i] = alphabet[random.IntN(len(alphabet))]
		}
		return string(b)
	}
	found := 0
	for range 20_000 {
		letters := strings.ToLower(text(4))
		if letters == "" {
			continue
		}
		row := &Row{Spec: &catalog.Spec{Server: untrusted.Text(text(20))}, Texts: Texts{layout.Package: text(20)}}
		want := len(fuzzy.FindNoSort(letters, []string{row.Name(), string(row.Spec.Server)})) > 0
		if got := fuzzyTerm(letters)(row); got != want {
			t.Fatalf("%q in %q and %q: %v, the library says %v", letters, row.Name(), string(row.Spec.Server), got, want)
		}
		if want {
			found++
		}
	}
	if found < 1000 || found > 19_000 {
		t.Errorf("%d of 20000 were found", found)
	}
}

func BenchmarkFilter10000(b *testing.B) {
	var names []string
	for i := range 10_000 {
		names = append(names, fmt.Sprintf("package-%d", i*7919%10_000))
	}
	s := loaded(names...)
	for _, filter := range []string{"package", "~pkg9", "!st:verified p:npx src:x", `"e-1"`} {
		b.Run(filter, func(b *testing.B) {
			for b.Loop() {
				s.SetFilter(filter)
			}
		})
	}
}
