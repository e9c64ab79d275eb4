package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/engine"
)

// screen is standard output or standard error: the one way out of all commands. What others wrote reaches no terminal
// through it as anything but text. What the commands write as JSON or in another format has no such characters left, so
// that it passes as it is.
type screen struct {
	file *os.File

	mu   sync.Mutex
	held []byte // the beginning of a character whose end is still to come
}

var (
	stdout = &screen{file: os.Stdout}
	stderr = &screen{file: os.Stderr}
)

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := append(s.held, p...)
	whole := len(all)
	for i := len(all) - 1; i >= 0 && i > len(all)-utf8.UTFMax; i-- {
		if utf8.RuneStart(all[i]) {
			if !utf8.FullRune(all[i:]) {
				whole = i
			}
			break
		}
	}
	s.held = append([]byte(nil), all[whole:]...)
	if _, err := io.WriteString(s.file, core.VisibleText(string(all[:whole]))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush writes what is left of a character that never ended.
func (s *screen) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	io.WriteString(s.file, core.VisibleText(string(s.held)))
	s.held = nil
}

// terminal is the terminal behind w, for what is written over itself there; nil where there is none.
func terminal(w io.Writer) *os.File {
	s, ok := w.(*screen)
	if !ok {
		return nil
	}
	info, err := s.file.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return nil
	}
	return s.file
}

// putf and its like print for people: each text stands on one line and has nothing in it that acts.
func putf(out io.Writer, format string, args ...any) (int, error) {
	plain(args)
	return fmt.Fprintf(out, format, args...)
}

func putln(out io.Writer, args ...any) (int, error) {
	plain(args)
	return fmt.Fprintln(out, args...)
}

func textf(format string, args ...any) string {
	plain(args)
	return fmt.Sprintf(format, args...)
}

// plain makes the texts among args visible.
func plain(args []any) {
	for i, a := range args {
		switch a := a.(type) {
		case error:
			args[i] = errorText(a)
		case fmt.Formatter, fmt.Stringer:
		default:
			if v := reflect.ValueOf(a); v.Kind() == reflect.String {
				args[i] = core.Visible(v.String())
			}
		}
	}
}

// putText prints a text of several lines.
func putText(out io.Writer, text string) error {
	_, err := io.WriteString(out, core.VisibleText(text)+"\n")
	return err
}

// errorText is an error on one line. Several that came together stand side by side.
func errorText(err error) string {
	var all interface{ Unwrap() []error }
	if errors.As(err, &all) && err.Error() == errors.Join(all.Unwrap()...).Error() {
		var each []string
		for _, e := range all.Unwrap() {
			each = append(each, errorText(e))
		}
		return strings.Join(each, "; ")
	}
	return core.Visible(err.Error())
}

// printJSON prints one object on a line.
func printJSON(out io.Writer, v any) error { return engine.WriteJSON(out, v) }
