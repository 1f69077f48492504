// SPDX-License-Identifier: MIT

// Catch2 2 makes main() from its header, Catch2 3 brings it in a library.
#if !__has_include(<catch2/catch_all.hpp>)
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
#endif
