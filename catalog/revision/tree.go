package revision

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"plimsoll/catalog/untrusted"
)

// Tree returns the catalog as it was committed.
func (r *Repository) Tree(ctx context.Context, commit string) (fs.FS, error) {
	if !objectName.MatchString(commit) {
		return nil, fmt.Errorf("expected the full name of a commit, found %q", untrusted.Excerpt(commit))
	}
	out, err := r.git(ctx, "ls-tree", "-r", "-z", "--full-tree", commit)
	if err != nil {
		return nil, err
	}
	t := tree{".": {name: ".", mode: fs.ModeDir | 0o555}}
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		head, name, ok := strings.Cut(line, "\t")
		fields := strings.Fields(head)
		name, below := strings.CutPrefix(name, r.prefix)
		if !ok || len(fields) != 3 || !below || !fs.ValidPath(name) || fields[1] != "blob" || fields[0] == "120000" {
			continue
		}
		data, err := r.git(ctx, "cat-file", "blob", fields[2])
		if err != nil {
			return nil, err
		}
		t.add(name, data)
	}
	return t, nil
}

// tree is a committed catalog by path. It implements fs.FS.
type tree map[string]*node

// node is a file or a folder of a tree. It is its own fs.FileInfo and
// fs.DirEntry.
type node struct {
	name    string // the last element of its path
	mode    fs.FileMode
	data    string
	entries []fs.DirEntry // of a folder
}

func (t tree) add(name, data string) {
	n := &node{name: path.Base(name), mode: 0o444, data: data}
	for t[name] == nil {
		t[name] = n
		folder := path.Dir(name)
		parent := t[folder]
		if parent == nil {
			parent = &node{name: path.Base(folder), mode: fs.ModeDir | 0o555}
		}
		parent.entries = append(parent.entries, n)
		name, n = folder, parent
	}
}

// Open implements fs.FS.
func (t tree) Open(name string) (fs.File, error) {
	n := t[name]
	if n == nil || !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return &file{node: n, Reader: strings.NewReader(n.data)}, nil
}

// ReadDir implements fs.ReadDirFS.
func (t tree) ReadDir(name string) ([]fs.DirEntry, error) {
	n := t[name]
	if n == nil || !n.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: fs.ErrNotExist}
	}
	entries := slices.Clone(n.entries)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return int64(len(n.data)) }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) Sys() any                   { return nil }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }

// file is an open node.
type file struct {
	*node
	io.Reader
}

func (f *file) Stat() (fs.FileInfo, error) { return f.node, nil }
func (f *file) Close() error               { return nil }
