package termguard

import (
	"os"
	"testing"
)

func TestRestore(t *testing.T) {
	t.Setenv("TERM", "whatever") // so that the test leaves no trace
	for _, tt := range []struct {
		test, value string
		set         bool
	}{{"a name", "xterm-256color", true}, {"an empty name", "", true}, {"no name", "", false}} {
		t.Run(tt.test, func(t *testing.T) {
			if tt.set {
				os.Setenv("TERM", tt.value)
			} else {
				os.Unsetenv("TERM")
			}
			name, set = hush()
			if os.Getenv("TERM") != "dumb" {
				t.Error("the terminal is not called dumb")
			}
			Restore()
			Restore()
			if value, is := os.LookupEnv("TERM"); value != tt.value || is != tt.set {
				t.Errorf("TERM is %q (set %v), want %q (%v)", value, is, tt.value, tt.set)
			}
		})
	}
}
