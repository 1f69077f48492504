// SPDX-License-Identifier: MIT

// Proves that nodes fill up evenly by their size, that a slow one is left with less, and that one
// which only fails attracts nothing.

#include "policies/nodes/node_balance.hpp"

#include "tests/support/catch.hpp"

#include <map>

using namespace stayler;
using policies::node_balance;

namespace {

policies::node_balance balance_of(const std::map<std::string, int>& nodes) {
  policies::node_balance made;
  for (const auto& [name, slots] : nodes) {
    for (int i = 0; i < slots; ++i) {
      made.add_worker(name);
      made.set_free(name);
    }
  }
  return made;
}

/// Gives out so many jobs that do not end; how many each node has then.
std::map<std::string, int> give_out(policies::node_balance& to, int jobs) {
  std::map<std::string, int> given;
  for (int i = 0; i < jobs; ++i) {
    const std::string node = to.choose();
    to.set_busy(node);
    ++given[node];
  }
  return given;
}

}  // namespace

TEST_CASE("nodes of one size share the work") {
  auto nodes = balance_of({{"a", 10}, {"b", 10}});
  CHECK(give_out(nodes, 8) == std::map<std::string, int>{{"a", 4}, {"b", 4}});
}

TEST_CASE("a node of three times the size gets three times the work") {
  auto nodes = balance_of({{"large", 30}, {"small", 10}});
  const auto given = give_out(nodes, 20);
  CHECK(given.at("large") == 15);
  CHECK(given.at("small") == 5);
}

TEST_CASE("a node that takes twice as long is left with less, but not with nothing") {
  auto nodes = balance_of({{"fast", 10}, {"slow", 10}});
  for (int i = 0; i < 50; ++i) {
    nodes.add_duration("fast", milliseconds{1'000});
    nodes.add_duration("slow", milliseconds{2'000});
  }
  const auto given = give_out(nodes, 10);
  CHECK(given.at("fast") == 7);
  CHECK(given.at("slow") == 3);
}

TEST_CASE("no node counts as more than four times slower: a few odd jobs starve nobody") {
  auto nodes = balance_of({{"fast", 4}, {"odd", 4}});
  nodes.add_duration("fast", milliseconds{1});
  nodes.add_duration("odd", milliseconds{3'600'000});
  CHECK(give_out(nodes, 5).at("odd") == 1);
}

TEST_CASE("a node of which nothing is known counts like the others") {
  auto nodes = balance_of({{"known", 4}, {"new", 4}});
  nodes.add_duration("known", milliseconds{100});
  CHECK(give_out(nodes, 4) == std::map<std::string, int>{{"known", 2}, {"new", 2}});
}

TEST_CASE("the latest attempts count for more than the earlier ones") {
  auto nodes = balance_of({{"a", 10}, {"b", 10}});
  for (int i = 0; i < 100; ++i) {
    nodes.add_duration("a", milliseconds{4'000});
    nodes.add_duration("b", milliseconds{1'000});
  }
  for (int i = 0; i < 30; ++i) {
    nodes.add_duration("a", milliseconds{1'000});
  }
  CHECK(give_out(nodes, 10) == std::map<std::string, int>{{"a", 5}, {"b", 5}});
}

TEST_CASE("only a node with a free worker is chosen, and all free workers are used") {
  auto nodes = balance_of({{"a", 1}, {"b", 3}});
  CHECK(give_out(nodes, 4) == std::map<std::string, int>{{"a", 1}, {"b", 3}});
  CHECK_FALSE(nodes.has_free());
  nodes.set_free("a");
  CHECK(nodes.choose() == "a");
}

TEST_CASE("a node is forgotten with its last worker") {
  auto nodes = balance_of({{"a", 1}, {"b", 1}});
  nodes.set_busy("a");
  CHECK(nodes.loads() == std::vector<node_load>{{"a", 1, 1}, {"b", 1, 0}});
  nodes.remove_worker("a");
  CHECK(nodes.loads() == std::vector<node_load>{{"b", 1, 0}});
  nodes.add_duration("a", milliseconds{1});
  CHECK(nodes.loads().size() == 1);
}
