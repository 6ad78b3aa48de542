package untrusted

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestPlural(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n          int
		noun, want string
	}{
		{1, "package", "1 package"}, {0, "package", "0 packages"}, {2, "log entry", "2 log entries"},
		{1, "entry", "1 entry"}, {3, "key", "3 keys"}, {14, "day", "14 days"}, {-1, "byte", "-1 bytes"},
	} {
		if got := Plural(c.n, c.noun); got != c.want {
			t.Errorf("%d of %q: %q, want %q", c.n, c.noun, got, c.want)
		}
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	abc := []Text{"a", "b\x1b", "c"}
	for _, c := range []struct {
		items        []Text
		most, others int
		want         string
	}{
		{nil, 3, 0, ""}, {abc[:1], 3, 0, "a"}, {abc, 3, 0, `a, b\x1b, c`}, {abc, 2, 0, `a, b\x1b and 1 more`},
		{abc, 3, 2, `a, b\x1b, c and 2 more`}, {abc, 1, 4, "a and 6 more"},
	} {
		if got := List(c.items, c.most, c.others); got != c.want {
			t.Errorf("%d of %q and %d: %q, want %q", c.most, c.items, c.others, got, c.want)
		}
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"", 0, ""}, {"abc", 3, "abc"}, {"abc", 4, "abc"}, {"abcd", 3, "abc"}, {"abc", 0, ""},
		{"aé", 2, "a"}, {"aé", 3, "aé"}, {"a€b", 3, "a"}, {"a€b", 4, "a€"}, {"😀", 3, ""}, {"😀b", 4, "😀"},
		{"\x80\x80", 1, ""}, {strings.Repeat("\x80", 9), 8, strings.Repeat("\x80", 4)}, // no UTF-8: no search to the beginning
	} {
		if got := Cut(c.in, c.limit); got != c.want {
			t.Errorf("%q at %d: %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestExcerpt(t *testing.T) {
	t.Parallel()
	whole := strings.Repeat("x", 120)
	for in, want := range map[string]string{
		"":                               "",
		"a\x1b\n":                        "a\x1b\n", // raw: %q escapes it
		whole:                            whole,
		whole + "y":                      whole + "...",
		whole[1:] + "é" + whole:          whole[1:] + "...",
		strings.Repeat("é", 60) + "zzzz": strings.Repeat("é", 60) + "...",
	} {
		got := string(Excerpt(in))
		if got != want || !utf8.ValidString(got) {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestASCII(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "AZaz@[`{09": "azaz@[`{09", "\u212aÉ\xff": "\u212aÉ\xff"} {
		if got := LowerASCII(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]bool{"": true, "a\x00\x7f": true, "aé": false, "\x80": false} {
		if IsASCII(in) != want {
			t.Errorf("%q: %v", in, !want)
		}
	}
}

func TestEarlier(t *testing.T) {
	t.Parallel()
	var unknown time.Time
	early, late := time.Unix(1, 0), time.Unix(2, 0)
	for _, c := range []struct{ a, b, want time.Time }{
		{early, late, early}, {late, early, early}, {early, early, early},
		{unknown, late, late}, {late, unknown, late}, {unknown, unknown, unknown},
	} {
		if got := Earlier(c.a, c.b); !got.Equal(c.want) {
			t.Errorf("of %v and %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	last := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for hours, want := range map[time.Duration]bool{-1: false, 0: false, 23: false, 24: true, 25: true} {
		if Ended(last, last.Add(hours*time.Hour)) != want {
			t.Errorf("%d hours after its beginning: %v", hours, !want)
		}
	}
	if Ended(time.Time{}, last) {
		t.Error("no last day has passed")
	}
}
