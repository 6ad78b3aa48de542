package untrusted

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReadAll(t *testing.T) {
	t.Parallel()
	const limit = 10
	for name, test := range map[string]struct {
		in       string
		tooLarge bool
	}{
		"nothing":      {"", false},
		"below":        {strings.Repeat("x", limit-1), false},
		"at the limit": {strings.Repeat("x", limit), false},
		"one more":     {strings.Repeat("x", limit+1), true},
		"much more":    {strings.Repeat("x", 1000*limit), true},
	} {
		t.Run(name, func(t *testing.T) {
			data, err := ReadAll(iotest.OneByteReader(strings.NewReader(test.in)), limit, "a thing")
			if errors.Is(err, ErrTooLarge) != test.tooLarge {
				t.Fatalf("error %v, want too large: %t", err, test.tooLarge)
			}
			if !test.tooLarge {
				if err != nil || string(data) != test.in {
					t.Errorf("read %q, %v", data, err)
				}
				return
			}
			if data != nil {
				t.Errorf("%d bytes came with the error", len(data))
			}
			if want := "read a thing: too large: more than 10 bytes"; err.Error() != want {
				t.Errorf("error %q, want %q", err, want)
			}
		})
	}
}

// endless counts what is taken from a reader that never ends.
type endless struct{ taken int }

func (e *endless) Read(p []byte) (int, error) {
	e.taken += len(p)
	return len(p), nil
}

func TestReadAllStops(t *testing.T) {
	t.Parallel()
	reader := &endless{}
	if _, err := ReadAll(reader, 1000, "it"); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
	if reader.taken > 1001 {
		t.Errorf("%d bytes were taken, want at most 1001", reader.taken)
	}
}

func TestReadAllBreaksOff(t *testing.T) {
	t.Parallel()
	data, err := ReadAll(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(io.ErrUnexpectedEOF)), 10, "a thing")
	if data != nil || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "a thing") {
		t.Errorf("read %q, %v", data, err)
	}
}
