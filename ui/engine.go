package ui

import (
	"context"

	"plimsoll/verify/scan"
)

// StartScan starts the engine for a screen. It stops when ctx ends.
func StartScan(ctx context.Context, config scan.Config) Engine {
	e := &scanEngine{events: make(chan scan.Event, maxEvents)}
	e.Scan = scan.Start(ctx, config, func(event scan.Event) {
		select {
		case e.events <- event:
		case <-ctx.Done():
		}
	})
	return e
}

// scanEngine gives the events of a scan as a channel. The channel is never
// closed: a recheck may come at any time.
type scanEngine struct {
	*scan.Scan
	events chan scan.Event
}

func (e *scanEngine) Events() <-chan scan.Event { return e.events }
