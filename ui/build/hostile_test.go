package build

import (
	"testing"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	attack "plimsoll/testdata/hostile"
	"plimsoll/verify"
)

// Every hostile text in every field of a spec and of its report: a Dockerfile
// comes out that BuildKit reads as the instructions that were meant and no
// others, or none does and the message is clean.
func TestHostileTextsGainNoInstruction(t *testing.T) {
	t.Parallel()
	attack.WithoutRace(t)
	type input struct {
		Spec   catalog.Spec
		Report verify.Report
		Tag    string
	}
	for name, begin := range map[string]func() *input{
		"npm":  func() *input { return &input{npmSpec(), *npmReport(), "x:1"} },
		"pypi": func() *input { return &input{pypiSpec(), *pypiReport(), "x:1"} },
		"go":   func() *input { return &input{goSpec(), *goReport(), "x:1"} },
	} {
		t.Run(name, func(t *testing.T) {
			made, refused, fields := 0, 0, len(attack.Fields(begin()))
			for i := range fields {
				for j, text := range attack.Texts() {
					if text.Long() && (i+j)%8 > 0 {
						continue
					}
					in := begin()
					field := attack.Fields(in)[i]
					field.Set(text.Value)
					out, err := Generate(in.Spec, &in.Report, Options{Tag: in.Tag, SumDB: goKey})
					if err != nil {
						if message := untrusted.Message(err); untrusted.Clean(message) != message {
							t.Fatalf("%s in %s: %q", text.Name, field.Path, message)
						}
						refused++
						continue
					}
					if what := text.Name + " in " + field.Path; !clean(out) {
						t.Fatalf("%s: not clean: %q", what, out)
					}
					holdBuildKit(t, out)
					made++
				}
			}
			t.Logf("%d fields: %d Dockerfiles, %d refused", fields, made, refused)
			if made < 100 || refused < 100 {
				t.Errorf("%d were made, %d refused", made, refused)
			}
		})
	}
}

func clean(out string) bool {
	line := 0
	for i := 0; i <= len(out); i++ {
		if i == len(out) || out[i] == '\n' {
			if untrusted.Clean(out[line:i]) != out[line:i] {
				return false
			}
			line = i + 1
		}
	}
	return true
}
