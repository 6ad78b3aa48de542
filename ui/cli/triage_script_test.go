package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"

	"plimsoll/verify"
	"plimsoll/verify/triage"
)

// decideCommand is: decide CATALOG KIND REASON. It writes one decision about every
// error of the catalog's packages, as the recording of the demo proves them.
func decideCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: decide CATALOG KIND REASON")
	}
	dir, recording := ts.MkAbs(args[0]), filepath.Join(ts.Getenv("DEMO"), "recording")
	env := bare(io.Discard, io.Discard, nil)
	env.Getenv = ts.Getenv
	o := options{catalog: dir, ignoreTriage: true, replay: recording, trustedRoot: filepath.Join(recording, "trusted_root.json"),
		npmKeys: filepath.Join(recording, "npm-keys.json")}
	c, err := verifyCatalog(context.Background(), env, o, false)
	ts.Check(err)
	decisions, err := triage.Load(os.DirFS(dir))
	ts.Check(err)
	for i := range c.packages {
		p := &c.packages[i]
		for _, f := range p.Report.Findings {
			if f.Severity == verify.SeverityError {
				decisions, err = decisions.With(triage.Decide(p.Spec, &p.Report, f, triage.Kind(args[1]), args[2]))
				ts.Check(err)
			}
		}
	}
	if decisions.Len() == 0 {
		ts.Fatalf("there is nothing to decide about")
	}
	_, err = decisions.Save(dir)
	ts.Check(err)
}
