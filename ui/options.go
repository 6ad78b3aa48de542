package ui

import (
	"context"
	"log/slog"
	"time"

	"plimsoll/catalog"
	"plimsoll/catalog/watch"
	"plimsoll/ui/coverage"
	reports "plimsoll/ui/report"
	"plimsoll/ui/theme"
	"plimsoll/verify"
	"plimsoll/verify/history"
	"plimsoll/verify/review"
	"plimsoll/verify/scan"
)

// Engine checks packages in the background. Its methods are called from
// several goroutines and may take their time.
type Engine interface {
	// Submit queues tasks. A task with a known ID replaces the older one.
	Submit(tasks ...scan.Task)
	// Promote asks for the packages with these IDs to be checked before others.
	Promote(ids ...int)
	// Events gives what happens. When it is closed, nothing more will.
	Events() <-chan scan.Event
}

// Options is what the screen is made of. Only Theme, and Engine or
// Results, are required.
type Options struct {
	// Specs is the catalog. If it is nil, Load reads it, after the first frame.
	Specs []catalog.Spec
	// Load reads the catalog and calls yield for the specs as they are read.
	Load func(ctx context.Context, yield func([]catalog.Spec)) error
	// Policy reads the catalog's policy again and reports whether it is another
	// one than before, or is nil if no policy changes. One that cannot be read
	// leaves that before in force.
	Policy func() (changed bool, err error)

	// Unread counts the specs of the catalog that are not read; nil: there are
	// none. It is called when Load is done.
	Unread func(context.Context) catalog.UnreadSpecs

	Engine Engine
	Theme  *theme.Theme
	Title  string // the catalog's name
	// Trust is one line on what the verdicts rest on; "" if that is the public
	// trust root.
	Trust string
	// Keys are bound in place of the usual ones; [CheckKeys] must have nothing
	// against them.
	Keys []Binding
	// Views are offered after the presets; [CheckViews] must have nothing against them.
	Views []View
	// State keeps how the table was left; nil: it is not kept.
	State State
	Now   func() time.Time // default: time.Now

	// Clipboard puts text on the system's clipboard, or is nil if there is none. It
	// may take its time, and must end when ctx does. The terminal's (OSC 52), which
	// works over ssh, is asked in any case.
	Clipboard func(ctx context.Context, text string) error
	// Tmux reports whether the terminal is tmux, which passes sequences on only in a
	// form of its own.
	Tmux bool
	// Open shows an address in the browser. If it is nil, the address is
	// shown and copied instead.
	Open func(ctx context.Context, url string) error
	// Export writes a file. If it exists and overwrite is false, the error
	// wraps fs.ErrExist. Nil: files cannot be written.
	Export func(name string, data []byte, overwrite bool) error
	// Evidence says, for exported files, what the verdicts rest on.
	Evidence func() reports.Trust

	// TrustInfo returns the trust in force; nil: nothing is verified.
	TrustInfo func() scan.TrustInfo
	// SumDB returns the checksum database of Go modules in force; nil: none is asked.
	SumDB func() scan.SumDBInfo
	// RefreshTrust loads the trust anew, if that is due or atOnce. It may take
	// its time. Nil: it stays as it is.
	RefreshTrust func(ctx context.Context, atOnce bool)
	// Minutes gives a time about once a minute, to look at what ends with time:
	// the trust, and what is excepted or decided until a date; nil: never.
	Minutes <-chan time.Time

	// Clock says what is wrong with this machine's clock, "" for nothing; nil: nobody
	// looks.
	Clock func() string

	// Triage is what deciding about findings needs; nil: nothing can be decided,
	// for the reason in TriageOff.
	Triage    *TriageOptions
	TriageOff string
	// CoverageRuns returns what was counted of this catalog at earlier times,
	// the oldest first; nil: nothing was.
	CoverageRuns func() ([]coverage.Run, error)
	// Results are answers that were saved, one for each of Specs; nothing is
	// verified then, and Engine is nil.
	Results []verify.Report

	// Watch tells that the catalog's folder changed while the screen is open; nil:
	// it is not watched. It may be closed.
	Watch <-chan watch.Event
	// Every gives a time whenever everything is to be checked again; nil: never.
	Every <-chan time.Time

	// Examine checks a package again for somebody who looks at it; nil: there is
	// nothing to look at but the reports.
	Examine func(context.Context, catalog.Spec) (*verify.Dossier, error)
	// File reports whether what is shown is a file of evidence, and Specs stand for
	// its attestations: one alone is shown without a table.
	File bool
	// Aged reports whether evidence comes from a cache or a recording: each package
	// then says how old it is.
	Aged bool

	// History gets what the registry offers for all versions of a package that
	// was checked; nil: histories are not available.
	History func(ctx context.Context, spec catalog.Spec, report *verify.Report) (history.History, error)

	// Review reviews the change of the catalog. update gets the review as results
	// come, which is not to be changed; nil: nothing can be reviewed, for the reason
	// in ReviewOff.
	Review    func(ctx context.Context, update func(*review.Review)) error
	ReviewOff string
	// ReviewTitle names what is reviewed; "": it is Title.
	ReviewTitle string
	// ReviewAlone shows the review and nothing below it.
	ReviewAlone bool

	// Log takes what other writers send to the standard streams while the screen
	// is ours, and the stack of a panic. If it is nil, both are dropped.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Evidence == nil {
		o.Evidence = func() reports.Trust { return reports.Trust{} }
	}
	if o.Theme == nil {
		o.Theme = theme.New(theme.Options{})
	}
	if o.Results != nil {
		o.Theme = o.Theme.ReadBack()
	}
	return o
}
