package sign

import "sync"

// cause is one thing that goes wrong with signatures: its stable name, its family, and what to do where the receiver's own code
// did it; where the signature that came has it, see [whenCame].
type cause struct{ name, family, fix string }

const (
	rawBody    = "Hash the bytes of the body as they came, before anything parses them."
	trimSecret = "Trim the secret where it is read, and store it without "
)

// causes is the table of all causes. Its order is that of preference where several give the same bytes: the smallest change
// first, what is special to a scheme before what is general, a re-serialiser after any edit of a few bytes.
var causes = []cause{
	// What is visible in the request.
	{"signature_header_missing", "header", "Read the header under the name that the scheme documents."},
	{"timestamp_header_missing", "header", "Read the header under the name that the scheme documents; it is part of the signed bytes."},
	{"id_header_missing", "header", "Read the header under the name that the scheme documents; it is part of the signed bytes."},
	{"signature_in_other_header", "header", "Read the scheme's own header."},
	{"no_signature_with_expected_version", "header", "Compare with the signature under the version that the scheme asks for; other versions must be ignored."},
	{"header_values_folded", "header", "Take the header's value once; split a folded one only at the scheme's own separator."},
	{"body_hash_mismatch", "body", "Keep the raw bytes of the body until they are hashed: a middleware changed them."},
	{"token_algorithm_refused", "header", "Accept only the algorithms that the scheme names; never one because the token asks for it."},
	{"token_claim_missing", "header", "Compare with the token as it came: it has the claim that binds it to this request."},
	{"token_claim_differs", "header", "Compare the claim with your own settings."},
	{"token_url_differs", "url", "Compare with the address as the provider knows it, not the one behind a proxy."},
	{"timestamp_in_milliseconds", "time", "Read the timestamp in seconds."},
	{"timestamp_in_seconds", "time", "Read the timestamp in milliseconds."},
	{"timestamp_unreadable", "time", "Read the timestamp in the form that the scheme documents."},
	{"timestamp_future", "time", "Set this machine's clock; check the time zone of the timestamp."},
	{"timestamp_stale", "time", "Set this machine's clock, or widen the tolerance in tests only."},

	// How the signature is written.
	{"prefix_missing", "encoding", "Write the prefix in front of the digest, or strip it on both sides before comparing."},
	{"prefix_wrong", "encoding", "Use the prefix that the scheme documents."},
	{"prefix_extra", "encoding", "Write the digest without that prefix."},
	{"hex_uppercase", "encoding", "Print hex in lower case, or compare decoded bytes: libraries that compare text refuse it."},
	{"hex_with_separators", "encoding", "Print hex without anything between the bytes and in lower case; BitConverter.ToString writes dashes, Convert.ToHexString none."},
	{"hex_zeros_lost", "encoding", "Print two hex digits for every byte, leading zeros included: String.format(\"%02x\", b), not Integer.toHexString or BigInteger.toString(16)."},
	{"digest_printed_as_list", "encoding", "Encode the digest; this is its bytes printed as a list of numbers."},
	{"encoding_hex_instead_of_base64", "encoding", "Encode the digest in base64, not hex."},
	{"encoding_base64_instead_of_hex", "encoding", "Encode the digest in hex, not base64."},
	{"encoding_base64url_instead_of_base64", "encoding", "Use the standard base64 alphabet, with + and /."},
	{"base64_padding_missing", "encoding", `Keep the "=" at the end of the base64 text.`},
	{"base64_of_hex_string", "encoding", "Encode the raw digest in base64, not its hex text."},
	{"hex_of_base64_string", "encoding", "Encode the raw digest in hex, not its base64 text."},
	{"base64_double_encoded", "encoding", "Encode the digest once."},
	{"signature_has_whitespace", "encoding", "Strip the space and line ends around and inside the value."},
	{"signature_has_quotes", "encoding", "Remove the quotes around the value."},
	{"signature_percent_encoded", "encoding", "Unescape the header once, or do not escape it: headers are not URLs."},
	{"signature_truncated", "encoding", "Compare and log the whole digest: something cuts it, such as a column width or a log line."},
	{"signature_case_altered", "encoding", "Base64 is case-sensitive: do not lower-case it."},
	{"signature_length_is_sha1", "encoding", "Use the hash function of the scheme: this digest has the length of SHA-1."},
	{"signature_length_is_md5", "encoding", "Use the hash function of the scheme: this digest has the length of MD5."},
	{"signature_length_is_sha256", "encoding", "Use the hash function of the scheme: this digest has the length of SHA-256."},
	{"signature_length_is_sha384", "encoding", "Use the hash function of the scheme: this digest has the length of SHA-384."},
	{"signature_length_is_sha512", "encoding", "Use the hash function of the scheme: this digest has the length of SHA-512."},
	{"bad_signature_encoding", "encoding", "Print the digest in the scheme's encoding: this is no digest in any."},

	// Which secret, and how it is read.
	{"secret_should_be_trimmed", "key", trimSecret + "space, line ends and invisible characters around it."},
	{"secret_quotes_should_be_removed", "key", "Store the secret without its quotes."},
	{"secret_has_v1_prefix", "key", `Strip "v1," from the secret, and only where the scheme says so.`},
	{"secret_has_trailing_lf", "key", trimSecret + "the line end that files and echo add."},
	{"secret_has_trailing_crlf", "key", trimSecret + "the CRLF that Windows editors add."},
	{"secret_has_trailing_space", "key", trimSecret + "the space behind it."},
	{"secret_has_leading_space", "key", trimSecret + "the space in front of it."},
	{"secret_has_quotes", "key", "Take the quotes out of the configuration: docker --env-file and some loaders keep them."},
	{"other_known_secret", "key", "Use the secret of the endpoint that sends this: the one named above."},
	{"secret_prefix_stripped", "key", "Use the whole secret as text: here the prefix is part of the key."},
	{"secret_prefix_stripped_and_base64_decoded", "key", "Use the whole secret as text: it is neither stripped nor decoded here."},
	{"secret_prefix_stripped_but_not_decoded", "key", "Decode what is left after the prefix from base64 before using it as the key."},
	{"secret_used_as_text_with_prefix", "key", "Strip the prefix and decode the rest; the text itself is not the key."},
	{"secret_prefix_not_stripped", "key", "Strip the prefix before decoding."},
	{"secret_used_as_text_instead_of_base64", "key", "Decode the secret from base64 before using it as the key."},
	{"secret_used_as_text_instead_of_hex", "key", "Decode the secret from hex before using it as the key."},
	{"secret_base64_decoded_instead_of_text", "key", "Use the secret as text, however much it looks like base64."},
	{"secret_hex_decoded_instead_of_text", "key", "Use the secret as text, however much it looks like hex."},
	{"secret_case_changed", "key", "Keep the secret's letters as the provider shows them."},
	{"secret_url_encoded", "key", "Use the secret as it is, without URL escapes."},
	{"secret_html_escaped", "key", "Use the secret as it is, without HTML escapes such as &amp;."},
	{"secret_base64_encoded", "key", "Use the secret itself as the key, not its base64 text."},
	{"secret_hex_encoded", "key", "Use the secret itself as the key, not its hex text."},
	{"secret_hashed", "key", "Use the secret itself as the key, not a hash of it."},
	{"secret_empty", "key", "Set the secret: the program ran with an empty one. Let it refuse to start without."},
	{"secret_is_placeholder_literal", "key", "Set the secret: the program used the text that stands for a missing value."},
	{"secret_unusable", "key", "Store a key that can be used: copy the secret or key of this webhook again from the provider's page."},
	{"secret_is_api_key", "key", "Store the webhook's signing secret instead of the API key."},

	// What is special to a template.
	{"form_params_missing", "template", "Append every parameter of the form, name and value, to the address."},
	{"form_body_appended_raw", "template", "Append the decoded parameters sorted by name, not the raw body."},
	{"form_params_unsorted", "template", "Sort the parameters by name, byte by byte: the usual comparison of strings in C# and of databases is another one."},
	{"form_params_not_decoded", "template", "Decode names and values before joining them."},
	{"form_params_blank_dropped", "template", "Keep parameters with an empty value."},
	{"form_params_trimmed", "template", "Take the form before any middleware trims its values: Laravel's TrimStrings does."},
	{"form_params_repeated", "template", "Treat repeated parameters as the provider does: sorted, without duplicates."},
	{"url_scheme_differs", "url", "Build the address with the public scheme: trust X-Forwarded-Proto from your proxy, or configure the public URL."},
	{"url_host_differs", "url", "Build the address with the public host, under which the provider calls you: configure the public base URL, or trust X-Forwarded-Host from your proxy."},
	{"url_port_differs", "url", "Use the address with exactly the port that is registered at the provider."},
	{"url_trailing_slash", "url", "Use the path exactly as registered, slash included or not."},
	{"url_query_dropped", "url", "Keep the query: it is part of the signed address."},
	{"url_reduced_to_path", "url", "Use the whole address, with scheme and host."},
	{"url_path_prefix_stripped", "url", "Use the original path, from before any router or proxy took a prefix away."},
	{"url_path_differs", "url", "Use the path that is registered at the provider."},
	{"url_query_differs", "url", "Use the query exactly as it came: no sorting, no decoding, no encoding again."},
	{"url_space_added", "url", "Take the space away from the address in the configuration."},
	{"url_percent_decoded", "url", "Use the address as it came on the wire, escapes included."},
	{"url_case_changed", "url", "Use the address in the letters in which it is registered."},
	{"timestamp_missing_from_signed_string", "template", "Put the timestamp into the signed string, as the scheme's template shows."},
	{"id_missing_from_signed_string", "template", "Put the message id into the signed string, as the scheme's template shows."},
	{"url_missing_from_signed_string", "template", "Put the address into the signed string, as the scheme's template shows."},
	{"method_missing_from_signed_string", "template", "Put the method into the signed string, as the scheme's template shows."},
	{"version_literal_missing", "template", "Put the version literal into the signed string, as the scheme's template shows."},
	{"version_literal_wrong", "template", "Use the version literal that the scheme documents."},
	{"order_wrong", "template", "Join the parts in the order of the scheme's template."},
	{"fields_escaped", "template", "Join the fields as they are: no backslash before a colon or another backslash."},
	{"fields_unescaped", "template", "Join the fields as they stand in the body."},
	{"separator_wrong", "template", "Join the parts with the separators of the scheme's template, or none where it has none."},
	{"timestamp_ms_vs_s", "template", "Sign the timestamp's text from the header; do not convert or take the clock's."},
	{"timestamp_reformatted", "template", "Sign the timestamp's text from the header; do not parse and print it."},

	// What belongs to another request.
	{"timestamp_header_changed", "request-mixup", "Sign the timestamp of the request itself: neither the clock's nor another header's."},
	{"id_from_other_request", "request-mixup", "Take the id from the same request as the body."},

	// Which algorithm.
	{"algorithm_sha1", "algorithm", "Use the hash function of the scheme instead of SHA-1."},
	{"algorithm_sha256", "algorithm", "Use the hash function of the scheme instead of SHA-256."},
	{"algorithm_sha384", "algorithm", "Use the hash function of the scheme instead of SHA-384."},
	{"algorithm_sha512", "algorithm", "Use the hash function of the scheme instead of SHA-512."},
	{"algorithm_md5", "algorithm", "Use the hash function of the scheme instead of MD5."},
	{"plain_hash_secret_then_message", "algorithm", "Use HMAC: a hash of secret and message is another thing."},
	{"plain_hash_message_then_secret", "algorithm", "Use HMAC: a hash of message and secret is another thing."},
	{"plain_hash_of_message", "algorithm", "Use HMAC with the secret: a plain hash proves nothing."},
	{"hmac_instead_of_plain_hash", "algorithm", "Use the plain hash that the scheme documents, with the secret among the bytes."},
	{"key_and_message_swapped", "algorithm", "Swap the arguments: the secret is the key, the signed bytes are the message."},
	{"double_hash_hex", "algorithm", "Give the message itself to the HMAC, not its hash."},
	{"double_hash_raw", "algorithm", "Give the message itself to the HMAC, not its hash."},
	{"hash_of_hmac", "algorithm", "Use the HMAC as it comes out; do not hash it again."},

	// A few bytes of the body.
	{"signed_bytes_lack_trailing_lf", "body", rawBody + " The line end at the end of the body is one of them."},
	{"signed_bytes_lack_trailing_crlf", "body", rawBody + " The CRLF at the end of the body is one of them."},
	{"signed_bytes_have_extra_lf", "body", rawBody + " Your code adds a line end to them."},
	{"signed_bytes_have_extra_crlf", "body", rawBody + " Your code adds a CRLF to them."},
	{"signed_bytes_lack_bom", "body", rawBody + " The byte order mark is one of them."},
	{"signed_bytes_have_bom", "body", rawBody + " Your code adds a byte order mark to them."},
	{"signed_bytes_trimmed", "body", rawBody + " Do not trim them."},
	{"signed_bytes_use_lf", "body", rawBody + " Do not turn CRLF into LF, as reading them as text does."},
	{"signed_bytes_use_crlf", "body", rawBody + " Do not turn LF into CRLF, as reading or writing text on Windows does."},
	{"body_newlines_stripped", "body", rawBody + " Do not read them line by line."},
	{"signed_bytes_slash_escaped", "body", rawBody + ` Do not write "/" as "\/".`},
	{"signed_bytes_unicode_unescaped", "body", rawBody + ` Do not decode \uXXXX first.`},
	{"signed_bytes_unicode_escaped", "body", rawBody + ` Do not write characters as \uXXXX.`},
	{"signed_bytes_nfc", "body", rawBody + " Do not normalise Unicode."},
	{"signed_bytes_nfd", "body", rawBody + " Do not normalise Unicode."},
	{"signed_bytes_latin1", "body", "Hash the UTF-8 bytes as they came; do not encode the text as Latin-1."},
	{"signed_bytes_ascii", "body", "Hash the bytes as they came, or encode the text as UTF-8: Encoding.ASCII in C# writes ? for every other character, and other languages drop or escape it."},
	{"signed_bytes_utf16", "body", "Hash the bytes as they came, or encode the text as UTF-8: Encoding.Unicode in C# is UTF-16."},
	{"signed_bytes_other_charset", "body", "Hash the bytes as they came, or encode the text as UTF-8, not in the charset of the machine."},
	{"signed_bytes_split_characters", "body", "Collect the chunks as bytes and join them (Buffer.concat) before they become text: a character on the border of two chunks became U+FFFD."},
	{"signed_bytes_mojibake", "body", rawBody + " Reading UTF-8 as another charset and writing it again changes every accent."},
	{"signed_bytes_gunzipped", "body", rawBody + " What came is compressed, and that is what is signed: hash it before it is decompressed."},
	{"signed_bytes_base64_decoded", "body", rawBody + " Do not decode them from base64."},

	// The body printed again.
	{"body_reserialized_json_stringify", "body", rawBody + " In Express use express.raw or the verify callback, not JSON.stringify(req.body)."},
	{"body_reserialized_python_dumps", "body", rawBody + " In Flask use request.get_data(), in Django request.body, not json.dumps."},
	{"body_reserialized_python_compact_ascii", "body", rawBody + " In Flask use request.get_data(), in Django request.body, not json.dumps."},
	{"body_reserialized_python_utf8", "body", rawBody + " In Flask use request.get_data(), in Django request.body, not json.dumps."},
	{"body_reserialized_python_sorted", "body", rawBody + " In Flask use request.get_data(), in Django request.body, not json.dumps."},
	{"body_reserialized_go_rawmessage", "body", rawBody + " json.Compact and json.Marshal change a json.RawMessage too."},
	{"body_reserialized_go_map", "body", rawBody + " Call io.ReadAll(r.Body) once and hash that; json.Marshal sorts names and escapes HTML."},
	{"body_reserialized_go_encoder", "body", rawBody + " Call io.ReadAll(r.Body) once and hash that; Encode adds a line end as well."},
	{"body_reserialized_php", "body", rawBody + ` In PHP use file_get_contents("php://input").`},
	{"body_reserialized_dotnet", "body", rawBody + " In ASP.NET enable buffering and read Request.Body."},
	{"body_reserialized_gson", "body", rawBody + " In Java read the servlet's input stream as bytes."},
	{"body_minified", "body", rawBody + " Even the space between the tokens is signed."},
	{"body_reserialized_python_compact_utf8", "body", rawBody + " In Flask use request.get_data(), in Django request.body, not json.dumps."},
	{"body_reserialized_sorted_compact", "body", rawBody + " Canonical JSON with sorted names is not what came."},
	{"body_reserialized_go_struct_order", "body", rawBody + " Call io.ReadAll(r.Body) once and hash that."},
	{"body_reserialized_rails", "body", rawBody + " In Rails use request.raw_post, not params.to_json."},
	{"body_reserialized_jackson", "body", rawBody + " In Spring take the body as byte[]."},
	{"body_reserialized_shopify", "body", rawBody},
	{"body_reserialized_sendgrid", "body", rawBody},
	{"body_reserialized_meta", "body", rawBody + ` Do not write characters as \uXXXX.`},
	{"signed_bytes_slash_unescaped", "body", rawBody + ` Do not write "\/" as "/".`},
	{"body_pretty_printed_2", "body", rawBody + " Do not print them anew with indents."},
	{"body_pretty_printed_4", "body", rawBody + " Do not print them anew with indents."},
	{"body_pretty_printed_tab", "body", rawBody + " Do not print them anew with indents."},

	// The body as a form, as part of something, as something else.
	{"signed_form_payload_param", "body", "Hash what this provider signs: here the whole raw form, not the decoded payload parameter."},
	{"signed_form_urldecoded", "body", "Hash the raw form body, still encoded."},
	{"signed_form_reencoded", "body", "Hash the raw form body; encoding it again changes order and escapes."},
	{"signed_form_as_json", "body", "Hash the raw form body, not the parsed object as JSON."},
	{"signed_json_string_of_body", "body", "Hash the body itself; it was turned into a JSON string, quotes and all."},
	{"signed_base64_of_body", "body", "Decode the body from base64 before hashing it: gateways hand it on so and set isBase64Encoded."},
	{"signed_python_bytes_repr", "body", "Hash the bytes; str(bytes) gives b'…'."},
	{"signed_python_dict_repr", "body", "Hash the bytes; str(dict) is not JSON."},
	{"signed_bytes_json_string_decoded", "body", rawBody + " What came is a JSON string: it is signed with its quotes and escapes."},
	{"signed_empty_body", "body", "Read the body once, keep it, and give it back to later readers: the stream was empty when it was hashed."},
	{"signed_empty_json_object", "body", "Hash the raw body; the parsed object was empty, perhaps because no parser took the content type."},
	{"signed_literal_object_object", "body", "Hash the raw Buffer; an object became a string on the way."},
	{"signed_missing_body_literal", "body", "Keep the raw body and hash it: the variable held no body, and the text that stands for nothing was hashed (req.rawBody is set only where a middleware sets it)."},
	{"signed_buffer_printed", "body", "Hash the Buffer or byte array itself: it was printed as text first (JSON.stringify, String, ToString)."},
	{"signed_truncated_body", "body", "Read until the end of the body; a fixed buffer or a wrong length cut it."},
	{"signed_inner_member", "body", "Hash the whole body, not one member of it."},

	// Behind every form of this body: where the same delivery came twice, once as it was and once changed, the bytes are those of
	// another request too, and the change is the cause.
	{"signature_of_other_request", "request-mixup", "Keep each request's headers with its own body; look for shared state between requests."},

	{"template_of_other_provider", "template", "Use the template of this scheme; the one used belongs to another provider."},
	{"unexplained", "unknown", "Log the length and the hex of the very bytes that your code hashes, and the length of its key, and compare both with those here."},
}

var ranks = sync.OnceValue(func() map[string]int {
	m := make(map[string]int, len(causes))
	for i, c := range causes {
		m[c.name] = i
	}
	return m
})

// rank is the place of a cause in the table.
func rank(name string) int {
	if i, ok := ranks()[name]; ok {
		return i
	}
	return len(causes)
}

func findCause(name string) cause {
	if i := rank(name); i < len(causes) {
		return causes[i]
	}
	return cause{name: name}
}

func fixOf(name string) string { return findCause(name).fix }

// rare causes are not worth looking for together with a second deviation.
func rare(name string) bool {
	switch name {
	case "secret_hashed", "secret_is_placeholder_literal", "signed_truncated_body", "signed_inner_member", "version_literal_wrong",
		"secret_hex_encoded", "url_case_changed", "signed_literal_object_object", "signed_empty_json_object":
		return true
	}
	return false
}
