// SPDX-License-Identifier: MIT
#pragma once

#include "cmake/precompiled/std.hpp"
#include "tests/support/catch.hpp"
