// SPDX-License-Identifier: MIT
#include "adapters/postgres/postgres_hosts.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>

namespace stayler::adapters {

namespace {

std::vector<std::string> split_at_commas(std::string_view list) {
  std::vector<std::string> parts;
  for (auto comma = list.find(','); comma != std::string_view::npos; comma = list.find(',')) {
    parts.emplace_back(list.substr(0, comma));
    list.remove_prefix(comma + 1);
  }
  parts.emplace_back(list);
  return parts;
}

std::string_view value_of(const PQconninfoOption* all, std::string_view keyword) {
  for (; all->keyword != nullptr; ++all) {
    if (all->keyword == keyword) {
      return all->val == nullptr ? std::string_view{} : std::string_view{all->val};
    }
  }
  return {};
}

/// The one that all share, or that at this place.
std::string pick(const std::vector<std::string>& of, std::size_t place) {
  return of[of.size() == 1 ? 0 : place];
}

}  // namespace

result<std::vector<postgres_host>> postgres_hosts_in(const std::string& url) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all{
      PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
  if (!all) {
    return failure{
        error_class::invalid_input,
        "must be postgres://[user[:password]@][host][:port][/database][?parameter=value&...]"};
  }
  const auto names = split_at_commas(value_of(all.get(), "host"));
  const auto addresses = split_at_commas(value_of(all.get(), "hostaddr"));
  const auto ports = split_at_commas(value_of(all.get(), "port"));
  const std::size_t count = std::max(names.size(), addresses.size());
  const auto agrees = [count](const std::vector<std::string>& list) {
    return list.size() == count || (list.size() == 1 && list.front().empty());
  };
  if (!agrees(names) || !agrees(addresses) || (ports.size() != 1 && ports.size() != count)) {
    return failure{
        error_class::invalid_input, "there must be as many ports as hosts, or one port for all"};
  }
  std::vector<postgres_host> hosts;
  for (std::size_t i = 0; i < count; ++i) {
    hosts.push_back({pick(names, i), pick(addresses, i), pick(ports, i)});
  }
  return hosts;
}

}  // namespace stayler::adapters
