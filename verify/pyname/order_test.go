package pyname

import "testing"

func TestCompareVersions(t *testing.T) {
	t.Parallel()
	ordered := []string{"0.9", "1.0.dev1", "1.0a1", "1.0b2", "1.0rc1", "1.0", "1.0.post1", "1.0.1", "1.9", "1.10", "2.0", "1!0.1"}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got, err := CompareVersions(a, b); err != nil || got != want {
				t.Errorf("CompareVersions(%q, %q) = %d, %v, want %d", a, b, got, err, want)
			}
		}
	}
	if got, err := CompareVersions("1.0", "1.0.0"); err != nil || got != 0 {
		t.Errorf("1.0 and 1.0.0: %d, %v", got, err)
	}
	for _, bad := range []string{"", "2004d", "1.0\x1b"} {
		if _, err := CompareVersions(bad, "1.0"); err == nil {
			t.Errorf("%q was compared", bad)
		}
		if _, err := CompareVersions("1.0", bad); err == nil {
			t.Errorf("%q was compared", bad)
		}
	}
}

func TestMajor(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, want   string
		prerelease bool
	}{
		{"1.2.3", "1", false}, {"v2", "2", false}, {"0.0.1", "0", false}, {"1!2.0", "1!2", false}, {"0!3.1", "3", false},
		{"3.0rc1", "3", true}, {"3.0.dev1", "3", true}, {"3.0.post1", "3", false}, {"10.0+local.1", "10", false}, {"01.2", "1", false},
	} {
		got, prerelease, err := Major(tt.in)
		if err != nil || got != tt.want || prerelease != tt.prerelease {
			t.Errorf("Major(%q) = %q, %v, %v, want %q, %v", tt.in, got, prerelease, err, tt.want, tt.prerelease)
		}
	}
	if _, _, err := Major("latest"); err == nil {
		t.Error("\"latest\" has a major number")
	}
}
