package cli

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/registry"
	"plimsoll/verify/registry/pypi"
	"plimsoll/verify/registry/recording"
)

// recordIndexes writes into the header of a recording which indexes are asked, and
// how: with the same answers, a run over them ends in the same verdicts.
func recordIndexes(h *recording.Header, c pypi.Config) {
	var list recording.Indexes
	plain := len(c.Asked()) == 1
	for _, i := range c.Asked() {
		recorded := recording.Index{Name: i.Name, NotHere: i.NotHere, Shared: i.Shared, Access: i.Access, Fault: untrusted.Message(i.Fault)}
		if i.URL != nil {
			recorded.URL = i.URL.String()
			h.PyPIIndex = cmp.Or(h.PyPIIndex, recorded.URL)
		}
		plain = plain && i.URL != nil && i.Name == "" && i.NotHere == nil && !i.Credentials() && !i.Never
		list.Indexes = append(list.Indexes, recorded)
	}
	for _, f := range c.Findings() {
		list.Notices = append(list.Notices, f.Message)
	}
	if list.Strategy = string(c.Strategy); !plain || list.Notices != nil {
		h.PyPI = &list
	}
}

// recordedIndexes returns the indexes of a recording, which has no credentials.
func recordedIndexes(h recording.Header) (pypi.Config, error) {
	if h.PyPI == nil {
		return pypi.ParseConfig(h.PyPIIndex, "the recording")
	}
	c := pypi.Config{Strategy: pypi.Strategy(h.PyPI.Strategy)}
	for _, text := range h.PyPI.Notices {
		c.Notices = append(c.Notices, untrusted.Clean(text))
	}
	for _, recorded := range h.PyPI.Indexes {
		i := pypi.Index{
			Name: recorded.Name, From: "the recording", NotHere: recorded.NotHere, Shared: recorded.Shared,
			Access: untrusted.Clean(recorded.Access),
		}
		if recorded.URL == "" {
			i.Fault = errors.New(untrusted.Clean(recorded.Fault))
		} else {
			base, err := registry.ParseBase(recorded.URL)
			if err != nil {
				return pypi.Config{}, err
			}
			i.URL = base
		}
		c.Indexes = append(c.Indexes, i)
	}
	return c, nil
}

// indexSettings lists the indexes in the order in which they are asked, and what of
// uv's and pip's configuration is not honoured.
func indexSettings(env Env, o options, source string) []setting {
	c, err := pypiConfig(env, o, nil)
	if err = cmp.Or(err, c.Fault); err != nil {
		return []setting{{Name: "pypi-index", Value: untrusted.Message(err), Source: cmp.Or(source, "uv's and pip's configuration")}}
	}
	c = pypi.New(nil, c).Config()
	var list []setting
	for _, i := range c.Indexes {
		s := setting{
			Name: strings.TrimSpace("pypi-index " + i.Name), Value: addressOr(i.Fault, i.URL),
			Source: cmp.Or(source, i.From, "default"), Credentials: secret(i.Credentials()),
		}
		if i.Explicit && i.Fault == nil {
			s.Value += ", explicit: asked for no package"
		}
		list = append(list, s)
	}
	if len(c.Asked()) > 1 {
		strategy := cmp.Or(c.Strategy, pypi.FirstIndex)
		list = append(list, setting{Name: "pypi-index-strategy", Value: string(strategy), Source: cmp.Or(c.StrategyFrom, "default")})
	}
	for _, text := range c.Notices {
		list = append(list, setting{Name: "pypi", Value: text, Source: "uv's and pip's configuration"})
	}
	return append(list, managerSettings("pypi", slices.Concat(c.Ignored, c.Unread))...)
}
