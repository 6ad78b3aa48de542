package cli

import (
	"bytes"
	"context"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
	"plimsoll/verify/scan"
)

func inspectCommand(env Env) *cobra.Command {
	var o options
	var artifact string
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Open a file of evidence and verify what can be verified of it",
		Long: `inspect opens a Sigstore bundle (v0.1, v0.2, v0.3), an npm attestations response,
or a PEP 740 provenance object or attestation: on the package screen, without a
terminal as text. - reads standard input.

It verifies the signature, the certificates, the log entry and the time of each
attestation. Nobody says which package the file is about, so the result is never
"verified": it is "unbound" where every link holds, "bound" where the evidence
also names the artifact that --artifact gives.

Exit codes: 0 every attestation in the file verifies; 1 one does not, or names
another artifact; 2 the file is nothing that can be inspected; 3 one could not be
checked.`,
		Example: "  plimsoll inspect bundle.json --artifact package.tgz\n" +
			"  plimsoll inspect attestations.json --json",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("expected one FILE, got %d arguments", len(args))
			}
			if err := notEmpty(c, "artifact"); err != nil {
				return err
			}
			for _, name := range []string{"policy", "ignore-triage"} {
				if c.Flags().Changed(name) {
					return usagef("--%s: inspect judges no package, and so by no policy and no decision", name)
				}
			}
			return inspectFile(c.Context(), env, o, args[0], artifact, asJSON)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&artifact, "artifact", "", "`FILE_OR_DIGEST` that the evidence must name: a file, or sha256:… or sha512:…")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c)
	return c
}

func inspectFile(ctx context.Context, env Env, o options, name, artifact string, asJSON bool) error {
	data, err := readEvidence(env, name)
	if err != nil {
		return unreadable(err)
	}
	label := name
	if name == "-" {
		label = "standard input"
	}
	ex, err := evidencefile.Open(data, untrusted.Text(label))
	if err != nil {
		return unreadable(fmt.Errorf("%q: %w", untrusted.Text(label), err))
	}
	if artifact != "" {
		if ex.Given, err = readGiven(artifact); err != nil {
			return unreadable(fmt.Errorf("--artifact: %w", err))
		}
	}
	e, err := newEngine(env, o, "")
	if err != nil {
		return err
	}
	defer e.close()
	i := &inspection{engine: e, exhibit: ex, spec: catalog.Spec{
		Server: "evidence", Package: untrusted.Text(filepath.Base(label)), Path: untrusted.Text(label),
	}}
	if !asJSON && name != "-" && env.interactive() {
		return i.screen(ctx, env, o)
	}
	result := i.judge(ctx, func(string) {})
	if ctx.Err() != nil {
		return unchecked(errInterrupted)
	}
	if asJSON {
		err = report.WriteJSON(env.Stdout, report.Package{Spec: i.spec, Report: result.Report})
	} else {
		err = textReport(env, o).Inspection(env.Stdout, result.Report, e.trust())
	}
	return written(err, report.ExitInspected(result.Report))
}

// readEvidence reads the file, or standard input, within bounds.
func readEvidence(env Env, name string) ([]byte, error) {
	if name == "-" {
		return untrusted.ReadAll(env.Stdin, untrusted.MaxAttestations, "standard input")
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("expected a file, found a folder: %q", untrusted.Text(name))
	}
	return untrusted.ReadFile(name, untrusted.MaxAttestations)
}

// givenHashes are the digests that evidence may name an artifact by.
var givenHashes = []struct {
	name string
	hash crypto.Hash
}{{"sha256", crypto.SHA256}, {"sha384", crypto.SHA384}, {"sha512", crypto.SHA512}}

// readGiven takes "sha256:…" or "sha512:…" for a digest, unless a file of that
// name exists, whose digests it computes.
func readGiven(name string) (*verify.Given, error) {
	given := &verify.Given{Name: untrusted.Text(name)}
	f, err := os.Open(name)
	if err != nil {
		algorithm, value, _ := strings.Cut(name, ":")
		for _, h := range givenHashes {
			if h.name != algorithm || !errors.Is(err, os.ErrNotExist) {
				continue
			}
			raw, decodeErr := hex.DecodeString(value)
			if decodeErr != nil || len(raw) != h.hash.Size() {
				return nil, fmt.Errorf("expected %s: and %d hex digits, found %q", algorithm, 2*h.hash.Size(), untrusted.Text(untrusted.Shorten(name, 200)))
			}
			given.Digests = []verify.Digest{{Algorithm: algorithm, Hex: hex.EncodeToString(raw)}}
			return given, nil
		}
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("expected a file or a digest, found something else: %q", untrusted.Text(name))
	}
	var writers []io.Writer
	for _, h := range givenHashes {
		writers = append(writers, h.hash.New())
	}
	if _, err := io.Copy(io.MultiWriter(writers...), f); err != nil {
		return nil, err
	}
	for i, h := range givenHashes {
		sum := writers[i].(interface{ Sum([]byte) []byte }).Sum(nil)
		given.Digests = append(given.Digests, verify.Digest{Algorithm: h.name, Hex: hex.EncodeToString(sum)})
	}
	return given, nil
}

// inspection judges one file of evidence; it is the screen's engine as well.
type inspection struct {
	engine  *engine
	exhibit verify.Exhibit
	spec    catalog.Spec

	ctx    context.Context
	events chan scan.Event
	last   atomic.Pointer[verify.Dossier]
}

// judge gets the trust and inspects the file. It never fails: what could not
// be checked is part of the report.
func (i *inspection) judge(ctx context.Context, progress func(string)) (result *verify.Dossier) {
	defer func() {
		if p := recover(); p != nil { // the file is anybody's
			i.engine.log.Error("panic while inspecting", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			failed := verify.Failed(verify.Release{}, "internal error while checking: "+untrusted.Shorten(fmt.Sprint(p), untrusted.MaxMessage))
			failed.Inspected = &verify.Inspected{File: i.exhibit.File, Kind: i.exhibit.Kind, SHA256: i.exhibit.Source.SHA256, Given: i.exhibit.Given}
			result = &verify.Dossier{Report: failed}
		}
	}()
	progress("loading the trust root")
	anchors := i.trust(ctx)
	judged := verify.Inspect(i.exhibit, anchors)
	return &judged
}

// trust asks for the registry's keys only where a key signed something.
func (i *inspection) trust(ctx context.Context) verify.Trust {
	keyed := false
	for _, off := range i.exhibit.Attestations {
		keyed = keyed || bytes.Contains(off.Bundle, []byte(`"publicKey"`)) || bytes.Contains(off.Bundle, []byte(`"public_key"`))
	}
	anchors, err := func() (verify.Trust, error) {
		if !keyed {
			return i.engine.provider.For(ctx, verify.PyPI, nil)
		}
		base, err := i.engine.registries.NPM.Base("package")
		if err != nil {
			return verify.Trust{}, err
		}
		return i.engine.provider.For(ctx, verify.NPM, base)
	}()
	if err != nil {
		anchors.RootError = untrusted.Message(err)
	}
	return anchors
}

// screen shows the file on the package screen.
func (i *inspection) screen(ctx context.Context, env Env, o options) error {
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	i.ctx, i.events = background, make(chan scan.Event)
	err := i.engine.show(ctx, env, o, ui.Options{
		Specs: []catalog.Spec{i.spec}, Engine: i, Examine: i.examine, File: true, Title: string(i.exhibit.File),
		TriageOff: "this is a file of evidence, not a package", Evidence: i.engine.trust,
	})
	last := i.last.Load()
	switch {
	case err != nil:
		return err
	case last == nil:
		return exit(report.ExitUnchecked)
	}
	return exit(report.ExitInspected(last.Report))
}

// Submit implements [ui.Engine].
func (i *inspection) Submit(tasks ...scan.Task) {
	for _, task := range tasks {
		event := scan.Event{ID: task.ID, Generation: task.Generation}
		go func() {
			result := i.judge(i.ctx, func(what string) {
				event := event
				event.Kind, event.Message = scan.Progress, what
				i.send(event)
			})
			i.last.Store(result)
			report := result.Report
			event.Kind, event.Report = scan.Finished, &report
			i.send(event)
		}()
	}
}

// examine returns what there is to look at of the last answer.
func (i *inspection) examine(context.Context, catalog.Spec) (*verify.Dossier, error) {
	return i.last.Load(), nil
}

func (i *inspection) send(event scan.Event) {
	select {
	case i.events <- event:
	case <-i.ctx.Done():
	}
}

// Promote implements [ui.Engine]; there is only one file.
func (i *inspection) Promote(...int) {}

// Events implements [ui.Engine].
func (i *inspection) Events() <-chan scan.Event { return i.events }
