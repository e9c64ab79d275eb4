package limit

// Each kind answers two questions in nanoseconds since its limiter's first call: look says how many more requests
// pass at t, how long a refused one must wait, and when the limit is fresh again; take counts one.

// fixedWindow counts in windows that begin with a request, not on the minute: the first request after a window ends
// begins the next one.
type fixedWindow struct {
	count int
	width int64
	used  int
	ends  int64
}

func (w *fixedWindow) look(t int64) (left int, wait, reset int64) {
	if w.used == 0 || t >= w.ends {
		return w.count, 0, 0
	}
	return w.count - w.used, w.ends - t, w.ends - t
}

func (w *fixedWindow) take(t int64) {
	if w.used == 0 || t >= w.ends {
		w.used, w.ends = 0, t+w.width
	}
	w.used++
}

// slidingWindow remembers when each of the last Count requests was allowed: exact, where a weighted pair of fixed
// windows only comes close. A request leaves the window exactly Window after it came.
type slidingWindow struct {
	count int
	width int64
	times []int64 // a ring once it has count entries
	oldest,
	used int
}

func (w *slidingWindow) look(t int64) (left int, wait, reset int64) {
	w.forget(t)
	if w.used == 0 {
		return w.count, 0, 0
	}
	newest := w.times[(w.oldest+w.used-1)%len(w.times)]
	return w.count - w.used, w.times[w.oldest] + w.width - t, newest + w.width - t
}

func (w *slidingWindow) take(t int64) {
	w.forget(t)
	if w.used == len(w.times) {
		w.grow()
	}
	w.times[(w.oldest+w.used)%len(w.times)] = t
	w.used++
}

func (w *slidingWindow) forget(t int64) {
	for w.used > 0 && w.times[w.oldest]+w.width <= t {
		w.oldest = (w.oldest + 1) % len(w.times)
		w.used--
	}
}

// grow doubles the ring up to count entries, so that a large limit costs memory only when it is used.
func (w *slidingWindow) grow() {
	bigger := make([]int64, min(w.count, max(16, 2*len(w.times))))
	n := copy(bigger, w.times[w.oldest:])
	copy(bigger[n:], w.times[:w.oldest])
	w.times, w.oldest = bigger, 0
}

// tokenBucket is kept as the time at which it will be full (the theoretical arrival time of the generic cell rate
// algorithm), so that no rounding adds up however long it runs.
type tokenBucket struct {
	count  int
	refill int64 // per token
	full   int64
}

func (b *tokenBucket) look(t int64) (left int, wait, reset int64) {
	missing := max(0, b.full-t)
	left = b.count - int((missing+b.refill-1)/b.refill)
	return left, missing - int64(b.count-1)*b.refill, missing
}

func (b *tokenBucket) take(t int64) { b.full = max(b.full, t) + b.refill }

// slots are requests at a time.
type slots struct{ count, taken int }

// oneSecond is what a full concurrency limit tells its sender: nobody knows when a slot comes free.
const oneSecond = 1_000_000_000

func (s *slots) look() (left int, wait, reset int64) { return s.count - s.taken, oneSecond, 0 }
