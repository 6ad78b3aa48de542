package registry

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/testfiles"
)

// Settings that are there and are not read are told, and only where they count.
func TestUnreadOnWindows(t *testing.T) {
	t.Parallel()
	there := filepath.Join(t.TempDir(), "pip.ini")
	testfiles.Write(t, there, "[global]\nindex-url = https://private.example/simple\n")
	missing := filepath.Join(t.TempDir(), "uv.toml")
	err := UnreadOnWindows("windows", missing, there)
	if err == nil || !strings.Contains(err.Error(), "pip.ini") {
		t.Errorf("the file that is there: %v", err)
	}
	for name, err := range map[string]error{
		"nothing there":  UnreadOnWindows("windows", missing),
		"no folder":      UnreadOnWindows("windows", filepath.Join("", "pip", "pip.ini")),
		"another system": UnreadOnWindows("linux", there),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A configuration file that is none is not waited for; the null device is how people
// say that there is none.
func TestSettingsThatAreNoFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, pipe := filepath.Join(dir, "pip.conf"), filepath.Join(dir, "pipe")
	testfiles.Write(t, file, "[global]\n")
	testfiles.NamedPipe(t, pipe)
	for _, c := range []struct {
		name, text string
		there      bool
		refused    string
	}{
		{file, "[global]\n", true, ""},
		{filepath.Join(dir, "missing"), "", false, ""},
		{os.DevNull, "", true, ""},
		{pipe, "", false, "expected a regular file"},
		{dir, "", false, "expected a regular file"},
	} {
		data, err := ReadSettings(c.name)
		if string(data) != c.text || (data != nil) != c.there || (err == nil) != (c.refused == "") ||
			!strings.Contains(untrusted.Message(err), c.refused) {
			t.Errorf("%s: read %q, error %v", c.name, data, err)
		}
	}
}
