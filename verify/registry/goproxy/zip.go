package goproxy

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/mod/sumdb/dirhash"
	modzip "golang.org/x/mod/zip"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// zip gets the module's zip, and its hash as go.sum has it. One that is served and
// cannot be read leaves the module unchecked; one that is not served leaves it to its
// record.
func (f *fetch) zip(ctx context.Context, artifact *verify.Artifact) {
	f.progress.Tell("fetching the module's zip")
	name, err := file(f.module, f.version, ".zip")
	if err != nil {
		artifact.Record.ZipError = untrusted.Message(err)
		return
	}
	req := registry.Request{What: "module's zip", Limit: untrusted.MaxModuleZip, Immutable: true, Plain: true}
	var broken error
	var lacks string
	source, err := f.ask(ctx, name, req, func(_ proxy, body []byte) error {
		var z *moduleZip
		lacks = ""
		if z, broken = openZip(body); broken == nil {
			artifact.Record.Zip, broken = z.hash(ctx)
		}
		folder := strings.Trim(strings.TrimPrefix(f.name, f.module), "/")
		if broken == nil && folder != "" && !z.holds(f.module+"@"+f.version, folder) {
			lacks = fmt.Sprintf("the package %q is needed, but the zip of %q has no Go file of it: "+
				"go install looks in another module then", untrusted.Excerpt(f.name), untrusted.Excerpt(f.module))
		}
		return broken
	})
	switch {
	case broken != nil:
		artifact.Missing = "the module's zip is served, but cannot be read: " + untrusted.Message(broken)
	case err != nil:
		artifact.Record.ZipError = untrusted.Message(err)
	default:
		f.evidence.Sources = append(f.evidence.Sources, source)
		artifact.Missing = cmp.Or(lacks, artifact.Missing)
	}
}

// moduleZip is a module's zip, of which nothing is unpacked.
type moduleZip struct {
	names []string
	files map[string]*zip.File
}

// maxZipDirectory bounds the bytes of a zip's list of files: what is made of them is
// several times as large.
const maxZipDirectory = 8 << 20

// openZip reads the list of files of a zip. All together are no larger than those of
// a module may be (https://go.dev/ref/mod#zip-path-size-constraints).
func openZip(body []byte) (*moduleZip, error) {
	from := &budget{r: bytes.NewReader(body), left: maxZipDirectory}
	read, err := zip.NewReader(from, int64(len(body)))
	if err != nil {
		return nil, err
	}
	from.left = -1
	z, size := &moduleZip{files: make(map[string]*zip.File, len(read.File))}, uint64(0)
	for _, file := range read.File {
		z.names, z.files[file.Name] = append(z.names, file.Name), file
		if size += min(file.UncompressedSize64, modzip.MaxZipFile+1); size > modzip.MaxZipFile {
			return nil, fmt.Errorf("%w: its files are more than %d bytes", untrusted.ErrTooLarge, modzip.MaxZipFile)
		}
	}
	return z, nil
}

// hash returns the hash over the files as go.sum has it. No file gives more bytes than
// the list says, and those were added up.
func (z *moduleZip) hash(ctx context.Context) (string, error) {
	return dirhash.Hash1(z.names, func(name string) (io.ReadCloser, error) {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return z.files[name].Open()
	})
}

// holds reports whether the zip has a Go file in a folder of the module, which is
// then a package.
func (z *moduleZip) holds(prefix, folder string) bool {
	for _, name := range z.names {
		if path.Dir(name) == path.Join(prefix, folder) && strings.HasSuffix(name, ".go") {
			return true
		}
	}
	return false
}

// budget is an [io.ReaderAt] of so many bytes, or without end if left is negative.
type budget struct {
	r    io.ReaderAt
	left int
}

func (b *budget) ReadAt(p []byte, at int64) (int, error) {
	if b.left >= 0 {
		if b.left -= len(p); b.left < 0 {
			return 0, errors.New("its list of files is too long")
		}
	}
	return b.r.ReadAt(p, at)
}
