//go:build linux

package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"hookglass/core/engine"
)

// disk builds the disk of testdata/powercut.c.
func disk(t *testing.T) string {
	t.Helper()
	lib := filepath.Join(t.TempDir(), "powercut.so")
	if out, err := exec.Command("cc", "-shared", "-fPIC", "-O1", "-o", lib, "testdata/powercut.c", "-ldl").CombinedOutput(); err != nil {
		t.Skipf("the disk that loses what is not synced cannot be built: %v: %s", err, out)
	}
	return lib
}

// onDisk puts a home on that disk, as it stands on it now, and returns the folder of what a power cut leaves.
func (r *rig) onDisk(lib string) (left string) {
	r.Helper()
	left = r.TempDir()
	files, err := os.ReadDir(r.home)
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			r.Fatal(err)
		}
		data, err := os.ReadFile(filepath.Join(r.home, f.Name()))
		if err != nil {
			r.Fatal(err)
		}
		inode := filepath.Join(left, fmt.Sprintf(".inode-%d", info.Sys().(*syscall.Stat_t).Ino))
		if err := os.WriteFile(inode, data, 0o600); err != nil {
			r.Fatal(err)
		}
		if err := os.Link(inode, filepath.Join(left, f.Name())); err != nil {
			r.Fatal(err)
		}
	}
	r.env = []string{"LD_PRELOAD=" + lib, "POWERCUT_OF=" + r.home, "POWERCUT_TO=" + left}
	return left
}

// cut makes a new home of what a power cut left.
func (r *rig) cut(left string) {
	r.Helper()
	before := r.home
	r.home, r.env = r.TempDir(), nil
	files, err := os.ReadDir(left)
	if err != nil {
		r.Fatal(err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(left, f.Name()))
		if err != nil {
			r.Fatal(err)
		}
		r.file(f.Name(), string(data))
	}
	os.RemoveAll(left)
	os.RemoveAll(before)
}

// TestPowerCut: an answer to a sender means that the capture, and what follows from it, is on the disk: it survives a power
// cut, which takes all that no fsync asked for. Forwards, work and trimming go on meanwhile.
func TestPowerCut(t *testing.T) {
	lib := disk(t)
	posts := rounds(600, 10_000)
	sink := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer sink.Close()
	r := newRig(t)
	outside := rig{TB: t, home: t.TempDir()}
	workspace := outside.file("w.json", fmt.Sprintf(`{"hookglass":1,"sources":[{"platform":"generic","path":"/in/crash","forward":%q},{"platform":"generic","path":"/in/junk"},
		{"platform":"almyty","id":"6a1b0f2c-0000-4000-8000-000000000001","enabled":true,"auth":"none","secret":"s","per_minute":1000000,"max_concurrent":1000,"run_ms":1}]}`, sink.URL))
	chance := rand.New(rand.NewPCG(5, 6))
	answered, work := map[string]bool{}, map[string]bool{}
	for round := range rounds(2, 10) {
		left := r.onDisk(lib)
		s := r.serve("--workspace", workspace)
		var ran sync.WaitGroup
		ran.Go(func() { // what is trimmed at the next start
			for {
				resp, err := http.Post(s.url+"/in/junk", "text/plain", strings.NewReader("junk"))
				if err != nil {
					return
				}
				resp.Body.Close()
			}
		})
		ran.Go(func() {
			for id, ok := runAgent(s.url); ok; id, ok = runAgent(s.url) {
				if id != "" {
					work[id] = true
				}
			}
		})
		for _, id := range postUntilKilled(s, round, posts, posts/3+chance.IntN(posts/2)) {
			answered[id] = true
		}
		ran.Wait()
		r.cut(left)

		s = r.serve()
		lost, twice, kept := 0, 0, capturesByQuery(t, r.home)
		for id := range answered {
			if kept[id] == 0 {
				lost++
			}
		}
		for _, n := range kept {
			if n > 1 {
				twice++
			}
		}
		lostWork := 0
		for id := range work {
			if countRows(t, r.home, "SELECT count(*) FROM work WHERE wire=?", id) != 1 {
				lostWork++
			}
		}
		loose := countRows(t, r.home, "SELECT count(*) FROM capture c WHERE target LIKE '/in/crash%' AND (SELECT count(*) FROM delivery d WHERE d.replay_of = c.id AND d.replay_of > 0) != 1")
		if lost+twice+lostWork+loose > 0 {
			t.Errorf("round %d: of %d answered %d are lost, %d are there twice; of %d work items %d are lost; %d captures have not one forward", round, len(answered), lost, twice, len(work), lostWork, loose)
		}
		checkIntegrity(t, r.home)
		t.Logf("round %d: power cut; %d captures and %d work items were answered so far, %d and %d lost, %d twice", round, len(answered), len(work), lost, lostWork, twice)
		if code := s.stop(); code != 0 {
			t.Errorf("the restarted program ended with %d: %s", code, s.errout)
		}
		if old := countRows(t, r.home, "SELECT count(*) FROM capture WHERE at < 1e18"); old > 0 {
			t.Errorf("round %d: %d captures are over the age that is kept", round, old)
		}
		outdate(t, r.home)
	}
}

func post(t *testing.T, url, body string) int {
	t.Helper()
	resp, err := http.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

// runAgent has the agent run and returns the id of its work, "" where it does not want to, and whether anybody answered.
func runAgent(url string) (id string, ok bool) {
	resp, err := http.Post(url+"/agents/6a1b0f2c-0000-4000-8000-000000000001/webhook", "application/json", strings.NewReader(`{"message":"Hello"}`))
	if err != nil {
		return "", false
	}
	defer resp.Body.Close()
	var said struct{ Data struct{ ExecutionID string } }
	if json.NewDecoder(resp.Body).Decode(&said) != nil {
		return "", false
	}
	return said.Data.ExecutionID, true
}

func countRows(t *testing.T, home, query string, args ...any) (n int) {
	t.Helper()
	db := openDB(t, home)
	defer db.Close()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// outdate makes the junk of a history too old to be kept, so that it is trimmed at the next start.
func outdate(t *testing.T, home string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+engine.HistoryPath(home)+"?_busy_timeout=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const year = int64(365 * 24 * time.Hour)
	if _, err := db.Exec("INSERT OR REPLACE INTO setting VALUES ('cap', ?); UPDATE capture SET at = 1 WHERE target = '/in/junk'; UPDATE capture_block SET oldest = 1", fmt.Sprintf(`{"age":%d}`, year)); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk: where nothing can be written, what is there can be read and exported still, senders are told, and all is well
// once there is space.
func TestFullDisk(t *testing.T) {
	lib := disk(t)
	r := newRig(t)
	full := filepath.Join(t.TempDir(), "full")
	r.env = []string{"LD_PRELOAD=" + lib, "POWERCUT_OF=" + r.home, "FULL=" + full}
	fill := func() {
		if err := os.WriteFile(full, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	outside := rig{TB: t, home: t.TempDir()}
	workspace := outside.file("w.json", `{"hookglass":1,"sources":[{"platform":"generic","path":"/in/a"}]}`)
	s := r.serve("--workspace", workspace)
	if got := post(t, s.url+"/in/a", "one"); got != 200 {
		t.Fatalf("answered %d", got)
	}
	fill()
	if got := post(t, s.url+"/in/a", "lost"); got != 503 {
		t.Errorf("what cannot be stored is answered %d", got)
	}
	if out := r.ok("history", "--json"); strings.Count(out, "\n") != 1 {
		t.Errorf("beside it, the history is %s", out)
	}
	s.kill() // its log stays behind

	check := func(when string) {
		t.Helper()
		for _, args := range [][]string{{"history"}, {"show", "1"}, {"export", "--format", "curl"}} {
			if got := r.do("", args...); got.code != 0 || !strings.Contains(got.out, "/in/a") {
				t.Errorf("%s, %v: exit %d %s%s", when, args, got.code, got.out, got.errout)
			}
		}
		ro := r.serve("--workspace", workspace)
		if got := post(t, ro.url+"/in/a", "lost"); got != 503 {
			t.Errorf("%s: answered %d", when, got)
		}
		var rows []engine.CaptureLine
		if ro.ask("GET", "/_/captures", nil, &rows); len(rows) != 1 {
			t.Errorf("%s: the control address shows %v", when, rows)
		}
		if code := ro.stop(); code != 0 || !strings.Contains(ro.errout.String(), "read-only: the disk is full") {
			t.Errorf("%s: exit %d, %s", when, code, ro.errout)
		}
	}
	check("full, with a log")
	os.Remove(full)
	s = r.serve()
	if got := post(t, s.url+"/in/a", "two"); got != 200 {
		t.Errorf("with space again: answered %d", got)
	}
	if code := s.stop(); code != 0 {
		t.Errorf("exit %d, %s", code, s.errout)
	}
	if out := r.ok("history", "--json"); strings.Count(out, "\n") != 2 {
		t.Errorf("with space again: %s", out)
	}
	if _, err := os.Stat(engine.HistoryPath(r.home) + "-wal"); err == nil {
		os.Remove(engine.HistoryPath(r.home) + "-wal") // empty: readers leave it
	}
	fill()
	if got := r.do("", "history"); got.code != 0 || !bytes.Contains([]byte(got.out), []byte("/in/a")) {
		t.Errorf("full, without a log: exit %d %s", got.code, got.errout)
	}
}
