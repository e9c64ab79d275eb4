package tunnel

// Consent is what a user must know before the first start of a provider: what is sent to whom.
func Consent(provider string) []string {
	all := []string{
		"While the tunnel is on, anyone who knows the address can send requests to this computer. Only your sources answer them; nothing else of this computer is reachable.",
		"Whoever runs the tunnel can read every request and answer that passes through it.",
		"The tunnel starts only when you start it, and stops when Hookglass closes.",
	}
	switch provider {
	case "ngrok":
		return append(all,
			"ngrok receives your authtoken, your operating system, the name of this computer, the full path of this program (your user name is often part of it) and its process number.",
			"If you set a user and password, an address list or signature verification, ngrok receives them too, the verification secret included.",
			"Limits of requests, traffic and agents are those of your ngrok plan.")
	case "ssh":
		return append(all,
			"The ssh server receives your user name, your public key and the address of your network.",
			"Public ssh services are run by third parties: addresses, limits and terms may change at any time.")
	case "own":
		return append(all,
			"Hookglass only listens on this computer; what your own tunnel sends where is up to its settings.")
	}
	return all
}

// VerifyOff says why verification at ngrok's edge is off by default.
const VerifyOff = "Off, because a request that ngrok refuses never arrives here, and that is the one you want to look at. Hookglass checks signatures itself. If you turn it on, ngrok receives the secret, and the free plan counts each check."
