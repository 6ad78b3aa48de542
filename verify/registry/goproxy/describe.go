package goproxy

import (
	"plimsoll/catalog/untrusted"
	"plimsoll/verify"
)

// Info describes the checksum database in force, for people.
type Info struct {
	Asked    bool   // somebody asked for a module: else nothing is known
	Name     string // of the database, "" if there is none
	Key      string // the verifier key, or "" if the settings switch the database off
	From     string // the setting that says so, or ""
	Problem  string // why there is no key, cleaned
	Size     int64  // of the newest tree that was accepted, 0 if there is none
	Root     string // its root, base64
	File     string // where its signed head is kept, or "" if it is for this process alone
	Unkept   string // why it is in no file, cleaned
	Fork     string // that the database has shown two histories, cleaned; or ""
	Excluded string // the patterns of the modules that it is not asked for
}

// Describe returns which database is in force. It asks nothing and waits for nothing.
func (r *Registry) Describe() Info {
	heads := r.Kept()
	if heads == nil {
		return Info{}
	}
	c := r.load() // which was done before there were heads
	info := Info{Asked: true, Name: c.sumDBName(), Key: c.Key, From: c.SumFrom, Excluded: c.noSumDB.value}
	if c.SumFault != nil {
		info.Problem = untrusted.Message(c.SumFault)
	}
	newest, err := heads.Newest()
	if err != nil {
		info.Fork = untrusted.Message(err)
	}
	if head, err := verify.HeadOf(newest); err == nil {
		info.Size, info.Root = head.N, head.Hash.String()
	}
	if info.File, err = heads.File(); err != nil {
		info.Unkept = untrusted.Message(err)
	}
	return info
}
