package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestKillWhileFanningOut: with three targets, one of them down, what a sender was answered is owed to all three after a kill, and the
// two that are up get it.
func TestKillWhileFanningOut(t *testing.T) {
	posts := rounds(400, 1_500)
	r := newRig(t)
	one, two := newSink(t), newSink(t)
	one.open()
	two.open()
	workspace := r.file("w.json", fmt.Sprintf(`{"hookglass":1,"sources":[{"platform":"generic","path":"/in/crash","forward":[%q,{"url":"http://127.0.0.1:1/","policy":{"retries":1,"delays_s":[0]}},%q]}]}`,
		one.URL, two.URL))
	chance := rand.New(rand.NewPCG(7, 8))
	answered := map[string]bool{}
	for round := range rounds(2, 20) {
		s := r.serve("--workspace", workspace)
		for _, id := range postUntilKilled(s, round, posts, posts/10+chance.IntN(posts*8/10)) {
			answered[id] = true
		}
		s = r.serve("--workspace", workspace)
		s.until("the end of all deliveries", func() bool { return s.count("waiting")+s.count("sending") == 0 })
		loose := checkFannedOut(t, r.home)
		first, second := byID(one.seen()), byID(two.seen())
		lost := 0
		for id := range answered {
			if first[id] == 0 || second[id] == 0 {
				lost++
			}
		}
		if lost+loose > 0 {
			t.Errorf("round %d: of %d answered %d did not reach a target that is up; %d captures are not owed to all three", round, len(answered), lost, loose)
		}
		checkIntegrity(t, r.home)
		t.Logf("round %d: %d answered before kill -9 in all, %d did not reach both, %d captures without their three deliveries", round, len(answered), lost, loose)
		if code := s.stop(); code != 0 {
			t.Errorf("the restarted program ended with %d: %s", code, s.errout)
		}
	}
}

// byID is what a sink saw, by the id with which each body begins.
func byID(seen map[string]int) map[string]int {
	out := map[string]int{}
	for body, n := range seen {
		id, _, _ := strings.Cut(body, " ")
		out[id] += n
	}
	return out
}

// checkFannedOut counts the captures that do not have two deliveries that arrived and one that was given up; an attempt that the
// kill interrupted counts.
func checkFannedOut(t *testing.T, home string) (loose int) {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	err := db.QueryRow(`SELECT count(*) FROM capture c WHERE (SELECT count(*) FROM delivery d WHERE d.replay_of=c.id AND d.state='delivered') <> 2
		OR (SELECT count(*) FROM delivery d WHERE d.replay_of=c.id AND d.state='exhausted' AND d.attempts >= 2) <> 1`).Scan(&loose)
	if err != nil {
		t.Fatal(err)
	}
	return loose
}
