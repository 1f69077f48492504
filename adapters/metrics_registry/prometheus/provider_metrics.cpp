// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/provider_metrics.hpp"

#include "adapters/metrics_registry/prometheus/metric_labels.hpp"
#include "messages/provider/dollars.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <array>
#include <string>

namespace stayler::adapters {

namespace {

struct known_outcome {
  std::uint32_t http_status;
  error_class error;
};

/// How requests to the provider end, apart from oddities: see gemini_errors.cpp.
constexpr std::array known_outcomes{
    known_outcome{200, error_class::none},
    known_outcome{200, error_class::no_image},
    known_outcome{200, error_class::safety_blocked},
    known_outcome{400, error_class::invalid_input},
    known_outcome{400, error_class::authentication},
    known_outcome{400, error_class::permission},
    known_outcome{401, error_class::authentication},
    known_outcome{402, error_class::quota_exceeded},
    known_outcome{403, error_class::authentication},
    known_outcome{403, error_class::permission},
    known_outcome{404, error_class::not_found},
    known_outcome{408, error_class::timeout},
    known_outcome{429, error_class::quota_exceeded},
    known_outcome{429, error_class::rate_limited},
    known_outcome{500, error_class::server_error},
    known_outcome{502, error_class::unavailable},
    known_outcome{503, error_class::unavailable},
    known_outcome{504, error_class::timeout},
    known_outcome{0, error_class::timeout},
    known_outcome{0, error_class::connection},
};

}  // namespace

provider_metrics::provider_metrics(
    prometheus::Registry& registry, const std::vector<std::string>& models
)
    : requests_(add_counters(
        registry, "stayler_gemini_requests_total", "Requests to the provider that have ended."
    )),
      duration_(add_histogram(
          registry,
          "stayler_gemini_request_duration_seconds",
          "Time of requests to the provider.",
          long_times()
      )),
      tokens_(add_counters(
          registry, "stayler_gemini_tokens_total", "Tokens as the provider counted them."
      )),
      cost_(add_counter(registry, "stayler_gemini_cost_dollars_total", "What calls have cost.")),
      breaker_(add_gauge(
          registry,
          "stayler_gemini_breaker_state",
          "The circuit breaker: 0 closed, 1 open, 2 half open."
      )),
      limit_(add_gauge(registry, "stayler_gemini_concurrency_limit", "Calls allowed at a time.")),
      in_flight_(add_gauge(registry, "stayler_gemini_calls_in_flight", "Calls under way.")),
      waiting_(
          add_gauge(registry, "stayler_gemini_calls_waiting", "Calls that wait for their turn.")
      ),
      quota_(add_gauge(
          registry,
          "stayler_gemini_requests_per_minute",
          "The quota, as found so far; 0 where none was met."
      )),
      closed_until_(add_gauge(
          registry,
          "stayler_gemini_closed_until_seconds",
          "No call is sent before that time since the epoch; 0: open."
      )),
      cache_hits_(add_counter(
          registry, "stayler_result_cache_hits_total", "Calls to the provider that the cache saved."
      )),
      cache_misses_(add_counter(
          registry, "stayler_result_cache_misses_total", "Pictures that the cache did not have."
      )),
      cache_entries_(add_gauge(registry, "stayler_result_cache_entries", "Pictures in the cache.")),
      cache_bytes_(add_gauge(registry, "stayler_result_cache_bytes", "Size of the cache's files.")),
      budget_(add_gauge(
          registry,
          "stayler_gemini_budget_dollars",
          "What calls may cost on one day of the provider's; 0: no budget."
      )),
      spent_(add_gauge(
          registry, "stayler_gemini_spent_dollars", "What they have cost on this day of its."
      )) {
  for (const std::string& model : models) {
    for (const known_outcome& each : known_outcomes) {
      requests_of(each.http_status, each.error, model);
    }
  }
}

prometheus::Counter& provider_metrics::requests_of(
    std::uint32_t http_status, error_class error, const std::string& model
) {
  const auto status = http_status == 0 ? "none" : status_label(http_status);
  return requests_.Add(
      {{"status", status}, {"error_class", std::string{to_string(error)}}, {"model", model}}
  );
}

void provider_metrics::count(const provider_event& event) {
  requests_of(event.http_status, event.error, event.model).Increment();
  duration_.Observe(seconds(event.took));
  cost_.Increment(in_dollars(event.cost));
  count_tokens(event.usage);
}

void provider_metrics::count(const provider_status& status) {
  breaker_.Set(static_cast<double>(status.breaker));
  limit_.Set(status.max_in_flight);
  in_flight_.Set(status.calls_in_flight);
  waiting_.Set(status.calls_waiting);
  quota_.Set(status.requests_per_minute);
  closed_until_.Set(static_cast<double>(status.closed_until.time_since_epoch().count()) / 1000);
}

void provider_metrics::count(const cache_event& event) {
  cache_hits_.Increment(event.hits);
  cache_misses_.Increment(event.misses);
  cache_entries_.Set(static_cast<double>(event.entries));
  cache_bytes_.Set(static_cast<double>(event.bytes));
}

void provider_metrics::count(const spending_report& report) {
  budget_.Set(in_dollars(report.budget));
  spent_.Set(in_dollars(report.total.cost));
}

void provider_metrics::count_tokens(const token_usage& usage) {
  const auto add = [this](const char* kind, std::uint64_t all, std::uint64_t image) {
    if (all > 0) {
      const auto of_images = std::min(all, image);
      tokens_.Add({{"kind", kind}, {"modality", "image"}}
      ).Increment(static_cast<double>(of_images));
      tokens_.Add({{"kind", kind}, {"modality", "text"}}
      ).Increment(static_cast<double>(all - of_images));
    }
  };
  add("prompt", usage.prompt_tokens, usage.prompt_image_tokens);
  add("output", usage.output_tokens, usage.output_image_tokens);
  add("thought", usage.thought_tokens, 0);
}

}  // namespace stayler::adapters
