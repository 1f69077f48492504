// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;
using namespace text_formats;

constexpr option provider_rows[] = {
    {.names = {"GEMINI_API_KEY", "gemini.apiKey"},
     .is_secret = true,
     .is_live = true,
     .value = text{&gemini_settings::api_key, provider_keys},
     .meaning = "The key for the Gemini API, or several keys of different projects, separated by "
                "commas."},
    {.names = {"GEMINI_BASE_URL", "gemini.baseUrl"},
     .is_live = true,
     .value = text{&gemini_settings::base_url, gemini_address},
     .meaning = "Where the Gemini API is; gemini-sim in demo and tests. A version or /models at "
                "its end is taken off: the service speaks v1beta."},
    {.names = {"GEMINI_MODEL", "gemini.model"},
     .is_live = true,
     .value = text{&gemini_settings::model, model_name},
     .meaning = "The model that makes the pictures. It has to be one that answers with images."},
    {.names = {"GEMINI_MAX_RETRIES", "gemini.maxRetries"},
     .is_live = true,
     .value = integer{&gemini_settings::max_retries, 0, 20},
     .meaning = "Quick re-sends of one call inside one attempt, after connection faults only."},
    {.names = {"GEMINI_TIMEOUT", "gemini.timeout"},
     .is_live = true,
     .value = seconds{&gemini_settings::timeout, 100ms, 1h},
     .meaning = "Longest time for one call."},
    {.names = {"GEMINI_MAX_CONCURRENCY", "gemini.maxConcurrency"},
     .is_live = true,
     .value = integer{&gemini_settings::max_concurrency, 0, 10'000},
     .remark = "0 for as many as the provider accepts",
     .meaning = "Most calls at a time. Below this limit the service finds out by itself how many "
                "the provider accepts."},
    {.names = {"GEMINI_BREAKER_PERCENT", "gemini.breakerPercent"},
     .is_live = true,
     .value = integer{&gemini_settings::breaker_percent, 0, 100},
     .remark = "0 for no circuit breaker",
     .meaning = "Share of failed calls within half a minute that stops all calls until probes "
                "succeed."},
    {.names = {"GEMINI_REQUESTS_PER_MINUTE", "gemini.requestsPerMinute"},
     .is_live = true,
     .value = integer{&gemini_settings::requests_per_minute, 0, 1'000'000},
     .remark = "0 where not known",
     .meaning = "Quota of each key and model. Where it is not known the service learns it from the "
                "provider's refusals."},
    {.names = {"GEMINI_REQUESTS_PER_DAY", "gemini.requestsPerDay"},
     .is_live = true,
     .value = integer{&gemini_settings::requests_per_day, 0, 1'000'000'000},
     .remark = "0 for no limit",
     .meaning = "Most calls with each key, of each model, on one of the provider's days, which end "
                "at midnight Pacific time."},
    {.names = {"GEMINI_BUDGET_PER_DAY", "gemini.budgetPerDay"},
     .is_live = true,
     .value = decimal{&gemini_settings::budget_per_day, 0, 1'000'000, "US dollars"},
     .remark = "0 for none",
     .meaning = "What calls may cost on one of the provider's days; then jobs wait for the next."},
    {.names = {"GEMINI_BUDGET_PER_USER", "gemini.budgetPerUser"},
     .is_live = true,
     .value = decimal{&gemini_settings::budget_per_user, 0, 1'000'000, "US dollars"},
     .remark = "0 for none",
     .meaning = "The same for the jobs of each user."},
    {.names = {"GEMINI_PRICES", "gemini.prices"},
     .is_live = true,
     .value = text{&gemini_settings::prices, price_list},
     .meaning = "Prices of models that the service does not know, or that have changed."},
    {.names = {"GEMINI_FALLBACK_MODELS", "gemini.fallbackModels"},
     .is_live = true,
     .value = text{&gemini_settings::fallback_models, or_empty(model_names)},
     .meaning = "Models that make the pictures, in this order, while the provider does not know "
                "GEMINI_MODEL any more or its circuit breaker is open."},
    {.names = {"GEMINI_FLEX_TIMEOUT", "gemini.flexTimeout"},
     .is_live = true,
     .value = seconds{&gemini_settings::flex_timeout, 100ms, 1h},
     .meaning = "Longest time for one call of a job of low urgency, which the provider takes when "
                "it has room; the job's own timeout bounds it too."},
    {.names = {"GEMINI_SEND_TRACEPARENT", "gemini.sendTraceparent"},
     .is_live = true,
     .value = boolean{&gemini_settings::sends_traceparent},
     .meaning = "Whether calls carry the header traceparent: for a gateway of your own before the "
                "provider, which has no use for it."},
};

}  // namespace

option_group provider_options() noexcept {
  return {"Provider", provider_rows};
}

}  // namespace stayler::adapters
