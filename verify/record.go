package verify

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"plimsoll/catalog/untrusted"
)

// TileHeight is that of the checksum database's tiles: each holds 2^8 hashes of
// one level (https://go.dev/design/25530-sumdb).
const TileHeight = 8

// OfferedRecord is what a checksum database answers about one version of a module
// (https://go.dev/ref/mod#checksum-database), unverified.
type OfferedRecord struct {
	Module untrusted.Text // the path of the module that holds the package
	// Answer is that of /lookup: the record's number, its two lines of go.sum, and a
	// signed tree head.
	Answer []byte
	// Tiles holds the database's tiles that lead from the record to that head, and
	// from the older to the newer of that head and [SumDB.Head], by their path:
	// "tile/8/0/x123/456".
	Tiles     map[string][]byte
	TileError string // why a tile is missing, cleaned
	// Zip is "h1:" and the base64 hash over the module's zip as the proxy served it,
	// or "" if it was not fetched; ZipError is why. Mod is that of its GoMod.
	Zip, ZipError string
	Mod           string
	GoMod         []byte // as the proxy served it
	Source        Source // of the answer
}

// SumDB is the checksum database that records are verified against.
type SumDB struct {
	Key   string // the verifier key: name, hash and the base64 of the Ed25519 key
	Error string // why there is none; or why a head contradicts Head, a fork
	// Head is the newest signed tree head that was accepted before, or nil. A head
	// must lie on the same line of time.
	Head []byte
}

// The checks of a record, in the order in which they run.
const (
	CheckRecordLines CheckID = "sumdb.record"
	CheckTreeHead    CheckID = "sumdb.head"
	CheckRecordIn    CheckID = "sumdb.inclusion"
	CheckHistory     CheckID = "sumdb.consistency"
	CheckModuleBytes CheckID = "sumdb.bytes"
)

// Record is the verdict on a record of the checksum database.
type Record struct {
	Database untrusted.Text `json:"database"` // the name in the key
	Number   int64          `json:"number"`   // of the record in the log
	Size     int64          `json:"tree_size"`
	Root     string         `json:"root_hash"` // base64
	Zip      untrusted.Text `json:"zip"`       // "h1:…" of the module's zip, as the record has it
	Mod      untrusted.Text `json:"mod"`       // "h1:…" of its go.mod
	Status   Status         `json:"status"`    // Signed, Invalid or Unchecked
	Reason   string         `json:"reason"`
	Checks   []Check        `json:"checks"`
}

// Check returns a check of the record, or nil if r is nil or does not have it.
func (r *Record) Check(id CheckID) *Check {
	if r == nil {
		return nil
	}
	i := slices.IndexFunc(r.Checks, func(c Check) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return &r.Checks[i]
}

// tree is a signed tree head that was decoded.
type tree struct {
	tlog.Tree
	signer string
}

// openHead verifies a signed tree head with a verifier key.
func openHead(signed []byte, key string) (tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree{}, err
	}
	t, err := parseTree(opened.Text)
	return tree{t, verifier.Name()}, err
}

// maxTree bounds a tree: some 2^26 records are there today. The way through one of 2^63
// is without end, and whoever answers may claim one.
const maxTree = 1 << 40

func parseTree(text string) (tlog.Tree, error) {
	t, err := tlog.ParseTree([]byte(text))
	if err == nil && t.N > maxTree {
		return tlog.Tree{}, fmt.Errorf("expected a tree of at most %d records, found %d", int64(maxTree), t.N)
	}
	return t, err
}

// HeadOf decodes a signed tree head without verifying it: its size says which
// tiles lead to it.
func HeadOf(signed []byte) (tlog.Tree, error) {
	text, _, found := strings.Cut(string(signed), "\n\n")
	if !found {
		return tlog.Tree{}, errors.New("expected a signed note, found no signature")
	}
	return parseTree(text + "\n")
}

// ReadTiles calls read for every tile that a record's verification needs: from the
// record of that number to the head, and between the head and the one kept before.
func ReadTiles(number int64, head, kept tlog.Tree, read tlog.TileReader) error {
	if number < 0 || number >= head.N {
		return fmt.Errorf("record %d is not in a tree of %d", number, head.N)
	}
	if _, err := tlog.ProveRecord(head.N, number, tlog.TileHashReader(head, read)); err != nil {
		return err
	}
	return ReadHistory(head, kept, read)
}

// ReadHistory calls read for every tile that leads from the older of two heads to the
// newer.
func ReadHistory(head, kept tlog.Tree, read tlog.TileReader) error {
	if head.N == 0 || kept.N == 0 {
		return nil
	}
	_, _, err := beginning(head, kept, read)
	return err
}

// beginning returns the smaller of two trees, and the root that the larger one had at
// that size: they are one tree if it is the smaller one's.
func beginning(a, b tlog.Tree, read tlog.TileReader) (smaller tlog.Tree, root tlog.Hash, err error) {
	if a.N > b.N {
		a, b = b, a
	}
	if a.N == b.N {
		return a, b.Hash, nil
	}
	root, err = tlog.TreeHash(a.N, tlog.TileHashReader(b, read))
	return a, root, err
}

// tiles serves the tiles that were offered.
type tiles map[string][]byte

func (t tiles) Height() int { return TileHeight }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(want))
	for i, tile := range want {
		found, ok := t[tile.Path()]
		if !ok {
			return nil, &missingTile{tile.Path()}
		}
		data[i] = found
	}
	return data, nil
}

// missingTile is the error of a tile that was not offered: nothing is wrong, and
// nothing is proven.
type missingTile struct{ path string }

func (e *missingTile) Error() string { return e.path + " was not fetched" }

// judgeRecord verifies what a checksum database offers for a version of a module.
func judgeRecord(release Release, offered OfferedRecord, db SumDB) Record {
	r, c := Record{}, &checklist{}
	if db.Error != "" {
		c.blocked = untrusted.Clean(db.Error)
	}
	id, text, signed, err := tlog.ParseRecord(offered.Answer)
	c.run(CheckRecordLines, nil, func() outcome {
		if err != nil {
			return failed("the answer is no record", err)
		}
		r.Number = id
		if !holds(string(offered.Module), string(release.Name)) {
			return differs("the record is of a module that does not hold the package", release.Name, offered.Module)
		}
		return r.lines(string(offered.Module)+" "+string(release.Version), string(text))
	})
	var head tree
	c.run(CheckTreeHead, []CheckID{CheckRecordLines}, func() outcome {
		if head, err = openHead(signed, db.Key); err != nil {
			return failed("the tree head is not signed by the checksum database", err)
		}
		r.Database, r.Size, r.Root = untrusted.Text(head.signer), head.N, head.Hash.String()
		return pass("signed by " + untrusted.Clean(head.signer))
	})
	read := tiles(offered.Tiles)
	c.run(CheckRecordIn, []CheckID{CheckRecordLines, CheckTreeHead}, func() outcome {
		if id >= head.N {
			return fail(fmt.Sprintf("record %d is not in a tree of %d", id, head.N))
		}
		path, err := tlog.ProveRecord(head.N, id, tlog.TileHashReader(head.Tree, read))
		if err == nil {
			err = tlog.CheckRecord(path, head.N, head.Hash, id, tlog.RecordHash(text))
		}
		return leads(err, offered.TileError, fmt.Sprintf("record %d leads to the root of the signed tree of %d", id, head.N),
			"the record does not lead to the signed tree")
	})
	c.run(CheckHistory, []CheckID{CheckTreeHead}, func() outcome { return consistent(head, db, read, offered.TileError) })
	c.run(CheckModuleBytes, []CheckID{CheckRecordLines}, func() outcome {
		out := r.bytes(offered)
		if out.status == Pass && c.status(CheckRecordIn) != Pass { // they are nobody's word for anything
			return outcome{status: NotRun, reason: "the proxy serves what the record names, which is not proven"}
		}
		return out
	})
	r.Checks = c.checks
	r.Status, r.Reason = Signed, "the checksum database vouches that everybody gets these bytes"
	if worst, bad := c.worst(); bad {
		r.Status, r.Reason = Invalid, worst.sentence()
		if worst.Status == Blocked {
			r.Status, r.Reason = Unchecked, worst.Reason
		}
	}
	return r
}

// leads words the outcome of a way through the tree; why is why tiles are missing.
func leads(err error, why, proven, broken string) outcome {
	var missing *missingTile
	switch {
	case err == nil:
		return pass(proven)
	case errors.As(err, &missing):
		return blocked(err.Error() + because(why))
	}
	return failed(broken, err)
}

// CheckHead verifies a signed tree head, and that it is of one tree with the head
// that was kept before: the check that failed or could not run, else one that passed.
func CheckHead(signed []byte, db SumDB, offered map[string][]byte) Check {
	c := &checklist{}
	var head tree
	c.run(CheckTreeHead, nil, func() outcome {
		var err error
		head, err = openHead(signed, db.Key)
		return leads(err, "", "signed", "not signed by the checksum database")
	})
	c.run(CheckHistory, []CheckID{CheckTreeHead}, func() outcome {
		if out := consistent(head, db, offered, ""); out.status != NotApplicable {
			return out
		}
		return pass("it is the first")
	})
	if worst, bad := c.worst(); bad {
		return worst
	}
	return c.checks[len(c.checks)-1]
}

// holds reports whether a package lies in a module, by their paths.
func holds(module, name string) bool { return name == module || strings.HasPrefix(name, module+"/") }

// lines takes the two hashes out of a record: its lines must begin with the module
// and the version, byte for byte, and name nothing else.
func (r *Record) lines(begin, text string) outcome {
	for line := range strings.Lines(text) {
		words := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		named := strings.Join(words[:min(2, len(words))], " ")
		switch {
		case len(words) != 3 || !strings.HasPrefix(words[2], "h1:"):
			return fail(fmt.Sprintf("expected a module, a version and h1:…, found %q", untrusted.Excerpt(line)))
		case named == begin && r.Zip == "":
			r.Zip = untrusted.Text(words[2])
		case named == begin+"/go.mod" && r.Mod == "":
			r.Mod = untrusted.Text(words[2])
		default:
			return differs("the record is about something else", untrusted.Text(begin), untrusted.Text(named))
		}
	}
	if r.Zip == "" || r.Mod == "" {
		return fail("expected a hash of the module and one of its go.mod, found one of them")
	}
	return pass("it names " + untrusted.Clean(begin) + ", and nothing else")
}

// consistent checks that the head and the one that was kept before are of one
// tree: a database that shows different people different records would have to
// show each of them another tree for ever. why is why tiles are missing.
func consistent(head tree, db SumDB, read tiles, why string) outcome {
	if len(db.Head) == 0 {
		return skip("no head was kept before")
	}
	kept, err := openHead(db.Head, db.Key)
	if err != nil {
		return blocked("the head that was kept before cannot be read: " + untrusted.Message(err))
	}
	older, root, err := beginning(kept.Tree, head.Tree, read)
	if err != nil {
		return leads(err, why, "", "the older tree cannot be found in the newer one")
	}
	if root != older.Hash {
		return differs(fmt.Sprintf("a fork: the tree of %d is not of one history with that of %d, which was seen before", head.N, kept.N),
			untrusted.Text(older.Hash.String()), untrusted.Text(root.String()))
	}
	return pass(fmt.Sprintf("the tree of %d grew out of that of %d", max(head.N, kept.N), older.N))
}

// bytes compares what the module proxy serves with the record.
func (r *Record) bytes(offered OfferedRecord) outcome {
	switch {
	case offered.Mod != "" && offered.Mod != string(r.Mod):
		return differs("the proxy serves another go.mod than the record names", r.Mod, untrusted.Text(offered.Mod))
	case offered.Zip == "": // the proxy may serve another one to who installs it
		reason := "the zip was not fetched" + because(offered.ZipError)
		if offered.Mod != "" {
			reason = "the go.mod hashes to what the record names; " + reason
		}
		return outcome{status: NotRun, reason: reason}
	case offered.Zip != string(r.Zip):
		return differs("the proxy serves another zip than the record names", r.Zip, untrusted.Text(offered.Zip))
	}
	return pass("the module's zip hashes to what the record names")
}

// recordFinding is the error of a record that does not verify.
func recordFinding(name string, r *Record) Finding {
	f := Finding{Rule: "record.invalid", Severity: SeverityError, Message: name + ": the checksum database: " + r.Reason}
	for _, check := range r.Checks {
		if check.Status == Fail && check.Expected != "" {
			f.Expected, f.Observed = check.Expected, check.Observed
			break
		}
	}
	return f
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + untrusted.Clean(why)
}
