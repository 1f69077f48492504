// SPDX-License-Identifier: MIT

// The batching rule: one batch in flight, what arrives meanwhile forms the next, and each change
// gets its own reply, also where the store could not be asked.

#include "policies/jobs/store_batcher.hpp"

#include "tests/support/catch.hpp"

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace stayler;
using adapters::store_reply;

namespace {

/// A store that answers when it is told to.
class batcher_fixture {
 public:
  /// A change that is known by its name, and appears in `replies` with what it got.
  void write(const std::string& name) { batcher.write(change(name), record_reply(name)); }
  void add(const std::string& name) { batcher.add(change(name), record_reply(name)); }

  [[nodiscard]] static adapters::store_change change(const std::string& name) {
    return adapters::store_op::reclaim{name};
  }

  [[nodiscard]] policies::store_batcher::on_reply record_reply(const std::string& name) {
    return [this, name](const store_reply& reply) {
      replies.push_back(name + (reply.error ? ": " + reply.error.message : ""));
    };
  }

  /// The store takes the batch in flight.
  void take() {
    std::vector<store_reply> all(sent.back().size());
    batcher.written(all);
  }

  std::vector<std::vector<std::string>> sent;
  std::vector<std::string> replies;
  std::function<void()> prepare = [] {};
  policies::store_batcher batcher{
      [this] { prepare(); },
      [this](const policies::store_batcher::batch& batch) {
        auto& names = sent.emplace_back();
        for (const auto& each : batch) {
          names.push_back(std::get<adapters::store_op::reclaim>(each).instance_id);
        }
      }};
};

using names = std::vector<std::string>;

}  // namespace

TEST_CASE_METHOD(batcher_fixture, "a lone change goes out at once") {
  write("a");
  CHECK(sent == std::vector<names>{{"a"}});
  CHECK(replies.empty());
  take();
  CHECK(replies == names{"a"});
}

TEST_CASE_METHOD(batcher_fixture, "one batch at a time is in flight; what arrives forms the next") {
  write("a");
  write("b");
  write("c");
  batcher.flush();
  CHECK(sent == std::vector<names>{{"a"}});
  CHECK(batcher.waiting() == 2);
  take();
  CHECK(sent == std::vector<names>{{"a"}, {"b", "c"}});
  CHECK(batcher.waiting() == 0);
  take();
  CHECK(sent.size() == 2);
}

TEST_CASE_METHOD(batcher_fixture, "what is added waits for a flush") {
  add("a");
  add("b");
  CHECK(sent.empty());
  batcher.flush();
  CHECK(sent == std::vector<names>{{"a", "b"}});
}

TEST_CASE_METHOD(batcher_fixture, "nothing to write is no batch") {
  batcher.flush();
  CHECK(sent.empty());
}

TEST_CASE_METHOD(batcher_fixture, "each change gets its own reply, in the order of the changes") {
  add("a");
  add("b");
  write("c");
  std::vector<store_reply> mixed(3);
  mixed[1].error = {error_class::conflict, "no"};
  batcher.written(mixed);
  CHECK(replies == names{"a", "b: no", "c"});
}

TEST_CASE_METHOD(batcher_fixture, "what the replies lead to goes out together, after all replies") {
  batcher.add(change("a"), [this](const store_reply&) { write("after a"); });
  batcher.write(change("b"), [this](const store_reply&) { write("after b"); });
  take();
  CHECK(sent == std::vector<names>{{"a", "b"}, {"after a", "after b"}});
}

TEST_CASE_METHOD(batcher_fixture, "each batch is prepared in the moment in which it goes out") {
  int prepared = 0;
  prepare = [&] { add("claim " + std::to_string(++prepared)); };
  write("a");
  write("b");
  CHECK(sent == std::vector<names>{{"a", "claim 1"}});
  take();
  CHECK(sent == std::vector<names>{{"a", "claim 1"}, {"b", "claim 2"}});
}

TEST_CASE_METHOD(batcher_fixture, "where a batch fails each of its changes gets the failure") {
  add("a");
  write("b");
  batcher.failed({error_class::unavailable, "away"});
  CHECK(replies == names{"a: away", "b: away"});
  CHECK(sent.size() == 1);
  write("c");
  CHECK(sent.back() == names{"c"});
}

TEST_CASE_METHOD(batcher_fixture, "what arrived while a batch failed goes out all the same") {
  write("a");
  write("b");
  batcher.failed({error_class::unavailable, "away"});
  CHECK(replies == names{"a: away"});
  CHECK(sent == std::vector<names>{{"a"}, {"b"}});
  take();
  CHECK(replies == names{"a: away", "b"});
}

TEST_CASE_METHOD(batcher_fixture, "a failure that is answered with another try makes no loop") {
  policies::store_batcher::on_reply try_again = [&](const store_reply& reply) {
    if (reply.error) {
      batcher.write(change("again"), try_again);
    }
  };
  batcher.write(change("first"), try_again);
  batcher.failed({error_class::unavailable, "away"});
  CHECK(sent == std::vector<names>{{"first"}});
  CHECK(batcher.waiting() == 1);
  // It goes with whatever comes next.
  write("other");
  CHECK(sent == std::vector<names>{{"first"}, {"again", "other"}});
}
