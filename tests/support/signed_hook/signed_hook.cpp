// SPDX-License-Identifier: MIT

// Prints a web hook's request as JSON, signed as the service signs it: for libraries of receivers
// to verify.
// usage: signed-hook SECRETS

#include "adapters/json/json_writer.hpp"
#include "adapters/notification_channel/secrets/web_hook_secrets.hpp"
#include "adapters/notification_channel/web_hook_delivery.hpp"

#include <array>
#include <cstdio>
#include <string>

using namespace stayler;
using namespace stayler::adapters;

namespace {

notification event_with_umlauts() {
  notification event;
  event.event_id = "01936d4e-0000-7000-8000-000000000001-completed";
  event.event = "conversion.completed";
  event.conversion_id = "c-1";
  event.user_id = "Jörg \"J.\"";
  event.result.image_id = "i-1";
  return event;
}

std::string whole_body(const http_request& request) {
  std::string body;
  std::array<char, 100> buffer{};
  while (const auto count = request.body->read(buffer)) {
    body.append(buffer.data(), count);
  }
  return body;
}

}  // namespace

int main(int count, char** arguments) {
  const auto keys = count == 2 ? parse_web_hook_secrets(arguments[1]) : std::nullopt;
  if (!keys) {
    std::fputs("usage: signed-hook SECRETS\n", stderr);
    return 2;
  }
  const auto request =
      make_web_hook_request("http://127.0.0.1/", event_with_umlauts(), *keys, milliseconds{1'000});
  json_writer json;
  json.begin_object().key("headers").begin_object();
  for (const auto& [name, value] : request.headers) {
    json.field(name, value);
  }
  json.end_object().field("body", whole_body(request)).end_object();
  std::puts(std::move(json).text().c_str());
}
