package report

import (
	"errors"
	"testing"

	"plimsoll/catalog"
	"plimsoll/verify"
	"plimsoll/verify/document"
)

func TestDocumentsExitCode(t *testing.T) {
	t.Parallel()
	of := func(s verify.Status) Documented {
		return Documented{Package: Package{Report: verify.Report{Status: s}}}
	}
	with := func(s Documented, change func(*Documented)) Documented { change(&s); return s }
	good := of(verify.Verified)
	changed := with(good, func(s *Documented) { s.Diff = "-a\n+b\n" })
	written := with(of(verify.Mismatch), func(s *Documented) { s.Diff, s.Written = "-a\n+b\n", true })
	refused := with(good, func(s *Documented) { s.Err = errors.New("flow style") })
	stale := with(good, func(s *Documented) { s.Plan = document.Plan{Left: []verify.Finding{{}}} })
	unreadable := with(good, func(s *Documented) { s.Spec.Err = &catalog.SpecError{} })
	for name, test := range map[string]struct {
		specs              []Documented
		show, check, write int
	}{
		"up to date":                {[]Documented{good, of(verify.Signed), of(verify.None), of(verify.Partial)}, 0, 0, 0},
		"to be changed":             {[]Documented{good, changed}, 0, 1, 0},
		"written":                   {[]Documented{written}, 0, 1, 0}, // with --write alone
		"written, another fails":    {[]Documented{written, of(verify.Mismatch)}, 1, 1, 1},
		"cannot be changed":         {[]Documented{refused}, 0, 1, 3},
		"cannot, and another fails": {[]Documented{refused, of(verify.Invalid)}, 1, 1, 1},
		"a stale ref":               {[]Documented{stale}, 0, 1, 0},
		"unchecked":                 {[]Documented{good, of(verify.Unchecked)}, 3, 3, 3},
		"unchecked, a stale ref":    {[]Documented{stale, of(verify.Unchecked)}, 3, 1, 3},
		"pending":                   {[]Documented{{}}, 3, 3, 3},
		"unreadable":                {[]Documented{unreadable, of(verify.Invalid), changed}, 2, 2, 2},
	} {
		for _, mode := range []struct {
			docs Documents
			want int
		}{{Documents{}, test.show}, {Documents{Check: true}, test.check}, {Documents{Write: true}, test.write}} {
			mode.docs.Specs = test.specs
			if got := mode.docs.ExitCode(); got != mode.want {
				t.Errorf("%s, check %t, write %t: %d, want %d", name, mode.docs.Check, mode.docs.Write, got, mode.want)
			}
		}
	}
}
