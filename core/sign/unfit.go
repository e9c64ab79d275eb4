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
	return []Unfit{
		{"Vipps MobilePay", "header Authorization, HMAC-SHA256", "Azure's form: x-ms-date, host and x-ms-content-sha256 are signed under names that the header lists."},
		{"AfterShip", "header as-signature-hmac-sha256 or am-webhook-signature", "Header and form differ between its products and organizations: write the row of yours as a scheme of your own."},
	}
}
