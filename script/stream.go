//go:build ignore

// Stream sends signed requests to a source at a rate for some seconds, and says how many were answered:
//
//	go run script/stream.go URL RATE SECONDS
//
// They are signed as GitHub does, with the secret in STREAM_SECRET; one of fifty is signed wrong.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const senders = 16

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "stream URL RATE SECONDS")
		os.Exit(2)
	}
	rate, _ := strconv.Atoi(os.Args[2])
	seconds, _ := strconv.Atoi(os.Args[3])
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: senders, MaxConnsPerHost: senders}}
	due := make(chan int, senders)
	var answered, failed atomic.Int64
	var all sync.WaitGroup
	for range senders {
		all.Go(func() {
			for i := range due {
				if res, err := client.Do(request(os.Args[1], i)); err != nil {
					failed.Add(1)
				} else {
					_, _ = io.Copy(io.Discard, res.Body)
					res.Body.Close()
					answered.Add(1)
				}
			}
		})
	}
	start := time.Now()
	for i := 0; ; i++ {
		at := time.Duration(float64(i) / float64(rate) * float64(time.Second))
		if at > time.Duration(seconds)*time.Second || time.Since(start) > time.Duration(seconds)*time.Second {
			break
		}
		time.Sleep(time.Until(start.Add(at)))
		due <- i
	}
	close(due)
	all.Wait()
	fmt.Printf("%.0f\n", float64(answered.Load())/time.Since(start).Seconds())
	if n := failed.Load(); n > 0 {
		fmt.Fprintf(os.Stderr, "%d were not answered\n", n)
	}
}

func request(url string, i int) *http.Request {
	body := fmt.Appendf(nil, `{"action":"opened","number":%d,"pull_request":{"title":"Keep the raw body","user":{"login":"octocat"}},"filler":"%s"}`, i, bytes.Repeat([]byte("x"), 400))
	mac := hmac.New(sha256.New, []byte(os.Getenv("STREAM_SECRET")))
	mac.Write(body)
	sum := mac.Sum(nil)
	if i%50 == 0 {
		sum[0] ^= 1
	}
	r, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		panic(err) // the URL is that of a source
	}
	r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(sum))
	r.Header.Set("X-GitHub-Event", "pull_request")
	r.Header.Set("Content-Type", "application/json")
	return r
}
