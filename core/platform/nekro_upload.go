package platform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"unicode/utf8"

	"hookglass/core"
	"hookglass/core/jsontext"
)

// formField is one field of a form: text, or a file where it came with a filename.
type formField struct {
	text     string
	file     bool
	name     string
	mime     string
	hasMime  bool
	contents []byte
}

// upload is the document's handle_report_upload, with what FastAPI does before it: the three fields must be there.
func (m *nekroMachine) upload(v *visit) Out {
	form, refusal, ok := m.form(v)
	if !ok {
		return refusal
	}
	if problems := reportProblems(form); len(problems) > 0 {
		v.check("form", "report_file, report_name and target_chat", string(head(string(problems), 200)), false)
		return v.reject(reply(422, "application/json", object("detail", json.RawMessage(problems))), "a field of the form is missing")
	}
	v.check("form", "report_file, report_name and target_chat", "all three", true)
	file, name, chat := form["report_file"], form["report_name"].text, form["target_chat"].text
	if !file.hasMime {
		return v.crash("content type of the file", "none", "AttributeError: 'NoneType' object has no attribute 'startswith'")
	}
	if !v.check("content type of the file", "text/…", file.mime, len(file.mime) >= 5 && file.mime[:5] == "text/") {
		return v.reject(nekroDetail(400, "Only text file uploads are supported."), "the file is no text")
	}
	if !utf8.Valid(file.contents) {
		return v.crash("text of the file", "not UTF-8", "UnicodeDecodeError")
	}
	summary := string(file.contents)
	if runes := []rune(summary); len(runes) > 200 {
		summary = string(runes[:200])
	}
	note := core.Notification{Chat: chat, At: v.in.Now,
		Text: fmt.Sprintf("Received new report '%s' (%s). Content summary:\n%s...", name, file.name, summary)}
	payload := json.RawMessage(object("report_name", name, "filename", file.name, "content_type", file.mime, "size", len(file.contents), "target_chat", chat))
	m.handled(v, "Report "+name, payload, note)
	return v.accept(reply(200, "application/json", object("status", "success", "filename", file.name, "size", len(file.contents))), "")
}

// form reads the body as Starlette does: a type that is no form is an empty form.
func (m *nekroMachine) form(v *visit) (map[string]formField, Out, bool) {
	r := v.in.Request
	contentType := first(r, "Content-Type")
	form := map[string]formField{}
	switch mediaType(contentType) {
	case "application/x-www-form-urlencoded":
		q, _ := url.ParseQuery(string(r.Body)) // what cannot be read is left out
		for k, vs := range q {
			form[k] = formField{text: vs[len(vs)-1]}
		}
	case "multipart/form-data":
		_, params, err := mime.ParseMediaType(contentType)
		if err != nil || params["boundary"] == "" {
			v.check("content type", "multipart/form-data with a boundary", contentType, false)
			return nil, v.reject(nekroDetail(400, "Missing boundary in multipart."), "the content type names no boundary"), false
		}
		if !readParts(form, multipart.NewReader(bytes.NewReader(r.Body), params["boundary"])) {
			v.check("form", "multipart/form-data", "broken", false)
			return nil, v.reject(nekroDetail(400, "There was an error parsing the body"), "the multipart body is broken"), false
		}
	}
	return form, Out{}, true
}

// readParts reads the parts that are whole; of fields of one name the last counts. False means a part without a name.
func readParts(form map[string]formField, r *multipart.Reader) bool {
	const most = 1000 // Starlette's max_fields and max_files
	for range most {
		part, err := r.NextRawPart()
		if err != nil {
			return true // the end, or a part that stops early, which the parser drops
		}
		_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		name, ok := params["name"]
		if err != nil || !ok {
			return false
		}
		contents, err := io.ReadAll(part)
		if err != nil {
			return true
		}
		f := formField{text: jsontext.DecodeWeb(contents)}
		if filename, ok := params["filename"]; ok {
			f = formField{file: true, name: filename, contents: contents}
			if types := part.Header.Values("Content-Type"); len(types) > 0 {
				f.mime, f.hasMime = types[0], true
			}
		}
		form[name] = f
	}
	return false
}

// reportProblems is FastAPI's list of what is wrong with the form, nil when nothing is.
func reportProblems(form map[string]formField) []byte {
	var list [][]byte
	problem := func(kind, field, message string, input, ctx any) {
		pairs := []any{"type", kind, "loc", json.RawMessage(`["body","` + field + `"]`), "msg", message, "input", input}
		if ctx != nil {
			pairs = append(pairs, "ctx", ctx)
		}
		list = append(list, object(pairs...))
	}
	file, ok := form["report_file"]
	switch {
	case !ok || !file.file && file.text == "":
		problem("missing", "report_file", "Field required", nil, nil)
	case !file.file:
		problem("value_error", "report_file", "Value error, Expected UploadFile, received: <class 'str'>", file.text, json.RawMessage(`{"error":{}}`))
	}
	for _, name := range []string{"report_name", "target_chat"} {
		switch f, ok := form[name]; {
		case !ok || !f.file && f.text == "":
			problem("missing", name, "Field required", nil, nil)
		case f.file:
			problem("string_type", name, "Input should be a valid string", nil, nil)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return append(append([]byte{'['}, bytes.Join(list, []byte{','})...), ']')
}
