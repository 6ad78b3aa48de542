package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/trust"
)

const aboutDoctor = `doctor looks whether what verification needs can be had, and says what to do about
what cannot: the Sigstore trust root is loaded, each npm registry that is in force is
asked for its keys, each Python index for the page of one small project, each module
proxy for whether it passes the checksum database on, that database for its newest
head, and the cache's folder for a place to write. Clock, terminal and git are
looked at as well.

No package of a catalog is asked for: that a registry answers does not say that it
has yours. Nothing is kept but what every run keeps of the trust root. With --offline
nothing is asked, and it says what the cache holds. plimsoll config shows which
registries are in force, and where each comes from.

Exit codes: 0 nothing was found missing; 2 usage, or a setting that cannot be
read; 3 something that verification needs is missing.`

// doctorTime bounds everything that is asked together.
const doctorTime = 20 * time.Second

func doctorCommand(env Env) *cobra.Command {
	var o options
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether trust root, registries and cache can be had, and say what to do if not",
		Long:  aboutDoctor,
		Example: "  # ask the registries and the trust root that are in force\n  plimsoll doctor\n" +
			"  # see what can be verified without network\n  plimsoll doctor --offline",
		Args: none,
		RunE: func(c *cobra.Command, _ []string) error {
			found, err := diagnose(c.Context(), env, o, doctorTime)
			if err != nil {
				return err
			}
			code := report.ExitOK
			if slices.ContainsFunc(found, func(s symptom) bool { return s.Result == isMissing }) {
				code = report.ExitUnchecked
			}
			return env.write(code, func() error {
				if asJSON {
					return untrusted.WriteJSON(env.Stdout, doctorDocument{"plimsoll/doctor/v1", found})
				}
				return symptomsText(env, o, found).Write(env.Stdout)
			})
		},
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c, "record", "jobs", "timeout", "policy", "ignore-triage") // no package is checked
	return c
}

type doctorDocument struct {
	Schema  string    `json:"schema"`
	Results []symptom `json:"results"`
}

// symptom is how one thing was found.
type symptom struct {
	Name     string `json:"name"`
	Result   health `json:"result"`
	Expected string `json:"expected,omitempty"` // of what is missing
	Found    string `json:"found"`
	Advice   string `json:"advice,omitempty"` // what to do, unless all is well
}

type health string

const (
	isOK      health = "ok"
	isNote    health = "note"      // verification does without it
	isMissing health = "missing"   // verification needs it
	isUnasked health = "not asked" // on purpose
)

// doctor looks at what a run would use, without a run.
type doctor struct {
	env       Env
	options   options
	within    time.Duration        // all of it
	recording *recording.Recording // nil for none
	web       *network
	client    *registry.Client
	trust     *trust.Provider                   // nil with trustErr
	keys      map[string]func() ([]byte, error) // what each npm registry serves, asked once
	trustErr  error                             // of the options that say where trust comes from
	probes    []probe
}

// probe looks at one thing.
type probe struct {
	name string
	run  func(context.Context) symptom
}

// diagnose looks at everything at once, within a time.
func diagnose(ctx context.Context, env Env, o options, within time.Duration) ([]symptom, error) {
	log, err := env.openLog(o.logFile)
	if err != nil {
		return nil, unreadable(err)
	}
	defer log.close()
	recording, closer, err := openRecording(o)
	if err != nil {
		return nil, unreadable(err)
	}
	defer closer.Close()
	d := &doctor{env: env, options: o, within: within, recording: recording, web: &network{}, keys: map[string]func() ([]byte, error){}}
	if recording == nil {
		uncached := o
		uncached.cacheSize = 0 // the folder is looked at and not made, and no answer is kept
		if d.web, err = openNetwork(env, uncached, log.Logger); err != nil {
			return nil, unreadable(err)
		}
	}
	limited, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no complete answer within %v", within))
	defer cancel()
	d.client = registry.New(registry.Options{
		Transport: d.web.base, UserAgent: userAgent(), Now: env.Now, Retries: -1, Timeout: within / 2, Whole: within / 2,
	})
	d.openTrust(log)
	d.add("trust root", d.trustRoot)
	d.addRegistries(limited)
	d.add("cache", d.cache)
	d.add("clock", d.clock)
	d.add("terminal", d.terminal)
	d.add("git", d.git)
	defer env.begin(ctx, o, "looked at", len(d.probes))()
	found := d.runAll(limited, log, time.After(within+env.grace))
	if ctx.Err() != nil {
		return nil, unchecked(errInterrupted)
	}
	return found, nil
}

// runAll runs all probes at once. What has not ended when it is late, as on a
// file system that does not answer, is left behind.
func (d *doctor) runAll(ctx context.Context, log *logFile, late <-chan time.Time) []symptom {
	type answer struct {
		of int
		symptom
	}
	answers := make(chan answer, len(d.probes))
	found := make([]symptom, len(d.probes))
	for i, probe := range d.probes {
		found[i] = symptom{Result: isMissing, Expected: "an answer in time", Found: "none came",
			Advice: "look for a disk or a network folder that does not answer"}
		go func() {
			a := answer{of: i}
			defer func() {
				if p := recover(); p != nil {
					fault := ui.NewFault(p)
					log.Error("panic", "panic", fault.Text, "stack", string(fault.Stack))
					a.symptom = symptom{Result: isMissing, Expected: "no fault of plimsoll", Found: untrusted.Message(fault),
						Advice: advice(d.options.logFile)}
				}
				answers <- a
			}()
			a.symptom = probe.run(ctx)
		}()
	}
	for range d.probes {
		select {
		case a := <-answers:
			found[a.of] = a.symptom
			d.env.progress.did(1)
			continue
		case <-late:
		}
		break
	}
	for i, probe := range d.probes {
		found[i].Name = untrusted.Clean(probe.name)
	}
	return found
}

func (d *doctor) add(name string, run func(context.Context) symptom) {
	d.probes = append(d.probes, probe{strings.TrimSpace(name), run})
}

// symptomsText is a line for each thing; below what is missing stands what was
// expected, and what to do.
func symptomsText(env Env, o options, found []symptom) *view.Doc {
	text := textReport(env, o)
	page := view.NewDoc(text.Theme, text.Width)
	names := len("expected")
	for _, s := range found {
		names = max(names, theme.Width(theme.Cut(s.Name, maxNameCells)))
	}
	missing := 0
	for _, s := range found {
		sign, token := "  ", theme.Plain
		switch s.Result {
		case isMissing:
			sign, token = text.Theme.Status(verify.Unchecked)
			missing++
		case isNote:
			sign, token = text.Theme.Severity(verify.Warning)
		case isUnasked:
			token = theme.Muted
		}
		result := theme.Fit(sign, 2) + theme.Fit(string(s.Result), len(isUnasked)+2)
		page.Flow(view.Span{Token: token, Text: result}, view.Span{Text: theme.Fit(s.Name, names) + "  "}, view.Span{Text: s.Found})
		for _, more := range []struct{ label, text string }{{"expected", s.Expected}, {"to do", s.Advice}} {
			if more.text != "" {
				label := theme.Fit("", theme.Width(result)) + theme.Fit(more.label, names) + "  "
				page.Flow(view.Span{Token: theme.Muted, Text: label}, view.Span{Text: more.text})
			}
		}
	}
	page.Blank()
	line := "nothing was found missing"
	if missing > 0 {
		line = untrusted.Plural(missing, "thing") + " that verification needs could not be had"
	}
	page.Para(theme.Plain, line+"; no package of a catalog was asked for")
	return page
}

// maxNameCells is the most that a name takes of a line: that of a scope may be any.
const maxNameCells = 32
