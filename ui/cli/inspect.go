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
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/verify"
	"plimsoll/verify/evidencefile"
)

func inspectCommand(env Env) *cobra.Command {
	var o options
	var artifact string
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect FILE",
		Short: "Open a file of evidence and verify what can be verified of it",
		Long: `inspect opens Sigstore bundles (v0.1, v0.2, v0.3; one, a list, or one a line, as
gh attestation download writes them), attestations as npm or GitHub answers them,
the output of gh attestation verify --format json and of npm audit signatures
--json --include-attestations, PEP 740 provenance, and what a checksum database
answers about a Go module: on the screen, without a terminal as text. - reads
standard input. What another tool says of the evidence is a claim and not used.

It verifies the signature, the certificates, the log entry and the time of each
attestation. Nobody says which package the file is about, so the result is never
"verified": it is "unbound" if every link holds, "bound" if the evidence also
names the artifact that --artifact gives. Of an answer of a checksum database only
the tree head is signed: without the tiles of the tree its record is not proven.

Exit codes: 0 every attestation in the file verifies; 1 one does not, or names
another artifact; 2 the file is nothing that can be inspected; 3 one could not be
checked.`,
		Example: `  # does this bundle verify, and does it name this file?
  plimsoll inspect bundle.json --artifact package.tgz
  # what another command writes, as JSON
  gh attestation verify package.tgz --owner acme --format json | plimsoll inspect - --json`,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("expected one FILE, got %d arguments", len(args))
			}
			if err := inPlaceOf("a file of evidence", args[0]); err != nil {
				return err
			}
			return inspectFile(c.Context(), env, o, args[0], artifact, asJSON)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().StringVar(&artifact, "artifact", "", "`FILE_OR_DIGEST` that the evidence must name: a file, or sha256:… or sha512:…")
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c, "pypi-index", "policy", "ignore-triage") // it judges no package
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
	i := &inspection{last: map[untrusted.Text]verify.Report{}}
	if i.file, err = evidencefile.Open(data, untrusted.Text(label)); err != nil {
		return unreadable(fmt.Errorf("%q: %w", untrusted.Text(label), err))
	}
	i.keyed = slices.ContainsFunc(i.file.Attestations, func(off verify.OfferedAttestation) bool {
		return bytes.Contains(off.Bundle, []byte(`"publicKey"`)) || bytes.Contains(off.Bundle, []byte(`"public_key"`))
	})
	if artifact != "" && i.file.Record != nil {
		return usagef("--artifact: a record of the checksum database names the hash of a module's files, and no digest of one file")
	}
	if artifact != "" {
		var file *os.File
		if i.file.Given, file, err = openGiven(artifact); err != nil {
			return unreadable(fmt.Errorf("--artifact: %w", err))
		}
		file.Close()
	}
	if i.engine, err = newEngine(ctx, env, o, ""); err != nil {
		return err
	}
	defer i.close()
	background, cancel := context.WithCancel(ctx)
	defer cancel()
	i.config.Fetch, i.config.Inspect, i.config.Review = i, i.inspect, i.note
	checks := startScreenEngine(background, i.config, i.registries.AskAgain)
	spec := catalog.Spec{Server: "evidence", Package: untrusted.Text(filepath.Base(label)), Path: untrusted.Text(label)}
	if !asJSON && name != "-" && env.interactive() {
		if err := o.forScreen(); err != nil {
			return err
		}
		return i.screen(ctx, checks, i.take(spec))
	}
	env.sayClock()
	result, err := checks.Examine(ctx, spec)
	if err != nil {
		return unchecked(errInterrupted)
	}
	return env.write(report.ExitInspected(result.Report), func() error {
		if asJSON {
			return report.WriteJSON(env.Stdout, report.Package{Spec: spec, Report: result.Report})
		}
		return textReport(env, o).Inspection(env.Stdout, result.Report, i.trust())
	})
}

// readEvidence reads the file, or standard input, within bounds.
func readEvidence(env Env, name string) ([]byte, error) {
	if name == "-" {
		return untrusted.ReadAll(env.Stdin, untrusted.MaxEvidenceFile, "standard input")
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, fmt.Errorf("expected a file, found a folder: %q", untrusted.Text(name))
	}
	return untrusted.ReadFile(name, untrusted.MaxEvidenceFile)
}

// givenHashes are the digests that evidence may name an artifact by.
var givenHashes = []struct {
	name string
	hash crypto.Hash
}{{"sha256", crypto.SHA256}, {"sha384", crypto.SHA384}, {"sha512", crypto.SHA512}}

// openGiven opens a file and computes its digests. If there is none of that
// name, and it is "sha256:…" or "sha512:…", it is a digest, and the file nil.
func openGiven(name string) (*verify.Given, *os.File, error) {
	given := &verify.Given{Name: untrusted.Text(name)}
	f, err := os.Open(name)
	if errors.Is(err, os.ErrNotExist) {
		algorithm, value, _ := strings.Cut(name, ":")
		for _, h := range givenHashes {
			if h.name != algorithm {
				continue
			}
			raw, err := hex.DecodeString(value)
			if err != nil || len(raw) != h.hash.Size() {
				return nil, nil, fmt.Errorf("expected %s: and %d hex digits, found %q", algorithm, 2*h.hash.Size(), untrusted.Text(untrusted.Shorten(name, 200)))
			}
			given.Digests = []verify.Digest{{Algorithm: algorithm, Hex: hex.EncodeToString(raw)}}
			return given, nil, nil
		}
	}
	if err != nil {
		return nil, nil, err
	}
	if given.Digests, err = digestsOf(f); err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return given, f, nil
}

func digestsOf(f *os.File) ([]verify.Digest, error) {
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("expected a file or a digest, found something else: %q", untrusted.Text(f.Name()))
	}
	var digests []verify.Digest
	for _, h := range givenHashes {
		sum := h.hash.New()
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		if _, err := io.Copy(sum, f); err != nil {
			return nil, err
		}
		digests = append(digests, verify.Digest{Algorithm: h.name, Hex: hex.EncodeToString(sum.Sum(nil))})
	}
	_, err := f.Seek(0, io.SeekStart)
	return digests, err
}

// inspection judges a file of evidence in place of a catalog's packages.
type inspection struct {
	*engine
	file  verify.EvidenceFile
	keyed bool                                   // a key signed something in it
	parts map[untrusted.Text]verify.EvidenceFile // of a file of several, by the path of the spec that stands for each

	mu   sync.Mutex
	last map[untrusted.Text]verify.Report // likewise
}

// take takes a file of several attestations apart, so that each is a row of the
// screen, and returns the specs that stand for them.
func (i *inspection) take(whole catalog.Spec) []catalog.Spec {
	n := len(i.file.Attestations)
	if n < 2 {
		return []catalog.Spec{whole}
	}
	i.parts = map[untrusted.Text]verify.EvidenceFile{}
	var specs []catalog.Spec
	for k, off := range i.file.Attestations {
		spec, part := whole, i.file
		spec.Package = untrusted.Text(fmt.Sprintf("attestation %0*d of %d", len(strconv.Itoa(n)), k+1, n)) // sorted as text
		spec.Path += ": " + spec.Package
		part.Attestations = []verify.OfferedAttestation{off}
		i.parts[spec.Path] = part
		specs = append(specs, spec)
	}
	return specs
}

// Fetch implements [scan.Fetcher]: the evidence is there, and the trust is not.
// The registry's keys are asked for only if a key signed something.
func (i *inspection) Fetch(ctx context.Context, _ catalog.Spec, progress func(string)) (evidence verify.Evidence, anchors verify.Trust, err error) {
	if i.file.Record != nil { // which rests on no Sigstore trust root
		return verify.Evidence{}, verify.Trust{SumDB: i.registries.Go.Config().SumDB()}, nil
	}
	progress("loading the trust root")
	if !i.keyed {
		anchors, err = i.registries.Trust.For(ctx, verify.PyPI, nil)
	} else if base, baseErr := i.registries.NPM.Base("package"); baseErr != nil {
		err = baseErr
	} else {
		anchors, err = i.registries.Trust.For(ctx, verify.NPM, base)
	}
	if err != nil {
		anchors.RootError = untrusted.Message(err)
	}
	return verify.Evidence{}, anchors, nil
}

func (i *inspection) inspect(spec catalog.Spec, anchors verify.Trust) verify.Dossier {
	if i.file.Record != nil {
		return verify.InspectRecord(i.file, anchors.SumDB)
	}
	if part, ok := i.parts[spec.Path]; ok {
		return verify.Inspect(part, anchors)
	}
	return verify.Inspect(i.file, anchors)
}

// note keeps the last verdict. After a panic it names the file, too.
func (i *inspection) note(spec catalog.Spec, r *verify.Report) {
	if r.Inspected == nil {
		r.Inspected = &verify.Inspected{File: i.file.Name, Kind: i.file.Kind, SHA256: i.file.Source.SHA256, Given: i.file.Given}
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.last[spec.Path] = *r
}

// screen shows the file: a list if it holds several, else on the package screen.
func (i *inspection) screen(ctx context.Context, checks *screenEngine, specs []catalog.Spec) error {
	err := i.show(ctx, ui.Options{
		Specs: specs, Engine: checks, Examine: checks.Examine, File: true, Title: string(i.file.Name),
		TriageOff: "this is a file of evidence, not a package", Evidence: i.trust,
	})
	if err != nil {
		return err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	code := report.ExitOK
	for _, spec := range specs {
		code = report.Worst(code, report.ExitInspected(i.last[spec.Path])) // a pending one is unchecked
	}
	return exit(code)
}
