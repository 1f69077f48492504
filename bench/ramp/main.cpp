// SPDX-License-Identifier: MIT

// How fast the limits on calls to the provider open, and what that costs in refusals: the rules of
// policies/provider/ and two simpler ones against simulated providers, in virtual time. Prints a
// table; given a file, it writes the calls in flight over time there, as CSV.

#include "bench/ramp/simulation.hpp"

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::bench;

namespace {

constexpr std::uint32_t slots = 1'000;
constexpr std::chrono::minutes measured{10};
constexpr double drawn_seconds = 120;

std::vector<provider_model> models() {
  std::vector<provider_model> all;
  for (const double latency : {0.5, 2.0, 10.0, 40.0, 120.0}) {
    all.push_back({.name = "unbounded", .latency = latency});
  }
  for (const double latency : {0.5, 2.0, 10.0, 40.0, 120.0}) {
    all.push_back({.name = "300 at a time", .latency = latency, .most_in_flight = 300});
  }
  for (const double latency : {40.0, 120.0}) {
    all.push_back(
        {.name = "the same; refused in 50 ms",
         .latency = latency,
         .most_in_flight = 300,
         .refusal = 0.05}
    );
  }
  for (const double latency : {2.0, 40.0}) {
    all.push_back({.name = "100 at a time", .latency = latency, .most_in_flight = 100});
  }
  const std::vector<std::pair<double, std::uint32_t>> quotas{
      {0.5, 1'200}, {10, 600}, {40, 600}, {120, 60}, {10, 3'000}};
  for (const quota_kind kind : {quota_kind::bucket, quota_kind::window}) {
    const std::string name = kind == quota_kind::bucket ? " a minute; bucket" : " a minute; window";
    for (const auto& [latency, quota] : quotas) {
      all.push_back(
          {.name = std::to_string(quota) + name,
           .latency = latency,
           .per_minute = quota,
           .kind = kind}
      );
    }
  }
  all.push_back({.name = "one in ten fails", .latency = 10, .failing = 0.1});
  return all;
}

void print(const simulation::outcome& seen) {
  std::printf(
      " | %6.1f %5.1f%% %4.0f%%", seen.reached, 100 * seen.refused_share(), 100 * seen.used
  );
}

void print_head() {
  std::printf(
      "%u slots. Seconds until nine tenths of what the provider can take are used (-1: never),\n"
      "calls that were refused within ten minutes, and how much was used from then on.\n\n",
      slots
  );
  std::printf("%-26s %7s", "provider", "seconds");
  for (const auto* title :
       {"round", "timed", "the service", "2 coordinators", "10 coordinators", "after a restart"}) {
    std::printf(" | %-19s", title);
  }
  std::printf("\n");
}

/// Where the curves go; nowhere without a file.
class curve_file {
 public:
  explicit curve_file(const char* path) {
    if (path != nullptr) {
      file_.open(path);
      file_ << "provider,latency,rule,callers,seconds,in_flight\n";
    }
  }

  simulation::observer writer(const provider_model& model, opening_rule rule, std::size_t callers) {
    return [this, &model, rule, callers](double second, std::uint32_t in_flight) {
      if (file_.is_open() && second <= drawn_seconds) {
        file_ << '"' << model.name << "\"," << model.latency << ',' << to_string(rule) << ','
              << callers << ',' << second << ',' << in_flight << '\n';
      }
    };
  }

 private:
  std::ofstream file_;
};

void measure(const provider_model& model, curve_file& curves) {
  std::printf("%-26s %7.1f", model.name.c_str(), model.latency);
  for (const auto rule : {opening_rule::round, opening_rule::timed}) {
    print(simulation{model, rule, 1, slots}.run(measured, curves.writer(model, rule, 1)));
  }
  constexpr auto own = opening_rule::found;
  simulation alone{model, own, 1, slots};
  print(alone.run(measured, curves.writer(model, own, 1)));
  for (const std::size_t callers : {2U, 10U}) {
    simulation together{model, own, callers, slots};
    print(together.run(measured, curves.writer(model, own, callers)));
  }
  alone.restart(std::chrono::seconds{10});
  print(alone.run(measured));
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  curve_file curves{argc > 1 ? argv[1] : nullptr};
  print_head();
  for (const provider_model& model : models()) {
    measure(model, curves);
  }
}
