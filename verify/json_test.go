package verify

import (
	"encoding"
	"fmt"
	"strings"
	"testing"
)

// What JSON spells is read back, and nothing else is.
func TestNamesAreReadBack(t *testing.T) {
	read := func(to encoding.TextUnmarshaler, from fmt.Stringer) {
		t.Helper()
		text, err := from.(encoding.TextMarshaler).MarshalText()
		if err == nil {
			err = to.UnmarshalText(text)
		}
		if err != nil || to.(fmt.Stringer).String() != from.String() {
			t.Errorf("%v was read as %v, %v", from, to, err)
		}
		for _, other := range []string{from.String() + " ", strings.ToUpper(from.String()) + "X", "\x1b[2J"} {
			if err := to.UnmarshalText([]byte(other)); err == nil || strings.Contains(err.Error(), "\x1b") {
				t.Errorf("%q was read as %v: %v", other, to, err)
			}
		}
	}
	for i := range uint8(200) { // what has no name is written as the zero value
		read(new(Status), Status(i))
		read(new(CheckStatus), CheckStatus(i))
		read(new(Severity), Severity(i))
		read(new(Kind), Kind(i))
	}
	read(new(Digest), Digest{Algorithm: "sha256", Hex: strings.Repeat("ab", 32)})
	read(new(Digest), Digest{Algorithm: "sha512", Hex: strings.Repeat("0f", 64)})
}

func TestDigestsAreReadStrictly(t *testing.T) {
	good := "sha256:" + strings.Repeat("ab", 32)
	for _, text := range []string{"sha256", "sha256:", good[:len(good)-1], good + "ab", strings.ToUpper(good), "sha1:" + strings.Repeat("ab", 20),
		"sha512:" + strings.Repeat("ab", 32), strings.Replace(good, "ab", "AB", 1), strings.Replace(good, "ab", "xy", 1)} {
		d := Digest{Algorithm: "sha256", Hex: "left over"}
		if err := d.UnmarshalText([]byte(text)); err == nil || d != (Digest{}) {
			t.Errorf("%q was read as %v", text, d)
		}
	}
	d := Digest{Algorithm: "sha256", Hex: "left over"}
	if err := d.UnmarshalText(nil); err != nil || d != (Digest{}) {
		t.Errorf("no digest was read as %v, %v", d, err)
	}
}
