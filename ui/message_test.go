package ui

import (
	"context"
	"slices"
	"strings"
	"testing"

	"plimsoll/catalog/untrusted"
	"plimsoll/verify/scan"
)

func TestListenCollectsEvents(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	events := make(chan scan.Event, 1000)
	for id := range maxEvents + 3 {
		events <- scan.Event{ID: id}
	}
	first, ok := listen(ctx, events)().(eventsMsg)
	if !ok || len(first) != maxEvents {
		t.Fatalf("the first message holds %d events, want %d", len(first), maxEvents)
	}
	close(events)
	second, ok := listen(ctx, events)().(eventsMsg)
	if !ok || len(second) != 3 || second[2].ID != maxEvents+2 {
		t.Fatalf("the second message is %v, want the last 3 events in order", second)
	}
	if _, ok := listen(ctx, events)().(action); !ok {
		t.Error("a closed channel is not reported")
	}
}

func TestListenReturnsWhatThereIs(t *testing.T) {
	t.Parallel()
	events := make(chan scan.Event, 1)
	events <- scan.Event{ID: 7}
	if got, ok := listen(context.Background(), events)().(eventsMsg); !ok || len(got) != 1 {
		t.Errorf("got %v, want the one event that there is", got)
	}
}

func TestListenEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if msg := listen(ctx, make(chan scan.Event))(); msg != nil {
		t.Errorf("got %v after the end", msg)
	}
}

func TestWhatIsOnTheScreenIsCheckedFirst(t *testing.T) {
	t.Parallel()
	engine := newEngine(false)
	submit(engine, []scan.Task{{ID: 1}, {ID: 2}, {ID: 3}}, []int{3, 2})()
	promote(engine, []int{1})()
	if len(engine.tasks) != 3 || len(engine.promoted) != 2 || !slices.Equal(engine.promoted[0], []int{3, 2}) {
		t.Errorf("submitted %v, promoted %v", engine.tasks, engine.promoted)
	}
}

func TestMovingAsksForTheRowsInView(t *testing.T) {
	t.Parallel()
	o := options()
	engine := newEngine(false)
	o.Specs, o.Engine = manySpecs(100), engine
	m := send(New(o), full)
	if cmd := m.promote(); cmd != nil {
		t.Error("the same rows are asked for twice")
	}
	press(m, "j")
	if len(m.promoted) == 0 || m.promoted[0] != 0 {
		t.Fatalf("promoted %v before the table scrolled", m.promoted)
	}
	if press(m, "G"); m.promoted[len(m.promoted)-1] != 99 {
		t.Errorf("at the end of the table the rows %v were asked for", m.promoted)
	}
}

func TestARecheckMeanwhileIsNoOtherPackage(t *testing.T) {
	t.Parallel()
	m := checkedAt(full)
	m.round.first, m.round.checked = true, len(m.store.All())+2
	if got, want := m.summary(), "checked "+untrusted.Plural(len(m.store.All()), "package"); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
