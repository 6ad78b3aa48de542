package view_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"plimsoll/catalog"
	"plimsoll/testdata/lab"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/trust"
)

// saved are the packages of the demo as a file of results gives them back; with
// a trust root, or without one.
func saved(t *testing.T, trusted bool) []report.Package {
	t.Helper()
	specs, from := lab.Specs(t), lab.Registries(t)
	if !trusted {
		from.Trust = trust.New(trust.Options{})
	}
	packages := make([]report.Package, len(specs))
	for i, checked := range lab.Check(t, specs, from, false) {
		packages[i] = report.Package{Spec: specs[i], Report: *checked}
	}
	var b bytes.Buffer
	if err := report.WriteCatalogJSON(&b, packages, report.Trust{}, time.Time{}); err != nil {
		t.Fatal(err)
	}
	read, err := report.ReadJSON(&b)
	if err != nil || len(read.Packages) < 100 {
		t.Fatalf("%d packages: %v", len(read.Packages), err)
	}
	return read.Packages
}

// untruths are what earlier versions said of evidence that a file of results
// does not carry: nobody had looked.
var untruths = []string{
	"does not list this log", "not offered", "tree of ", "no kind", "The entry has no body", "does not prove that it is in the log", "no checkpoint signs",
	"No certificate could be read", "No statement could be read", "were not kept", "size              0 bytes", "unknown log,", "unknown log #", "proven, only claimed",
	"subject           empty", "no certificate-transparency log vouches", "not looked up", "key               not known", "What the registry served, unchanged",
}

// linkClaims say what single checks found, which the file holds only of what
// does not verify.
var linkClaims = []string{"chain and SCT verify", "the signature verifies", "included, and signed by the log", "this release and no other", "the signed digest is this one"}

// No tab says anything of evidence that the file does not carry but that.
func TestSavedResultsSayOnlyWhatTheyHold(t *testing.T) {
	th := theme.New(theme.Options{})
	for _, trusted := range []bool{true, false} {
		for _, p := range saved(t, trusted) {
			in := view.Input{Spec: p.Spec, Report: &p.Report, Width: 120}
			for _, tab := range view.Tabs() {
				text := strings.Join(view.Render(tab, in, th).Text(), "\n")
				for _, untruth := range untruths {
					if untruth == "tree of " && p.Spec.Protocol == catalog.Go { // the file has the size of that tree
						continue
					}
					if strings.Contains(text, untruth) {
						t.Errorf("%s, %s: it says %q:\n%s", p.Spec.Package, tab.Title(), untruth, text)
					}
				}
				for _, claim := range linkClaims {
					if p.Report.Status == verify.Verified && strings.Contains(text, claim) {
						t.Errorf("%s, %s: it says %q, and the file holds no check:\n%s", p.Spec.Package, tab.Title(), claim, text)
					}
				}
				if tab != view.History && p.Report.Status != verify.Pending && !strings.Contains(text, "nothing was verified now") {
					t.Errorf("%s, %s does not say that nothing was verified now", p.Spec.Package, tab.Title())
				}
			}
			preview := strings.Join(view.Preview(in, th), "\n")
			for _, untruth := range []string{"certificate  none", "no statement", "unknown log,", "unknown log #"} {
				if len(p.Report.Artifacts) > 0 && len(p.Report.Artifacts[0].Attestations) > 0 && strings.Contains(preview, untruth) {
					t.Errorf("%s: the preview says %q:\n%s", p.Spec.Package, untruth, preview)
				}
			}
		}
	}
}
