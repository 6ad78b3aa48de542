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
// write at the end, after which the file is on the disk, or, if that fails, as it
// was. Runs that append at the same time do not mix. If the last writer was killed
// within its line, this one begins on a new line.
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
	file, closer, err := open(path, os.O_RDWR|os.O_APPEND|os.O_CREATE)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closer()) }()
	size, torn, err := end(file)
	if err != nil {
		return err
	}
	if torn {
		data = append([]byte{'\n'}, data...)
	}
	if _, err = file.Write(append(data, '\n')); err == nil {
		err = file.Sync()
	}
	if err != nil {
		err = errors.Join(err, file.Truncate(size))
	}
	return err
}

// open opens a history and locks it, see [untrusted.OpenLocked]. What is no file is
// refused: to open a named pipe is to wait for its other end.
func open(path string, flag int) (file *os.File, closer func() error, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, nil, err
	case !info.Mode().IsRegular():
		return nil, nil, fmt.Errorf("expected a file at %q, found something else", untrusted.Text(path))
	}
	return untrusted.OpenLocked(path, flag, 0o644, untrusted.LockPatience)
}

// end is how long a file is, and whether its last line has no end.
func end(file *os.File) (size int64, torn bool, err error) {
	info, err := file.Stat()
	if err != nil || info.Size() == 0 {
		return 0, false, err
	}
	var last [1]byte
	_, err = file.ReadAt(last[:], info.Size()-1)
	return info.Size(), last[0] != '\n', err
}

// Mend takes out of the file at path, if it can be written, what killed writers left of
// runs, and says so in sentences. Nothing else in it changes, and no line moves, so that
// a program that is killed while it mends loses no run.
func Mend(path string) (notes []string) {
	file, closer, err := open(path, os.O_RDWR)
	if err != nil {
		return nil // what can be read is reported by Read
	}
	defer closer()
	data, start, err := tail(file)
	if err != nil || start == 0 && !begins(bytes.TrimSpace(data)) {
		return nil
	}
	number, at := 0, start
	for line := range bytes.Lines(data) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		number++
		if (start == 0 || number > 1) && torn(text, ended) && blank(file, at, len(text)) == nil {
			notes = append(notes, fmt.Sprintf("a run of the history was not written to its end; "+
				"what there was of it, on line %d, has been taken out", number))
		}
		at += int64(len(line))
	}
	if len(notes) > 0 {
		_ = file.Sync()
	}
	return notes
}

// runBegin is how each run in a file begins.
const runBegin = `{"schema":"plimsoll/coverage-run/`

// begins reports whether a text begins as a run does, as far as it goes.
func begins(text []byte) bool {
	n := min(len(text), len(runBegin))
	return string(text[:n]) == runBegin[:n]
}

// torn reports whether a line is what a killed writer, or a machine that lost its power,
// left of a run. Whatever else is no run stays in the file for whoever wrote it.
func torn(text []byte, ended bool) bool {
	if len(text) == 0 || json.Valid(text) {
		return false
	}
	return begins(text) && (!ended || len(text) > len(runBegin)) || bytes.IndexByte(text, 0) >= 0
}

// blank writes spaces over a part of a file, or cuts it off if it is the end.
func blank(file *os.File, at int64, length int) error {
	if info, err := file.Stat(); err == nil && info.Size() == at+int64(length) {
		return file.Truncate(at)
	}
	_, err := file.WriteAt(bytes.Repeat([]byte(" "), length), at)
	return err
}

// Read returns the runs of the file at path in their order, at most the last
// maxHistory bytes of it. A file that does not exist has no runs. Lines that
// are no runs are skipped; the notes, cleaned sentences, say which and why.
func Read(path string) (runs []Run, notes []string, err error) {
	file, closer, err := open(path, os.O_RDONLY)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the history: %w", err)
	}
	defer closer()
	data, start, err := tail(file)
	if err != nil {
		return nil, nil, fmt.Errorf("read the history: %w", err)
	}
	if start > 0 {
		_, data, _ = bytes.Cut(data, []byte("\n"))
		notes = append(notes, fmt.Sprintf("the history is larger than %d bytes: only its end was read", maxHistory))
	}
	runs, found := parse(data)
	return runs, append(notes, found...), nil
}

// tail reads the end of a file, from where it is not too long.
func tail(file *os.File) (data []byte, start int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return nil, 0, err
	}
	start = max(info.Size()-maxHistory, 0)
	data, err = io.ReadAll(io.NewSectionReader(file, start, maxHistory))
	return data, start, err
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
