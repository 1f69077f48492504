// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/command_context.hpp"

#include <string>
#include <vector>

namespace stayler::cli {

/// One file of a bundle, or why it is not there.
struct bundle_part {
  std::string name;
  std::string content;
  std::string missing_because;  ///< empty: it is there
};

/// All that support needs of a job: the job, its audit records and notifications, and how the
/// service is. Pictures only where they are asked for.
std::vector<bundle_part> collect_bundle(
    command_context& context, const std::string& id, bool with_images
);

/// What is in a bundle and what was left out, for whoever opens it.
std::string describe_bundle(const std::string& id, const std::vector<bundle_part>& parts);

/// The text without what may let somebody in: in each address what stands behind "?", which may be
/// a signature, and before "@".
std::string without_secrets(std::string text);

}  // namespace stayler::cli
