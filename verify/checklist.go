package verify

import (
	"cmp"
	"slices"

	"plimsoll/catalog/untrusted"
)

// outcome is what a check found.
type outcome struct {
	status             CheckStatus
	reason             string
	expected, observed string
}

func pass(reason string) outcome    { return outcome{status: Pass, reason: reason} }
func fail(reason string) outcome    { return outcome{status: Fail, reason: reason} }
func blocked(reason string) outcome { return outcome{status: Blocked, reason: reason} }
func skip(reason string) outcome    { return outcome{status: NotApplicable, reason: reason} }

// failed wraps an error of a library, whose text is untrusted.
func failed(what string, err error) outcome {
	return fail(what + ": " + untrusted.Message(err))
}

// differs is a failure of comparing two values.
func differs(reason string, expected, observed untrusted.Text) outcome {
	return outcome{Fail, reason, expected.String(), observed.String()}
}

// checklist collects the checks of one attestation in order. A check whose
// needs did not pass is blocked and its body does not run: a signature that
// verifies under a certificate that does not chain proves nothing, and must
// not be shown as if it did.
type checklist struct {
	checks []Check
	index  map[CheckID]int
	ours   []CheckID // those that failed by a rule which sigstore-go does not have
	// blocked says why no further check can run: there is no trust root. Not even
	// those that need none do, since a person who sees one tick believes the rest.
	blocked string
}

var checkTitles = map[CheckID]string{
	CheckParse: "bundle", CheckTrust: "known log", CheckEntry: "log entry", CheckSET: "log's signed promise (SET)",
	CheckInclusion: "inclusion proof", CheckCheckpoint: "checkpoint", CheckEntryBundle: "entry is for this bundle",
	CheckTime: "signing time", CheckChain: "certificate chain", CheckSCT: "certificate transparency (SCT)",
	CheckKey: "registry key", CheckSignature: "signature", CheckStatement: "statement", CheckSubject: "subject",
	CheckRecordLines: "record", CheckTreeHead: "signed tree head", CheckRecordIn: "inclusion in the tree",
	CheckHistory: "consistency", CheckModuleBytes: "the module's bytes",
	CheckPredicate: "predicate", CheckIdentity: "identity", CheckVerifier: "sigstore-go's verdict",
}

// Title is the check in a few plain words, "" for one that is not known.
func (id CheckID) Title() string { return checkTitles[id] }

func (c *checklist) run(id CheckID, needs []CheckID, body func() outcome) {
	var out outcome
	need, unmet := c.unmet(needs)
	switch {
	case c.blocked != "":
		out = blocked(c.blocked)
		c.blocked = needsRoot // the reason is said once
	case unmet:
		out = blocked(notReached + checkTitles[need])
	default:
		out = body()
	}
	if c.index == nil {
		c.index = make(map[CheckID]int)
	}
	c.index[id] = len(c.checks)
	c.checks = append(c.checks, Check{
		ID: id, Title: checkTitles[id], Status: out.status, Needs: needs,
		Reason: out.reason, Expected: out.expected, Observed: out.observed,
	})
}

// unmet returns the first need that has run and neither passed nor was not
// applicable. A need that was not run (no explanation was asked for, because
// sigstore-go verified the whole) does not block.
func (c *checklist) unmet(needs []CheckID) (CheckID, bool) {
	for _, need := range needs {
		if s := c.status(need); s == Fail || s == Blocked {
			return need, true
		}
	}
	return "", false
}

func (c *checklist) status(id CheckID) CheckStatus {
	if i, ok := c.index[id]; ok {
		return c.checks[i].Status
	}
	return NotRun
}

// worst returns the check that decides: the first that failed, else the first
// that was blocked. A failing signature is named before a log entry that fails
// for the same reason.
func (c *checklist) worst() (Check, bool) {
	if c.status(CheckSignature) == Fail {
		return c.checks[c.index[CheckSignature]], true
	}
	for _, want := range []CheckStatus{Fail, Blocked} {
		for _, check := range c.checks {
			if check.Status == want {
				return check, true
			}
		}
	}
	return Check{}, false
}

// cryptographyFailed reports whether a step failed that sigstore-go's Verify
// covers as well. The log entry's kind and the checkpoint's size are our own,
// stricter rules, and so is that everything which is offered must agree.
func (c *checklist) cryptographyFailed() bool {
	for _, id := range []CheckID{
		CheckTrust, CheckSET, CheckInclusion, CheckEntryBundle, CheckTime, CheckChain, CheckSCT, CheckKey, CheckSignature,
	} {
		if c.status(id) == Fail && !slices.Contains(c.ours, id) {
			return true
		}
	}
	return false
}

// sentence is what a check found, with the two values that it compared.
func (c Check) sentence() string {
	const most = 120
	if c.Expected == "" && c.Observed == "" {
		return c.Title + ": " + c.Reason
	}
	return c.Title + ": " + c.Reason + ": expected " + cmp.Or(untrusted.Shorten(c.Expected, most), "nothing") +
		", found " + cmp.Or(untrusted.Shorten(c.Observed, most), "nothing")
}
