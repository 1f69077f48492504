// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/image_codec/image_codec.hpp"

namespace stayler::app {

/// Has a tiny picture of each format decoded and encoded: libraries open their modules, tables and
/// plugins at first use, and in the sandbox they cannot. unavailable where a format fails that
/// every codec reads; the others need not be there.
void_result warm_up(adapters::image_codec& codec);

}  // namespace stayler::app
