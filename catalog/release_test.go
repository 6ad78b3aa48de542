package catalog

import (
	"strings"
	"testing"
)

func TestPackageNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		protocol Protocol
		good     []string
		bad      []string
	}{
		{NPX,
			[]string{"x", "left-pad", "@acme/x", "@acme-corp/x.y_z", "JSONStream", "1", "a~b", strings.Repeat("a", 214), "@a/-"},
			[]string{"", ".", "..", ".hidden", "a/b", "@a", "@/a", "@a/", "@a/b/c", "@a/..", "@../a", "@a/.b", "../a", "a/../b", "/a", `a\b`,
				"a b", "a\n", "a\x00", "\x1b[2J", "a%2fb", "a?b", "a#b", "a@1.0.0", "@a@b/c", "-g", "--prefix=x", "ünicode", "\u202ea", "a;b", "$(a)", "a(b)", "a'b", "a*",
				strings.Repeat("a", 215)}},
		{UVX,
			[]string{"x", "1", "awslabs.aws-diagram-mcp-server", "A_b", "a--b"},
			[]string{"", "-a", "a-", ".a", "a.", "_", "..", "a/b", "@a/b", "a b", "a[cli]", "a==1", "a\n", "a\x00b", "aſb", "\u212a", "ünicode",
				strings.Repeat("a", 257)}},
	} {
		for _, name := range test.good {
			if err := checkName(test.protocol, name); err != nil {
				t.Errorf("%s: %v", test.protocol, err)
			}
		}
		for _, name := range test.bad {
			if checkName(test.protocol, name) == nil {
				t.Errorf("%s: %q was taken for a name", test.protocol, name)
			}
		}
	}
}

func TestVersions(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		protocol Protocol
		good     []string
		bad      []string
	}{
		{NPX,
			[]string{"0.0.0", "1.2.3", "1.0.0-rc.1", "1.0.0-0.3.7", "1.0.0+build.5", "1.0.0-a+b", "1.0.20260112001"},
			[]string{"", "1", "1.0", "1.10", "1.0-rc.1", "v1.0.0", "=1.0.0", "^1.0.0", "~1.0.0", ">=1.0.0", "1.x", "1.0.x", "*", "latest", "next",
				"1.0.0 ", " 1.0.0", "1.0.0 || 2.0.0", "01.0.0", "1.0.0-01", "1.0.0/..", "1.0.0\n", "1.0.0\x00", "1.0.0-ü", "file:x", "1.0.0-" + strings.Repeat("a", 256)}},
		{UVX,
			[]string{"1", "1.0", "1.10", "2026.7.4", "1!1.0", "1.0rc1", "1.0.RC1", "1.0.post1", "1.0.dev3", "1.0+local.1"},
			[]string{"", "latest", "==1.0", ">=1.0", "~=1.0", "1.*", "1.0,2.0", "1.0 ", "\t1.0", "1.0/..", "1.0\x00", "1.0.poſt1", "^1.0.0", "1.0.0-foo",
				"99999999999999999999999", strings.Repeat("1", 300)}},
	} {
		for _, version := range test.good {
			if err := checkVersion(test.protocol, version); err != nil {
				t.Errorf("%s: %v", test.protocol, err)
			}
		}
		for _, version := range test.bad {
			err := checkVersion(test.protocol, version)
			if err == nil {
				t.Errorf("%s: %q was taken for a version", test.protocol, version)
			} else if !strings.HasPrefix(err.Error(), "expected an exact version, found ") {
				t.Errorf("%s: %q: %v", test.protocol, version, err)
			}
		}
	}
}
