package report

import (
	"fmt"
	"io"

	"plimsoll/verify"
	"plimsoll/verify/review"
)

// Review writes what a change of a catalog does.
type Review struct {
	*review.Review
}

// WriteText writes one line a change, then what failed.
func (r Review) WriteText(w io.Writer) error {
	for _, c := range r.Changes {
		if _, err := fmt.Fprintf(w, "%s %s %s\n", c.Kind, c.Path, c.Verdict); err != nil {
			return err
		}
		for _, f := range c.Findings {
			if _, err := fmt.Fprintf(w, "  %s: %s\n", f.Rule, f.Message); err != nil {
				return err
			}
		}
	}
	return nil
}

// ReviewExitCode returns the exit code of a review. A change in which no spec
// differs is ExitOK.
func ReviewExitCode(r *review.Review) int {
	code := ExitOK
	for _, c := range r.Changes {
		switch {
		case c.After != nil && c.After.Spec.Err != nil:
			return ExitUsage
		case c.Verdict == verify.VerdictFail:
			code = ExitFailed
		case c.Verdict != verify.VerdictPass && code == ExitOK:
			code = ExitUnchecked
		}
	}
	return code
}
