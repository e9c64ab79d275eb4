package sign

// Unfit is a way to sign that no scheme here can check, and why.
type Unfit struct {
	Provider string
	Carrier  string // where it stands: "header Plaid-Verification"
	Why      string
}

// NotFitting lists the known providers that sign in a way that no row of the table can say. They are named so that a
// user who looks for one learns why it is not there.
func NotFitting() []Unfit {
	const jwt = "The header carries a JSON Web Token: first its own signature is checked, then a claim in it against the body's hash. "
	return []Unfit{
		{"Plaid", "header Plaid-Verification", jwt + "ES256, the key is fetched by key id, the claim is request_body_sha256."},
		{"FusionAuth", "header X-FusionAuth-Signature-JWT", jwt + "The claim is request_body_sha256 in base64."},
		{"Netlify", "header X-Webhook-Signature", jwt + "HS256, the claim is sha256 in hex."},
		{"Jira Connect", "header Authorization, JWT", jwt + "The claim is a hash of the query, not of the body."},
		{"fal.ai", "header X-Fal-Webhook-Signature", "Ed25519 with keys that have to be fetched as a JWKS; nothing is fetched here."},
		{"Vipps MobilePay", "header Authorization, HMAC-SHA256", "Azure's form: x-ms-date, host and x-ms-content-sha256 are signed under names that the header lists."},
	}
}
