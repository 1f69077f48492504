// SPDX-License-Identifier: MIT

// Proves that every request of a node is answered once, whatever becomes of its coordinators.

#include "policies/nodes/pending_requests.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::policies;

namespace {

const failure lost{error_class::unavailable, "lost"};

/// Writes down what becomes of the requests that it makes.
struct recorder {
  pending_request make(std::string name, bool is_repeatable = true) {
    return {
        .send =
            [this, name](request_number number) {
              sent.push_back(name);
              numbers.push_back(number);
            },
        .fail = [this, name](const failure&) { failed.push_back(name); },
        .is_repeatable = is_repeatable};
  }

  std::vector<std::string> sent;
  std::vector<request_number> numbers;
  std::vector<std::string> failed;
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a request is sent at once, and its first answer counts") {
  recorder to;
  pending_requests requests;
  requests.send(to.make("a"));
  CHECK(to.sent == names{"a"});
  CHECK(requests.take(to.numbers.at(0)));
  CHECK_FALSE(requests.take(to.numbers.at(0)));
}

TEST_CASE("a request that waits is sent when there is a coordinator, in its order") {
  recorder to;
  pending_requests requests;
  requests.hold(to.make("a"));
  requests.hold(to.make("b"));
  CHECK(to.sent.empty());
  requests.send_waiting();
  CHECK(to.sent == names{"a", "b"});
  requests.send_waiting();
  CHECK(to.sent.size() == 2);
}

TEST_CASE("what a lost coordinator has not answered is sent to the next one, ahead of what is new"
) {
  recorder to;
  pending_requests requests;
  requests.send(to.make("a"));
  requests.send(to.make("b"));
  requests.on_coordinator_lost(lost);
  requests.hold(to.make("c"));
  requests.send_waiting();
  CHECK(to.sent == names{"a", "b", "a", "b", "c"});
  CHECK(to.failed.empty());
}

TEST_CASE("an answer from a coordinator that was lost does not count") {
  recorder to;
  pending_requests requests;
  requests.send(to.make("a"));
  requests.on_coordinator_lost(lost);
  CHECK_FALSE(requests.take(to.numbers.at(0)));
  requests.send_waiting();
  CHECK_FALSE(requests.take(to.numbers.at(0)));
  CHECK(requests.take(to.numbers.at(1)));
}

TEST_CASE("what must not be asked twice fails with its coordinator") {
  recorder to;
  pending_requests requests;
  requests.send(to.make("a", false));
  requests.send(to.make("b"));
  requests.on_coordinator_lost(lost);
  CHECK(to.failed == names{"a"});
  requests.send_waiting();
  CHECK(to.sent == names{"a", "b", "b"});
}

TEST_CASE("what waits in vain fails, and is not sent afterwards") {
  recorder to;
  pending_requests requests;
  requests.hold(to.make("a"));
  requests.fail_waiting(lost);
  CHECK(to.failed == names{"a"});
  requests.send_waiting();
  CHECK(to.sent.empty());
}

TEST_CASE("an answered request does not wait for another coordinator") {
  recorder to;
  pending_requests requests;
  requests.send(to.make("a"));
  CHECK(requests.take(to.numbers.at(0)));
  requests.on_coordinator_lost(lost);
  requests.send_waiting();
  CHECK(to.sent == names{"a"});
}
