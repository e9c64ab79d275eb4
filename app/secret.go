package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"hookglass/core"
	"hookglass/core/engine"
)

// secretFlags say where a secret is. Its value is never a flag's, so that it stays out of the process list.
type secretFlags struct {
	env, file, keyring string
	stdin              bool
}

func (f *secretFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.env, "secret-env", "", "the environment variable that holds the secret")
	cmd.Flags().StringVar(&f.file, "secret-file", "", "the file that holds the secret (a last newline is dropped)")
	cmd.Flags().StringVar(&f.keyring, "secret-keyring", "", "the secret's name in the system keyring")
	cmd.Flags().BoolVar(&f.stdin, "secret-stdin", false, "read the secret from standard input")
}

func (f *secretFlags) given() bool { return f.env != "" || f.file != "" || f.keyring != "" || f.stdin }

// read returns the secret, or none where no flag names one.
func (f *secretFlags) read(stdin io.Reader) (core.Secret, error) {
	switch {
	case f.env != "":
		return envSecret("--secret-env", f.env)
	case f.file != "":
		b, err := os.ReadFile(f.file)
		if err != nil {
			return core.Secret{}, &core.Invalid{Field: "--secret-file", Reason: err.Error()}
		}
		return secretOf("--secret-file", bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r")))
	case f.keyring != "":
		s, err := system{}.Get(f.keyring)
		if err != nil {
			return core.Secret{}, &core.Invalid{Field: "--secret-keyring", Reason: fmt.Sprintf("%v; use --secret-env instead", err)}
		}
		return secretOf("--secret-keyring", []byte(s))
	case f.stdin:
		b, err := io.ReadAll(stdin)
		if err != nil {
			return core.Secret{}, err
		}
		return secretOf("--secret-stdin", bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r")))
	}
	return core.Secret{}, nil
}

func envSecret(flag, name string) (core.Secret, error) {
	value, ok := os.LookupEnv(name)
	if !ok {
		return core.Secret{}, &core.Invalid{Field: flag, Reason: "the environment variable " + name + " is not set; export it first"}
	}
	return secretOf(flag, []byte(value))
}

func secretOf(flag string, b []byte) (core.Secret, error) {
	if len(b) == 0 {
		return core.Secret{}, &core.Invalid{Field: flag, Reason: "the secret is empty; nothing can be signed with it"}
	}
	return core.NewSecret(b), nil
}

// requestFlags describe a request on the command line.
type requestFlags struct {
	schemeFlags
	url      string
	method   string
	headers  []string
	bodyFile string
	now      int64
	params   []string
	cert     string
}

func (f *requestFlags) add(cmd *cobra.Command) {
	fl := cmd.Flags()
	fl.StringVar(&f.scheme, "scheme", "", "signature scheme; hookglass schemes lists them")
	fl.StringVar(&f.method, "method", "POST", "method of the request")
	fl.StringArrayVar(&f.headers, "header", nil, "a header field, 'Name: value'; repeat for more")
	fl.StringVar(&f.bodyFile, "body-file", "", "file with the exact bytes of the body; - for standard input")
	fl.Int64Var(&f.now, "now", 0, "the time to check or sign at, in Unix seconds (default: now)")
	fl.StringArrayVar(&f.params, "param", nil, "a value that is signed but not sent, NAME=VALUE (PayPal's webhook_id)")
}

func (f *requestFlags) at() time.Time {
	if f.now != 0 {
		return time.Unix(f.now, 0)
	}
	return time.Now()
}

// request builds the request; without --url it is one to /.
func (f *requestFlags) request(stdin io.Reader) (core.Request, error) {
	r, err := engine.RequestTo("--url", f.method, f.url)
	if err != nil {
		return r, err
	}
	for _, h := range f.headers {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(name) == "" {
			return r, &core.Invalid{Field: "--header", Reason: fmt.Sprintf("%q has no colon; want 'Name: value'", h)}
		}
		r.Header = append(r.Header, core.Field{Name: name, Value: strings.TrimPrefix(value, " ")})
	}
	body, err := readBody(f.bodyFile, stdin)
	r.Body, r.Size = body, int64(len(body))
	return r, err
}

func readBody(path string, stdin io.Reader) ([]byte, error) {
	switch path {
	case "":
		return nil, nil
	case "-":
		return io.ReadAll(stdin)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, &core.Invalid{Field: "--body-file", Reason: err.Error()}
	}
	return b, nil
}

func (f *requestFlags) values() (map[string]string, error) {
	m := map[string]string{}
	for _, p := range f.params {
		name, value, ok := strings.Cut(p, "=")
		if !ok {
			return nil, &core.Invalid{Field: "--param", Reason: fmt.Sprintf("%q: want NAME=VALUE", p)}
		}
		m[name] = value
	}
	return m, nil
}
