// Package relay carries a team's captures over NATS JetStream, which stores them and hands them on; nothing here does either.
//
// A hub publishes its captures to a stream, one stream for each space. A reader follows a space: it has a durable consumer, which
// the hub made, and an account of its own, in which there is nothing but the way to that consumer. An invite lets a reader in.
//
// Capture, commit, answer come first; what is published is read from the history afterwards, behind a cursor. So a broker that
// is away costs nothing, and one that lost what it had is given it again.
package relay
