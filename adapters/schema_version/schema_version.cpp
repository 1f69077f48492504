// SPDX-License-Identifier: MIT
#include "adapters/schema_version/schema_version.hpp"

#include <fmt/core.h>

namespace stayler::adapters {

std::string name_of_reader(std::string_view schema) {
  return fmt::format("{}:oldest_reader", schema);
}

void_result check_reader(std::string_view place, const stored_version& found, std::int64_t known) {
  if (found.oldest_reader <= known) {
    return ok();
  }
  return failure{
      error_class::invalid_input,
      fmt::format(
          "{} has version {}, which a later release has written for programs that know version {}; "
          "this one knows versions up to {}, and has changed nothing: start the later release "
          "again, or restore a backup of before the upgrade",
          place, found.version, found.oldest_reader, known
      )};
}

}  // namespace stayler::adapters
