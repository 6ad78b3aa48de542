package pyname

import (
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/seeds"
)

func TestNormalizeName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in, want string }{
		{"already", "requests", "requests"},
		{"case and underscore", "Friendly_Bard", "friendly-bard"},
		{"dots", "awslabs.aws-docs", "awslabs-aws-docs"},
		{"runs", "friendly--._bard", "friendly-bard"},
		{"trailing stays apart", "bard-", "bard-"},
		{"Kelvin sign is not a k", "\u212aernel", "\u212aernel"},
		{"the whole alphabet", "ABCxyzXYZ@[`{", "abcxyzxyz@[`{"},
		{"empty", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := NormalizeName(tt.in); got != tt.want {
				t.Errorf("NormalizeName(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestValidName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "A1", "mcp-clickhouse", "awslabs.aws_docs", "0x", "Z9", "z", strings.Repeat("a", untrusted.MaxPackageName)} {
		if !ValidName(name) {
			t.Errorf("ValidName(%q) = false", name)
		}
	}
	for _, name := range []string{"", "-a", "a-", ".a", "a/b", "../a", "a b", "a[cli]", "\u212aernel", "a\x1b[2J", "a%2fb", strings.Repeat("a", untrusted.MaxPackageName+1), "a/", "a:", "`", "{"} {
		if ValidName(name) {
			t.Errorf("ValidName(%q) = true", name)
		}
	}
}

func TestEqualVersions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		want       bool
	}{
		{"same", "1.2.3", "1.2.3", true},
		{"trailing zero", "1.0", "1.0.0", true},
		{"many trailing zeros", "1", "1.0.0.0.0", true},
		{"inner zero", "1.0.1", "1.1", false},
		{"leading zero", "1.02", "1.2", true},
		{"leading v", "v1.0", "1.0", true},
		{"release candidate", "1.0rc1", "1.0.RC1", true},
		{"spelt out", "1.0-preview_1", "1.0rc1", true},
		{"c is rc", "1.0c1", "1.0rc1", true},
		{"implicit zero of a pre-release", "1.0a", "1.0a0", true},
		{"a is not b", "1.0a1", "1.0b1", false},
		{"pre-release is not the release", "1.0rc1", "1.0", false},
		{"post", "1.0.post1", "1.0-1", true},
		{"post spelt rev", "1.0rev1", "1.0.post1", true},
		{"post 0 is not the release", "1.0.post0", "1.0", false},
		{"post implicit zero", "1.0.post", "1.0.post0", true},
		{"dev", "1.0.dev1", "1.0dev1", true},
		{"dev 0 is not the release", "1.0.dev0", "1.0", false},
		{"dev and pre", "1.0a1.dev1", "1.0a1", false},
		{"epoch", "1!1.0", "1!1.0.0", true},
		{"epoch is not no epoch", "1!1.0", "1.0", false},
		{"epoch 0 is no epoch", "0!1.0", "1.0", true},
		{"local", "1.0+abc", "1.0.0+ABC", true},
		{"local separators", "1.0+ubuntu-1", "1.0+ubuntu.1", true},
		{"local underscore", "1.0+ubuntu_1", "1.0+ubuntu.1", true},
		{"local number", "1.0+01", "1.0+1", true},
		{"local word", "1.0+a1", "1.0+a01", false},
		{"local is not no local", "1.0+abc", "1.0", false},
		{"longer local", "1.0+abc.1", "1.0+abc", false},
		{"substring", "1.0", "1.0.1", false},
		{"prefix", "1.1", "11.1", false},
		{"calendar", "2026.7.4", "2026.07.04", true},
		{"number against word", "1.0+1", "1.0+a", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, pair := range [][2]string{{tt.a, tt.b}, {tt.b, tt.a}} {
				got, err := EqualVersions(pair[0], pair[1])
				if err != nil || got != tt.want {
					t.Errorf("EqualVersions(%q, %q) = %v, %v; want %v", pair[0], pair[1], got, err, tt.want)
				}
			}
		})
	}
}

// As long as a file's name, and no longer.
func TestLongVersion(t *testing.T) {
	t.Parallel()
	long := "1." + strings.Repeat("0", untrusted.MaxFilename-2)
	if same, err := EqualVersions(long, "1"); err != nil || !same {
		t.Errorf("%d bytes: %v, %v", len(long), same, err)
	}
	if _, err := EqualVersions(long+"0", "1"); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("%d bytes: %v", len(long)+1, err)
	}
}

func TestEqualVersionsRefuses(t *testing.T) {
	t.Parallel()
	for _, v := range []string{
		"", "latest", "2004d", "1.0-", "1..0", "1.0 ", " 1.0", "1.0\n", "1.x", "1.0+", "1.0+a+b", "^1.0", "1.0.po\u017ft1",
		"1.0+\u212a", "99999999999999999999", "1.0\x1b[2J", strings.Repeat("1.", 300) + "0",
	} {
		if same, err := EqualVersions(v, v); err == nil || same {
			t.Errorf("EqualVersions(%q, same) = %v, %v; want an error", v, same, err)
		} else if strings.ContainsAny(err.Error(), "\x1b\n") {
			t.Errorf("the error for %q holds raw bytes: %q", v, err.Error())
		}
	}
}

func TestParseFilename(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		project, in string
		want        string // kind name version build python abi platform
	}{
		{"pypi-attestations", "pypi_attestations-0.0.19.tar.gz", "sdist pypi-attestations 0.0.19    "},
		{"my-package", "my-package-1.0.zip", "sdist my-package 1.0    "},
		{"old", "old-1.0.tar.bz2", "sdist old 1.0    "},
		{"foo", "foo-1.0.TAR.GZ", "sdist foo 1.0    "},
		{"foo", "foo-1.0-1.tar.gz", "sdist foo 1.0-1    "},
		{"foo-1-0", "foo-1.0-1.tar.gz", "sdist foo-1-0 1    "},
		{"foo-bar", "Foo-_.bar-1.0-py3.9.tlz", "sdist foo-bar 1.0    "},
		{"foo", "foo_1.0.tar.zst", "sdist foo 1.0    "},
		{"foo", "foo-1.0+x_y.tar.lzma", "sdist foo 1.0+x_y    "},
		{"foo", "foo-1.0-py3-none-any.whl", "wheel foo 1.0  py3 none any"},
		{"foo", "foo-1.0_1-py3-none-any.whl", "wheel foo 1.0-1  py3 none any"},
		{"foo-bar", "foo__bar-1.0-py3-none-any.whl", "wheel foo-bar 1.0  py3 none any"},
		{"foo-bar-baz", "Foo_Bar.baz-1.0rc1-py2.py3-none-any.whl", "wheel foo-bar-baz 1.0rc1  py2,py3 none any"},
		{"foo", "foo-1.0-02b-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "wheel foo 1.0 2b cp312 cp312 manylinux2014_x86_64,manylinux_2_17_x86_64"},
		{"foo", "foo-1.0-0-py3-none-any.whl", "wheel foo 1.0 0 py3 none any"},
		{"foo", "foo-1.0-09-py3-none-any.whl", "wheel foo 1.0 9 py3 none any"},
		{"az", "AZ-1.0.tar.gz", "sdist az 1.0    "},
		{"foo", "foo-1.0-00x-py3-none-any.whl", "wheel foo 1.0 0x py3 none any"},
		{"foo", "foo-\x1c1.0\x1f.tar.gz", "sdist foo 1.0    "},
		{"foo", "foo-1." + strings.Repeat("0", untrusted.MaxFilename-len("foo-1..zip")) + ".zip", "sdist foo 1." + strings.Repeat("0", untrusted.MaxFilename-len("foo-1..zip")) + "    "},
		{"foo", "foo-1!2.0+cu118-py3-none-any.whl", "wheel foo 1!2.0+cu118  py3 none any"},
		{"foo", "foo-1.0-PY3.py3-None-any.whl", "wheel foo 1.0  py3 none any"},
		{"foo", "foo-1.0-py3.-none-any.x!.whl", "wheel foo 1.0  ,py3 none any,x!"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			f, err := ParseFilename(tt.project, tt.in)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join([]string{[]string{KindNone: "none", KindSdist: "sdist", KindWheel: "wheel"}[f.Kind], f.Name, f.Version, f.Build,
				strings.Join(f.Python, ","), strings.Join(f.ABI, ","), strings.Join(f.Platform, ",")}, " ")
			if got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

func TestParseFilenameRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, in string }{
		{"empty", ""},
		{"egg", "foo-1.0-py2.7.egg"},
		{"installer", "foo-1.0.win32.exe"},
		{"dumb archive", "foo-1.0.linux-x86_64.tar.gz"},
		{"signature", "foo-1.0.tar.gz.asc"},
		{"another project", "foobar-1.0.tar.gz"},
		{"a longer name", "foo-bar-1.0.tar.gz"},
		{"a shorter name", "fo-1.0.tar.gz"},
		{"another project's wheel", "foo_bar-1.0-py3-none-any.whl"},
		{"no version", "foo.tar.gz"},
		{"nothing but the name", "foo-.tar.gz"},
		{"two dashes", "foo--1.0.tar.gz"},
		{"empty name", "-1.0.tar.gz"},
		{"path", "../foo-1.0.tar.gz"},
		{"path in a wheel", "a/foo-1.0-py3-none-any.whl"},
		{"four parts", "foo-1.0-py3-none.whl"},
		{"seven parts", "foo-1.0-1-2-py3-none-any.whl"},
		{"build without digit", "foo-1.0-x-py3-none-any.whl"},
		{"no tag", "foo-1.0-py3--any.whl"},
		{"no version in a wheel", "foo--py3-none-any.whl"},
		{"not PEP 440", "foo-2004d.tar.gz"},
		{"escape code", "foo-1.0\x1b[2J.tar.gz"},
		{"escape at the end", "foo-1.0\x1b.tar.gz"},
		{"too long by one", "foo-1." + strings.Repeat("0", untrusted.MaxFilename+1-len("foo-1..zip")) + ".zip"},
		{"too long", "foo-1." + strings.Repeat("0", 600) + ".tar.gz"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if f, err := ParseFilename("foo", tt.in); err == nil {
				t.Errorf("ParseFilename(%q) = %+v, want an error", tt.in, f)
			} else if strings.ContainsRune(err.Error(), '\x1b') {
				t.Errorf("the error holds raw bytes: %q", err.Error())
			}
		})
	}
}

func TestSatisfies(t *testing.T) {
	for _, tt := range []struct {
		version, wanted string
		want            bool
	}{
		{"1.0", "1.0.0", true}, {"1.0+x", "1.0", true}, {"1.0+99999999999999999999", "1.0", true}, {"1.0", "1.0+x", false},
		{"1.0+x", "1.0+X", true}, {"1.0+x-1", "1.0+x.1", true}, {"1.0+x.1", "1.0+x", false}, {"1.0-1", "1.0.post1", true},
		{"1.0-1", "1.0", false}, {"1.0-1+x", "1.0.post1", true}, {"1.0.post1+x", "1.0", false}, {"1!1.0+x", "1.0", false},
		{"1." + strings.Repeat("0.", 150) + "0", "1.0", true},
	} {
		if got, err := Satisfies(tt.version, tt.wanted); err != nil || got != tt.want {
			t.Errorf("Satisfies(%q, %q) = %v, %v, want %v", tt.version, tt.wanted, got, err, tt.want)
		}
	}
	for _, bad := range []string{"", "latest", "+x"} {
		if got, err := Satisfies(bad, "1.0"); err == nil || got {
			t.Errorf("%q satisfies ==1.0: %v", bad, err)
		}
	}
}

func TestSameFile(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		want       bool
	}{
		{"sdist", "foo-1.0.tar.gz", "foo-1.0.tar.gz", true},
		{"sdist spelt otherwise", "Foo-1.0.tar.gz", "foo-1.0.0.tar.gz", true},
		{"implicit post release", "foo-1.0-1.tar.gz", "foo-1.0.post1.tar.gz", true},
		{"sdist of another version", "foo-1.0.tar.gz", "foo-1.0.1.tar.gz", false},
		{"sdist and wheel", "foo-1.0.tar.gz", "foo-1.0-py3-none-any.whl", false},
		{"wheel", "foo-1.0-py3-none-any.whl", "foo-1.0-py3-none-any.whl", true},
		{"tags in another order", "foo-1.0-py2.py3-none-any.whl", "foo-1.0-py3.py2-none-any.whl", true},
		{"one tag fewer", "foo-1.0-py2.py3-none-any.whl", "foo-1.0-py3-none-any.whl", false},
		{"another platform", "foo-1.0-py3-none-any.whl", "foo-1.0-py3-none-win32.whl", false},
		{"another abi", "foo-1.0-cp312-cp312-win32.whl", "foo-1.0-cp312-abi3-win32.whl", false},
		{"build tag", "foo-1.0-1-py3-none-any.whl", "foo-1.0-py3-none-any.whl", false},
		{"build tag as a number", "foo-1.0-01-py3-none-any.whl", "foo-1.0-1-py3-none-any.whl", true},
		{"local version", "foo-1.0+cu118-py3-none-any.whl", "foo-1.0-py3-none-any.whl", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, errA := ParseFilename("foo", tt.a)
			b, errB := ParseFilename("foo", tt.b)
			if errA != nil || errB != nil {
				t.Fatal(errA, errB)
			}
			if got := SameFile(a, b); got != tt.want {
				t.Errorf("SameFile(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
			}
			if SameFile(a, b) != SameFile(b, a) {
				t.Error("SameFile depends on the order of its arguments")
			}
		})
	}
	a, b := File{Kind: KindSdist, Name: "foo", Version: "1.0"}, File{Kind: KindSdist, Name: "foo2", Version: "1.0"}
	if SameFile(a, b) {
		t.Error("files of two projects are the same")
	}
	if SameFile(File{}, File{}) {
		t.Error("two zero files are the same: nothing was parsed, so nothing is proven")
	}
}

func FuzzParseFilename(f *testing.F) {
	for _, seed := range []string{
		"pypi_attestations-0.0.19.tar.gz", "foo-1.0-1-py2.py3-none-any.whl", "foo-1!1.0+a_b.zip", "foo-1.0-py3.7.egg", "-.whl", "\xff-1.tar",
	} {
		f.Add("foo", seed)
	}
	for _, name := range seeds.Values(f, seeds.Indexes, `"filename":\s*"([^"]+)"`) {
		project, _, _ := strings.Cut(name, "-")
		f.Add(NormalizeName(project), name)
	}
	f.Fuzz(func(t *testing.T, project, name string) {
		project = NormalizeName(project)
		if !ValidName(project) {
			return
		}
		file, err := ParseFilename(project, name)
		if err != nil {
			if file.Kind != KindNone {
				t.Fatalf("an error and a file: %+v", file)
			}
			return
		}
		if _, err := EqualVersions(file.Version, file.Version); err == nil && !SameFile(file, file) {
			t.Fatalf("%q is not the same file as itself: %+v", name, file)
		}
		if file.Name != project {
			t.Fatalf("%q is a file of %q", name, file.Name)
		}
		if public, _, _ := strings.Cut(file.Version, "+"); public == "" {
			t.Fatalf("%q has no version", name)
		}
		if file.Kind == KindWheel && (len(file.Python) == 0 || len(file.ABI) == 0 || len(file.Platform) == 0) {
			t.Fatalf("a wheel with an empty tag set: %+v", file)
		}
	})
}

func FuzzEqualVersions(f *testing.F) {
	f.Add("1.0", "1.0.0")
	f.Add("1!1.0+a-1", "1.0rc1.post2.dev3")
	for _, version := range seeds.Values(f, seeds.Specs, `(?m)^\s*version:\s*"?([^"\s]+)`) {
		f.Add(version, version+".0")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		ab, errAB := EqualVersions(a, b)
		ba, errBA := EqualVersions(b, a)
		if ab != ba || (errAB == nil) != (errBA == nil) {
			t.Fatalf("EqualVersions(%q, %q) is not symmetric", a, b)
		}
		if same, err := EqualVersions(a, a); err == nil && !same {
			t.Fatalf("%q does not equal itself", a)
		}
	})
}
