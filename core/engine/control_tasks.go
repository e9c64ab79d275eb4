package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"hookglass/core"
)

// States of a task.
const (
	TaskRunning   = "running"
	taskDone      = "done"
	taskFailed    = "failed"
	taskCancelled = "cancelled"
)

// mostTasks is how many are remembered; those that run are never forgotten.
const mostTasks = 200

// longestTaskWait is how long a caller may wait for the end of one.
const longestTaskWait = 10 * time.Minute

// TaskJSON is long work that goes on while its caller does something else.
type TaskJSON struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"`     // the operation, as the document names it
	State    string       `json:"state"`    // running, done, failed or cancelled
	Progress string       `json:"progress"` // where this is read again
	Cancel   string       `json:"cancel"`   // what gives it up, with POST
	Done     int          `json:"done"`
	Total    int          `json:"total"` // 0: not known yet
	Doing    string       `json:"doing,omitempty"`
	Started  string       `json:"started"`
	Ended    string       `json:"ended,omitempty"`
	Result   any          `json:"result,omitempty"` // what the operation answers
	Error    *RefusedJSON `json:"error,omitempty"`
}

// tasks are the long work of one run of the control address.
type tasks struct {
	mu   sync.Mutex
	ctx  context.Context
	next int
	all  []*task
	runs sync.WaitGroup
}

// task is one of them. The lock of tasks guards it.
type task struct {
	TaskJSON
	cancel context.CancelFunc
	ended  chan struct{}
}

// begin lets tasks run until ctx ends.
func (t *tasks) begin(ctx context.Context) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ctx = ctx
}

// end waits for those that run, which the end of the context ends.
func (t *tasks) end() { t.runs.Wait() }

type taskKey struct{}

// tell says how far the work of a request has come, where it is a task.
func tell(ctx context.Context, done, total int, doing string) {
	if told, ok := ctx.Value(taskKey{}).(func(int, int, string)); ok {
		told(done, total, doing)
	}
}

// asTask reports whether a request is worked on as a task, whose caller does not wait.
func asTask(ctx context.Context) bool { return ctx.Value(taskKey{}) != nil }

// run begins work and returns its task as it stands then.
func (t *tasks) run(kind string, work func(context.Context) (any, error)) TaskJSON {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next++
	id := "t" + strconv.Itoa(t.next)
	ctx, cancel := context.WithCancel(t.ctx)
	one := &task{TaskJSON{ID: id, Kind: kind, State: TaskRunning, Progress: "/_/tasks/" + id, Cancel: "/_/tasks/" + id + "/cancel", Started: stamp(time.Now())}, cancel, make(chan struct{})}
	t.all = append(t.all, one)
	if len(t.all) > mostTasks {
		if i := slices.IndexFunc(t.all, func(o *task) bool { return o.State != TaskRunning }); i >= 0 {
			t.all = slices.Delete(t.all, i, i+1)
		}
	}
	ctx = context.WithValue(ctx, taskKey{}, func(done, total int, doing string) {
		t.mu.Lock()
		defer t.mu.Unlock()
		one.Done, one.Total, one.Doing = done, total, doing
	})
	t.runs.Go(func() {
		v, err := work(ctx)
		t.finish(one, v, err, ctx.Err() != nil)
	})
	return one.TaskJSON
}

func (t *tasks) finish(one *task, v any, err error, cancelled bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	one.Ended, one.Doing = stamp(time.Now()), ""
	switch {
	case err == nil:
		one.State, one.Result = taskDone, v
		one.Done = max(one.Done, one.Total)
	case cancelled && errors.Is(err, context.Canceled):
		one.State = taskCancelled
	default:
		_, said := refused(err)
		one.State, one.Error = taskFailed, &said
	}
	one.cancel()
	close(one.ended)
}

func (t *tasks) find(id string) (*task, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, one := range t.all {
		if one.ID == id {
			return one, nil
		}
	}
	return nil, fmt.Errorf("task %s: %w", id, core.ErrNotFound)
}

func (t *tasks) state(one *task) TaskJSON {
	t.mu.Lock()
	defer t.mu.Unlock()
	return one.TaskJSON
}

// takeOn answers a request of a route that is long work: with 202 and a task where that is its way, or the caller's wish.
func (c *Control) takeOn(w http.ResponseWriter, r *http.Request, rt *route) {
	if !rt.task && !wantsTask(r) {
		v, err := rt.answer(r)
		reply(w, http.StatusOK, v, err)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<20))
	if err != nil {
		reply(w, http.StatusOK, nil, &core.Invalid{Field: "body", Reason: err.Error()})
		return
	}
	answer := rt.answer
	if rt.task { // what is wrong with the request is said at once
		r.Body = io.NopCloser(bytes.NewReader(body))
		work, err := rt.answer(r)
		if err != nil {
			reply(w, http.StatusOK, nil, err)
			return
		}
		answer = func(r *http.Request) (any, error) { return work.(func(context.Context) (any, error))(r.Context()) }
	}
	t := c.tasks.run(rt.id(), func(ctx context.Context) (any, error) {
		again := r.Clone(ctx)
		again.Body = io.NopCloser(bytes.NewReader(body))
		return answer(again)
	})
	w.Header().Set("Location", t.Progress)
	reply(w, http.StatusAccepted, t, nil)
}

// wantsTask reports whether a caller does not want to wait (RFC 7240).
func wantsTask(r *http.Request) bool {
	for _, line := range r.Header.Values("Prefer") {
		for _, word := range strings.Split(line, ",") {
			if strings.EqualFold(strings.TrimSpace(word), "respond-async") {
				return true
			}
		}
	}
	return false
}

func (c *Control) listTasks(*http.Request) (any, error) {
	c.tasks.mu.Lock()
	defer c.tasks.mu.Unlock()
	out := make([]TaskJSON, 0, len(c.tasks.all))
	for _, one := range slices.Backward(c.tasks.all) {
		brief := one.TaskJSON
		brief.Result = nil
		out = append(out, brief)
	}
	return out, nil
}

// task is how far one has come, at its end if the caller waits so long.
func (c *Control) task(r *http.Request) (any, error) {
	wait, err := seconds(r.URL.Query().Get("wait_s"), "wait_s", 0, longestTaskWait)
	if err != nil {
		return nil, err
	}
	one, err := c.tasks.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-one.ended:
	case <-timer.C:
	case <-r.Context().Done():
	}
	return c.tasks.state(one), nil
}

// cancelTask gives one up, and answers when it has ended.
func (c *Control) cancelTask(r *http.Request) (any, error) {
	one, err := c.tasks.find(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	if state := c.tasks.state(one).State; state != TaskRunning {
		return nil, fmt.Errorf("task %s is %s already: %w", one.ID, state, core.ErrConflict)
	}
	one.cancel()
	select {
	case <-one.ended:
	case <-r.Context().Done():
	}
	return c.tasks.state(one), nil
}
