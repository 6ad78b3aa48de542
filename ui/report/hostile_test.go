package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/document"
)

// everything is a package and a trust of which every text has a content.
type everything struct {
	Package Package
	Trust   Trust
}

func filled() *everything {
	var e everything
	hostile.Fill(&e)
	e.Package.Spec.Err = nil
	e.Package.Spec.Protocol = catalog.NPX
	e.Trust.Origin = "TUF"
	return &e
}

// become gives a package a status in which its parts are shown.
func (e *everything) become(s verify.Status) {
	r := &e.Package.Report
	r.Status, r.Artifacts[0].Status = s, s
	a := &r.Artifacts[0].Attestations[0]
	a.Status, a.Kind = verify.Verified, verify.KindProvenance
	if s == verify.Invalid || s == verify.Unchecked {
		a.Status, r.Artifacts[0].Signatures[0].Status, a.Checks[0].Status = s, s, verify.Fail
	}
}

var sgr = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkText holds that nothing but our own colours leaves in a text for people.
func checkText(t *testing.T, what, out string) {
	t.Helper()
	if !utf8.ValidString(out) {
		t.Fatalf("%s: invalid UTF-8", what)
	}
	for line := range strings.SplitSeq(out, "\n") {
		if plain := sgr.ReplaceAllString(line, ""); untrusted.Clean(plain) != plain {
			t.Fatalf("%s: not clean: %.300q", what, line)
		}
	}
}

// checkDocument holds that JSON is valid and acts on no terminal.
func checkDocument(t *testing.T, what string, out []byte) {
	t.Helper()
	if !json.Valid(out) { // then each line is a document
		for line := range bytes.Lines(out) {
			if !json.Valid(line) {
				t.Fatalf("%s: no JSON: %.300q", what, line)
			}
		}
	}
	checkText(t, what, strings.ReplaceAll(string(out), "\t", " "))
}

// rendering writes a package in one form and checks what must hold of it.
type rendering func(t *testing.T, what string, e *everything)

// renderings are the formats, each in its forms.
func renderings() map[string][]rendering {
	write := func(t *testing.T, what string, write func(io.Writer) error) []byte {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return b.Bytes()
	}
	text := func(text Text) rendering {
		return func(t *testing.T, what string, e *everything) {
			checkText(t, what, string(write(t, what, func(w io.Writer) error { return text.Package(w, e.Package, e.Trust) })))
			out := string(write(t, what, func(w io.Writer) error { return text.Table(w, []Package{e.Package, full()}, e.Trust) }))
			checkText(t, what, out)
			out += string(write(t, what, func(w io.Writer) error { return text.Documents(w, documents(e), e.Trust) }))
			checkText(t, what, out)
			if text.Theme.ASCII() && strings.ContainsFunc(out, func(r rune) bool { return r > 0x7e }) {
				t.Fatalf("%s: not ASCII: %.300q", what, out)
			}
			for line := range strings.SplitSeq(out, "\n") { // one hostile cell does not push the others away
				if strings.Contains(line, "2.4.1") && theme.Width(sgr.ReplaceAllString(line, "")) > 20+maxPackageCells+maxVersionCells+2*maxSourceCells {
					t.Fatalf("%s: the table is %d cells wide", what, theme.Width(line))
				}
			}
		}
	}
	document := func(t *testing.T, what string, f func(io.Writer) error) { checkDocument(t, what, write(t, what, f)) }
	return map[string][]rendering{
		"text": {
			text(Text{Theme: theme.New(theme.Options{Plain: true})}),
			text(Text{Theme: theme.New(theme.Options{Plain: true}), Verbose: true}),
			text(Text{Theme: theme.New(theme.Options{Color: true}), Verbose: true}),
			text(Text{Theme: theme.New(theme.Options{Plain: true, ASCII: true}), Verbose: true}),
		},
		"JSON": {renderJSON, func(t *testing.T, what string, e *everything) {
			document(t, what, func(w io.Writer) error { return WriteCatalogJSON(w, []Package{e.Package}, e.Trust, evening) })
		}},
		"SARIF": {func(t *testing.T, what string, e *everything) {
			document(t, what, func(w io.Writer) error {
				return SARIF{Version: "v1"}.Write(w, []Package{e.Package}, e.Trust, evening)
			})
		}},
		"Markdown": {renderMarkdown},
		"CSV":      {renderCSV},
		"VSA": {func(t *testing.T, what string, e *everything) {
			var b bytes.Buffer
			e.Package.Report.ReadBack = false // which gives no summary
			without, err := VSA{VerifierID: "https://verifier.example", Version: "v1"}.Write(&b, []Package{e.Package}, evening)
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			checkText(t, what, strings.Join(without, "\n"))
			if b.Len() > 0 {
				checkDocument(t, what, b.Bytes())
			}
		}},
	}
}

// documents is what became of the spec of a package, in every way.
func documents(e *everything) Documents {
	uri := e.Package.Spec.Provenance.RepositoryURI
	changes := []catalog.Change{{Key: catalog.KeyRepositoryURI, Value: string(uri)}}
	diff := catalog.Diff(string(e.Package.Spec.Path), []byte("a: b\n"), []byte("a: "+string(uri)))
	return Documents{Specs: []Documented{
		{Package: e.Package, Plan: document.Plan{Changes: changes, Left: e.Package.Report.Findings}, Diff: diff},
		{Package: e.Package, Plan: document.Plan{Changes: changes, OtherPublisher: true}, Err: errors.New(string(uri))},
	}}
}

// renderJSON writes a package, and shows what is read back as well: --results.
func renderJSON(t *testing.T, what string, e *everything) {
	var b bytes.Buffer
	if err := WriteJSON(&b, e.Package); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	checkDocument(t, what, b.Bytes())
	showResults(t, what, b.Bytes())
}

// showResults reads results as --results does, and shows them.
func showResults(t *testing.T, what string, data []byte) (read bool) {
	results, err := ReadJSON(bytes.NewReader(data))
	if err != nil {
		checkText(t, what+", error", untrusted.Message(err))
		return false
	}
	var b bytes.Buffer
	if err := plainText.Table(&b, results.Packages, results.Trust); err != nil {
		t.Fatal(err)
	}
	for _, p := range results.Packages {
		if err := (Text{Theme: plainText.Theme, Verbose: true}).Package(&b, p, results.Trust); err != nil {
			t.Fatal(err)
		}
	}
	checkText(t, what+", read back", b.String())
	return true
}

func renderMarkdown(t *testing.T, what string, e *everything) {
	var b bytes.Buffer
	if err := WriteMarkdown(&b, []Package{e.Package}, verify.Pending, e.Trust, time.Time{}); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	checkText(t, what, b.String())
	rows := 0
	for line := range strings.SplitSeq(b.String(), "\n") {
		if bars := inspect(t, line); strings.HasPrefix(line, "| ") && bars == 7 {
			rows++
		} else if strings.HasPrefix(line, "|") && bars != 4 && bars != 5 && bars != 7 {
			t.Fatalf("%s: %d bars in %.300q", what, bars, line)
		}
	}
	if rows != 2 { // the heading and the package
		t.Fatalf("%s: %d rows of the table", what, rows)
	}
}

func renderCSV(t *testing.T, what string, e *everything) {
	var b bytes.Buffer
	if err := WriteCSV(&b, []Package{e.Package}, verify.Pending); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	checkText(t, what, strings.ReplaceAll(b.String(), "\r\n", "\n"))
	records, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(records) != 2 || len(records[1]) != len(csvHeader) {
		t.Fatalf("%s: %d records, %v", what, len(records), err)
	}
	for _, cell := range records[1] {
		if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r＝＋－＠") == 0 {
			t.Fatalf("%s: a formula: %.300q", what, cell)
		}
	}
}

// Every hostile text in every field of a spec, of a report and of the trust,
// one at a time and all at once, in every format.
func TestHostileTextsInEveryField(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	texts, statuses := hostile.Texts(), verify.Statuses()
	sample := hostile.Sample(t) // a seventh of the texts in every field, in turn
	fields := len(hostile.Fields(filled()))
	if fields < 140 {
		t.Errorf("only %d fields were found", fields)
	}
	for name, forms := range renderings() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases := 0
			render := func(form int, what string, e *everything) {
				forms[form%len(forms)](t, name+", "+what, e)
				cases++
			}
			for i := range fields {
				for j, text := range texts {
					if text.Long() && i%16 != j%16 || sample && (i+j)%7 > 0 { // of those whose length is the attack a few will do
						continue
					}
					e := filled()
					e.become(statuses[(i+j)%len(statuses)])
					field := hostile.Fields(e)[i]
					field.Set(text.Value)
					render(i+j, text.Name+" in "+field.Path, e)
				}
			}
			for j, text := range texts {
				for i, status := range statuses {
					if text.Long() || sample && i != j%len(statuses) {
						continue
					}
					e := filled()
					for _, field := range hostile.Fields(e) {
						field.Set(text.Value)
					}
					e.become(status)
					render(i, fmt.Sprintf("%s everywhere, %v", text.Name, status), e)
				}
			}
			t.Logf("%d texts in %d fields: %d renderings", len(texts), fields, cases)
		})
	}
}

// A file of results that somebody made by hand: every text of the document is
// hostile, and what can be read of it is shown.
func TestHostileResults(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	var b bytes.Buffer
	p := full()
	p.Report.Sources = []verify.Source{{URL: "https://npm.example/x", What: "manifest", Time: evening, SHA256: [32]byte{1}}}
	p.Report.Findings[0].Decision, p.Report.Publisher.Email = "known: for a reason", "a@example.com"
	if err := WriteCatalogJSON(&b, []Package{p}, demoTrust, evening); err != nil {
		t.Fatal(err)
	}
	read, refused, members, want := 0, 0, countTexts(t, b.Bytes()), 1000
	sample := hostile.Sample(t)
	if sample {
		want = 100
	}
	for j, text := range hostile.Texts() {
		for i := range members {
			if text.Long() && i%8 != 0 || sample && (i+j)%7 > 0 {
				continue
			}
			document := withText(t, b.Bytes(), i, text.Value)
			if showResults(t, fmt.Sprintf("%s in the text %d", text.Name, i), document) {
				read++
			} else {
				refused++
			}
		}
	}
	t.Logf("%d texts in %d members: %d were read, %d refused", len(hostile.Texts()), members, read, refused)
	if read < want || refused == 0 {
		t.Errorf("%d were read, %d refused", read, refused)
	}
}

// jsonText is a string of a JSON document, key or value.
var jsonText = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

func countTexts(t *testing.T, document []byte) int {
	t.Helper()
	return len(jsonText.FindAllIndex(document, -1))
}

// withText replaces the nth string of a JSON document.
func withText(t *testing.T, document []byte, n int, text string) []byte {
	t.Helper()
	quoted, err := json.Marshal(text) // invalid UTF-8 is tried raw below
	if err != nil {
		t.Fatal(err)
	}
	if !utf8.ValidString(text) {
		quoted = append(append([]byte{'"'}, text...), '"')
	}
	at := jsonText.FindAllIndex(document, -1)[n]
	return append(append(append([]byte{}, document[:at[0]]...), quoted...), document[at[1]:]...)
}
