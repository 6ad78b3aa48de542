package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"plimsoll/catalog/revision"
	"plimsoll/catalog/untrusted"
	"plimsoll/ui/theme"
	"plimsoll/verify/registry/cache"
)

// cache looks at what the cache holds, and whether it can hold more.
func (d *doctor) cache(context.Context) symptom {
	if d.recording != nil {
		return symptom{Result: isUnasked, Found: "the recording takes its place"}
	}
	dir := cacheDir(d.env, d.options)
	if dir == "" {
		return symptom{Result: isNote, Found: "there is no folder for it: neither --cache-dir, XDG_CACHE_HOME nor HOME names one",
			Advice: "every run fetches everything anew, and an older trust root would not be noticed: name one with --cache-dir"}
	}
	evidence := evidenceDir(dir)
	held, err := cache.StatsOf(evidence)
	shown := untrusted.Clean(dir) + ": "
	switch {
	case err == nil && d.options.offline && held.Entries == 0:
		return symptom{Result: isMissing, Expected: "evidence that was fetched before", Found: shown + "no entries",
			Advice: "run once without --offline"}
	case err == nil && d.options.offline:
	case err == nil && d.options.cacheSize == 0:
		return symptom{Result: isUnasked, Found: "--cache-size 0 keeps nothing"}
	case err == nil:
		err = writable(evidence)
	}
	if err != nil {
		s := symptom{Result: isNote, Found: shown + untrusted.Message(err),
			Advice: "make room or allow writing there, or name another folder with --cache-dir"}
		if d.options.cacheDir != "" || d.options.offline {
			s.Result, s.Expected = isMissing, "a folder that can be read and written"
		}
		return s
	}
	found := shown + amount(held)
	if held.Entries > 0 {
		found += fmt.Sprintf(", fetched or confirmed %s to %s", age(d.env.Now().Sub(held.Oldest)), age(d.env.Now().Sub(held.Newest)))
	}
	return symptom{Result: isOK, Found: found}
}

// writable writes a small file into a folder, or into that above it in which it would
// be made, and removes it.
func writable(dir string) error {
	info, err := os.Stat(dir)
	for errors.Is(err, fs.ErrNotExist) && filepath.Dir(dir) != dir {
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	switch {
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("expected a folder at %q, found a file", untrusted.Text(dir))
	}
	untrusted.RemoveTemporary(dir)
	root, err := untrusted.OpenFolder(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	f, name, err := untrusted.CreateTemporary(root, ".")
	if at, ok := errors.AsType[*fs.PathError](err); ok { // nobody asked for a file of that name
		return fmt.Errorf("nothing can be written there: %w", at.Err)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, 4<<10))
	return errors.Join(err, f.Close(), root.Remove(name))
}

// clock holds this machine's clock against the date of the program.
func (d *doctor) clock(context.Context) symptom {
	if found := d.env.slowClock(); found != "" {
		return symptom{Result: isNote, Found: found, Advice: "set the clock: an old trust root passes for one that has not ended"}
	}
	found := d.env.Now().UTC().Format("2006-01-02 15:04 UTC")
	if !d.env.built.IsZero() {
		found += ", after " + d.env.built.UTC().Format(time.DateOnly) + ", when this program was built"
	}
	return symptom{Result: isOK, Found: found}
}

// terminal says what the screen and the text can show.
func (d *doctor) terminal(context.Context) symptom {
	if !d.env.interactive() {
		return symptom{Result: isOK, Found: "standard input or output is no terminal: results are plain text, and there is no screen"}
	}
	looks := themeOptions(d.env, d.options)
	colours := map[theme.Depth]string{theme.Sixteen: "16 colours", theme.Indexed: "256 colours", theme.True: "16 million colours"}
	found := colours[looks.Terminal.Depth]
	if !looks.Color {
		found = "no colours"
	}
	if looks.Terminal.Links {
		found += ", links"
	} else {
		found += ", no links"
	}
	if name := d.env.Getenv("TERM"); name != "" {
		found += fmt.Sprintf(" (TERM %q)", untrusted.Text(name))
	}
	locale := strings.ToUpper(cmp.Or(d.env.Getenv("LC_ALL"), d.env.Getenv("LC_CTYPE"), d.env.Getenv("LANG")))
	if !d.options.ascii && !strings.Contains(locale, "UTF-8") && !strings.Contains(locale, "UTF8") {
		return symptom{Result: isNote, Found: found + "; no locale of UTF-8 is set", Advice: "if lines and signs look broken, use --ascii"}
	}
	return symptom{Result: isOK, Found: found}
}

// git looks for the program that a review asks.
func (d *doctor) git(ctx context.Context) symptom {
	const needed = "plimsoll review needs git 2.25 or later; nothing else does"
	// A git that hangs is left before everything is late: verification does without.
	ctx, cancel := context.WithTimeoutCause(ctx, d.within/2, fmt.Errorf("git does not answer within %v", d.within/2))
	defer cancel()
	version, err := revision.Git(ctx, d.env.Environ())
	if err != nil {
		return symptom{Result: isNote, Found: fault(ctx, err), Advice: needed}
	}
	s := symptom{Result: isOK, Found: "version " + untrusted.Shorten(version, 40) + ", for plimsoll review"}
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n < 2 || major < 2 || major == 2 && minor < 25 {
		s.Result, s.Advice = isNote, needed
	}
	return s
}
