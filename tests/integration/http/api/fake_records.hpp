// SPDX-License-Identifier: MIT
#pragma once

#include "messages/protocol.hpp"

namespace stayler::test {

/// Records that know whose conversions are: "ann-s-coat" is ann's. "unknowable" fails.
record_io_actor::behavior_type fake_records();

}  // namespace stayler::test
