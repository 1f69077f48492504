// SPDX-License-Identifier: MIT
#pragma once

#include "cmake/precompiled/caf.hpp"
#include "tests/support/catch.hpp"
