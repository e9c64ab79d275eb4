package jsontext

// A Dialect is the manner in which one serialiser prints JSON that it has read.
type Dialect struct {
	comma, colon string // "," and ":" when empty
	indent       string // empty: on one line
	order        order
	repeats      bool     // repeated names stay; else the last value stands in the place of the first
	lists        bool     // {} and {"0":…} become lists
	strings      *quoting // nil: [PythonRepr]
	numbers      *numbers // nil: as written
	words        map[string]string
}

// order is that of the names of an object.
type order byte

const (
	asRead     order = iota
	sorted           // in byte order
	indexFirst       // array indexes ascending, then the others as read
)

// The dialects. Each stands for reading and printing: JSON.stringify(JSON.parse(text)), json.dumps(json.loads(text)).
var (
	AsWritten  = Dialect{repeats: true, strings: literalStrings} // only the space between tokens is lost
	JavaScript = Dialect{order: indexFirst, strings: jsStrings, numbers: jsNumbers}

	Python     = Dialect{comma: ", ", colon: ": ", strings: pythonStrings, numbers: pythonNumbers}
	PythonUTF8 = Dialect{comma: ", ", colon: ": ", strings: pythonUTF8Strings, numbers: pythonNumbers} // ensure_ascii=False
	FastAPI    = Dialect{strings: pythonUTF8Strings, numbers: fastAPINumbers}                          // and allow_nan=False, compact

	// pythonStr is str(json.loads(text)) of anything but a string.
	pythonStr = Dialect{comma: ", ", colon: ": ", numbers: reprNumbers, words: map[string]string{"true": "True", "false": "False", "null": "None"}}

	Go          = Dialect{strings: goStrings, numbers: goNumbers}      // a struct with all fields; a map is Go.Sorted()
	GoUseNumber = Dialect{strings: goStrings}                          // json.Decoder.UseNumber
	GoPlain     = Dialect{strings: goPlainStrings, numbers: goNumbers} // SetEscapeHTML(false)

	DotNet        = Dialect{strings: dotNetStrings, numbers: dotNetNumbers}
	DotNetElement = Dialect{repeats: true, strings: dotNetStrings}      // JsonElement
	DotNetRelaxed = Dialect{repeats: true, strings: dotNetPlainStrings} // UnsafeRelaxedJsonEscaping
	Newtonsoft    = Dialect{strings: newtonsoftStrings, numbers: javaNumbers}

	Gson         = Dialect{strings: gsonStrings}      // a JsonElement
	GsonPlain    = Dialect{strings: gsonPlainStrings} // disableHtmlEscaping
	GsonMap      = Dialect{strings: gsonStrings, numbers: javaDoubles}
	GsonMapPlain = Dialect{strings: gsonPlainStrings, numbers: javaDoubles}
	Jackson      = Dialect{strings: jacksonStrings, numbers: javaNumbers}

	Rails = Dialect{strings: railsStrings}

	DotNetUnicode        = Dialect{repeats: true, strings: dotNetUnicodeStrings}               // JavaScriptEncoder.Create(UnicodeRanges.All)
	NewtonsoftASCII      = Dialect{strings: newtonsoftASCIIStrings, numbers: javaNumbers}      // StringEscapeHandling.EscapeNonAscii
	NewtonsoftHTML       = Dialect{strings: javaScriptSerializerStrings, numbers: javaNumbers} // StringEscapeHandling.EscapeHtml
	JavaScriptSerializer = Dialect{strings: javaScriptSerializerStrings}                       // of .NET Framework
	JacksonASCII         = Dialect{strings: jacksonASCIIStrings, numbers: javaNumbers}         // ESCAPE_NON_ASCII

	// The bodies of some providers, as they print them.
	Shopify     = Dialect{strings: shopifyStrings}    // HTML and slashes escaped, the rest as it is
	Meta        = Dialect{strings: metaStrings}       // all beyond ASCII escaped in lower case, slashes too
	MetaUpper   = Dialect{strings: metaUpperStrings}  // the same in upper case
	MetaMarks   = Dialect{strings: metaMarksStrings}  // and < % @ escaped
	MetaSlashes = Dialect{strings: metaSlashStrings}  // slashes as they are
	UpperASCII  = Dialect{strings: upperASCIIStrings} // that in upper case
)

// PHPFlags are the flags of json_encode, and one of json_decode.
type PHPFlags byte

// The flags, by their names in PHP.
const (
	UnescapedSlashes PHPFlags = 1 << iota
	UnescapedUnicode
	PreserveZeroFraction
	PrettyPrint
	Associative // json_decode into arrays, of which those with the keys 0, 1, … are printed as lists
)

// PHP is json_encode(json_decode($text), flags).
func PHP(flags PHPFlags) Dialect {
	d := Dialect{strings: phpStrings, numbers: phpNumbers, lists: flags&Associative != 0}
	switch flags & (UnescapedSlashes | UnescapedUnicode) {
	case UnescapedSlashes:
		d.strings = phpSlashStrings
	case UnescapedUnicode:
		d.strings = phpUnicodeStrings
	case UnescapedSlashes | UnescapedUnicode:
		d.strings = phpBothStrings
	}
	if flags&PreserveZeroFraction != 0 {
		d.numbers = phpZeroNumbers
	}
	if flags&PrettyPrint != 0 {
		return d.Indented("    ")
	}
	return d
}

// Compact is the dialect without space between tokens: separators=(",", ":").
func (d Dialect) Compact() Dialect {
	d.comma, d.colon = ",", ":"
	return d
}

// Sorted is the dialect with an object's names in byte order.
func (d Dialect) Sorted() Dialect {
	d.order = sorted
	return d
}

// Indented is the dialect over several lines.
func (d Dialect) Indented(by string) Dialect {
	d.indent, d.comma, d.colon = by, ",", ": "
	return d
}
