package catalog

import (
	"context"
	"path"

	"plimsoll/catalog/untrusted"
)

// Folder is a folder of a catalog that may hold a spec: npx/NAME or uvx/NAME.
type Folder struct {
	Protocol Protocol
	Name     string // as the file system has it, raw
}

// Folders returns the folders of the catalog that may hold a spec, symbolic
// links among them. The error is about the catalog as a whole.
func (s Source) Folders(ctx context.Context) ([]Folder, error) {
	found, err := listAll(ctx, []Source{s})
	if err != nil {
		return nil, err
	}
	folders := make([]Folder, len(found))
	for i, l := range found {
		folders[i] = Folder{l.protocol, l.folder}
	}
	return folders, nil
}

// Reload reads the spec of one folder as [Load] does: what cannot be read comes
// with its Err, and a link that leads out of the catalog is not followed. False
// means that the folder holds no spec, or is gone; the spec's Path is known all
// the same.
func (s Source) Reload(f Folder) (Spec, bool) {
	l := location{source: s, protocol: f.Protocol, folder: f.Name}
	spec, ok := l.load()
	if !ok {
		spec.Path = untrusted.Text(path.Join(s.Name, l.path()))
	}
	return spec, ok
}
