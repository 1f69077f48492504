// SPDX-License-Identifier: MIT
#pragma once

// Asks for a model's description, which costs nothing and counts in no quota, and reads from the
// answer whether address, key and model of the configuration work.

#include "adapters/http_client/http_client.hpp"
#include "messages/provider/provider_check.hpp"
#include "messages/service/settings.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

/// One question: does that model answer to that key?
struct setup_probe {
  std::string base_url;
  std::string key;       ///< a secret
  std::string key_name;  ///< "GEMINI_API_KEY", with the key's place where there are several
  std::string model;
  std::string model_name;  ///< the variable that the model comes from
};

/// All that is to be asked of a configuration: each key about the first model, and the first key
/// about each fallback. None where there is no key.
std::vector<setup_probe> make_setup_probes(const gemini_settings& config);

http_request make_probe_request(const setup_probe& probe, milliseconds timeout);

/// What an answer, or its absence, says. `works` also where it only says that there is too much to
/// do: then address and key were good. The time is left to the caller.
provider_check read_probe_answer(const setup_probe& probe, const http_response& answer);
provider_check read_probe_answer(const setup_probe& probe, const http_error& error);

}  // namespace stayler::adapters
