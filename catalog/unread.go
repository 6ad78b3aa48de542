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
// read: it does not know their protocol, or their files have another name.
type Unread struct {
	Folder  string `json:"folder"`         // cleaned
	Name    string `json:"name,omitempty"` // of the files, if it is not spec.yaml
	Specs   int    `json:"specs"`
	AtLeast bool   `json:"at_least,omitzero"` // the count was given up
}

// UnreadSpecs are all that a catalog holds, by folder.
type UnreadSpecs []Unread

// String says it in a few words: "189 under skills/, 1 named spec.yml, not
// spec.yaml, under npx/"; "" for none.
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
		if f.Name != "" {
			n += " named " + f.Name + ", not " + specFile + ","
		}
		parts = append(parts, n+" under "+f.Folder+"/")
	}
	return strings.Join(parts, ", ")
}

// CountUnread counts the specs FOLDER/NAME/spec.yaml of the sources whose
// folder is of no protocol that plimsoll reads, and those of its protocols that
// have another name, most first; those that a source skips are not counted. It
// opens none of them. What cannot be listed is not counted: it may be anything.
func CountUnread(ctx context.Context, sources ...Source) UnreadSpecs {
	var found UnreadSpecs
	left := maxUnreadEntries
	for _, source := range sources {
		for _, top := range entries(source.FS, ".", &left) {
			if name := top.Name(); top.IsDir() && (Protocol(name).Known() || !strings.HasPrefix(name, ".")) && ctx.Err() == nil {
				found = append(found, unreadUnder(source, name, &left)...)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b Unread) int { return b.Specs - a.Specs })
	return found
}

// unreadUnder counts the specs under a folder by their folders and names.
func unreadUnder(source Source, top string, left *int) (found []Unread) {
	folder := func(at string) string { return untrusted.Clean(path.Join(source.Name, at)) }
	skipped := func(file string) bool { return source.Skip != nil && source.Skip(file) }
	add := func(name string) {
		i := slices.IndexFunc(found, func(u Unread) bool { return u.Name == name })
		if i < 0 {
			i = len(found)
			found = append(found, Unread{Folder: folder(top), Name: name})
		}
		found[i].Specs++
	}
	var deeper []Unread
	for _, entry := range entries(source.FS, top, left) {
		at := path.Join(top, entry.Name())
		switch is := isFile(source.FS, path.Join(at, specFile)); {
		case is == Protocol(top).Known(): // it is read, or there is none
		case is:
			if !skipped(path.Join(at, specFile)) {
				add("")
			}
		default:
			below := Unread{Folder: folder(at)}
			for _, inner := range entries(source.FS, at, left) {
				name := inner.Name()
				switch file := path.Join(at, name, specFile); {
				case isFile(source.FS, file): // npx/@acme/x/spec.yaml
					if !skipped(file) {
						below.Specs++
					}
				case name != specFile && slices.Contains([]string{specFile, "spec.yml", "spec.json"}, untrusted.LowerASCII(name)):
					if !skipped(path.Join(at, name)) {
						add(name)
					}
				}
			}
			if below.Specs > 0 {
				deeper = append(deeper, below)
			}
		}
	}
	found = append(found, deeper...)
	for i := range found {
		found[i].AtLeast = *left == 0
	}
	return found
}

func isFile(tree fs.FS, name string) bool {
	info, err := fs.Stat(tree, name)
	return err == nil && info.Mode().IsRegular()
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
