package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"plimsoll/catalog/untrusted"
)

// exportFile writes a file that everybody may read. Without overwrite it must
// not exist, and the error wraps [fs.ErrExist] if it does; with it, what was
// there is replaced as a whole, so that a write which fails loses nothing.
// Folders, symbolic links and whatever else is no file are refused: a link in a
// folder that others write to would choose what is overwritten. A leading "~/"
// is the home folder; nothing else in the name means anything.
func exportFile(name string, data []byte, overwrite bool) error {
	if rest, home := strings.CutPrefix(name, "~/"); home {
		folder, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("find the home folder: %w", err)
		}
		name = filepath.Join(folder, rest)
	}
	if untrusted.Clean(name) != name {
		return fmt.Errorf("the name %q holds characters that cannot be seen", untrusted.Text(name))
	}
	switch info, err := os.Lstat(name); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%q is a folder", name)
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%q is a symbolic link: name the file itself, or remove the link", name)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%q is no ordinary file", name)
	case overwrite:
		untrusted.RemoveTemporary(filepath.Dir(name))
		return untrusted.ReplaceFile(name, data, 0o644)
	}
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	// It is ours now, and empty until it is whole: a part of a table looks like a table.
	info, err := file.Stat()
	if err = errors.Join(err, file.Close()); err == nil {
		err = untrusted.ReplaceFile(name, data, info.Mode().Perm())
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return err
}
