package yamlfile

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog/untrusted"
)

// yamlBombs are texts that make many nodes, each a repeated piece.
var yamlBombs = map[string][3]string{
	"mappings in a list":     {"a: [", "{a},", "]"},
	"keys in a mapping":      {"a: {", "b,", "}"},
	"values in a list":       {"a: [", "b,", "]"},
	"empty lists":            {"a: [", "[],", "]"},
	"pairs in a list":        {"a: [", "b: c,", "]"},
	"empty items":            {"a:\n", "-\n", ""},
	"empty items by NEL":     {"a:\n", "-\u0085", ""},
	"keys":                   {"a:\n", " ? b\n", ""},
	"keys and values":        {"", "b: c\n", ""},
	"quoted keys and values": {"a: [", `{"a":"b"},`, "]"},
	"aliases":                {"a: &a [", "*a,", "]"},
	"carriage returns":       {"a:\r", "- b\r", ""},
}

// Of every kind of YAML, what passes makes few nodes, and costs less than 100
// MiB even where 16 MiB of text are read; here an eighth of it.
func TestSize(t *testing.T) {
	const limit = 2 << 20
	for name, b := range yamlBombs {
		text := func(n int) []byte { return []byte(b[0] + strings.Repeat(b[1], n) + b[2]) }
		if err := checkSize(text(limit/len(b[1])), limit); !errors.Is(err, untrusted.ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
		most := 0
		for step := 1 << 17; step > 0; step /= 2 {
			if checkSize(text(most+step), limit) == nil {
				most += step
			}
		}
		var before, after runtime.MemStats
		data := text(most)
		runtime.GC()
		runtime.ReadMemStats(&before)
		var node yaml.Node
		if err := yaml.Unmarshal(data, &node); err != nil && !strings.Contains(err.Error(), "contains itself") {
			t.Errorf("%s: %v", name, err)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
		t.Logf("%s: %d KiB of text, %d MiB held", name, len(data)>>10, held>>20)
		if held > 100<<20/8 {
			t.Errorf("%s: %d bytes of text hold %d", name, len(data), held)
		}
		runtime.KeepAlive(&node)
	}
}

func TestSizeOfOrdinaryText(t *testing.T) {
	text := "# a comment, with [brackets]: and more\nkey: value\nlist:\n  - one-two\n  - https://a.example/b?c=d\n"
	if err := checkSize([]byte(text), 64*17); err != nil {
		t.Error(err)
	}
}

// What is read otherwise than it is written, or read again to find a fault, costs
// few times its text.
func TestCostOfOddTexts(t *testing.T) {
	const limit = 1 << 20
	for name, text := range map[string]string{
		"slashes":        `{"a":"` + strings.Repeat(`\/`, limit/2-10) + `"}`,
		"halves":         `{"a":"` + strings.Repeat(`\ud83d\ude00`, limit/12-10) + `"}`,
		"directives":     strings.Repeat("%TAG\n", limit/bytesPerMark/2) + "%YAML 1.2\n---\na: b\n",
		"documents":      "a: b\n" + strings.Repeat("---\n", limit/bytesPerMark/2-10),
		"a fault":        strings.Repeat("k: [a, b]\n", 3000)[:30_000] + "a:\n- b\nc\n",
		"a fault, large": strings.Repeat("#\n", limit/bytesPerMark-50) + "#" + strings.Repeat("x", maxLocated) + "\na:\n- b\n c: d\n- e\n",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Document([]byte(text), limit)
		runtime.ReadMemStats(&after)
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 48<<20 {
			t.Errorf("%s: %d KiB were allocated for %d (%v)", name, allocated>>10, len(text)>>10, err)
		} else {
			t.Logf("%s: %d KiB were allocated for %d (%.80v)", name, allocated>>10, len(text)>>10, err)
		}
	}
}
