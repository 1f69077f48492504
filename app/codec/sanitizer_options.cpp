// SPDX-License-Identifier: MIT

// How sanitizers behave where the program is built with them: its environment has no room for their
// variables. Without them these functions are never called.

// NOLINTBEGIN(bugprone-reserved-identifier): the sanitizers choose the names.

/// No search for leaks at the end, which takes another process, and the bound on memory that holds
/// otherwise.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1024";
}

/// What is found ends the process, as a crash would.
extern "C" const char* __ubsan_default_options() {
  return "halt_on_error=1";
}

// NOLINTEND(bugprone-reserved-identifier)
