// SPDX-License-Identifier: MIT
#include "adapters/http_client/curl_transfer.hpp"

#include "messages/base/text.hpp"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <sys/socket.h>
#include <utility>

namespace stayler::adapters {

namespace {

static_assert(CURL_ERROR_SIZE == std::tuple_size_v<decltype(curl_transfer::error_text)>);

/// The least that curl takes. Each call in flight owns such a buffer up to libcurl 8.6.
constexpr long send_buffer_bytes = 16'384;

/// Small where each call in flight owns one, large where all share one (from libcurl 8.6).
long receive_buffer_bytes() {
  constexpr unsigned first_with_shared = 0x080600;
  static const bool is_shared =
      curl_version_info(CURLVERSION_NOW)->version_num >= first_with_shared;
  return is_shared ? 65'536 : 4'096;
}

constexpr std::size_t max_header_bytes = 65'536;

constexpr std::string_view too_long = "the answer is longer than allowed";
constexpr std::string_view not_allowed = "the host's address is not one that is allowed";

// Curl's callbacks. Nothing may be thrown through its C code; each answer below makes curl end the
// transfer.

/// What is not sent a second time need not stay in memory while its answer is waited for.
void release_body(curl_transfer& call) {
  call.request.body.reset();
  if (const auto taken = std::exchange(call.request.on_body_taken, {})) {
    taken();
  }
}

std::size_t read_body(char* buffer, std::size_t size, std::size_t count, void* context) noexcept {
  auto& call = *static_cast<curl_transfer*>(context);
  if (!call.request.body) {
    return 0;
  }
  try {
    const auto given = call.request.body->read({buffer, size * count});
    call.body_taken += given;
    if (call.body_taken == call.body_size) {
      release_body(call);
      return given;
    }
    return given == 0 ? CURL_READFUNC_ABORT : given;
  } catch (const std::exception&) {
    return CURL_READFUNC_ABORT;
  }
}

/// Puts the body back to its start. Not once all of it has been taken: a server that has the whole
/// request may have begun, and a second one would be paid for twice.
bool rewind(curl_transfer& call) noexcept {
  if (!call.request.body) {
    return false;
  }
  try {
    call.request.body->rewind();
    call.body_taken = 0;
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

/// Curl sends a request again by itself where a kept connection turns out to have been closed.
int rewind_body(void* context, curl_off_t offset, int origin) noexcept {
  auto& call = *static_cast<curl_transfer*>(context);
  const bool is_from_start = offset == 0 && origin == SEEK_SET;
  return is_from_start && rewind(call) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL;
}

void add_header(curl_transfer& call, std::string_view line) {
  if (line.starts_with("HTTP/")) {
    call.response.headers.clear();  // what came before belonged to an interim answer
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) {
    return;
  }
  std::string name = to_lower(trim(line.substr(0, colon)));
  const auto value = trim(line.substr(colon + 1), " \t\r\n");
  if (name == "content-length") {
    const auto length = parse_number<std::uint64_t>(value).value_or(0);
    call.response.body.reserve(
        static_cast<std::size_t>(std::min(length, call.request.max_response_bytes))
    );
  }
  call.response.headers.emplace_back(std::move(name), value);
}

std::size_t take_header(char* line, std::size_t size, std::size_t count, void* context) noexcept {
  auto& call = *static_cast<curl_transfer*>(context);
  const std::size_t length = size * count;
  call.header_bytes += length;
  call.is_too_long = call.header_bytes > max_header_bytes;
  if (call.is_too_long) {
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    add_header(call, {line, length});
    return length;
  } catch (const std::exception&) {
    return CURL_WRITEFUNC_ERROR;
  }
}

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* context) noexcept {
  auto& call = *static_cast<curl_transfer*>(context);
  const std::size_t length = size * count;
  call.is_too_long = length > call.request.max_response_bytes - call.response.body.size();
  if (call.is_too_long) {
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    call.response.body.append(data, length);
    return length;
  } catch (const std::exception&) {
    return CURL_WRITEFUNC_ERROR;
  }
}

/// Runs before each connection, with the address that it is going to.
curl_socket_t open_socket(void* context, curlsocktype, curl_sockaddr* to) noexcept {
  auto& call = *static_cast<curl_transfer*>(context);
  try {
    if (!(*call.may_connect)(to->addr)) {
      call.is_refused = true;
      return CURL_SOCKET_BAD;
    }
  } catch (const std::exception&) {
    return CURL_SOCKET_BAD;
  }
  call.has_socket = true;
  return ::socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/// Runs when a connection is there, and before anything of the request leaves: what curl counts as
/// sent before is what it has told a proxy.
int note_beginning(void* context, char*, char*, int, int) noexcept {
  static_cast<curl_transfer*>(context)->has_begun = true;
  return CURL_PREREQFUNC_OK;
}

/// Runs for each new connection over TLS. The file is read anew, so that it may be replaced while
/// the service runs.
CURLcode add_authorities(CURL*, void* tls, void* context) noexcept {
  const auto& call = *static_cast<curl_transfer*>(context);
  const char* file = call.outgoing->authorities.c_str();
  const bool is_read =
      SSL_CTX_load_verify_locations(static_cast<SSL_CTX*>(tls), file, nullptr) == 1;
  ERR_clear_error();
  return is_read ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) == std::string_view::npos;
}

bool append_line(curl_transfer& call, const std::string& line) {
  auto* longer = curl_slist_append(call.headers.get(), line.c_str());
  if (longer == nullptr) {
    return false;
  }
  static_cast<void>(call.headers.release());
  call.headers.reset(longer);
  return true;
}

/// Adds a header to the request; false where it would break out of its line.
bool append_header(curl_transfer& call, const std::string& name, const std::string& value) {
  // Curl takes "name:" as an order to leave that header out, and "name;" as one without a value.
  return !name.empty() && is_one_line(name) && is_one_line(value)
         && append_line(call, value.empty() ? name + ";" : name + ": " + value);
}

bool append_headers(curl_transfer& call) {
  const auto& wanted = call.request.headers;
  // Left to itself, curl waits up to a second for the server's leave to send a long body, and calls
  // every body a form.
  return append_line(call, "Expect:") && append_line(call, "Content-Type:")
         && std::all_of(wanted.begin(), wanted.end(), [&call](const auto& header) {
              return append_header(call, header.first, header.second);
            });
}

long clamped(milliseconds duration) {
  return static_cast<long>(std::clamp<milliseconds::rep>(duration.count(), 1, 86'400'000));
}

/// Sets options of one handle and remembers whether all were taken.
class option_setter {
 public:
  explicit option_setter(CURL* easy) : easy_(easy) {}

  template <class Value>
  void operator()(CURLoption option, Value value) {
    is_good_ = is_good_ && curl_easy_setopt(easy_, option, value) == CURLE_OK;
  }

  [[nodiscard]] bool is_good() const noexcept { return is_good_; }

 private:
  CURL* easy_;
  bool is_good_ = true;
};

void set_body(option_setter& set, curl_transfer& call) {
  const auto& request = call.request;
  if (!request.body) {
    set(request.method == "HEAD" ? CURLOPT_NOBODY : CURLOPT_HTTPGET, 1L);
  } else {
    call.body_size = request.body->size();
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body_size));
    set(CURLOPT_READFUNCTION, &read_body);
    set(CURLOPT_READDATA, &call);
    set(CURLOPT_SEEKFUNCTION, &rewind_body);
    set(CURLOPT_SEEKDATA, &call);
  }
  set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

/// The proxy of each call is named, if only as none: curl would take it from the environment.
void set_proxy(option_setter& set, const curl_transfer& call) {
  const std::string& proxy = call.outgoing->proxy_for(call.request.url);
  const std::string& exceptions = call.outgoing->exceptions;
  set(CURLOPT_PROXY, proxy.c_str());
  if (!proxy.empty()) {
    constexpr const char* this_machine = "localhost,127.0.0.1,::1";
    set(CURLOPT_NOPROXY, exceptions == "*" ? "*" : (this_machine + ("," + exceptions)).c_str());
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  }
}

void set_authorities(option_setter& set, curl_transfer& call) {
  // Curl shares what it has read among connections, which saves 180 KB for each, but not where
  // there is a folder beside the bundle; Debian's holds the same.
  set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  if (!call.outgoing->authorities.empty()) {
    set(CURLOPT_SSL_CTX_FUNCTION, &add_authorities);
    set(CURLOPT_SSL_CTX_DATA, &call);
    // What is shared takes the place of what was added, in some versions.
    set(CURLOPT_CA_CACHE_TIMEOUT, 0L);
  }
}

void set_policy(option_setter& set) {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);
  set(CURLOPT_BUFFERSIZE, receive_buffer_bytes());
  set(CURLOPT_UPLOAD_BUFFERSIZE, send_buffer_bytes);
  set(CURLOPT_USERAGENT, "stayler-worker");
}

long info_of(const curl_transfer& call, CURLINFO what) {
  long value = 0;
  return call.easy && curl_easy_getinfo(call.easy.get(), what, &value) == CURLE_OK ? value : 0;
}

/// True where some of the request has left.
bool was_sent(const curl_transfer& call) {
  curl_off_t body = 0;
  if (call.easy) {
    curl_easy_getinfo(call.easy.get(), CURLINFO_SIZE_UPLOAD_T, &body);
  }
  return call.has_begun && (body > 0 || info_of(call, CURLINFO_REQUEST_SIZE) > 0);
}

/// What a result of curl's means, given whether the request had left and an answer had begun.
error_class class_of(CURLcode code, bool is_sent, bool is_answered) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return error_class::timeout;
    case CURLE_UNSUPPORTED_PROTOCOL:  // also what curl says about an answer that is no HTTP
      return is_sent ? error_class::server_error : error_class::internal_bug;
    case CURLE_URL_MALFORMAT:
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_READ_ERROR:
    case CURLE_ABORTED_BY_CALLBACK:
      return error_class::internal_bug;
    case CURLE_WRITE_ERROR:
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_BAD_CONTENT_ENCODING:
      return error_class::server_error;
    default:
      return is_answered ? error_class::server_error : error_class::connection;
  }
}

}  // namespace

void easy_deleter::operator()(void* easy) const noexcept {
  curl_easy_cleanup(easy);
}

void list_deleter::operator()(curl_slist* list) const noexcept {
  curl_slist_free_all(list);
}

bool prepare(curl_transfer& call) {
  call.easy.reset(curl_easy_init());
  if (!call.easy || call.request.method.empty() || !is_one_line(call.request.method)
      || !is_one_line(call.request.url) || !append_headers(call)) {
    return false;
  }
  option_setter set{call.easy.get()};
  set_policy(set);
  set_proxy(set, call);
  set_authorities(set, call);
  set_body(set, call);
  set(CURLOPT_URL, call.request.url.c_str());
  set(CURLOPT_HTTPHEADER, call.headers.get());
  set(CURLOPT_TIMEOUT_MS, clamped(call.request.timeout));
  set(CURLOPT_CONNECTTIMEOUT_MS, clamped(call.request.connect_timeout));
  set(CURLOPT_HEADERFUNCTION, &take_header);
  set(CURLOPT_HEADERDATA, &call);
  set(CURLOPT_WRITEFUNCTION, &take_body);
  set(CURLOPT_WRITEDATA, &call);
  if (call.may_connect != nullptr) {
    set(CURLOPT_OPENSOCKETFUNCTION, &open_socket);
    set(CURLOPT_OPENSOCKETDATA, &call);
  }
  set(CURLOPT_PREREQFUNCTION, &note_beginning);
  set(CURLOPT_PREREQDATA, &call);
  set(CURLOPT_ERRORBUFFER, call.error_text.data());
  set(CURLOPT_PRIVATE, &call);
  return set.is_good();
}

bool may_start_over(curl_transfer& call, int result) {
  const bool is_broken = result == CURLE_SEND_ERROR || result == CURLE_RECV_ERROR;
  const bool is_on_kept_connection = info_of(call, CURLINFO_NUM_CONNECTS) == 0;
  if (!is_broken || !is_on_kept_connection || call.is_repeated
      || info_of(call, CURLINFO_RESPONSE_CODE) != 0 || !rewind(call)) {
    return false;
  }
  call.is_repeated = true;
  const auto spent = std::chrono::steady_clock::now() - call.started_at;
  const auto left = call.request.timeout - std::chrono::duration_cast<milliseconds>(spent);
  return curl_easy_setopt(call.easy.get(), CURLOPT_TIMEOUT_MS, clamped(left)) == CURLE_OK;
}

std::variant<http_response, http_error> outcome_of(curl_transfer& call, int result) {
  const auto code = static_cast<CURLcode>(result);
  const auto status = static_cast<std::uint32_t>(info_of(call, CURLINFO_RESPONSE_CODE));
  if (code == CURLE_OK) {
    call.response.status = status;
    return std::move(call.response);
  }
  const bool is_sent = was_sent(call);
  if (call.is_too_long) {
    return http_error{{error_class::server_error, std::string{too_long}, {}}, is_sent, true};
  }
  if (call.is_refused && !call.has_socket) {
    return http_error{{error_class::permission, std::string{not_allowed}, {}}, is_sent};
  }
  std::string text =
      call.error_text.front() != '\0' ? call.error_text.data() : curl_easy_strerror(code);
  if (!call.has_begun && info_of(call, CURLINFO_HTTP_CONNECTCODE) >= 300) {
    text.insert(0, "the proxy refused: ");
  }
  return http_error{{class_of(code, is_sent, status != 0), std::move(text), {}}, is_sent};
}

http_error cancelled(const curl_transfer& call) {
  return {{error_class::cancelled, "the request was cancelled", {}}, was_sent(call)};
}

}  // namespace stayler::adapters
