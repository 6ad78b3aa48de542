package explain_test

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"plimsoll/testdata/testfiles"
	"plimsoll/ui/explain"
	"plimsoll/verify"
)

func TestEveryStatusCheckAndSeverityIsExplained(t *testing.T) {
	t.Parallel()
	has := func(kind explain.Kind, word string) {
		t.Helper()
		if _, ok := explain.Of(kind, word); !ok {
			t.Errorf("the %v %q is not explained", kind, word)
		}
	}
	for _, s := range append(verify.Statuses(), verify.Bound, verify.Unbound) {
		has(explain.Status, s.String())
	}
	for s := verify.Info; s <= verify.SeverityError; s++ {
		has(explain.Severity, s.String())
	}
	for s := verify.NotRun; s <= verify.NotApplicable; s++ {
		has(explain.Result, s.String())
	}
	for _, r := range []verify.Result{verify.ResultMatch, verify.ResultMismatch, verify.ResultDiffers, verify.ResultOnly} {
		has(explain.Result, string(r))
	}
	for k := verify.KindProvenance; k <= verify.KindMessage; k++ {
		if len(explain.Find(k.Noun())) == 0 {
			t.Errorf("the kind of attestation %q is not explained", k.Noun())
		}
	}
	// The constants have no list of their own.
	var ids []string
	source := slices.Concat(testfiles.Read(t, "../../verify/report.go"), testfiles.Read(t, "../../verify/record.go"))
	for _, m := range regexp.MustCompile(`Check\w+ +CheckID = "([a-z.]+)"`).FindAllSubmatch(source, -1) {
		id := verify.CheckID(m[1])
		ids = append(ids, string(id))
		has(explain.Check, string(id))
		if len(explain.Find(id.Title())) == 0 {
			t.Errorf("nothing explains %q, the title of %s", id.Title(), id)
		}
	}
	if len(ids) < 22 {
		t.Errorf("only %d checks were found", len(ids))
	}
	for _, e := range explain.All() {
		if e.Kind == explain.Check && !slices.Contains(ids, e.Word) {
			t.Errorf("%q is explained and is no check", e.Word)
		}
		for _, id := range e.Checks {
			has(explain.Check, id)
		}
	}
	for _, word := range []string{verify.Pass.Word(), verify.Fail.Word(), verify.Blocked.Word(), verify.NotRun.Word(), verify.NotApplicable.Word(),
		verify.ResultMatch.Word(), verify.ResultOnly.Word(), verify.ResultDiffers.Word()} {
		if len(explain.Find(word)) == 0 {
			t.Errorf("the result %q is not explained", word)
		}
	}
}

// hosts are those of specifications. No registry is among them.
var hosts = []string{
	"c2sp.org", "docs.oasis-open.org", "docs.sigstore.dev", "github.com", "go.dev", "openid.net", "peps.python.org", "repos.openssf.org", "semver.org",
	"slsa.dev", "theupdateframework.github.io", "www.rfc-editor.org", "www.unicode.org", "www.w3.org",
}

var sentence = regexp.MustCompile(`^([A-Z0-9]|npm|plimsoll |sigstore-go|triage\.yaml|policy\.yaml)[^\n]*[.]$`)

func TestEntries(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, e := range explain.All() {
		id := e.Kind.String() + " " + strings.ToLower(e.Word)
		if seen[id] {
			t.Errorf("%s is explained twice", id)
		}
		seen[id] = true
		if e.Short == "" || len(e.Short) > 46 || strings.HasSuffix(e.Short, ".") {
			t.Errorf("%s: %q is no short text of at most 46 letters, the room at 80 columns", id, e.Short)
		}
		for _, text := range []string{e.Is, e.Why, e.Do} {
			if text == "" && e.Do == "" && e.Is != "" && e.Why != "" {
				continue
			}
			if !sentence.MatchString(text) || strings.Contains(text, "  ") {
				t.Errorf("%s: %q is no sentence", id, text)
			}
		}
		if len(e.See) == 0 && (e.Kind == explain.Term || e.Kind == explain.Check) {
			t.Errorf("%s leads nowhere", id)
		}
		for _, word := range e.See {
			if len(explain.Find(word)) == 0 || strings.EqualFold(word, e.Word) && len(explain.Find(word)) == 1 {
				t.Errorf("%s leads to %q, which is not explained elsewhere", id, word)
			}
		}
		if e.Spec == "" {
			continue
		}
		if u, err := url.Parse(e.Spec); err != nil || u.Scheme != "https" || !slices.Contains(hosts, u.Host) {
			t.Errorf("%s: %s is not the address of a specification", id, e.Spec)
		}
	}
	if len(seen) < 200 {
		t.Errorf("only %d words are explained", len(seen))
	}
}

// No sentence names a host: addresses stand in Spec alone. Nor a key, which may be
// bound anew.
func TestSentencesNameNoHostAndNoKey(t *testing.T) {
	t.Parallel()
	bad := regexp.MustCompile(`https?:|www\.|\.(com|org|dev|io)\b|(?i:\bpress\b|\bkey [a-z]\b)|\bctrl\+`)
	for _, e := range explain.All() {
		if found := bad.FindString(e.Short + " " + e.Text()); found != "" {
			t.Errorf("%v %s names %q", e.Kind, e.Word, found)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"sct": "term SCT", " Inclusion-Proof ": "term inclusion proof", "MISMATCH": "status mismatch, result mismatch",
		"statement": "check statement, term statement, screen Statement", "Publisher": "screen Publisher, column publisher", "policy.slsa": "rule policy.slsa",
		"provenance.repository_uri": "rule provenance.repository_uri", "": "", "no such word": "",
	} {
		var got []string
		for _, e := range explain.Find(word) {
			got = append(got, e.Kind.String()+" "+e.Word)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("Find(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"mismtach": "mismatch", "inclusion": "log.inclusion", "policy.sls": "policy.slsa", "rekro": "Rekor", "provenence": "provenance", "xyzzy": "", "": "",
	} {
		got := explain.Near(word)
		if want == "" && len(got) > 0 || want != "" && (len(got) == 0 || got[0] != want) {
			t.Errorf("Near(%q) = %q, want %q", word, got, want)
		}
	}
}

// A word that a sentence holds leads on, whole and as it is written.
func TestLeads(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{
		"SCT":             "certificate transparency log, certificate.sct, certificate",
		"review.policy":   "policy, Review", // nobody is led to the SET by "must not set"
		"package.refused": "invalid, mismatch, evidence, spec",
	} {
		var got []string
		for _, e := range explain.Leads(explain.Find(word)...) {
			got = append(got, e.Word)
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%s leads to %q, want %q", word, got, want)
		}
	}
	for _, e := range explain.All() {
		if n := len(explain.Leads(explain.Find(e.Word)...)); n > 14 {
			t.Errorf("%s leads to %d words", e.Word, n)
		}
	}
}
