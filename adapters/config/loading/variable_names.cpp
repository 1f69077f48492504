// SPDX-License-Identifier: MIT
#include "adapters/config/loading/variable_names.hpp"

#include "adapters/config/wording.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

namespace {

std::string with_suffix(std::string_view variable) {
  return std::string{variable}.append(file_suffix);
}

/// "REDIS_" for "REDIS_URL"; all of a name without underscore.
std::string_view prefix_of(std::string_view variable) {
  return variable.substr(0, std::min(variable.find('_'), variable.size() - 1) + 1);
}

bool has_own_prefix(std::string_view variable) {
  constexpr std::array<std::string_view, 6> prefixes{"WORKER_",       "GEMINI_",    "RETRY_",
                                                     "RESULT_CACHE_", "IMAGE_URL_", "CODEC_"};
  return std::ranges::any_of(prefixes, [variable](std::string_view prefix) {
    return variable.starts_with(prefix);
  });
}

std::vector<std::string_view> words_of(std::string_view name) {
  std::vector<std::string_view> words;
  while (!name.empty()) {
    words.push_back(take_until(name, "_"));
  }
  return words;
}

/// Whether each of these words is among those, or is the front of one of them, or the other way
/// round: CERT and CERTIFICATE.
bool are_among(
    const std::vector<std::string_view>& words, const std::vector<std::string_view>& those
) {
  constexpr std::size_t shortest_front = 3;
  const auto means = [](std::string_view one, std::string_view other) {
    const auto length = std::min(one.size(), other.size());
    return one == other
           || (length >= shortest_front && one.substr(0, length) == other.substr(0, length));
  };
  return std::ranges::all_of(words, [&](std::string_view word) {
    return std::ranges::any_of(those, [&](std::string_view that) { return means(word, that); });
  });
}

/// Whether the name is so near to the option's that nothing else can be meant.
bool is_near_miss(std::string_view name, const option& near) {
  const std::string_view variable = near.names.variable;
  const std::string_view prefix = prefix_of(variable);
  if (prefix_of(name) != prefix) {
    return false;
  }
  const std::size_t most = variable.size() - prefix.size() < 8 ? 1 : 2;
  return edit_distance(name, variable) <= most
         || (near.is_secret && edit_distance(name, with_suffix(variable)) <= most);
}

}  // namespace

named_option find_named_option(std::string_view variable) {
  if (const option* which = find_option_by_variable(variable)) {
    return {which, false};
  }
  if (variable.ends_with(file_suffix)) {
    const option* which =
        find_option_by_variable(variable.substr(0, variable.size() - file_suffix.size()));
    if (which != nullptr && which->is_secret) {
      return {which, true};
    }
  }
  return {};
}

std::vector<std::string> known_variables() {
  std::vector<std::string> known;
  for (const option& each : all_options()) {
    known.emplace_back(each.names.variable);
    if (each.is_secret) {
      known.push_back(with_suffix(each.names.variable));
    }
  }
  return known;
}

bool is_misspelt(std::string_view variable, std::string_view value) {
  if (variable.empty() || find_named_option(variable).which != nullptr
      || is_service_link(variable, value)) {
    return false;
  }
  return has_own_prefix(variable)
         || std::ranges::any_of(all_options(), [variable](const option& each) {
              return is_near_miss(variable, each);
            });
}

std::string variable_with_words_of(std::string_view name) {
  constexpr std::size_t fewest_words = 3;
  const auto words = words_of(name);
  std::vector<std::string> alike;
  if (words.empty()) {
    return {};
  }
  for (const std::string& known : known_variables()) {
    const auto known_words = words_of(known);
    const bool has_words = (words.size() >= fewest_words && are_among(words, known_words))
                           || (known_words.size() >= fewest_words && are_among(known_words, words));
    if (words.front() == known_words.front() && has_words) {
      alike.push_back(known);
    }
  }
  return nearest_name(name, alike);
}

bool is_service_link(std::string_view variable, std::string_view value) {
  constexpr auto npos = std::string_view::npos;
  const bool is_address =
      value.starts_with("tcp://") || value.starts_with("udp://") || value.starts_with("sctp://");
  if (find_named_option(variable).which != nullptr) {
    return variable.ends_with("_PORT") && is_address;
  }
  return variable.find("_SERVICE_HOST") != npos || variable.find("_SERVICE_PORT") != npos
         || variable.find("_PORT_") != npos || is_address;
}

std::string variable_of_flag(std::string_view flag) {
  std::string variable;
  for (const char c : flag.substr(2)) {
    variable += c == '-' ? '_' : to_upper(c);
  }
  return variable;
}

std::string flag_of_variable(std::string_view variable) {
  std::string flag = "--";
  for (const char c : variable) {
    flag += c == '_' ? '-' : to_lower(c);
  }
  return flag;
}

}  // namespace stayler::adapters
