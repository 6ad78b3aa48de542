package scan

import (
	"plimsoll/catalog"
	"plimsoll/verify"
)

// Task asks for one package to be checked.
type Task struct {
	ID         int           // the caller's number for the spec, given back in every event
	Generation int           // counts re-checks of the same ID; an older answer is stale
	Spec       *catalog.Spec // not to be changed until the task has finished
}

// EventKind is the kind of an [Event].
type EventKind uint8

// The kinds of events. Each task gives one Started, any number of Progress,
// and one Finished, unless the scan is cancelled.
const (
	Started EventKind = iota
	Progress
	Finished
)

// Event is what happened to one task. A Finished event always carries a
// report: that of a package that could not be checked is unchecked, and has the
// reason.
type Event struct {
	ID         int
	Generation int
	Kind       EventKind
	Message    string         // Progress: what is being done, cleaned: "fetching attestations"
	Report     *verify.Report // Finished; not to be changed by the receiver
	Trust      int            // Finished: the generation of the trust that the report rests on; 0 for none
}

// Handler receives the events of a scan. It may block: that slows the scan
// and loses nothing.
type Handler func(Event)
