package goproxy

import (
	"context"
	"errors"
	"net/url"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
	"plimsoll/verify/registry"
)

// Settings are those that are in force, each with where it comes from and without
// credentials. What is wrong with one stands in its place.
func (c Config) Settings() []registry.Setting {
	list := registry.Setting{Name: "GOPROXY", From: c.ProxyFrom}
	for i, p := range c.proxies {
		entry := p.word
		if p.base != nil {
			entry = string(registry.Redact(p.base))
			list.Credentials = list.Credentials || c.authorization(p.base, p.login) != ""
		}
		if list.Value += entry; i == len(c.proxies)-1 {
			break
		}
		if list.Value += ","; p.anyError {
			list.Value = list.Value[:len(list.Value)-1] + "|"
		}
	}
	if c.Fault != nil {
		list.Value = untrusted.Message(c.Fault)
	}
	database := registry.Setting{Name: "GOSUMDB", Value: c.sumDBName(), From: c.SumFrom, Credentials: c.directLogin != nil}
	switch {
	case c.SumFault != nil:
		database.Value = untrusted.Message(c.SumFault)
	case c.Key == "":
		database.Value = "off"
	case c.addressed:
		database.Value += " " + string(registry.Redact(c.Direct))
	}
	all := []registry.Setting{list, database}
	for _, s := range []struct {
		name string
		setting
	}{{"GONOPROXY", c.noProxy}, {"GONOSUMDB", c.noSumDB}} {
		if s.value != "" {
			all = append(all, registry.Setting{Name: s.name, Value: s.value, From: s.from})
		}
	}
	return append(all, c.ignored...)
}

// Proxies lists the module proxies that may be asked.
func (c Config) Proxies() (bases []*url.URL) {
	for _, p := range c.proxies {
		if p.base != nil {
			bases = append(bases, p.base)
		}
	}
	return bases
}

// Probe asks a module proxy whether it passes the checksum database on, and names no
// module. An error that is [registry.ErrNotFound] is the answer that it does not.
func (r *Registry) Probe(ctx context.Context, base *url.URL) error {
	c := r.load()
	for _, p := range c.proxies {
		if p.base == base {
			return r.supported(ctx, p, "module proxy")
		}
	}
	return errors.New("this proxy is not configured")
}

// ProbeDatabase asks the checksum database, wherever it is reached, for its newest head,
// and returns how many records it has, and where that was answered. The head's
// signature is verified; with earlier ones it is not compared.
func (r *Registry) ProbeDatabase(ctx context.Context) (records int64, at untrusted.Text, err error) {
	f := r.fetch(verify.Release{}, nil)
	if f.SumFault != nil {
		return 0, "", f.SumFault
	}
	p, err := f.database(ctx, f.SumDB())
	if err != nil {
		return 0, "", err
	}
	signed, source, err := f.latest(ctx, p)
	if err != nil {
		return 0, "", err
	}
	if check := verify.CheckHead(signed, f.SumDB(), nil); check.Status != verify.Pass {
		return 0, "", errors.New(string(source.URL) + ": " + check.Reason)
	}
	head, err := verify.HeadOf(signed)
	return head.N, registry.Redact(p.base), err
}
