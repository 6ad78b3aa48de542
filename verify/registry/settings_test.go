package registry

import (
	"path/filepath"
	"strings"
	"testing"

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
