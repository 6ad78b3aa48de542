package catalog

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
)

// maxUnreadEntries bounds how many entries [CountUnread] looks at: a folder
// that is no catalog at all, or the root of a disk, must not take minutes.
const maxUnreadEntries = 20_000

// Unread counts the specs under one folder of a catalog that plimsoll does not
// read: it does not know their protocol.
type Unread struct {
	Folder  string `json:"folder"` // cleaned
	Specs   int    `json:"specs"`
	AtLeast bool   `json:"at_least,omitzero"` // the count was given up
}

// UnreadSpecs are all that a catalog holds, by folder.
type UnreadSpecs []Unread

// String says it in a few words: "189 under skills/, 1 under go/"; "" for
// none.
func (u UnreadSpecs) String() string {
	const most = 3
	var parts []string
	for i, f := range u {
		if i == most {
			parts = append(parts, fmt.Sprintf("more under %d other folders", len(u)-most))
			break
		}
		n := fmt.Sprint(f.Specs)
		if f.AtLeast {
			n = "at least " + n
		}
		parts = append(parts, n+" under "+f.Folder+"/")
	}
	return strings.Join(parts, ", ")
}

// CountUnread counts the specs FOLDER/NAME/spec.yaml of the sources whose
// folder is of no protocol that plimsoll reads, most first. It opens none of
// them. What cannot be listed is not counted: it may be anything.
func CountUnread(ctx context.Context, sources ...Source) UnreadSpecs {
	var found UnreadSpecs
	left := maxUnreadEntries
	for _, source := range sources {
		for _, top := range entries(source.FS, ".", &left) {
			if name := top.Name(); top.IsDir() && !isProtocol(name) && !strings.HasPrefix(name, ".") && ctx.Err() == nil {
				u := Unread{Folder: untrusted.Clean(path.Join(source.Name, name))}
				for _, entry := range entries(source.FS, name, &left) {
					if info, err := fs.Stat(source.FS, path.Join(name, entry.Name(), specFile)); err == nil && info.Mode().IsRegular() {
						u.Specs++
					}
				}
				if u.AtLeast = left == 0; u.Specs > 0 {
					found = append(found, u)
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Unread) int { return b.Specs - a.Specs })
	return found
}

// entries lists a folder as far as left allows, and takes from it what was
// listed.
func entries(tree fs.FS, name string, left *int) []fs.DirEntry {
	if *left == 0 {
		return nil
	}
	file, err := tree.Open(name)
	if err != nil {
		return nil
	}
	defer file.Close()
	folder, ok := file.(fs.ReadDirFile)
	if !ok {
		return nil
	}
	listed, err := folder.ReadDir(*left)
	if err != nil {
		return nil
	}
	*left -= len(listed)
	slices.SortFunc(listed, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return listed
}
