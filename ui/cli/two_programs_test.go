package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"plimsoll/catalog"
	"plimsoll/testdata/testfiles"
	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// Several programs decide about one catalog, and change its specs, at the same moment,
// each by another name of the folder: what a screen is given keeps them apart, and of
// two changes of one spec the second is told that it was changed.
func TestSeveralProgramsWriteOneCatalog(t *testing.T) {
	t.Parallel()
	const text = "metadata:\n  name: x\nspec:\n  package: x\n  version: 1.0.0\n"
	dir := t.TempDir()
	spec := filepath.Join(dir, "catalog", "npx", "x", "spec.yaml")
	testfiles.Write(t, spec, text)
	if err := os.Symlink("catalog", filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	names := []string{"catalog", "catalog/.", "link", "catalog"}
	for round := range 20 {
		testfiles.Write(t, spec, text)
		var programs sync.WaitGroup
		changed, all := make([]error, len(names)), make(chan struct{}) // closed when each has read the spec
		for i, name := range names {
			env := bare(io.Discard, io.Discard, map[string]string{"XDG_STATE_HOME": filepath.Join(dir, "state")})
			o, why := triageOptions(env, options{catalog: filepath.Join(dir, name)}, &rules{})
			if o == nil {
				t.Fatal(why)
			}
			source, closer, err := catalog.OpenDir(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			specs, err := catalog.Load(t.Context(), source)
			if err = errors.Join(err, closer.Close()); err != nil {
				t.Fatal(err)
			}
			programs.Go(func() {
				<-all
				finding := verify.Finding{Rule: "publisher.repository", Severity: verify.SeverityError, Message: fmt.Sprint(round, i)}
				decision := triage.Decide(specs[0], &verify.Report{}, finding, triage.Rejected, "no")
				if _, err := o.Decide(o.Decisions, o.Decisions.Deciding(decision)); err != nil {
					t.Error(err)
				}
				_, changed[i] = o.WriteSpec(specs[0], []byte(text+"# by "+fmt.Sprint(i)+"\n"))
			})
		}
		close(all)
		programs.Wait()
		decisions, err := readDecisions(filepath.Join(dir, "catalog"), nil)
		if err != nil || decisions.Len() != (round+1)*len(names) {
			t.Fatalf("round %d: %d decisions of %d, %v", round, decisions.Len(), (round+1)*len(names), err)
		}
		wrote := 0
		for i, err := range changed {
			switch {
			case err == nil:
				wrote++
				if got := string(testfiles.Read(t, spec)); got != text+"# by "+fmt.Sprint(i)+"\n" {
					t.Errorf("round %d: %d wrote, and the spec is %q", round, i, got)
				}
			case !errors.Is(err, catalog.ErrChanged):
				t.Error(err)
			}
		}
		if wrote != 1 {
			t.Fatalf("round %d: %d programs wrote the spec that they had read", round, wrote)
		}
	}
}

// Where there can be no lock people decide all the same, and what others wrote is kept.
func TestDecidingWithoutALock(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	testfiles.Write(t, filepath.Join(dir, "state"), "no folder")
	for _, vars := range []map[string]string{{}, {"XDG_STATE_HOME": filepath.Join(dir, "state")}} {
		catalog := t.TempDir()
		o, why := triageOptions(bare(io.Discard, io.Discard, vars), options{catalog: catalog}, &rules{})
		if o == nil {
			t.Fatal(why)
		}
		for i := range 3 { // none has read what the others wrote
			finding := verify.Finding{Rule: "publisher.repository", Message: fmt.Sprint(i)}
			var none *triage.Decisions
			now, err := o.Decide(none, none.Deciding(triage.Decide(sampleSpec, &verify.Report{}, finding, triage.Note, "hm")))
			if err != nil || now.Len() != i+1 {
				t.Errorf("%v: %d decisions, %v", vars, now.Len(), err)
			}
		}
	}
}

var sampleSpec = catalog.Spec{Protocol: catalog.NPX, Package: "x", Version: "1"}
