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
			} else if says := err.Error(); !strings.HasPrefix(says, "expected an exact version, found ") && !strings.Contains(says, ": it is exact, and not a version by ") {
				t.Errorf("%s: %q: %v", test.protocol, version, err)
			}
		}
	}
}

// What is no version is called what it is.
func TestVersionsThatAreNone(t *testing.T) {
	t.Parallel()
	const (
		span    = "expected an exact version, found the range or requirement "
		tag     = "expected an exact version, found the tag "
		address = "expected an exact version, found the address or path "
		other   = "expected an exact version, found \""
	)
	for _, test := range []struct {
		protocol Protocol
		want     string
		versions []string
	}{
		{NPX, span, []string{"1", "1.0", "v1", "^1", "~1.2.3", ">=1.0.0", "=1.0.0", "<2", "1.x", "1.0.X", "*", "x", "1.0.*", "1 || 2", "1.0.0 - 2.0.0", "1.0.0,2.0.0"}},
		{UVX, span, []string{"==1.0", "===1.0", ">=1", "~=1.0", "!=1.0", "<2", "1.*", "1.0.*", "1.x", "*", "1.0,2.0", "1.0 ; python_version > '3'", "1.0[cli]", "^1.0", "1.0 .post1"}},
		{NPX, tag, []string{"latest", "next", "canary"}},
		{UVX, tag, []string{"latest", "main"}},
		{NPX, address, []string{"https://code.example/x.tgz", "git+ssh://git@code.example/a/b.git", "file:../x", "npm:other@1.0.0", "acme/http", "1.0.0/.."}},
		{UVX, address, []string{"git+https://code.example/a/b@v1", "./x", "1.0/.."}},
		{NPX, other, []string{"1.0.0\n", "1.0.0-\u00fc", "\x1b[2J", "-", "(1.0.0)"}},
		{UVX, other, []string{"1.0 ", "1.0\r", "1.0.po\u017ft1", "\t1.0", "\uff11.0"}},
		{NPX, "by Semantic Versioning such as", []string{"v1.2.3", "1.2.3-", "01.2.3", "1.2.3.4", "1.0.0-01", "1.0-rc.1", "1.2.3+", "3f2c1ab", "beta2", "2024-01-01"}},
		{UVX, "by PEP 440 such as", []string{"1.0-beta-x", "2004d", "1.0.0-foo", "1.0-", "1.0+", "1..0", "3f2c1ab", "release-1.0", "1.0_x", "2024-01-01", "v1.2.3-7-g3f2c1ab"}},
	} {
		for _, version := range test.versions {
			if err := checkVersion(test.protocol, version); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: %q: %v, want %q", test.protocol, version, err, test.want)
			}
		}
	}
}

// A version is what the file says, whatever YAML takes it for.
func TestVersionsAsWritten(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"1.10": "1.10", "1.0": "1.0", "2026.0720": "2026.0720", "20240101": "20240101", "0x10": "0x10", "1e3": "1e3", "1_000": "1_000", "+1": "+1", ".5": ".5", "1.": "1.",
		"2024-01-01": "2024-01-01", "12:30": "12:30", "99999999999999999999": "99999999999999999999", "'1.10'": "1.10", "\"1.10\"": "1.10", "1.10 # not 1.1": "1.10",
		"0o17": "0o17", ".inf": ".inf", ">-\n    1.10": "1.10",
	} {
		s := read(UVX, "metadata: {name: x}\nspec:\n  package: x\n  version: "+written+"\n")
		if string(s.Version) != want {
			t.Errorf("%s is read as %q (%v)", written, string(s.Version), s.Err)
		}
	}
	for _, written := range []string{"true", "null", "~", "", "[1.0]", "{a: 1}", "!!binary MS4w", "''"} {
		if s := read(UVX, "metadata: {name: x}\nspec:\n  package: x\n  version: "+written+"\n"); s.Err == nil || s.Err.Line != 4 || !strings.Contains(s.Err.Message, "spec.version: expected ") {
			t.Errorf("%s is read as %q (%v)", written, string(s.Version), s.Err)
		}
	}
}
