package ui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"plimsoll/catalog"
	"plimsoll/verify/scan"
)

// loadedMsg is a part of the catalog, or why it could not be loaded.
type loadedMsg struct {
	attempt int
	specs   []catalog.Spec
	err     error
	rest    <-chan tea.Msg // from which the next part comes; nil: this was the last
}

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

// load reads the catalog. Each part of it is a message; the model asks for the
// next.
func load(ctx context.Context, attempt int, read func(context.Context, func([]catalog.Spec)) (bool, error)) tea.Cmd {
	parts := make(chan tea.Msg)
	send := func(msg tea.Msg) {
		select {
		case parts <- msg:
		case <-ctx.Done():
		}
	}
	return func() tea.Msg {
		go func() {
			send(guard(func() tea.Msg {
				_, err := read(ctx, func(specs []catalog.Spec) { send(loadedMsg{attempt: attempt, specs: specs, rest: parts}) })
				return loadedMsg{attempt: attempt, err: err}
			})())
		}()
		return receive(ctx, parts)()
	}
}

// receive waits for the next part of the catalog.
func receive(ctx context.Context, parts <-chan tea.Msg) tea.Cmd {
	return func() tea.Msg {
		select {
		case msg := <-parts:
			return msg
		case <-ctx.Done():
			return nil
		}
	}
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
	return guard(func() tea.Msg {
		engine.Submit(tasks...)
		if len(first) > 0 {
			engine.Promote(first...)
		}
		return nil
	})
}

func promote(engine Engine, ids []int) tea.Cmd {
	return guard(func() tea.Msg {
		engine.Promote(ids...)
		return nil
	})
}

func tick() tea.Cmd {
	return tea.Tick(tickInterval, func(time.Time) tea.Msg { return tickMsg{} })
}
