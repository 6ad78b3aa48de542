package revision

import (
	"bufio"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"plimsoll/catalog/untrusted"
)

// Limits on objects.
const (
	maxFile   = untrusted.MaxTriage // the largest file that a catalog may have
	maxTree   = 32 << 20            // a folder of MaxSpecs others
	maxCommit = 1 << 20
	maxStarts = 100 // of cat-file, which ends with each object that is too large
)

// objects reads objects, one after the other, from one process of git.
type objects struct {
	repository *Repository

	mu     sync.Mutex
	starts int
	cmd    *exec.Cmd // nil if none runs
	in     io.WriteCloser
	out    *bufio.Reader
	stderr bounded
	fault  error // the first that is not one file's own
}

// errAbsent is the error of an object that the repository does not have. It is
// not [fs.ErrNotExist]: a file that cannot be read is not one that is not there.
var errAbsent = errors.New("is not in this clone")

// read returns the bytes of the object of that name and kind, at most limit,
// whose name they give.
func (o *objects) read(name, kind string, limit int64) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.fault != nil {
		return nil, o.fault
	}
	data, err := o.request(name, kind, limit)
	if err != nil {
		if !errors.Is(err, errAbsent) {
			o.stop()
		}
		if !errors.Is(err, untrusted.ErrTooLarge) || o.starts == maxStarts {
			o.fault = err
		}
	}
	return data, err
}

func (o *objects) request(name, kind string, limit int64) ([]byte, error) {
	if o.cmd == nil {
		if err := o.run(); err != nil {
			return nil, o.broken(err)
		}
	}
	if _, err := io.WriteString(o.in, name+"\n"); err != nil {
		return nil, o.broken(err)
	}
	line, err := o.out.ReadSlice('\n')
	if err != nil {
		return nil, o.broken(err)
	}
	// "NAME missing" or "NAME KIND SIZE"
	fields := strings.Fields(string(line))
	if len(fields) == 2 && fields[1] == "missing" {
		return nil, fmt.Errorf("%s %.12s %w", kind, name, errAbsent)
	}
	if len(fields) != 3 || fields[0] != name {
		return nil, fmt.Errorf("git: expected object %s, found %q", name, untrusted.Excerpt(string(line)))
	}
	if fields[1] != kind {
		return nil, fmt.Errorf("git: expected a %s of the name %s, found a %s", kind, name, untrusted.Excerpt(fields[1]))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil || size < 0 {
		return nil, fmt.Errorf("git: expected the size of object %s, found %q", name, untrusted.Excerpt(fields[2]))
	}
	if size > limit {
		return nil, fmt.Errorf("%s %.12s: %w: %d bytes, more than %d", kind, name, untrusted.ErrTooLarge, size, limit)
	}
	data := make([]byte, size+1)
	if _, err := io.ReadFull(o.out, data); err != nil {
		return nil, o.broken(err)
	}
	if data = data[:size]; nameOf(len(name), kind, data) != name {
		return nil, fmt.Errorf("expected the bytes of %s %s, found others: the repository is damaged or was tampered with", kind, name)
	}
	return data, nil
}

// nameOf returns the name, of that many digits, which an object's bytes give it.
func nameOf(digits int, kind string, data []byte) string {
	var h hash.Hash
	if h = sha1.New(); digits == hex.EncodedLen(sha256.Size) {
		h = sha256.New()
	}
	fmt.Fprintf(h, "%s %d\x00", kind, len(data))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// run starts git.
func (o *objects) run() error {
	o.starts++
	cmd := o.repository.command("cat-file", "--batch")
	o.stderr = bounded{limit: untrusted.MaxErrorBody}
	cmd.Stderr = &o.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	o.cmd, o.in, o.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

// broken returns the error of a conversation that ended.
func (o *objects) broken(err error) error {
	o.stop() // then all of stderr is there
	return explain(o.repository.ctx, err, o.stderr.String())
}

// stop ends git, which may be in the middle of an object.
func (o *objects) stop() {
	if o.cmd == nil {
		return
	}
	_ = o.in.Close()
	_ = o.cmd.Process.Kill()
	_ = o.cmd.Wait()
	o.cmd = nil
}

// Fault returns what went wrong with the repository itself while files were read,
// and what may help, or nil: then what was read is not all that there is.
func (r *Repository) Fault() error {
	r.objects.mu.Lock()
	fault := r.objects.fault
	r.objects.mu.Unlock()
	if fault == nil {
		return nil
	}
	promises, err := r.ask("", "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.promisor)$`)
	if err != nil || promises == "" {
		return fault
	}
	return fmt.Errorf("%w: this clone is partial, and a review fetches nothing: "+
		"git fetch --refetch --no-filter (in a workflow no filter of actions/checkout)", fault)
}

// Close ends what the repository had started.
func (r *Repository) Close() {
	r.objects.mu.Lock()
	defer r.objects.mu.Unlock()
	r.cancel()
	r.objects.stop()
	r.objects.fault = errors.New("the repository is closed")
}
