// SPDX-License-Identifier: MIT
#pragma once

// A registry and what it is told, and its text read back.

#include "adapters/metrics_registry/prometheus/prometheus_registry.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The samples of an exposition by their name with labels, and the families' types.
struct exposition {
  std::map<std::string, double> samples;
  std::map<std::string, std::string> types;
};

inline bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
         || c == ':';
}

/// The family that a sample belongs to: histograms have three endings.
inline std::string family_of(const exposition& all, const std::string& sample) {
  for (const std::string_view ending : {"_bucket", "_sum", "_count"}) {
    if (sample.ends_with(ending)) {
      auto family = sample.substr(0, sample.size() - ending.size());
      const auto type = all.types.find(family);
      if (type != all.types.end() && type->second == "histogram") {
        return family;
      }
    }
  }
  return sample;
}

/// Reads the text format 0.0.4, strictly as far as this registry writes it.
inline exposition parse(const std::string& text) {
  exposition all;
  std::set<std::string> helped;
  std::istringstream lines{text};
  REQUIRE(text.ends_with('\n'));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    if (line.starts_with("# HELP ")) {
      const auto name = line.substr(7, line.find(' ', 7) - 7);
      REQUIRE(helped.insert(name).second);
    } else if (line.starts_with("# TYPE ")) {
      const auto space = line.find(' ', 7);
      const auto name = line.substr(7, space - 7);
      REQUIRE(helped.count(name) == 1);
      REQUIRE(all.types.emplace(name, line.substr(space + 1)).second);
    } else {
      const auto end = line.rfind(' ');
      REQUIRE(end != std::string::npos);
      const auto sample = line.substr(0, end);
      const auto name = sample.substr(0, sample.find('{'));
      REQUIRE(std::all_of(name.begin(), name.end(), is_name_character));
      REQUIRE(all.types.count(family_of(all, name)) == 1);
      std::size_t read = 0;
      const auto value = line.substr(end + 1);
      REQUIRE(all.samples.emplace(sample, std::stod(value, &read)).second);
      REQUIRE(read == value.size());
    }
  }
  return all;
}

inline std::unique_ptr<metrics_registry> make_registry(const std::string& version = "1") {
  prometheus_options options;
  options.version = version;
  options.role = "all";
  options.revision = "0123456789ab";
  options.models = {"m"};
  options.data_folder = "/tmp";
  return make_prometheus_registry(options);
}

inline job_event job_event_of(job_event_kind kind) {
  job_event event;
  event.kind = kind;
  return event;
}

inline job_event ended(job_event_kind kind, error_class error) {
  auto event = job_event_of(kind);
  event.error = error;
  event.run_time = milliseconds{1'500};
  event.age = std::chrono::seconds{100};
  return event;
}

}  // namespace stayler::adapters
