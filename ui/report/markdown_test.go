package report

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

func markdownOf(t *testing.T, packages []Package) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteMarkdown(&b, packages, verify.Pending, Trust{Root: "root.json", RootSHA256: "00ff", Keys: "keys.json"}, evening); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestMarkdownPutsWhatIsWrongFirst(t *testing.T) {
	t.Parallel()
	out := markdownOf(t, []Package{with(verify.Verified), full(), unreadable, with(verify.None), with(verify.Partial)})
	for _, want := range []string{
		"# Provenance of 5 packages", "| ✗ mismatch | 1 | 0 | 1 |", "## Not fine: 3",
		"`npx/@acme/http-client`", "`acme-fork/http`", "`acme/http`", "<summary>The other 2 packages</summary>",
		"Checked at 2026-09-03T18:30:00Z against `root.json`; npm keys: `keys.json`.", "not that it is safe",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
	fold := strings.Index(out, "<details>")
	for _, name := range []string{"✗ mismatch", "◐ partial"} {
		if i := strings.LastIndex(out, name); i > fold {
			t.Errorf("%s stands behind the fold", name)
		}
	}
	if i := strings.LastIndex(out, "✓ verified"); i < fold {
		t.Error("what is fine stands before the fold")
	}
}

func TestMarkdownOfNothing(t *testing.T) {
	t.Parallel()
	out := markdownOf(t, nil)
	if !strings.Contains(out, "of 0 packages") || strings.Contains(out, "<details>") || strings.Contains(out, "fine") {
		t.Errorf("%s", out)
	}
}

// A job summary that is too large is dropped whole.
func TestMarkdownIsBounded(t *testing.T) {
	t.Parallel()
	var packages []Package
	for i := range 5000 {
		p := full()
		p.Report.Reason = strings.Repeat("|", 1000)
		if i%2 == 0 {
			p = with(verify.Verified)
		}
		packages = append(packages, p)
	}
	out := markdownOf(t, packages)
	if len(out) > 1<<20 {
		t.Errorf("%d bytes", len(out))
	}
	if got := strings.Count(out, "2100 packages more, not shown here."); got != 2 {
		t.Errorf("what was left out is said %d times", got)
	}
}

// hostileTexts try to leave the cell, the span or the line that they are in.
var hostileTexts = []string{
	"a|b", "a\\|b", "`code`", "``` fence", "<script>alert(1)</script>", "<!-- c", "</details>", "[x](https://evil.test)", "![x](https://evil.test/y.png)",
	"https://evil.test/z", "www.evil.test", "root@evil.test", "@everyone", "#1", "x\n\n# heading", "x\r\n| a | b |", "\x1b[2J", "\u202eabc", "&lt;b&gt;", "&#60;b&#62;", "**b** _i_ ~~s~~ $x$", "\\", "`", "=1+1", "\xff", strings.Repeat("`|", 400),
}

var ownTag = regexp.MustCompile(`^(?:<br>|<!-- -->|</?details>|</?summary>)`)

// TestMarkdownHoldsNothingThatActs reads the output as GitHub does, as far as
// needed: code spans end at the next backtick, a backslash takes the meaning
// from the mark after it.
func TestMarkdownHoldsNothingThatActs(t *testing.T) {
	t.Parallel()
	for _, hostile := range hostileTexts {
		t.Run(fmt.Sprintf("%.20q", hostile), func(t *testing.T) {
			p := full()
			p.Spec.Package, p.Spec.Version = untrusted.Text(hostile), untrusted.Text(hostile)
			p.Spec.Provenance.RepositoryURI = untrusted.Text(hostile)
			p.Report.Publisher.Repository = untrusted.Text(hostile)
			p.Report.Reason = hostile
			p.Report.Findings = []verify.Finding{{Rule: "x", Severity: verify.SeverityError, Message: hostile + "x", Expected: hostile, Observed: hostile}}
			var b bytes.Buffer
			if err := WriteMarkdown(&b, []Package{p}, verify.Pending, Trust{Root: hostile, RootSHA256: "00ff", Keys: hostile + "k"}, time.Time{}); err != nil {
				t.Fatal(err)
			}
			rows := 0
			for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
				if untrusted.Clean(line) != line {
					t.Errorf("not clean: %q", line)
				}
				cells := inspect(t, line)
				if strings.Contains(line, "| ✗ mismatch | `") {
					rows++
					if cells != 7 {
						t.Errorf("%d bars in %s", cells, line)
					}
				}
			}
			if rows != 1 {
				t.Errorf("%d rows in\n%s", rows, b.String())
			}
		})
	}
}

// inspect counts the bars of a line that divide cells, and fails where
// something else acts.
func inspect(t *testing.T, line string) (bars int) {
	t.Helper()
	for i := 0; i < len(line); i++ {
		switch line[i] {
		case '\\':
			i++
		case '`':
			end := strings.IndexByte(line[i+1:], '`')
			if end < 0 || strings.Contains(line[i:i+1+end], "|") {
				t.Fatalf("a code span that does not end, or holds a bar: %q", line[i:])
			}
			i += end + 1
		case '|':
			bars++
		case '<':
			tag := ownTag.FindString(line[i:])
			if tag == "" {
				t.Fatalf("a tag that is not ours: %q", line[i:])
			}
			i += len(tag) - 1
		case '[', ']', '@', '_', '~', '$':
			t.Fatalf("%q acts in %q", line[i], line)
		case '*':
			if !strings.HasPrefix(line, "**This is the demo") {
				t.Fatalf("* acts in %q", line)
			}
		case ':':
			if strings.HasPrefix(line[i:], "://") {
				t.Fatalf("a link begins in %q", line)
			}
		}
	}
	return bars
}

func TestMarkdownOfTheDemo(t *testing.T) {
	t.Parallel()
	packages := demoPackages(t)
	out := markdownOf(t, packages)
	for line := range strings.SplitSeq(out, "\n") {
		inspect(t, line)
	}
	wrong := 0
	for _, p := range packages {
		switch p.Spec.Expect {
		case "verified", "signed", "none":
		default: // a spec that cannot be read says nothing
			wrong++
		}
	}
	if want := fmt.Sprintf("## Not fine: %d\n", wrong); !strings.Contains(out, want) {
		t.Errorf("%q is not in %.600s", want, out)
	}
}
