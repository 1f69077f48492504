// SPDX-License-Identifier: MIT
#include "app/cli/client/api_client.hpp"

#include "app/cli/client/interruption.hpp"
#include "app/cli/client/problem.hpp"
#include "app/cli/output/time_texts.hpp"
#include "messages/base/text.hpp"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <exception>

namespace stayler::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int most_tries = 3;
constexpr std::size_t largest_answer = std::size_t{256} * 1024 * 1024;
constexpr milliseconds longest_pause{10'000};
constexpr long longest_silence_s = 45;  // a stream that is idle says so every 15 s

struct curl_global {
  curl_global() { ::curl_global_init(CURL_GLOBAL_DEFAULT); }
  ~curl_global() { ::curl_global_cleanup(); }
  curl_global(const curl_global&) = delete;
  curl_global& operator=(const curl_global&) = delete;
};

bool changes_something(const api_request& request) {
  return request.method != "GET" && request.method != "HEAD" && !request.is_harmless;
}

bool is_about_trust(int code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR
         || code == CURLE_SSL_CACERT_BADFILE;
}

[[noreturn]] void refuse_answer(const std::string& what_failed, std::string why) {
  throw command_error{
      exit_code::refused, what_failed, std::move(why),
      "is it a stayler-worker that answers there? stayler doctor looks at it"};
}

/// What answers in the service's place, a proxy's page say, is no answer of its.
void check_json(const api_answer& answer, const std::string& what_failed) {
  const auto parsed = answer.body.empty() ? result<adapters::json_value>{adapters::json_value{}}
                                          : adapters::parse_json(answer.body);
  if (!parsed) {
    refuse_answer(
        what_failed, fmt::format("the answer cannot be read as JSON: {}", parsed.error().message)
    );
  }
}

void check_stream(const api_answer& answer, const std::string& what_failed) {
  if (answer.status == 200 && !answer.header("content-type").starts_with("text/event-stream")) {
    refuse_answer(what_failed, "the answer is no stream of events");
  }
}

}  // namespace

/// One exchange, as libcurl's callbacks see it.
struct api_client::transfer {
  transfer(const api_request& what, steady_clock::time_point until)
      : request(what), deadline(until), curl(::curl_easy_init()) {}
  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;
  ~transfer() {
    ::curl_slist_free_all(headers);
    ::curl_easy_cleanup(curl);
  }

  void add_header(const std::string& line) { headers = ::curl_slist_append(headers, line.c_str()); }

  static std::size_t take_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& headers = static_cast<transfer*>(self)->answer.headers;
    const std::string_view line{data, size};
    const auto colon = line.find(':');
    if (line.starts_with("HTTP/")) {
      headers.clear();  // after an interim answer
    } else if (colon != std::string_view::npos) {
      headers[to_lower(line.substr(0, colon))] = trim(line.substr(colon + 1), " \t\r\n");
    }
    return size;
  }

  static std::size_t take_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& me = *static_cast<transfer*>(self);
    long status = 0;
    ::curl_easy_getinfo(me.curl, CURLINFO_RESPONSE_CODE, &status);
    if (me.request.on_data && status / 100 == 2) {
      return me.hand_on({data, size}) ? size : 0;
    }
    if (me.answer.body.size() + size > largest_answer) {
      me.is_too_large = true;
      return 0;
    }
    me.answer.body.append(data, size);
    return size;
  }

  /// False where the caller has had enough. What it throws must not pass through libcurl.
  bool hand_on(std::string_view bytes) {
    if (!answer.header("content-type").starts_with("text/event-stream")) {
      is_enough = true;
      return false;
    }
    try {
      is_enough = !request.on_data(bytes);
      return !is_enough;
    } catch (...) {
      thrown = std::current_exception();
      return false;
    }
  }

  static int look_around(void* self, curl_off_t, curl_off_t, curl_off_t total, curl_off_t sent) {
    auto& me = *static_cast<transfer*>(self);
    if (me.request.on_sent && total > 0) {
      me.request.on_sent(static_cast<std::uint64_t>(sent), static_cast<std::uint64_t>(total));
    }
    if (me.request.goes_on && !me.request.goes_on()) {
      me.is_enough = true;
    }
    return me.is_enough || was_interrupted() || steady_clock::now() >= me.deadline ? 1 : 0;
  }

  const api_request& request;
  steady_clock::time_point deadline;
  CURL* curl;
  curl_slist* headers = nullptr;
  api_answer answer;
  bool is_enough = false;     ///< `on_data` wants no more
  bool is_too_large = false;  ///< the body is
  std::exception_ptr thrown;  ///< by `on_data`
  std::array<char, CURL_ERROR_SIZE> said{};
};

std::string api_answer::header(std::string_view name) const {
  const auto found = headers.find(std::string{name});
  return found == headers.end() ? std::string{} : found->second;
}

adapters::json_value api_answer::json() const {
  auto parsed = adapters::parse_json(body);
  return parsed ? std::move(*parsed) : adapters::json_value{};
}

api_client::api_client(connection how, reporter report)
    : how_(std::move(how)), report_(std::move(report)) {
  static const curl_global global;
}

api_client::~api_client() = default;

void api_client::prepare(transfer& into, const api_request& request) {
  const auto set = [&into](CURLoption option, auto value) {
    ::curl_easy_setopt(into.curl, option, value);
  };
  set(CURLOPT_URL, (how_.url + request.path).c_str());
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  set(CURLOPT_NOBODY, request.method == "HEAD" ? 1L : 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_USERAGENT, "stayler/" STAYLER_VERSION);
  set(CURLOPT_ERRORBUFFER, into.said.data());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(how_.timeout.count()));
  if (is_on_this_machine(how_.url)) {
    set(CURLOPT_PROXY, "");
  }
  if (!how_.ca_file.empty()) {
    set(CURLOPT_CAINFO, how_.ca_file.c_str());
  }
  if (request.method != "GET" && request.method != "HEAD") {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    into.add_header(
        request.body.empty() ? "Content-Type:" : "Content-Type: " + request.content_type
    );
    into.add_header("Expect:");
  }
  if (request.on_data) {
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, longest_silence_s);
  } else {
    const auto timeout = request.timeout.count() > 0 ? request.timeout : how_.timeout;
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  }
  for (const auto& [name, value] : request.headers) {
    into.add_header(fmt::format("{}: {}", name, value));
  }
  if (!how_.key.empty()) {
    into.add_header("X-API-Key: " + how_.key);
  }
  set(CURLOPT_HTTPHEADER, into.headers);
  set(CURLOPT_HEADERFUNCTION, &transfer::take_header);
  set(CURLOPT_HEADERDATA, &into);
  set(CURLOPT_WRITEFUNCTION, &transfer::take_body);
  set(CURLOPT_WRITEDATA, &into);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &transfer::look_around);
  set(CURLOPT_XFERINFODATA, &into);
}

void api_client::give_up(int code, const transfer& from) const {
  if (was_interrupted()) {
    throw command_error{exit_code::interrupted, "interrupted", "", advice_};
  }
  if (code == CURLE_ABORTED_BY_CALLBACK || steady_clock::now() >= deadline_) {
    throw command_error{exit_code::out_of_time, "time ran out", "--wait has passed", advice_};
  }
  const std::string said{from.said.data()};
  const auto* known = ::curl_easy_strerror(static_cast<CURLcode>(code));
  std::string advice =
      "is the service running? start it, or name another address: --url URL, "
      "STAYLER_URL or a profile";
  if (is_about_trust(code)) {
    advice =
        "name the authority that has signed its certificate: ca_file in the profile, or "
        "STAYLER_CA_FILE";
  } else if (code == CURLE_OPERATION_TIMEDOUT) {
    advice = "give it longer by --timeout 60s, or ask stayler doctor what is slow";
  }
  throw command_error{
      exit_code::unreachable, "cannot reach " + how_.url, said.empty() ? known : said, advice};
}

api_answer api_client::send_once(const api_request& request) {
  transfer one{request, deadline_};
  prepare(one, request);
  const auto begin = steady_clock::now();
  const CURLcode code = ::curl_easy_perform(one.curl);
  if (one.thrown) {
    std::rethrow_exception(one.thrown);
  }
  if (one.is_too_large) {
    throw command_error{
        exit_code::refused, "cannot take the answer of " + how_.url,
        "it is larger than " + show_bytes(largest_answer), "is it a stayler-worker that answers?"};
  }
  if (code != CURLE_OK && !one.is_enough) {
    give_up(code, one);
  }
  long status = 0;
  ::curl_easy_getinfo(one.curl, CURLINFO_RESPONSE_CODE, &status);
  one.answer.status = static_cast<std::uint32_t>(status);
  one.answer.took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  if (report_) {
    report_(fmt::format(
        "{} {} {} in {} ms", request.method, request.path, status, one.answer.took.count()
    ));
  }
  return std::move(one.answer);
}

milliseconds api_client::pause_before_repeat(
    const api_request& request, const api_answer& answer, int tries
) const {
  const bool is_safe = !changes_something(request) || request.is_repeatable;
  const auto wanted = parse_number<int>(answer.header("retry-after"));
  if (!is_safe || tries >= most_tries || (answer.status != 503 && answer.status != 429)
      || !wanted) {
    return milliseconds{0};
  }
  const milliseconds pause = seconds{std::max(*wanted, 1)};
  return pause <= longest_pause ? pause : milliseconds{0};
}

api_answer api_client::send(const api_request& request) {
  if (how_.is_readonly && changes_something(request)) {
    refuse_usage(
        "refused before it was sent: " + request.method + " " + request.path,
        "the profile says readonly = true", "use another profile: -p NAME"
    );
  }
  for (int tries = 1;; ++tries) {
    auto answer = send_once(request);
    const auto pause = pause_before_repeat(request, answer, tries);
    if (pause.count() == 0) {
      return answer;
    }
    if (report_) {
      report_(fmt::format("the service is busy; asking again in {} ms", pause.count()));
    }
    pause_for(pause);
  }
}

command_error api_client::refusal(const api_answer& answer, const std::string& what_failed) const {
  command_error error{
      exit_code_of_status(answer.status), what_failed, explain_problem(answer.status, answer.body),
      advise_on_status(answer.status, role_, answer.header("retry-after"))};
  error.status = answer.status;
  error.request_id = answer.header("x-request-id");
  error.problem = answer.body;
  return error;
}

api_answer api_client::ask(const api_request& request, const std::string& what_failed) {
  auto answer = send(request);
  if (answer.status == 0) {
    return answer;  // nobody waits for one any more (`goes_on`)
  }
  if (!answer.is_good()) {
    throw refusal(answer, what_failed);
  }
  if (request.on_data) {
    check_stream(answer, what_failed);
  } else if (!request.takes_bytes) {
    check_json(answer, what_failed);
  }
  return answer;
}

adapters::json_value api_client::get(const std::string& path, const std::string& what_failed) {
  return ask({.path = path}, what_failed).json();
}

}  // namespace stayler::cli
