// SPDX-License-Identifier: MIT
#pragma once

#include "tests/e2e/support/hook_receiver.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace stayler::test {

/// A span as a collector has got it.
struct collected_span {
  std::string trace;
  std::string id;
  std::string parent;  ///< empty: none
  std::string name;
  std::int64_t kind = 0;    ///< by the numbers of OTLP
  std::uint64_t began = 0;  ///< nanoseconds since the epoch
  std::uint64_t ended = 0;
  std::string instance;  ///< of the service
  std::map<std::string, std::string> attributes;
};

using collected_spans = std::vector<collected_span>;

/// What OpenTelemetry's collector is to the service.
class span_collector {
 public:
  [[nodiscard]] std::string url() const { return receiver_.url(""); }

  /// All spans of that trace so far, in the order in which they began.
  [[nodiscard]] collected_spans of_trace(const std::string& trace) const;

  /// Exports so far, as they came.
  [[nodiscard]] std::vector<std::string> exports() const { return receiver_.requests(); }

 private:
  scripted_receiver receiver_;
};

/// Those of that name.
collected_spans named(const collected_spans& spans, const std::string& name);

/// What is wrong with a trace as a whole, a line each: a parent that is missing, unless it is
/// `root`; a span that sticks out of its parent, unless that one hands work over to others (a
/// producer); an id that comes twice. Empty: nothing.
std::string flaws_of(const collected_spans& trace, const std::string& root);

/// The trace as a picture of lines, one for each span.
std::string waterfall(const collected_spans& trace, const std::string& root);

}  // namespace stayler::test
