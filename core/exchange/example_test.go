package exchange_test

import (
	"fmt"

	"hookglass/core"
	"hookglass/core/exchange"
)

// The command sends the same bytes: fields spelled, ordered and repeated as they came, and none that curl would add.
func ExampleCurl() {
	fmt.Println(exchange.Curl(core.Request{Method: "POST", Base: "http://127.0.0.1:4600", Target: "/in/orders?x=1", Proto: "HTTP/1.1", Host: "127.0.0.1:4600",
		Header: core.Header{{Name: "Host", Value: "127.0.0.1:4600"}, {Name: "x-Event", Value: "it's paid"}, {Name: "Content-Length", Value: "8"}}, Body: []byte(`{"id":1}`), Size: 8}))
	// Output:
	// curl --http1.1 'http://127.0.0.1:4600/in/orders?x=1' \
	//   -H 'x-Event: it'\''s paid' \
	//   -H 'Content-Length: 8' \
	//   -H 'User-Agent:' \
	//   -H 'Accept:' \
	//   -H 'Content-Type:' \
	//   --data-binary '{"id":1}'
}
