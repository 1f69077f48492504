// SPDX-License-Identifier: MIT
#pragma once

// A worker among fakes that write down what they are asked, and answer as the test says.

#include "actors/worker/worker.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace stayler::test {

/// What the fakes have seen and what they are to answer.
struct peer_script {
  std::vector<std::string> seen;           ///< the steps, in their order
  std::map<std::string, failure> fail_at;  ///< by step
  std::map<std::string, bool> silent_at;   ///< never answers that step
  std::vector<attempt_outcome> outcomes;
  std::vector<failure> refuse_finish;  ///< answers to the first reports of an outcome
  std::vector<conversion_update> records;
  std::vector<notification> notifications;
  std::vector<new_image> stored;
  std::vector<generation_request> generated;
  std::uint8_t signatures = 0;
  std::vector<image_signature> compared_with;
  std::vector<job_progress> reports;
  int renewals = 0;
  failure refuse_renewal;
  conversion_update recorded;  ///< what the record says

  [[nodiscard]] bool has_seen(const std::string& step) const {
    return std::ranges::find(seen, step) != seen.end();
  }
};

class worker_fixture : public fixture {
 public:
  worker_fixture();

  static job conversion_job(std::uint64_t token = 1);

  std::shared_ptr<peer_script> peers = std::make_shared<peer_script>();
  actors::worker_impl worker;
};

}  // namespace stayler::test
