package exchange

import (
	"fmt"
	"strconv"
	"strings"
)

// globbed are the addresses that curl makes of one: {a,b} and [1-3], [a-c], [01-10:2]. Empty brackets stand as they are.
func (l *curlLine) globbed(address string) ([]string, error) {
	if l.asIs {
		return []string{address}, nil
	}
	all := []string{""}
	times := func(choices []string) error {
		if len(all)*len(choices) > mostWords {
			return globRefusal("make more than %d addresses", mostWords)
		}
		var next []string
		for _, a := range all {
			for _, c := range choices {
				next = append(next, a+c)
			}
		}
		all = next
		return nil
	}
	for rest := address; rest != ""; {
		i := strings.IndexAny(rest, `\{}[]`)
		if i < 0 {
			i = len(rest)
		}
		literal := rest[:i]
		rest = rest[i:]
		var choices []string
		var err error
		switch {
		case rest == "":
		case rest[0] == '\\' && len(rest) > 1 && strings.IndexByte("{}[]", rest[1]) >= 0:
			literal, rest = literal+rest[1:2], rest[2:]
		case rest[0] == '\\':
			literal, rest = literal+`\`, rest[1:]
		case strings.HasPrefix(rest, "[]"):
			literal, rest = literal+"[]", rest[2:]
		case rest[0] == '[' && isIPv6(rest):
			end := strings.IndexByte(rest, ']') + 1
			literal, rest = literal+rest[:end], rest[end:]
		case rest[0] == '[':
			choices, rest, err = globRange(rest)
		case rest[0] == '{':
			choices, rest, err = globSet(rest)
		default:
			err = globRefusal("%q closes what was not opened", rest[:1])
		}
		if err != nil {
			return nil, err
		}
		if err := times([]string{literal}); err != nil {
			return nil, err
		}
		if choices != nil {
			if err := times(choices); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func globRefusal(format string, args ...any) error {
	return &refusal{"URL", "curl makes several addresses of [ ] and { }, and " + fmt.Sprintf(format, args...), "add --globoff where they are meant as they stand"}
}

// isIPv6 reports whether a bracket holds an address.
func isIPv6(rest string) bool {
	inner, _, ok := strings.Cut(rest[1:], "]")
	return ok && strings.Count(inner, ":") >= 2 && strings.Trim(inner, "0123456789abcdefABCDEF:.%") == ""
}

func globSet(rest string) (choices []string, after string, err error) {
	var item []byte
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\' && i+1 < len(rest):
			i++
			item = append(item, rest[i])
		case c == ',':
			choices, item = append(choices, string(item)), nil
		case c == '}':
			if i == 1 {
				return nil, "", globRefusal("nothing is between { and }")
			}
			return append(choices, string(item)), rest[i+1:], nil
		case c == '{' || c == '[' || c == ']':
			return nil, "", globRefusal("%q stands within { }", string(c))
		default:
			item = append(item, c)
		}
	}
	return nil, "", globRefusal("a { is not closed")
}

func globRange(rest string) (choices []string, after string, err error) {
	inner, after, ok := strings.Cut(rest[1:], "]")
	bad := func() ([]string, string, error) {
		return nil, "", globRefusal("%q is no range like [1-3]", "["+short(inner, 20)+"]")
	}
	if !ok {
		return nil, "", globRefusal("a [ is not closed")
	}
	span, by, stepped := strings.Cut(inner, ":")
	from, to, ok := strings.Cut(span, "-")
	step := uint64(1)
	if stepped {
		if step, err = strconv.ParseUint(by, 10, 32); err != nil || step == 0 {
			return bad()
		}
	}
	if !ok || from == "" || to == "" {
		return bad()
	}
	if len(from) == 1 && len(to) == 1 && isAlpha(from[0]) && isAlpha(to[0]) {
		if from > to || to[0]-from[0] > 25 {
			return bad()
		}
		for c := uint64(from[0]); c <= uint64(to[0]); c += step {
			choices = append(choices, string(rune(c)))
		}
		return choices, after, nil
	}
	low, err := strconv.ParseUint(from, 10, 32)
	if err != nil {
		return bad()
	}
	high, err := strconv.ParseUint(to, 10, 32)
	if err != nil || low > high {
		return bad()
	}
	if (high-low)/step >= mostWords {
		return nil, "", globRefusal("make more than %d addresses", mostWords)
	}
	width := 0
	if from[0] == '0' {
		width = len(from)
	}
	for n := low; n <= high; n += step {
		choices = append(choices, fmt.Sprintf("%0*d", width, n))
	}
	return choices, after, nil
}

func isAlpha(c byte) bool { return lower(c) >= 'a' && lower(c) <= 'z' }
