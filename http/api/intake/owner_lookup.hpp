// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/bridge.hpp"
#include "http/api/pictures/known_images.hpp"
#include "messages/jobs/ownership.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace stayler::http {

/// Asks the records whose the images and conversions are that jobs name. One question is under way
/// at a time, and those that arrive meanwhile form the next; images that were found lately are not
/// asked for again. Used on the bridge's actor only.
class owner_lookup : public std::enable_shared_from_this<owner_lookup> {
 public:
  using on_found = std::function<void(bridge_self*, const result<ownership_report>&)>;

  /// `timeout`: for an answer of the records.
  explicit owner_lookup(milliseconds timeout) : timeout_(timeout) {}

  /// `done` gets the answer once, perhaps at once. An empty question is not passed on.
  void find(bridge_self* self, ownership_query asked, on_found done);

  /// That image was removed.
  void forget_image(const std::string& id) { known_.remove(id); }

 private:
  /// `report` has what is known already; `open` the rest, of whose images `places` are in it.
  struct question {
    ownership_report report;
    ownership_query open;
    std::vector<std::size_t> places;
    on_found done;
  };

  question prepare(ownership_query asked, on_found done) const;
  void ask_next(bridge_self* self);
  std::vector<question> take_some();
  void answer_all(
      bridge_self* self, std::vector<question>& asked, const result<ownership_report>& found
  );

  milliseconds timeout_;
  known_images known_;
  std::vector<question> waiting_;
  bool is_asking_ = false;
};

}  // namespace stayler::http
