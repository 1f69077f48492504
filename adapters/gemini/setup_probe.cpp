// SPDX-License-Identifier: MIT
#include "adapters/gemini/setup_probe.hpp"

#include "adapters/gemini/gemini_address.hpp"
#include "adapters/gemini/model_list.hpp"
#include "adapters/gemini/provider_keys.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/json/json_reader.hpp"

#include <algorithm>
#include <optional>

namespace stayler::adapters {

namespace {

using verdict = provider_check::verdict;

constexpr std::uint64_t max_description_bytes = 1ULL << 20U;
constexpr std::string_view generate_method = "generateContent";

/// True for the form in which the provider itself says that something is not there. A gateway
/// without this call says so in words of its own.
bool says_not_found(const http_response& answer) {
  const auto document = parse_json(answer.body);
  const auto* error = document ? document->find("error") : nullptr;
  const auto* status = error != nullptr ? error->find("status") : nullptr;
  const auto* text = status != nullptr ? status->as<std::string>() : nullptr;
  return text != nullptr && *text == "NOT_FOUND";
}

/// False where the description names the methods that the model has, and generateContent is none of
/// them.
bool may_generate(const json_value& description) {
  const auto* member = description.find("supportedGenerationMethods");
  const auto* methods = member != nullptr ? member->as<json_value::array>() : nullptr;
  return methods == nullptr || methods->empty()
         || std::ranges::any_of(*methods, [](const json_value& method) {
              const auto* name = method.as<std::string>();
              return name != nullptr && *name == generate_method;
            });
}

provider_check finding(verdict is, std::string problem) {
  return {is, std::move(problem), {}};
}

/// The provider may repeat the key in what it says, and what it says is shown to callers.
provider_check without_key(provider_check found, const std::string& key) {
  constexpr std::string_view hidden = "***";
  for (auto at = found.problem.find(key); !key.empty() && at != std::string::npos;
       at = found.problem.find(key, at + hidden.size())) {
    found.problem.replace(at, key.size(), hidden);
  }
  return found;
}

provider_check read_description(const setup_probe& probe, const http_response& answer) {
  const auto document = parse_json(answer.body);
  if (!document || document->as<json_value::object>() == nullptr) {
    return finding(
        verdict::untold, "GEMINI_BASE_URL: what answers at " + probe.base_url
                             + " does not describe the model, as the Gemini API would"
    );
  }
  if (!may_generate(*document)) {
    return finding(
        verdict::broken,
        probe.model_name + ": the model " + probe.model + " does not generate content"
    );
  }
  return finding(verdict::works, {});
}

provider_check read_refusal(const setup_probe& probe, const http_response& answer) {
  const failure error = classify_error(answer);
  switch (error.kind) {
    case error_class::rate_limited:
    case error_class::quota_exceeded:
      return finding(verdict::works, {});
    case error_class::authentication:
    case error_class::permission:
      return finding(verdict::broken, probe.key_name + " is refused: " + error.message);
    case error_class::not_found:
      if (says_not_found(answer)) {
        return finding(
            verdict::broken,
            probe.model_name + ": there is no model " + probe.model + ": " + error.message
        );
      }
      break;
    case error_class::invalid_input:
      break;
    default:
      return finding(
          verdict::broken, "GEMINI_BASE_URL: " + probe.base_url + " fails: " + error.message
      );
  }
  return finding(
      verdict::untold, "GEMINI_BASE_URL: what answers at " + probe.base_url
                           + " does not know the call that describes a model (status "
                           + std::to_string(answer.status) + "): whether it makes pictures is not "
                             "known before the first one"
  );
}

}  // namespace

std::vector<setup_probe> make_setup_probes(const gemini_settings& config) {
  const auto keys = parse_provider_keys(config.api_key);
  const auto models = models_of(config);
  std::vector<setup_probe> probes;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    std::string name = "GEMINI_API_KEY";
    if (keys.size() > 1) {
      name += " (key " + std::to_string(i + 1) + " of " + std::to_string(keys.size()) + ")";
    }
    probes.push_back(
        {config.base_url, keys[i].text, std::move(name), models.front(), "GEMINI_MODEL"}
    );
  }
  for (std::size_t i = 1; i < models.size() && !keys.empty(); ++i) {
    setup_probe probe = probes.front();
    probe.model = models[i];
    probe.model_name = "GEMINI_FALLBACK_MODELS";
    probes.push_back(std::move(probe));
  }
  return probes;
}

http_request make_probe_request(const setup_probe& probe, milliseconds timeout) {
  http_request call;
  call.method = "GET";
  call.url = model_url(probe.base_url, probe.model);
  call.headers = {{"accept", "application/json"}, {"x-goog-api-key", probe.key}};
  call.timeout = timeout;
  call.max_response_bytes = max_description_bytes;
  return call;
}

provider_check read_probe_answer(const setup_probe& probe, const http_response& answer) {
  auto found = answer.status == 200 ? read_description(probe, answer) : read_refusal(probe, answer);
  return without_key(std::move(found), probe.key);
}

provider_check read_probe_answer(const setup_probe& probe, const http_error& error) {
  const failure why = classify_error(error);
  return finding(
      verdict::broken, "GEMINI_BASE_URL: " + probe.base_url + " is not reached: " + why.message
  );
}

}  // namespace stayler::adapters
