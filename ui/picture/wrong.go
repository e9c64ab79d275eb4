package picture

// WrongOld is wrong on purpose in a way that needs a second secret, so it is made here and not by the sender.
const WrongOld = "old"

// WrongWays are the ways to be wrong on purpose, as a select shows them and as the picture explains them.
var WrongWays = []struct{ Way, Label, why string }{
	{"", "Nothing: a right signature", ""},
	{"stale", "Stale: signed an hour ago", "It was signed an hour ago, as an old request that somebody sends again."},
	{"future", "Future: signed an hour from now", "It was signed an hour from now, as by a sender whose clock is wrong."},
	{"tampered", "Tampered: one byte of the body changed", "One byte of the body was changed after it was signed."},
	{"secret", "Wrong secret", "It was signed with a secret that is not the receiver's."},
	{"missing", "Missing: no signature", "The signature's headers are left out."},
	{"other_body", "Signature of another body", "The signature is a right one, of another body."},
	{WrongOld, "Old secret of a rotation", "It was signed with the secret from before the rotation. A receiver may still accept that one for a while."},
}

func wrongWhy(way string) string {
	for _, w := range WrongWays {
		if w.Way == way {
			return w.why
		}
	}
	return ""
}
