// Package deliver sends deliveries until they are delivered or given up.
//
// [Dispatcher.Run] is the only goroutine that decides. What it decides with is pure and takes the time as an
// argument, so that package lab runs the very same rules in virtual time: [Planner] says which delivery may
// go out now, [After] what follows from an attempt, [Replay] which deliveries a replay consists of.
// [Sender] does the one thing that is not pure: it puts a request on the wire and reports what came back.
package deliver
