// SPDX-License-Identifier: MIT
#include "http/api/routes/user_data/conversion_owners.hpp"

#include "messages/base/text.hpp"
#include "messages/jobs/conversion_owner.hpp"

namespace stayler::http {

failure refuse_conversion(const job_request& request, const std::optional<std::string>& owner) {
  // A uuid has several spellings: the records, which know whether it is one, decide about those.
  const bool is_own = !owner || equals_ignoring_case(*owner, request.user_id);
  return is_own ? failure{} : conversion_of_another(request.conversion_id);
}

}  // namespace stayler::http
