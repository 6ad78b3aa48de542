package report

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/hostile"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
)

// What fails comes first, so that a bounded comment never leaves it out, and
// what was left out is counted.
func TestReviewMarkdownIsBounded(t *testing.T) {
	t.Parallel()
	const bound = 65_536
	long := strings.Repeat("@|[`", 2000)
	for name, change := range map[string]func(name string) review.Change{
		"good": bump, "lost": lostEvidence,
		"hostile": func(name string) review.Change {
			c := lostEvidence(name)
			for range 20 {
				c.Findings = append(c.Findings, verify.Finding{Rule: long, Severity: verify.SeverityError, Message: long, Expected: long, Observed: long, Decision: long})
			}
			c.After.Report.Findings = c.Findings
			c.Why = long
			c.Before.Spec.Package, c.After.Spec.Package, c.After.Spec.Version = untrusted.Text(long), untrusted.Text(long+"x"), untrusted.Text(long)
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var changes []review.Change
			for i := range 2000 {
				changes = append(changes, change(fmt.Sprintf("package-%04d", i)))
			}
			changes = append(changes, lostEvidence("zzz"))
			r := reviewOf(changes...)
			for range 100 {
				r.Findings = append(r.Findings, verify.Finding{Rule: "review.policy", Severity: verify.SeverityError, Message: long})
			}
			r.Trust.Root, r.Trust.Keys, r.Trust.Problem = long, long+"k", long+"p"
			out := reviewMarkdown(t, r)
			if len(out) > bound {
				t.Errorf("%d bytes", len(out))
			}
			if name == "good" && !strings.Contains(out, "`npx/@acme/zzz`") {
				t.Error("the one that fails was left out")
			}
			if !strings.Contains(out, " changes more, not shown here.") || !strings.Contains(out, "2001 changes between") {
				t.Errorf("what was left out is not said:\n%.2000s", out)
			}
			if strings.Count(out, "<details") != strings.Count(out, "</details>") {
				t.Error("a fold does not end")
			}
		})
	}
}

// ours takes out of a line of a comment what acts in it and is ours.
func ours(line string) string {
	line = ourVerdict.ReplaceAllString(line, "| |")
	line = ourCommits.ReplaceAllString(line, "")
	return ourFinding.ReplaceAllString(strings.ReplaceAll(line, "<details open>", ""), "$1")
}

var (
	ourVerdict = regexp.MustCompile(`^\| \*\*[✗?] (?:fail|unchecked)\*\* \|`)
	ourCommits = regexp.MustCompile(`\(\[commits\]\(https://(?:github|gitlab)\.com/[A-Za-z0-9_./-]+\)\)`)
	ourFinding = regexp.MustCompile(`^- \*\*([✗▲·] .*)\*\*$`)
)

// Every hostile text in every field of a review, one at a time and all at once,
// in every format.
func TestHostileTextsInReview(t *testing.T) {
	t.Parallel()
	hostile.WithoutRace(t)
	texts := hostile.Texts()
	sample := hostile.Sample(t)
	everyField := func() (r Review, fields []hostile.Field) {
		filled := struct {
			Review review.Review
			Trust  Trust
		}{}
		hostile.Fill(&filled)
		c := &filled.Review.Changes[0]
		c.Kind, c.Publisher, c.Evidence, c.Verdict = review.Bumped, history.PublisherSame, review.EvidenceSame, verify.VerdictFail
		for _, side := range []*review.Side{c.Before, c.After} {
			side.Spec.Err, side.Report.Status = nil, verify.Verified
			side.Report.ReadBack, side.Report.Inspected = false, nil
			side.Report.Publisher.Repository = "https://github.com/acme/x"
		}
		c.Before.Report.Publisher.Commit, c.After.Report.Publisher.Commit = untrusted.Text(strings.Repeat("a", 40)), untrusted.Text(strings.Repeat("b", 40))
		c.Findings = append(c.Findings, accepted(lost))
		return Review{&filled.Review, filled.Trust, evening}, hostile.Fields(&filled)
	}
	_, all := everyField()
	if len(all) < 250 {
		t.Errorf("only %d fields were found", len(all))
	}
	plain, ascii := plainText, Text{Theme: theme.New(theme.Options{Plain: true, ASCII: true})}
	render := func(what string, r Review) {
		checkText(t, what+", text", reviewText(t, plain, r))
		if out := reviewText(t, ascii, r); strings.ContainsFunc(out, func(r rune) bool { return r > 0x7e }) {
			t.Fatalf("%s: not ASCII: %.300q", what, out)
		}
		checkDocument(t, what+", JSON", []byte(written(t, func(w io.Writer) error { return r.WriteJSON(w, true) })))
		checkDocument(t, what+", SARIF", []byte(written(t, func(w io.Writer) error { return SARIF{}.WriteReview(w, r) })))
		out := reviewMarkdown(t, r)
		checkText(t, what+", Markdown", out)
		rows := 0
		for line := range strings.SplitSeq(out, "\n") {
			if bars := inspect(t, ours(line)); strings.HasPrefix(line, "| **") && bars == 7 {
				rows++
			} else if bars > 0 && bars != 4 && bars != 6 && bars != 7 {
				t.Fatalf("%s: %d bars in %.300q", what, bars, line)
			}
		}
		if rows != 1 {
			t.Fatalf("%s: %d rows of the table in\n%.3000s", what, rows, out)
		}
	}
	for i := range all {
		for j, text := range texts {
			if text.Long() && i%16 != j%16 || (i+j)%5 > 0 || sample && (i+j)%45 > 0 {
				continue
			}
			r, fields := everyField()
			fields[i].Set(text.Value)
			render(text.Name+" in "+fields[i].Path, r)
		}
	}
	for _, text := range texts {
		if text.Long() {
			continue
		}
		r, fields := everyField()
		for _, f := range fields {
			f.Set(text.Value)
		}
		render(text.Name+" everywhere", r)
	}
}
