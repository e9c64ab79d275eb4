package sign

import "hookglass/core"

// A remedy is what to do about a cause, and who can.
type remedy struct {
	acts core.Acts
	fix  string
}

// remedyOf is what to do about a cause. The same cause wants the reverse on the two sides: what the receiver's own code did
// wrong is mended there, and what was wrong with the signature that came is mended by whoever made or changed it.
func remedyOf(cause string, about core.About) remedy {
	if about == core.AboutComputed {
		acts := core.ByReceiver
		if bySettings[cause] {
			acts = core.BySettings
		}
		return remedy{acts, fixOf(cause)}
	}
	r := whenCame[cause]
	if (r.acts == core.BySender || r.acts == core.ByBetween) && !lenient[cause] {
		r.fix += " " + nothingHere
	}
	return r
}

// nothingHere is said where the request that came cannot be saved.
const nothingHere = "Nothing that the receiver changes makes this request verify."

// lenient are faults of the sender's that a receiver may let pass, or a tolerance.
var lenient = map[string]bool{"hex_uppercase": true, "timestamp_future": true, "timestamp_stale": true}

// bySettings are the causes whose mend is a setting of the user's program, where they are about its own value.
var bySettings = map[string]bool{
	"secret_should_be_trimmed": true, "secret_quotes_should_be_removed": true, "secret_has_v1_prefix": true, "other_known_secret": true,
	"secret_has_trailing_lf": true, "secret_has_trailing_crlf": true, "secret_has_trailing_space": true, "secret_has_leading_space": true,
	"secret_has_quotes": true, "secret_empty": true, "secret_is_placeholder_literal": true, "secret_unusable": true, "secret_is_api_key": true,
}

const (
	addedSince   = " was added after the signature was made: find what adds it (an editor, a shell's here-document, a logging or buffering proxy), and send on the bytes that were signed."
	lostSince    = " was lost after the signature was made: find what takes it away (a proxy, a queue, a test file saved by an editor), and send on the bytes that were signed."
	changedSince = "Something after signing wrote the body in another way: a gateway, a proxy, a queue, or the sender's own HTTP client that prints it again. Let it pass on the bytes that were signed."
	printedSince = "The body was printed again after it was signed: by a gateway, a queue, an automation tool, or the sender's own HTTP client. Sign the very text that is sent, and pass it on as bytes."
	senderSigns  = "Sign the very bytes that are sent: "
	senderKey    = "The sender has to use the secret as the scheme says: "
	secretCopy   = "Set the secret at the sender anew, without that; where it cannot be changed there, store it here exactly as the sender has it."
	senderWrites = "The sender has to write the signature as the scheme documents: "
	otherVersion = " Where the sender is the provider itself, look whether another scheme or version of it is meant."
	signedJoin   = "The sender has to put the signed bytes together as the scheme's template shows: "
	signedURL    = "Check against the address that was signed: set it as the address of the source (--url), or register at the provider the one that is called."
)

// whenCame are the remedies for the signature that came.
var whenCame = merged(
	came(core.BySettings, map[string]string{
		"signature_header_missing":        "Set the secret at the provider, for it signs only then, and see that no proxy or framework drops the header.",
		"signature_in_other_header":       "Choose the scheme of the header that came, or have the provider send this scheme's.",
		"token_claim_differs":             "Compare the claim with the settings here and at the provider: the token is genuine, and made for something else.",
		"token_url_differs":               "Set the address as the provider knows it, not the one behind a proxy.",
		"signature_length_is_sha1":        "Choose the scheme or version that the sender uses: this digest has the length of SHA-1.",
		"signature_length_is_md5":         "Choose the scheme or version that the sender uses: this digest has the length of MD5.",
		"signature_length_is_sha256":      "Choose the scheme or version that the sender uses: this digest has the length of SHA-256.",
		"signature_length_is_sha384":      "Choose the scheme or version that the sender uses: this digest has the length of SHA-384.",
		"signature_length_is_sha512":      "Choose the scheme or version that the sender uses: this digest has the length of SHA-512.",
		"secret_should_be_trimmed":        "Store the secret without space, line ends and invisible characters around it.",
		"secret_quotes_should_be_removed": "Store the secret without its quotes.",
		"secret_has_v1_prefix":            `Store the secret as the sender has it: with or without "v1," in front.`,
		"secret_has_trailing_lf":          "The sender's copy of the secret ends with a line end. " + secretCopy,
		"secret_has_trailing_crlf":        "The sender's copy of the secret ends with CRLF. " + secretCopy,
		"secret_has_trailing_space":       "The sender's copy of the secret ends with a space. " + secretCopy,
		"secret_has_leading_space":        "The sender's copy of the secret begins with a space. " + secretCopy,
		"secret_has_quotes":               "The sender's copy of the secret has quotes around it. " + secretCopy,
		"secret_case_changed":             "Copy the secret again, letter for letter: upper and lower case differ between the two sides.",
		"other_known_secret":              "Set the secret named above for this source: it is the one that signed.",
		"secret_unusable":                 "Store a key that can be used: copy the secret or key of this webhook again from the provider's page.",
		"secret_is_api_key":               "Store the webhook's signing secret instead of the API key.",
		"url_scheme_differs":              signedURL,
		"url_host_differs":                signedURL,
		"url_port_differs":                signedURL,
		"url_trailing_slash":              signedURL,
		"url_path_prefix_stripped":        signedURL,
		"url_path_differs":                signedURL,
		"url_case_changed":                signedURL,
		"url_space_added":                 "Take the space out of the address that is registered at the provider. " + signedURL,
		"unexplained":                     "Set a fresh secret on both sides and send one request with a body of plain ASCII, such as {\"a\":1}: if that verifies, the body is changed on its way; if not, the secret or the scheme is wrong.",
	}),
	came(core.ByBetween, map[string]string{
		"timestamp_header_missing":               "Let the timestamp header through every proxy; it is part of the signed bytes.",
		"id_header_missing":                      "Let the id header through every proxy; it is part of the signed bytes.",
		"header_values_folded":                   "Find what sends or joins the header several times; it has to arrive once, as the sender wrote it.",
		"body_hash_mismatch":                     "The body changed on its way: keep the raw bytes in every proxy and middleware before this point.",
		"signature_has_whitespace":               "Find what puts space or line ends around or into the header's value: a template, a shell variable, a column of a log.",
		"signature_has_quotes":                   "Find what puts quotes around the header's value: a template, a shell, a config file.",
		"signature_percent_encoded":              "Find what escapes the header as if it were an address, and leave its value as it was.",
		"signature_truncated":                    "Find what cuts the value: a column width, a header limit, a log line.",
		"signature_case_altered":                 "Find what changes the letters of the header's value: base64 tells upper from lower case.",
		"timestamp_header_changed":               "Keep the timestamp that was signed: pass the header on unchanged, or sign anew when it changes.",
		"signature_of_other_request":             "If both are one delivery, look for what changed this body after it was signed; if they are two, for a queue, a retry or shared state that mixes them.",
		"id_from_other_request":                  "Pass the id on with its own request: look for a queue, a retry or shared state that mixes two.",
		"signed_bytes_lack_trailing_lf":          "A line end" + addedSince,
		"signed_bytes_lack_trailing_crlf":        "A CRLF" + addedSince,
		"signed_bytes_lack_bom":                  "A byte order mark" + addedSince,
		"signed_bytes_have_extra_lf":             "A line end" + lostSince,
		"signed_bytes_have_extra_crlf":           "A CRLF" + lostSince,
		"signed_bytes_have_bom":                  "A byte order mark" + lostSince,
		"signed_bytes_trimmed":                   "Space at the ends of the body" + addedSince,
		"signed_bytes_use_lf":                    "Something turned LF into CRLF after the signature was made: a checkout, an editor, a mail or FTP gateway. Send on the LF that was signed.",
		"signed_bytes_use_crlf":                  "Something turned CRLF into LF after the signature was made: reading as text, an editor, a queue. Send on the CRLF that was signed.",
		"body_newlines_stripped":                 "Line breaks were put into the body after it was signed. " + changedSince,
		"signed_bytes_slash_escaped":             changedSince,
		"signed_bytes_slash_unescaped":           changedSince,
		"signed_bytes_unicode_escaped":           changedSince,
		"signed_bytes_unicode_unescaped":         changedSince,
		"signed_bytes_nfc":                       "Something normalised Unicode after signing (a file system, a database). Pass on the bytes that were signed.",
		"signed_bytes_nfd":                       "Something normalised Unicode after signing (a file system, a database). Pass on the bytes that were signed.",
		"signed_bytes_mojibake":                  "Between signing and sending, or on the way, the text was read or written in another charset. Keep the body as bytes from signing on.",
		"signed_bytes_json_string_decoded":       "The body was wrapped into a JSON string on its way: some gateway encodes it a second time. Let it pass the body through as it is.",
		"body_minified":                          printedSince,
		"body_reserialized_json_stringify":       printedSince,
		"body_reserialized_sorted_compact":       printedSince,
		"body_reserialized_go_rawmessage":        printedSince,
		"body_reserialized_go_map":               printedSince,
		"body_reserialized_go_encoder":           printedSince,
		"body_reserialized_go_struct_order":      printedSince,
		"body_reserialized_php":                  printedSince,
		"body_reserialized_dotnet":               printedSince,
		"body_reserialized_gson":                 printedSince,
		"body_reserialized_rails":                printedSince,
		"body_reserialized_jackson":              printedSince,
		"body_reserialized_python_dumps":         printedSince,
		"body_reserialized_python_utf8":          printedSince,
		"body_reserialized_python_sorted":        printedSince,
		"body_pretty_printed_2":                  printedSince,
		"body_pretty_printed_4":                  printedSince,
		"body_pretty_printed_tab":                printedSince,
		"body_reserialized_shopify":              printedSince,
		"body_reserialized_sendgrid":             printedSince,
		"body_reserialized_meta":                 printedSince,
		"signed_form_reencoded":                  "The form was encoded again after it was signed. Pass on the raw form, as it was.",
		"form_params_blank_dropped":              "Empty parameters were added to the form after it was signed. Pass on the raw form, as it was.",
		"form_params_trimmed":                    "Space came to the form's values after it was signed. Pass on the raw form, as it was.",
		"signed_inner_member":                    "What was signed stands inside what came: something wrapped it on its way (a queue, an automation tool). Pass on the inner text as it was.",
		"body_reserialized_python_compact_ascii": printedSince,
		"body_reserialized_python_compact_utf8":  printedSince,
	}),
	came(core.ByReceiver, map[string]string{
		"signed_bytes_gunzipped":      "Decompress the body, then check the signature: it was made before the body was compressed.",
		"signed_bytes_base64_decoded": "Decode the body from base64, then check the signature: a gateway in front of the receiver hands bodies on that way.",
		"url_percent_decoded":         "Check against the address as it was signed, without the escapes that were added on the way: %27 is ' again.",
		"url_query_differs":           "Check against the address as it was signed: undo what a proxy, a framework or an address parser changed in the query.",
		"form_params_repeated":        "Treat repeated parameters as the sender did: all of them, the first, or the last, sorted by name and value.",
	}),
	came(core.BySender, map[string]string{
		"no_signature_with_expected_version":        "The sender has to send the signature under the version that the scheme asks for; other versions must be ignored.",
		"token_algorithm_refused":                   "The sender has to sign the token with an algorithm that the scheme names; never accept one because the token asks for it.",
		"token_claim_missing":                       "The sender has to put the claim into the token: it is what binds the token to this request.",
		"timestamp_in_milliseconds":                 "The sender has to send the timestamp in seconds.",
		"timestamp_in_seconds":                      "The sender has to send the timestamp in milliseconds.",
		"timestamp_unreadable":                      "The sender has to send the timestamp in the form that the scheme documents.",
		"timestamp_future":                          "Set the sender's clock, or this machine's; check the time zone of the timestamp.",
		"timestamp_stale":                           "Sign anew for each attempt, set the clocks, or widen the tolerance in tests only.",
		"prefix_missing":                            senderWrites + "with the prefix in front of the digest.",
		"prefix_wrong":                              senderWrites + "with the prefix that it names." + otherVersion,
		"prefix_extra":                              senderWrites + "the digest without that prefix." + otherVersion,
		"hex_uppercase":                             "Have the sender print hex in lower case, or compare decoded bytes: libraries that compare text refuse it.",
		"hex_with_separators":                       senderWrites + "hex without anything between the bytes, in lower case.",
		"hex_zeros_lost":                            senderWrites + "two hex digits for every byte, leading zeros included.",
		"digest_printed_as_list":                    senderWrites + "encoded, not as a list of numbers.",
		"encoding_hex_instead_of_base64":            senderWrites + "in base64, not hex.",
		"encoding_base64_instead_of_hex":            senderWrites + "in hex, not base64.",
		"encoding_base64url_instead_of_base64":      senderWrites + "in the standard base64 alphabet, with + and /.",
		"base64_padding_missing":                    senderWrites + `with the "=" at the end of the base64 text.`,
		"base64_of_hex_string":                      senderWrites + "the base64 of the raw digest, not of its hex text.",
		"hex_of_base64_string":                      senderWrites + "the hex of the raw digest, not of its base64 text.",
		"base64_double_encoded":                     senderWrites + "encoded once.",
		"bad_signature_encoding":                    "Look at the sender: what stands here is no digest in any encoding.",
		"secret_prefix_stripped":                    senderKey + "whole, as text; here the prefix is part of the key.",
		"secret_prefix_stripped_and_base64_decoded": senderKey + "whole, as text, neither stripped nor decoded.",
		"secret_prefix_stripped_but_not_decoded":    senderKey + "what is left after the prefix, decoded from base64.",
		"secret_used_as_text_with_prefix":           senderKey + "without the prefix, the rest decoded.",
		"secret_prefix_not_stripped":                senderKey + "without the prefix, before it is decoded.",
		"secret_used_as_text_instead_of_base64":     senderKey + "decoded from base64.",
		"secret_used_as_text_instead_of_hex":        senderKey + "decoded from hex.",
		"secret_base64_decoded_instead_of_text":     senderKey + "as text, however much it looks like base64.",
		"secret_hex_decoded_instead_of_text":        senderKey + "as text, however much it looks like hex.",
		"secret_url_encoded":                        senderKey + "as it is, without URL escapes.",
		"secret_html_escaped":                       senderKey + "as it is, without HTML escapes such as &amp;.",
		"secret_base64_encoded":                     senderKey + "itself, not its base64 text.",
		"secret_hex_encoded":                        senderKey + "itself, not its hex text.",
		"secret_hashed":                             senderKey + "itself, not a hash of it.",
		"secret_empty":                              "Set the secret at the sender: it signed with an empty one.",
		"secret_is_placeholder_literal":             "Set the secret at the sender: it signed with the text that stands for a missing value.",
		"form_params_missing":                       signedJoin + "every parameter of the form, name and value, behind the address.",
		"form_body_appended_raw":                    signedJoin + "the decoded parameters sorted by name, not the raw body.",
		"form_params_unsorted":                      signedJoin + "the parameters sorted by name, byte by byte.",
		"form_params_not_decoded":                   signedJoin + "names and values decoded.",
		"url_query_dropped":                         signedJoin + "the address with its query.",
		"url_reduced_to_path":                       signedJoin + "the whole address, with scheme and host.",
		"timestamp_missing_from_signed_string":      signedJoin + "with the timestamp.",
		"id_missing_from_signed_string":             signedJoin + "with the message id.",
		"url_missing_from_signed_string":            signedJoin + "with the address.",
		"method_missing_from_signed_string":         signedJoin + "with the method.",
		"version_literal_missing":                   signedJoin + "with the version literal.",
		"version_literal_wrong":                     signedJoin + "with the version literal that the scheme documents.",
		"order_wrong":                               signedJoin + "its order counts.",
		"separator_wrong":                           signedJoin + "its separators count.",
		"fields_escaped":                            signedJoin + "the fields as they are, without escapes.",
		"fields_unescaped":                          signedJoin + "the fields as they stand in the body.",
		"timestamp_ms_vs_s":                         signedJoin + "the timestamp's text exactly as it is sent.",
		"timestamp_reformatted":                     signedJoin + "the timestamp's text exactly as it is sent.",
		"template_of_other_provider":                signedJoin + "the one used belongs to another provider." + otherVersion,
		"algorithm_sha1":                            "The sender has to use the hash function of the scheme instead of SHA-1." + otherVersion,
		"algorithm_sha256":                          "The sender has to use the hash function of the scheme instead of SHA-256." + otherVersion,
		"algorithm_sha384":                          "The sender has to use the hash function of the scheme instead of SHA-384." + otherVersion,
		"algorithm_sha512":                          "The sender has to use the hash function of the scheme instead of SHA-512." + otherVersion,
		"algorithm_md5":                             "The sender has to use the hash function of the scheme instead of MD5." + otherVersion,
		"plain_hash_secret_then_message":            "The sender has to make an HMAC: a hash of secret and message is another thing.",
		"plain_hash_message_then_secret":            "The sender has to make an HMAC: a hash of message and secret is another thing.",
		"plain_hash_of_message":                     "The sender has to make an HMAC with the secret: a plain hash proves nothing.",
		"hmac_instead_of_plain_hash":                "The sender has to make the plain hash that the scheme documents, with the secret among the bytes.",
		"key_and_message_swapped":                   "The sender has swapped the arguments: the secret is the key, the signed bytes are the message.",
		"double_hash_hex":                           "The sender has to give the message itself to the HMAC, not its hash.",
		"double_hash_raw":                           "The sender has to give the message itself to the HMAC, not its hash.",
		"hash_of_hmac":                              "The sender has to use the HMAC as it comes out, without hashing it again.",
		"signed_bytes_latin1":                       senderSigns + "it signed the text as Latin-1 and sent UTF-8.",
		"signed_bytes_ascii":                        senderSigns + "it signed the text as ASCII, which loses every other character, and sent UTF-8.",
		"signed_bytes_utf16":                        senderSigns + "it signed the text as UTF-16 and sent UTF-8.",
		"signed_bytes_other_charset":                senderSigns + "it signed the text in another charset and sent UTF-8.",
		"signed_bytes_split_characters":             senderSigns + "it turned pieces of the body into text one by one, so that a character on a border became U+FFFD.",
		"signed_form_payload_param":                 senderSigns + "it signed the decoded parameter and sent a form." + otherVersion,
		"signed_form_urldecoded":                    senderSigns + "it signed the decoded form and sent the encoded one.",
		"signed_form_as_json":                       senderSigns + "it signed the fields as JSON and sent a form.",
		"signed_json_string_of_body":                senderSigns + "it signed the body as a JSON string, quotes and all.",
		"signed_base64_of_body":                     senderSigns + "it signed the base64 of the body and sent the body.",
		"signed_python_bytes_repr":                  senderSigns + "it signed b'…', which str(bytes) gives.",
		"signed_python_dict_repr":                   senderSigns + "it signed str(dict), which is not JSON.",
		"signed_empty_body":                         senderSigns + "no body was there when it signed.",
		"signed_empty_json_object":                  senderSigns + "an empty object was there when it signed.",
		"signed_literal_object_object":              senderSigns + "an object became a string before it signed.",
		"signed_missing_body_literal":               senderSigns + "it signed the text that stands for a missing body.",
		"signed_buffer_printed":                     senderSigns + "it signed a printed buffer, not its bytes.",
		"signed_truncated_body":                     senderSigns + "only the beginning of the body was signed.",
	}),
)

func came(acts core.Acts, fixes map[string]string) map[string]remedy {
	out := map[string]remedy{}
	for cause, fix := range fixes {
		out[cause] = remedy{acts, fix}
	}
	return out
}

// merged joins maps without a common key; a test counts them.
func merged(all ...map[string]remedy) map[string]remedy {
	out := map[string]remedy{}
	for _, m := range all {
		for cause, r := range m {
			out[cause] = r
		}
	}
	return out
}
