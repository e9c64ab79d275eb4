package exchange_test

import (
	"os"
	"testing"

	"hookglass/core/exchange"
)

// fuzzReader feeds a reader with what it may never break on. What it reads must be writable as JSON lines, and read back.
func fuzzReader(f *testing.F, format string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in, err := exchange.ReadAs(format, data)
		exchange.Read(data) // however it is taken
		if err != nil {
			return
		}
		for _, u := range in.Unread {
			if u.Index < 1 || u.Place == "" || u.Why == nil || u.Reason() == "" {
				t.Fatalf("%+v says too little", u)
			}
		}
		out, _, err := export("json", in.Captures, exchange.Options{Reveal: true})
		if err != nil {
			return // a year that JSON's times cannot hold
		}
		again, err := exchange.ParseJSONL(out)
		if err != nil || len(again) != len(in.Captures) {
			t.Fatalf("%d of %d came back: %v\n%s", len(again), len(in.Captures), err, out)
		}
	})
}

// sample is a small file of testdata/others.
func sample(f *testing.F, name string) string {
	data, err := os.ReadFile("testdata/others/" + name)
	if err != nil {
		f.Fatal(err)
	}
	return string(data)
}

func FuzzReadHAR(f *testing.F) { fuzzReader(f, "har", smallHAR, smallHAR[:200]) }
func FuzzReadPostman(f *testing.F) {
	fuzzReader(f, "postman", sample(f, "postman.json"), `{"item":[{"request":{"url":{"raw":"{{a}}"}}}],"variable":[{"key":"a","value":"http://h/{{b}}"}]}`)
}
func FuzzReadInsomnia(f *testing.F) {
	fuzzReader(f, "insomnia", sample(f, "insomnia4.json"), sample(f, "insomnia5.yaml"))
}
func FuzzReadBruno(f *testing.F) { fuzzReader(f, "bruno", sample(f, "bruno.json")) }
func FuzzReadBru(f *testing.F)   { fuzzReader(f, "bru", sample(f, "request.bru")) }
func FuzzReadHTTP(f *testing.F) {
	fuzzReader(f, "http", sample(f, "requests.http"), "GET http://h\n\n###\n# hookglass-exact e30=\nPOST http://h\nA: b\n\nx")
}
func FuzzReadRaw(f *testing.F) { fuzzReader(f, "raw", sample(f, "raw.txt")) }
func FuzzReadCurls(f *testing.F) {
	fuzzReader(f, "curl", "A=1\ncurl -d @- \"http://h/$A\" <<E\nx\nE\ncurl 'http://h/{a,b}[1-3]' -F a=b", sample(f, "chrome.cmd"), sample(f, "chrome.ps1"), `curl "h" -d "{""a"":1}"`)
}
