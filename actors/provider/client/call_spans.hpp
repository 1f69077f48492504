// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "adapters/tracing/span_buffer.hpp"
#include "messages/provider/generation.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler::actors {

/// What is recorded of one request for a picture:
///
///   generate_content -+- wait for permit   as often as one is asked for
///                     +- POST              each time that it is sent
///
/// Nothing where its trace is not recorded.
class call_spans {
 public:
  call_spans() = default;
  call_spans(adapters::span_buffer_ptr spans, const generation_request& request);

  void permit_wanted();
  void permit_answered(error_class error);

  /// It is sent, for the so-manieth time, to that model. `headers`: where they are to tell the
  /// receiver of the trace.
  void sent(std::uint32_t number, const std::string& model, adapters::http_request* headers);
  void answered(std::uint32_t http_status, error_class error);

  void made(const generation_result& result);
  void failed(error_class error);

 private:
  void end_part(adapters::open_span& part, error_class error);
  [[nodiscard]] const trace_context& place() const;

  adapters::span_buffer_ptr spans_;
  trace_context attempt_;
  adapters::open_span whole_;
  adapters::open_span permit_;
  adapters::open_span post_;
  std::vector<adapters::span> parts_;  ///< that have ended
};

}  // namespace stayler::actors
