package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify/scan"
)

// eventsMsg is what happened in the engine since the last one.
type eventsMsg []scan.Event

// tickMsg moves the spinner and lets the table re-order itself.
type tickMsg struct{}

// View runs after every message, so events are not sent one by one: a message
// holds what came within drainTime of the first, at most maxEvents.
const (
	maxEvents    = 256
	drainTime    = 50 * time.Millisecond
	tickInterval = 100 * time.Millisecond
)

// batch is a part of the catalog; the last has no specs.
type batch struct {
	attempt int // counts loads; what belongs to an older one is stale
	specs   []catalog.Spec
	last    bool
	err     error // why the catalog could not be loaded
}

// load reads the catalog, part by part.
func (m *Model) load() tea.Cmd {
	ctx, o, attempt, parts := m.ctx, m.options, m.attempt, make(chan batch)
	send := func(b batch) {
		b.attempt = attempt
		select {
		case parts <- b:
		case <-ctx.Done():
		}
	}
	return tea.Batch(func() tea.Msg {
		var err error
		if o.Policy != nil {
			_, err = o.Policy()
		}
		if err == nil {
			err = o.Load(ctx, func(specs []catalog.Spec) { send(batch{specs: specs}) })
		}
		send(batch{last: true, err: err})
		close(parts)
		return nil
	}, follow(ctx, parts, (*Model).loaded))
}

// listen waits for an event and collects those that follow it closely. The
// model issues it again for each eventsMsg.
func listen(ctx context.Context, events <-chan scan.Event) tea.Cmd {
	return func() tea.Msg {
		var batch eventsMsg
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return action((*Model).closed)
			}
			batch = append(batch, event)
		}
		enough := time.NewTimer(drainTime)
		defer enough.Stop()
		for len(batch) < maxEvents {
			select {
			case event, open := <-events:
				if !open {
					return batch // the next listen tells that it is closed
				}
				batch = append(batch, event)
			case <-enough.C:
				return batch
			case <-ctx.Done():
				return nil
			}
		}
		return batch
	}
}

// follow gives what comes through a channel to the model, one after the other.
func follow[T any](ctx context.Context, from <-chan T, take func(*Model, T) tea.Cmd) tea.Cmd {
	if from == nil {
		return nil
	}
	return func() tea.Msg {
		select {
		case value, open := <-from:
			if !open {
				return nil
			}
			return action(func(m *Model) tea.Cmd { return tea.Batch(take(m, value), follow(ctx, from, take)) })
		case <-ctx.Done():
			return nil
		}
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
