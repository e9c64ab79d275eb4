package shape

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Format is what a string holds by its look. A string has one at the most.
type Format uint8

// The formats that are known.
const (
	NoFormat Format = iota
	DateTime        // as RFC 3339 has it
	Date
	UUID
	Email
	URI
	IPv4
	Digits // an integer in quotes
	formats
)

var formatNames = [formats]string{"", "date-time", "date", "uuid", "email", "uri", "ipv4", "digits"}

func (f Format) String() string { return formatNames[f] }

// formatOf is narrow on purpose: what it takes for a date, every validator does.
func formatOf(s string) Format {
	n := len(s)
	if n < 1 || n > 2048 {
		return NoFormat
	}
	c := s[0]
	switch {
	case isDigit(c):
		switch {
		case n >= 20 && n <= 40 && s[4] == '-' && s[10] == 'T':
			if isDateTime(s) {
				return DateTime
			}
		case n == 10 && s[4] == '-' && s[7] == '-':
			if _, err := time.Parse(time.DateOnly, s); err == nil {
				return Date
			}
		case n >= 7 && n <= 15 && strings.Count(s, ".") == 3:
			if isIPv4(s) {
				return IPv4
			}
		}
		if onlyDigits(s) {
			return Digits
		}
	case c == 'h' && n > 8 && (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")):
		if isURI(s) {
			return URI
		}
	}
	if n == 36 && s[8] == '-' && isUUID(s) {
		return UUID
	}
	if at := strings.IndexByte(s, '@'); at > 0 && n <= 254 && isEmail(s, at) {
		return Email
	}
	return NoFormat
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func onlyDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return true
}

func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

var monthDays = [13]int{0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}

// isDateTime is RFC 3339 with a capital T and Z, without leap seconds.
func isDateTime(s string) bool {
	for i, want := range "dddd-dd-ddTdd:dd:dd" {
		if want == 'd' && !isDigit(s[i]) || want != 'd' && s[i] != byte(want) {
			return false
		}
	}
	year, month, day := two(s)*100+two(s[2:]), two(s[5:]), two(s[8:])
	if month < 1 || month > 12 || day < 1 || day > monthDays[month] || month == 2 && day == 29 && (year%4 != 0 || year%100 == 0 && year%400 != 0) {
		return false
	}
	if year == 0 || two(s[11:]) > 23 || two(s[14:]) > 59 || two(s[17:]) > 59 {
		return false
	}
	rest := s[19:]
	if rest[0] == '.' {
		i := 1
		for i < len(rest) && isDigit(rest[i]) {
			i++
		}
		if i == 1 || i > 10 {
			return false
		}
		rest = rest[i:]
	}
	if rest == "Z" {
		return true
	}
	return len(rest) == 6 && (rest[0] == '+' || rest[0] == '-') && isDigit(rest[1]) && isDigit(rest[2]) && rest[3] == ':' && isDigit(rest[4]) && isDigit(rest[5]) &&
		two(rest[1:]) <= 23 && two(rest[4:]) <= 59
}

func isIPv4(s string) bool {
	for part := range strings.SplitSeq(s, ".") {
		if len(part) == 0 || len(part) > 3 || !onlyDigits(part) || len(part) > 1 && part[0] == '0' {
			return false
		}
		n := 0
		for i := range len(part) {
			n = n*10 + int(part[i]-'0')
		}
		if n > 255 {
			return false
		}
	}
	return true
}

// isUUID is one of the versions and the variant of RFC 9562.
func isUUID(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		case 14:
			if c < '1' || c > '8' {
				return false
			}
		case 19:
			if strings.IndexByte("89abAB", c) < 0 {
				return false
			}
		default:
			if !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}

func isHost(s string) bool {
	if len(s) == 0 || len(s) > 253 {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := range len(label) {
			if c := label[i]; !isDigit(c) && !isLetter(c) && c != '-' {
				return false
			}
		}
	}
	return true
}

// topLetters says whether a host ends in a top-level domain of letters.
func topLetters(s string) bool {
	top := s[strings.LastIndexByte(s, '.')+1:]
	for i := range len(top) {
		if !isLetter(top[i]) {
			return false
		}
	}
	return len(top) >= 2 && len(top) < len(s)
}

func isEmail(s string, at int) bool {
	local, host := s[:at], s[at+1:]
	if len(local) > 64 || !isHost(host) || !topLetters(host) || strings.Contains(local, "..") {
		return false
	}
	for i := range len(local) {
		c := local[i]
		edge := i == 0 || i == len(local)-1
		switch {
		case isDigit(c), isLetter(c):
		case !edge && strings.IndexByte("._+-", c) >= 0:
		default:
			return false
		}
	}
	return true
}

func isURI(s string) bool {
	_, rest, _ := strings.Cut(s, "://")
	host := rest
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host = rest[:i]
	}
	name, port, ported := strings.Cut(host, ":")
	if !isHost(name) || ported && (len(port) == 0 || len(port) > 4 || !onlyDigits(port)) {
		return false
	}
	if top := name[strings.LastIndexByte(name, '.')+1:]; isDigit(top[0]) && !isIPv4(name) { // new URL takes it for an address
		return false
	}
	if strings.Contains(name, "xn--") || strings.Count(rest, "#") > 1 {
		return false
	}
	for i := len(host); i < len(rest); i++ {
		c := rest[i]
		if c == '%' {
			if i+2 >= len(rest) || !isHex(rest[i+1]) || !isHex(rest[i+2]) {
				return false
			}
			continue
		}
		if !isDigit(c) && !isLetter(c) && strings.IndexByte("-._~:/?#@!$&'()*+,;=", c) < 0 {
			return false
		}
	}
	return true
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// Texts is what the strings at a place have in common.
type Texts struct {
	Count   int64
	Empty   int64
	Formats [formats]int64
	Values  map[string]int64 // nil where there are Many
	Many    bool             // more different ones than are kept, or long or secret ones
	Kept    []Example        // some, by chance, the same whoever merges; none of a secret
}

// Example is one of many values.
type Example struct {
	rank uint64
	Text string
}

// Format is what all strings hold that are not empty; NoFormat where they differ.
func (t *Texts) Format() Format {
	for f := DateTime; f < formats; f++ {
		if n := t.Formats[f]; n > 0 && n+t.Empty == t.Count {
			return f
		}
	}
	return NoFormat
}

// see learns one. It says whether the value is new among few, and which format it has.
func (t *Texts) see(s string, secret bool) (fresh bool, f Format) {
	t.Count++
	if s == "" {
		t.Empty++
	} else if !secret {
		f = formatOf(s)
		t.Formats[f]++
	} else {
		t.Formats[NoFormat]++
	}
	if !t.Many {
		if _, known := t.Values[s]; known {
			t.Values[s]++
			return false, f
		}
		if secret || len(s) > longest || secretLike(s) {
			t.Many, t.Values = true, nil
		} else {
			fresh = true
			s = strings.Clone(s)
			if t.Values == nil {
				t.Values = map[string]int64{}
			}
			if t.Values[s] = 1; len(t.Values) > mostValues {
				t.Many, t.Values, fresh = true, nil, false
			}
		}
	}
	if !secret {
		t.keep(s)
	}
	return fresh, f
}

// keep takes s as an example if its number is among the lowest.
func (t *Texts) keep(s string) {
	if len(s) > longest || s == "" {
		return
	}
	r := mix(0, s)
	if len(t.Kept) == examples && r >= t.Kept[examples-1].rank {
		return
	}
	if slices.ContainsFunc(t.Kept, func(e Example) bool { return e.rank == r }) || secretLike(s) {
		return
	}
	t.put(Example{r, strings.Clone(s)})
}

func (t *Texts) put(e Example) {
	i, there := slices.BinarySearchFunc(t.Kept, e.rank, func(k Example, r uint64) int {
		switch {
		case k.rank < r:
			return -1
		case k.rank > r:
			return 1
		}
		return 0
	})
	if there {
		return
	}
	if t.Kept = slices.Insert(t.Kept, i, e); len(t.Kept) > examples {
		t.Kept = t.Kept[:examples]
	}
}

// beginnings are of values that open something, whatever they are called.
var beginnings = []string{"sk_", "rk_", "pk_", "whsec_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "xapp-", "AKIA", "ASIA", "eyJ", "-----BEGIN", "SG.", "Bearer ", "Basic ", "AIza", "npm_", "dop_v1_", "hf_"}

// secretLike says whether a value looks like a key or a token.
func secretLike(s string) bool {
	if len(s) < 12 {
		return false
	}
	for _, b := range beginnings {
		if s[0] == b[0] && strings.HasPrefix(s, b) {
			return true
		}
	}
	return false
}

// Numbers is the range of the numbers at a place.
type Numbers struct {
	Min, Max  float64
	Whole     bool  // there were integers of 64 bits
	Low, High int64 // of those
	Big       bool  // an integer that 64 bits do not hold
	Huge      bool  // one that no double holds
}

const safe = 1 << 53

// Safe says whether a double holds every integer that was seen.
func (n *Numbers) Safe() bool { return !n.Big && n.Low >= -safe && n.High <= safe }

// see learns a number as it was written, and says whether it is an integer.
func (n *Numbers) see(lit string, first bool) Kind {
	kind := Integer
	for i := range len(lit) {
		if c := lit[i]; c == '.' || c|0x20 == 'e' {
			kind = Number
			break
		}
	}
	var f float64
	if kind == Integer {
		i, err := strconv.ParseInt(lit, 10, 64)
		if err != nil {
			n.Big = true
			f, _ = strconv.ParseFloat(lit, 64)
		} else {
			f = float64(i)
			if !n.Whole {
				n.Whole, n.Low, n.High = true, i, i
			}
			n.Low, n.High = min(n.Low, i), max(n.High, i)
		}
	} else {
		f, _ = strconv.ParseFloat(lit, 64)
	}
	if math.IsInf(f, 0) {
		n.Huge, f = true, math.Copysign(math.MaxFloat64, f)
	}
	if first {
		n.Min, n.Max = f, f
	}
	n.Min, n.Max = min(n.Min, f), max(n.Max, f)
	return kind
}
