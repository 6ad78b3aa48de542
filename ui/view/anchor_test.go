package view

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"plimsoll/testdata/hostile"
	"plimsoll/ui/links"
	"plimsoll/ui/theme"
	"plimsoll/verify"
)

var (
	linked   = theme.New(theme.Options{Color: true, Terminal: theme.Terminal{Links: true}})
	osc8     = regexp.MustCompile("\x1b]8;;([!-~]*)\x1b\\\\")
	osc8Text = regexp.MustCompile("\x1b]8;;([!-~]+)\x1b\\\\((?:[^\x1b]|\x1b\\[[0-9;]*m)*)\x1b]8;;\x1b\\\\")
)

// leads returns what leads somewhere in lines, and to where.
func leads(lines []string) map[string]string {
	found := map[string]string{}
	for _, line := range lines {
		for _, m := range osc8Text.FindAllStringSubmatch(line, -1) {
			found[ansi.Strip(m[2])] = m[1]
		}
	}
	return found
}

func TestWhatIsProvenLeadsToItsPage(t *testing.T) {
	t.Parallel()
	in := npmVerified()
	in.Width = 120
	in.Report.Publisher.Run = in.Report.Publisher.Repository + "/actions/runs/8675309/attempts/1"
	repo, sha := string(in.Report.Publisher.Repository), string(in.Report.Publisher.Commit)
	workflow := string(in.Report.Publisher.Workflow)
	found := map[string]string{}
	for _, tab := range Tabs() {
		maps.Copy(found, leads(Render(tab, in, linked).Text()))
	}
	maps.Copy(found, leads(Preview(in, linked)))
	for text, want := range map[string]string{
		repo: repo + "/tree/" + sha, address(repo): repo + "/tree/" + sha, sha[:7]: repo + "/tree/" + sha, sha: repo + "/tree/" + sha,
		workflow: repo + "/blob/" + sha + "/" + workflow, string(in.Report.Publisher.Run): string(in.Report.Publisher.Run),
	} {
		if found[text] != want {
			t.Errorf("%q leads to %q, want %q", text, found[text], want)
		}
	}
}

// What leads somewhere is a whole value, broken into lines at most, and what is
// beside it, cut or only begins like it, leads nowhere.
func TestOnlyWholeValuesLead(t *testing.T) {
	t.Parallel()
	draw := func(width int, text string) map[string]string {
		p := NewDoc(linked, width)
		p.anchor("acme/http", "https://github.com/acme/http/tree/1")
		p.Row(plain(text))
		return leads(p.Lines())
	}
	for text, want := range map[string]bool{
		"acme/http": true, "from acme/http.": true, "(acme/http)": true, "acme/http, and": true, "acme/http: no": true, `"acme/http"`: true,
		"acme/http-client": false, "evil/acme/http": false, "acme/https": false, "acme/http.git": false, "acme/http@v1": false,
		"aacme/http": false, "https://evil.example/acme/http": false, "acme/http\u0430": false, "acme/http\u200b": false,
	} {
		if got := draw(60, text); (len(got) == 1) != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got := draw(9, "acme/http-client"); len(got) > 0 {
		t.Errorf("what was cut to a value leads to %v", got)
	}
	if got := draw(8, "acme/http"); len(got) > 0 {
		t.Errorf("a cut value leads to %v", got)
	}

	p := NewDoc(linked, 20)
	long := "https://search.sigstore.dev/?logIndex=13482210"
	p.Flow(plain("search "), p.Link(long))
	shown := ""
	for _, line := range p.Lines() {
		for _, m := range osc8Text.FindAllStringSubmatch(line, -1) {
			shown += ansi.Strip(m[2])
			if m[1] != long {
				t.Errorf("%q leads to %q", m[2], m[1])
			}
		}
	}
	if shown != long {
		t.Errorf("%q leads somewhere of %q", shown, long)
	}
	p = NewDoc(linked, 20)
	p.Row(p.Link(long))
	if got := leads(p.Lines()); len(got) > 0 {
		t.Errorf("a cut address leads to %v", got)
	}
}

// A value of both sides of a change that has a page on each leads nowhere.
func TestTwoPagesAreNone(t *testing.T) {
	t.Parallel()
	p := NewDoc(linked, 80)
	p.anchor("x", "https://github.com/a/x")
	p.anchor("x", "https://github.com/b/x")
	p.anchor("x", "https://github.com/a/x")
	p.Row(plain("x"))
	if got := leads(p.Lines()); len(got) > 0 {
		t.Errorf("leads to %v", got)
	}
}

// Links change nothing that is seen, stay in their lines, and lead only to pages
// that can be opened by a key.
func TestLinksChangeNoText(t *testing.T) {
	t.Parallel()
	without := theme.New(theme.Options{Color: true})
	check := func(what string, in Input) {
		t.Helper()
		known := map[string]bool{}
		for _, l := range links.Of(in.Report) {
			known[l.URL] = true
		}
		for _, tab := range append(Tabs(), -2) {
			draw := func(th *theme.Theme) []string {
				if tab == -2 {
					return Preview(in, th)
				}
				return Render(tab, in, th).Text()
			}
			with, plain := draw(linked), draw(without)
			if !slices.EqualFunc(with, plain, func(a, b string) bool { return ansi.Strip(a) == ansi.Strip(b) }) {
				t.Fatalf("%s, tab %d, width %d: the text is another one with links", what, tab, in.Width)
			}
			for i, line := range with {
				if strings.Count(line, "\x1b]")%2 != 0 {
					t.Fatalf("%s: a link goes on after its line: %q", what, line)
				}
				with[i] = osc8.ReplaceAllString(line, "")
				for _, m := range osc8.FindAllStringSubmatch(line, -1) {
					if m[1] != "" && !known[m[1]] && !strings.HasPrefix(m[1], "https://search.sigstore.dev/?logIndex=") {
						t.Fatalf("%s: a link to %q", what, m[1])
					}
				}
			}
			checkLines(t, what, with, max(in.Width, 0))
		}
	}
	for name, fixture := range fixtures {
		in := fixture()
		for _, in.Width = range []int{12, 40, 77, 120, 200} {
			check(name, in)
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	rounds := 60
	if hostile.Sample(t) {
		rounds = 10
	}
	for round := range rounds {
		in := npmVerified()
		if round%2 == 0 {
			in.Report = &verify.Report{}
		}
		in.Width = 20 + r.IntN(231)
		fill(r, reflect.ValueOf(&in.Report.Findings).Elem(), 0)
		fill(r, reflect.ValueOf(&in.Report.Reason).Elem(), 0)
		fill(r, reflect.ValueOf(&in.Report.Release).Elem(), 0)
		fill(r, reflect.ValueOf(&in.Spec).Elem(), 0)
		if p := in.Report.Publisher; p != nil && round%4 == 1 {
			fill(r, reflect.ValueOf(p).Elem(), 0)
		}
		check(fmt.Sprintf("round %d", round), in)
	}
}
