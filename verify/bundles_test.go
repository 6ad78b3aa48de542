package verify_test

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/trust"
)

// bundle is one of the real bundles, and what it must be called.
type bundle struct {
	file, root string
	want       []string
	data       []byte
	trust      verify.Trust
}

// realBundles reads bundles of many tools and years, and skips if they are
// absent.
func realBundles(t *testing.T) []bundle {
	t.Helper()
	dir := testfiles.Shared(t, "realworld", "bundles")
	roots := map[string]verify.Trust{}
	for _, name := range []string{"public", "staging", "github"} {
		trusted, err := trust.ParseRoot(testfiles.Read(t, dir, "roots", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		roots[name] = verify.Trust{Root: trusted}
	}
	var out []bundle
	for i, line := range strings.Split(strings.TrimSpace(string(testfiles.Read(t, dir, "expected.tsv"))), "\n") {
		fields := strings.Split(line, "\t")
		if i == 0 || len(fields) < 3 {
			continue
		}
		out = append(out, bundle{
			file: fields[0], root: fields[1], want: strings.Split(strings.ReplaceAll(fields[2], "error", verify.Unchecked.String()), "|"),
			data: testfiles.Read(t, dir, fields[0]), trust: roots[fields[1]],
		})
	}
	return out
}

// Real bundles, each against the root of its instance and against those of the
// others.
func TestRealBundles(t *testing.T) {
	t.Parallel()
	bundles := realBundles(t)
	if len(bundles) < 67 {
		t.Fatalf("only %d bundles", len(bundles))
	}
	public := bundles[slices.IndexFunc(bundles, func(b bundle) bool { return b.root == "public" })].trust
	for _, b := range bundles {
		ex, err := evidencefile.Open(b.data, untrusted.Text(b.file))
		if err != nil {
			if !slices.Contains(b.want, "exit2") {
				t.Errorf("%s: expected %v, got %v", b.file, b.want, err)
			}
			continue
		}
		r := verify.Inspect(ex, b.trust)
		if !slices.Contains(b.want, r.Status.String()) || b.root == "github" && r.Status != verify.Unbound {
			t.Errorf("%s: expected %v, got %v: %s", b.file, b.want, r.Status, r.Reason)
			dump(t, r.Report)
		}
		t.Logf("%s %s %v: %s", b.file, b.root, r.Status, r.Reason)
		for _, in := range r.Bundles {
			for _, stamp := range in.Timestamps {
				if r.Status.Holds() && (stamp.Status == verify.NotApplicable) == strings.HasPrefix(in.Attestation.Reason, "every link verifies") {
					t.Errorf("%s: %s, with a timestamp by %s: %s", b.file, in.Attestation.Reason, stamp.Authority, stamp.Reason)
				}
			}
		}
		if b.root != "github" {
			continue
		}
		if r := verify.Inspect(ex, public); r.Status != verify.Unchecked || !strings.Contains(r.Reason, "private instance") || !strings.Contains(r.Reason, "GitHub") {
			t.Errorf("%s, against the public root: %v: %s", b.file, r.Status, r.Reason)
		}
	}
}

// Under a root that holds no log, nothing is said of what the entry carries:
// nobody looked at it.
func TestLogOfABundleUnderARootWithoutLogs(t *testing.T) {
	t.Parallel()
	bundles := realBundles(t)
	github := bundles[slices.IndexFunc(bundles, func(b bundle) bool { return b.root == "github" })].trust
	looked := 0
	for _, b := range bundles {
		ex, err := evidencefile.Open(b.data, untrusted.Text(b.file))
		if err != nil {
			continue
		}
		for _, att := range verify.Inspect(ex, github).Artifacts[0].Attestations {
			for _, check := range att.Checks {
				if !slices.Contains([]verify.CheckID{verify.CheckSET, verify.CheckInclusion, verify.CheckCheckpoint}, check.ID) || check.Status != verify.NotApplicable {
					continue
				}
				looked++
				want := "the bundle has no log entry"
				if len(att.Log) > 0 {
					want = "the trust root holds no log: what the log signed is not looked at"
				}
				if check.Reason != want {
					t.Errorf("%s: %s: %q, want %q", b.file, check.ID, check.Reason, want)
				}
			}
		}
	}
	if looked == 0 {
		t.Error("no bundle has such a check")
	}
}
