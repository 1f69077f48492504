// SPDX-License-Identifier: MIT

// Package worker calls the Stayler worker service: it uploads pictures, submits jobs, follows them to their end and
// fetches what they have made. It needs nothing but the standard library.
//
// A Client may be used by many goroutines at once. Every call takes a context first, and ends with it. A zero value in
// a request means that nothing is said, and the service's default counts. Calls that fail for a reason that passes are
// made again; what still fails is an *Error.
package worker
