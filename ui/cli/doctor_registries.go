package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/goproxy"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/trust"
)

// maxAsked bounds how many npm registries are asked.
const maxAsked = 64

// fault is an error for people. If the time for all has run out, it says that.
func fault(ctx context.Context, err error) string {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = context.Cause(ctx)
	}
	return untrusted.Message(err)
}

// unreached is the symptom of a server that did not answer as it should: where it is
// set is no help if it has no time for now.
func unreached(ctx context.Context, expected string, err error, settings string) symptom {
	s := symptom{Result: isMissing, Expected: expected, Found: fault(ctx, err), Advice: settings}
	code := registry.StatusCode(err)
	if code >= http.StatusInternalServerError || code == http.StatusTooManyRequests || errors.Is(err, context.DeadlineExceeded) {
		s.Advice = "try again later; if that does not help, " + settings
	}
	return s
}

// openTrust is as [openSources] has it, but that each registry is asked for its keys
// once, and for a time that ends.
func (d *doctor) openTrust(log *logFile) {
	options, err := trustOptions(d.options, d.recording)
	if d.trustErr = err; err != nil {
		return
	}
	if options.TUF != nil {
		d.web.client = d.client
		d.web.configure(options.TUF, d.options)
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
			Advice: "without it nothing is verified: let this machine reach the repository, " +
				"or name a mirror (--tuf-mirror) or a file (--trusted-root)",
		}
	}
	info := d.trust.Describe()
	if info.Kept != "" {
		return symptom{Result: isNote, Found: trustText(info) + "; " + info.Kept,
			Advice: "a damaged file that was set aside may go once you have looked at it; " +
				"a folder that cannot be written serves as it is: --cache-dir names another"}
	}
	return symptom{Result: isOK, Found: trustText(info)}
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
	} else {
		d.addPyPI(config)
	}
	d.addGo(goSetup(d.env, nil, ""))
}

const goAdvice = "plimsoll config shows where the address comes from; GOPROXY and GOSUMDB name others, as for the go command"

// addGo adds the module proxies and the checksum database. Without either no Go module
// can be verified, which is no fault if a catalog has none.
func (d *doctor) addGo(setup goproxy.Setup) {
	over := d.web.connect(registry.TransportOptions{RootCAs: registry.Authorities(d.web.authorities...)})
	r := goproxy.New(d.client.Over(over), func() goproxy.Setup { return setup })
	note := func(name, found string) {
		d.add(name, func(context.Context) symptom { return symptom{Result: isNote, Found: found, Advice: goAdvice} })
	}
	switch {
	case setup.Fault != nil:
		note("module-proxy", untrusted.Message(setup.Fault)+"; no Go module can be verified")
		return
	case len(setup.Proxies()) == 0:
		note("module-proxy", "GOPROXY names none; no Go module can be verified")
		return
	}
	for _, base := range setup.Proxies() {
		d.addAsked("module-proxy", base, func(ctx context.Context) symptom {
			switch err := r.Probe(ctx, base); {
			case errors.Is(err, registry.ErrNotFound):
				return symptom{Result: isOK, Found: "answers, and does not pass the checksum database on"}
			case err != nil:
				return unreached(ctx, "an answer of a module proxy", err, goAdvice)
			}
			return symptom{Result: isOK, Found: "answers, and passes the checksum database on"}
		})
	}
	switch {
	case setup.SumFault != nil:
		note("checksum-db", untrusted.Message(setup.SumFault)+"; no Go module can be verified")
		return
	case setup.Key == "":
		note("checksum-db", "GOSUMDB is off; nothing is proven of any Go module")
		return
	}
	d.addAsked("checksum-db", setup.Direct, func(ctx context.Context) symptom {
		records, at, err := r.ProbeDatabase(ctx)
		if err != nil {
			return unreached(ctx, "the newest head of the database's tree, signed by its key", err, goAdvice)
		}
		return symptom{Result: isOK, Found: fmt.Sprintf("%v answers with a signed head of %d records", at, records)}
	})
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
		return unreached(ctx, "the keys of an npm registry", err, npmAdvice)
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
				return unreached(ctx, "a project's page of a simple index, as JSON", err, pypiAdvice)
			}
			return symptom{Result: isOK, Found: "answers with the page of a project (" + pypi.Probed + ")"}
		})
	}
}
