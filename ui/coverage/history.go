package coverage

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// maxHistory is how much is read of a history, in bytes from its end: some
// hundred runs of 10,000 packages.
const maxHistory = 64 << 20

// The schemas of a run. The first had classes of its own for evidence; runs of it are
// still read.
const (
	runSchema      = "plimsoll/coverage-run/v2"
	classRunSchema = "plimsoll/coverage-run/v1"
)

// classes are the statuses of the classes.
var classes = map[string]verify.Status{
	"attestations": verify.Verified, "signature_only": verify.Signed, "nothing": verify.None,
	"refused": verify.Invalid, "unchecked": verify.Unchecked,
}

// Run is the counts of one run, and the evidence of every package. A history
// holds one a line.
type Run struct {
	Time time.Time `json:"time"`
	// Catalog tells the catalogs apart that share a history, as the caller
	// names them.
	Catalog  string           `json:"catalog"`
	Coverage Coverage         `json:"coverage"`
	Packages map[string]State `json:"packages"` // by the path of the spec
}

// line is a run as the file has it.
type line struct {
	Schema string `json:"schema"`
	Run
}

// State is what a run found of one package.
type State struct {
	Version string `json:"version"`
	// Evidence is the status of what verifies, whatever the spec demands.
	Evidence verify.Status `json:"evidence"`
}

// NewRun makes the entry of a run.
func NewRun(at time.Time, catalogName string, packages Packages) Run {
	r := Run{Time: at, Catalog: catalogName, Coverage: Compute(packages), Packages: map[string]State{}}
	for spec, report := range packages {
		r.Packages[string(spec.Path)] = State{string(spec.Version), evidenceOf(report)}
	}
	return r
}

// Append adds a run to the file at path, which is made if it is missing: one
// write at the end, after which the file is on the disk. Runs that append at
// the same time do not mix. If the last writer was interrupted within its line,
// this one begins on a new line.
func Append(path string, r Run) error {
	if err := write(path, r); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

func write(path string, r Run) (err error) {
	if r.Time.IsZero() {
		return errors.New("the run has no time")
	}
	r.Time = r.Time.UTC()
	data, err := json.Marshal(line{runSchema, r})
	if err != nil {
		return err
	}
	if len(data) >= maxHistory {
		return fmt.Errorf("%w: a run of %d bytes", untrusted.ErrTooLarge, len(data))
	}
	if err := regular(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	torn, err := endsTorn(file)
	if err != nil {
		return err
	}
	if torn {
		data = append([]byte{'\n'}, data...)
	}
	if _, err := file.Write(append(data, '\n')); err != nil {
		return err
	}
	return file.Sync()
}

// regular refuses what is no file: to open a named pipe is to wait for its
// other end.
func regular(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("expected a file at %q, found something else", untrusted.Text(path))
	}
	return nil
}

func endsTorn(file *os.File) (bool, error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	var last [1]byte
	if _, err := file.ReadAt(last[:], info.Size()-1); err != nil {
		return false, err
	}
	return last[0] != '\n', nil
}

// Read returns the runs of the file at path in their order, at most the last
// maxHistory bytes of it. A file that does not exist has no runs. Lines that
// are no runs are skipped; the notes, cleaned sentences, say which and why.
func Read(path string) (runs []Run, notes []string, err error) {
	data, whole, err := tail(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the history: %w", err)
	}
	if !whole {
		_, data, _ = bytes.Cut(data, []byte("\n"))
		notes = append(notes, fmt.Sprintf("the history is larger than %d bytes: only its end was read", maxHistory))
	}
	runs, found := parse(data)
	return runs, append(notes, found...), nil
}

// tail reads the end of a file, and reports whether that is all of it.
func tail(path string) (data []byte, whole bool, err error) {
	if err := regular(path); err != nil {
		return nil, false, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, false, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, false, err
	}
	start := max(info.Size()-maxHistory, 0)
	data, err = io.ReadAll(io.NewSectionReader(file, start, maxHistory))
	return data, start == 0, err
}

// parse reads the lines of a history.
func parse(data []byte) (runs []Run, notes []string) {
	number := 0
	for len(data) > 0 {
		text, rest, ended := bytes.Cut(data, []byte("\n"))
		data = rest
		if number++; len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		run, err := parseLine(text)
		switch {
		case err == nil:
			runs = append(runs, run)
		case !ended:
			notes = append(notes, "the last run of the history was not written to its end, and is left out")
		default:
			notes = append(notes, fmt.Sprintf("line %d of the history is left out: %s", number, untrusted.Message(err)))
		}
	}
	return runs, notes
}

func parseLine(text []byte) (Run, error) {
	var l line
	var of struct {
		Schema string `json:"schema"`
	}
	if err := json.Unmarshal(text, &of); err != nil {
		return Run{}, err
	}
	parse := func() error { return json.Unmarshal(text, &l) }
	switch of.Schema {
	case runSchema:
	case classRunSchema:
		parse = func() (err error) { l.Run, err = parseClasses(text); return err }
	default:
		return Run{}, fmt.Errorf("expected the schema %s, found %q", runSchema, untrusted.Text(of.Schema))
	}
	if err := parse(); err != nil {
		return Run{}, err
	}
	if l.Time.IsZero() {
		return Run{}, errors.New("the run has no time")
	}
	return l.Run, nil
}

// parseClasses reads a run of the first schema, as far as runs are compared.
func parseClasses(text []byte) (Run, error) {
	var old struct {
		Time     time.Time `json:"time"`
		Catalog  string    `json:"catalog"`
		Coverage struct {
			ByProtocol map[catalog.Protocol]struct {
				Total    int            `json:"total"`
				Evidence map[string]int `json:"evidence"`
			} `json:"by_protocol"`
		} `json:"coverage"`
		Packages map[string]struct{ Version, Evidence string } `json:"packages"`
	}
	if err := json.Unmarshal(text, &old); err != nil {
		return Run{}, err
	}
	r := Run{Time: old.Time, Catalog: old.Catalog, Packages: map[string]State{}, Coverage: Coverage{ByProtocol: map[catalog.Protocol]Count{}}}
	for protocol, count := range old.Coverage.ByProtocol {
		r.Coverage.ByProtocol[protocol] = Count{Total: count.Total, Attested: count.Evidence["attestations"]}
	}
	for path, state := range old.Packages {
		evidence, ok := classes[state.Evidence]
		if !ok {
			return Run{}, fmt.Errorf("%q: unknown evidence %q", untrusted.Text(path), untrusted.Text(state.Evidence))
		}
		r.Packages[path] = State{state.Version, evidence}
	}
	return r, nil
}
