package cli

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// closedStream is a stream that was closed before the program began.
type closedStream string

// Write implements io.Writer.
func (name closedStream) Write([]byte) (int, error) {
	return 0, &fs.PathError{Op: "write", Path: string(name), Err: syscall.EBADF}
}

// unlessClosed returns a stream of the process, or one that fails if there was none.
//
// In place of a closed one Go's runtime opens /dev/null for reading and writing: so do
// Python and node for whoever throws output away, which is no fault. It was closed if a
// shell, which opens it for writing alone, is the parent and has another stream itself.
// That can be seen on Linux alone.
func unlessClosed(stream io.Writer) io.Writer {
	f, ok := stream.(*os.File)
	if !ok || !devNull("self", f.Fd()) {
		return stream
	}
	parent := strconv.Itoa(os.Getppid())
	name, err := os.ReadFile(filepath.Join("/proc", parent, "comm"))
	if err != nil || !slices.Contains(shells, strings.TrimSpace(string(name))) || devNull(parent, f.Fd()) {
		return stream
	}
	return closedStream(f.Name())
}

var shells = []string{"ash", "bash", "busybox", "dash", "fish", "ksh", "mksh", "sh", "zsh"}

// devNull reports whether a process has /dev/null open for reading and writing.
func devNull(process string, fd uintptr) bool {
	dir, number := filepath.Join("/proc", process), strconv.Itoa(int(fd))
	if link, err := os.Readlink(filepath.Join(dir, "fd", number)); err != nil || link != os.DevNull {
		return false
	}
	info, err := os.ReadFile(filepath.Join(dir, "fdinfo", number))
	for line := range strings.Lines(string(info)) {
		if text, found := strings.CutPrefix(line, "flags:"); found && err == nil {
			flags, err := strconv.ParseInt(strings.TrimSpace(text), 8, 64)
			return err == nil && flags&3 == 2 // O_ACCMODE, O_RDWR
		}
	}
	return false
}
