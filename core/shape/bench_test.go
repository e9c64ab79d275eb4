package shape_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
	"time"

	"hookglass/core/shape"
)

// orders are bodies of an event of about 1 KB, with everything that varies in honest ones.
func orders(seed uint64, n int) [][]byte {
	r := rand.New(rand.NewPCG(seed, 9))
	all := make([][]byte, n)
	for i := range all {
		all[i] = order(r, i)
	}
	return all
}

func pick[T any](r *rand.Rand, of ...T) T { return of[r.IntN(len(of))] }

func hexText(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = "0123456789abcdef"[r.IntN(16)]
	}
	return string(b)
}

// order is one such body. Its parts come with the chances that are written here: members that are there in 3 of 100 at the least.
func order(r *rand.Rand, i int) []byte {
	at := func() string {
		return time.Unix(1_700_000_000+r.Int64N(50_000_000), r.Int64N(1e9)).UTC().Format(time.RFC3339Nano)
	}
	items := []any{}
	for range r.IntN(4) {
		item := map[string]any{"sku": "SKU-" + hexText(r, 8), "quantity": 1 + r.IntN(9), "price": float64(r.IntN(100000)) / 100, "kind": pick(r, "physical", "digital", "service")}
		if r.IntN(3) == 0 {
			item["discount"] = map[string]any{"code": hexText(r, 6), "percent": r.IntN(50)}
		}
		items = append(items, item)
	}
	customer := map[string]any{"id": "cus_" + hexText(r, 14), "email": hexText(r, 6) + "@example.com", "name": pick(r, "Ann", "Ben", "Cyd") + " " + hexText(r, 5),
		"created": r.IntN(2_000_000_000), "delinquent": r.IntN(2) == 0, "phone": nil, "address": map[string]any{"city": hexText(r, 8), "country": pick(r, "DE", "FR", "US", "JP"), "line1": hexText(r, 12), "postal": fmt.Sprint(10000 + r.IntN(89999))}}
	if r.IntN(2) == 0 {
		customer["phone"] = fmt.Sprint("+49 30 ", r.IntN(1e7))
	}
	if r.IntN(100) < 3 {
		customer["deleted"] = true
	}
	body := map[string]any{"id": "evt_" + hexText(r, 16), "object": "event", "api_version": "2026-05-28", "created": r.IntN(2_000_000_000), "livemode": false, "type": "order.paid",
		"data": map[string]any{"object": map[string]any{"id": "or_" + hexText(r, 16), "amount": r.IntN(1e6), "currency": pick(r, "eur", "usd", "jpy"), "status": pick(r, "paid", "pending", "refunded", "failed"),
			"paid_at": at(), "url": "https://shop.example.com/orders/" + hexText(r, 10), "uuid": fmt.Sprintf("%s-%s-4%s-a%s-%s", hexText(r, 8), hexText(r, 4), hexText(r, 3), hexText(r, 3), hexText(r, 12)),
			"items": items, "customer": customer, "metadata": map[string]any{"order": fmt.Sprint(i), "note": hexText(r, r.IntN(60))}}},
		"pending_webhooks": r.IntN(3), "request": pick[any](r, nil, map[string]any{"id": "req_" + hexText(r, 12), "key": hexText(r, 24)})}
	b, _ := json.Marshal(body)
	return b
}

// TestBench measures what learning costs beside a bare parse, in turn, over a million bodies of about 1 KB; make bench runs it.
func TestBench(t *testing.T) {
	if os.Getenv("HOOKGLASS_BENCH") == "" {
		t.Skip("a measurement for a quiet machine: make bench")
	}
	bodies := orders(1, 10_000)
	size := 0
	for _, b := range bodies {
		size += len(b)
	}
	const rounds = 100 // of 10,000
	var parse, text, learn time.Duration
	s := shape.New()
	l := shape.NewLearner(s)
	drifts := 0
	var most uint64
	for round := range rounds {
		began := time.Now()
		for _, b := range bodies {
			var v any
			if err := json.Unmarshal(b, &v); err != nil {
				t.Fatal(err)
			}
		}
		parse += time.Since(began)
		began = time.Now()
		for _, b := range bodies {
			if _, ok := shape.Parse(b, true); !ok {
				t.Fatal("no JSON")
			}
		}
		text += time.Since(began)
		began = time.Now()
		for i, b := range bodies {
			v, _ := shape.Parse(b, true)
			drifts += len(l.Learn(v, mark(round*len(bodies)+i+1)))
		}
		learn += time.Since(began)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		most = max(most, m.Sys)
	}
	fmt.Printf("%d bodies of %d bytes: encoding/json %v, read as text %v, read and learned %v: %.2f times encoding/json, %.2f times reading\n", rounds*len(bodies), size/len(bodies),
		parse.Round(time.Millisecond), text.Round(time.Millisecond), learn.Round(time.Millisecond), learn.Seconds()/parse.Seconds(), learn.Seconds()/text.Seconds())
	fmt.Printf("memory of the process at the most %d MB, %d drifts\n", most>>20, drifts)
}
