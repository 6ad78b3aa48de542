package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/catalog/untrusted"
	"plimsoll/ui"
	"plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/ui/view"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/trust"
)

const aboutDoctor = `doctor looks whether what verification needs can be had, and says what to do about
what cannot: the Sigstore trust root is loaded, each npm registry that is in force is
asked for its keys, each Python index for the page of one small project, and the
cache's folder for a place to write. Terminal and git are looked at as well.

No package of a catalog is asked for: that a registry answers does not say that it
has yours. Nothing is kept but what every run keeps of the trust root. With --offline
nothing is asked, and it says what the cache holds. plimsoll config shows which
registries are in force, and where each comes from.

Exit codes: 0 nothing was found missing; 2 usage, or a setting that cannot be
read; 3 something that verification needs is missing.`

// doctorTime bounds everything that is asked together.
const doctorTime = 20 * time.Second

// maxAsked bounds how many npm registries are asked.
const maxAsked = 64

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
			if asJSON {
				return written(untrusted.WriteJSON(env.Stdout, doctorDocument{"plimsoll/doctor/v1", found}), code)
			}
			return written(symptomsText(env, o, found).Write(env.Stdout), code)
		},
	}
	c.Flags().SortFlags = false
	c.Flags().BoolVar(&asJSON, "json", false, "print the result as JSON")
	o.bind(c, "record", "jobs", "policy", "ignore-triage") // no package is checked
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
	recording *recording.Recording // nil for none
	web       *network
	client    *registry.Client
	trust     *trust.Provider                   // nil with trustErr
	keys      map[string]func() ([]byte, error) // what each npm registry serves, asked once
	trustErr  error                             // of the options that say where trust comes from
	looks     []look
}

// look is one thing to look at.
type look struct {
	name string
	at   func(context.Context) symptom
}

// diagnose looks at everything at once, within a time.
func diagnose(ctx context.Context, env Env, o options, within time.Duration) ([]symptom, error) {
	log, err := openLog(o.logFile)
	if err != nil {
		return nil, unreadable(err)
	}
	defer log.close()
	recording, closer, err := openRecording(o)
	if err != nil {
		return nil, unreadable(err)
	}
	defer closer.Close()
	d := &doctor{env: env, options: o, recording: recording, web: &network{}, keys: map[string]func() ([]byte, error){}}
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
	d.add("terminal", d.terminal)
	d.add("git", d.git)
	defer env.begin(ctx, o, "looked at", len(d.looks))()
	found := make([]symptom, len(d.looks))
	var all sync.WaitGroup
	for i, look := range d.looks {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					fault := ui.NewFault(p)
					log.Error("panic", "panic", fault.Text, "stack", string(fault.Stack))
					found[i] = symptom{Result: isMissing, Expected: "no fault of plimsoll", Found: untrusted.Message(fault), Advice: advice(o.logFile)}
				}
				found[i].Name = untrusted.Clean(look.name)
				env.progress.did(1)
			}()
			found[i] = look.at(limited)
		})
	}
	all.Wait()
	if ctx.Err() != nil {
		return nil, unchecked(errInterrupted)
	}
	return found, nil
}

func (d *doctor) add(name string, at func(context.Context) symptom) {
	d.looks = append(d.looks, look{strings.TrimSpace(name), at})
}

// fault is an error for people. If the time for all has run out, it says that.
func fault(ctx context.Context, err error) string {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = context.Cause(ctx)
	}
	return untrusted.Message(err)
}

// openTrust is as [openSources] has it, but that each registry is asked for its keys
// once, and for a time that ends.
func (d *doctor) openTrust(log *logFile) {
	options, err := trustOptions(d.options, d.recording)
	if d.trustErr = err; err != nil {
		return
	}
	if options.TUF != nil {
		d.web.configure(options.TUF, d.options)
		options.TUF.Client = d.client
		if _, err := os.Stat(options.TUF.CachePath); d.options.offline && err != nil {
			options.TUF.CachePath = "" // it would be made, to hold nothing
		}
	}
	options.FetchKeys = func(_ context.Context, base *url.URL) ([]byte, error) { return d.keys[base.String()]() }
	options.Now, options.Log = d.env.Now, log.Logger
	d.trust = trust.New(options)
}

func (d *doctor) trustRoot(ctx context.Context) symptom {
	err := d.trustErr
	if err == nil {
		_, err = d.trust.For(ctx, verify.PyPI, nil)
	}
	if err != nil {
		return symptom{
			Result: isMissing, Expected: "a Sigstore trust root that verifies and has not ended", Found: fault(ctx, err),
			Advice: "without it nothing is verified: let this machine reach the repository, or name a mirror (--tuf-mirror) or a file (--trusted-root)",
		}
	}
	return symptom{Result: isOK, Found: trustText(d.trust.Describe())}
}

// addRegistries adds the registries that are in force.
func (d *doctor) addRegistries(ctx context.Context) {
	if d.recording != nil {
		d.add("registries", func(context.Context) symptom {
			return symptom{Result: isUnasked, Found: "a recording of " + d.recording.Recorded.UTC().Format(time.RFC3339) + " answers in their place"}
		})
		return
	}
	if config, err := npmConfig(d.env, d.options, nil); err != nil {
		d.addUnknown("npm-registry", npmAdvice, err)
	} else {
		d.addNPM(ctx, config)
	}
	config, err := pypiConfig(d.env, d.options, nil)
	if err == nil {
		err = config.Fault
	}
	if err != nil {
		d.addUnknown("pypi-index", pypiAdvice, err)
		return
	}
	d.addPyPI(config)
}

// Whose settings the registries come from, and how to say otherwise.
const (
	npmAdvice  = "plimsoll config shows where the address and the credentials come from; --npm-registry names another registry"
	pypiAdvice = "plimsoll config shows where the address and the credentials come from; --pypi-index names another index"
)

// addUnknown adds a registry whose address is not known.
func (d *doctor) addUnknown(name, advice string, err error) {
	d.add(name, func(context.Context) symptom {
		return symptom{Result: isMissing, Expected: "the address of a registry", Found: untrusted.Message(err), Advice: advice}
	})
}

// addAsked adds a registry that is asked with ask, unless nothing may be.
func (d *doctor) addAsked(name string, address *url.URL, ask func(context.Context) symptom) {
	shown := string(registry.Redact(address))
	if d.options.offline {
		ask = func(context.Context) symptom { return symptom{Result: isUnasked, Found: "--offline uses no network"} }
	}
	d.add(name, func(ctx context.Context) symptom {
		s := ask(ctx)
		if !strings.Contains(s.Found, shown) { // errors of requests name it
			s.Found = shown + ": " + s.Found
		}
		return s
	})
}

func (d *doctor) addNPM(ctx context.Context, config npm.Config) {
	r := npm.New(d.client.Over(d.web.connect(config.Transport(d.web.authorities))), config)
	all := config.Registries()
	for _, served := range all[:min(len(all), maxAsked)] {
		name := "npm-registry " + served.Scope
		if served.Err != nil {
			d.addUnknown(name, npmAdvice, served.Err)
			continue
		}
		if key := served.Base.String(); d.keys[key] == nil {
			d.keys[key] = sync.OnceValues(func() ([]byte, error) {
				data, _, err := r.Keys(ctx, served.Base)
				return data, err
			})
		}
		d.addAsked(name, served.Base, func(ctx context.Context) symptom { return d.npm(ctx, served.Base) })
	}
	if more := len(all) - maxAsked; more > 0 {
		d.add("npm-registry", func(context.Context) symptom {
			return symptom{Result: isUnasked, Found: untrusted.Plural(more, "more registry") + " of scopes"}
		})
	}
}

// npm asks an npm registry for its keys: each has them at the same address, if it has
// some, and they are small.
func (d *doctor) npm(ctx context.Context, base *url.URL) symptom {
	data, err := d.keys[base.String()]()
	if err != nil && !errors.Is(err, registry.ErrNotFound) {
		return symptom{Result: isMissing, Expected: "the keys of an npm registry", Found: fault(ctx, err), Advice: npmAdvice}
	}
	s := symptom{Result: isOK, Found: "answers with its keys"}
	if err != nil {
		s = symptom{Result: isNote, Found: "answers, and has no keys there (or is no npm registry)",
			Advice: "if it does not have your packages either, look at its address: " + npmAdvice}
	} else if _, err := trust.ParseKeys(data, ""); err != nil {
		s = symptom{Result: isNote, Found: "answers, and its keys cannot be read: " + untrusted.Message(err),
			Advice: "what it signs cannot be checked by them; --npm-keys names a file with keys that you trust"}
	}
	if d.trust == nil {
		return s
	}
	t, _ := d.trust.For(ctx, verify.NPM, base) // the error has a line of its own
	switch {
	case len(t.Keys) == 0:
	case t.Keys[0].Weak:
		s = symptom{Result: isNote, Found: s.Found + ", for which nobody else vouches",
			Advice: "its signatures prove no more than it says itself; --npm-keys names a file with keys that you trust"}
	default:
		s.Found += "; those that count are from " + untrusted.Clean(t.Keys[0].Source)
	}
	return s
}

func (d *doctor) addPyPI(config pypi.Config) {
	r := pypi.New(d.client.Over(d.web.connect(config.Transport(d.web.authorities))), config)
	for _, index := range r.Config().Asked() {
		name := "pypi-index " + index.Name
		if index.Fault != nil {
			d.addUnknown(name, pypiAdvice, index.Fault)
			continue
		}
		d.addAsked(name, index.URL, func(ctx context.Context) symptom {
			err := r.Probe(ctx, index)
			switch {
			case errors.Is(err, registry.ErrNotFound):
				return symptom{Result: isNote, Found: "answers, and does not have the project " + pypi.Probed + " (or is no index)",
					Advice: "if it does not have your packages either, look at its address: " + pypiAdvice}
			case err != nil:
				return symptom{Result: isMissing, Expected: "a project's page of a simple index, as JSON", Found: fault(ctx, err), Advice: pypiAdvice}
			}
			return symptom{Result: isOK, Found: "answers with the page of a project (" + pypi.Probed + ")"}
		})
	}
}

// symptomsText is a line for each thing; below what is missing stands what was
// expected, and what to do.
func symptomsText(env Env, o options, found []symptom) *view.Doc {
	th, width := textReport(env, o).Theme, 0
	if env.IsTerminal(env.Stdout) {
		width = env.Width(env.Stdout)
	}
	page := view.NewDoc(th, width)
	names := len("expected")
	for _, s := range found {
		names = max(names, theme.Width(theme.Cut(s.Name, maxNameCells)))
	}
	missing := 0
	for _, s := range found {
		sign, token := "  ", theme.Plain
		switch s.Result {
		case isMissing:
			sign, token = th.Status(verify.Unchecked)
			missing++
		case isNote:
			sign, token = th.Severity(verify.Warning)
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
	page.Para(theme.Plain, line+"; no package was asked for")
	return page
}

// maxNameCells is the most that a name takes of a line: that of a scope may be any.
const maxNameCells = 32
