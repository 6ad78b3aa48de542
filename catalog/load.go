package catalog

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"plimsoll/catalog/untrusted"
)

const specFile = "spec.yaml"

// Source is a catalog: a tree with [SpecPaths].
type Source struct {
	Name string // stands before the path of each spec, "" for none
	FS   fs.FS
	// Skip reports whether the spec at a path below FS is not to be read; nil if all
	// are.
	Skip func(path string) bool
}

// disk is the tree of a folder on a disk.
type disk struct {
	rootFS
	root *os.Root
}

// Open implements fs.FS. A named pipe is opened without waiting for its other end.
func (d disk) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return d.open(name)
}

func (d disk) open(name string) (*os.File, error) {
	return d.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// ReadDir implements fs.ReadDirFS.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(struct{ fs.FS }{d}, name) // by Open
}

// rootFS is what [os.Root.FS] implements.
type rootFS interface {
	fs.StatFS
	fs.ReadDirFS
	fs.ReadFileFS
	fs.ReadLinkFS
}

// OpenDir returns the catalog in a folder. The folder is a boundary: a
// symbolic link in it that leads out of it is not followed. Close it when
// nothing is loaded from it any more.
func OpenDir(dir string) (Source, io.Closer, error) {
	root, err := untrusted.OpenFolder(dir)
	if err != nil {
		return Source{}, nil, fmt.Errorf("open catalog: %w", err)
	}
	return Source{FS: disk{root.FS().(rootFS), root}}, root, nil
}

// In reports whether a tree is a catalog: whether it has the folder of a protocol,
// or may have it.
func In(tree fs.FS) bool {
	return slices.ContainsFunc(Protocols(), func(p Protocol) bool {
		_, err := fs.Stat(tree, string(p))
		return !errors.Is(err, fs.ErrNotExist)
	})
}

// Load reads every spec of the sources, sorted by path. A spec that cannot be
// read is among them, with its Err. The error is about a catalog as a whole.
func Load(ctx context.Context, sources ...Source) ([]Spec, error) {
	var batches [][]Spec
	err := Stream(ctx, sources, runtime.GOMAXPROCS(0), func(batch []Spec) { batches = append(batches, batch) })
	if err != nil {
		return nil, err
	}
	return slices.Concat(batches...), nil
}

// batchSize is how many folders a worker of [Stream] reads at a time.
const batchSize = 128

// Stream reads every spec of the sources with as many workers and calls yield
// for those that lie next to each other, sorted by path from the first batch to
// the last, from the calling goroutine; a batch is never empty, and is the
// receiver's. It returns when all are read or ctx is done, and an error that is
// about a catalog as a whole: it cannot be listed, or is none.
func Stream(ctx context.Context, sources []Source, workers int, yield func([]Spec)) error {
	found, err := listAll(ctx, sources)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait() // also when yield panics: nothing reads on behind the caller's back
	defer cancel()
	batches := make([]chan []Spec, (len(found)+batchSize-1)/batchSize)
	for i := range batches {
		batches[i] = make(chan []Spec, 1)
	}
	var next atomic.Int64
	for range max(1, workers) {
		running.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(batches) || ctx.Err() != nil {
					return
				}
				batches[i] <- loadAll(ctx, found[i*batchSize:min((i+1)*batchSize, len(found))])
			}
		})
	}
	for _, batch := range batches {
		select {
		case specs := <-batch:
			if ctx.Err() == nil && len(specs) > 0 {
				yield(specs)
			}
		case <-ctx.Done():
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// loadAll reads the specs of some folders; when ctx is done, not all of them.
func loadAll(ctx context.Context, folders []location) []Spec {
	specs := make([]Spec, len(folders))
	n := 0
	for _, l := range folders {
		if ctx.Err() != nil {
			break
		}
		if l.load(&specs[n]) {
			n++
		}
	}
	return specs[:n]
}

// LoadFile reads one spec, named by a path that ends in
// PROTOCOL/NAME/spec.yaml; that ending is its Path. A spec that was found and
// cannot be read comes with its Err, which is then the error as well.
func LoadFile(file string) (Spec, error) {
	file = filepath.ToSlash(filepath.Clean(file))
	dir, l, err := locate(file)
	if err != nil {
		return Spec{}, err
	}
	if dir == "" && !strings.HasPrefix(file, "/") {
		dir = "."
	}
	source, closer, err := OpenDir(filepath.FromSlash(dir + "/"))
	if err != nil {
		return Spec{}, err
	}
	defer closer.Close()
	l.source = &source
	var spec Spec
	if !l.load(&spec) {
		return Spec{}, fmt.Errorf("there is no spec at %q", untrusted.Text(file))
	}
	if spec.Err != nil {
		return spec, spec.Err
	}
	return spec, nil
}

// IsSpecPath reports whether a path ends in PROTOCOL/NAME/spec.yaml, as that of a
// spec does.
func IsSpecPath(file string) bool {
	_, _, err := locate(filepath.ToSlash(filepath.Clean(file)))
	return err == nil
}

// locate returns where in a catalog a spec lies, and the catalog's folder, for a
// path that ends in PROTOCOL/NAME/spec.yaml.
func locate(file string) (dir string, l location, err error) {
	parts := strings.Split(file, "/")
	n := len(parts)
	if n < 3 || parts[n-1] != specFile || !Protocol(parts[n-3]).Known() || slices.Contains([]string{"", ".", ".."}, parts[n-2]) {
		return "", location{}, fmt.Errorf("expected a path that ends in %s, found %q", SpecPaths, untrusted.Text(file))
	}
	return strings.Join(parts[:n-3], "/"), new(Source).at(Protocol(parts[n-3]), parts[n-2]), nil
}

// location is a folder that may hold a spec.
type location struct {
	source   *Source
	protocol Protocol
	folder   string
	path     string // of the spec, below the source
	fullPath string // with the source's name before it
}

func (s *Source) at(protocol Protocol, folder string) location {
	l := location{source: s, protocol: protocol, folder: folder, path: string(protocol) + "/" + folder + "/" + specFile}
	if l.fullPath = l.path; s.Name != "" {
		l.fullPath = path.Join(s.Name, l.path)
	}
	return l
}

// listAll returns the folders of all catalogs that may hold a spec.
func listAll(ctx context.Context, sources []Source) ([]location, error) {
	var found []location
	names := map[string]bool{}
	for i := range sources {
		source := &sources[i]
		if names[source.Name] {
			return nil, fmt.Errorf("two catalogs are called %q", source.Name)
		}
		names[source.Name] = true
		locations, err := list(ctx, source)
		if err != nil {
			return nil, err
		}
		if found = append(found, locations...); len(found) > untrusted.MaxSpecs {
			return nil, fmt.Errorf("read catalog: %w: more than %d folders", untrusted.ErrTooLarge, untrusted.MaxSpecs)
		}
	}
	slices.SortFunc(found, func(a, b location) int { return strings.Compare(a.fullPath, b.fullPath) })
	return found, nil
}

// ErrNotCatalog is the error of a folder that holds no catalog.
var ErrNotCatalog = errors.New("not a catalog")

// list returns the folders of a catalog that may hold a spec.
func list(ctx context.Context, source *Source) ([]location, error) {
	var found []location
	catalogs := 0
	for _, protocol := range Protocols() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		names, err := source.folders(protocol)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read catalog: %w", err)
		}
		catalogs++
		for _, name := range names {
			if l := source.at(protocol, name); source.Skip == nil || !source.Skip(l.path) {
				found = append(found, l)
			}
		}
	}
	if catalogs == 0 {
		name := "this folder"
		if source.Name != "" {
			name = fmt.Sprintf("%q", source.Name)
		}
		unread := CountUnread(ctx, *source).String()
		if unread != "" {
			unread = ", but specs that are not read: " + unread
		}
		return nil, fmt.Errorf("%s is %w: expected a folder %s with NAME/spec.yaml in it, found none%s", name, ErrNotCatalog, ProtocolNames, unread)
	}
	return found, nil
}

// folders returns the names of the folders of a protocol. On a disk they may be
// names of files too, which have no spec either: to ask for each would take as
// long as to open it.
func (s *Source) folders(protocol Protocol) ([]string, error) {
	if on, ok := s.FS.(disk); ok {
		folder, err := on.open(string(protocol))
		if err != nil {
			return nil, err
		}
		defer folder.Close()
		return folder.Readdirnames(-1)
	}
	entries, err := fs.ReadDir(s.FS, string(protocol))
	var names []string
	for _, entry := range entries {
		if entry.IsDir() || entry.Type()&fs.ModeSymlink != 0 {
			names = append(names, entry.Name())
		}
	}
	return names, err
}

// load reads the spec into spec, whatever that held. False means that the folder
// holds none. Whatever goes wrong is the spec's own error, a panic included: no
// other spec notices.
func (l location) load(spec *Spec) (found bool) {
	*spec = Spec{
		Path:     untrusted.Text(l.fullPath),
		Protocol: l.protocol,
		Server:   untrusted.Text(l.folder),
	}
	defer func() {
		if p := recover(); p != nil {
			spec.Err = &SpecError{Path: spec.Path, Message: untrusted.Shorten(fmt.Sprintf("internal error while reading: %v", p), untrusted.MaxMessage)}
			found = true
		}
	}()
	data, err := l.read()
	if errors.Is(err, errNoSpec) {
		return false
	}
	if err != nil {
		spec.Err = &SpecError{Path: spec.Path, Message: untrusted.Message(err)}
		return true
	}
	spec.SHA256 = sha256.Sum256(data)
	parse(spec, data)
	return true
}

// errNoSpec is the error of a folder that holds no spec, which is no fault.
var errNoSpec = errors.New("no spec")

func (l location) read() ([]byte, error) {
	if data, ok := l.readAtOnce(); ok {
		return data, nil
	}
	data, err := untrusted.ReadRegular(l.source.FS, l.path, untrusted.MaxSpec)
	if err != nil {
		return nil, l.whyNot(err)
	}
	return data, nil
}

// readAtOnce reads the spec as nearly every one can be read, with a third of the
// questions that [untrusted.ReadRegular] asks the system. What it is, is asked of the
// open file. False means that there is something to be said about it.
func (l location) readAtOnce() ([]byte, bool) {
	on, ok := l.source.FS.(disk)
	if !ok || !fs.ValidPath(l.path) {
		return nil, false
	}
	file, err := on.open(l.path)
	if err != nil {
		return nil, false
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > untrusted.MaxSpec {
		return nil, false
	}
	data := make([]byte, info.Size()+1) // one more than there should be: it may grow
	n, err := io.ReadFull(file, data)
	return data[:n], err == io.ErrUnexpectedEOF || err == io.EOF
}

// whyNot returns why a spec could not be read: errNoSpec if the folder holds
// none.
func (l location) whyNot(err error) error {
	info, folderErr := fs.Stat(l.source.FS, path.Dir(l.path))
	switch {
	case errors.Is(folderErr, fs.ErrNotExist), folderErr == nil && !info.IsDir(): // a link to nothing or to a file
		return errNoSpec
	case folderErr != nil:
		return fmt.Errorf("expected a folder within the catalog: %w", folderErr)
	case errors.Is(err, fs.ErrNotExist):
		return errNoSpec
	}
	if _, system := errors.AsType[*fs.PathError](err); system {
		return fmt.Errorf("expected a file within the catalog: %w", err)
	}
	return err
}
