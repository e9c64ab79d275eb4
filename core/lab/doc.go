// Package lab runs the same rules in virtual time: what-if runs; and the handler check-up.
//
// [Checkup] sends a battery of valid, forged, repeated and awkward deliveries to a developer's own handler and
// says, for each, what was sent, what came back, why that is right or wrong, and how to mend it.
//
// [Compare] plays arrivals against a limit and a retry policy, with the very code that decides about live requests and
// deliveries, and says what would have become of them.
package lab
