// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of listings.

#include "messages/jobs/job_filter.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"

#include <algorithm>
#include <set>

namespace stayler::adapters::conformance {

inline void check_listing(const store_maker& make) {
  driver d{make.open()};

  SECTION("pages are complete and free of duplicates while jobs come in") {
    std::set<job_id> expected;
    for (int i = 0; i < 25; ++i) {
      expected.insert(d.add(i % 2 == 0 ? "ann" : "bob").id);
    }
    std::vector<job_id> seen;
    job_filter filter;
    filter.limit = 10;
    do {
      const job_page page = d.page(filter);
      CHECK(page.jobs.size() <= 10);
      const auto ids = ids_of(page.jobs);
      seen.insert(seen.end(), ids.begin(), ids.end());
      filter.before = page.next;
      d.now += milliseconds{1};
      d.add("cat");
    } while (!filter.before.value.is_nil());
    CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
    CHECK(std::set<job_id>(seen.begin(), seen.end()) == expected);
    CHECK(seen.size() == expected.size());
  }

  SECTION("filters apply together") {
    job wanted = d.new_job("ann");
    wanted.request.conversion_id = "conversion";
    d.add(wanted);
    job others = d.new_job("bob");
    others.request.conversion_id = "other";
    d.add(others);
    job processing = d.new_job("ann");
    processing.request.type = job_type::image_processing;
    d.add(processing);
    const job gone = d.add("ann");
    d.one(store_op::cancel{gone.id});

    const auto ids = [&](const job_filter& filter) { return ids_of(d.all(filter)); };
    using list = std::vector<job_id>;
    CHECK(ids({}) == list{gone.id, processing.id, others.id, wanted.id});
    CHECK(ids({{}, {}, "ann", "", {}, {}, 1}) == list{gone.id, processing.id, wanted.id});
    CHECK(ids({{}, {}, "", "conversion", {}, {}, 50}) == list{wanted.id});
    CHECK(ids({{}, {}, "ann", "conversion", {}, {}, 50}) == list{wanted.id});
    CHECK(ids({{}, {}, "ann", "other", {}, {}, 50}).empty());
    CHECK(ids({{job_status::cancelled}, {}, "", "", {}, {}, 50}) == list{gone.id});
    CHECK(
        ids({{job_status::cancelled, job_status::pending}, {}, "bob", "", {}, {}, 50})
        == list{others.id}
    );
    CHECK(ids({{}, {job_type::image_processing}, "", "", {}, {}, 50}) == list{processing.id});
    CHECK(ids({{}, {}, "nobody", "", {}, {}, 50}).empty());
    CHECK(ids({{}, {}, "", "", {}, wanted.id, 50}).empty());
  }

  SECTION("users are told apart whatever their ids are made of") {
    const std::vector<std::string> users{
        "auth0|62e0",
        "auth0|62e",
        "ann@example.com",
        "ann+test@example.com",
        "Ann@example.com",
        "a:b",
        "a",
        "{a}",
        "a'b\"c\\d",
        "../../a",
        "a b",
        "Ζωή",
        "कि",
        "[a-z]*?",
        std::string(256, 'x')};
    for (const std::string& user : users) {
      d.add(user);
    }
    for (const std::string& user : users) {
      INFO(user);
      CHECK(users_of(d.all({{}, {}, user, "", {}, {}, 50})) == std::vector{user});
    }
    // Each waits in a flow of its own, so that each has its turn.
    for (const std::string& user : users) {
      d.add(user);
    }
    auto turns = users_of(d.claim(users.size()));
    std::ranges::sort(turns);
    auto all = users;
    std::ranges::sort(all);
    CHECK(turns == all);
  }

  SECTION("a bound on age leaves older jobs out, whatever else is asked for") {
    std::vector<job> jobs;
    for (int i = 0; i < 4; ++i) {
      job next = d.new_job("ann");
      next.request.conversion_id = i == 2 ? "conversion" : "";
      jobs.push_back(d.add(next));
      d.now += milliseconds{1};
    }
    job_filter filter;
    filter.since = jobs[1].id;
    using list = std::vector<job_id>;
    CHECK(ids_of(d.all(filter)) == list{jobs[3].id, jobs[2].id, jobs[1].id});
    filter.limit = 3;
    CHECK(d.page(filter).next.value.is_nil());
    filter.before = jobs[3].id;
    CHECK(ids_of(d.page(filter).jobs) == list{jobs[2].id, jobs[1].id});
    filter.user_id = "ann";
    CHECK(ids_of(d.page(filter).jobs) == list{jobs[2].id, jobs[1].id});
    filter.conversion_id = "conversion";
    CHECK(ids_of(d.page(filter).jobs) == list{jobs[2].id});
    filter.since = jobs[3].id;
    CHECK(d.page(filter).jobs.empty());
    filter.before = jobs[2].id;
    CHECK(d.page(filter).jobs.empty());
    filter = {};
    filter.since = jobs[2].id;
    filter.before = jobs[1].id;
    CHECK(d.page(filter).jobs.empty());
    job_filter dead;
    dead.statuses = {job_status::failed, job_status::pending};
    dead.since = jobs[3].id;
    CHECK(ids_of(d.page(dead).jobs) == list{jobs[3].id});
  }

  SECTION("a last page that is full has no next one") {
    d.add();
    d.add();
    job_filter filter;
    filter.limit = 2;
    CHECK(d.page(filter).jobs.size() == 2);
    CHECK(d.page(filter).next.value.is_nil());
  }
}

}  // namespace stayler::adapters::conformance
