package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"plimsoll/catalog/untrusted"
	"plimsoll/testdata/demo"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/npm"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
	"plimsoll/verify/scan"
	"plimsoll/verify/trust"
)

// openSources opens what the options name: where evidence and trust come from,
// and what gives them back. Nothing is fetched.
func openSources(ctx context.Context, env Env, o options, log *slog.Logger) (_ *scan.Registries, closeAll func(), err error) {
	recording, closer, err := openRecording(o)
	if err != nil {
		return nil, nil, unreadable(err)
	}
	defer func() {
		if err != nil {
			err = unreadable(errors.Join(err, closer.Close()))
		}
	}()
	web := &network{}
	if recording == nil {
		if web, err = openNetwork(env, o, log); err != nil {
			return nil, nil, err
		}
	}
	npmConfig, npmErr := npmConfig(env, o, recording)
	pypiConfig, pypiErr := pypiConfig(env, o, recording)
	options, trustErr := trustOptions(o, recording)
	if err := cmp.Or(npmErr, pypiErr, trustErr); err != nil {
		return nil, nil, err
	}
	recorded := env.Now()
	if recording != nil {
		recorded = recording.Recorded
	}
	recorder, npmAt, err := createRecording(recorded, o, npmConfig, pypiConfig)
	if err != nil {
		return nil, nil, err
	}
	asking := registry.Options{UserAgent: userAgent(), Now: env.Now}
	if recorder != nil {
		asking.Record = recorder.Record
	}
	var toPyPI http.RoundTripper
	if recording != nil {
		// Evidence is as old as its recording.
		asking.Transport, asking.Now = loggingTransport{recording, log, env.Now}, func() time.Time { return recording.Recorded }
		toPyPI = asking.Transport
	} else {
		asking.Transport = web.evidence(npmConfig.Transport(web.authorities))
		toPyPI = web.evidence(pypiConfig.Transport(web.authorities))
	}
	client := registry.New(asking)
	r := &scan.Registries{
		NPM: npm.New(client, npmConfig), PyPI: pypi.New(client.Over(toPyPI), pypiConfig),
		Go: goRegistry(env, client.Over(toPyPI), recording, recorder, web.dir), AskAgain: client.AskAgain,
	}
	if recording == nil {
		options.FetchKeys = func(ctx context.Context, base *url.URL) ([]byte, error) {
			keys, _, err := r.NPM.Keys(ctx, base)
			return keys, err
		}
		web.client = client
		web.configure(options.TUF, o)
	}
	options.Reread = func() (trust.Material, error) {
		now, err := trustOptions(o, recording)
		return now.Material, err
	}
	options.Now, options.Log = env.Now, log
	r.Trust = trust.New(options)
	return r, func() {
		if recorder != nil {
			head, fork := r.Go.Kept().Newest()
			recorder.SetTreeHead(head, fork != nil)
			finishRecording(ctx, env, o, recorder, npmAt, r.Trust)
		}
		closer.Close()
	}, nil
}

// openRecording opens the recording that takes the place of the network, or
// returns nil if none does. What it returns as well is to be closed in any case.
func openRecording(o options) (*recording.Recording, io.Closer, error) {
	none := io.NopCloser(nil)
	switch {
	case o.replay != "":
	case o.demo != "":
		recording, err := recording.Open(demo.Recording())
		return recording, none, err
	default:
		return nil, none, nil
	}
	// A root, because a recording may come from somebody else: nothing outside
	// its folder is read.
	root, err := untrusted.OpenFolder(o.replay)
	if err != nil {
		return nil, none, fmt.Errorf("open recording: %w", err)
	}
	recording, err := recording.Open(root.FS())
	if err != nil {
		return nil, none, errors.Join(fmt.Errorf("open recording %q: %w", untrusted.Text(o.replay), err), root.Close())
	}
	return recording, root, nil
}

// npmConfig is the npm registry that is asked: the recording's, else the one
// that the command line names, else what npm is configured to use.
func npmConfig(env Env, o options, recording *recording.Recording) (npm.Config, error) {
	address := o.npmRegistry
	config := npm.Config{Whole: o.demo != ""}
	var err error
	if recording != nil {
		address = recording.NPMRegistry
	} else {
		config = npm.LoadConfig(env.Environ())
	}
	if address != "" {
		if config.Base, err = registry.ParseBase(address); err != nil {
			return npm.Config{}, err
		}
	}
	return config, nil
}

// pypiConfig says which simple indexes are asked: those of the recording, else the
// one that the command line names, else what uv, or pip, is configured to use,
// else the public one.
func pypiConfig(env Env, o options, recording *recording.Recording) (pypi.Config, error) {
	switch {
	case recording != nil:
		return recordedIndexes(recording.Header)
	case o.pypiIndex != "":
		return pypi.ForIndex(o.pypiIndex, "--pypi-index", env.Getenv)
	}
	return pypi.LoadConfig(env.Getenv), nil
}

// trustOptions are what the verdicts rest on: files that the command line
// names, else the recording's, else TUF. With a recording there is no TUF: it
// answers every request, and nothing else does.
func trustOptions(o options, recording *recording.Recording) (trust.Options, error) {
	var m trust.Material
	var err error
	if recording != nil {
		m = trust.Material{Origin: trust.OriginRecording, RootName: "the recording's trust root", KeysName: "the recording's keys"}
		if o.demo != "" {
			m.Origin = trust.OriginDemo
		}
		if o.demo != "" && o.replay == "" {
			m.RootName, m.KeysName = "the demo's own trust root", "the demo's own keys"
		}
		if m.TrustedRoot, err = optional(recording.TrustedRoot()); err != nil {
			return trust.Options{}, err
		}
		if m.NPMKeys, err = optional(recording.NPMKeys()); err != nil {
			return trust.Options{}, err
		}
	}
	if o.trustedRoot != "" {
		m.Origin, m.RootName = trust.OriginFile, o.trustedRoot
		if m.TrustedRoot, err = untrusted.ReadFile(o.trustedRoot, untrusted.MaxTrustFile); err != nil {
			return trust.Options{}, fmt.Errorf("--trusted-root: %w", err)
		}
		if _, err := trust.ParseRoot(m.TrustedRoot); err != nil {
			return trust.Options{}, fmt.Errorf("--trusted-root %q: %w", untrusted.Text(o.trustedRoot), err)
		}
	}
	if o.npmKeys != "" {
		m.KeysName = o.npmKeys
		if m.NPMKeys, err = untrusted.ReadFile(o.npmKeys, untrusted.MaxTrustFile); err != nil {
			return trust.Options{}, fmt.Errorf("--npm-keys: %w", err)
		}
		if _, err := trust.ParseKeys(m.NPMKeys, o.npmKeys); err != nil {
			return trust.Options{}, fmt.Errorf("--npm-keys %q: %w", untrusted.Text(o.npmKeys), err)
		}
	}
	if recording != nil {
		if m.TrustedRoot == nil && len(recording.Go) == 0 { // Go modules need none
			return trust.Options{}, errors.New("the recording holds no trust root: name one with --trusted-root")
		}
		return trust.Options{Material: m}, nil
	}
	tuf := &trust.TUF{Mirror: o.tufMirror}
	if o.tufRoot != "" {
		if tuf.Root, err = untrusted.ReadFile(o.tufRoot, untrusted.MaxTrustFile); err != nil {
			return trust.Options{}, fmt.Errorf("--tuf-root: %w", err)
		}
	}
	return trust.Options{Material: m, TUF: tuf}, nil
}

// optional makes nil of a file that is not there.
func optional(data []byte, err error) ([]byte, error) {
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}
