// SPDX-License-Identifier: MIT
#include "tests/e2e/support/chaos_series.hpp"

#include "tests/support/http_exchange.hpp"

#include <algorithm>
#include <fstream>

namespace stayler::test {

namespace {

using namespace std::chrono_literals;

constexpr auto sample_pause = 100ms;

timestamp now() {
  return to_timestamp(std::chrono::system_clock::now());
}

/// What happened within one second.
struct second_of_run {
  std::int64_t submitted = 0;
  std::int64_t completed = 0;
  std::int64_t failures = 0;
  std::int64_t ended = 0;
};

using seconds_of_run = std::map<std::int64_t, second_of_run>;

std::int64_t second_at(timestamp when, timestamp begin) {
  return std::chrono::floor<std::chrono::seconds>(when - begin).count();
}

seconds_of_run read_history(const std::filesystem::path& history, timestamp begin) {
  seconds_of_run seconds;
  std::ifstream in{history};
  for (std::string text; std::getline(in, text);) {
    const auto line = adapters::parse_json(text);
    if (!line || text_at(*line, {"event"}) == "opened") {
      continue;
    }
    const std::string event = text_at(*line, {"event"});
    const std::string detail = text_at(*line, {"detail"});
    second_of_run& at =
        seconds[second_at(timestamp{milliseconds{number_at(*line, {"at"})}}, begin)];
    at.submitted += event == "submitted" ? 1 : 0;
    at.completed += event == "completed" ? 1 : 0;
    at.failures += event == "failed" || event == "put_back" ? 1 : 0;
    at.ended += event == "completed" || event == "failed" || event == "cancelled" ? 1 : 0;
  }
  return seconds;
}

/// The calls that had come by that time.
std::int64_t calls_by(const std::map<timestamp, std::int64_t>& calls, timestamp when) {
  const auto after = calls.upper_bound(when);
  return after == calls.begin() ? 0 : std::prev(after)->second;
}

std::string names_in_force(const std::vector<fault_span>& faults, timestamp begin, timestamp end) {
  std::string names;
  for (const fault_span& fault : faults) {
    if (fault.begin < end && fault.end >= begin) {
      names += (names.empty() ? "" : "; ") + fault.name;
    }
  }
  return names;
}

}  // namespace

call_sampler::call_sampler(const std::string& sim_url)
    : thread_([this, sim_url] { run(sim_url); }) {}

call_sampler::~call_sampler() {
  static_cast<void>(stop());
}

const std::map<timestamp, std::int64_t>& call_sampler::stop() {
  is_over_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
  return calls_;
}

void call_sampler::run(const std::string& url) {
  while (!is_over_) {
    const auto stats = adapters::parse_json(exchange("GET", url + "/sim/stats").body);
    if (stats) {
      // A call counts when it comes, not when it is answered.
      calls_[now()] = number_at(*stats, {"generateCalls"}) + number_at(*stats, {"inFlight"});
    }
    std::this_thread::sleep_for(sample_pause);
  }
}

std::int64_t busiest_second(
    const std::map<timestamp, std::int64_t>& calls, timestamp from, timestamp to
) {
  std::int64_t most = 0;
  for (auto at = calls.lower_bound(from); at != calls.end(); ++at) {
    const auto end = calls.lower_bound(at->first + 1s);
    if (end == calls.end() || end->first > to) {
      break;
    }
    // Samples do not fall on the second exactly.
    most = std::max(most, (end->second - at->second) * 1'000 / (end->first - at->first).count());
  }
  return most;
}

void write_series(
    const std::filesystem::path& csv,
    timestamp begin,
    const std::filesystem::path& history,
    const std::map<timestamp, std::int64_t>& calls,
    const std::vector<fault_span>& faults
) {
  const seconds_of_run seconds = read_history(history, begin);
  std::ofstream out{csv};
  out << "second,submitted,completed,calls,failures,open,faults\n";
  std::int64_t open = 0;
  const std::int64_t last = seconds.empty() ? 0 : seconds.rbegin()->first;
  for (std::int64_t second = 0; second <= last; ++second) {
    const auto found = seconds.find(second);
    const second_of_run of_jobs = found == seconds.end() ? second_of_run{} : found->second;
    const timestamp from = begin + std::chrono::seconds{second};
    open += of_jobs.submitted - of_jobs.ended;
    out << second << ',' << of_jobs.submitted << ',' << of_jobs.completed << ','
        << calls_by(calls, from + 1s) - calls_by(calls, from) << ',' << of_jobs.failures << ','
        << open << ',' << names_in_force(faults, from, from + 1s) << '\n';
  }
}

}  // namespace stayler::test
