package jsontext_test

import (
	"fmt"

	"hookglass/core/jsontext"
)

// A text is read once and printed as each of the programs would that may have signed it.
func Example() {
	v, err := jsontext.Reader{Depth: 512}.Read(`{"b": 1.0, "2": "é/", "b": 1e3}`)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("PHP   ", string(jsontext.PHP(0).Append(nil, v)))
	fmt.Println("Python", string(jsontext.Python.Append(nil, v)))
	fmt.Println("JS    ", string(jsontext.JavaScript.Append(nil, v)))
	fmt.Println("as is ", string(jsontext.AsWritten.Append(nil, v)))
	// Output:
	// PHP    {"b":1000,"2":"\u00e9\/"}
	// Python {"b": 1000.0, "2": "\u00e9/"}
	// JS     {"2":"é/","b":1000}
	// as is  {"b":1.0,"2":"é/","b":1e3}
}
