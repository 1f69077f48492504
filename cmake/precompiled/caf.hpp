// SPDX-License-Identifier: MIT
#pragma once

#include "cmake/precompiled/std.hpp"
#include "messages/protocol.hpp"
