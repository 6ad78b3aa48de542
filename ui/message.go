package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify/scan"
)

// loadedMsg is the catalog, or why it could not be loaded.
type loadedMsg struct {
	attempt int
	specs   []catalog.Spec
	err     error
}

// eventsMsg is what happened in the engine since the last one.
type eventsMsg []scan.Event

// closedMsg says that the engine will say nothing more.
type closedMsg struct{}

// tickMsg moves the spinner and lets the table re-order itself.
type tickMsg struct{}

// View runs after every message, so events are not sent one by one.
const (
	maxEvents    = 256
	tickInterval = 100 * time.Millisecond
)

// load reads the catalog.
func load(ctx context.Context, attempt int, read func(context.Context) ([]catalog.Spec, error)) tea.Cmd {
	return func() tea.Msg {
		specs, err := read(ctx)
		return loadedMsg{attempt, specs, err}
	}
}

// listen waits for an event and takes what else is there. The model issues it
// again for each eventsMsg.
func listen(ctx context.Context, events <-chan scan.Event) tea.Cmd {
	return func() tea.Msg {
		var batch eventsMsg
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return closedMsg{}
			}
			batch = append(batch, event)
		}
		for len(batch) < maxEvents {
			select {
			case event, open := <-events:
				if !open {
					return batch // the next listen says that it is closed
				}
				batch = append(batch, event)
			default:
				return batch
			}
		}
		return batch
	}
}

// submit hands tasks to the engine, those on the screen first.
func submit(engine Engine, tasks []scan.Task, first []int) tea.Cmd {
	return func() tea.Msg {
		engine.Submit(tasks...)
		if len(first) > 0 {
			engine.Promote(first...)
		}
		return nil
	}
}

func promote(engine Engine, ids []int) tea.Cmd {
	return func() tea.Msg {
		engine.Promote(ids...)
		return nil
	}
}

func tick() tea.Cmd {
	return tea.Tick(tickInterval, func(time.Time) tea.Msg { return tickMsg{} })
}
