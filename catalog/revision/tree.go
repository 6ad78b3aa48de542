package revision

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"sync"

	"plimsoll/catalog/untrusted"
)

// Tree is a catalog as it was committed. It implements [fs.FS] as the folder
// would after a checkout, which [catalog.OpenDir] opens: symbolic links are
// followed, and none leads out of it. Nothing is read before it is asked for.
type Tree struct {
	repository *Repository
	root       node
}

// folders are those that were read, by the names of their objects: most are the
// same in two commits.
type folders struct {
	mu    sync.Mutex
	read  map[string]map[string]node
	bytes int // of their objects
}

// maxTrees bounds, in bytes, the objects of all folders that are read.
const maxTrees = 256 << 20

// node is one entry of a folder.
type node struct {
	name   string // the last element of its path
	mode   fs.FileMode
	module bool   // a submodule, whose files are of another repository
	object string // the full name of its object, "" for the root of a catalog that does not exist
}

// Tree returns the catalog as it was in a commit, given by its full name. It has no
// file if the commit does not have the folder.
func (r *Repository) Tree(commit string) (*Tree, error) {
	if !objectName.MatchString(commit) {
		return nil, fmt.Errorf("expected the full name of a commit, found %q", untrusted.Excerpt(commit))
	}
	object, _, err := r.commit(commit)
	if err != nil {
		return nil, err
	}
	t := &Tree{r, node{name: ".", mode: fs.ModeDir | 0o555, object: object}}
	root, err := t.find(r.named, true)
	if errors.Is(err, fs.ErrNotExist) { // a link of the work tree alone
		root, err = t.find(r.prefix, true)
	}
	if root.module {
		err = errModule
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%q in commit %.12s: %w", untrusted.Text(r.prefix), commit, err)
	}
	t.root.object = "" // no folder, no files
	if root.mode.IsDir() {
		t.root.object = root.object
	}
	return t, nil
}

var (
	errModule    = errors.New("expected a folder, found a submodule, whose files are not in this repository's commits")
	errEscapes   = errors.New("path escapes from parent") // in the words of os.Root
	errNoFolder  = errors.New("not a directory")
	errManyLinks = errors.New("too many levels of symbolic links")
)

// maxLinks is how many symbolic links one path may have, and maxTarget how long
// the target of one may be.
const (
	maxLinks  = 40
	maxTarget = 4 << 10
)

// find returns what a path names. A symbolic link at its end is followed if follow
// is set.
func (t *Tree) find(name string, follow bool) (node, error) {
	at := []node{t.root} // the folders that lead there, and at last what was found
	steps := strings.Split(name, "/")
	for links := 0; len(steps) > 0; {
		step := steps[0]
		steps = steps[1:]
		here := at[len(at)-1]
		switch {
		case step == "" || step == ".":
			continue
		case !here.mode.IsDir():
			return node{}, errNoFolder
		case step == "..":
			if len(at) == 1 {
				return node{}, errEscapes
			}
			at = at[:len(at)-1]
			continue
		}
		entries, err := t.folder(here)
		if err != nil {
			return node{}, err
		}
		next, ok := entries[step]
		if !ok {
			return node{}, fs.ErrNotExist
		}
		if next.mode&fs.ModeSymlink == 0 || len(steps) == 0 && !follow {
			at = append(at, next)
			continue
		}
		if links++; links > maxLinks {
			return node{}, errManyLinks
		}
		target, err := t.repository.objects.read(next.object, "blob", maxTarget)
		if err != nil {
			return node{}, err
		}
		if bytes.HasPrefix(target, []byte("/")) {
			return node{}, errEscapes
		}
		steps = append(strings.Split(string(target), "/"), steps...)
	}
	return at[len(at)-1], nil
}

// folder returns the entries of a folder by their names.
func (t *Tree) folder(n node) (map[string]node, error) {
	if n.module {
		return nil, errModule
	}
	if n.object == "" {
		return nil, nil
	}
	f := &t.repository.folders
	f.mu.Lock()
	defer f.mu.Unlock()
	if entries, ok := f.read[n.object]; ok {
		return entries, nil
	}
	data, err := t.repository.objects.read(n.object, "tree", maxTree)
	if err != nil {
		return nil, err
	}
	if f.bytes += len(data); f.bytes > maxTrees {
		return nil, fmt.Errorf("read folders: %w: more than %d bytes", untrusted.ErrTooLarge, maxTrees)
	}
	entries, err := parseTree(data, hex.DecodedLen(len(n.object)))
	if err != nil {
		return nil, fmt.Errorf("tree %.12s: %w", n.object, err)
	}
	if f.read == nil {
		f.read = map[string]map[string]node{}
	}
	f.read[n.object] = entries
	return entries, nil
}

// parseTree reads a tree object: of each entry its mode in octal, a space, its
// name, a NUL, and the name of its object in that many bytes. It refuses what git
// would not check out, and a name that stands twice, which may become either file.
func parseTree(data []byte, size int) (map[string]node, error) {
	entries := map[string]node{}
	for len(data) > 0 {
		head, rest, ok := bytes.Cut(data, []byte{0})
		octal, name, spaced := strings.Cut(string(head), " ")
		mode, err := strconv.ParseUint(octal, 8, 32)
		if !ok || !spaced || err != nil || len(rest) < size {
			return nil, fmt.Errorf("expected an entry of a folder, found %q", untrusted.Excerpt(string(head)))
		}
		if name == "" || name == "." || name == ".." || strings.Contains(name, "/") {
			return nil, fmt.Errorf("expected the name of a file, found %q", untrusted.Excerpt(name))
		}
		if _, twice := entries[name]; twice {
			return nil, fmt.Errorf("expected one file of a name, found %q twice", untrusted.Excerpt(name))
		}
		n := node{name: name, object: hex.EncodeToString(rest[:size])}
		switch mode & 0o170000 {
		case 0o040000:
			n.mode = fs.ModeDir | 0o555
		case 0o100000:
			n.mode = 0o444
		case 0o120000:
			n.mode = fs.ModeSymlink | 0o444
		case 0o160000:
			n.mode, n.module = fs.ModeDir|0o555, true
		default:
			return nil, fmt.Errorf("expected the mode of a file or a folder, found %q", untrusted.Excerpt(octal))
		}
		entries[name], data = n, rest[size:]
	}
	return entries, nil
}

// list returns the entries of a folder, sorted by name.
func (t *Tree) list(n node) ([]fs.DirEntry, error) {
	entries, err := t.folder(n)
	if err != nil {
		return nil, err
	}
	out := make([]fs.DirEntry, 0, len(entries))
	for _, e := range entries {
		out = append(out, fs.FileInfoToDirEntry(info{e}))
	}
	slices.SortFunc(out, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return out, nil
}
