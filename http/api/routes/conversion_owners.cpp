// SPDX-License-Identifier: MIT
#include "http/api/routes/conversion_owners.hpp"

#include "messages/base/text.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/jobs/conversion_owner.hpp"

#include <cstddef>
#include <memory>
#include <utility>

namespace stayler::http {

namespace {

struct ownership_check {
  bool is_limited = false;
  std::vector<failure> refusals;  ///< one for each claim
  std::size_t open = 1;           ///< answers to wait for; one stands for the asking itself
  std::function<void(const std::vector<failure>&)> done;

  void finish_one() {
    if (--open == 0) {
      done(refusals);
    }
  }
};

/// A uuid has several spellings: the records, which know whether it is one, decide about those.
bool belongs_to(const conversion_update& known, const std::string& user) {
  return equals_ignoring_case(known.user_id, user);
}

failure judge(
    const conversion_claim& claim, const result<conversion_update>& known, bool is_limited
) {
  if (known) {
    return belongs_to(*known, claim.user_id) ? failure{}
                                             : conversion_of_another(claim.conversion_id);
  }
  const bool is_new = known.error().kind == error_class::not_found;
  return is_new || !is_limited ? failure{} : known.error();
}

}  // namespace

void check_conversion_owners(
    const context_ptr& api,
    const caller& caller,
    const std::vector<conversion_claim>& claims,
    std::function<void(const std::vector<failure>&)> done
) {
  const auto check = std::make_shared<ownership_check>();
  check->is_limited = caller.is_limited();
  check->refusals.resize(claims.size());
  check->done = std::move(done);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    if (claims[i].conversion_id.empty()) {
      continue;
    }
    ++check->open;
    const auto on_answer = [check, i, claim = claims[i]](const result<conversion_update>& known) {
      check->refusals[i] = judge(claim, known, check->is_limited);
      check->finish_one();
    };
    api->actors.ask<conversion_update>(
        &actors::directory::records, on_answer, fetch_atom_v, claims[i].conversion_id
    );
  }
  check->finish_one();
}

}  // namespace stayler::http
