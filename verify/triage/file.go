package triage

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"plimsoll/catalog"
	"plimsoll/catalog/untrusted"
	"plimsoll/catalog/yamlfile"
)

// FileName is the name of the file at the root of a catalog.
const FileName = "triage.yaml"

const newHeader = `# What people decided about the findings of plimsoll in this catalog. Each decision
# holds for the files and the publisher that it was made for, and for no others.
`

// Decisions is a set of decisions. It does not change: [Decisions.With]
// returns another. The zero value and nil are empty sets.
type Decisions struct {
	list []Decision // sorted by key
	file *fileState // shared by all that came from one Load or Save
}

// fileState is what the file on disk was when it was read or written.
type fileState struct {
	header string
	sum    *[sha256.Size]byte // nil if there is none
}

// Load reads the decisions of a catalog. Without a file there are none. An
// error of what the file says is a [*yamlfile.Error] with its line.
func Load(fsys fs.FS) (*Decisions, error) { return (*Decisions)(nil).Reload(fsys) }

// Reload is [Load], and returns d if the file is still what d was read from.
func (d *Decisions) Reload(fsys fs.FS) (*Decisions, error) {
	data, err := untrusted.ReadRegular(fsys, FileName, untrusted.MaxTriage)
	if errors.Is(err, fs.ErrNotExist) {
		return &Decisions{file: &fileState{header: newHeader}}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", FileName, err)
	}
	sum := sha256.Sum256(data)
	if was, exists := d.SHA256(); exists && was == sum {
		return d, nil
	}
	list, err := parse(data)
	if err != nil {
		return nil, err
	}
	return &Decisions{list: list, file: &fileState{header(data), &sum}}, nil
}

// SHA256 returns the hash of the file that the decisions were read from; false
// if there is none.
func (d *Decisions) SHA256() (sum [sha256.Size]byte, exists bool) {
	if d == nil || d.file == nil || d.file.sum == nil {
		return sum, false
	}
	return *d.file.sum, true
}

var beginsDocument = regexp.MustCompile(`^---(?:[ \t]+#.*)?$`)

// header returns what stands at the top of a file: comments, blank lines,
// directives and the mark that begins the document.
func header(data []byte) string {
	var kept strings.Builder
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), " \t\r\n")
		if text != "" && !beginsDocument.MatchString(text) && text[0] != '#' && text[0] != '%' {
			break
		}
		kept.WriteString(text + "\n")
	}
	return kept.String()
}

func parse(data []byte) ([]Decision, error) {
	file, m := yamlfile.Parse(data, FileName, untrusted.MaxTriage)
	m.Only("version", "decisions")
	m.Required("version")
	m.Int("version", 1, 1)
	seen := map[Key]int{}
	var list []Decision
	for _, item := range m.Maps("decisions") {
		d := decision(item)
		if key, err := d.check(); err != nil {
			item.Fail(key, "%v", err)
		}
		if line, ok := seen[d.Key]; ok {
			item.Fail("finding", "expected one decision about a finding, found another (the first on line %d)", line)
		}
		seen[d.Key] = item.Line("package")
		list = append(list, d)
	}
	if err := file.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b Decision) int { return a.Key.compare(b.Key) })
	return list, nil
}

func decision(m yamlfile.Map) Decision {
	m.Only("package", "version", "rule", "finding", "kind", "reason", "until", "by", "at", "artifacts", "publisher")
	m.Required("package", "rule", "finding", "kind", "reason", "artifacts", "publisher")
	protocol, name, _ := strings.Cut(m.Text("package"), "/")
	return Decision{
		Key:     Key{Protocol: catalog.Protocol(protocol), Package: name, Rule: m.Text("rule"), Finding: m.Text("finding")},
		Version: m.Text("version"), Kind: Kind(m.Text("kind")), Reason: m.Text("reason"),
		Until: m.Date("until"), By: m.Text("by"), At: m.Date("at"),
		Binding: Binding{Artifacts: m.Text("artifacts"), Publisher: m.Text("publisher")},
		Comment: m.Comment(),
	}
}

// blankLines part a comment. The library keeps only what stands below the last
// of them when it reads the file again.
var blankLines = regexp.MustCompile(`\n\s*\n`)

// node returns a decision as the file has it.
func (d *Decision) node() *yaml.Node {
	node := &yaml.Node{Kind: yaml.MappingNode, HeadComment: blankLines.ReplaceAllString(d.Comment, "\n")}
	const text, date = "!!str", "!!timestamp" // a text that looks like something else is quoted
	for _, field := range []struct{ key, tag, value string }{
		{"package", text, string(d.Protocol) + "/" + d.Package}, {"version", text, d.Version},
		{"rule", text, d.Rule}, {"finding", text, d.Finding}, {"kind", text, string(d.Kind)}, {"reason", text, d.Reason},
		{"until", date, dateText(d.Until)}, {"by", text, d.By}, {"at", date, dateText(d.At)},
		{"artifacts", text, d.Artifacts}, {"publisher", text, d.Publisher},
	} {
		if field.value == "" {
			continue
		}
		value := &yaml.Node{Kind: yaml.ScalarNode, Tag: field.tag, Value: field.value}
		if field.value == "<<" { // the library does not quote it, and reads it as a merge key
			value.Style = yaml.DoubleQuotedStyle
		}
		node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: field.key}, value)
	}
	return node
}

func dateText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// Marshal returns the text of the file: the same decisions always give the
// same text, sorted by package, rule and finding.
func (d *Decisions) Marshal() ([]byte, error) {
	d = d.clone()
	file := struct {
		Version   int          `yaml:"version"`
		Decisions []*yaml.Node `yaml:"decisions"`
	}{Version: 1}
	for i := range d.list {
		file.Decisions = append(file.Decisions, d.list[i].node())
	}
	b := bytes.NewBufferString(d.file.header)
	encoder := yaml.NewEncoder(b)
	encoder.SetIndent(2)
	if err := errors.Join(encoder.Encode(file), encoder.Close()); err != nil {
		return nil, fmt.Errorf("write decisions: %w", err)
	}
	return b.Bytes(), nil
}

// Save writes the decisions into the catalog at dir, as a whole or not at all, and
// returns them as they are in its file. The file must still be as [Load] left it, else
// the error wraps [catalog.ErrChanged]. Nothing outside dir is written.
func (d *Decisions) Save(dir string) (*Decisions, error) {
	root, err := untrusted.OpenFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("write decisions: %w", err)
	}
	defer root.Close()
	return d.save(root)
}

func (d *Decisions) save(root *os.Root) (*Decisions, error) {
	if d == nil || d.file == nil {
		return nil, errors.New("write decisions: expected decisions that were loaded")
	}
	data, err := d.Marshal()
	if err != nil {
		return nil, err
	}
	if _, err := parse(data); err != nil { // what is written can be read
		return nil, fmt.Errorf("write decisions: %w", err)
	}
	if err := catalog.Replace(root, FileName, data, untrusted.MaxTriage, d.file.sum); err != nil {
		return nil, fmt.Errorf("write %s: %w", FileName, err)
	}
	sum := sha256.Sum256(data)
	return &Decisions{list: d.list, file: &fileState{d.file.header, &sum}}, nil
}

// updates is how often Update begins anew if somebody writes the file meanwhile.
const updates = 5

// Update makes a change in the decisions of the catalog at dir as they are now: what
// others decided since d was read is kept, and is in what Update returns, also if the
// change does not apply to it. Programs that call it at the same time must share a lock;
// an editor, which knows of none, may write at any time.
func (d *Decisions) Update(dir string, c Change) (*Decisions, error) {
	root, err := untrusted.OpenFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("write decisions: %w", err)
	}
	defer root.Close()
	for range updates {
		if d, err = d.Reload(root.FS()); err != nil {
			return nil, err
		}
		var next *Decisions
		if next, err = d.Changed(c); err != nil {
			return d, err
		}
		if next, err = next.save(root); !errors.Is(err, catalog.ErrChanged) {
			return next, err
		}
	}
	return nil, err
}
