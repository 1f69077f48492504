// SPDX-License-Identifier: MIT
#include "app/gemini_sim/api.hpp"

#include "app/gemini_sim/callers/credentials.hpp"
#include "app/gemini_sim/faults/wire_fault.hpp"
#include "app/gemini_sim/generation.hpp"
#include "app/gemini_sim/models/model_json.hpp"
#include "app/gemini_sim/requests/generate_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace stayler::sim {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 8> known_parameters{
    "key", "alt", "$alt", "pageSize", "pageToken", "prettyPrint", "fields", "$fields"};

/// A path taken apart: `/{version}/models`, `/{version}/models/{model}`, or with `:{verb}`.
struct api_path {
  std::string_view version;
  std::string_view model;
  std::string_view verb;
};

std::optional<api_path> parse_path(std::string_view path) {
  api_path parsed;
  for (const std::string_view version : {"v1beta", "v1"}) {
    const std::string prefix = '/' + std::string{version} + "/models";
    if (path == prefix || path.starts_with(prefix + '/')) {
      parsed.version = version;
      path.remove_prefix(std::min(prefix.size() + 1, path.size()));
      break;
    }
  }
  if (parsed.version.empty() || path.find('/') != std::string_view::npos) {
    return std::nullopt;
  }
  const auto colon = path.find(':');
  parsed.model = path.substr(0, colon);
  parsed.verb = colon == std::string_view::npos ? "" : path.substr(colon + 1);
  return parsed;
}

/// What a call is named in the log; empty where there is no such method.
std::string_view method_of(std::string_view http_method, const api_path& path) {
  if (http_method == "GET" && path.verb.empty()) {
    return path.model.empty() ? "listModels" : "getModel";
  }
  const bool is_verb = path.verb == "generateContent" || path.verb == "streamGenerateContent"
                       || path.verb == "countTokens";
  return http_method == "POST" && is_verb && !path.model.empty() ? path.verb : "";
}

google_error unknown_model(const api_path& path, std::string_view method) {
  return not_found(
      "models/" + std::string{path.model} + " is not found for API version "
      + std::string{path.version} + ", or is not supported for " + std::string{method}
      + ". Call ListModels to see the list of available models and their supported methods."
  );
}

std::string unknown_parameter(std::string_view name) {
  std::string text = "Invalid JSON payload received. Unknown name \"";
  text.append(name).append("\": Cannot bind query parameter. Field '").append(name);
  return text.append("' could not be found in request message.");
}

std::optional<google_error> check_parameters(const http::request& request) {
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(known_parameters, name) == known_parameters.end()) {
      return invalid_fields({{"", unknown_parameter(name)}});
    }
  }
  return std::nullopt;
}

http::response json_answer(std::string body) {
  http::response answer;
  answer.headers = {{"Content-Type", "application/json; charset=UTF-8"}};
  answer.body = std::move(body);
  return answer;
}

http::response html_error() {
  http::response answer;
  answer.status = 502;
  answer.headers = {{"Content-Type", "text/html; charset=UTF-8"}};
  answer.body =
      "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
      "<body><h1>502 Bad Gateway</h1><hr>proxy</body></html>\n";
  return answer;
}

motif motif_of(fault_effect effect) {
  switch (effect) {
    case fault_effect::flat_image:
      return motif::flat;
    case fault_effect::echo_image:
      return motif::echo;
    case fault_effect::tiny_image:
      return motif::tiny;
    default:
      return motif::try_on;
  }
}

wire_fault wire_fault_of(fault_effect effect) {
  switch (effect) {
    case fault_effect::hang:
      return wire_fault::hang;
    case fault_effect::reset:
      return wire_fault::reset;
    case fault_effect::truncate:
      return wire_fault::truncate;
    case fault_effect::slow_body:
      return wire_fault::slow_body;
    default:
      return wire_fault::none;
  }
}

bool replaces_answer(fault_effect effect) {
  return effect == fault_effect::error || effect == fault_effect::html
         || effect == fault_effect::hang || effect == fault_effect::reset;
}

/// Keeps of an answer what the log shows.
void note(const generation& answer, call_record& record) {
  record.response_id = answer.response_id;
  record.usage = answer.usage;
  for (const auto& part : answer.parts) {
    if (part.image != nullptr && !part.is_thought) {
      record.picture = {part.image->mime_type, part.image->bytes, part.image->size};
    }
  }
}

}  // namespace

struct api::pending {
  http::request request;
  http::responder_ptr responder;
  clock::time_point begun = clock::now();
  bool is_stream = false;
  bool as_events = false;
  call_record record;
};

void api::handle(http::request request, http::responder_ptr responder) {
  auto made = std::make_shared<pending>();
  made->request = std::move(request);
  made->responder = std::move(responder);
  made->record.time = to_timestamp(std::chrono::system_clock::now());
  made->record.key_from = key_source(made->request);
  state_.log.begin();
  route(made);
}

void api::route(const call_ptr& call) {
  const auto& request = call->request;
  const auto path = parse_path(request.path);
  const auto method = path ? method_of(request.method, *path) : "";
  call->record.method = method.empty() ? "unknown" : method;
  if (method.empty()) {
    return fail(call, not_found("Method not found: " + request.method + ' ' + request.path));
  }
  call->record.model = path->model;
  call->is_stream = method == "streamGenerateContent";
  call->as_events = call->is_stream && request.parameter("alt") == "sse";
  if (const auto bad = check_key(request, state_.api_keys)) {
    return fail(call, *bad);
  }
  if (const auto bad = check_parameters(request)) {
    return fail(call, *bad);
  }
  if (method == "listModels") {
    return list_models(call);
  }
  const auto* asked = state_.models.find(path->model);
  if (asked == nullptr) {
    return fail(call, unknown_model(*path, method));
  }
  if (method == "getModel") {
    return answer_plainly(call, to_json(*asked));
  }
  return method == "countTokens" ? count_tokens(call, *asked) : generate(call, *asked);
}

void api::list_models(const call_ptr& call) {
  auto page = list_to_json(
      state_.models, call->request.parameter("pageSize"), call->request.parameter("pageToken")
  );
  if (const auto* bad = std::get_if<google_error>(&page)) {
    return fail(call, *bad);
  }
  answer_plainly(call, std::get<std::string>(std::move(page)));
}

void api::count_tokens(const call_ptr& call, const model& asked) {
  const auto request = read_count_request(call->request.body, asked);
  if (const auto* bad = std::get_if<google_error>(&request)) {
    return fail(call, *bad);
  }
  answer_plainly(call, count_to_json(prompt_usage(std::get<generate_request>(request))));
}

void api::generate(const call_ptr& call, const model& asked) {
  auto request = read_generate_request(call->request.body, asked);
  // A call may wait for seconds; thousands of them must not keep their bodies meanwhile.
  call->request.body = {};
  if (const auto* bad = std::get_if<google_error>(&request)) {
    return fail(call, *bad);
  }
  generate_valid(call, asked, std::get<generate_request>(request));
}

void api::generate_valid(
    const call_ptr& call, const model& asked, const generate_request& request
) {
  call->record.prompt = request.prompt;
  for (const auto& image : request.images) {
    call->record.images.push_back({image.mime_type, image.bytes.size(), {}});
  }
  if (const auto refused = state_.limits.admit(asked.name, clock::now())) {
    return fail(call, *refused);
  }
  const auto decided = decide_fault(*call);
  if (const auto* bad = std::get_if<google_error>(&decided)) {
    return fail(call, *bad);
  }
  const auto& what = std::get<std::optional<fault>>(decided);
  if (what && replaces_answer(what->kind->effect)) {
    return play(call, what, {});
  }
  auto image = draw(*call, asked, request, what ? motif_of(what->kind->effect) : motif::try_on);
  if (const auto* bad = std::get_if<google_error>(&image)) {
    return fail(call, *bad);
  }
  auto answer = sim::generate(
      request, asked, std::get<picture_ptr>(std::move(image)), what ? &*what : nullptr
  );
  note(answer, call->record);
  play(call, what, [call, answer = std::move(answer)] {
    auto written =
        json_answer(call->is_stream ? to_stream(answer, call->as_events) : to_json(answer));
    if (call->as_events) {
      written.headers = {{"Content-Type", "text/event-stream"}};
    }
    return written;
  });
}

checked<picture_ptr> api::draw(
    pending& call, const model& asked, const generate_request& request, motif what
) {
  for (std::size_t i = 0; i < request.images.size(); ++i) {
    const auto size = state_.pictures.measure(request.images[i]);
    if (const auto* bad = std::get_if<google_error>(&size)) {
      return *bad;
    }
    call.record.images[i].size = std::get<pixel_size>(size);
  }
  if (!request.wants_picture) {
    return picture_ptr{};
  }
  const auto& ratio = request.ratio != nullptr ? *request.ratio
                      : call.record.images.empty()
                          ? *asked.find_ratio("1:1")
                          : asked.nearest_ratio(call.record.images.front().size);
  const auto scale = request.size->scale;
  return state_.pictures.compose(
      request.images, {scale * ratio.at_1k.width, scale * ratio.at_1k.height}, request.prompt, what
  );
}

checked<std::optional<fault>> api::decide_fault(pending& call) {
  const auto& record = call.record;
  const bool generates = call.is_stream || record.method == "generateContent";
  auto decided = state_.faults.decide(
      {call.request.header("x-sim-fault").value_or(""), record.prompt, record.model, generates}
  );
  if (!decided) {
    return invalid_argument("gemini-sim: " + decided.error().message);
  }
  if (decided->has_value()) {
    call.record.fault = (*decided)->kind->name;
  }
  return *std::move(decided);
}

void api::answer_plainly(const call_ptr& call, std::string json) {
  const auto decided = decide_fault(*call);
  if (const auto* bad = std::get_if<google_error>(&decided)) {
    return fail(call, *bad);
  }
  play(call, std::get<std::optional<fault>>(decided), [json = std::move(json)] {
    return json_answer(json);
  });
}

void api::fail(const call_ptr& call, const google_error& error) {
  send(call, to_response(error, call->is_stream && !call->as_events));
}

void api::play(const call_ptr& call, const std::optional<fault>& what, answer_maker make) {
  const auto effect = what ? what->kind->effect : fault_effect::delay;
  if (effect == fault_effect::error) {
    return fail(call, to_error(*what, call->record.model));
  }
  if (effect == fault_effect::html) {
    return send(call, html_error());
  }
  if (replaces_answer(effect)) {
    http::response none;
    none.status = 0;  // for the log: it is never sent
    none.hook = make_wire_hook(wire_fault_of(effect));
    return send(call, std::move(none));
  }
  auto delay = call->record.response_id.empty() ? milliseconds{0} : state_.faults.draw_latency();
  if (what && effect == fault_effect::delay) {
    delay += what->duration;
  }
  auto hook = make_wire_hook(wire_fault_of(effect), what ? what->duration : milliseconds{0});
  auto finish = [this, call, effect, hook = std::move(hook), make = std::move(make)] {
    auto answer = make();
    answer.hook = hook;
    if (effect == fault_effect::broken_json) {
      answer.body.resize(answer.body.size() / 2);
    }
    send(call, std::move(answer));
  };
  if (delay == milliseconds{0}) {
    finish();
  } else {
    pool_.run_after(delay, std::move(finish));
  }
}

void api::send(const call_ptr& call, http::response answer) {
  call->record.status = answer.status;
  call->record.took = std::chrono::duration_cast<milliseconds>(clock::now() - call->begun);
  state_.log.end(std::move(call->record));
  call->responder->send(std::move(answer));
}

}  // namespace stayler::sim
